"""Whether a figure of the evidence is given for what the sentence says it of: time, standing, attribute, row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hwqa.grounding.derived import DOWN, UP
from hwqa.grounding.figures import Figure
from hwqa.grounding.rates import rates_in
from hwqa.grounding.terms import STOP_WORDS, content_words, formats_in, is_among
from hwqa.units import Quantity, dimension, same

Agreement = Callable[[Figure, Figure, Sequence[Figure]], bool]
"""The claim, a figure of the evidence with its number, all figures of the evidence → whether they agree."""

OPERATIONS = ("floating-point operations", "operations")
CONTRASTS = tuple(
    (re.compile(first, re.IGNORECASE), re.compile(second, re.IGNORECASE))
    for first, second in (
        (
            r"\binterconnect|\bscale-?up|\bchip-to-chip|\bnetwork|\bethernet|\bhost interface|\binter-?chip"
            r"|\w+link\b",
            r"\bmemory|\bhbm|\bdram|\bvram|\bgddr|\bram\b",
        ),
        (
            r"\bcaches?\b|\bsram\b|\bon-chip",
            r"\bhbm|\bdram|\bvram|\bgddr|\blpddr|\bmemory (?:capacity|bandwidth)|\bbus\b",
        ),
        (r"\bbase\b", r"\bboost\b|\bturbo\b"),
        (r"\bprefill|\bprompt|\btime to first", r"\bdecod|\bgenerat"),
        (r"\bidle\b", r"\btdp\b|\bpower limit|\bboard power|\bpeak power|\bmaximum power"),
        (r"\bcapacity\b", r"\bbandwidth\b|\bbus\b"),
        (r"\brack\b", r"\bper (?:card|chip|gpu|device)\b"),
        (r"\bmeasured\b", r"\btheoretical\b|\bpeak\b"),
        (r"\btraining\b", r"\binference\b"),
        (r"\bprice|\bcosts?\b|\bpriced\b", r"\btdp\b|\bpower\b|\bmemory\b|\bbandwidth\b"),
        (r"\bvector\b", r"\bmatrix\b|\btensor\b"),
        (r"\brent|\bper hour|\bhourly|\bcloud", r"\bpurchase|\blist price|\bto buy\b"),
        (r"\brelease|\blaunch|\bshipp", r"\bannounce"),
        (r"\b(?:single|one|each|per|every) users?\b", r"\bbatch|\baggregate|\bin total\b"),
    )
)
STATUSES = tuple(
    (re.compile(first, re.IGNORECASE), re.compile(second, re.IGNORECASE))
    for first, second in (
        (r"\blist price|\bmsrp\b|\bofficial price", r"\bstreet price|\bused price|\bestimate|\bsecond-hand"),
        (r"\brent|\bhire\b|\bleas(?:e|ing)\b", r"\blist price|\bpurchase|\bto buy\b|\bstreet price"),
        (r"\b(?:altogether|in all|in total|together|in sum)\b", r"\b(?:each|apiece)\b"),
        (r"\b(?:each|apiece)\b", r"\b(?:altogether|in all|in total|in sum)\b"),
    )
)
"""What is said of a figure's standing, and what of its row or clause speaks against it."""
ATTRIBUTES = tuple(
    (re.compile(words, re.IGNORECASE), dimensions)
    for words, dimensions in (
        (r"\bbandwidth\b", ("data per time", "transfers")),
        (r"\b(?:capacity|vram)\b", ("data",)),
        (r"\b(?:tdp|power (?:draw|consumption|limit)|wattage|board power)\b", ("power",)),
        (r"\b(?:prices?|priced|costs?)\b", ("money",)),
        (r"\b(?:bus width|memory bus)\b", ("data",)),
        (r"\b(?:clock|frequency)\b", ("frequency",)),
    )
)
_MORE_IN_CLAUSE = re.compile(r"[,/]|\b(?:at|with|for|per|can|of)\b")
"""Words after which a clause names another attribute than the figure's own."""
_ASIDE_WORDS = 2
"""Words that a sentence shares with a note when it speaks of the note's figure."""
_CONTRASTED = re.compile(r"\W*(?:instead of|rather than|against|versus|compared (?:to|with)|not)\b", re.IGNORECASE)
"""How a clause begins that only sets a figure against the one before."""
_LIST = re.compile(r"\d\s*(?:,|or|and|/)\s*\d")
_HALF = 0.49
_THIRD = 0.33
_MEASURED = re.compile(
    r"\b(?:measured|measurements?|tested|benchmarked|(?:an?|the|our|independent) tests?)\b", re.IGNORECASE
)
_PEAK = re.compile(r"\b(?:peak|theoretical)\b", re.IGNORECASE)
_RISES = re.compile(rf"\b(?:{UP}|r[io]ses?|risen|gr[eo]ws?|grown|increased|gained|raised)\b", re.IGNORECASE)
_FALLS = re.compile(rf"\b(?:{DOWN}|falls?|fell|fallen|decreased|reduced|lost|shrank|shrinks?|dropped)\b", re.IGNORECASE)
_UNIT_WORD = re.compile(r"[\s\u00a0\u202f]?([A-Za-zµ°²³/]{1,5})(?![\w/])")


def _rate_agrees(claim: Figure, source: Figure, sources: Sequence[Figure]) -> bool:
    """Whether both are given for the same time; a source that names none may still say it in its sentence."""
    if not claim.rate or source.rate == claim.rate:
        return True
    if source.rate:
        return "/" in claim.quantity.unit and "/" in source.quantity.unit  # 90 km/h is 25 m/s
    told = {other.statement for other in sources if other.number == source.number and not other.label}
    return any(claim.rate in rates_in(text) for text in {source.statement, *told}) or dimension(claim.rate) != "time"


def _status_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    """Whether what is said to be measured, listed or a sum is so, by the words beside the figure or of its row."""
    if claim.quantity.kind not in ("measure", "money"):
        return True
    whole = f"{source.label} {source.statement}" if source.label else source.clause
    if any(
        one.search(claim.clause) and not other.search(claim.clause) and other.search(whole) and not one.search(whole)
        for one, other in STATUSES
    ):
        return False
    if not _MEASURED.search(claim.clause):
        return True
    told = source.clause if not source.label or source.aside else f"{source.label} {source.statement}"
    if _MEASURED.search(source.clause) or (source.label and not source.aside and _MEASURED.search(source.label)):
        return True
    return _MEASURED.search(told) is not None and not (source.label and _PEAK.search(source.label))


def _year_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    """Whether what is said of one year is given for it: `in 2024 it was 41, 7 more than in 2023`."""
    if claim.quantity.kind in ("date", "version") or not claim.years or not source.years:
        return True
    return bool(claim.years & source.years)


def equal(claim: Figure, source: Figure) -> bool:
    """Whether the quantities are the same, taking `8×` and `8`, `2023` the count and 2023 the year for one another."""
    first, second = claim.quantity, source.quantity
    if same(first, second):
        return True
    if first.kind == "ratio" and first.raw[:1].isalpha() and second.kind in ("count", "date", "version"):
        return False  # `twice` is not the 2 of `2 cards`
    if (share := _as_percentage(first)) and (whole := _as_percentage(second)) and same(share, whole):
        return True
    plain = ("count", "ratio", "date", "version")
    if first.kind in plain and second.kind in plain and first.kind != second.kind:
        return (
            not first.is_range and not second.is_range and first.low == second.low and first.relation == second.relation
        )
    if first.kind == "measure" and first.unit == "bit" and first.low in (4, 8, 16, 32, 64):
        return any(name.endswith(str(first.low)) for name in formats_in(source.statement))
    return False


def _as_percentage(quantity: Quantity) -> Quantity | None:
    """`two thirds` or a share of 0.87 as a percentage; None for what is no share of a whole."""
    if quantity.kind == "percent":
        return quantity
    if quantity.kind not in ("ratio", "count") or not 0 < quantity.low < 1 or quantity.unit not in ("", "×"):
        return None
    return replace(quantity, kind="percent", unit="%", low=quantity.low * 100, high=quantity.high * 100)


def is_operations(figure: Figure) -> bool:
    """Whether the figure counts operations, of whole or floating-point numbers."""
    return dimension(figure.quantity.unit) in OPERATIONS


def formats_of(source: Figure) -> frozenset[str]:
    """The formats that the figure is given for; of a scaled variant such as NVFP4 also the plain one, and back."""
    own = source.formats or formats_in(source.statement)
    plain = frozenset(name.removeprefix("nv").removeprefix("mx") for name in own)
    variants = {name for name in formats_in(source.statement) if name[:2] in ("nv", "mx") and name[2:] in plain}
    return own | plain | variants


def _format_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    return not claim.formats or not is_operations(claim) or bool(claim.formats & formats_of(source))


def _basis_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    if claim.basis not in ("dense", "sparse") or not is_operations(claim):
        return True
    if source.aside and " ".join(claim.clause.split()).strip(" ;,.()") in " ".join(source.statement.split()):
        return True  # the note in its own words
    return source.basis == claim.basis


def _attribute_agrees(claim: Figure, source: Figure, sources: Sequence[Figure]) -> bool:
    said = claim.clause
    told = source.label if source.label and len(source.label.split()) > 1 else f"{source.label} {source.clause}"
    for first, second in CONTRASTS:
        for one, other in ((first, second), (second, first)):
            if (
                one.search(said)
                and not other.search(said)
                and other.search(told)
                and not one.search(f"{told} {source.clause} {source.statement}")
            ):
                return False
    named = [dimensions for words, dimensions in ATTRIBUTES if words.search(said)]
    kind = dimension(claim.quantity.unit)
    if (
        claim.quantity.kind in ("measure", "money")
        and len(named) == 1
        and not (_fits(kind, named[0]) or _MORE_IN_CLAUSE.search(said))
    ):
        return False
    if _MEASURED.search(said) and _PEAK.search(told) and not _MEASURED.search(f"{told} {source.statement}"):
        return False
    return not _better_elsewhere(claim, source, sources)


def _fits(kind: str, dimensions: Sequence[str]) -> bool:
    return any(kind == each or (kind.startswith((each, "money")) and each == "money") for each in dimensions)


def _better_elsewhere(claim: Figure, source: Figure, sources: Sequence[Figure]) -> bool:
    """Whether the claim's words name another row of the same product and unit, and not this one."""
    if not source.label:
        return False
    own = content_words(source.label)
    for other in sources:
        if (
            other.label
            and other.label != source.label
            and not other.aside
            and dimension(other.quantity.unit) == dimension(source.quantity.unit)
            and unit_word(other) == unit_word(source)
        ):
            if not set(other.subjects) & set(source.subjects) or equal(claim, other):
                continue
            theirs = content_words(other.label)
            if _shared(claim.words, theirs - own) and not _shared(claim.words, own - theirs):
                return True
    return False


def _clause_agrees(claim: Figure, source: Figure, sources: Sequence[Figure]) -> bool:
    """Whether the claim's words are not those of another figure in the same statement, and none of this one's own.

    `Hydraulic brakes stop in 5.1 m, mechanical ones in 7.8 m` does not give 7.8 m of hydraulic brakes.
    """
    if source.aside or claim.quantity.kind in ("version", "date", "ordinal") or _CONTRASTED.match(claim.clause):
        return True
    subjects = {subject for figure in (claim, *sources) for subject in figure.subjects}
    names = content_words(" ".join(name for subject in subjects for name in subject))
    said = claim.words - names
    own = source.words
    for other in sources:
        if (
            other.statement != source.statement
            or other.number != source.number
            or set(other.subjects) != set(source.subjects)
            or other.quantity.kind != source.quantity.kind
            or dimension(other.quantity.unit) != dimension(source.quantity.unit)
            or unit_word(other) != unit_word(source)
            or equal(claim, other)
        ):
            continue
        if _LIST.search(source.statement) and _in_one_list(source, other):
            continue
        if other.aside and len(said & (other.words - own)) < _ASIDE_WORDS:
            continue
        theirs, ours = other.words - own - names, own - other.words - names
        if _share_said(said, theirs) > max(_share_said(said, ours), _HALF):
            return False
    return True


def _in_one_list(first: Figure, second: Figure) -> bool:
    """Whether the two stand in a list that shares its words: `2, 4 or 8 devices`."""
    pair = sorted((first.quantity, second.quantity), key=lambda quantity: quantity.start)
    between = rf"{re.escape(pair[0].raw)}(?:\s*(?:,|or|and|/)\s*[\w.,]+)*?\s*(?:,|or|and|/)\s*{re.escape(pair[1].raw)}"
    return re.search(between, first.statement) is not None


def _share_said(said: frozenset[str], words: frozenset[str]) -> float:
    """The share of the words that are said."""
    return sum(is_among(word, said) for word in words) / len(words) if words else 0.0


def _row_agrees(claim: Figure, source: Figure, sources: Sequence[Figure]) -> bool:
    """Whether the claim's words are not those of another row for the same attribute, and none of this one's own."""
    if not source.label or source.aside:
        return True
    own = content_words(source.statement)
    for other in sources:
        if (
            other.label != source.label
            or other.aside
            or other.statement == source.statement
            or not set(other.subjects) & set(source.subjects)
            or dimension(other.quantity.unit) != dimension(source.quantity.unit)
            or equal(claim, other)
        ):
            continue
        theirs = content_words(other.statement)
        if _share_said(claim.words, theirs - own) > max(_share_said(claim.words, own - theirs), _THIRD):
            return False
        if claim.words & (theirs - own) and not claim.words & (own - theirs):
            return False
    return True


def _shared(words: Iterable[str], others: Iterable[str]) -> bool:
    """Whether both hold a word, or one that begins alike."""
    held = list(others)
    return any(is_among(word, held) for word in words)


def unit_word(figure: Figure) -> str:
    """The word behind a number without a unit that is known: `kg` of `42.5 kg`; empty behind others."""
    if figure.quantity.kind != "count":
        return ""
    match = _UNIT_WORD.match(figure.clause.partition(figure.quantity.raw)[2])
    return match[1] if match and match[1].casefold() not in STOP_WORDS else ""


def _counted_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    """Whether a plain count counts the same thing: a word next to it stands in the source's sentence."""
    if claim.quantity.kind != "count" or source.quantity.unit:
        return True
    around = content_words(claim.clause)
    if not around or re.match(r"\s*[^\W\d_]+[\w-]*\d", claim.clause.partition(claim.quantity.raw)[2]):
        return True
    return bool(around & content_words(f"{source.label} {source.statement}"))


def _direction_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    """Whether a share that was gained is not said to be lost."""
    if claim.quantity.kind != "percent" or source.label:
        return True
    said, told = (_direction(figure.clause, figure.quantity.raw) for figure in (claim, source))
    return not said or not told or said == told


def _direction(clause: str, raw: str) -> str:
    before, _, after = clause.partition(raw)
    words = f"{before.rpartition(',')[2]} {' '.join(after.split()[:2])}"
    up, down = _RISES.search(words) is not None, _FALLS.search(words) is not None
    return "" if up == down else "up" if up else "down"


def _polarity_agrees(claim: Figure, source: Figure, _sources: Sequence[Figure]) -> bool:
    return claim.negated == source.negated


def agreements(claim: Figure, cites: str) -> Iterator[tuple[Agreement, str]]:
    """Each thing that a figure's source must agree in with the claim, and the objection if it does not."""
    raw = claim.quantity.raw
    yield from (
        (_format_agrees, f"'{raw}' is not given for {' and '.join(sorted(claim.formats)).upper()} in {cites}"),
        (_basis_agrees, f"{cites} does not call '{raw}' {claim.basis}"),
        (_rate_agrees, f"{cites} gives '{raw}' for another time"),
        (_year_agrees, f"{cites} gives '{raw}' for another year"),
        (
            _status_agrees,
            f"{cites} does not call '{raw}' measured, a list price, a rent, a sum or one of each as the sentence does",
        ),
        (_attribute_agrees, f"'{raw}' is given for another attribute in {cites}"),
        (_row_agrees, f"'{raw}' stands in another row of {cites}"),
        (_clause_agrees, f"'{raw}' is given for something else in {cites}"),
        (_counted_agrees, f"'{raw}' counts something else in {cites}"),
        (_direction_agrees, f"{cites} says the opposite of '{raw}'"),
        (_polarity_agrees, f"{cites} says the opposite of '{raw}'"),
    )
