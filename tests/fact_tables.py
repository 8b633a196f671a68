"""A second reading of the documents' tables, which shares no code with hwqa: what facts they must give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass
class Table:
    """A pipe table as it stands in a file."""

    path: str
    headings: list[str]
    names: dict[str, str]
    """Lower-case name or alias of a product of the page → its first name."""
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    """Line and cells of each row."""


def tables(folder: Path) -> Iterator[Table]:
    """The pipe tables of the Markdown files of a folder."""
    for file in sorted(folder.rglob("*.md")):
        yield from _tables_of(file.read_text("utf-8"), file.relative_to(folder).as_posix())


def _tables_of(text: str, path: str) -> Iterator[Table]:
    lines = text.split("\n")
    names: dict[str, str] = {}
    start = 0
    if lines[0] == "---":
        start = lines.index("---", 1) + 1
        matter = yaml.safe_load("\n".join(lines[1 : start - 1]))
        for name, others in (matter.get("aliases") or {}).items():
            names |= {spelling.lower(): name for spelling in (name, *map(str, others))}
    headings: list[tuple[int, str]] = []
    table: Table | None = None
    fenced = False
    for number, line in enumerate(lines[start:], start + 1):
        fenced ^= line.lstrip().startswith("```")
        heading = re.match(r"(#+) (.*)", line)
        if heading and not fenced:
            level = len(heading[1])
            headings = [*(each for each in headings if each[0] < level), (level, plain(heading[2]))]
        if not line.startswith("|") or fenced:
            if table:
                yield table
            table = None
        elif table is None:
            table = Table(path, [text for _, text in headings], names, cells(line))
        elif not re.fullmatch(r"[|: -]+", line):
            table.rows.append((number, cells(line)))
    if table:
        yield table


def cells(line: str) -> list[str]:
    """The cells of a row, without Markdown's marks."""
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def plain(text: str) -> str:
    """Text without links, emphasis and code marks."""
    text = re.sub(r"\[([^\]]*)\]\((?:[^()]|\([^()]*\))*\)", r"\1", text.strip())
    text = re.sub(r"`([^`]*)`|\*\*(.+?)\*\*|(?<!\w)\*(\S.*?)\*", lambda match: match[1] or match[2] or match[3], text)
    return re.sub(r"\s+", " ", text.replace("\\|", "|").replace("\\*", "*")).strip()


def product_of(table: Table) -> str:
    """The product under whose heading a table stands."""
    for heading in reversed(table.headings):
        if heading.lower() in table.names:
            return table.names[heading.lower()]
    raise AssertionError(f"{table.path}: no product above the table under {table.headings}")
