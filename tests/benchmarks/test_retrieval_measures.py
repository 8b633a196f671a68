"""The measures of the retrieval benchmark, on a page small enough to count by hand."""

from __future__ import annotations

import math

import pytest
from benchmarks.retrieval.measures import Page, ndcg_at, rank_found, recall_at, reciprocal_rank, scores, within
from benchmarks.retrieval.spans import Locator, Span, locate

TEXT = "# Top\n\nalpha beta\n\n## Under\ngamma\n  delta  \n\nlast"
#      offsets: 0 "# Top" 5, 7 "alpha beta" 17, 19 "## Under" 27, 28 "gamma" 33, 34 "  delta  " 43, 45 "last" 49
PAGES = {"a.md": Page.of(TEXT, [(1, 4), (5, 9)]), "b.md": Page.of("other", [(1, 1)])}


def span(start: int, end: int, path: str = "a.md") -> Span:
    return Span(path, start, end, end - start)


def test_extents_leave_blank_lines_and_the_white_space_around_a_line_out():
    assert PAGES["a.md"].extents == ((0, 5), None, (7, 17), None, (19, 27), (28, 33), (36, 41), None, (45, 49))


@pytest.mark.parametrize(
    ("spans", "rank"),
    [
        pytest.param([span(28, 41)], 1, id="all lines, the last without its white space"),
        pytest.param([span(28, 33), span(7, 17), span(36, 41)], 3, id="a line in the first, the other in the third"),
        pytest.param([span(28, 38), span(38, 43)], 2, id="a line cut in two, both halves there"),
        pytest.param([span(28, 40)], math.inf, id="one character short"),
        pytest.param([span(28, 41, "b.md")], math.inf, id="another file"),
        pytest.param([span(28, 28)], math.inf, id="a piece that was not found in the file"),
        pytest.param([], math.inf, id="nothing"),
    ],
)
def test_evidence_is_found_when_the_results_together_show_all_of_it(spans: list[Span], rank: float):
    assert rank_found([("a.md", 6, 7)], spans, PAGES, "evidence") == rank


@pytest.mark.parametrize(
    ("spans", "rank"),
    [
        pytest.param([span(0, 6), span(40, 41)], 2, id="a character of a line"),
        pytest.param([span(45, 46)], 1, id="another line of the section"),
        pytest.param([span(0, 18)], math.inf, id="the section before, up to its blank line"),
        pytest.param([span(17, 19)], math.inf, id="white space alone"),
        pytest.param([span(0, 5, "b.md")], math.inf, id="another file"),
    ],
)
def test_a_section_is_found_when_a_result_touches_it(spans: list[Span], rank: float):
    assert rank_found([("a.md", 6, 7)], spans, PAGES, "section") == rank


def test_the_space_at_which_a_line_was_cut_need_not_be_shown():
    assert rank_found([("a.md", 3, 3)], [span(7, 12), span(13, 17)], PAGES, "evidence") == 2
    assert rank_found([("a.md", 3, 3)], [span(7, 11), span(13, 17)], PAGES, "evidence") == math.inf


def test_any_alternative_suffices():
    assert rank_found([("a.md", 6, 7), ("b.md", 1, 1)], [span(0, 5), span(0, 5, "b.md")], PAGES, "evidence") == 2


def test_recall_is_the_share_of_items():
    assert [recall_at(k, [1, 4, math.inf, 4]) for k in (1, 3, 5)] == [0.25, 0.25, 0.75]


def test_reciprocal_rank_is_that_of_the_first_item():
    assert reciprocal_rank([5, 2]) == 0.5
    assert reciprocal_rank([math.inf, math.inf]) == 0


def test_ndcg_discounts_later_items_and_is_never_above_one():
    assert ndcg_at(10, [2]) == pytest.approx(1 / math.log2(3))
    assert ndcg_at(10, [1, 3]) == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))
    assert ndcg_at(10, [11]) == 0
    assert ndcg_at(10, [1, 1, 1]) == 1


def test_the_budget_cuts_the_result_that_goes_beyond_it():
    assert within(20, [span(0, 15), span(20, 40), span(50, 60)]) == [span(0, 15), Span("a.md", 20, 25, 5)]
    assert within(15, [span(0, 15), span(20, 40)]) == [span(0, 15)]


def test_a_repeated_header_is_paid_for_before_what_follows_it():
    assert Span("a.md", 10, 20, 16).cut(10) == Span("a.md", 10, 14, 10)
    assert Span("a.md", 10, 20, 16).cut(4) == Span("a.md", 10, 10, 4)
    assert Span("a.md", 10, 20, 16).cut(99) == Span("a.md", 10, 20, 16)


def test_scores_of_a_question_with_two_items():
    needs = [[("a.md", 3, 3)], [("a.md", 6, 6), ("b.md", 1, 1)]]
    found = scores(needs, [span(0, 12), span(0, 5, "b.md"), span(12, 18)], PAGES)
    assert found["evidence recall@1"] == 0
    assert found["evidence recall@3"] == 1
    assert found["evidence mrr"] == 0.5  # the second item at rank 2, the first, cut in two, at rank 3
    assert found["section recall@1"] == 0.5
    assert found["section mrr"] == 1
    assert found["evidence recall@6000 characters"] == 1
    assert found["evidence U@6000 characters"] == pytest.approx(1 - (17 + 23) / 2 / 6000)
    assert found["characters@5"] == 23


def test_what_does_not_fit_into_the_budget_is_not_found():
    long = Page.of("x" * 7_000 + "\nend", [(1, 2)])
    found = scores([[("c.md", 2, 2)]], [Span("c.md", 0, 7_004, 7_004)], {"c.md": long})
    assert found["evidence recall@1"] == 1
    assert found["evidence recall@6000 characters"] == 0


@pytest.mark.parametrize(
    ("piece", "after", "found"),
    [
        pytest.param("alpha", 0, (0, 5), id="verbatim"),
        pytest.param("alpha", 1, (19, 24), id="the next one"),
        pytest.param("alpha", 20, (0, 5), id="none behind, so the first"),
        pytest.param("beta\ngamma", 0, (6, 17), id="other white space"),
        pytest.param("delta", 0, None, id="not there"),
        pytest.param(" \n", 0, None, id="nothing visible"),
    ],
)
def test_pieces_are_located_by_what_is_visible(piece: str, after: int, found: tuple[int, int] | None):
    assert Locator("alpha\nbeta  gamma\n alpha").find(piece, after) == found


def test_repeated_pieces_are_located_in_order():
    assert locate("a.md", "one two one", ["one", "two", "one"]) == [span(0, 3), span(4, 7), span(8, 11)]
