"""Golden sets as JSONL and CSV: each line or row as the YAML node of the case that it holds, with its line.

JSONL has one case a line, with the keys of YAML. CSV has a header row of these keys; in the columns that hold lists a
cell is one item or several parted by semicolons or line breaks, the alternatives of an item are parted by `|`, and a
cell that begins with `[` is a JSON list, as `history` always is:

```csv
id,question,answerable,category,facts,sources
memory-of-the-x9,How much memory has the X9?,true,lookup,192 GB; HBM3|high-bandwidth memory,gpu/x9.md#X9
```
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

import yaml

from hwqa.errors import GoldenError

_LISTS = ("facts", "not_facts", "sources", "tags", "history")


class _Number(str):
    """A number as it is written: `5.30` stays so."""

    __slots__ = ()


class _Entries(list[tuple[str, Any]]):
    """The entries of an object, also those whose key stands twice."""


def jsonl_nodes(text: str, name: str) -> list[yaml.Node]:
    """The case of each line that is not blank; `name` stands in the messages.

    Raises:
        GoldenError: A line is not JSON; the message begins with `name:line:`.
    """
    lines = enumerate(text.split("\n"), start=1)
    return [_parsed(line, name, number) for number, line in lines if line.strip()]


def csv_nodes(text: str, name: str) -> list[yaml.Node]:
    """The case of each row below the header; `name` stands in the messages.

    Raises:
        GoldenError: The text is not CSV, a row has another number of cells than the header, or a list is not JSON; the
            message begins with `name:line:`, of a row over several lines the first.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    nodes: list[yaml.Node] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                if not header:
                    header = [cell.strip() for cell in row]
                elif len(row) != len(header):
                    _refuse(
                        name, line, f"the row has {len(row)} cells, the header {len(header)}; quote cells with commas"
                    )
                else:
                    nodes.append(_row(header, row, name, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise GoldenError(f"{name}:{line}: not CSV: {error}") from error
    return nodes


def _row(header: Sequence[str], row: Sequence[str], name: str, line: int) -> yaml.Node:
    entries = _Entries()
    for key, cell in zip(header, map(str.strip, row), strict=True):
        if cell.startswith("[") and key in _LISTS:
            entries.append((key, _loaded(cell, name, line, f"{key} is not JSON")))
        elif key in _LISTS and (key != "history" or not cell):
            entries.append((key, _items(cell)))
        elif cell:
            truth = {"true": True, "false": False}.get(cell.lower()) if key == "answerable" else None
            entries.append((key, cell if truth is None else truth))
    return _node(entries, name, line)


def _items(cell: str) -> list[str | list[str]]:
    items = (item.strip() for item in re.split(r"[;\n]", cell))
    return [[part.strip() for part in item.split("|")] if "|" in item else item for item in items if item]


def _parsed(line: str, name: str, number: int) -> yaml.Node:
    return _node(_loaded(line, name, number, "not JSON"), name, number)


def _loaded(text: str, name: str, line: int, problem: str) -> Any:
    def constant(word: str) -> NoReturn:
        _refuse(name, line, f"{problem}: {word} is no number")

    try:
        found = json.loads(
            text, object_pairs_hook=_Entries, parse_int=_Number, parse_float=_Number, parse_constant=constant
        )
        # half of a surrogate pair is no text and could not be written again
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise GoldenError(f"{name}:{line}: {problem}: {error.msg} at column {error.colno}") from error
    except UnicodeEncodeError as error:
        raise GoldenError(f"{name}:{line}: {problem}: half of a surrogate pair is no character") from error
    except RecursionError as error:
        raise GoldenError(f"{name}:{line}: {problem}: it is nested too deeply") from error
    return found


def _node(value: Any, name: str, line: int) -> yaml.Node:
    """The value as YAML would have it, every part of it at the line."""
    mark = yaml.Mark(name, 0, line - 1, 0, None, 0)

    def scalar(kind: str, text: str) -> yaml.Node:
        return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", text, mark, mark)

    def node(part: Any) -> yaml.Node:
        if isinstance(part, _Entries):
            pairs = [(scalar("str", key), node(entry)) for key, entry in part]
            return yaml.MappingNode("tag:yaml.org,2002:map", pairs, mark, mark)
        if isinstance(part, list):
            return yaml.SequenceNode("tag:yaml.org,2002:seq", [node(item) for item in part], mark, mark)
        if isinstance(part, _Number):
            return scalar("int" if part.lstrip("-").isdigit() else "float", part)
        if isinstance(part, bool):
            return scalar("bool", str(part).lower())
        return scalar("null", "") if part is None else scalar("str", part)

    return node(value)


def _refuse(name: str, line: int, problem: str) -> NoReturn:
    raise GoldenError(f"{name}:{line}: {problem}")
