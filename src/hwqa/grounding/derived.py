"""Numbers that follow from two figures of the evidence: ratios, percentages and differences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Subject, compatible
from hwqa.grounding.terms import basis_in, content_words
from hwqa.units import Quantity, conversion, dimension

TOLERANCE = Decimal("0.025")
"""How far the quotient may be from `twice` or `2×`, as a share."""
TOLERANCE_OF_ABOUT = Decimal("0.05")
TOLERANCE_OF_RATIO = Decimal("0.075")
"""How far the quotient may be from `nearly four times`: the words for ratios are coarser than figures."""

UP = (
    r"more|higher|faster|larger|greater|bigger|above|over|wider|longer|better|dearer|costlier|increase|gain"
    r"|louder|heavier|taller|stronger|advantage|lead|extra|additional|speed-?up"
)
DOWN = (
    r"less|lower|fewer|smaller|cheaper|slower|below|under|narrower|shorter|decrease|reduction|drop|short|behind"
    r"|quieter|lighter|cooler|discount|saving"
)
_AFTER = re.compile(
    rf"^[\s-]*(?:(?:the |as |a |of )?(?:\w+ ){{0,2}}?)(?:(?P<up>{UP})|(?P<down>{DOWN})|(?P<share>of\b|as\b"
    rf"|the\b|that\b|its\b))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:\b(?P<up>{UP}|exceeds?|beats?|outperforms?|surpass\w*|tops|ahead|rises?|grows?)|\b(?P<down>{DOWN}"
    rf"|trails?|lags?|falls?|undercuts?|behind)|\b(?P<gap>difference|gap|differ\w*))\b[^.;]{{0,60}}$",
    re.IGNORECASE,
)


_SUM = re.compile(
    r"\b(?:together|in total|total(?:s|led|ling)?|in sum|sums? up|altogether|in all|combined|adds? up|added|comes? to"
    r"|came to|all in all|overall)\b",
    re.IGNORECASE,
)
_MOST_ADDED = 6
"""Figures that a sum may have."""
_APART = re.compile(r"\b(?:later|earlier|after|before|delay\w*|between|by|apart|lie|passed|took)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|apiece|per|every)\b", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:(?:more|less|fewer|greater|higher|lower|larger|smaller)\s+than|over|under|above|below)\s*$", re.I
)
"""`less than 48 GB` bounds a figure; `less` is no difference there."""


@dataclass(frozen=True, slots=True)
class Operands:
    """Two figures that a number was derived from."""

    first: Figure
    second: Figure


def is_derived_shape(figure: Figure) -> bool:
    """Whether the figure is of a kind that may be derived from two others."""
    return figure.quantity.kind in ("ratio", "percent", "measure", "money", "count")


def derive(
    claim: Figure, text: str, sides: tuple[Subject, ...], sources: Sequence[Figure], *, asides: bool = False
) -> Operands | None:
    """The two figures from which the claimed number follows, or None.

    Args:
        claim: A ratio, percentage or difference.
        text: The sentence.
        sides: The product that it is said of, then the one it is measured against; one product compares two of its own
            figures; empty leaves both open.
        sources: The figures of the cited evidence.
        asides: Whether figures of notes count, too.
    """
    direction = _direction(claim.quantity, text)
    if direction is None:
        return None
    pairs = _pairs(claim, text, sides, sources) if not asides else _pairs(claim, text, sides, sources, asides=True)
    for first, second in pairs:
        factor = conversion(second.quantity.unit, first.quantity.unit)
        if factor is None or first.quantity.is_range or second.quantity.is_range:
            continue
        above, below = first.quantity.low, second.quantity.low * factor
        if below and above and _follows(claim.quantity, direction, above, below, first.quantity.unit):
            return Operands(first, second)
    return None


def _direction(quantity: Quantity, text: str) -> str | None:
    after = _AFTER.match(text[quantity.end :])
    if after is not None and (after["up"] or after["down"]):
        return "up" if after["up"] else "down"
    start = text[: quantity.start]
    before = _BEFORE.search(_BOUND.sub("", start) if quantity.relation in (">", "<") else start)
    if quantity.kind in ("measure", "money", "count"):
        if before is None:
            return None
        return "gap" if before["gap"] else "up" if before["up"] else "down"
    if (
        before is not None
        and not before["gap"]
        and re.search(r"\bby\b[^,;]*$|factor of[^,;]*$", text[: quantity.start])
    ):
        return "up" if before["up"] else "down"
    return "share"


def _follows(claim: Quantity, direction: str, above: Decimal, below: Decimal, unit: str) -> bool:
    value = claim.low
    if claim.kind in ("measure", "money", "count"):
        factor = conversion(unit, claim.unit)
        if factor is None:
            return False
        gap = (above - below) * factor
        wanted = {"up": gap, "down": -gap, "gap": abs(gap)}.get(direction)
        return wanted is not None and wanted > 0 and _close(claim, value, wanted)
    quotient = above / below
    if claim.kind == "percent":
        wanted = {"up": (quotient - 1) * 100, "down": (1 - quotient) * 100}.get(direction, quotient * 100)
        return wanted > 0 and _close(claim, value, wanted)
    if value < 1 and claim.approximate and direction == "up":
        return abs(1 + value - quotient) <= TOLERANCE_OF_ABOUT * quotient
    if value < 1 and direction in ("up", "down") and claim.raw.lower() != "half":
        wanted = quotient - 1 if direction == "up" else 1 - quotient
    elif value < 1 and direction == "down":
        wanted = 1 - quotient
    else:
        wanted = 1 / quotient if direction == "down" else quotient
    return wanted > 0 and _close(claim, value, wanted)


def _close(claim: Quantity, value: Decimal, wanted: Decimal) -> bool:
    gap = abs(value - wanted)
    if gap == 0:
        return True
    if claim.relation in (">", "<"):
        return _beyond(claim, value, wanted)
    if claim.approximate:
        return gap <= (TOLERANCE_OF_RATIO if claim.kind == "ratio" else TOLERANCE_OF_ABOUT) * abs(wanted)
    if claim.kind == "ratio" and claim.digits == 1:
        return gap <= TOLERANCE * wanted
    if claim.digits == 1 and claim.kind != "percent":
        return False
    return gap <= Decimal(5).scaleb(int(claim.low.as_tuple().exponent) - 1)


def _beyond(claim: Quantity, value: Decimal, wanted: Decimal) -> bool:
    """Whether `more than twice` or `less than half` is the next round number below or above the quotient."""
    if (wanted > value) != (claim.relation == ">"):
        return False
    if claim.kind == "ratio" and value >= 1 and claim.digits == 1:
        return abs(wanted - value) < 1
    return abs(value - wanted) <= TOLERANCE_OF_ABOUT * 4 * wanted


def shifted(claim: Quantity, text: str, quantities: Sequence[Quantity]) -> bool:
    """Whether `doubles from 989.5 to 1,979 TFLOPS` follows from its own two ends."""
    for first, second in pairwise(quantities):
        joined = text[first.end : second.start]
        if (
            not re.search(r"\bfrom\s+\S{0,2}$", text[: first.start])
            or not re.search(r"\bto\b", joined)
            or not first.low
        ):
            continue
        factor = conversion(second.unit, first.unit or second.unit)
        if factor is None:
            continue
        above, below = second.low * factor, first.low
        direction = "share"
        if claim.kind == "percent":
            direction = "up" if above > below else "down"
        if claim is not first and claim is not second and _follows(claim, direction, above, below, second.unit):
            return True
    return False


def of_own_figures(claim: Quantity, text: str, others: Sequence[Quantity]) -> bool:
    """Whether a ratio, share or difference follows from two other quantities of its sentence, in their order.

    `29 of 34, roughly 85 %`; `from 25 W to 90 W, a factor of 3.6`; `188 TFLOPS, four times as much in INT8, 750 TOPS`.
    """
    direction = _direction(claim, text)
    if direction is None or claim.kind not in ("ratio", "percent"):
        return False
    for at, first in enumerate(others):
        for second in others[at + 1 :]:
            factor = _alike_units(second.unit, first.unit)
            if factor is None or first.is_range or second.is_range or not first.low or not second.low:
                continue
            above, below = first.low, second.low * factor
            rises = re.search(r"\bfrom\b", text[: first.start]) and re.search(r"\bto\b", text[first.end : second.start])
            pairs = [(below, above)] if rises else [(above, below)]
            if {first.unit[-3:], second.unit[-3:]} == {"OPS"} and first.unit != second.unit:
                pairs = [(above, below), (below, above)]  # two number formats: the words order them, not the place
            if direction == "share" and claim.kind == "percent":
                pairs = [(min(above, below), max(above, below))]
            for one, other in pairs:
                if _follows(claim, direction, one, other, first.unit):
                    return True
    return False


def _alike_units(unit: str, target: str) -> Decimal | None:
    """The factor between two units; operations of whole and floating-point numbers are counted alike."""
    return conversion(unit.replace("FLOPS", "OPS"), target.replace("FLOPS", "OPS"))


def is_sum(claim: Figure, text: str, sources: Sequence[Figure], counts: Sequence[Decimal]) -> bool:
    """Whether a number that is said to be a sum is that of the product's figures which the sentence names, or of all.

    Args:
        claim: The sum, or a number of things times what each of them has.
        text: The sentence.
        sources: The figures of the cited evidence.
        counts: The plain numbers of the sentence.
    """
    if not _SUM.search(text):
        return False
    fitting = [
        source
        for source in sources
        if not source.aside
        and source.quantity.kind == claim.quantity.kind
        and conversion(source.quantity.unit.partition("/")[0], claim.quantity.unit.partition("/")[0]) is not None
        and (not claim.subjects or any(compatible(said, own) for said in claim.subjects for own in source.subjects))
        and (not claim.rate or not source.rate or claim.rate == source.rate)
    ]
    said = content_words(text)
    for number in {source.number for source in fitting}:
        own = [source for source in fitting if source.number == number]
        named = [source for source in own if content_words(source.label) & said]
        if any(_adds_up(claim.quantity, group) for group in (named, own)):
            return True
    each = [source for source in fitting if _EACH.search(source.clause)]
    return any(
        _value(source.quantity, claim.quantity)[0] * count == claim.quantity.low for source in each for count in counts
    )


def _adds_up(claim: Quantity, group: Sequence[Figure]) -> bool:
    values = list(dict.fromkeys((figure.label, _value(figure.quantity, claim)) for figure in group))
    if not 1 < len(values) <= _MOST_ADDED:
        return False
    low, high = (sum((value[end] for _, value in values), Decimal(0)) for end in (0, 1))
    return _close(claim, claim.low, low) and _close(claim, claim.high, high)


def _value(quantity: Quantity, target: Quantity) -> tuple[Decimal, Decimal]:
    factor = conversion(quantity.unit.partition("/")[0], target.unit.partition("/")[0]) or Decimal(1)
    return quantity.low * factor, quantity.high * factor


def is_time_between(claim: Quantity, text: str, dates: Sequence[Quantity]) -> bool:
    """Whether a number of years or months lies between two dates: `two years later`."""
    per_year = {"year": 1, "month": 12}.get(claim.unit)
    if per_year is None or not _APART.search(text):
        return False
    for at, first in enumerate(dates):
        for second in dates[at + 1 :]:
            months = abs(_month(first) - _month(second))
            exact = Decimal(months) * per_year / 12
            if abs(claim.low - exact) <= (Decimal(1) if len(str(first.low)) > len("2024") else 0) / 2 * per_year / 12:
                return True
    return False


def _month(date: Quantity) -> int:
    digits = str(int(date.low))
    return int(digits[:4]) * 12 + (int(digits[4:6]) if len(digits) >= len("202401") else 0)


def _pairs(
    claim: Figure, text: str, sides: tuple[Subject, ...], sources: Sequence[Figure], *, asides: bool = False
) -> Iterator[tuple[Figure, Figure]]:
    usable = [
        source
        for source in sources
        if source.quantity.kind in ("measure", "money", "count")
        and not source.negated
        and (not source.aside or (asides and source.quantity.unit))
    ]
    firsts = list(_of(sides[:1], usable))
    seconds = list(_of(sides[1:2] or sides[:1], usable))
    pairs = [
        (first, second)
        for first in firsts
        for second in seconds
        if first is not second and _alike(first, second, one_product=len(sides) == 1)
    ]
    if claim.formats:
        pairs = [pair for pair in pairs if all(not f.formats or f.formats & claim.formats for f in pair)]
    if claim.basis in ("dense", "sparse") and not (len(sides) == 1 and basis_in(text) == "both"):
        pairs = [pair for pair in pairs if all(f.basis in ("", claim.basis) for f in pair)]
    said = content_words(claim.clause)
    named = [pair for pair in pairs if said & (content_words(pair[0].label) | _unit_words(pair[0]))]
    yield from named or pairs


def _unit_words(figure: Figure) -> frozenset[str]:
    """Words that name what a unit measures."""
    words = {
        "data per time": "bandwidth",
        "data": "memory capacity vram",
        "power": "power tdp watt draw",
        "floating-point operations": "compute throughput fast performance peak",
        "operations": "compute throughput fast performance peak",
    }
    kind = dimension(figure.quantity.unit)
    return content_words("price cost cheap expensive" if kind.startswith("money") else words.get(kind, ""))


def _of(sides: Sequence[Subject], figures: Sequence[Figure]) -> Iterator[Figure]:
    if not sides:
        yield from figures
        return
    own = [figure for figure in figures if any(compatible(sides[0], other) for other in figure.subjects)]
    yield from own
    kinds = {dimension(figure.quantity.unit) for figure in own}
    for figure in figures:
        if dimension(figure.quantity.unit) not in kinds and compatible(sides[0], figure.companions):
            yield figure


def _alike(first: Figure, second: Figure, *, one_product: bool) -> bool:
    """Whether two figures can be set against each other: one unit, one attribute, one number format, one basis."""
    if dimension(first.quantity.unit) != dimension(second.quantity.unit) or first.quantity.kind != second.quantity.kind:
        return False
    if one_product:
        return first.quantity.kind != "count"
    if first.formats and second.formats and not first.formats & second.formats:
        return False
    if {first.basis, second.basis} == {"dense", "sparse"}:
        return False
    if first.label and second.label:
        one, other = content_words(first.label), content_words(second.label)
        return not one or not other or len(one & other) * 2 >= min(len(one), len(other))
    if first.quantity.kind == "count":
        return bool(content_words(first.clause) & content_words(second.clause))
    return True
