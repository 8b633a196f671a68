"""The facts of one state of the documents, arranged by product, attribute, document and word.

A choice among products asks something of every fact. What does not depend on the wish is worked out here, once for each
state of the documents and only as far as a choice needs it, so that a choice takes time for the facts that its wish
speaks of rather than for all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

from hwqa.schema import Fact
from hwqa.selection.figures import stands_at_home
from hwqa.selection.scope import Standing, is_card, is_form, product_scope, standing
from hwqa.selection.stems import stems
from hwqa.words import content_words


class Given:
    """What the documents give of one product, in their order."""

    def __init__(self, product: str, facts: Sequence[Fact], home: Sequence[Fact]) -> None:
        """Take all facts of the product, and those of them that stand under its own heading."""
        self.product = product
        self.facts = facts
        self.stands_at_home = bool(home)
        self.own: Sequence[Fact] = home or facts
        """The facts under its own heading; all of them where it has no heading."""

    @cached_property
    def by_attribute(self) -> Mapping[str, Sequence[Fact]]:
        """Attribute → those of its own facts."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.own:
            found[fact.attribute].append(fact)
        return dict(found)

    @cached_property
    def scope(self) -> Literal["device", "system"]:
        """Whether it is one device or a system of several."""
        return product_scope(self.product, self.facts)

    @cached_property
    def standing(self) -> Standing:
        """Whether it can be had."""
        return standing(self.own)

    @cached_property
    def card(self) -> tuple[bool, Fact | None]:
        """Whether it is a card, and the fact that says so."""
        return is_card(self.own)


class FactBook:
    """Facts in the order of the documents, to be looked up in many ways."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = tuple(facts)
        self._given: dict[str, Given] = {}

    @cached_property
    def products(self) -> Mapping[str, Sequence[int]]:
        """Product → places of its facts; the product that the documents speak of first comes first."""
        return self._places(fact.product for fact in self.facts)

    @cached_property
    def attributes(self) -> Mapping[str, Sequence[int]]:
        """Attribute → places of its facts."""
        return self._places(fact.attribute for fact in self.facts)

    @cached_property
    def headers(self) -> Mapping[str, frozenset[str]]:
        """Attribute → the words of its name that carry meaning."""
        return {name: frozenset(content_words(name)) for name in self.attributes}

    @staticmethod
    def _places(names: Iterable[str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            found.setdefault(name, []).append(place)
        return found

    def with_attributes(self, names: Iterable[str]) -> list[Fact]:
        """The facts of these attributes, in the order of the documents."""
        return self.at(place for name in names for place in self.attributes.get(name, ()))

    def at(self, places: Iterable[int]) -> list[Fact]:
        """The facts at these places, each once, in the order of the documents."""
        return [self.facts[place] for place in sorted(set(places))]

    @cached_property
    def home_places(self) -> frozenset[int]:
        """Places of the facts that stand under their product's own heading."""
        known: dict[tuple[str, tuple[str, ...]], bool] = {}
        places = []
        for place, fact in enumerate(self.facts):
            # the rows of a table share their headings
            under = fact.product, fact.heading_path
            if (answer := known.get(under)) is None:
                answer = known[under] = stands_at_home(fact)
            if answer:
                places.append(place)
        return frozenset(places)

    @cached_property
    def homes(self) -> Mapping[str, frozenset[str]]:
        """Document → products of which facts stand there under a heading of their own."""
        found: dict[str, set[str]] = defaultdict(set)
        for place in self.home_places:
            found[self.facts[place].path].add(self.facts[place].product)
        return {path: frozenset(products) for path, products in found.items()}

    @cached_property
    def at_home(self) -> frozenset[str]:
        """The products that have a heading of their own with facts under it."""
        return frozenset().union(*self.homes.values())

    @cached_property
    def mentioned(self) -> Mapping[str, frozenset[str]]:
        """Document → products of which it states facts."""
        found: dict[str, set[str]] = defaultdict(set)
        for fact in self.facts:
            found[fact.path].add(fact.product)
        return {path: frozenset(products) for path, products in found.items()}

    def given(self, product: str) -> Given:
        """What the documents give of the product."""
        found = self._given.get(product)
        if found is None:
            places = self.products.get(product, ())
            home = [self.facts[place] for place in places if place in self.home_places]
            found = self._given[product] = Given(product, [self.facts[place] for place in places], home)
        return found

    @cached_property
    def built(self) -> frozenset[str]:
        """The products of which a fact says how they are built."""
        return frozenset(
            fact.product for fact in self.with_attributes(name for name in self.attributes if is_form(name))
        )

    def holding(self, beginning: str) -> Iterator[int]:
        """Places of the facts whose value has a word (one of `stems`) that begins so."""
        words, places = self._words
        at = bisect_left(words, beginning)
        while at < len(words) and words[at].startswith(beginning):
            yield from places[words[at]]
            at += 1

    @cached_property
    def _words(self) -> tuple[Sequence[str], Mapping[str, Sequence[int]]]:
        found: dict[str, list[int]] = {}
        for place, fact in enumerate(self.facts):
            for word in set(stems(fact.value)):
                found.setdefault(word, []).append(place)
        return sorted(found), found
