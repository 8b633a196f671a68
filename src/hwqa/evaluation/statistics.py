"""What a handful of scores says about all questions: mean and bootstrap interval.

Cases are resampled with replacement and the mean is taken each time; the interval runs from the 2.5th to the 97.5th
percentile of these means (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3). The generator
is seeded, so equal scores give equal intervals. Where all scores are equal the interval is a point, however few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
SEED = 20_250_101
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its uncertainty."""

    n: int
    """How many cases the measure applies to."""
    mean: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


def estimate(values: Sequence[float]) -> Estimate | None:
    """Mean and 95 % bootstrap interval of the values, or None when there are none.

    >>> estimate([1.0, 1.0])
    Estimate(n=2, mean=1.0, low=1.0, high=1.0)
    """
    if not values:
        return None
    scores = np.asarray(values, dtype=np.float64)
    mean = float(scores.mean())
    if (scores == scores[0]).all():
        return Estimate(len(scores), mean, mean, mean)
    drawn = np.random.default_rng(SEED).integers(len(scores), size=(RESAMPLES, len(scores)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(scores[drawn].mean(axis=1), [tail, 1 - tail])
    return Estimate(len(scores), mean, float(low), float(high))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of the values lies, interpolated; None when there are none.

    >>> percentile([10.0, 20.0, 30.0], 0.5)
    20.0
    """
    return float(np.quantile(np.asarray(values, dtype=np.float64), share)) if values else None
