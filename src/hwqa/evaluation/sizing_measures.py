"""How far an answer's figures are from the expected ones, where a question asks for a size."""

from __future__ import annotations

from collections.abc import Sequence

from hwqa.evaluation.claims import figures, is_denied, without_marks
from hwqa.evaluation.fact_measures import whole_quantity
from hwqa.markdown import plain_text
from hwqa.units import Quantity, conversion

CATEGORY = "sizing"
"""The cases whose figures are reckoned: there a figure may be nearly right."""


def sizing_error(facts: Sequence[Sequence[str]], text: str) -> float | None:
    """Mean relative error of the expected figures with a unit, each at most 1; None where no fact is one.

    The error of a figure is the distance of the nearest figure of its kind that the text gives, as a share of the
    expected one: for 80 GB expected, an answer with 84 GB and 700 W is 0.05 off, one with 700 W alone is 1 off. Of a
    range, given or expected, the nearer end counts, and within it there is no error.
    """
    said = without_marks(plain_text(text))
    given = [each for each in figures(said) if each.unit and not is_denied(said, each.start)]
    errors = []
    for fact in facts:
        wanted = [each for phrasing in fact if (each := whole_quantity(phrasing)) is not None and each.unit]
        if wanted:
            errors.append(min((_error(one, other) for one in wanted for other in given), default=1.0))
    return sum(errors) / len(errors) if errors else None


def _error(wanted: Quantity, given: Quantity) -> float:
    factor = conversion(given.unit, wanted.unit)
    if factor is None:
        return 1.0
    low, high = given.low * factor, given.high * factor
    gap, end = max((wanted.low - high, wanted.low), (low - wanted.high, wanted.high))
    if gap <= 0:
        return 0.0
    return min(1.0, float(gap / abs(end))) if end else 1.0
