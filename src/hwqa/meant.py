"""Which attributes a question means, where its words name another one, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hwqa.names import Found, singular
from hwqa.units import canonical_unit, conversion
from hwqa.words import STOP_WORDS, content_words

_SPEED = re.compile(r"\b(?:fast(?:er|est)?|slow(?:er|est)?|quick(?:er|est)?|speed)\b", re.I)
_FASTER_ONE = re.compile(r"\b(?:fast|slow|quick)er\s+$", re.I)
"""Before a name it may tell two of one product apart: `the slower memory`."""
_FAR_APART = 10**4
"""Between units this far apart nobody converts: a length in millimetres is no process in nanometres."""
_SPEED_REACH = 30
"""Characters between an attribute's name and a word of speed that may still be said of it."""
_HEAD = re.compile(r"[ ]([a-z]{4,})\b")
_AUXILIARY = re.compile(r"\b(?:do|does|did|can|could|will|would|should|must|to)\b", re.I)
_NO_HEAD = re.compile(
    r"\w+(?:ed|able|ing|ly|er)|today|now|here|alone|wise|than|like|dense|sparse|less|least|fewer|first|"
    r"(?:config(?:uration)?|option|max(?:imum)?|min(?:imum)?|figure|number|value|spec|level|limit|budget|total|amount|need|requirement|usage)s?"
)
"""Words behind a noun that are no noun, or that only say that it has a value."""
_IN_UNIT = re.compile(
    r"(?:\bin|\(in|\(|\bhow many|\bnumber of)\s+((?:square |sq\.? ?)?[A-Za-zµ$€£°]+[²³23]?(?:/[A-Za-z]+)?)"
    r"(?=[\s,.;:?!)]|$)",
    re.I,
)
_A_SECOND = re.compile(r"\s+(?:a|per|every|each)\s+sec(?:ond)?\b", re.I)
_SQUARE = re.compile(r"(?:square |sq\.? ?)(\w+)", re.I)


def heads_of_compounds(text: str, found: Sequence[Found], names: Mapping[str, Sequence[str]]) -> list[Found]:
    """The names of attributes that only qualify the noun behind them: the `memory` of `memory interface`.

    Args:
        text: A question.
        found: Where it names attributes.
        names: Attribute → all its names: `capacity` behind `memory` names no other thing.

    >>> [text[name.start:name.end] for text in ["How wide is the memory interface?", "What memory does it have?"]
    ...  for name in heads_of_compounds(text, [Found(("Memory",), text.find("mem"), text.find("mem") + 6)], {})]
    ['memory']
    """
    qualifying = []
    for name in found:
        head = _HEAD.match(text, name.end)
        clause = re.split(r"[,;:]| and ", text[: name.start])[-1]
        begins_other = head is not None and any(other.start == head.start(1) for other in found)
        if head is None or begins_other or " " in text[name.start : name.end] or _AUXILIARY.search(clause):
            continue
        word = head[1]
        known = {word for value in name.values for own in names.get(value, ()) for word in content_words(own)}
        if word not in STOP_WORDS and not _NO_HEAD.fullmatch(word) and singular(word) not in known:
            qualifying.append(name)
    return qualifying


def by_speed(
    text: str,
    found: Sequence[Found],
    names: Mapping[str, Sequence[str]],
    units: Mapping[str, Sequence[str]],
    *,
    of_one: bool = False,
) -> dict[str, str]:
    """Attribute → the rate that is meant in its place where the question asks how fast it is.

    Args:
        text: A question, as `Whose memory is faster?`.
        found: Where it names attributes.
        names: Attribute → all its names.
        units: Attribute → units of its figures.
        of_one: Whether the question is about one product.

    >>> names = {"Memory": ("Memory",), "Memory rate": ("Memory rate",)}
    >>> by_speed("Whose memory is faster?", [Found(("Memory",), 6, 12)], names, {"Memory rate": ("GB/s",)})
    {'Memory': 'Memory rate'}
    """
    rates = [name for name, own in units.items() if own and "/s" in own[0] and "$" not in own[0]]
    meant: dict[str, str] = {}
    for name in found:
        said = text[name.start : name.end]
        around = text[max(0, name.start - _SPEED_REACH) : name.end + _SPEED_REACH]
        one_of_two = of_one and _FASTER_ONE.search(text[: name.start])
        if _SPEED.search(said) or not _SPEED.search(around) or name.values[0] in rates or one_of_two:
            continue
        words = set(content_words(said))
        fitting = [rate for rate in rates if words and any(words <= set(content_words(own)) for own in names[rate])]
        if fitting:
            meant[name.values[0]] = fitting[0]
    return meant


def by_unit(text: str, units: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The attributes whose unit the question asks for: `in GHz`, `how many watts`; of a unit that one alone has.

    >>> by_unit("How large, in mm², is the chip?", {"Die size": ("mm²",), "Memory": ("GB",)})
    ('Die size',)
    """
    meant = []
    for unit in units_asked(text):
        fitting = [name for name, own in units.items() if own and near_in_size(unit, own[0])]
        if len(fitting) == 1:
            meant.append(fitting[0])
    return tuple(dict.fromkeys(meant))


def near_in_size(unit: str, other: str) -> bool:
    """Whether figures in one unit are given in the other too: kilowatts in watts, millimetres not in nanometres.

    >>> near_in_size("kW", "W"), near_in_size("mm²", "GB")
    (True, False)
    """
    factor = conversion(unit, other)
    return factor is not None and 1 / _FAR_APART <= factor <= _FAR_APART


def units_asked(text: str) -> Iterator[str]:
    """The units in which the question wants its answer.

    >>> list(units_asked("What is its bandwidth in GB/s?")), list(units_asked("How many tokens a second in Rome?"))
    (['GB/s'], ['token/s'])
    """
    for match in _IN_UNIT.finditer(text):
        unit = match[1]
        squared = _SQUARE.fullmatch(unit)
        if squared is not None:
            unit = {"millimet": "mm", "centimet": "cm"}.get(squared[1][:8].casefold(), squared[1]) + "2"
        above, slash, below = unit.partition("/")
        parts = [canonical_unit(part) for part in ((above, below) if slash else (above,))]
        canonical = "/".join(part for part in parts if part) if all(parts) else None
        if canonical is not None and (len(unit) > 1 or unit in "WgVA$€£"):
            yield f"{canonical}/s" if _A_SECOND.match(text, match.end()) else canonical
