"""Figures that hold under a condition: `at 55 °C` belongs to one statement, the figure beside it to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.grounding.agreement import equal, unit_word
from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Mentions, Named, compatible, named, occurs
from hwqa.grounding.sources import Source
from hwqa.units import dimension

_NAME = re.compile(r"(?<![\w-])[A-Z][A-Za-z]*[A-Z0-9][\w.-]*[^\W_]")
"""A name by its capitals or digits: `FNUZ`, `OpenVINO`, `R290`."""
_SEVERAL = 2
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
        before = [other for other in claims if other.quantity.end <= condition.quantity.start]
        held_by = before[-1:] if before and before[-1].clause == condition.clause else claims
        for claim in held_by:
            if claim is condition or _kind(claim) == _kind(condition) or claim.quantity.kind in ("date", "version"):
                continue
            if not any(letter.isdigit() for letter in claim.quantity.raw):
                continue  # `the quieter of the two` counts what was spoken of
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


def repetition_objections(claims: Sequence[Figure], sources: Sequence[Figure], cites: str) -> Iterator[str]:
    """Why two dates or counts are not both the source's: it gives one of them, and another in place of the second.

    `128 tokens in and 128 out` is not `128 tokens in and 2,048 out`.
    """
    for kind in ("date", "count"):
        group = [claim for claim in claims if claim.quantity.kind == kind and claim.quantity.raw[:1].isalnum()]
        statements = {source.statement for source in sources if any(equal(claim, source) for claim in group)}
        if len(group) < _SEVERAL or len(statements) != 1:
            continue
        (statement,) = statements
        given = [source for source in sources if source.statement == statement and source.quantity.kind == kind]
        given = list({(figure.quantity.low, figure.quantity.start): figure for figure in given}.values())
        if len({(figure.quantity.low, figure.quantity.high) for figure in given}) < _SEVERAL:
            continue
        left = list(given)
        for claim in sorted(group, key=lambda claim: -len(str(claim.quantity.low))):
            match = next((figure for figure in left if equal(claim, figure)), None)
            if match is None:
                if any(equal(claim, figure) for figure in given) and left:
                    yield f"{cites} does not give '{claim.quantity.raw}' twice"
                continue
            left = [
                figure for figure in left if figure is not match and (kind == "count" or not same_value(figure, match))
            ]


def same_value(first: Figure, second: Figure) -> bool:
    """Whether two figures are one number."""
    return (first.quantity.low, first.quantity.high) == (second.quantity.low, second.quantity.high)


def companion_objections(
    text: str, places: Sequence[Named], carried: Sequence[Figure], claims: Sequence[Figure], cites: str
) -> Iterator[str]:
    """Why a figure is not that of the two products beside it: its row names another in the second one's place.

    `279 tokens/s` in a row of the X for model A is not the speed of model B on the X.
    """
    for figure in carried:
        claim = next((claim for claim in claims if claim.quantity == figure.quantity), None)
        if claim is None or not figure.label or not figure.companions:
            continue
        known = figure.companions.union(*figure.subjects, *claim.subjects)
        begin = text.find(claim.clause)
        for place in places:
            inside = begin <= place.start < begin + len(claim.clause)
            if inside and not compatible(place.subject, known) and not occurs(_name(text, place), figure.statement):
                yield f"'{claim.quantity.raw}' is in {cites}, but not for {_name(text, place)}"


def clause_objections(
    text: str, places: Sequence[Named], sources: Sequence[Source], mentions: Mentions, cites: str
) -> Iterator[str]:
    """Why a name in a sentence without figures is not said of its product: the source says it of another one only."""
    said = list(dict.fromkeys(place.subject for place in places))
    taken = [(place.start, place.end) for place in places]
    marks = [
        match[0]
        for match in _NAME.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in taken) and match.start() > 0
    ]
    if len(said) != 1 or not marks:
        return
    for mark in marks:
        holding = [
            (compatible(said[0], subject), bool(subject))
            for source in sources
            for clause, subject in _clauses(source, mentions)
            if occurs(mark, clause)
        ]
        if holding and all(known for _, known in holding) and not any(own for own, _ in holding):
            yield f"{cites} says '{mark}' of another product"


def _clauses(source: Source, mentions: Mentions) -> Iterator[tuple[str, frozenset[str]]]:
    """The clauses of a statement and the products that each speaks of: those named last, else the heading's."""
    subject = frozenset().union(*source.subjects) if len(source.subjects) == 1 else frozenset()
    for clause in re.split(r"(?<=[;,])\s+|\s+(?=(?:while|whereas|but|against|instead of)\b)", source.text):
        found = frozenset(product for place in named(clause, mentions) for product in place.subject)
        subject = found or subject
        yield clause, subject


def _name(text: str, place: Named) -> str:
    return text[place.start : place.end]


def _kind(figure: Figure) -> str:
    """What a figure measures, by its unit; empty for a plain count of things."""
    return dimension(figure.quantity.unit) or unit_word(figure)
