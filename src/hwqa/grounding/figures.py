"""What a sentence says of whom: each quantity with its product, number format, basis and the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hwqa.grounding.names import Mentions, Named, Subject, coordinated, named
from hwqa.grounding.qualifiers import bases_of, clause_at, formats_at, runs_of
from hwqa.grounding.rates import rate_of
from hwqa.grounding.terms import NEGATION, content_words
from hwqa.units import Quantity, find_quantities

_NOT_BEHIND = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:is|are|was|were)(?:n't|\s+(?:not|never)\b)", re.IGNORECASE)
_OF_VERB = re.compile(r"(?:not|never|cannot|unable|fails?|\w+n't)\b", re.IGNORECASE)
_NEAR_VERB = 5
"""Words that may stand between `not` and the quantity that it denies: `does not reach the peak of 80`."""
_NEAR_NOUN = 1
"""The same for `no` and `without`, which deny the noun behind them."""
_LEADS_AWAY = re.compile(r"\b(?:since|until|after|before|because|thanks|longer)\b|[,;:]", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"[;:()\[\]|]|,(?=\s|$)|\s[–—-]\s|—|\b(?:and|but|while|whereas|although|though|versus|against|than|which|instead of"
    r"|where)\b|\bvs\b\.?"
    r"|\bcompared (?:with|to)\b|\b(?:unlike|like)\b",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?:\bthan|\bcompared (?:with|to)|\bunlike|\bagainst|\bversus|\bvs\.?|\bover|\brelative to|\brather than"
    r"|\binstead of|(?<!is )(?:that|those) of|\bnot)\s+"
    r"(?:(?:the|an?|that of|those of|on|for|with|its|older|newer)\s+){0,3}(?:[A-Z]\w+(?:'s|’s)?\s+){0,2}$",
    re.IGNORECASE,
)
_LINK_AFTER = re.compile(
    r"[\s,]*(?:(?:of|in)\s+)?(?:[\w²-]+\s+){0,4}?(?:on|for|in|of|from|by|with|at)\s+(?:each\s+"
    r"|both\s+|\w+\s+|\d+\s?[x×]?\s+)?(?:the\s+|an?\s+)?"
    r"(?:[A-Z][\w-]*(?:'s|’s)?\s+){0,3}"
)
_YEAR = re.compile(r"(?<![\w.,/-])(?:19[5-9]|20[0-4])\d(?![\w.,]\d|\w)")
_CHANGED_TO = re.compile(
    r"\b(?:doubl|tripl|quadrupl|rais|lift|increas|halv|cut|lower|reduc)\w*\b[^;,]*\bto\s*(?:about\s+|~)?$",
    re.IGNORECASE,
)
"""`A doubles the memory of B to 128 GB`: the figure is that of A."""
_PRONOUN_START = re.compile(r"\W*(?:it|its|their|they)\b", re.IGNORECASE)
_GENITIVE = re.compile(r"^[^;]*\b(?:times|twice|half|double|%|percent) [^;]*\bof (?:the )?$", re.IGNORECASE)
_ON = re.compile(r"\b(?:on|for|of|in)\s+(?:the\s+|an?\s+)?(?:[A-Z]\w+\s+)?$")
_WITH_ITS = re.compile(r"(?:'s|’s)?,?\s+(?:and|with) its\s+(?:\w+\s+)?\W?")
_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|this|these|both|the (?:card|chip|part|device|gpu|accelerator|former|latter))\b",
    re.IGNORECASE,
)
_LED_BY_PREPOSITION = re.compile(
    r"\W*(?:at|with|for|by|having|holding|offering|delivering|using|in|on|from|thanks)\b", re.IGNORECASE
)
_OWN_VERB = re.compile(r"\s+[a-z]{2,}s\b")
"""A verb in the singular behind a product: it is the subject."""
_NOUN_END = re.compile(r"\d|[^\w\s'’/-]|\b(?:with|at|in|for|per|and|on|to|from|than|of|by|as|is|are|or)\b")


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity with what the text says it of."""

    quantity: Quantity
    subjects: tuple[Subject, ...]
    """Who it is said of; each of them. Empty when the text does not say."""
    formats: frozenset[str] = frozenset()
    """Number formats named with it, such as fp8."""
    basis: str = ""
    """`dense`, `sparse` or empty."""
    words: frozenset[str] = frozenset()
    """Content words of its clause and label."""
    noun: frozenset[str] = frozenset()
    """Content words right after the quantity: what it counts or measures."""
    clause: str = ""
    label: str = ""
    """The row's or item's label; empty in running text."""
    negated: bool = False
    number: int = 0
    """Of a figure from evidence, the evidence's number."""
    statement: str = ""
    """Of a figure from evidence, the sentence or row that holds it."""
    companions: frozenset[str] = frozenset()
    """Of a figure from evidence, the products that its statement or heading names and that own no like figure there:
    the model that was run, the system that was measured."""
    lead: frozenset[str] = frozenset()
    """Of the companions, the product that the statement begins with: `X decodes Y at 9 tokens/s` speaks of X. Of a
    claim, the first of several products in front of it."""
    aside: bool = False
    """Of a figure from evidence, whether it stands in a note: it may be quoted, but nothing is compared with it."""
    free: bool = False
    """Whether it may be said of any attribute: a figure of a calculation."""
    rate: str = ""
    """The time that it is given for, such as `day` of `200 shots a day`; empty when none is named."""
    years: frozenset[str] = frozenset()
    """The years that its clause names, or else its sentence when that names one alone."""


def figures_of(
    text: str, mentions: Mentions, implicit: Sequence[Subject] = (), *, label: str = "", is_source: bool = False
) -> list[Figure]:
    """Each quantity of a sentence with its product and what qualifies it.

    Args:
        text: One sentence as plain text, without marks.
        mentions: Finds the products that a text names.
        implicit: Products that the sentence speaks of without naming them: those of its heading, or of the sentence
            before; in the order in which they were named.
        label: The label in front of the sentence, such as a row's first cell.
        is_source: Whether the text is evidence: then a product spoken of is known from the heading.
    """
    places = named(text, mentions)
    quantities = find_quantities(text, [(place.start, place.end) for place in places])
    clauses = _clauses(text)
    subjects = _subjects(text, quantities, places, clauses, implicit, is_source=is_source)
    bases = bases_of(text, quantities, clauses)
    figures = []
    for at, quantity in enumerate(quantities):
        start, end = clause_at(clauses, quantity.start)
        if text[start : start + 1] in ("(", "[") and not label:
            start = clause_at(clauses, max(0, start - 1))[0]  # `a blocked valve (38 %)`
        clause = text[start:end]
        figures.append(
            Figure(
                quantity,
                subjects[at],
                formats_at(text, quantities, at, clauses),
                bases[at],
                content_words(f"{label} {clause}"),
                _noun(text[quantity.end : end]),
                clause,
                label,
                _is_negated(text, start, quantity),
                lead=_lead(places, quantity),
                rate=rate_of(text, quantity, (start, end)),
                years=_years(text, clause),
            )
        )
    return figures


def _lead(places: Sequence[Named], quantity: Quantity) -> Subject:
    """The product that the sentence names first, where the quantity stands behind another: `A runs M at 9 tokens/s`."""
    before = [place.subject for place in places if place.end <= quantity.start]
    return before[0] if len(before) > 1 else frozenset()


def _years(text: str, clause: str) -> frozenset[str]:
    own = frozenset(_YEAR.findall(clause))
    all_years = frozenset(_YEAR.findall(text))
    return own or (all_years if len(all_years) == 1 else frozenset())


def _is_negated(text: str, start: int, quantity: Quantity) -> bool:
    """Whether the clause denies the quantity: `no 80 GB`, `80 GB is not its memory`; not `has no fan and 80 GB`."""
    if _NOT_BEHIND.match(text, quantity.end):
        return True
    return any(
        len(between.split()) <= (_NEAR_VERB if _OF_VERB.match(match[0]) else _NEAR_NOUN)
        and not _LEADS_AWAY.search(between)
        for match in NEGATION.finditer(text, start, quantity.start)
        for between in (text[match.end() : quantity.start],)
    )


def _noun(text: str) -> frozenset[str]:
    """The content words of the noun that a text begins with."""
    words = _NOUN_END.split(re.sub(r"^\W*(?:of\s+)?", "", text), maxsplit=1)[0].split()
    return content_words(" ".join(words[:3]))


def _clauses(text: str) -> list[tuple[int, int]]:
    cuts = [0, *(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    return [(first, last) for first, last in pairwise(cuts) if last > first] or [(0, len(text))]


def _subjects(
    text: str,
    quantities: Sequence[Quantity],
    places: Sequence[Named],
    clauses: Sequence[tuple[int, int]],
    implicit: Sequence[Subject],
    *,
    is_source: bool,
) -> list[tuple[Subject, ...]]:
    groups = coordinated(text, places)
    paired = _paired(text, quantities, places, groups, implicit)
    return [
        ()
        if quantity.kind == "version"
        else paired[at]
        if at in paired
        else _subject(text, quantity, groups, clauses, implicit, quantities, is_source=is_source)
        for at, quantity in enumerate(quantities)
    ]


def _subject(
    text: str,
    quantity: Quantity,
    groups: Sequence[Sequence[Named]],
    clauses: Sequence[tuple[int, int]],
    implicit: Sequence[Subject],
    quantities: Sequence[Quantity],
    *,
    is_source: bool,
) -> tuple[Subject, ...]:
    """Who a single quantity is said of, by the nearest product that the grammar allows."""
    if quantity.kind == "count" and not quantity.unit:
        counted = next((group for group in groups if group[0].start > quantity.start), None)
        if counted and re.fullmatch(r"\s*[x×]?\s*(?:of the\s+)?", text[quantity.end : counted[0].start]):
            return (counted[0].subject,)  # `34 A, 20 B`
    start, end = clause_at(clauses, quantity.start)
    before = [group for group in groups if group[-1].end <= quantity.start]
    after = [group for group in groups if group[0].start >= quantity.end]
    following = next((group for group in after if _is_linked(text, quantity, group)), None)
    if following is not None and not any(
        quantity.end <= other.start < following[0].start and other.kind in ("measure", quantity.kind)
        for other in quantities
    ):
        inside = [group for group in before if group[-1].end > start]
        own = text[quantity.end : following[0].start]
        if re.fullmatch(r"\s*(?:on|for|of|in)\s+(?:the\s+|an?\s+)?(?:[A-Z]\w+\s+){0,2}", own):
            return _all(following)
        if not inside or re.search(r"\b(?:on|for|of|in)\s+(?:the\s+|an?\s+)?\S*\s*$", own) or "(" in own:
            consumed = not inside or any(inside[-1][-1].end <= other.start < quantity.start for other in quantities)
            if consumed or not inside:
                return _all(following)
    tail = next((group for group in after if group[0].start < end), None)
    alone = not any(group[-1].end > start for group in before)
    if tail is not None and alone and _ON.search(text[quantity.end : tail[0].start]):
        return _all(tail)
    if before and _WITH_ITS.fullmatch(text[before[-1][-1].end : quantity.start]):
        return _all(before[-1])
    opened = start < len(text) and text[start] in "(["
    if before and opened and start - before[-1][-1].end <= 3:
        return _all(before[-1])
    inside = [group for group in before if group[0].start >= start or group[-1].end > start]
    if len(inside) > 1 and _CHANGED_TO.search(text, inside[0][-1].end, quantity.start):
        return _all(inside[0])
    if inside:
        return _all(inside[-1])
    if before and re.match(r"\W*(?:which|whose|that|where)\b", text[start:end]):
        return _all(before[-1])
    main = [group for group in before if not _OBJECT.search(text[: group[0].start])]
    # `X has six times the memory of Y, and pods of 9 chips`: the chips are those of X
    main = [g for g in main if g is main[0] or not _GENITIVE.search(text, main[0][-1].end, g[0].start)] or main
    if main:
        return _all(main[-1])
    if not implicit and _PRONOUN_START.match(text):
        return ()  # nobody knows whose
    if implicit and (not _LED_BY_PREPOSITION.match(text) or not after or _PRONOUN.search(text[: quantity.start])):
        return (
            tuple(implicit[:1])
            if not is_source or len(implicit) == 1
            else (frozenset().union(*implicit),) * bool(_PRONOUN.search(text)) or (implicit[0],)
        )
    free = [
        group for group in outside_brackets(text, after, quantity.end) if not _OBJECT.search(text[: group[0].start])
    ]
    if free and not _has_own_figure(text, quantity, free[0], quantities, clauses):
        return _all(free[0])
    return tuple(implicit[:1])


def _has_own_figure(
    text: str,
    quantity: Quantity,
    group: Sequence[Named],
    quantities: Sequence[Quantity],
    clauses: Sequence[tuple[int, int]],
) -> bool:
    """Whether the products behind a quantity begin a clause with a figure of that kind: they are spoken of anew."""
    start, end = clause_at(clauses, group[0].start)
    return (
        start >= quantity.end
        and text[start : start + 1] == ","
        and _OWN_VERB.match(text, group[-1].end) is not None
        and any(
            group[-1].end <= other.start < end and other.unit and quantity.kind in (other.kind, "count")
            for other in quantities
        )
    )


def _is_linked(text: str, quantity: Quantity, group: Sequence[Named]) -> bool:
    """Whether `192 GB on the X100` or `192 GB (X100)` ties the quantity to the product behind it."""
    between = text[quantity.end : group[0].start]
    if re.fullmatch(r"\s*\(\s*(?:the\s+)?(?:[A-Z][\w-]*\s+){0,2}", between):
        return text[group[-1].end :].lstrip().startswith(")")
    return "(" not in between and _LINK_AFTER.fullmatch(between.rstrip() + " ") is not None


def outside_brackets(text: str, groups: Sequence[Sequence[Named]], start: int = 0) -> list[Sequence[Named]]:
    """The groups of places that stand in no bracket opened after `start`, or are all that their bracket holds."""
    found = []
    for group in groups:
        before = text[start : group[0].start]
        opened = before.rfind("(")
        alone = re.fullmatch(r"\(\s*(?:the\s+)?", before[opened:]) if opened >= 0 else None
        if before.count("(") <= before.count(")") or alone is not None:
            found.append(group)
    return found


def _all(group: Sequence[Named]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(place.subject for place in group))


def _paired(
    text: str,
    quantities: Sequence[Quantity],
    places: Sequence[Named],
    groups: Sequence[Sequence[Named]],
    implicit: Sequence[Subject],
) -> dict[int, tuple[Subject, ...]]:
    """Quantities that stand in the order of the products: `A and B: 192 GB vs 141 GB`, `… respectively`."""
    pairs: dict[int, tuple[Subject, ...]] = {}
    runs = runs_of(text, quantities)
    ordered = re.search(r"\brespective(?:ly)?\b", text, re.IGNORECASE) is not None
    for run, versus in runs:
        first = quantities[run[0]].start
        ahead = [place for place in places if place.end <= first]
        between = [place for place in places if first < place.start < quantities[run[-1]].end]
        if between or len(run) < 2:
            continue
        subjects = list(dict.fromkeys(place.subject for place in ahead))
        if not subjects and not [place for place in places if place.start > first]:
            subjects = list(dict.fromkeys(implicit))
        behind = list(dict.fromkeys(place.subject for place in places if place.start > first))
        if not ahead and behind and len(behind) == len(run) and (ordered or versus):
            subjects = behind
        group = next((group for group in reversed(groups) if group[-1].end <= first), None)
        if group is not None and len(_all(group)) == len(run):
            subjects = list(_all(group))
        comparative = re.search(
            r"\b(?:than|compared (?:to|with)|over|exceeds?|beats?|outperforms?|vs\.?|versus|against)\b", text[:first]
        )
        if len(subjects) > len(run) and comparative and re.search(r"\bthan\b", text[ahead[-2].end : ahead[-1].start]):
            subjects = [ahead[-2].subject, ahead[-1].subject]  # `with the model M, A draws more than B, 4 against 2`
        if len(subjects) == len(run) and (versus or ordered or comparative):
            pairs |= {at: (subject,) for at, subject in zip(run, subjects, strict=True)}
    return pairs
