"""Comparing products: their facts row by row, like for like, and what the documents say for and against each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hwqa.schema import Citation, Fact
from hwqa.selection.figures import best_fact, distinct, is_rate, ordered, quantity_of, stands_at_home
from hwqa.selection.scope import product_scope, scope_of
from hwqa.units import Quantity, compare, convert

_CONDITION_WORD = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
_IDLE = frozenset("a an and at by for in of on the to with gpu cpu one division".split())
"""Words of a condition that two descriptions of the same run may differ by."""
_MOST_VALUES = 3
UNRANKED_UNITS = frozenset({"nm"})
"""Units of names rather than amounts: a process of 5 nm has no more or less of anything."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the greatest figure of a row is from the least."""

    more: str
    """The product with the greatest figure."""
    less: str
    """The product with the least."""
    ratio: Decimal
    """The greatest over the least, to three digits or more; 1 where both are equal."""
    figures: tuple[Fact, Fact]
    """The cells that it follows from, the greatest first."""

    def to_json(self) -> dict[str, Any]:
        """The difference for `compare --json`."""
        return {"more": self.more, "less": self.less, "ratio": float(self.ratio)}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One attribute on one basis and, for rates of work, under one condition."""

    attribute: str
    basis: str
    """`dense`, `sparse`, `basis not stated` or empty."""
    condition: str
    """Model, precision and setting of a measured rate; `system` where the figures are of whole systems; else empty."""
    cells: tuple[tuple[Fact, ...], ...]
    """For each product, in their order, its facts: the one to name first comes first; none where nothing stands."""
    comparable: bool = True
    """False where the figures stand under different conditions, so that no ratio may be drawn."""

    @property
    def label(self) -> str:
        """The row's name: `FP16 peak (dense)`."""
        qualifiers = "; ".join(filter(None, (self.basis, self.condition)))
        return f"{self.attribute} ({qualifiers})" if qualifiers else self.attribute

    @property
    def difference(self) -> Difference | None:
        """How the figures differ; None where fewer than two can be set against each other."""
        if not self.comparable:
            return None
        figures = [best_fact(cell) for cell in self.cells if cell]
        places = ordered(figures, "most")
        if len(places) < 2 or places[-1][1].low <= 0:
            return None
        (more, greatest), (less, least) = places[0], places[-1]
        if greatest.unit in UNRANKED_UNITS:
            return None
        return Difference(more.product, less.product, _ratio(greatest, least), (more, less))


@dataclass(frozen=True, slots=True)
class Argument:
    """What the documents say for or against a product."""

    side: str
    """`for` or `against`."""
    text: str
    citation: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Products side by side."""

    products: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    citations: tuple[Citation, ...]
    marks: Mapping[str, int]
    """Id of a fact → the number of its citation."""
    arguments: Mapping[str, tuple[Argument, ...]]
    """Product → what speaks for and against it."""

    def to_json(self) -> dict[str, Any]:
        """The comparison as `compare --json` prints it."""
        return {
            "products": list(self.products),
            "rows": [self._row(row) for row in self.rows],
            "arguments": {
                product: [{"side": each.side, "text": each.text, "citation": each.citation} for each in own]
                for product, own in self.arguments.items()
            },
            "citations": [citation.to_json() for citation in self.citations],
        }

    def _row(self, row: ComparedRow) -> dict[str, Any]:
        difference = row.difference
        return {
            "attribute": row.attribute,
            "basis": row.basis,
            "condition": row.condition,
            "cells": {
                product: [{"value": fact.value, "note": fact.note, "citation": self.marks[fact.id]} for fact in facts]
                for product, facts in zip(self.products, row.cells, strict=True)
            },
            "difference": None if difference is None else difference.to_json(),
        }


def like_for_like(products: Sequence[str], facts: Iterable[Fact], attributes: Sequence[str] = ()) -> list[ComparedRow]:
    """The rows of a comparison: dense against dense, one device against one device, one workload against itself.

    In the order of the facts; `attributes`, if any, are the only ones. A row has a cell for each product, empty where
    the documents give nothing that may stand there.
    """
    own: dict[str, list[Fact]] = {product: [] for product in products}
    for fact in distinct(facts):
        if fact.product in own and (not attributes or fact.attribute in attributes):
            own[fact.product].append(fact)
    scopes = {product: product_scope(product, held) for product, held in own.items()}
    rows: list[ComparedRow] = []
    for attribute in dict.fromkeys(fact.attribute for held in own.values() for fact in held):
        given = {product: _of_attribute(held, attribute) for product, held in own.items()}
        if any(is_rate(fact) for held in given.values() for fact in held):
            rows += _rate_rows(attribute, given)
            continue
        groups: dict[tuple[str, str], dict[str, list[Fact]]] = {}
        for product, held in given.items():
            for fact in held:
                quantity = quantity_of(fact)
                system = quantity is not None and quantity.unit and scope_of(fact, scopes[product]) == "system"
                label = (basis_text(fact), "system" if system else "")
                groups.setdefault(label, {}).setdefault(product, []).append(fact)
        rows += [
            ComparedRow(attribute, basis, condition, _cells(products, cells))
            for (basis, condition), cells in _merged(groups).items()
        ]
    return rows


def basis_text(fact: Fact) -> str:
    """The basis of a fact as a reader is told it."""
    basis = fact.basis.casefold()
    return "basis not stated" if basis == "not stated" else basis


def _of_attribute(facts: Sequence[Fact], attribute: str) -> list[Fact]:
    """A product's facts on an attribute: those under its own heading, where there are any."""
    found = [fact for fact in facts if fact.attribute == attribute]
    return [fact for fact in found if stands_at_home(fact)] or found


def _merged(
    groups: Mapping[tuple[str, str], Mapping[str, list[Fact]]],
) -> dict[tuple[str, str], dict[str, list[Fact]]]:
    """The groups, with a text such as `not published` put into every row of its attribute that lacks the product."""
    texts = {
        product: facts
        for cells in groups.values()
        for product, facts in cells.items()
        if all(quantity_of(fact) is None for fact in facts)
    }
    figured = {label: dict(cells) for label, cells in groups.items() if any(product not in texts for product in cells)}
    if not figured:
        return {("", ""): texts} if texts else {}
    for cells in figured.values():
        for product, facts in texts.items():
            cells.setdefault(product, facts)
    return figured


def _cells(products: Sequence[str], cells: Mapping[str, Sequence[Fact]]) -> tuple[tuple[Fact, ...], ...]:
    """For each product its facts, the one to name first in front, at most three."""
    placed = []
    for product in products:
        held = cells.get(product, ())
        first = best_fact(held) if held else None
        placed.append(tuple([first, *(fact for fact in held if fact is not first)][:_MOST_VALUES]) if first else ())
    return tuple(placed)


# rates of work ------------------------------------------------------------------------------------------------------


def _rate_rows(attribute: str, given: Mapping[str, Sequence[Fact]]) -> list[ComparedRow]:
    """A row for each condition that two products share; without any, one row that draws no ratio."""
    products = list(given)
    rows: list[ComparedRow] = []
    used: set[str] = set()
    for product in products:
        for fact in given[product]:
            if fact.id in used:
                continue
            cells = {product: [fact]}
            for other in products:
                alike = [each for each in given[other] if each.id not in used and same_condition(fact, each)]
                if other != product and alike:
                    cells[other] = [min(alike, key=lambda each: abs(len(each.note) - len(fact.note)))]
            if len(cells) > 1:
                used |= {each.id for held in cells.values() for each in held}
                condition = min((_condition(held[0].note) for held in cells.values()), key=len)
                rows.append(ComparedRow(attribute, "", condition, _cells(products, cells)))
    if rows or not any(given.values()):
        return rows
    several = sum(bool(held) for held in given.values()) > 1
    return [ComparedRow(attribute, "", "different conditions" if several else "", _cells(products, given), not several)]


def same_condition(first: Fact, second: Fact) -> bool:
    """Whether the notes of two facts describe one workload: neither says a thing that the other does not allow.

    >>> from hwqa.schema import Fact
    >>> def run(note): return Fact("", "X", "Decode", "9 tokens/s", "", note, "", (), "", (1, 1), "")
    >>> same_condition(run("Model 8B Q4, one user, May 2024"), run("Model 8B, Q4, one user, a tool, May 2024"))
    True
    >>> same_condition(run("Model 8B, Offline"), run("Model 8B, Server"))
    False
    """
    one, other = _words(first.note), _words(second.note)
    return bool(one and other) and (one <= other or other <= one)


def _condition(note: str) -> str:
    """What a note says of the work, without who ran it (in parentheses) and what was seen beside it (behind `;`)."""
    return " ".join(re.sub(r"\([^()]*\)", " ", note.partition(";")[0]).split())


def _words(note: str) -> set[str]:
    words = {word.group().casefold().removesuffix("s") for word in _CONDITION_WORD.finditer(_condition(note))}
    return words - _IDLE - {f"{word}s" for word in _IDLE}


def _ratio(greatest: Quantity, least: Quantity) -> Decimal:
    """The greatest over the least; of ranges, their middles."""
    if compare(greatest, least) == 0 and not (greatest.is_range or least.is_range):
        return Decimal(1)
    other = convert(least, greatest.unit)
    assert other is not None  # noqa: S101 - ordered returns figures of one kind of unit
    ratio = (greatest.low + greatest.high) / (other.low + other.high)
    digits = max(0, 2 - ratio.adjusted()) + (ratio < Decimal("1.1"))
    return ratio.quantize(Decimal(1).scaleb(-digits))
