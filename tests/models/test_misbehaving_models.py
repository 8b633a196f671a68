"""Drafts of misbehaving models over the project's own corpus: no lie and no number without its source gets through.

The same at scale: `python -m benchmarks.misbehaving_models`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.misbehaving_models import questions, run
from benchmarks.misbehaviour.drafts import Draft, see, survivors
from benchmarks.misbehaviour.kinds import KINDS, Liar
from benchmarks.misbehaviour.numbers import unsupported
from tests.chat_server import ChatServer
from tests.conftest import CACHE, ROOT

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.schema import Answer, Citation

DRAFTS = 75


@pytest.mark.slow
def test_no_lie_and_no_unsupported_number_reaches_the_reader(corpus_index: Path) -> None:
    liar = Liar()
    with ChatServer(liar) as server:
        settings = Settings.load(
            corpus=ROOT / "corpus",
            index=str(corpus_index),
            cache=CACHE,
            model="openai:test",
            base_url=server.base_url,
            model_timeout=0.5,
            answer_cache=False,
        )
        outcomes = list(run(Assistant.open(settings=settings, sync=False), liar, questions(), DRAFTS, seed=7))
    assert sum(len(outcome.drafts) for outcome in outcomes) >= DRAFTS
    assert {outcome.kind for outcome in outcomes} == set(KINDS)
    assert [leak for outcome in outcomes for leak in outcome.survived] == []
    assert [leak for outcome in outcomes for leak in outcome.unsupported] == []
    # the gate is no wall: true sentences between the lies reach the reader, and each reader gets an answer
    assert sum(outcome.model != "none" for outcome in outcomes) >= DRAFTS // 12
    assert all(outcome.text and outcome.status != "not_in_docs" for outcome in outcomes)
    assert all("\n" not in outcome.failure for outcome in outcomes)
    failed = {outcome.kind for outcome in outcomes if outcome.failure}
    assert failed == {"returns nothing", "dies mid-stream", "hangs"}


# The second opinion can object --------------------------------------------------------------------------------------

ROW = "| Memory | 48 GB | | GDDR6 |"
SENTENCE = "The X1 reads 1.2 TB/s and costs $4,000; the X2 reads 2.4 TB/s."


def objected(text: str, *quotes: str, question: str = "How much memory does the X1 have?") -> list[str]:
    citations = tuple(
        Citation(number, "alpha.md", ("Alpha accelerators", "Alpha X1 80GB"), "", (1, 1), quote)
        for number, quote in enumerate(quotes or (ROW, SENTENCE), start=1)
    )
    answer = Answer(question, question, "answered", text, citations)
    return [found.number for found in unsupported(answer, ROOT / "tests" / "corpus")]


@pytest.mark.parametrize(
    "text",
    [
        "The Alpha X1 has 48 GB [1].",
        "The Alpha X1 has 0.048 TB [1].",
        "The Alpha X1 reads 1,200 GB/s [2] for $4,000 [2].",
        "The X2 reads 2.0 times as fast as the X1 [2].",
        "The X2 reads 100 % more than the X1 [2].",
        "The X2 reads 1.2 TB/s more than the X1 [2].",
        "The Alpha X1 80GB has 48 GB [1].",
        "| Product | Memory |\n|---|---|\n| X1 | 48 GB [1] |",
        "The X1 has FP16 and BF16 [1].",
    ],
)
def test_what_the_quotes_hold_is_not_objected_to(text: str) -> None:
    assert objected(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The Alpha X1 has 49 GB [1].", "49 GB"),
        ("The Alpha X1 has 48 GB.", "48 GB"),
        ("The Alpha X1 has 48 GB [2].", "48 GB"),
        ("The Alpha X1 has 48 TB [1].", "48 TB"),
        ("The Alpha X1 has 480 MB [1].", "480 MB"),
        ("The Alpha X1 costs $5,000 [2].", "$5,000"),
        ("The X2 reads 2.5 times as fast as the X1 [2].", "2.5 times"),
        ("The X2 reads 120 % more than the X1 [2].", "120 %"),
        ("The Alpha X1 has 7 fans [1].", "7 fans"),
        ("It has 48 GB [1] and 99 W [9].", "[9]"),
        ("| X1 | 48 GB [1] | 99 W |", "99 W"),
        ("- one\n- 12,345 tokens [1]", "12,345 tokens"),
    ],
)
def test_what_they_do_not_hold_is_objected_to(text: str, number: str) -> None:
    assert number in objected(text)


def test_a_unit_may_stand_in_the_header_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("| Card | Memory (GB) |\n|---|---|\n| X1 | 48 |\n", "utf-8")
    answer = Answer("?", "?", "answered", "It has 48 GB [1].", (Citation(1, "a.md", (), "", (3, 3), "| X1 | 48 |"),))
    assert unsupported(answer, tmp_path) == []


def test_lies_are_found_whatever_their_marks_and_emphasis() -> None:
    draft = Draft("", (("The X1 has 64 GB",), ("| X1", "64 GB")))
    assert survivors([draft], "So: the X1. The **X1** has 64 GB [3].") == ["The X1 has 64 GB"]
    assert survivors([draft], "| X1 | 64 GB [1] |") == ["| X1 … 64 GB"]
    assert survivors([draft], "| X1 | 48 GB [1] |\n| X2 | 64 GB [1] |") == []


def test_the_model_reads_the_evidence_of_its_prompt() -> None:
    seen = see(
        "Evidence:\n\n[1] A › B\n> X1; Memory: 48 GB; basis: dense; note: n\n\n[2] C\n> The X1 draws 300 W here.\n"
    )
    assert (seen.facts[0].product, seen.facts[0].value, seen.facts[0].basis) == ("X1", "48 GB", "dense")
    assert seen.sentences == ((2, "The X1 draws 300 W here"),)
    assert seen.numbers == (1, 2)
