"""How far a sentence reaches: `only`, `all`, `the quietest`, `per year`, `eight X` must be as wide as its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Named
from hwqa.grounding.rates import rates_in, time_unit
from hwqa.grounding.terms import stem

_UNIVERSAL = re.compile(
    r"\b(?:(?:nearly|almost|virtually|practically)\s+)?(?P<word>all|every|none|always|never)\b"
    r"(?!\s+(?:of\s+)?(?:these|those|them|the above|which|two|three|four|five|six|\d)|-|\s+in all\b)"
    r"|\b(?P<most>most)\s+of\b|\b(?P<major>majority|hardly any)\b",
    re.IGNORECASE,
)
_AT_ALL = re.compile(r"\b(?:at|above|after|in|first of) all\b|\ball (?:in all|the same|but)\b", re.IGNORECASE)
_HOLDS_ALL = re.compile(r"\b(?:all|every|each|any|whole|entire|general(?:ly)?|always|throughout|both)\b", re.IGNORECASE)
_HOLDS_NONE = re.compile(r"\b(?:no|none|not|never|nothing|without|neither|cannot)\b|n't\b", re.IGNORECASE)
_HOLDS_NO_OTHER = re.compile(r"\b(?:none|no (?:other|one)|neither|only|alone)\b", re.IGNORECASE)
_HOLDS_MOST = re.compile(r"\b(?:most(?:ly)?|majority|mainly|typical(?:ly)?)\b", re.IGNORECASE)
_ONLY_WORD = r"\b(?:only|solely|exclusively|limited to|restricted to)"
_ONLY = re.compile(r"\b(?:only|solely|exclusively)\s+(?:the\s+|an?\s+|on\s+|by\s+|for\s+)*$", re.IGNORECASE)
_ONLY_FIRST = re.compile(r"\W*only\s+(?:the|an?)\b", re.IGNORECASE)
_ALONE = re.compile(r"\w\s+alone\b", re.IGNORECASE)
_HOLDS_ALONE = re.compile(r"\b(?:alone|only|solely|just|itself|exclusively|single)\b", re.IGNORECASE)
_SUPERLATIVE = re.compile(
    r"\b(?:the|its|their|is|are)\s+(?:\w+\s+){0,2}?(?P<word>best|worst|most\s+\w+|least\s+\w+|\w{2,}[^aeu\s]est)\b",
    re.IGNORECASE,
)
_NO_SUPERLATIVE = frozenset(
    "test latest nearest request contest interest invest forest harvest honest modest protest suggest rest west guest "
    "quest digest highest lowest".split()
)
_EVERYWHERE = re.compile(
    r"\b(?:best|worst|most|least|\w{3,}est)\b[^.;]{0,60}?\b(?:of all(?! (?:the |these |those |three|two|four))"
    r"|of any|among all|on the market|in the world|worldwide|ever (?:made|built|sold)|available (?:today|anywhere))\b"
    r"|\bno (?:other )?(?!more\b|less\b|fewer\b|longer\b|later\b)\w+ [^.;]{0,40}\b(?:than|as)\b",
    re.IGNORECASE,
)
_PER = re.compile(r"\bper\s+(?P<word>[a-z][a-z-]{2,})", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:every|each)\s+(?P<time>second|minute|hour|day|week|month|year|night)\b", re.IGNORECASE)
_DEVICES = (
    r"(?:gpus?|tpus?|cpus?|npus?|devices?|cards?|chips?|accelerators?|nodes?|boards?|modules?|processors?|sockets?)"
)
_NUMBERS = {
    word: number
    for number, words in {
        1: ("one", "single"), 2: ("two",), 3: ("three",), 4: ("four",), 5: ("five",), 6: ("six",), 7: ("seven",),
        8: ("eight",), 9: ("nine",), 10: ("ten",), 12: ("twelve", "dozen"), 16: ("sixteen",), 32: ("thirty-two",),
        64: ("sixty-four",),
    }.items()
    for word in words
}  # fmt: skip
_NUMBER = rf"(?P<number>{'|'.join(_NUMBERS)}|\d{{1,5}})"
_OF_DEVICES = re.compile(rf"(?<![\w.,-]){_NUMBER}\s*[x×]?\s+(?:[\w-]+\s+){{0,2}}?{_DEVICES}\b", re.IGNORECASE)
_BEFORE_PRODUCT = re.compile(rf"(?<![\w.,-]){_NUMBER}\s*[x×]?\s+(?:of\s+|the\s+|[A-Z][a-z]+\s+){{0,2}}$", re.IGNORECASE)


def scope_objections(
    text: str, held: Sequence[str], cites: str, places: Sequence[Named], carrying: Sequence[str] = ()
) -> Iterator[str]:
    """Why the sentence says it of more than its source does, or of no other where the source does not exclude others.

    Args:
        text: The sentence, without marks.
        held: The statements that it may rest on, with their headings.
        cites: Their marks.
        places: Where the sentence names products.
        carrying: The statements that hold its figures: they must say it of all themselves.
    """
    whole = "\n".join(held)
    beside = "\n".join(carrying) or whole
    for match in _UNIVERSAL.finditer(text):
        if any(found.start() <= match.start() < found.end() for found in _AT_ALL.finditer(text)):
            continue
        word = (match["word"] or "most").casefold()
        bar = (
            _HOLDS_NO_OTHER
            if word == "none"
            else _HOLDS_NONE
            if word in ("none", "never")
            else _HOLDS_ALL
            if match["word"]
            else _HOLDS_MOST
        )
        if not bar.search(beside if text[: match.start()].strip(" *_") == "" else whole):
            yield f"'{match[0]}' is not in {cites}"
    subjects = [text[place.start : place.end] for place in places if _ONLY.search(text[: place.start])]
    if not subjects and (first := _ONLY_FIRST.match(text)):
        subjects = text[first.end() :].split()[:1]  # no product: `only the card`
    if not all(_excludes_others(subject, whole) for subject in subjects):
        yield f"'only' is not in {cites}"
    if _ALONE.search(text) and not _HOLDS_ALONE.search(whole):
        yield f"'alone' is not in {cites}"
    if _EVERYWHERE.search(text) and not _EVERYWHERE.search(whole):
        yield f"{cites} does not compare with all others"


def _excludes_others(subject: str, whole: str) -> bool:
    """Whether the source says it of the subject alone: not `the only memory on it`."""
    last = subject.rsplit(maxsplit=1)[-1]
    # a part number stands for the whole name
    named = "|".join(map(re.escape, {subject, last} if any(map(str.isdigit, last)) else {subject}))
    behind = rf"(?:{named})\b.{{0,40}}\b(?:alone|the only (?:one|\w+ (?:with|that))|no other)\b"
    before = rf"{_ONLY_WORD}\s+(?:[\w-]+\s+){{0,4}}?(?:{named})\b"
    return bool(re.search(f"{before}|{behind}", whole, re.IGNORECASE))


def superlatives_in(text: str) -> frozenset[str]:
    """The superlatives of a text, such as `largest`."""
    return frozenset(
        word
        for word in re.findall(r"\b(?:most|least|best|worst|\w{2,}[^aeu\W]est)\b", text.casefold())
        if word not in _NO_SUPERLATIVE - {"highest", "lowest"}
    )


def unsaid_superlatives(text: str, held: Sequence[str], cites: str) -> Iterator[str]:
    """The superlatives of a sentence, as objections, that no statement of the source uses."""
    stems = {stem(word) for statement in held for word in re.findall(r"[a-z]+", statement.casefold())}
    for match in _SUPERLATIVE.finditer(text):
        words = match["word"].casefold().split()
        if words[-1] in _NO_SUPERLATIVE:
            continue
        if not all(word in stems or stem(word) in stems for word in words[-1:]):
            yield f"{cites} does not say '{match['word']}'"


def unsaid_rates(text: str, quantities: Sequence[tuple[int, int]], held: Sequence[str], cites: str) -> Iterator[str]:
    """What a sentence counts by, `per kilowatt` or `every month`, where its source does not."""
    whole = "\n".join(held).casefold()
    for match in _PER.finditer(text):
        word = stem(match["word"].casefold())
        if any(start <= match.start() < end for start, end in quantities):
            continue
        if word not in whole:
            yield f"'per {match['word']}' is not in {cites}"
    known = rates_in(whole)
    for match in _EVERY.finditer(text):
        if time_unit(match["time"]) not in known:
            yield f"'{match[0]}' is not in {cites}"


def counted_devices(text: str, places: Sequence[Named], *, of_any: bool = True) -> set[int]:
    """How many devices a text speaks of: 8 for `eight X100` and, `of_any`, for `8 GPUs`; empty when it is open."""
    found = {_number(match["number"]) for match in _OF_DEVICES.finditer(text)} if of_any else set()
    for place in places:
        before = _BEFORE_PRODUCT.search(text[: place.start])
        if before is not None:
            found.add(_number(before["number"]))
    return found


def count_objection(said: set[int], carried: Sequence[Figure], counted: Sequence[set[int]], cites: str) -> str:
    """Why the figures of the sentence are not those of so many devices; empty when nothing speaks against it."""
    if not said or not carried:
        return ""
    for held in counted:
        if held and not held & said:
            return f"{cites} gives this for {' or '.join(map(str, sorted(held)))} devices"
    return ""


def counts_named(text: str, end: int, places: Sequence[Named]) -> bool:
    """Whether the number that ends at `end` stands right in front of a product's name, and so counts devices."""
    return any(
        0 <= place.start - end <= 30 and re.fullmatch(r"\s*[x×]?\s*(?:[A-Z][\w-]*\s+)?", text[end : place.start])
        for place in places
    )


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.casefold()]
