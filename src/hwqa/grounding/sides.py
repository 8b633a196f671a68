"""Who a derived number is said of, and whom it is measured against."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Named, Subject, compatible
from hwqa.units import dimension

_FROM = re.compile(r"\bfrom\s+(?:the\s+|an?\s+)?(?:[A-Z]\w+\s+)?$", re.IGNORECASE)
_SET_APART = re.compile(
    r"\b(?:compared (?:with|to)|unlike|against|relative to|over|next to|than)\s+(?:the\s+)?(?:\S+\s+){0,2}$",
    re.IGNORECASE,
)
_MEASURED_BY = re.compile(r"\b(?:than|that of|as|over|of)\s+(?:the\s+)?(?:\S+\s+){0,2}$")
_OBJECT_FIRST = re.compile(r"[^.;]*?\b(?:of|than|as)\s+(?:that of\s+)?(?:the\s+)?(?:[A-Z]\S*\s+)?$")


def sides(
    claim: Figure, text: str, places: Sequence[Named], spoken: Sequence[Subject], figures: Sequence[Figure]
) -> tuple[Subject, ...]:
    """The product that a derived number is said of, then the one it is measured against; fewer when nothing tells.

    Args:
        claim: The derived number.
        text: The sentence.
        places: Where it names products.
        spoken: The products that the text before spoke of, for `it`.
        figures: The figures of the cited evidence: `400 W less` is measured against the one other product there.
    """
    subjects = list(dict.fromkeys(place.subject for place in places))
    if len(subjects) >= 2:
        return _of_two(claim, text, places)
    if not subjects:
        return ()
    (only,) = subjects
    if spoken:
        return spoken[0], only
    others = _others(only, figures)
    if len(others) == 1 and _MEASURED_BY.search(text[: places[0].start]):
        return others.pop(), only
    kind = dimension(claim.quantity.unit)
    if kind not in ("ratio", "percentage", ""):
        others = _others(only, [figure for figure in figures if dimension(figure.quantity.unit) == kind])
    return (only, others.pop()) if len(others) == 1 else (only,)


def _of_two(claim: Figure, text: str, places: Sequence[Named]) -> tuple[Subject, ...]:
    before = [place.subject for place in places if place.end <= claim.quantity.start]
    after = [place.subject for place in places if place.start >= claim.quantity.end]
    lead = text[: places[0].start]
    apart = _SET_APART.search(lead) is not None
    if _FROM.search(lead) and re.match(r"\s+to\s", text[places[0].end : places[1].start]):
        return places[1].subject, places[0].subject
    if before and after:
        return (after[0], before[0]) if apart and len(before) == 1 else (before[-1], after[0])
    if before:
        other = next((subject for subject in before if subject != before[0]), before[0])
        return (before[-1], before[0]) if apart else (before[0], other)
    other = next((subject for subject in after if subject != after[0]), after[0])
    begin = next(place.start for place in places if place.subject == after[0])
    return (other, after[0]) if _OBJECT_FIRST.match(text[claim.quantity.end : begin]) else (after[0], other)


def _others(subject: Subject, figures: Sequence[Figure]) -> set[Subject]:
    """The other products of which there are figures."""
    return {
        other
        for figure in figures
        for other in figure.subjects
        if not compatible(other, subject) and not compatible(subject, other)
    }
