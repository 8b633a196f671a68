"""Whether facts say that a product has a feature: a word in a text, a figure of that name, a row of its family."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hwqa.schema import Fact
from hwqa.selection.book import FactBook, Given
from hwqa.selection.figures import quantity_of
from hwqa.selection.requirements import Feature
from hwqa.selection.stems import SHORTEST_STEM, stem, stems

_NO = re.compile(
    r"\s*(?:not (?:supported|available|listed|possible|compatible)\b|none\b|no\b|without\b|unsupported\b|"
    r"own (?:\w+ )?(?:stack|compiler|runtime|software|tools?)\b)",
    re.I,
)
"""Values that deny what their attribute is named after; `own stack` says that there is another thing instead."""
_SILENT = re.compile(r"\s*(?:not (?:published|disclosed|stated|known|measured|needed)|unknown|varies)\b", re.I)
_DENIED = re.compile(r"\b(?:no|not|without|lacks?|lacked|neither|nor)\b[^,;]*$", re.I)
"""What stands between a denial and the word that it denies."""
_GENERATION = re.compile(r"\d{1,2}[a-z]?")
"""What is behind the name of a technology in that of one of its generations: `ABC` and `ABC3e`."""
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


def naming(feature: Feature, book: FactBook) -> set[int]:
    """Places of the facts that may say something of the feature: `says` needs no others, but for its `speaking`."""
    named = (places for attribute, places in book.attributes.items() if _names(feature, attribute))
    held = (book.holding(stem(word)) for word in stems(feature.term))
    return {place for several in (*named, *held) for place in several}


def speaking_attributes(feature: Feature, facts: Iterable[Fact]) -> frozenset[str]:
    """The attributes in whose texts several products have the feature."""
    holders: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        if _place(feature, fact) >= 0 and quantity_of(fact) is None:
            holders[fact.attribute].add(fact.product)
    return frozenset(name for name, products in holders.items() if len(products) >= _LEAST_SPEAKING)


def told_of_families(
    features: Sequence[Feature],
    book: FactBook,
    topics: Mapping[str, Sequence[str]],
    members: frozenset[str],
) -> list[Fact]:
    """Facts on the features that a table states of whole families, repeated for each product of the family.

    A family is named by words of titles, vendors or folders (`topics`: word → paths): its products are those of the
    documents that all of these words belong to. Only `members` are told of, and only of others.
    """
    named = (name for name in book.attributes if any(_names(feature, name) for feature in features))
    wanted = [fact for fact in book.with_attributes(named) if fact.product not in members]
    families: dict[str, list[str]] = {}
    told = []
    for fact in wanted:
        if fact.product not in families:
            families[fact.product] = _of_family(fact.product, book, topics, members)
        told += [replace(fact, product=product) for product in families[fact.product]]
    return told


def _of_family(name: str, book: FactBook, topics: Mapping[str, Sequence[str]], members: frozenset[str]) -> list[str]:
    """The members of the family or families that go by the name."""
    found: list[str] = []
    # "Trainium, Inferentia" names two families, "AMD GPU" one.
    for part in re.split(r",|\band\b|[()]", name):
        paths = [set(topics[word]) for word in stems(part) if word in topics]
        for path in sorted(set.intersection(*paths)) if paths else ():
            found += sorted(book.homes.get(path, frozenset()) & members)
    return found


class Sayings:
    """The facts that may say something of a feature, by product."""

    def __init__(self, feature: Feature, book: FactBook, told: Mapping[str, Sequence[Fact]]) -> None:
        self._feature = feature
        further = [fact for facts in told.values() for fact in facts]
        places = naming(feature, book)
        self._naming = _by_product((*book.at(places), *further))
        self.speaking = speaking_attributes(feature, (*book.at(places), *further))
        """Attributes that name the feature for other products: there silence counts."""
        places.update(place for name in self.speaking for place in book.attributes.get(name, ()))
        home = places & book.home_places
        self._home = _by_product(book.at(home))
        self._elsewhere = _by_product((*book.at(places - home), *further))

    def are_of(self, product: str) -> bool:
        """Whether any fact says whether the product has the feature."""
        return says(self._feature, self._naming.get(product, ())) is not None

    def of(self, given: Given, named: Container[str]) -> Said | None:
        """What is said of the product: under its own heading, and elsewhere by attributes that are `named`."""
        elsewhere = self._elsewhere.get(given.product, ())
        if given.stands_at_home:
            elsewhere = [fact for fact in elsewhere if fact.attribute in named]
        return says(self._feature, (*self._home.get(given.product, ()), *elsewhere), self.speaking)


def _by_product(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.product, []).append(fact)
    return found


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
    held, wanted = stems(attribute), stems(feature.term)
    return bool(wanted) and all(word in held for word in wanted)


def _place(feature: Feature, fact: Fact) -> int:
    """Where a text has the feature's words, in whatever form; -1 where it has them not."""
    wanted, held, named = stems(feature.term), stems(fact.value), stems(fact.attribute)
    found = [other for word in wanted for other in held if _alike(word, other)]
    if not found:
        return -1
    for word in wanted:
        of_attribute = len(word) >= SHORTEST_STEM and any(word[:4] == other[:4] for other in named)
        if not of_attribute and not any(_alike(word, other) for other in held):
            return -1
    return max(fact.value.casefold().find(found[0]), 0)


def _alike(word: str, other: str) -> bool:
    """Whether two words are one in another form, `passively` and `passive`, or one is a generation of the other."""
    if word == other or (word.isalpha() and _GENERATION.fullmatch(other.removeprefix(word)) and other.startswith(word)):
        return True
    return len(word) > SHORTEST_STEM and word.isalpha() and other.startswith(stem(word))
