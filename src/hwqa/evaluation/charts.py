"""What the charts of a report show: how sure the judgement of answerability was, and how long answers took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwqa.evaluation.asking import Result

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """A part of a scale and what falls into it."""

    low: float
    high: float
    n: int
    share: float = 0.0
    """Of a calibration, the share of its cases that the documents answer."""
    mean: float = 0.0
    """Of a calibration, the mean confidence of its cases."""


def calibration(results: Sequence[Result]) -> list[Bin]:
    """Cases by how probable it was held that the documents answer, with the share of which that is true.

    A judgement is well calibrated when share and confidence are equal (DeGroot and Fienberg, The comparison and
    evaluation of forecasters, The Statistician 32, 1983). Parts of the scale without cases are left out.

    Of three cases at 0.92, two of them answerable, the bin from 0.9 to 1 has n = 3 and share 2/3.
    """
    bins = []
    for place in range(BINS):
        low, high = place / BINS, (place + 1) / BINS
        # the highest part holds certainty itself
        held = [
            result
            for result in results
            if result.confidence is not None and low <= result.confidence and (result.confidence < high or place == 9)
        ]
        if held:
            known = [result.confidence for result in held if result.confidence is not None]
            share = sum(result.case.answerable for result in held) / len(held)
            bins.append(Bin(low, high, len(held), share, sum(known) / len(known)))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean distance of confidence and share, weighted by cases (Naeini et al., AAAI 2015); None without cases."""
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.mean - each.share) for each in bins) / total if total else None


def histogram(values: Sequence[float]) -> list[Bin]:
    """How many of the positive values fall into each part of a scale that doubles: 1–2, 2–4, 4–8 …"""
    powers = [math.floor(math.log2(max(value, 1.0))) for value in values]
    if not powers:
        return []
    return [Bin(2.0**power, 2.0 ** (power + 1), powers.count(power)) for power in range(min(powers), max(powers) + 1)]
