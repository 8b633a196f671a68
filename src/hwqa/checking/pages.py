"""A Markdown file as the checks see it: its sections, its tables with raw cells, and the product of each row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from hwqa.blocks import Blocks, front_matter_token, parse_blocks, split_lines
from hwqa.facts import facts
from hwqa.markdown import read_document
from hwqa.schema import Document, Section
from hwqa.statements import statements

_BORDER = re.compile(r"(?<!\\)\|")
_URL = re.compile(r"https?://[^\s<>|]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    line: int
    cells: tuple[str, ...]
    """Plain text, as many as the header has."""
    raw: tuple[str, ...]
    """The cells as written, however many there are; empty for a row of HTML."""
    product: str
    """Whose figures the row gives, as the facts are read; empty where none is read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section; rows without a header are what an author meant as a table and no parser reads as one."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    section: Section

    def column(self, name: str) -> int | None:
        """Position of the column of that name, whatever its case."""
        return next((at for at, title in enumerate(self.header) if title.casefold() == name.casefold()), None)

    def cell(self, row: Row, name: str) -> str:
        """The row's cell in the column of that name, as plain text; empty where the table has no such column."""
        at = self.column(name)
        return row.cells[at] if at is not None and at < len(row.cells) else ""

    def raw_cell(self, row: Row, name: str) -> str:
        """The row's cell in the column of that name, as written."""
        at = self.column(name)
        return row.raw[at] if at is not None and at < len(row.raw) else ""

    @property
    def is_specification(self) -> bool:
        """Whether each row gives a value to an attribute."""
        return self.column("Attribute") is not None and self.column("Value") is not None


class Page:
    """A file and what the checks read from it."""

    def __init__(self, path: str, text: str) -> None:
        """Take the path relative to the corpus root, and the whole file."""
        self.path = path
        self.lines = split_lines(text)
        self.document: Document = read_document(path, text)

    @cached_property
    def front_matter(self) -> tuple[str, int]:
        """The YAML of the front matter, and how many lines it takes with its marks; 0 when there is none."""
        opens = bool(self.lines) and self.lines[0].rstrip() == "---"
        token = front_matter_token(self.lines) if opens else None
        return (token.content, token.map[1]) if token is not None and token.map else ("", 0)

    @cached_property
    def blocks(self) -> Blocks:
        """The block tokens of the file; their lines count from 0 over the whole file."""
        taken = self.front_matter[1]
        return parse_blocks([""] * taken + self.lines[taken:])

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables in order."""
        products = {fact.lines[0]: fact.product for fact in facts(self.document)}
        tables: list[Table] = []
        for section in self.document.sections:
            header: tuple[str, ...] = ()
            rows: list[Row] = []
            for statement in statements(section.text, section.lines[0]):
                if statement.kind != "row":
                    continue
                line = statement.lines[0]
                # the header and its rule stand between the rows of two tables
                if rows and (statement.header != header or line - rows[-1].line > 1):
                    tables.append(Table(header, tuple(rows), section))
                    rows = []
                header = statement.header
                # a cell such as `none` is no fact, but the row is its product's
                product = products.get(line) or (rows[-1].product if rows else "")
                raw = () if statement.quote.startswith("<") else split_row(statement.quote)
                rows.append(Row(line, statement.cells, raw, product))
            if rows:
                tables.append(Table(header, tuple(rows), section))
        return tuple(tables)

    @cached_property
    def specifications(self) -> tuple[Table, ...]:
        """The tables that give values to attributes."""
        return tuple(table for table in self.tables if table.is_specification)

    @cached_property
    def headings(self) -> tuple[Section, ...]:
        """The sections that begin with a heading of their own."""
        return tuple(
            section for section in self.document.sections if section.blocks and section.blocks[0].kind == "heading"
        )

    def has_link(self, markdown: str) -> bool:
        """Whether a piece of Markdown, such as a cell, links to something."""
        if _URL.search(markdown):
            return True
        return any(token.type == "link_open" for token in self.blocks.inline(markdown))

    def alias_line(self, name: str) -> int:
        """The line of the front matter that speaks of a product; 1 when it cannot be told."""
        for number, line in enumerate(self.lines[: self.front_matter[1]], start=1):
            if line.strip().strip("'\"").startswith(name):
                return number
        return 1


def split_row(quote: str) -> tuple[str, ...]:
    r"""The cells of a table row as written; `\|` parts no cells.

    >>> split_row("| a | b\\|c |")
    ('a', 'b\\|c')
    """
    row = quote.strip().removeprefix("|")
    cells: Sequence[str] = _BORDER.split(row)
    if len(cells) > 1 and not cells[-1].strip():
        cells = cells[:-1]
    return tuple(cell.strip() for cell in cells)
