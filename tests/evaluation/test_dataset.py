"""A run as a dataset for tools that judge with a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.evaluation.cards import RIGHT, Scripted, passage

from hwqa.evaluation import Case, evaluate, write_dataset


def test_each_case_is_a_row_with_its_contexts(
    scripted: Callable[..., Scripted], cases: list[Case], tmp_path: Path
) -> None:
    assistant = scripted({"And its power?": RuntimeError("lost")})
    assistant.passages = [passage("Cards", "X9"), passage("Gone", path="gone.md", rank=2)]
    file = write_dataset(evaluate(assistant, cases), assistant.corpus, tmp_path / "deep" / "set.jsonl")
    memory, power, price = map(json.loads, file.read_text("utf-8").splitlines())
    assert memory == {
        "id": "memory",
        "question": "How much memory has the X9?",
        "answer": RIGHT["How much memory has the X9?"].text,
        "contexts": ["# Cards"],
        "ground_truth": "192 GB; HBM3",
        "category": "lookup",
    }
    assert power["answer"] == ""
    assert power["history"] == [
        {"role": "user", "content": "How much memory has the X9?"},
        {"role": "assistant", "content": "192 GB"},
    ]
    assert price["ground_truth"] == "The documents do not hold the answer."
