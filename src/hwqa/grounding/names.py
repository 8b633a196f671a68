"""Whose figure it is: products that a text mentions, and when two mentions may mean the same product."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hwqa.names import NameFinder, key
from hwqa.schema import Evidence, Mention
from hwqa.units import find_names

Mentions = Callable[[str], Sequence[Mention]]
Subject = frozenset[str]
"""The products that a name may mean; a figure said of it may be that of any of them."""

_FORM_FACTOR = re.compile(r"sxm\d?|pcie|nvl|oam|ubb|mezzanine|card|module|\d+|gb|\d+gb|hbm\d?e?|server|edition", re.I)
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(
    r"(?:'s?|’s?)?\s*(?:,|/|&|\+|and|or|vs\.?|versus|against|,\s*and|,\s*or|and also|as well as)\s*"
    r"(?:the |an? |[A-Z][a-z]+(?:'s|’s)? |[A-Z]{2,}(?:'s|’s)? ){0,3}"
)
_OWN_VERB = re.compile(
    r"\s+(?:has|is|was|does|draws|needs|reaches|gets|offers|comes|holds|carries|stays|runs|takes|costs|lacks|delivers|uses)\b"
)
"""A verb in the singular: the product before it is a subject of its own, not the last of several."""
_OWN_FIGURE = re.compile(r"\s+(?:\d+[BM]\s+)?(?:at|with|to|has|by)\s+(?:about |only |~|\$|€)*\d")
"""A figure of its own behind a product that a comma parts from another: `X at 80 GB, Y at 40 GB`."""
_SET_APART = re.compile(
    r"\b(?:unlike|than|compared (?:with|to)|in contrast to|next to|besides|beyond)\s+(?:[\w'’]+\s+){0,3}$", re.I
)


@dataclass(frozen=True, slots=True)
class Named:
    """A place in a text that names a product."""

    subject: Subject
    start: int
    end: int


def named(text: str, mentions: Mentions) -> list[Named]:
    """The places that name products, in order; ambiguous names give one place with several products."""
    places: dict[tuple[int, int], set[str]] = {}
    for mention in mentions(text):
        if text[max(0, mention.start - 1) : mention.start] in ("'", "’"):
            continue  # the s of a genitive is no part of a name: "the card's 80 GB"
        places.setdefault((mention.start, mention.end), set()).add(mention.product)
    return [Named(frozenset(products), start, end) for (start, end), products in sorted(places.items())]


def coordinated(text: str, places: Sequence[Named]) -> list[list[Named]]:
    """The places in groups: `A and B` or `A vs. B` is one group."""
    groups: list[list[Named]] = []
    for place in places:
        verb = _OWN_VERB.match(text, place.end)
        listed = groups and _OWN_FIGURE.match(text, place.end) and text[groups[-1][-1].end : place.start].strip() == ","
        joined = None if verb or listed else groups and _JOINED.fullmatch(text, groups[-1][-1].end, place.start)
        if joined and ("," not in joined[0] or not _SET_APART.search(text[: groups[-1][0].start])):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def compatible(said: Subject, source: Iterable[str]) -> bool:
    """Whether a figure of the `source` products is one of the product that is spoken of.

    A variant that differs by its form factor alone (SXM, PCIe, NVL, 80 GB) counts as the product.
    """
    others = set(source)
    if said & others:
        return True
    return any(_is_variant(product, other) for product in said for other in others)


def _is_variant(product: str, other: str) -> bool:
    words, longer = _words(product), _words(other)
    if not any(letter.isdigit() for letter in product):
        return False
    extra = longer - words
    return words < longer and all(_FORM_FACTOR.fullmatch(word) for word in extra)


def _words(name: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(name)}


def remembered(mentions: Mentions) -> Mentions:
    """The finder, which remembers what it found: the same statements are read for every sentence of a draft."""
    return lru_cache(maxsize=4096)(mentions)


def mentions_of(evidence: Iterable[Evidence]) -> Mentions:
    """A finder for the names in the evidence's headings that hold a digit, for when no vocabulary is at hand."""
    names: dict[str, set[str]] = {}
    for item in evidence:
        for heading in item.heading_path:
            found = [name.text for name in find_names(heading) if name.text[0].isalpha()]
            for name in found:
                names.setdefault(name.casefold(), set()).add(name)
            if found and len(heading) <= 60:
                names.setdefault(found[0].casefold(), set()).add(heading)
    finder = NameFinder(names)

    def find(text: str) -> list[Mention]:
        return [Mention(value, found.start, found.end) for found in finder(text) for value in found.values]

    return find


def occurs(name: str, text: str) -> bool:
    """Whether a text holds the name in any spelling of spaces, hyphens and case, as a whole word.

    >>> occurs("FP-8", "in FP8 or INT8"), occurs("H20", "the H200")
    (True, False)
    """
    runs = [re.escape(run) for run in re.findall(r"[^\W\d_]+|\d+", name)]
    if not runs:
        return False
    pattern = r"(?<![^\W_])" + r"[\s\-_/.·]{0,2}".join(runs) + r"(?:s|x)?(?![^\W_])"
    return re.search(pattern, text, re.IGNORECASE) is not None


def is_name_of(name: str, subject: Subject) -> bool:
    """Whether the name is part of a product's name."""
    return any(key(name) in key(product) for product in subject)
