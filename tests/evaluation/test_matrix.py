"""Variants measured on the same questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import SMALL_CORPUS
from typer.testing import CliRunner

from hwqa.assistant import Assistant
from hwqa.cli import app
from hwqa.errors import ConfigError
from hwqa.evaluation.matrix import variants
from hwqa.search import WEIGHTS

CASES = [
    {"id": f"case-{number}", "question": question, "answerable": True, "category": "lookup", "facts": [fact],
     "sources": [source]}
    for number, (question, fact, source) in enumerate(
        [
            ("How much memory does the Alpha X1 have?", "48 GB", "alpha.md#Alpha X1"),
            ("What does the Alpha X2 draw?", "450 W", "alpha.md#Alpha X2"),
            ("Which card takes one slot?", "Alpha X1", "alpha.md#Advantages"),
            ("What runs through a back end of its own?", "llama.cpp", "beta.md#Overview"),
        ]
    )
]  # fmt: skip


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(map(json.dumps, CASES)), encoding="utf-8")
    return file


def test_variants_are_all_combinations() -> None:
    found = variants(["model=none,ollama:q", "lexical=0,0.4"])
    assert [each.name for each in found] == [
        "model=none lexical=0",
        "model=none lexical=0.4",
        "model=ollama:q lexical=0",
        "model=ollama:q lexical=0.4",
    ]
    assert [each.weights.lexical for each in found] == [0, 0.4, 0, 0.4]
    assert found[3].weights == WEIGHTS
    assert found[3].settings == {"model": "ollama:q"}


@pytest.mark.parametrize("axis", ["passages", "passages=", "passages=4,,8", "corpus=a", "=1", "lexical=much"])
def test_an_axis_that_says_nothing_is_refused(axis: str) -> None:
    with pytest.raises(ConfigError, match=r"must be"):
        variants([axis])


def test_a_variant_answers_under_its_own_settings(assistant: Assistant) -> None:
    (variant,) = variants(["passages=1"])
    varied = assistant.varied(variant.settings, variant.weights)
    assert (varied.settings.passages, assistant.settings.passages) == (1, 8)
    # without the weight of words another chunk may lead; without passages nothing else changes
    (wordless,) = variants(["lexical=0"])
    question = "Which card takes one slot?"
    before, after = assistant.search(question), assistant.varied({}, wordless.weights).search(question)
    assert [each.score for each in before] != [each.score for each in after]
    with pytest.raises(ConfigError, match="passages"):
        assistant.varied({"passages": "0"}, WEIGHTS)


def test_the_command_prints_one_table_with_intervals_and_cost(golden: Path, small_index: Path, tmp_path: Path) -> None:
    place = ["--corpus", str(SMALL_CORPUS), "--index", str(small_index), "--model", "none"]
    out = tmp_path / "runs"
    axes = ["--matrix", "passages=8,1", "--matrix", "fact=0.2,0", "--out", str(out)]
    done = CliRunner().invoke(app, ["eval", str(golden), *place, *axes, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert list(said) == ["passages=8 fact=0.2", "passages=8 fact=0", "passages=1 fact=0.2", "passages=1 fact=0"]
    assert said["passages=8 fact=0.2"]["comparison"] is None
    assert said["passages=1 fact=0"]["comparison"]["paired"] == 4
    table = (out / "matrix.md").read_text(encoding="utf-8")
    assert "# Variants on 4 questions" in table
    assert len([line for line in table.split("\n") if line.startswith("| passages=")]) == 4
    assert "p95 ms" in table
    assert sorted(each.name for each in out.iterdir()) == ["matrix.md", *(f"variant-{n}" for n in range(1, 5))]
    # the weights tell the answers of two variants apart
    journals = [(out / f"variant-{n}" / "answers.jsonl").read_text(encoding="utf-8") for n in (1, 2)]
    assert len({json.loads(text.split("\n")[0])["state"] for text in journals}) == 2


def test_a_matrix_takes_no_baseline(golden: Path) -> None:
    done = CliRunner().invoke(app, ["eval", str(golden), "--matrix", "passages=1", "--fail-on", "mrr<0.5"])
    assert done.exit_code == 2
