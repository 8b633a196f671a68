"""What each clause of a text says of whom, and what it denies.

`The X may be opened by its owner; the Y must not` says of the Y that it must not be opened: a denial without words of
its own denies what the clause before says. A claim and its source are compared clause by clause, of the same product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwqa.grounding.names import Mentions, Subject, compatible, named
from hwqa.grounding.sources import Source
from hwqa.grounding.terms import content_words, is_among

_OPENS = (
    r"and it|and its|and they|and the|about|roughly|but|or the|so|only|where|which|who|whose|while|whereas"
    r"|although|though|because|since|unless|not|however|yet|it|they|instead of|rather than"
)
_BORDER = re.compile(
    rf";\s+|(?P<colon>:)\s+|\s+[–—]\s+|,\s+(?=(?:{_OPENS})\b)"
    r"|\s+(?=(?:but|while|whereas|although|though|because|unless|until)\b)|\s+(?=\([^()]*\s)|(?<=\))\s+"
    r"|\s+(?=since\s+(?:it|its|they|the|this|that|there)\b)|\s+and\s+(?=(?:it|they)\b)|,\s+(?=the\s+[A-Z])",
    re.IGNORECASE,
)
_DENIED_VERB = re.compile(
    r"\b(?:not(?! only| just| counting| including| stated| quite| even)|cannot|never|no longer|none|neither|nor"
    r"|unable to|fails? to|\w+n't)\b|\btoo (?=\w+ (?:for|to)\b)",
    re.IGNORECASE,
)
_DENIED_NOUN = re.compile(
    r"\b(?:no(?! (?:more|less|fewer) than|\.)|without|lack(?:s|ed|ing)?|omits?|excludes?|drops?|instead of"
    r"|rather than)\b",
    re.IGNORECASE,
)
_DENIED_SUBJECT = re.compile(r"\b(?:missing|absent|unavailable|unsupported|dropped|impossible)\b", re.IGNORECASE)
_NOUN_ENDS = re.compile(
    r"\b(?:to|for|by|with|in|on|at|from|as|is|are|was|were|has|have|can|may|must|than|thanks|and|or)\b", re.IGNORECASE
)
_FIGURE = re.compile(
    r"[~≈$€£]?(?<![\w-])\d[\d.,]*(?:[ \u00a0]?(?:[kKMGTP]?[A-Z]{1,5}(?:/s)?|[kcm]?[gmlW]|°C|%)(?![\w]))?"
)
"""A number with its unit: figures are compared otherwise."""
_NAME = re.compile(r"(?<=\w )[A-Z][\w-]*")
"""A name inside a clause: it tells less of what is said than another word."""
_SOURCE = re.compile(r"sources?:", re.IGNORECASE)
_LEAST_SHARED = 2
"""Words that two clauses must share before one can deny the other, unless the claim has fewer."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence that speaks of one thing."""

    text: str
    subject: frozenset[str]
    """The products that it speaks of; empty when none is known."""
    words: frozenset[str]
    """Its content words, and those of the clause before that a denial without words of its own takes up."""
    denied: frozenset[str]
    """Those of them that it denies."""
    is_denial: bool = False
    """Whether it denies anything."""


def clauses_of(text: str, mentions: Mentions, subjects: Sequence[Subject] = (), label: str = "") -> list[Clause]:
    """The clauses of a sentence, each with its product: named in it, else that of the clause before.

    Of a row each cell is a clause, and all speak of the row's label.
    """
    shared = content_words(label)
    found: list[Clause] = []
    everyone = frozenset().union(*(place.subject for place in named(text, mentions)))
    # what speaks of nobody in front of a name speaks of the heading's product, not of the one that is named later
    subject = frozenset().union(*(each for each in subjects if not each <= everyone))
    for part in _parts(text, is_row=bool(label)):
        places = named(part, mentions)
        subject = frozenset().union(*(place.subject for place in places)) or subject
        bare = _FIGURE.sub(" ", _outside(part, [(place.start, place.end) for place in places]))
        words, denied = content_words(bare), _denied(bare)
        if shared:
            if (words <= shared and denied is None) or _SOURCE.match(part):
                continue  # the label's own cell, or where the row is from
            words |= shared
            if denied is not None and (denied == words - shared or not denied) and _denies_the_row(bare):
                denied = words  # `FP4 peak: not supported`; `without grinder` denies no weight
        if denied is not None and (not words or _begins_with_denial(bare)) and found:
            words |= found[-1].words
            if denied == frozenset() and found[-1].subject == subject:
                found.pop()  # `FP4 peak: not supported` is one statement
            denied = words
        found.append(Clause(part, subject, words, denied or frozenset(), denied is not None))
    return found


def said_of(source: Source, subjects: Sequence[Subject], mentions: Mentions) -> str:
    """What a statement says of the products: the clauses of others are left out, where it speaks of several."""
    if not subjects or source.label:
        return source.text
    clauses = clauses_of(source.text, mentions, source.subjects, source.label)
    if len({clause.subject for clause in clauses}) < 2:
        return source.text
    own = [
        clause.text
        for clause in clauses
        if not clause.subject or any(compatible(subject, clause.subject) for subject in subjects)
    ]
    return " ; ".join(own)


def is_denied(
    text: str,
    sources: Sequence[Source],
    mentions: Mentions,
    about: Sequence[Subject] = (),
    ignore: frozenset[str] = frozenset(),
) -> bool:
    """Whether the clauses of the source nearest to one of the sentence's say the opposite of it.

    Args:
        text: The sentence.
        sources: The statements that it may rest on.
        mentions: Finds products.
        about: The products that the sentence speaks of without naming them.
        ignore: Words that tell nothing, such as those of names.
    """
    told = [
        clause
        for source in sources
        if source.text != source.trail
        for clause in clauses_of(source.text, mentions, source.subjects, source.label)
    ]
    # a row that does not deny what it is about says so of it, whatever its other cells deny
    affirmed = [
        label
        for source in sources
        if (label := content_words(source.label))
        and not any(label <= clause.denied for clause in clauses_of(source.text, mentions, (), source.label))
    ]
    for said in clauses_of(text, mentions, about):
        own = said.words - ignore
        if own and not said.is_denial and any(own <= label for label in affirmed):
            continue
        names = content_words(" ".join(_NAME.findall(said.text)))
        near = [
            (2 * len(shared) - len(shared & names), clause, shared)
            for clause in told
            if (shared := frozenset(word for word in own if is_among(word, clause.words)))
            and (not clause.subject or not said.subject or compatible(said.subject, clause.subject))
        ]
        most = max((count for count, _, _ in near), default=0)
        if not most and said.is_denial and not any(clause.is_denial for clause in told):
            return True
        weight = 2 * len(own) - len(own & names)
        if not most or (most < 2 * _LEAST_SHARED and weight > 2 * most):
            continue
        nearest = [(clause, shared) for count, clause, shared in near if count == most]
        if said.subject and any(clause.subject for clause, _ in nearest):
            nearest = [(clause, shared) for clause, shared in nearest if clause.subject]
        if all(_opposes(said, clause, shared) for clause, shared in nearest):
            return True
    return False


def _opposes(said: Clause, told: Clause, shared: frozenset[str]) -> bool:
    """Whether most of what both clauses speak of is denied in one of them alone."""
    apart = [word for word in shared if is_among(word, said.denied) != is_among(word, told.denied)]
    if not apart or any(is_among(word, told.denied) for word in said.denied):
        return False
    denied = [word for word in told.denied if is_among(word, shared)]
    whole = told.denied and 2 * len(denied) >= len(told.denied) and not said.is_denial
    return 2 * len(apart) >= len(shared) or bool(whole)


def _parts(text: str, *, is_row: bool) -> list[str]:
    borders = [match for match in _BORDER.finditer(text) if not (is_row and match["colon"])]
    begins = [0, *(match.end() for match in borders)]
    ends = [*(match.start() for match in borders), len(text)]
    return [part for begin, end in zip(begins, ends, strict=True) if (part := text[begin:end]).strip()]


def _denied(text: str) -> frozenset[str] | None:
    """The words that a clause denies; None when it denies nothing, or denies a denial."""
    whole = content_words(text)
    verb, subject = _DENIED_VERB.search(text), _DENIED_SUBJECT.search(text)
    if verb and subject:
        return None
    if verb or subject:
        return whole
    if (match := _DENIED_NOUN.search(text)) is not None:
        before = [word for part in text[: match.start()].split() for word in content_words(part)]
        if match[0].casefold() == "no" and not before:
            return whole  # `No contract is offered`
        behind = re.sub(r"^\s*(?:for|with|by|in|on|at|to|from|the)\s+", "", text[match.end() :].lstrip())
        noun = content_words(_NOUN_ENDS.split(behind, maxsplit=1)[0])
        if not noun and match[0].casefold() in ("instead of", "rather than"):
            return None
        return (noun | set(before[-1:])) or whole
    return None


def _denies_the_row(text: str) -> bool:
    """Whether a cell denies what its row is about: by its verb, and not in a clause about something else."""
    match = _DENIED_VERB.search(text) or _DENIED_SUBJECT.search(text)
    return match is not None and not re.search(r"\b(?:that|which|who|whose)\b", text[: match.start()], re.IGNORECASE)


def _begins_with_denial(text: str) -> bool:
    # what stands in brackets is a remark of its own
    return re.match(r"[^\w(]*(?:but\s+|and\s+)?(?:not|never|neither|nor)\b", text, re.IGNORECASE) is not None


def _outside(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + " " + text[end:]
    return text
