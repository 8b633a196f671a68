"""A quantity as a text gives it, and when two of them say the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from hwqa.units.symbols import conversion, is_binary

Kind = Literal["measure", "count", "ratio", "percent", "money", "date", "version", "ordinal"]
Relation = Literal["", "<", "≤", "≥", ">"]

TOLERANCE_OF_ABOUT = Decimal("0.05")
"""How far `about 5 TB/s` may be from the figure, as a share of it."""
TOLERANCE_OF_BINARY = Decimal("0.001")
"""How far GiB and GB may differ after conversion: 80 GiB is no rounded 86 GB."""
RELATION_WORDS = {"≥": "at least", "≤": "up to", ">": "more than", "<": "less than"}
SCALES = {3: "k", 6: "M", 9: "B", 12: "T"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what the text says about it.

    A `Decimal` keeps the digits as they were written: `4.80` has three, `28k` is `Decimal('2.8E+4')` and has two.
    Dates are numbers of their digits: 2023, 202311 or 20231113; the second quarter of 2025 is 20252.
    """

    kind: Kind
    low: Decimal
    high: Decimal
    """Equal to `low` unless the text gives a range."""
    unit: str = ""
    """Canonical unit as in `TB/s`; empty for counts, dates, versions and ordinals."""
    approximate: bool = False
    relation: Relation = ""
    start: int = field(default=0, compare=False)
    """Offset of the first character of the number or its currency in the text."""
    end: int = field(default=0, compare=False)
    """Offset after the last character of the unit."""
    raw: str = field(default="", compare=False)
    """The characters from `start` to `end`."""

    @property
    def is_range(self) -> bool:
        """Whether the text gives two ends."""
        return self.low != self.high

    @property
    def digits(self) -> int:
        """Significant digits of the (lower) number as written; trailing zeros count, those of a scale (28k) do not."""
        return len(self.low.as_tuple().digits)


def convert(quantity: Quantity, unit: str) -> Quantity | None:
    """The quantity in another unit, or None when it cannot be converted."""
    factor = conversion(quantity.unit, unit)
    if factor is None:
        return None
    return Quantity(
        quantity.kind,
        quantity.low * factor,
        quantity.high * factor,
        unit,
        quantity.approximate,
        quantity.relation,
        quantity.start,
        quantity.end,
        quantity.raw,
    )


def compare(first: Quantity, second: Quantity) -> int | None:
    """-1, 0 or 1 as the first is less than, overlaps or exceeds the second; None when units differ in kind."""
    factor = conversion(second.unit, first.unit)
    if factor is None:
        return None
    if first.high < second.low * factor:
        return -1
    if first.low > second.high * factor:
        return 1
    return 0


def same(claimed: Quantity, source: Quantity) -> bool:
    """Whether the source supports the claimed quantity, to the digits that the claim writes.

    - Units are converted; GB and GiB, bit and byte are different units.
    - A claim of two or more digits may be the correctly rounded source: 5.3 TB/s for 5.325 TB/s. Written zeros count:
      1,300 is not 1,307.4, but 1.3 P is, and 5 TB/s is not 4.8 TB/s.
    - `about` also allows written zeros and a single digit to be rounded, within 5 %: about 1,300, about 5 TB/s.
    - A range equals a range; one end of it needs the word: `up to` the upper, `at least` the lower one.
    - `at least` does not support `at most`; `more than 141 GB` is not supported by 141 GB.
    - A date may be told less exactly than the source has it, never more exactly.
    """
    if claimed.kind == "date" and source.kind == "date":
        return _same_date(claimed, source)
    if claimed.kind == "version" and source.kind == "version":
        return claimed.low.as_tuple() == source.low.as_tuple()  # 2.1 is not 2.10
    if "date" in (claimed.kind, source.kind) or "version" in (claimed.kind, source.kind):
        return claimed.low == source.low and claimed.unit == source.unit and not claimed.is_range
    if "ordinal" in (claimed.kind, source.kind) and claimed.kind != source.kind:
        return False
    factor = conversion(source.unit, claimed.unit)
    if factor is None:
        return False
    low, high = source.low * factor, source.high * factor
    binary = is_binary(claimed.unit) != is_binary(source.unit)
    if claimed.is_range:
        return _rounds(claimed, claimed.low, low, binary) and _rounds(claimed, claimed.high, high, binary)
    if source.is_range:
        end = {"≤": high, "≥": low}.get(claimed.relation)
        return end is not None and _rounds(claimed, claimed.low, end, binary)
    if not _relations_agree(claimed.relation, source.relation):
        return False
    if claimed.relation in (">", "<") and claimed.relation != source.relation:
        above = low > claimed.low if claimed.relation == ">" else low < claimed.low
        return above and abs(low - claimed.low) <= TOLERANCE_OF_ABOUT * abs(low)
    return _rounds(claimed, claimed.low, low, binary)


def format_quantity(quantity: Quantity) -> str:
    """The quantity as text that reads back as the same quantity.

    >>> format_quantity(Quantity("measure", Decimal("1300"), Decimal("1300"), "TFLOPS", approximate=True))
    'about 1,300 TFLOPS'
    """
    if quantity.kind == "date":
        return _format_date(quantity)
    if quantity.kind == "ordinal":
        return _ordinal(int(quantity.low))
    if quantity.kind == "version":
        return f"v{quantity.low}"
    words = [RELATION_WORDS[quantity.relation]] if quantity.relation else []
    words += ["about"] if quantity.approximate else []
    currency = quantity.unit[0] if quantity.kind == "money" else ""
    rest = quantity.unit[len(currency) :]
    ends = [quantity.low, quantity.high] if quantity.is_range else [quantity.low]
    number = "–".join(currency + _number(end) for end in ends)
    glue = "" if not rest or rest[0] in "×/" else " "
    return " ".join([*words, number + glue + rest])


def _rounds(claimed: Quantity, claim: Decimal, source: Decimal, binary: bool) -> bool:
    if claim == source:
        return True
    gap = abs(claim - source)
    if binary:
        return gap <= TOLERANCE_OF_BINARY * abs(source)
    written = claim.as_tuple()
    exponent = int(written.exponent)
    if not claimed.approximate:
        return len(written.digits) >= 2 and gap <= Decimal(5).scaleb(exponent - 1)
    zeros = len(written.digits) - len("".join(map(str, written.digits)).rstrip("0"))
    return gap <= Decimal(5).scaleb(exponent + zeros - 1) and gap <= TOLERANCE_OF_ABOUT * abs(source)


def _relations_agree(claimed: Relation, source: Relation) -> bool:
    if source in ("<", ">"):
        return claimed == source
    return {claimed, source} not in ({"≤", "≥"}, {"≤", ">"}, {"≥", "<"})


def _same_date(claimed: Quantity, source: Quantity) -> bool:
    if claimed.is_range or source.is_range:
        return claimed.low == source.low and claimed.high == source.high
    claim, date = str(claimed.low), str(source.low)
    if len(claim) == 5 and len(date) >= 6:
        return claim == f"{date[:4]}{(int(date[4:6]) + 2) // 3}"
    if len(date) == 5 and len(claim) != 4:
        return claim == date
    return date.startswith(claim)


MONTHS = "January February March April May June July August September October November December".split()


def _format_date(quantity: Quantity) -> str:
    def one(number: Decimal) -> str:
        text = str(number)
        if len(text) == 5:
            return f"Q{text[4]} {text[:4]}"
        return "-".join(part for part in (text[:4], text[4:6], text[6:8]) if part)

    words = "about " if quantity.approximate else ""
    return words + (one(quantity.low) if not quantity.is_range else f"{one(quantity.low)}–{one(quantity.high)}")


def _number(value: Decimal) -> str:
    exponent = int(value.as_tuple().exponent)
    if exponent <= 0:
        return f"{value:,f}"
    power = next((power for power in SCALES if power >= exponent), max(SCALES))
    return f"{value.scaleb(-power):,f}{SCALES[power]}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
