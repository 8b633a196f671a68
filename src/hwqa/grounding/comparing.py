"""Comparisons in words: `more memory than`, `the cheapest of them` must agree with the figures of the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Named, Subject, compatible
from hwqa.grounding.terms import NEGATION, basis_in, content_words, formats_in
from hwqa.units import compare, dimension

_UP = (
    r"more|higher|larger|greater|bigger|faster|wider|quicker|costlier|dearer|pricier|hungrier|hotter|louder|heavier"
    r"|longer|taller|stronger|further|farther"
)
_DOWN = r"less|lower|smaller|fewer|slower|cheaper|narrower|quieter|lighter|shorter|thinner|cooler|weaker"
_THAN = re.compile(
    rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b(?P<what>[^.;:]{{0,70}}?)\bthan\b"
    r"|\b(?P<verb_up>exceeds?|beats?|outperforms?|surpass(?:es)?|(?-i:tops)|outstrips?|outpaces?"
    r"|(?:comes? out |stands? |ranks? |lies? |is |are )?(?:above|on top of)(?=\s+(?:the\s+|that of\s+|an?\s+)*[A-Z])"
    r"|(?:is |are )?ahead of)\b"
    r"|\b(?P<verb_down>trails?|lags? behind|falls? (?:[^.;,]{1,20}? )?(?:short of|behind)|(?:is |are |stays? "
    r"|lies? )?below(?=\s+(?:the\s+|that of\s+|an?\s+)*[A-Z])|undercuts?|(?:is |are )?behind)\b"
    r"|\b(?P<equal>as (?:much|many|large|fast|high|low|wide)\b[^.;:]{0,40}?\bas|the same\b[^.;:]{0,50}?\bas"
    r"|equals?|matches|identical to)\b",
    re.IGNORECASE,
)
_THE_MORE = re.compile(
    rf"\b(?:the|has|have|a|with|needs?|draws?|offers?|uses?|takes?|holds?|carries|delivers?|gets?|reaches"
    rf"|costs?)\s+(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(
    r"\bthe\s+(?:\w+\s+)?(?:(?P<up>most|highest|largest|greatest|biggest|fastest|widest|costliest|dearest|priciest"
    r"|loudest|heaviest|longest|tallest|strongest)"
    r"|(?P<down>least|lowest|smallest|fewest|slowest|cheapest|narrowest|quietest|lightest|shortest|thinnest|coolest))\b"
    r"|\b(?P<up2>most|highest|largest|greatest|biggest|fastest)\b(?=[^.;]{0,40}\b(?:of (?:all|the|these|those"
    r"|both)|among|in the)\b)"
    r"|\b(?P<down2>lowest|smallest|fewest|slowest|cheapest)\b(?=[^.;]{0,40}\b(?:of (?:all|the|these|those|both)"
    r"|among|in the)\b)",
    re.IGNORECASE,
)
_THE_SAME = re.compile(
    r"\b(?:have|has|share|shares|offer|reach|draw|need|hold|get|are|with|at)\s+(?:the\s+same|equal|identical)\b"
    r"(?!\s+(?:as|to)\b)",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(
    r"(?:(?:\d|\w{3,5})\s*(?:%|percent|×|x|times)|\btwice|\bhalf|\bdouble|third|quarter)\W*(?:as\b|\w*\s*$)",
    re.IGNORECASE,
)
_RELATION_BEFORE_NUMBER = re.compile(r"\s+(?:than\s+)?(?:about\s+|~|\$|€)?\d")
_DOWNWARD = re.compile(r"\s+(?:slowly|quietly|cheaply|weakly|briefly)\b", re.IGNORECASE)
"""Adverbs that turn `more` round."""
_QUALITIES = (
    (re.compile(r"\b(?:quiet|loud)", re.IGNORECASE), "sound noise loudness"),
    (re.compile(r"\b(?:light|heav|weigh)", re.IGNORECASE), "weight mass"),
    (re.compile(r"\b(?:long|short|tall)", re.IGNORECASE), "length height duration"),
    (re.compile(r"\b(?:far|furth)", re.IGNORECASE), "range distance"),
    (re.compile(r"\b(?:hot|cool)", re.IGNORECASE), "temperature heat"),
)
"""What a comparative is about, for figures whose label does not use its word."""
_MONEY = re.compile(r"cheap|expensive|price|pricier|cost|dear|undercut", re.IGNORECASE)
TOPICS = (
    (re.compile(r"\bbandwidth\b", re.IGNORECASE), "data per time"),
    (re.compile(r"\bbus\b", re.IGNORECASE), "width"),
    (re.compile(r"\b(?:tdp|power|watts?|wattage|hungrier|hotter|draws?)\b", re.IGNORECASE), "power"),
    (re.compile(r"\b(?:tokens?|tok/s)\b", re.IGNORECASE), "tokens per time"),
    (re.compile(r"\b(?:clocks?|frequency)\b", re.IGNORECASE), "frequency"),
    (re.compile(r"\b(?:memory|capacity|vram|hbm\w*|ram|sram|caches?)\b", re.IGNORECASE), "data"),
    (
        re.compile(r"\b(?:compute(?! units?)|flops|tflops|tops|throughput|peak|performance|math)\b", re.IGNORECASE),
        "operations",
    ),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who is said to have more, less or the same of what."""

    first: Subject
    second: Subject | None
    """None for a superlative: all others."""
    direction: int
    """1 when the first has more, -1 when it has less, 0 when both have the same."""
    topic: str
    """Dimension of the figures to compare, or `width` of a bus; empty when the words do not say."""
    words: str
    """The clause, for attributes and number formats."""


def comparisons(
    text: str, places: Sequence[Named], about: Sequence[Subject] = (), cited: Iterable[Subject] = ()
) -> list[Comparison]:
    """The comparisons that a sentence makes in words between products that it names.

    `more power` of one product alone is measured against the one other product that the `cited` evidence speaks of.
    """
    found: list[Comparison] = []
    for match in _THAN.finditer(text):
        direction = 1 if match["up"] or match["verb_up"] else -1 if match["down"] or match["verb_down"] else 0
        if match["what"] is not None and _DOWNWARD.match(match["what"]):
            direction = -direction
        if _RELATION_BEFORE_NUMBER.match(text, match.end()) or (
            match["equal"] and _MULTIPLE.search(text[: match.start()] + " ")
        ):
            continue
        before = [place for place in places if place.end <= match.start()]
        after = [place for place in places if place.start >= match.end()]
        if not after or re.search(r"[.;]", text[match.end() : after[0].start]):
            continue
        first = before[-1].subject if before else about[0] if about else None
        if first is None and len(after) > 1:
            first = after[1].subject
        inner = [place for place in places if match.start() <= place.start < match.end()]
        if first is None and inner:
            first = inner[0].subject
        if first is None or first & after[0].subject:
            continue
        near = f"{text[max(0, match.start() - 30) : match.end()]} {text[after[0].end : after[0].end + 40]}"
        words = f"{match['what'] or ''} {near} {text[: places[0].start]}"
        if NEGATION.search(text[before[-1].end if before else 0 : match.start()]):
            direction = -direction
        found.append(Comparison(first, after[0].subject, direction, _topic(match[0], words, text, direction), words))
        if match["what"] is not None and _MONEY.search(match[0]) is not None and match["up"] == "more":
            found[-1] = Comparison(first, after[0].subject, 1, "money", words)
    if not found:
        found += _set_apart(text, places, list(cited))
    return found


def _set_apart(text: str, places: Sequence[Named], cited: Sequence[Subject]) -> list[Comparison]:
    """Superlatives, and `the higher one` of exactly two products."""
    for match in _SUPERLATIVE.finditer(text):
        before = [place for place in places if place.end <= match.start()]
        after = [place for place in places if place.start >= match.end()]
        subject = before[-1] if before else after[0] if after else None
        if subject is not None and not re.match(
            r"\s+(?:of\s+)?(?:its|the time|cases|part|common|recent)\b", text[match.end() :]
        ):
            direction = 1 if match["up"] or match["up2"] else -1
            clause = text[match.start() : match.end() + 50]
            return [Comparison(subject.subject, None, direction, _topic(match[0], clause, text, direction), clause)]
    subjects = list(dict.fromkeys(place.subject for place in places))
    if len(subjects) == 1:
        subjects += [
            subject
            for subject in cited
            if not compatible(subject, subjects[0]) and not compatible(subjects[0], subject)
        ]
    same = _THE_SAME.search(text)
    if same is not None and len({place.subject for place in places}) == 2:
        clause = text[same.start() : same.end() + 50]
        return [Comparison(subjects[0], subjects[1], 0, _topic(same[0], clause, text, 0), clause)]
    more = _THE_MORE.search(text)
    if more is not None and len(subjects) == 2 and not re.search(r"\bthan\b", text):
        before = [place for place in places if place.end <= more.start()]
        after = [place for place in places if place.start >= more.end()]
        first = (before[-1] if before else after[0]).subject
        second = next(subject for subject in subjects if subject != first)
        direction = 1 if more["up"] else -1
        clause = text[more.start() : more.end() + 50]
        return [Comparison(first, second, direction, _topic(more[0], clause, text, direction), clause)]
    return []


def _topic(comparative: str, words: str, text: str, direction: int) -> str:  # noqa: ARG001 - reads as a sentence
    if _MONEY.search(comparative):
        return "money"
    for pattern, topic in TOPICS:
        if pattern.search(comparative) or pattern.search(words):
            return "operations" if topic == "operations" or (topic == "data" and formats_in(words)) else topic
    if _MONEY.search(words):
        return "money"
    if formats_in(words):
        return "operations"
    for pattern, topic in TOPICS:
        if pattern.search(text):
            return topic
    return ""


def objection(
    comparison: Comparison, claimed: Sequence[Figure], cited: Sequence[Figure], known: Sequence[Figure], text: str
) -> str | None:
    """Why the comparison does not hold; an empty text when it holds, None when the figures do not decide it.

    Args:
        comparison: What the sentence says.
        claimed: The sentence's own figures, each already found in the evidence.
        cited: The figures of the cited evidence.
        known: The figures of all evidence of the answer, for superlatives.
        text: The sentence.
    """
    if comparison.second is None:
        return _superlative_objection(comparison, claimed or cited, known)
    for figures in (claimed, cited):
        firsts = _candidates(comparison, comparison.first, figures)
        seconds = _candidates(comparison, comparison.second, figures)
        pairs = [(a, b) for a in firsts for b in seconds if a is not b and _like(a, b, comparison)]
        if not pairs:
            continue
        best = max(_closeness(pair, comparison) for pair in pairs)
        pairs = [pair for pair in pairs if _closeness(pair, comparison) == best]
        verdicts = {compare(a.quantity, b.quantity) for a, b in pairs}
        names = f"{min(comparison.first, key=len)} and {min(comparison.second, key=len)}"
        if comparison.direction not in verdicts:
            return f"the figures of {names} do not bear out the comparison"
        mixed = all({a.basis, b.basis} == {"dense", "sparse"} for a, b in pairs)
        if mixed and basis_in(text) != "both":
            return f"the comparison of {names} sets a dense figure against a sparse one"
        return ""
    verdict = _of_own_figures(comparison, claimed)
    return _in_one_statement(comparison, cited) if verdict is None else verdict


def _in_one_statement(comparison: Comparison, cited: Sequence[Figure]) -> str | None:
    """The verdict by a statement that gives both products figures of one kind, and no others."""
    if comparison.topic or comparison.second is None:
        return None
    for statement in dict.fromkeys(figure.statement for figure in cited):
        inside = [f for f in cited if f.statement == statement and f.quantity.unit and not f.aside and not f.label]
        inside = [figure for figure in inside if dimension(figure.quantity.unit) != "time"]
        if len({dimension(figure.quantity.unit) for figure in inside}) != 1:
            continue
        firsts, seconds = (
            [f for f in inside if any(compatible(each, other) for other in f.subjects)]
            or [f for f in inside if compatible(each, f.companions)]
            for each in (comparison.first, comparison.second)
        )
        verdicts = {compare(a.quantity, b.quantity) for a in firsts for b in seconds if a is not b}
        if verdicts:
            names = f"{min(comparison.first, key=len)} and {min(comparison.second, key=len)}"
            return "" if comparison.direction in verdicts else f"the figures of {names} do not bear out the comparison"
    return None


def _of_own_figures(comparison: Comparison, claimed: Sequence[Figure]) -> str | None:
    """The verdict by the two figures that the sentence itself gives, when it gives one of each and no others."""
    firsts = [f for f in claimed if any(compatible(comparison.first, other) for other in f.subjects)]
    seconds = [f for f in claimed if comparison.second and any(compatible(comparison.second, o) for o in f.subjects)]
    if len(firsts) != 1 or len(seconds) != 1 or len(claimed) != 2 or not firsts[0].quantity.unit:
        return None
    verdict = compare(firsts[0].quantity, seconds[0].quantity)
    if verdict is None or {firsts[0].basis, seconds[0].basis} == {"dense", "sparse"}:
        return None
    if verdict == comparison.direction:
        return ""
    return f"the figures of {min(comparison.first, key=len)} do not bear out the comparison"


def _superlative_objection(comparison: Comparison, own: Sequence[Figure], known: Sequence[Figure]) -> str | None:
    mine = _candidates(comparison, comparison.first, own) or _candidates(comparison, comparison.first, known)
    others = [
        figure
        for figure in known
        if figure.subjects
        and not any(compatible(comparison.first, other) for other in figure.subjects)
        and _fits_topic(comparison, figure)
    ]
    if not mine or not others:
        return None
    best = max(_closeness((figure, figure), comparison) for figure in mine)
    mine = [figure for figure in mine if _closeness((figure, figure), comparison) == best]
    for figure in mine:
        rivals = [other for other in others if _like(figure, other, comparison)]
        verdicts = [compare(figure.quantity, other.quantity) for other in rivals]
        if rivals and all(verdict in (comparison.direction, 0) for verdict in verdicts):
            return ""
    if all(not [other for other in others if _like(figure, other, comparison)] for figure in mine):
        return None
    return f"the figures do not bear out the superlative for the {min(comparison.first, key=len)}"


def _candidates(comparison: Comparison, subject: Subject, figures: Sequence[Figure]) -> list[Figure]:
    fitting = [figure for figure in figures if _fits_topic(comparison, figure)]
    own = [figure for figure in fitting if any(compatible(subject, other) for other in figure.subjects)]
    if not comparison.topic and any(figure.label for figure in own):
        own = [figure for figure in own if figure.label]  # a row is named by its attribute, a sentence by chance
    # `X reads a prompt of Y at 9 tokens/s` may be a figure of Y's on X: X has it when it has none of its own
    return own or [figure for figure in fitting if compatible(subject, figure.companions)]


def _fits_topic(comparison: Comparison, figure: Figure) -> bool:
    kind = dimension(figure.quantity.unit)
    if figure.quantity.kind not in ("measure", "money", "count") or figure.negated or figure.aside:
        return False
    if comparison.topic == "money":
        return kind.startswith("money")
    if comparison.topic == "operations":
        if kind not in ("operations", "floating-point operations"):
            return False
        wanted = formats_in(comparison.words)
        return not wanted or not figure.formats or bool(wanted & figure.formats)
    if comparison.topic == "width":
        return figure.quantity.unit == "bit"
    if comparison.topic:
        return kind == comparison.topic and not figure.quantity.unit.endswith("bit")
    about = " ".join(labels for words, labels in _QUALITIES if words.search(comparison.words))
    return bool(content_words(f"{comparison.words} {about}") & (content_words(figure.label) | figure.noun))


def _like(first: Figure, second: Figure, comparison: Comparison) -> bool:
    if dimension(first.quantity.unit) != dimension(second.quantity.unit):
        return False
    if first.formats and second.formats and not first.formats & second.formats:
        return False
    one, other = content_words(first.label), content_words(second.label)
    if one and other and len(one & other) * 2 < min(len(one), len(other)):
        return False
    if comparison.topic == "" and not (one and one == other):
        return bool(first.noun & second.noun) or not one
    return True


def _closeness(pair: tuple[Figure, Figure], comparison: Comparison) -> tuple[int, int, int]:
    """How well two figures fit the words: attributes named, number format, equal basis."""
    words = content_words(comparison.words)
    labels = content_words(pair[0].label) & content_words(pair[1].label)
    same_label = content_words(pair[0].label) == content_words(pair[1].label)
    return len(words & labels), int(pair[0].basis == pair[1].basis), int(same_label)
