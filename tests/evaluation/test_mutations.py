"""The gate goes red for each of ten planted defects; `mutations` has them, docs/benchmarks/mutations.md their table."""

from __future__ import annotations

import re

import pytest
from tests.evaluation.mutations import GOLDEN, MUTATIONS, PAGE, Mutation, Trial, sample

from hwqa.assistant import Assistant
from hwqa.evaluation import load_cases

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trial(corpus_assistant: Assistant) -> Trial:
    return Trial(corpus_assistant, sample(load_cases(GOLDEN)), of_model=3)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_gate_goes_red(mutation: Mutation, trial: Trial) -> None:
    assert trial.outcome(mutation).failed


def test_the_page_tells_of_each_mutation_and_each_was_seen() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (red|GREEN) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(mutation.name, "red") for mutation in MUTATIONS]
