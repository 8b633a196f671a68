"""What time a figure is given for: `a day`, `per month`, `yearly`."""

from __future__ import annotations

import re
from dataclasses import replace

from hwqa.units import Quantity, canonical_unit

_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|nights?|shifts?)"
_ADVERBS = {
    "hourly": "h", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year", "annual": "year",
    "annually": "year", "nightly": "night",
}  # fmt: skip
_BEHIND = re.compile(
    rf"\s*(?:[^\W\d]+\s+){{0,3}}?(?:/|\b(?:per|an?|each|every)\s+)\s*(?P<time>{_TIME})\b"
    rf"|\s*(?:[^\W\d]+\s+){{0,2}}?(?P<adverb>{'|'.join(_ADVERBS)})\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b(?:(?P<adverb>{'|'.join(_ADVERBS)})|(?:per|each|every|an?)\s+(?P<time>{_TIME}))\b[^.;,]*$", re.IGNORECASE
)
_ANYWHERE = re.compile(rf"(?:/|\b(?:per|an?|each|every)\s+)\s*(?P<time>{_TIME})\b", re.IGNORECASE)
_ADVERB = re.compile(rf"\b(?:{'|'.join(_ADVERBS)})\b", re.IGNORECASE)
_RATED = ("count", "measure", "money")


def rate_of(text: str, quantity: Quantity, clause: tuple[int, int]) -> str:
    """The unit of time that the quantity is given for; empty when the clause names none.

    Args:
        text: The sentence.
        quantity: A quantity of it.
        clause: Where the quantity's clause begins and ends.
    """
    if quantity.kind not in _RATED:
        return ""
    if "/" in quantity.unit:
        return quantity.unit.rpartition("/")[2]
    if (match := _BEHIND.match(text, quantity.end)) is not None or (
        match := _BEFORE.search(text[clause[0] : quantity.start])
    ) is not None:
        return _unit(match)
    return ""


def rates_in(text: str) -> frozenset[str]:
    """The units of time that a text gives anything for."""
    named = {time_unit(match["time"]) for match in _ANYWHERE.finditer(text)}
    return frozenset(named | {_ADVERBS[match[0].casefold()] for match in _ADVERB.finditer(text)})


def time_unit(word: str) -> str:
    """The canonical name of a unit of time: `hours` is `h`, and `nights` is `night`."""
    return canonical_unit(word.casefold()) or word.casefold().removesuffix("s")


def without_rate(quantity: Quantity) -> Quantity:
    """The quantity without the time that it is given for."""
    return replace(quantity, unit=quantity.unit.rpartition("/")[0]) if "/" in quantity.unit else quantity


def _unit(match: re.Match[str]) -> str:
    return _ADVERBS[match["adverb"].casefold()] if match["adverb"] else time_unit(match["time"])
