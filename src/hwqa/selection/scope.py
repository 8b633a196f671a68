"""What a figure is of, one device or a system of several, and whether a product can be had, as the documents say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from hwqa.schema import Fact
from hwqa.selection.figures import best_fact, is_rate, ordered, quantity_of

Scope = Literal["device", "card", "system"]
State = Literal["sold", "rented", "released", "announced", "internal", "withdrawn", "unknown"]

_DEVICES = r"(?:gpu|chip|card|device|module|accelerator|processor|cpu|socket|die|wafer|package|board|unit)"
_OF_DEVICE = re.compile(
    rf"\b(?:one|each|per|single|an?) (?:\w+ )?{_DEVICES}\b|^{_DEVICES}\b|\bfor each\b|\bchips together\b|"
    # a part of what a system has or costs is what one of its devices has or costs
    r"\b(?:one|an?) (?:half|third|quarter|fourth|sixth|eighth|twelfth|sixteenth|thirty-second) of\b|\b1/\d+ of\b",
    re.I,
)
_SYSTEMS = r"(?:rack|chassis|server|system|cluster|cabinet|pod|machine|node)"
_SEVERAL = r"(?:\d{1,5}|two|three|four|eight|sixteen)"
_OF_SYSTEM = re.compile(
    rf"\b(?:whole|entire|full) {_SYSTEMS}\b|\bfor the {_SYSTEMS}\b|^{_SYSTEMS}\b|"
    rf"(?:^|[,;] ?|\bwith |\bof ){_SEVERAL} (?:\w+ )?{_DEVICES}s\b(?! for)",
    re.I,
)
_BUILT_AS_SYSTEM = re.compile(rf"(?:\d+U )?{_SYSTEMS}\b", re.I)
_NAMED_AS_SYSTEM = re.compile(r"(?:pod|rack|server|cluster)s?[\s-]?\d*\b", re.I)
_CARD = re.compile(r"\bcards?\b", re.I)
_NOTED_CARD = re.compile(r"^(?:card|board)\b|\b(?:one|the|per|single) card\b", re.I)

_FEW_NOTES = 2
"""Notes up to which a product that is built as a system may speak of one of its devices."""

_FORM = ("form factor", "form", "packaging")
_STATUS = ("status", "availability")
_RELEASE = ("release", "released", "launch", "release date", "launch date")
_ANNOUNCED = ("announced", "announcement")
_PRICE = ("price", "list price", "street price")
_RENT = ("cloud price", "rental price", "price per hour")
"""Names of attributes that say how a product is built and whether it can be had."""
_TELLS_STANDING = frozenset((*_STATUS, *_RELEASE, *_ANNOUNCED, *_PRICE, *_RENT))

_STATES: tuple[tuple[State, re.Pattern[str]], ...] = (
    (
        "withdrawn",
        re.compile(
            r"\b(superseded|legacy|wound down|discontinued|cancelled|withdrawn|end of life|unmaintained|"
            r"no longer (?:sold|made|available|offered))\b",
            re.I,
        ),
    ),
    ("internal", re.compile(r"\binternal to\b|\bin use in \w+ only\b|\bnot for sale\b", re.I)),
    (
        "announced",
        re.compile(
            r"\b(announced|planned|in development|pre-production|samples|not shipping|not yet|due in|expected)\b",
            re.I,
        ),
    ),
    ("sold", re.compile(r"\b(sold|for sale|on sale|available|launched|volume production|shipping|in stock)\b", re.I)),
    ("rented", re.compile(r"\b(rented|for rent|rentable|cloud)", re.I)),
    ("released", re.compile(r"\b(delivered|in use|released|open to the public)\b", re.I)),
)
"""What the text of a status means; the first that fits counts."""
_CERTAIN: tuple[State, ...] = ("sold", "rented", "released", "withdrawn", "internal", "announced", "unknown")
"""Of several statuses of a product the one that stands first here counts: what can be had need not be announced."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a product can be had, and the fact that says so."""

    state: State
    fact: Fact | None = None
    rented: Fact | None = None
    """The fact that says that it can be rented."""
    bought: Fact | None = None
    """The fact that says that it can be bought, or what it costs."""
    price: Fact | None = None
    """The price of one, where the documents give one."""
    rent: Fact | None = None
    """The lowest price by the hour, where the documents give one."""


def facts_of(facts: Iterable[Fact], names: Sequence[str]) -> list[Fact]:
    """The facts whose attribute goes by one of the names."""
    return [fact for fact in facts if fact.attribute.casefold() in names]


def is_form(attribute: str) -> bool:
    """Whether an attribute says how a product is built."""
    return attribute.casefold() in _FORM


def tells_standing(attribute: str) -> bool:
    """Whether an attribute says whether a product can be had."""
    return attribute.casefold() in _TELLS_STANDING


def product_scope(product: str, facts: Sequence[Fact]) -> Literal["device", "system"]:
    """Whether a product is one device or a system of several: most of its notes, how it is built, or its name say."""
    # a run on eight devices says nothing of how one is sold
    told = [scope for fact in facts if (scope := _noted(fact.note)) and not is_rate(fact)]
    if told.count("device") > max(told.count("system"), _FEW_NOTES):
        return "device"
    form = facts_of(facts, _FORM)
    if form:
        return "system" if any(_BUILT_AS_SYSTEM.match(fact.value) for fact in form) else "device"
    if _NAMED_AS_SYSTEM.search(product):
        return "system"
    return "system" if told.count("system") > told.count("device") else "device"


def scope_of(fact: Fact, product: Literal["device", "system"] = "device") -> Literal["device", "system"]:
    """Whether a figure is of one device or of a system of several: the fact's note says so, else the product is one."""
    return _noted(fact.note) or product


@lru_cache(maxsize=1 << 16)
def _noted(note: str) -> Literal["device", "system"] | None:
    if _OF_DEVICE.search(note):
        return "device"
    return "system" if _OF_SYSTEM.search(note) else None


def is_card(facts: Sequence[Fact]) -> tuple[bool, Fact | None]:
    """Whether a product is a card, and the fact that says so; no fact where the documents do not say it."""
    form = facts_of(facts, _FORM)
    if form:
        card = next((fact for fact in form if _CARD.search(fact.value)), None)
        return card is not None, card or form[0]
    noted = next((fact for fact in facts if _NOTED_CARD.search(fact.note)), None)
    return noted is not None, noted


def standing(facts: Sequence[Fact]) -> Standing:
    """Whether a product can be had, by its own facts on status, release and prices."""
    prices = [fact for fact in facts_of(facts, _PRICE) if quantity_of(fact)]
    priced = best_fact(prices) if prices else None
    rents = ordered(facts_of(facts, _RENT), "least")
    lowest = hourly = rents[0][0] if rents else None
    said: dict[State, Fact] = {}
    for fact in facts_of(facts, _STATUS):
        state = next((state for state, pattern in _STATES if pattern.search(fact.value)), None)
        if state:
            said.setdefault(state, fact)
        if state == "rented" or re.search(r"\brent", fact.value, re.I):
            hourly = hourly or fact
    released = next((fact for fact in facts_of(facts, _RELEASE) if re.search(r"\d", fact.value)), None)
    for state in _CERTAIN:
        if state in said and not (state in ("released", "announced") and (priced or hourly)):
            bought = said[state] if state == "sold" else priced if state in ("rented", "released") else None
            return Standing(state, said[state], hourly, bought, priced, lowest)
    if priced:
        return Standing("sold", priced, hourly, priced, priced, lowest)
    if hourly:
        return Standing("rented", hourly, hourly, rent=lowest)
    if released:
        return Standing("released", released)
    # That something was shown once says nothing about whether it came.
    return Standing("unknown", next(iter(facts_of(facts, _ANNOUNCED)), None))
