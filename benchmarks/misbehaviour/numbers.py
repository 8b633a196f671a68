"""Whether every number of a finished answer stands in what its sentence cites: a second opinion, of few rules.

It shares nothing with `hwqa.grounding` and `hwqa.units`: sentences, numbers, units and names are found by rules of its
own, units are converted by pint. A number counts as supported when

- one of the quotes that its sentence cites holds it, equal after conversion and to the digits written; where the quote
  is a table row, the unit may stand in the table's header;
- it is a multiple, share or difference of two cited figures of one kind;
- it is part of a name that the quote, its headings or the question write so, or, in a heading of the answer, those
  of any of its citations;
- the answer's own table or calculation holds it.

What it does not judge is which product a number is said of: see `drafts.survivors` for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from pathlib import Path

import pint

from hwqa.schema import Answer, Citation

_MARK = re.compile(r"\[(\d+)\]")
_END = re.compile(r"(?<=[.!?])((?:\s*\[\d+\])*)\s+(?=[^\sa-z])")
_NUMBER = re.compile(
    r"(?<![A-Za-z\d.,_])([$€£]?)\s?(\d[\d,]*(?:\.\d+)?)(?![\d])(?:[\s\u00a0\u202f-]?([A-Za-z%×°µ]+(?:/[a-zA-Z]+)?))?"
)
_FACTOR = re.compile(r"\b(twice|double|half|triple|thrice|a third|a quarter)\b", re.IGNORECASE)
_FACTORS = {"twice": 2, "double": 2, "half": 0.5, "triple": 3, "thrice": 3, "a third": 1 / 3, "a quarter": 0.25}
_UNITS = {
    "TFLOPS": "teraflops", "PFLOPS": "petaflops", "GFLOPS": "gigaflops", "TOPS": "teraflops", "POPS": "petaflops",
    "TFLOP/s": "teraflops", "GB": "gigabyte", "TB": "terabyte", "MB": "megabyte", "KB": "kilobyte", "kB": "kilobyte",
    "GiB": "gibibyte", "TiB": "tebibyte", "MiB": "mebibyte", "KiB": "kibibyte", "GB/s": "gigabyte/second",
    "TB/s": "terabyte/second", "MB/s": "megabyte/second", "GiB/s": "gibibyte/second", "W": "watt", "kW": "kilowatt",
    "MW": "megawatt", "watts": "watt", "GHz": "gigahertz", "MHz": "megahertz", "nm": "nanometer", "mm": "millimeter",
    "Gb/s": "gigabit/second", "Tb/s": "terabit/second", "Gbit/s": "gigabit/second", "Gbps": "gigabit/second",
    "GT/s": "gigahertz", "ms": "millisecond", "s": "second", "us": "microsecond", "µs": "microsecond",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9]*(?:[A-Za-z]\d|\d[A-Za-z])[A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a text writes it."""

    text: str
    value: float
    digits: int
    """Decimal places written."""
    unit: str
    """As written; `$` and the like for prices; empty when none follows."""
    before: str = ""
    """The word in front, when it may be part of a name: `A100` of `A100 80GB`."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A number that no cited quote holds."""

    number: str
    sentence: str
    quotes: tuple[str, ...]


def unsupported(answer: Answer, corpus: Path) -> list[Unsupported]:
    """The numbers of the answer's text that nothing cited holds."""
    cited = {citation.number: citation for citation in answer.citations}
    own = " ".join([str(answer.table or ""), str(answer.calculation or "")])
    found = []
    for sentence in sentences(answer.text):
        marks = [int(number) for number in _MARK.findall(sentence)]
        missing = [number for number in marks if number not in cited]
        found += [Unsupported(f"[{number}]", sentence, ()) for number in missing]
        sources = [cited[number] for number in marks if number in cited]
        held = [reading(source, corpus) for source in sources]
        # a heading cites nothing and may name what the answer cites: `## Alpha CS-3`
        trails = [each.trail for each in (answer.citations if sentence.lstrip().startswith("#") else sources)]
        named = " ".join([*trails, answer.question, answer.standalone_question])
        plain = _MARK.sub(" ", sentence)
        found += [
            Unsupported(number.text, sentence, tuple(source.quote for source in sources))
            for number in numbers(plain)
            if not _is_supported(number, plain, held, named) and not _holds(numbers(own), number)
        ]
    return found


def sentences(text: str) -> Iterator[str]:
    """Sentences, list items and table cells, each with its marks."""
    for line in text.split("\n"):
        if line.lstrip().startswith("|"):
            cells = line.strip().strip("|").split("|")
            row = " ".join(f"[{number}]" for number in _MARK.findall(line))
            # a cell without a mark of its own rests on those of its row
            yield from (cell if _MARK.search(cell) else f"{cell} {row}" for cell in cells if cell.strip(" -:"))
            continue
        begin = 0
        body = re.sub(r"^\s*\d{1,2}[.)]\s", "", line)
        for match in _END.finditer(body):
            yield body[begin : match.end()]
            begin = match.end()
        if body[begin:].strip():
            yield body[begin:]


def numbers(text: str) -> list[Number]:
    """The numbers of a text that are no parts of names."""
    original = text
    text = _NAME.sub(lambda match: match[0] if _is_quantity(match[0]) else " " * len(match[0]), text)
    found = []
    for match in _NUMBER.finditer(text):
        sign, digits, unit = match[1], match[2].rstrip(","), match[3] or ""
        value = float(digits.replace(",", ""))
        if sign and unit.lower() in ("k", "m"):
            value *= 1000 if unit.lower() == "k" else 1_000_000
            unit = ""
        if unit in ("million", "billion"):
            value *= 1e6 if unit == "million" else 1e9
        places = len(digits.partition(".")[2])
        known = unit if unit in _UNITS or unit in ("%", "×", "x", "times") else ""
        before = re.search(r"([A-Z][\w.-]*)\s?$", original[: match.start()])
        found.append(Number(match[0].strip(), value, places, sign or known, before[1] if before else ""))
    return found


def reading(citation: Citation, corpus: Path) -> str:
    """The quote; of a table row, with the header of its table in front, where units may stand."""
    if not citation.quote.lstrip().startswith("|"):
        return citation.quote
    lines = (corpus / citation.path).read_text("utf-8").split("\n")
    first = citation.lines[0] - 1
    while first > 0 and lines[first - 1].lstrip().startswith("|"):
        first -= 1
    return f"{lines[first]}\n{citation.quote}"


def _is_quantity(word: str) -> bool:
    match = re.fullmatch(r"(\d[\d.]*)([A-Za-z%]+)", word)
    return match is not None and (match[2] in _UNITS or match[2] in ("k", "x"))


def _is_supported(number: Number, sentence: str, held: Sequence[str], named: str) -> bool:
    figures = [figure for quote in held for figure in numbers(quote)]
    if _holds(figures, number):
        return True
    if number.before and f"{number.before} {number.text}" in f"{named} {' '.join(held)}":
        return True
    if not number.unit and re.search(
        rf"(?<![\d.,]){re.escape(number.text.split()[0])}(?![\d])", f"{named} {' '.join(held)}"
    ):
        return True
    if number.unit in ("×", "x", "times", "%"):
        return any(_is_ratio(number, one, other) for one, other in permutations(figures, 2) if _alike(one, other))
    return any(
        _equal(abs(_base(one) - _base(other)), number) for one, other in permutations(figures, 2) if _alike(one, other)
    ) and bool(re.search(r"\b(more|less|fewer|higher|lower|difference|larger|smaller)\b", sentence))


def _holds(figures: Sequence[Number], number: Number) -> bool:
    """Whether one of the figures is the number; where only one of the two has a unit, as in a table's cell, the value
    decides."""
    return any(
        _equal(_base(figure), number)
        if _alike(figure, number)
        else not (figure.unit and number.unit) and figure.value == number.value
        for figure in figures
    )


def _is_ratio(number: Number, one: Number, other: Number) -> bool:
    if not _base(other):
        return False
    ratio = _base(one) / _base(other)
    made = [ratio] if number.unit != "%" else [100 * ratio, 100 * (ratio - 1), 100 * (1 - ratio)]
    return any(abs(value - number.value) <= 0.5 * 10**-number.digits + 1e-9 for value in made)


def _equal(base: float, number: Number) -> bool:
    """Whether a value in base units is the number, to the digits written."""
    own = _base(number)
    step = own / number.value if number.value else 1.0
    return abs(base - own) <= 0.5 * step * 10**-number.digits + 1e-9 * abs(own)


def _alike(one: Number, other: Number) -> bool:
    return _dimension(one.unit) == _dimension(other.unit)


def _base(number: Number) -> float:
    if number.unit not in _UNITS:
        return number.value
    return float(_registry().Quantity(number.value, _UNITS[number.unit]).to_base_units().magnitude)


@cache
def _dimension(unit: str) -> str:
    if unit not in _UNITS:
        return "×" if unit in ("x", "times") else unit
    return str(_registry().Quantity(1, _UNITS[unit]).to_base_units().units)


@cache
def _registry() -> pint.UnitRegistry[float]:
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    registry.define("operation = [operations]")
    registry.define("flops = operation / second")
    return registry
