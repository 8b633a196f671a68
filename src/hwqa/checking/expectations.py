"""What a corpus asks of its pages, read from the tables of the README in its root.

- A table with the columns Attribute and Unit lists the names that specification tables may use. There may be several.
- A table with the columns Attribute and Lowest plausible (or Highest plausible, Basis needed, Counted as gap) says what
  figures of an attribute must look like. Its column On pages limits a row to folders or files, parted by commas; the
  longest that fits wins.
- A table with the column Section lists the parts of a page; `Performance › Advantages` is a part within a part.
- List items such as `**Value**: … `not published` …` say in code marks which words a column of specification tables
  may hold: those of Value in place of a figure (the first means that nobody has published it), those of Basis, and
  those of Source for figures that rest on less than a primary source.

A corpus without such a README asks nothing but sound structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hwqa.checking.findings import Finding
from hwqa.checking.pages import Page, Row, Table
from hwqa.schema import TRAIL_SEPARATOR
from hwqa.units import Quantity, find_quantities

README = "README.md"
_CODE = re.compile(r"`([^`]+)`")
_COLUMN_ITEM = re.compile(r"\s*[-*+]\s+\*\*([^*]+)\*\*:(.*)")
_NO_UNIT = {"", "text", "-", "–", "—"}
_YES = {"yes", "needed", "x"}
_CHECK_COLUMNS = ("Basis needed", "Lowest plausible", "Highest plausible", "Counted as gap")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the figures of an attribute must look like on some pages."""

    attribute: str
    pages: tuple[str, ...]
    """Beginnings of the paths that it holds for; empty for all."""
    basis: str
    """`yes` where each figure needs a basis, `allowed` where it may have one, empty where it has none."""
    least: Quantity | None
    most: Quantity | None
    counted: bool
    """Whether a product without it counts as a gap."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a corpus asks of its pages; empty parts ask nothing."""

    units: Mapping[str, str] = field(default_factory=dict)
    """Attribute → canonical unit; empty for text; `number` for figures without a unit that can be converted."""
    limits: tuple[Limits, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    """Trails of the sections of a page, in order."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column → words that it may hold, case-folded both."""

    def limit(self, attribute: str, path: str) -> Limits | None:
        """The limits that hold for an attribute on a page."""
        found = [
            (max((len(page) for page in limits.pages if path.startswith(page)), default=0), limits)
            for limits in self.limits
            if limits.attribute == attribute and (not limits.pages or path.startswith(limits.pages))
        ]
        return max(found, key=lambda item: item[0])[1] if found else None

    def counted(self, path: str) -> tuple[str, ...]:
        """The attributes whose absence on a page is a gap, in the order of the list."""
        names = dict.fromkeys(limits.attribute for limits in self.limits)
        return tuple(name for name in names if (limits := self.limit(name, path)) is not None and limits.counted)

    @property
    def unpublished(self) -> str:
        """The word for what nobody has published; empty when the corpus has none."""
        return self.words.get("value", ("",))[0]


def expectations(readme: Page) -> tuple[Expectations, list[Finding]]:
    """What the README asks, and what is wrong with the tables that say so."""
    findings: list[Finding] = []

    def wrong(row: Row, message: str, remedy: str) -> None:
        findings.append(Finding(readme.path, row.line, "error", "contract", message, remedy))

    units: dict[str, str] = {}
    limits: list[Limits] = []
    parts: list[tuple[str, ...]] = []
    checks: list[Table] = []
    for table in readme.tables:
        if table.header[:1] == ("Section",):
            parts += [tuple(part.strip() for part in row.cells[0].split(TRAIL_SEPARATOR.strip())) for row in table.rows]
        elif table.header[:1] == ("Attribute",) and table.column("Unit") is not None:
            here: set[str] = set()
            for row in table.rows:
                name, unit = row.cells[0], _unit(table.cell(row, "Unit"))
                # two lists, of devices and of models say, may share a name that means the same
                if name in here or units.get(name, unit) != unit:
                    wrong(row, f"attribute {name!r} is listed twice", "keep one row, or one unit")
                here.add(name)
                units[name] = unit
        elif table.header[:1] == ("Attribute",) and any(table.column(name) is not None for name in _CHECK_COLUMNS):
            checks.append(table)
    for limiting, row in ((one, row) for one in checks for row in one.rows):
        name = row.cells[0]
        if units and name not in units:
            wrong(row, f"attribute {name!r} is not in the list of attributes", "use a name of the list")
        ends: list[Quantity | None] = []
        for column in ("Lowest plausible", "Highest plausible"):
            text = limiting.cell(row, column)
            quantity = _quantity(text)
            if text and quantity is None:
                wrong(row, f"{column} {text!r} is no quantity", "write a number with its unit, such as 300 GB/s")
            ends.append(quantity)
        basis = limiting.cell(row, "Basis needed").casefold()
        pages = tuple(page.strip() for page in limiting.cell(row, "On pages").split(",") if page.strip())
        counted = limiting.cell(row, "Counted as gap").casefold() in _YES
        limits.append(Limits(name, pages, "yes" if basis in _YES else basis, ends[0], ends[1], counted))
    return Expectations(units, tuple(limits), tuple(parts), dict(_words(readme))), findings


def _unit(cell: str) -> str:
    if cell.casefold() in _NO_UNIT:
        return ""
    quantity = _quantity(f"{cell[0]}1{cell[1:]}" if cell[0] in "$€£¥" else f"1 {cell}")
    return quantity.unit if quantity is not None and quantity.unit else "number"


def _quantity(text: str) -> Quantity | None:
    found = find_quantities(text)
    return found[0] if len(found) == 1 else None


def _words(readme: Page) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words in code marks of each list item that begins with the name of a column."""
    name = ""
    words: list[str] = []
    for line in [*readme.lines, "- **end**:"]:
        if item := _COLUMN_ITEM.match(line):
            if name and words:
                yield name, tuple(words)
            name, words = item[1].casefold(), []
        elif not line.strip() or not line.startswith(" "):
            # the item has ended; its words wait until the next begins
            if name and words:
                yield name, tuple(words)
            name, words = "", []
        words += [word.casefold() for word in _CODE.findall(item[2] if item else line)] if name else []
