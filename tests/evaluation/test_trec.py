"""What is exported as TREC files scores in ir_measures as it does here."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R
from tests.evaluation.cards import Scripted, passage

from hwqa.evaluation import Case, Result, Run, Source, evaluate, trec, write_trec
from hwqa.evaluation.measures import DEPTHS, retrieval_scores
from hwqa.schema import Passage

NAMES = {"mrr": RR} | {f"recall@{k}": R @ k for k in DEPTHS}
HEADINGS = ("X9", "Y4", "Z 1", "Power")


def judged(run: Run) -> dict[str, dict[str, float]]:
    """Case → measure → score, by ir_measures."""
    made = trec(run)
    qrels = list(ir_measures.read_trec_qrels(io.StringIO(made.qrels)))
    ranking = list(ir_measures.read_trec_run(io.StringIO(made.run)))
    scores: dict[str, dict[str, float]] = {}
    for name, measure in NAMES.items():
        for each in ir_measures.iter_calc([measure], qrels, ranking):
            scores.setdefault(each.query_id, {})[name] = each.value
    return scores


def run_of(*found: tuple[Case, Sequence[Passage]]) -> Run:
    def result(case: Case, passages: Sequence[Passage]) -> Result:
        retrieved = tuple(
            {"path": each.path, "heading_path": list(each.heading_path), "lines": list(each.lines), "score": each.score}
            for each in passages
        )
        return Result(case, retrieval_scores(case, passages), None, retrieved)

    return Run({}, "", tuple(result(*each) for each in found))


def case_of(identity: str, *items: Sequence[str]) -> Case:
    return Case(identity, "?", True, "lookup", sources=tuple(tuple(map(Source.parse, item)) for item in items))


def test_the_run_of_an_assistant_scores_alike(
    scripted: Callable[..., Scripted], cases: list[Case], tmp_path: Path
) -> None:
    run = evaluate(scripted(), cases)
    assert judged(run) == {
        result.case.id: {name: result.scores[name] for name in NAMES} for result in run.results if result.case.sources
    }
    made = write_trec(run, tmp_path / "deep" / "trec")
    assert made.shifted == ()
    assert (tmp_path / "deep" / "trec" / "run.trec").read_text("utf-8") == made.run
    assert made.run.splitlines()[:2] == [
        "memory Q0 cards.md:1-2 1 2 hwqa",
        "memory Q0 cards.md#Cards%20%E2%80%BA%20X9 2 1 hwqa",
    ]
    assert (tmp_path / "deep" / "trec" / "qrels.trec").read_text("utf-8").splitlines() == [
        "memory 0 cards.md#Cards%20%E2%80%BA%20X9 1",
        "power 0 cards.md#X9 1",
    ]


def test_a_search_that_raised_counts_with_zero(scripted: Callable[..., Scripted], cases: list[Case]) -> None:
    assistant = scripted()
    assistant.passages = KeyError("index")
    assert judged(evaluate(assistant, cases)) == {id_: dict.fromkeys(NAMES, 0.0) for id_ in ("memory", "power")}


def test_one_passage_that_hits_two_sources_is_told() -> None:
    case = case_of("both", ["cards.md#X9"], ["cards.md#Power"], ["cards.md#Y4"])
    passages = [passage("X9", "Power"), passage("Z 1", rank=2), passage("Y4", rank=3)]
    run = run_of((case, passages))
    found = judged(run)["both"]
    assert trec(run).shifted == ("both",)
    assert (run.results[0].scores["recall@1"], found["recall@1"]) == (2 / 3, 1 / 3)
    assert {name: found[name] for name in ("mrr", "recall@3", "recall@10")} == {"mrr": 1, "recall@3": 1, "recall@10": 1}


@given(
    items=st.lists(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=2, unique=True), min_size=1, max_size=4),
    ranked=st.lists(st.sampled_from([*HEADINGS, "Other"]), max_size=12),
)
def test_recall_and_reciprocal_rank_are_equal(items: list[list[str]], ranked: list[str]) -> None:
    case = case_of("id with space", *([f"cards.md#{heading}" for heading in item] for item in items))
    run = run_of((case, [passage("Cards", heading, rank=rank) for rank, heading in enumerate(ranked, start=1)]))
    mine, theirs = run.results[0].scores, judged(run)["id%20with%20space"]
    equal = [name for name in NAMES if theirs[name] == pytest.approx(mine[name])]
    assert "mrr" in equal
    assert "recall@10" in equal or trec(run).shifted
    if not trec(run).shifted:
        assert equal == list(NAMES)
