"""The bars of sizing: published speeds in narrow ranges, weights near real files, caches as papers have them."""

from __future__ import annotations

import pytest
from benchmarks.sizing.measured import Compared, compare, load
from benchmarks.sizing.memory import caches, weight_files

from hwqa.assistant import Assistant
from hwqa.sizing import Sizer

WIDEST = 4
"""How many times the low end of a range may go into its high end."""


@pytest.fixture(scope="module")
def own(corpus_assistant: Assistant) -> Sizer:
    return Sizer(corpus_assistant.index.facts(), corpus_assistant.reader.vocabulary)


def reckoned(own: Sizer) -> list[Compared]:
    return [
        row for row in compare(own, load()) if row.expected is not None and row.measurement.kind in ("server", "single")
    ]


def test_four_of_five_published_speeds_lie_inside_ranges_at_most_four_times_wide(own: Sizer) -> None:
    rows = reckoned(own)
    assert len(rows) > 150
    assert all(row.expected.width <= WIDEST for row in rows if row.expected)
    assert sum(row.inside for row in rows) >= 0.8 * len(rows)


def test_weights_of_ten_models_are_within_a_twentieth_of_real_files(own: Sizer) -> None:
    near = [each for each in weight_files(own) if abs(each.reckoned / each.stated - 1) <= 0.05]
    assert len({each.model for each in near}) >= 10


def test_caches_of_ten_models_equal_what_papers_and_logs_say(own: Sizer) -> None:
    found = caches(own)
    assert all(each.reckoned == each.stated for each in found)
    assert len({each.model for each in found}) >= 10
