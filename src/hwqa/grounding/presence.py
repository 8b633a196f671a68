"""Names, products and vague magnitudes of a sentence that the evidence does not hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.grounding.names import Mentions, Named, compatible, named, occurs
from hwqa.grounding.sources import Source
from hwqa.units import Name, find_names

_MAGNITUDE = re.compile(r"\b(?:dozens|hundreds|thousands|millions|billions|trillions)\b", re.IGNORECASE)


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
    parts: list[str] = _MAGNITUDE.findall(text)
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
