"""What a conversation speaks of: the things that its questions name, and what they ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hwqa.names import Found, NameFinder

_CHOICE = re.compile(r"\b(?:which|what|who|whose|name|list|recommend|suggest|best|cheapest|is there|are there)\b", re.I)
_TOGETHER = 4
"""Products up to which a question may refer to all that were spoken of."""

Turn = tuple[str, str]
"""A question, able to stand alone, and its answer."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the documents' vocabulary knows of names in a text."""

    mend: Callable[[str], str]
    products: NameFinder
    attributes: NameFinder
    topics: NameFinder
    kind_of: Callable[[str], str]
    """Kind of a product; empty where kinds are not told apart."""
    asks_for_a_set: Callable[[str], bool]
    """Whether a question asks which products are the most or least of something, or meet conditions."""
    asks_for_a_kind: Callable[[str], bool]
    """Whether it asks for the most or least of all things of a kind."""
    asked: Callable[[str], Sequence[str]]
    """The attributes that a text asks for, by name or by unit."""
    strangers: Callable[[str], Sequence[str]]
    """Parts of a text that look like names and that the vocabulary does not know."""
    frequency: Callable[[str], int]
    """How many texts of the documents use a word."""

    def attributes_in(self, text: str) -> list[Found]:
        """The attributes that the text names outside of the products' names."""
        return self.attributes(blanked(text, spans(self.products(text))))

    def has_strangers(self, text: str) -> bool:
        """Whether the text has a name with a word that no document has."""
        return any(not self.frequency(word.casefold()) for name in self.strangers(text) for word in name.split())

    def kinds(self, text: str) -> set[str]:
        """The kinds of the products that the text names."""
        return {self.kind_of(product) for name in self.products(text) for product in name.values}


def blanked(text: str, taken: Iterable[tuple[int, int]]) -> str:
    """`text` with the spans overwritten by a full stop each, so that nothing joins across them."""
    for start, end in taken:
        text = text[:start] + "." + " " * (end - start - 1) + text[end:]
    return text


def spans(found: Iterable[Found]) -> list[tuple[int, int]]:
    """Where the names stand."""
    return [(name.start, name.end) for name in found]


def said(text: str, names: Names) -> list[str]:
    """The products' names as the text has them, each product once."""
    return list({name.values: text[name.start : name.end] for name in names.products(text)}.values())


def listed(things: Sequence[str]) -> str:
    """The things as English lists them.

    >>> listed(["the X", "Y", "Z"])
    'the X, Y and Z'
    """
    return " and ".join(filter(None, (", ".join(things[:-1]), things[-1]))) if things else ""


def subjects(turn: Turn, names: Names) -> list[str]:
    """What the turn's question is about: what it names, else what was chosen in answer to it, else its topic.

    A name that the vocabulary does not know is a subject too: the documents may hold nothing on it, and the answer's
    names are then of something else.
    """
    question, answer = turn
    if named := said(question, names):
        return named
    strangers = list(names.strangers(question))
    unheard = [name for name in strangers if not all(names.frequency(word.casefold()) for word in name.split())]
    if unheard and not names.asks_for_a_set(question):
        return unheard[:1]
    if _CHOICE.search(question) and (chosen := said(answer, names)):
        # What a choice was answered with is what the answer names first.
        return chosen[:1]
    return ([question[name.start : name.end] for name in names.topics(question)] + strangers)[:1]


def together(turns: Sequence[Turn], names: Names) -> list[str]:
    """The things that were last spoken of together, in the order in which they were named; empty without several.

    One question named them, or one after the other asked about them, or an answer listed them.
    """
    collected: list[str] = []
    kinds: set[str] = set()
    for question, answer in reversed(turns):
        named = said(question, names)
        if kinds:
            named = [name for name in named if names.kinds(name) & kinds]
        named = _main(named, names)
        if not collected and not named and 1 < len(listing := said(answer, names)) <= _TOGETHER:
            return listing
        fresh = [name for name in named if not _holds(collected, name, names)]
        if len(named) > 1:
            return named if len(named) <= _TOGETHER else []
        collected = fresh + collected
        kinds = kinds or {kind for name in named for kind in names.kinds(name)}
        if len(collected) > 1:
            return collected
    if not turns:
        return []
    question, answer = turns[-1]
    both = said("; ".join([*said(question, names), *said(answer, names)]), names)
    return both if 1 < len(both) <= _TOGETHER else []


def asked_phrases(question: str, names: Names) -> list[str]:
    """The attributes' names as the question has them."""
    return list(
        {name.values: question[name.start : name.end] for name in reversed(names.attributes_in(question))}.values()
    )[::-1]


def asked_before(turns: Sequence[Turn], names: Names) -> list[str]:
    """The attributes that were last asked for, as they were named."""
    return next((phrases for question, _ in reversed(turns) if (phrases := asked_phrases(question, names))), [])


def _main(named: Sequence[str], names: Names) -> list[str]:
    """Those of the names that are of the kind named most, the first of equals: a model beside two devices is none."""
    of_kind: dict[str, list[str]] = {}
    for name in named:
        for kind in sorted(names.kinds(name))[:1]:
            of_kind.setdefault(kind, []).append(name)
    return max(of_kind.values(), key=len, default=[])


def _holds(collected: Sequence[str], name: str, names: Names) -> bool:
    values = {value for found in names.products(name) for value in found.values}
    return any(values & set(found.values) for each in collected for found in names.products(each))
