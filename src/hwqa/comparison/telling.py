"""A comparison as sentences and a table, each figure with the mark of the cell that holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hwqa.comparison.like_for_like import ComparedRow, like_for_like
from hwqa.derivations import Derivation
from hwqa.names import NameFinder, key
from hwqa.question import Query
from hwqa.schema import Fact
from hwqa.selection.figures import quantity_of, says_same, stands_at_home
from hwqa.selection.telling import lower
from hwqa.tables import NOTHING, Row, cell_of
from hwqa.units import conversion, find_quantities
from hwqa.words import content_words

Mark = Callable[[Fact], str]
"""Fact → the mark that cites it."""

MOST_ROWS = 12
_MOST_SENTENCES = 3
_MOST_SET_AGAINST = 2
_NEAR_ROWS = 2
_LONGEST_NOTE = 90


def tell_comparison(
    query: Query, facts: Sequence[Fact], mark: Mark, reckon: Callable[[Derivation], object]
) -> tuple[str, tuple[Row, ...]]:
    """What differs between the query's products in a sentence each, then a table, like for like; and its rows.

    `reckon` is told each quotient that a sentence gives.
    """
    products = [product for product in query.products if any(fact.product == product for fact in facts)]
    rows = _nearest_first(query, _chosen(query, like_for_like(products, facts), products))
    told = _set_against(query, facts, mark)
    usual = {attribute: place for place, attribute in enumerate(query.usual)}
    # of many rows those are told in words whose figures the documents give most often
    named = _named_conditions(query)
    telling = sorted(
        rows,
        key=lambda row: (not _is_near(row, named), usual.get(row.attribute, len(usual)) if not query.attributes else 0),
    )
    told_of = [row for row in telling if row.difference is not None][:_MOST_SENTENCES]
    sentences = [_difference(row, mark, query.direction, reckon) for row in told_of]
    header = ["Attribute", *products]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    table: list[Row] = []
    for row in rows:
        texts = [_cell(cell, mark, noted=not row.comparable) for cell in row.cells]
        lines.append("| " + " | ".join([row.label.replace("|", "\\|"), *texts]) + " |")
        cells = (cell_of(product, _told(cell)) for product, cell in zip(products, row.cells, strict=True))
        table.append(Row("attribute", row.label, tuple(cells)))
    compared = [" ".join(sentences), "\n".join(lines) if rows else ""]
    # what stands beside one figure leads where that figure was asked for
    parts = [*told, *compared] if query.attributes else [*compared, *told]
    return "\n\n".join(filter(None, parts)), tuple(table)


def _chosen(query: Query, rows: Sequence[ComparedRow], products: Sequence[str]) -> list[ComparedRow]:
    """The rows to show: all that were asked for, else those that several of the products have."""
    asked = [row for row in rows if row.attribute in query.attributes]
    if asked and (len(products) == 1 or any(_side_by_side(row) for row in asked)):
        return asked[: 2 * MOST_ROWS]
    shared = [
        row
        for row in rows
        if _side_by_side(row) and any(quantity_of(fact) is not None for cell in row.cells for fact in cell)
    ]
    # what stands under the products' own headings says which attributes they have; other tables repeat them
    home = {row.attribute for row in shared for cell in row.cells for fact in cell if stands_at_home(fact)}
    shared = [row for row in shared if row.attribute in home] or shared
    # Rates of work say most where the conditions that the question names are theirs.
    named = _named_conditions(query)
    near = [row for row in rows if _is_near(row, named)]
    first = list(dict.fromkeys([*asked, *near[:_NEAR_ROWS]]))
    kept = set(_most_telling(query, [row for row in shared or rows if row not in first])[: MOST_ROWS - len(first)])
    return [*first, *(row for row in shared or rows if row in kept)][:MOST_ROWS]


def _most_telling(query: Query, rows: Sequence[ComparedRow]) -> list[ComparedRow]:
    """The rows by what they tell: those that differ before equal ones, then by how usual their attribute's figures are.

    What stands on two bases is told on the first of them, dense before sparse.
    """
    usual = {attribute: place for place, attribute in enumerate(query.usual)}
    rated = {row.attribute for row in rows if row.basis != "sparse"}

    def order(row: ComparedRow) -> tuple[bool, bool, int]:
        difference = row.difference
        equal = difference is not None and difference.ratio == 1
        return row.basis == "sparse" and row.attribute in rated, equal, usual.get(row.attribute, len(usual))

    return sorted(rows, key=order)


def _named_conditions(query: Query) -> set[str]:
    """Words of the question that name a model or a format."""
    return {word for word in content_words(query.text) if any(map(str.isdigit, word))}


def _is_near(row: ComparedRow, named: set[str]) -> bool:
    """Whether a row's figures stand under conditions that the question names."""
    return bool(row.condition and named & set(content_words(_conditions(row))))


def _side_by_side(row: ComparedRow) -> bool:
    return sum(map(bool, row.cells)) > 1


def _conditions(row: ComparedRow) -> str:
    """All that is said of the conditions of a row's figures."""
    return " ".join((row.condition, *(fact.note for cell in row.cells for fact in cell)))


def _nearest_first(query: Query, rows: Sequence[ComparedRow]) -> list[ComparedRow]:
    """The rows in their order, those of one attribute by how many of the question's words their condition has."""
    asked = set(content_words(query.text))
    places = {row.attribute: place for place, row in reversed(list(enumerate(rows)))}
    return sorted(rows, key=lambda row: (places[row.attribute], -len(asked & set(content_words(row.condition)))))


def _set_against(query: Query, facts: Sequence[Fact], mark: Mark) -> list[str]:
    """Figures beside which the documents themselves set the figure of another of the products."""
    told = []
    for fact in facts:
        others = [product for product in query.products if product != fact.product]
        spoken = [name for name in query.spoken if any(key(name) in key(product) for product in others)]
        foreign = [name for name in (*others, *spoken) if key(name) not in key(fact.product)]
        named = NameFinder({name: (name,) for name in foreign})(fact.note)
        if named and find_quantities(fact.note) and quantity_of(fact) is not None:
            beside = "; ".join(filter(None, (fact.basis, fact.note)))
            told.append(f"{fact.attribute} of the {fact.product}: {fact.value} ({beside}) {mark(fact)}.")
    return told[:_MOST_SET_AGAINST]


def _difference(row: ComparedRow, mark: Mark, direction: str, reckon: Callable[[Derivation], object]) -> str:
    """Which product has more; where the question asks for less, which has less."""
    difference = row.difference
    if difference is None:
        return ""
    high, low = difference.figures
    attribute = lower(high.attribute) + (f" ({row.basis})" if row.basis else "")
    if difference.ratio == 1:
        marks = mark(high) + mark(low)
        return f"The {attribute} of the {high.product} equals that of the {low.product}: {high.value} {marks}."
    several = sum(map(bool, row.cells)) > 2
    word = "highest" if several else "higher"
    if direction == "least":
        word, high, low = "lowest" if several else "lower", low, high
    condition = f" ({row.condition})" if row.condition else ""
    # of measured rates the conditions stand behind the figures, and a quotient would seem to be of them
    times = "" if condition else _times(high, low)
    if times:
        reckon(Derivation(f"{row.label}, {high.product} to {low.product}", times, high, low))
        times = f", {times}"
    return (
        f"The {high.product} has the {word} {attribute}: {high.value} {mark(high)} "
        f"against {low.value} for the {low.product} {mark(low)}{times}{condition}."
    )


def _times(figure: Fact, other: Fact) -> str:
    """How many times the one is of the other, where both are single figures."""
    first, second = quantity_of(figure), quantity_of(other)
    factor = conversion(second.unit, first.unit) if first and second else None
    if first is None or second is None or factor is None or first.is_range or second.is_range or second.low <= 0:
        return ""
    ratio = first.low / (second.low * factor)
    digits = max(0, 2 - ratio.adjusted())
    return f"{ratio:,.{digits}f} times as much"


def _cell(facts: Sequence[Fact], mark: Mark, *, noted: bool) -> str:
    """The facts of a cell; with their notes where these tell under which conditions each stands."""
    texts = (f"{fact.value.replace('|', chr(92) + '|')}{_noted(fact, noted)} {mark(fact)}" for fact in _told(facts))
    return "; ".join(texts) or NOTHING


def _told(facts: Sequence[Fact]) -> list[Fact]:
    """The facts of a cell without those that repeat the first one's value."""
    return [*facts[:1], *(fact for fact in facts[1:] if not says_same(fact, facts[0]))]


def _noted(fact: Fact, noted: bool) -> str:
    return f" ({fact.note})" if noted and fact.note and len(fact.note) <= _LONGEST_NOTE else ""
