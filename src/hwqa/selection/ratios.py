"""One attribute for each unit of another: `most memory bandwidth per watt`, `price per GB`, `TFLOPS/W`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from hwqa.names import Found
from hwqa.schema import Fact
from hwqa.selection.figures import quantity_of
from hwqa.spoken import blanked
from hwqa.units import Quantity, conversion, convert, find_quantities

_PER = re.compile(
    r"\b(?:per|for (?:each|every|the)|relative to|compared to|in relation to|divided by)\b(?: its| the| their| one)?"
    r"|(?<=[^\W\d])\s?/\s?(?=[^\W\d]|\$)",
    re.I,
)
_WORK = re.compile(r"\b(?:performance|perf|compute|flops|throughput of arithmetic)\s*$", re.I)
"""Words for arithmetic at large, which peaks are figures of."""
_OF_WORK = "TFLOPS"
_LEAST = re.compile(r"\b(least|lowest|smallest|fewest|cheapest|minimum)\b", re.I)
_MOST = re.compile(r"\b(most|highest|largest|biggest|greatest|maximum|worst|dearest)\b", re.I)
_BOUNDING = re.compile(r"\bat (?:least|most)\b", re.I)
_HOURLY = re.compile(r"\b(?:rent\w*|hour\w*|cloud)\b", re.I)
_NEAR = 24
"""Characters within which the second attribute begins."""
_SMALL = Decimal("0.1")
_LARGE = Decimal(1000)
_SMALLER = {"P": "T", "T": "G", "G": "M", "M": "k"}
"""Prefix of a unit → the prefix of a thousandth of it."""
_MONEY = Decimal(1000)
"""What amounts are told for, where they are divided by money: 16 GB for $1,000 says more than 0.016 GB for $1."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """What is asked for, and which end of the order."""

    over: str
    """The attribute that is divided."""
    under: str
    """The attribute that it is divided by."""
    direction: Literal["most", "least"]
    units: tuple[str, str] = ("", "")
    """Those that the figures of both are reckoned in."""

    @property
    def name(self) -> str:
        """What a column of such quotients is called: `Memory bandwidth per W`."""
        unit = self.units[1]
        return f"{self.over} per {'dollar' if unit == '$' else unit}"


def asked_ratio(text: str, names: Callable[[str], Sequence[Found]], units: Mapping[str, Sequence[str]]) -> Ratio | None:
    """The ratio of two attributes that the text asks for; None where it asks for none.

    Args:
        text: A question or wish, without the names of products.
        names: Finds the names of attributes in a text.
        units: Attribute → units of its figures, the attribute with most figures first.

    >>> from hwqa.names import NameFinder
    >>> units = {"Power": ("W",), "Memory speed": ("TB/s",), "Price": ("$",), "Memory": ("GB",)}
    >>> finder = NameFinder({name: (name,) for name in units})
    >>> asked_ratio("most memory speed per watt", finder, units)
    Ratio(over='Memory speed', under='Power', direction='most', units=('TB/s', 'W'))
    >>> asked_ratio("price per GB", finder, units)
    Ratio(over='Price', under='Memory', direction='least', units=('$', 'GB'))
    """
    # amounts and their bounds are no part of a quotient, and `at least` is no end of an order
    text = blanked(text, [(found.start, found.end) for found in find_quantities(text)])
    text = _BOUNDING.sub(" ", text)
    for match in _PER.finditer(text):
        under = _beginning(text[match.end() :], text, names, units)
        over = _end(text[: match.start()], text, names, units) if under else ""
        if over and over != under and under and not _is_rate_of_work(units[over][0], text):
            costs = units[over][0].startswith("$")
            least = bool(_LEAST.search(text)) or (costs and not _MOST.search(text))
            return Ratio(over, under, "least" if least else "most", (units[over][0], units[under][0]))
    return None


def _is_rate_of_work(unit: str, text: str) -> bool:
    """Whether figures of the unit mean nothing without the work, such as a model, of which the text names none."""
    return "token" in unit and not re.search(r"\b(?=\w*\d)(?=\w*[^\W\d])\w+", text)


def _beginning(
    text: str, question: str, names: Callable[[str], Sequence[Found]], units: Mapping[str, Sequence[str]]
) -> str:
    """The measured attribute that the text begins with, by its name or by a unit."""
    word = re.match(r"\s*(?:\$|[^\W\d]+)", text)
    by_unit = _of_unit(word[0].strip(), question, names, units) if word else ""
    named = [found for found in names(text) if found.start < _NEAR and not re.search(r"[,;?.]", text[: found.start])]
    of_name = next((value for found in named for value in found.values if value in units), "")
    return by_unit or of_name


def _end(text: str, question: str, names: Callable[[str], Sequence[Found]], units: Mapping[str, Sequence[str]]) -> str:
    """The measured attribute that the text ends with, by its name or by a unit."""
    word = re.search(r"(?:[^\W\d]+(?:/[^\W\d]+)?)\s*$", text)
    named = [(found, value) for found in names(text) for value in found.values if value in units]
    if named and not re.search(r"[^\W\d]", text[named[-1][0].end :]):
        return named[-1][1]
    unit = _OF_WORK if _WORK.search(text) else word[0].strip() if word else ""
    return _of_unit(unit, question, names, units) or (named[-1][1] if named else "")


def _of_unit(
    unit: str, question: str, names: Callable[[str], Sequence[Found]], units: Mapping[str, Sequence[str]]
) -> str:
    """The attribute whose figures have the unit: one that the question names, else that with most figures."""
    found = find_quantities(f"1 {unit}")
    if len(found) != 1 or not found[0].unit:
        return ""
    wanted = found[0].unit
    if wanted == "$" and _HOURLY.search(question):
        wanted = "$/h"
    fitting = [name for name, own in units.items() if own and conversion(own[0], wanted) is not None]
    asked = [value for each in names(question) for value in each.values if value in fitting]
    return next(iter([*asked, *fitting]), "")


@dataclass(frozen=True, slots=True)
class Quotient:
    """How much of the one there is for the other."""

    value: Decimal
    """In the unit of the first figure for one of the second's unit."""
    text: str
    """As in `4.17 GB/s per W`."""
    facts: tuple[Fact, Fact]
    """What is divided, and by what."""

    @property
    def reckoned(self) -> str:
        """The division, as in `300 GB/s / 72 W`."""
        return f"{self.facts[0].value} / {self.facts[1].value}"


def quotient(ratio: Ratio, over: Fact | None, under: Fact | None) -> Quotient | None:
    """The figure of one fact for each unit of the other's; None where one of them is none, or not of the units.

    Of a range, the end that stands worse counts.
    """
    above, below = (quantity_of(fact) if fact is not None else None for fact in (over, under))
    first = convert(above, ratio.units[0]) if above else None
    second = convert(below, ratio.units[1]) if below else None
    if over is None or under is None or first is None or second is None:
        return None
    value, divisor = (first.low, second.high) if ratio.direction == "most" else (first.high, second.low)
    if divisor <= 0:
        return None
    return Quotient(value / divisor, _told(value / divisor, *ratio.units), (over, under))


def _told(value: Decimal, unit: str, per: str) -> str:
    """The quotient with both units, as a reader sees it."""
    of_money = per.startswith("$")
    told = Quantity("measure", value * (_MONEY if of_money else 1), Decimal(0), unit)
    while told.low < _SMALL and (less := _in_smaller_unit(told)) is not None:
        told = less
    divisor = per.replace("$", "$1,000" if not per.startswith("$/") else "$1,000 ") if of_money else per
    divisor = divisor.replace("$1,000 /h", "$1,000 an hour")
    if told.unit.startswith("$"):
        return f"${_digits(told.low)}{told.unit[1:]} per {divisor}"
    return f"{_digits(told.low)} {told.unit} per {divisor}"


def _in_smaller_unit(quantity: Quantity) -> Quantity | None:
    prefix = _SMALLER.get(quantity.unit[:1])
    return convert(quantity, prefix + quantity.unit[1:]) if prefix else None


def _digits(value: Decimal) -> str:
    """The number to three digits; all digits in front of the point."""
    if value >= _LARGE:
        return f"{value:,.0f}"
    digits = max(0, 2 - value.adjusted()) if value else 0
    return f"{value:,.{digits}f}"
