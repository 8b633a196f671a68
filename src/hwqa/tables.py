"""The table of an answer: rows and cells with the facts that they show, and the same as JSON with citations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hwqa.schema import Citation, Fact
from hwqa.selection.figures import quantity_of

Kind = Literal["attribute", "product"]

NOTHING = "not in the documents"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    column: str
    """The header over it."""
    text: str
    """As the reader sees it, without marks."""
    facts: tuple[Fact, ...] = ()
    """What it shows, the first first; or, of a derived cell, what it rests on."""
    derived: bool = False
    """Whether its text was worked out from the facts."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    kind: Kind
    """What the row is about: an attribute of several products, or a product with several attributes."""
    label: str
    """The text of the first column."""
    cells: tuple[Cell, ...]
    """Of the further columns, in their order."""


def cell_of(column: str, facts: Sequence[Fact]) -> Cell:
    """A cell that shows the values of facts, or that the documents hold none."""
    return Cell(column, "; ".join(fact.value for fact in facts) or NOTHING, tuple(facts))


def table_json(rows: Iterable[Row] | None, citations: Iterable[Citation]) -> tuple[dict[str, Any], ...] | None:
    """The rows, if any, with the citation of each figure; a row with a figure that is not cited is left out.

    Such a row is not in the answer's text either: the gate has removed it.
    """
    numbers = {(each.path, each.lines, each.quote): each.number for each in citations}
    kept = []
    for row in rows or ():
        facts = [fact for cell in row.cells for fact in cell.facts]
        if all(_place(fact) in numbers for fact in facts):
            cells = [_cell_json(cell, [numbers[_place(fact)] for fact in cell.facts]) for cell in row.cells]
            kept.append({"kind": row.kind, "label": row.label, "cells": cells})
    return tuple(kept) or None


def _place(fact: Fact) -> tuple[str, tuple[int, int], str]:
    return fact.path, fact.lines, fact.quote


def _cell_json(cell: Cell, numbers: Sequence[int]) -> dict[str, Any]:
    figures = [] if cell.derived else [_figure_json(*pair) for pair in zip(cell.facts, numbers, strict=True)]
    return {
        "column": cell.column,
        "text": cell.text,
        "citations": list(dict.fromkeys(numbers)),
        "figures": figures,
    }


def _figure_json(fact: Fact, number: int) -> dict[str, Any]:
    quantity = quantity_of(fact)
    return {
        "text": fact.value,
        "low": None if quantity is None else float(quantity.low),
        "high": None if quantity is None else float(quantity.high),
        "unit": "" if quantity is None else quantity.unit,
        "basis": fact.basis,
        "note": fact.note,
        "citation": number,
    }
