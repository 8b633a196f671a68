"""Bounds in words: `at least 48 GB`, `under 400 W`, `for $2,000`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from hwqa.selection.figures import Condition
from hwqa.units import Quantity, conversion, find_quantities, format_quantity
from hwqa.words import content_words

_STAYS_WITHIN = re.compile(r"\b(?:stays? (?:at|within)|within|budget of|limit of|no more than)\s*$", re.I)
"""Words in front of an amount that make it an upper bound."""
_TO_STAY_WITHIN = re.compile(
    r"\s*(?:of )?(?:\w+ )?(?:budget|limit|cap|envelope|max(?:imum)?|"
    r"or (?:less|fewer|under|below|lower|smaller|cheaper|finer))\b",
    re.I,
)
"""The same behind it: `a 300 W power budget`, `5 nm or smaller`."""
_OR_MORE = re.compile(
    r"\s?\+|\s*(?:of )?(?:\w+ )?(?:or (?:more|above|over|higher|larger|bigger|better|up)\b|and (?:up|more)\b)", re.I
)
"""Words behind an amount that make it a lower bound."""
_SUPPOSED = re.compile(
    r"(?:^|(?<=[.?!;]))[^.?!;]*\b(?:what if|what would|if (?:i|we) (?:allow|rais|relax|accept))[^?!;]*", re.I
)
"""A sentence that supposes another bound: what would change the choice is told of each in any case."""
_LOWER_CASE = re.compile(r"(?<=\d)\s?k?w\b")


def bounds_in(text: str, attributes: Sequence[str], units: Mapping[str, Sequence[str]]) -> Iterator[Condition]:
    """The bounds in `text`: each on the attribute that it names, else on that with most figures of such a unit.

    `attributes` are those that the text names; `units` gives the unit of each attribute's figures, the attribute with
    most figures first.
    """
    text = _LOWER_CASE.sub(lambda match: match[0].replace("w", "W"), text)  # who types in a hurry means watts
    supposed = [match.span() for match in _SUPPOSED.finditer(text)]
    for quantity in find_quantities(text):
        if quantity.kind not in ("measure", "money") or any(a <= quantity.start < b for a, b in supposed):
            continue
        fitting = [name for name, unit in units.items() if conversion(quantity.unit, unit[0]) is not None]
        named = [name for name in attributes if name in fitting]
        if fitting:
            yield Condition(measured_of(named[0], fitting) if named else fitting[0], _bounding(text, quantity))


def measured_of(name: str, fitting: Sequence[str]) -> str:
    """The attribute of this name, or the one whose name goes on from it and that has more figures of the unit.

    >>> measured_of("Link", ["Memory speed", "Link speed", "Link"])
    'Link speed'
    """
    words = set(content_words(name))
    return next((other for other in fitting if words <= set(content_words(other))), name)


def _bounding(text: str, quantity: Quantity) -> Quantity:
    """The quantity as a bound: a sum to spend and a limit to stay within bound from above."""
    if quantity.relation:
        return quantity
    within = _STAYS_WITHIN.search(text[: quantity.start]) or _TO_STAY_WITHIN.match(text, quantity.end)
    if within or (quantity.kind == "money" and not quantity.is_range):
        return replace(quantity, relation="≤")
    if _OR_MORE.match(text, quantity.end):
        return replace(quantity, relation="≥")
    return quantity


@lru_cache(maxsize=64)  # each product is held against the same bounds
def bound_text(bound: Condition, quantity: Quantity | None = None) -> str:
    """A bound as words: `Power under 400 W`."""
    least = "within" if bound.is_span and quantity is None else "at least"
    words = {"<": "under", "≤": "at most", ">": "over"}.get(bound.quantity.relation, least)
    amount = replace(quantity or bound.quantity, relation="", approximate=False)
    return f"{bound.attribute} {words} {format_quantity(amount)}"
