"""Figures that hold under a condition: `at 55 °C` belongs to one statement, the figure beside it to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.grounding.figures import Figure
from hwqa.grounding.names import compatible
from hwqa.grounding.support import equal, unit_word
from hwqa.units import dimension

_CONDITION = re.compile(
    r"\b(?:at|under|with|for|above|below|over)\s+(?:an?\s+|the\s+)?(?:(?!and\b|or\b)[a-z-]+\s+){0,3}$", re.IGNORECASE
)


def condition_objections(text: str, claims: Sequence[Figure], sources: Sequence[Figure], cites: str) -> Iterator[str]:
    """Why a figure is not the one of its condition: a statement gives another for that condition, and none gives both.

    Args:
        text: The sentence.
        claims: Its figures.
        sources: The figures of the cited evidence.
        cites: Its marks, for the objection.
    """
    for condition in claims:
        if not _kind(condition) or not _CONDITION.search(text[: condition.quantity.start]):
            continue
        holding = {(source.number, source.statement) for source in sources if equal(condition, source)}
        for claim in claims:
            if claim is condition or _kind(claim) == _kind(condition) or claim.quantity.kind in ("date", "version"):
                continue
            beside = [
                source
                for source in sources
                if (source.number, source.statement) in holding
                and not source.aside
                and _kind(source) == _kind(claim)
                and source.quantity.kind == claim.quantity.kind
                and any(compatible(one, other) for one in claim.subjects for other in source.subjects)
            ]
            if beside and not any(equal(claim, source) for source in beside):
                yield f"{cites} does not give '{claim.quantity.raw}' for '{condition.quantity.raw}'"


def _kind(figure: Figure) -> str:
    """What a figure measures, by its unit; empty for a plain count of things."""
    return dimension(figure.quantity.unit) or unit_word(figure)
