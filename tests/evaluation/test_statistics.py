"""Means, intervals and percentiles."""

from __future__ import annotations

import pytest

from hwqa.evaluation.statistics import Estimate, estimate, percentile


def test_no_value_has_no_mean_and_equal_values_have_a_point() -> None:
    assert estimate([]) is None
    assert estimate([0.5]) == Estimate(1, 0.5, 0.5, 0.5)
    assert estimate([0.0, 0.0, 0.0]) == Estimate(3, 0.0, 0.0, 0.0)


def test_the_interval_of_a_proportion_agrees_with_theory() -> None:
    # 0.5 ± 1.96 · √(0.5 · 0.5 / 100)
    found = estimate([0.0, 1.0] * 50)
    assert found is not None
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.402, abs=0.01)
    assert found.high == pytest.approx(0.598, abs=0.01)


def test_equal_scores_have_equal_intervals_and_more_of_them_a_narrower_one() -> None:
    few, many = estimate([0.0, 1.0, 1.0] * 5), estimate([0.0, 1.0, 1.0] * 50)
    assert few == estimate([0.0, 1.0, 1.0] * 5)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_percentiles_are_interpolated() -> None:
    assert percentile([30.0, 10.0, 20.0, 40.0], 0.5) == 25.0
    assert percentile(list(map(float, range(101))), 0.95) == 95.0
    assert percentile([], 0.5) is None
