"""The measures of the chunking benchmark, on ranges small enough to count by hand."""

from __future__ import annotations

import pytest
from benchmarks.retrieval.excerpts import common, length, precision_omega, scores, union
from benchmarks.retrieval.spans import Span


def span(start: int, end: int, path: str = "a.md") -> Span:
    return Span(path, start, end, end - start)


@pytest.mark.parametrize(
    ("ranges", "merged"),
    [
        pytest.param([(4, 6), (0, 2)], [(0, 2), (4, 6)], id="apart, out of order"),
        pytest.param([(0, 2), (2, 4)], [(0, 4)], id="one after the other"),
        pytest.param([(0, 9), (2, 4), (3, 11)], [(0, 11)], id="one within another, a third across its end"),
        pytest.param([(3, 3), (5, 6)], [(5, 6)], id="an empty one"),
        pytest.param([], [], id="none"),
    ],
)
def test_union_holds_each_character_once(ranges: list[tuple[int, int]], merged: list[tuple[int, int]]):
    assert union(ranges) == merged


def test_ranges_that_only_touch_have_nothing_in_common():
    assert common([(0, 5)], [(5, 8)]) == []


def test_common_holds_what_several_ranges_share_once():
    assert common([(0, 10)], [(2, 6), (4, 8), (9, 12)]) == [(2, 8), (9, 10)]


def test_length_counts_what_stands_in_two_ranges_twice():
    assert length([(0, 4), (2, 5)]) == 7


@pytest.mark.parametrize(
    ("excerpts", "retrieved", "recall", "precision", "iou"),
    [
        pytest.param([(10, 20)], [span(10, 20)], 1, 1, 1, id="the excerpt and nothing else"),
        pytest.param([(10, 20)], [span(0, 40)], 1, 10 / 40, 10 / 40, id="more than the excerpt"),
        pytest.param([(10, 20)], [span(15, 40)], 5 / 10, 5 / 25, 5 / 30, id="half: what was missed joins the union"),
        pytest.param(
            [(10, 20), (50, 60)], [span(5, 25), span(58, 78)], 12 / 20, 12 / 40, 12 / 48, id="two excerpts, one whole"
        ),
        pytest.param(
            [(10, 20)], [span(10, 20), span(10, 20)], 1, 10 / 20, 10 / 20, id="twice: shown twice, found once"
        ),
        pytest.param([(10, 20)], [span(0, 16), span(12, 30)], 1, 10 / 34, 10 / 34, id="chunks that overlap"),
        pytest.param([(10, 20)], [span(10, 20, "b.md")], 0, 0, 0, id="the same place of another file"),
        pytest.param([(10, 20)], [span(20, 30)], 0, 0, 0, id="behind the excerpt"),
        pytest.param([(10, 20)], [], 0, 0, 0, id="nothing"),
    ],
)
def test_scores(excerpts: list[tuple[int, int]], retrieved: list[Span], recall: float, precision: float, iou: float):
    assert scores("a.md", excerpts, retrieved) == pytest.approx({"recall": recall, "precision": precision, "iou": iou})


@pytest.mark.parametrize(
    ("chunks", "value"),
    [
        pytest.param([span(0, 10), span(10, 20), span(20, 30)], 10 / 10, id="a border at both ends of the excerpt"),
        pytest.param([span(0, 15), span(15, 30)], 10 / 30, id="cut in two: both chunks are needed"),
        pytest.param([span(0, 25), span(15, 40)], 10 / 40, id="overlapping chunks count their common part once"),
        pytest.param([span(0, 15)], 5 / 20, id="what no chunk holds is missed"),
        pytest.param([span(10, 20, "b.md")], 0, id="chunks of another file"),
    ],
)
def test_precision_omega_takes_every_chunk_that_holds_something(chunks: list[Span], value: float):
    assert precision_omega("a.md", [(10, 20)], chunks) == pytest.approx(value)
