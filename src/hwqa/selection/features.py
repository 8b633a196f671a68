"""Whether facts say that a product has a feature: a word in a text, a figure of that name, a row of its family."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hwqa.schema import Fact
from hwqa.selection.figures import quantity_of, stands_at_home
from hwqa.selection.requirements import Feature
from hwqa.words import content_words

_NO = re.compile(
    r"\s*(?:not (?:supported|available|listed|possible|compatible)\b|none\b|no\b|without\b|unsupported\b|"
    r"own (?:\w+ )?(?:stack|compiler|runtime|software|tools?)\b)",
    re.I,
)
"""Values that deny what their attribute is named after; `own stack` says that there is another thing instead."""
_SILENT = re.compile(r"\s*(?:not (?:published|disclosed|stated|known|measured|needed)|unknown|varies)\b", re.I)
_DENIED = re.compile(r"\b(?:no|not|without|lacks?|lacked|neither|nor)\b[^,;]*$", re.I)
"""What stands between a denial and the word that it denies."""
_JOINED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_GENERATION = re.compile(r"\d{1,2}[a-z]?")
"""What is behind the name of a technology in that of one of its generations: `ABC` and `ABC3e`."""
_SHORTEST_STEM = 5
_LEAST_SPEAKING = 2
"""Products of which an attribute names a feature, from which its silence on others counts."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the documents say of a feature of a product."""

    has: bool
    fact: Fact
    listed: bool = True
    """False where the fact only lists other things of the kind."""


def says(feature: Feature, facts: Sequence[Fact], speaking: frozenset[str] = frozenset()) -> Said | None:
    """What the facts of a product say of the feature; None when they are silent.

    `speaking` are attributes that name the feature for other products: such a fact without it says that it is not
    listed.
    """
    denied: Said | None = None
    other: Said | None = None
    for fact in facts:
        answer = _answer(feature, fact)
        if answer:
            return Said(True, fact)
        if answer is False:
            denied = denied or Said(False, fact)
        elif fact.attribute in speaking and quantity_of(fact) is None and not _SILENT.match(fact.value):
            other = other or Said(False, fact, listed=False)
    return denied or other


def speaking_attributes(feature: Feature, facts: Iterable[Fact]) -> frozenset[str]:
    """The attributes in whose texts several products have the feature."""
    holders: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if quantity_of(fact) is None and _place(feature, fact) >= 0:
            holders[fact.attribute].add(fact.product)
    return frozenset(name for name, products in holders.items() if len(products) >= _LEAST_SPEAKING)


def told_of_families(
    features: Sequence[Feature],
    facts: Iterable[Fact],
    topics: Mapping[str, Sequence[str]],
    products: Iterable[str],
) -> list[Fact]:
    """Facts on the features that a table states of whole families, repeated for each product of the family.

    A family is named by words of titles, vendors or folders (`topics`: word → paths): its products are those of the
    documents that all of these words belong to.
    """
    members = frozenset(products)
    facts = list(facts)
    wanted = [
        fact
        for fact in facts
        if fact.product not in members and any(_names(feature, fact.attribute) for feature in features)
    ]
    homes: dict[str, set[str]] = defaultdict(set)
    for fact in facts if wanted else ():
        if fact.product in members and stands_at_home(fact):
            homes[fact.path].add(fact.product)
    told = []
    for fact in wanted:
        # "Trainium, Inferentia" names two families, "AMD GPU" one.
        for part in re.split(r",|\band\b|[()]", fact.product):
            paths = [set(topics[word]) for word in _stems(part) if word in topics]
            for path in sorted(set.intersection(*paths)) if paths else ():
                told += [replace(fact, product=product) for product in sorted(homes.get(path, ()))]
    return told


def _answer(feature: Feature, fact: Fact) -> bool | None:
    if _names(feature, fact.attribute):
        if quantity_of(fact) is not None:
            return True
        if _NO.match(fact.value):
            return False
        return None if _SILENT.match(fact.value) else True
    place = _place(feature, fact) if quantity_of(fact) is None else -1
    return None if place < 0 else not _DENIED.search(fact.value[:place])


def _names(feature: Feature, attribute: str) -> bool:
    """Whether an attribute is called by the feature's words, as `FP8 peak` by `FP8`."""
    held, wanted = _stems(attribute), _stems(feature.term)
    return bool(wanted) and all(word in held for word in wanted)


def _place(feature: Feature, fact: Fact) -> int:
    """Where a text has the feature's words, in whatever form; -1 where it has them not."""
    wanted, held, named = _stems(feature.term), _stems(fact.value), _stems(fact.attribute)
    found = [other for word in wanted for other in held if _alike(word, other)]
    if not found:
        return -1
    for word in wanted:
        of_attribute = len(word) >= _SHORTEST_STEM and any(word[:4] == other[:4] for other in named)
        if not of_attribute and not any(_alike(word, other) for other in held):
            return -1
    return max(fact.value.casefold().find(found[0]), 0)


def _alike(word: str, other: str) -> bool:
    """Whether two words are one in another form, `passively` and `passive`, or one is a generation of the other."""
    if word == other or (word.isalpha() and _GENERATION.fullmatch(other.removeprefix(word)) and other.startswith(word)):
        return True
    stem = max(_SHORTEST_STEM, len(word) - 3)
    return len(word) > _SHORTEST_STEM and word.isalpha() and other.startswith(word[:stem])


@lru_cache(maxsize=1 << 17)
def _stems(text: str) -> tuple[str, ...]:
    """The words of a text; `air-cooled` is two."""
    return tuple(content_words(_JOINED.sub(" ", text)))
