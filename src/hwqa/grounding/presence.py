"""Names, products and vague magnitudes of a sentence that the evidence does not hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.grounding.names import Mentions, Named, compatible, named, occurs
from hwqa.grounding.sources import Source
from hwqa.units import Name, canonical_unit, find_names

_MAGNITUDE = re.compile(r"\b(?:dozens|hundreds|thousands|millions|billions|trillions)\b", re.IGNORECASE)

_AMOUNT = re.compile(
    r"(?P<word>[^\W\d_]+)[\s\u00a0\u202f]+(?P<unit>[kKMGTPE]i?(?:B|b|bit|W|Hz|FLOPS|OPS)(?:/s)?)(?![\w/])"
)
_BEFORE_UNITS = frozenset(
    "a about all and any are as at by dense each for has have in into is its less many matrix measured more of on or "
    "peak per same sparse tensor than the these those to vector vs with".split()
)
"""Words that stand before a unit and count nothing."""


def absent_names(
    text: str, places: Sequence[Named], quantities: Sequence[tuple[int, int]], texts: Sequence[str]
) -> list[str]:
    """The names with digits, and words such as `hundreds`, that no text of the evidence holds.

    Args:
        text: The sentence.
        places: Where it names products: a name that one of them covers is checked as a product.
        quantities: Where its quantities stand.
        texts: The evidence's texts.
    """
    parts: list[str] = _MAGNITUDE.findall(text) + _unread_amounts(text, places, quantities, texts)
    for name in find_names(text):
        if any(start <= name.start and name.end <= end for start, end in quantities) or _held(name.text, texts):
            continue
        over = [place for place in places if place.start < name.end and name.start < place.end]
        if over:
            rest = re.findall(r"[^\W_][\w-]*", _outside(name, over))
            parts += [part for part in rest if any(letter.isdecimal() for letter in part)]
        else:
            parts += re.split(r"[/+]", name.text) if name.text[0].isalpha() else [name.text]
    return [part for part in parts if not _held(part, texts)]


def _unread_amounts(
    text: str, places: Sequence[Named], quantities: Sequence[tuple[int, int]], texts: Sequence[str]
) -> list[str]:
    """Units with a word in front that no text of the evidence has there: `two dozen GB`, `XCVII GB`, `五百 GB`.

    Whatever is written as a number and cannot be read as one would else pass unseen.
    """
    taken = [*quantities, *((place.start, place.end) for place in places)]
    found = []
    for match in _AMOUNT.finditer(text):
        word, unit = match["word"], match["unit"]
        at = match.start("unit")
        if canonical_unit(unit) is None or any(start <= at < end for start, end in taken):
            continue
        if word.casefold() in _BEFORE_UNITS or any(letter.isdecimal() for letter in word):
            continue
        if not _held(f"{word} {unit}", texts):
            found.append(f"{word} {unit}")
    return found


def absent_products(
    text: str, places: Sequence[Named], sources: Sequence[Source], texts: Sequence[str], mentions: Mentions
) -> list[str]:
    """The products, as the sentence names them, that none of the evidence speaks of."""
    absent = [place for place in places if not _held(text[place.start : place.end], texts)]
    if not absent:
        return []
    held = {product for source in sources for subject in source.subjects for product in subject}
    held |= {product for held_text in texts for place in named(held_text, mentions) for product in place.subject}
    return [text[place.start : place.end] for place in absent if not compatible(place.subject, held)]


def _held(name: str, texts: Sequence[str]) -> bool:
    return any(occurs(name, text) for text in texts)


def _outside(name: Name, places: Sequence[Named]) -> str:
    """The part of a name that no product's name covers: `-96GB` of `X100-96GB`."""
    kept = [
        letter
        for at, letter in enumerate(name.text, start=name.start)
        if not any(place.start <= at < place.end for place in places)
    ]
    return "".join(kept)
