"""Units of the field: how people spell them, what they measure, and how they convert.

Prefixes of one stem (GB/s, TB/s) are powers of ten or of 1,024 and are resolved here, and so are bits, bytes and hours.
Rarer stems of one dimension (watt-hours and joules, months and years) are converted by pint, which is loaded when the
first such pair is met: importing it and building its registry took 0.46 s, more than a whole answer may take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from hwqa.units import everyday

DECIMAL_PREFIXES = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY_PREFIXES = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5}
SMALL_PREFIXES = {"m": -3, "µ": -6, "n": -9, "p": -12}
PREFIX_WORDS = {"k": "kilo", "M": "mega", "G": "giga", "T": "tera", "P": "peta", "E": "exa"}
COMMON_STEMS = {
    "bit": Decimal(1),
    "byte": Decimal(8),
    "second": Decimal(1),
    "minute": Decimal(60),
    "hour": Decimal(3600),
    "day": Decimal(86_400),
}
"""Sizes of stems that nearly every answer meets, so that pint is not loaded for them; the tests ask pint."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a unit without denominator measures."""

    dimension: str
    """Units of one dimension can be converted into each other."""
    stem: str
    """pint's name of the unit without prefix, or the name of a unit that pint does not know."""
    factor: Decimal
    """How many of the stem one of this unit is."""


def _symbols() -> dict[str, Symbol]:
    table: dict[str, Symbol] = {}

    def add(name: str, dimension: str, stem: str, factor: Decimal = Decimal(1)) -> None:
        table[name] = Symbol(dimension, stem, factor)

    for prefix, power in DECIMAL_PREFIXES.items():
        factor = Decimal(1).scaleb(power)
        for name, dimension, stem in (
            ("B", "data", "byte"),
            ("bit", "data", "bit"),
            ("FLOPS", "floating-point operations", "FLOPS"),
            ("OPS", "operations", "OPS"),
            ("T/s", "transfers", "T/s"),
            ("Hz", "frequency", "hertz"),
            ("W", "power", "watt"),
            ("Wh", "energy", "watt_hour"),
            ("token", "tokens", "token"),
        ):
            add(prefix + name, dimension, stem, factor)
    for prefix, power in BINARY_PREFIXES.items():
        factor = Decimal(1024) ** power
        add(prefix + "B", "data", "byte", factor)
        add(prefix + "bit", "data", "bit", factor)
    for prefix, power in SMALL_PREFIXES.items():
        factor = Decimal(1).scaleb(power)
        add(prefix + "s", "time", "second", factor)
        add(prefix + "m", "length", "metre", factor)
        add(prefix + "W", "power", "watt", factor)
    add("cm", "length", "metre", Decimal("0.01"))
    add("mm²", "area", "metre²", Decimal("1e-6"))
    add("cm²", "area", "metre²", Decimal("1e-4"))
    for name, stem in (
        ("s", "second"),
        ("min", "minute"),
        ("h", "hour"),
        ("day", "day"),
        ("week", "week"),
        ("month", "month"),
        ("year", "year"),
    ):
        add(name, "time", stem)
    add("J", "energy", "joule")
    add("V", "voltage", "volt")
    add("°C", "temperature", "°C")
    add("%", "percentage", "%")
    add("×", "ratio", "×")
    for name in ("$", "€", "£", "¥"):
        add(name, f"money in {name}", name)
    for name, unit in everyday.UNITS.items():
        add(name, *unit)
    return table


SYMBOLS = _symbols()
"""Canonical spelling → what it measures."""


def _spellings() -> dict[str, str]:
    """Every other way to write a unit → its canonical spelling."""
    names: dict[str, str] = {}
    for prefix in DECIMAL_PREFIXES:
        word = PREFIX_WORDS.get(prefix, "")
        for data, long in (("B", "byte"), ("bit", "bit")):
            for spelling in (f"{word}{long}", f"{word}{long}s"):
                names[spelling] = prefix + data
        for spelling in ("FLOP/s", "FLOPs", "FLOP", "Flops", "flops", "FLOPs/s", "flop/s"):
            names[prefix + spelling] = prefix + "FLOPS"
        for spelling in ("OP/s", "OPs", "Ops"):
            names[prefix + spelling] = prefix + "OPS"
        if prefix:
            names |= {prefix + "b": prefix + "bit", prefix + "bits": prefix + "bit", prefix + "bps": prefix + "bit/s"}
            names |= {prefix + "Bps": prefix + "B/s", prefix + "bE": prefix + "bit/s", word + "flops": prefix + "FLOPS"}
            names |= {word + "flop": prefix + "FLOPS", word + "watt": prefix + "W", word + "watts": prefix + "W"}
            names |= {word + "hertz": prefix + "Hz", prefix + "watt": prefix + "W"}
    for prefix in ("G", "T", "P"):
        names[prefix + "F"] = prefix + "FLOPS"
    for prefix in BINARY_PREFIXES:
        names[prefix + "b"] = prefix + "bit"
    names |= {f"{word}bibyte{s}": p + "B" for word, p in (("gi", "Gi"), ("me", "Mi"), ("te", "Ti")) for s in ("", "s")}
    names |= {"bits": "bit", "watt": "W", "watts": "W", "Watt": "W", "Watts": "W", "volt": "V", "volts": "V"}
    names |= {"KB": "kB", "KW": "kW", "Kb": "kbit", "um": "µm", "μm": "µm", "us": "µs", "μs": "µs", "joules": "J"}
    names |= {"mm2": "mm²", "mm^2": "mm²", "sqmm": "mm²", "cm2": "cm²", "cm^2": "cm²", "°": "°C"}
    names |= {"tok": "token", "tokens": "token", "toks": "token", "tps": "token/s", "TPS": "token/s"}
    names |= {"t/s": "token/s", "T/s": "token/s", "Mtok": "Mtoken", "Mtokens": "Mtoken"}
    for word, unit in (("second", "s"), ("minute", "min"), ("hour", "h"), ("millisecond", "ms"), ("microsecond", "µs")):
        names |= {word: unit, word + "s": unit}
    names |= {"sec": "s", "secs": "s", "hr": "h", "hrs": "h", "mins": "min", "nanosecond": "ns", "nanoseconds": "ns"}
    names |= {word + "s": word for word in ("day", "week", "month", "year")}
    names |= {"nanometer": "nm", "nanometre": "nm", "nanometers": "nm", "nanometres": "nm"}
    names |= {"percent": "%", "pct": "%", "x": "×", "X": "×"}
    names |= {"US$": "$", "USD": "$", "dollar": "$", "dollars": "$", "EUR": "€", "euro": "€", "euros": "€"}
    names |= {"GBP": "£", "CNY": "¥", "RMB": "¥", "yuan": "¥"}
    return names


SPELLINGS = _spellings()
_LOWER = {
    spelling.lower(): canonical
    for source in (SPELLINGS, {name: name for name in SYMBOLS if len(name) > 1 and name not in everyday.UNITS})
    for spelling, canonical in source.items()
    if len(spelling) > 1
} | {spelling: canonical for spelling, canonical in everyday.SPELLINGS.items() if len(spelling) > 4}
"""Carelessly cased spellings; where two units differ by case alone (Gb, GB) the byte, listed later, wins."""


@lru_cache(maxsize=4096)
def canonical_unit(spelling: str) -> str | None:
    """The canonical spelling of a unit without denominator, or None when the word is no unit.

    >>> canonical_unit("teraflops"), canonical_unit("Gbps"), canonical_unit("gb"), canonical_unit("GPUs")
    ('TFLOPS', 'Gbit/s', 'GB', None)
    """
    if spelling in SYMBOLS:
        return spelling
    return SPELLINGS.get(spelling) or everyday.SPELLINGS.get(spelling) or _LOWER.get(spelling.lower())


@lru_cache(maxsize=4096)
def _parts(unit: str) -> tuple[Symbol, Symbol | None] | None:
    """Numerator and denominator of a canonical unit; None when the unit is not known."""
    if unit in SYMBOLS:
        return SYMBOLS[unit], None
    above, slash, below = unit.rpartition("/")
    if not slash or above not in SYMBOLS or below not in SYMBOLS:
        return None
    return SYMBOLS[above], SYMBOLS[below]


def dimension(unit: str) -> str:
    """What a canonical unit measures: units convert into each other when this is equal.

    >>> dimension("TB/s") == dimension("GiB/s") == dimension("Gbit/s")
    True
    """
    parts = _parts(unit)
    if parts is None:
        return unit
    above, below = parts
    return above.dimension if below is None else f"{above.dimension} per {below.dimension}"


def is_binary(unit: str) -> bool:
    """Whether the unit has a prefix of 1,024, such as GiB."""
    return re.match(r"[KMGTP]i", unit) is not None


@cache
def _registry() -> Any:
    import pint  # noqa: PLC0415 - 0.26 s, and most pairs of units never need it

    return pint.UnitRegistry(non_int_type=Decimal)


@lru_cache(maxsize=4096)
def conversion(unit: str, target: str) -> Decimal | None:
    """How many of `target` one of `unit` is, exactly; None when they measure different things.

    >>> conversion("TB/s", "GB/s"), conversion("Gbit/s", "GB/s"), conversion("W", "GB")
    (Decimal('1E+3'), Decimal('0.125'), None)
    """
    if unit == target:
        return Decimal(1)
    source, goal = _parts(unit), _parts(target)
    if source is None or goal is None or dimension(unit) != dimension(target):
        return None
    factor = _stem_factor(source[0].stem, goal[0].stem) * source[0].factor / goal[0].factor
    if source[1] is not None and goal[1] is not None:
        factor *= _stem_factor(goal[1].stem, source[1].stem) * goal[1].factor / source[1].factor
    return factor


def _stem_factor(stem: str, target: str) -> Decimal:
    if stem == target:
        return Decimal(1)
    if stem in COMMON_STEMS and target in COMMON_STEMS:
        return COMMON_STEMS[stem] / COMMON_STEMS[target]
    return Decimal(_registry().Quantity(Decimal(1), stem).to(target).magnitude)
