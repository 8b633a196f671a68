"""Cells of a column → what sorts them by amount: 1 TB behind 900 GB, words behind figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hwqa.units import Quantity, conversion


def order_keys(column: Sequence[Quantity | None]) -> list[str]:
    """For each cell a number as text that sorts the column; empty where a cell cannot be set against the others.

    >>> from hwqa.units import find_quantities
    >>> order_keys([find_quantities(text)[0] for text in ("1 TB", "900 GB")] + [None])
    ['1', '0.9', '']
    """
    units = Counter(quantity.unit for quantity in column if quantity is not None)
    if not units:
        return [""] * len(column)
    unit = units.most_common(1)[0][0]
    return [_key(quantity, unit) for quantity in column]


def _key(quantity: Quantity | None, unit: str) -> str:
    if quantity is None:
        return ""
    if quantity.kind == "date":
        return _day(str(quantity.low))
    factor = 1 if quantity.unit == unit else conversion(quantity.unit, unit)
    return "" if factor is None else f"{float((quantity.low + quantity.high) / 2 * factor):.9g}"


def _day(digits: str) -> str:
    """The digits of a date as those of a day: 2023, 20252 (a quarter) and 202311 can then be set in order.

    >>> _day("20252"), _day("2025")
    ('20250400', '20250000')
    """
    if len(digits) == 5:
        digits = f"{digits[:4]}{3 * int(digits[4]) - 2:02d}"
    return digits.ljust(8, "0")
