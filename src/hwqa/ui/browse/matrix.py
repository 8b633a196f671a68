"""What the documents know: products × attributes, each known cell with the line that it comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hwqa.index.records import DocumentRecord
from hwqa.schema import Fact
from hwqa.selection.figures import best_fact, distinct, quantity_of
from hwqa.ui.addresses import digest, document_address, line_address
from hwqa.ui.ordering import order_keys
from hwqa.units import Quantity, find_quantities

_LEAST_SHARE = 0.05
"""Share of the products from which an attribute has a column, unless all are asked for."""
_LEAST_FACTS = 2
"""Attributes of a product from which it counts, where no document declares its products."""
_LONGEST = 48
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the documents say of one attribute of one product."""

    value: str
    """The figure to name first, shortened."""
    whole: str
    """The same in full, with its basis and note."""
    address: str
    more: int
    """How many other values the documents give."""
    absent: bool
    """Whether what they say is that there is none."""
    order: str
    """A number that sorts cells of a column by amount, as text; empty for words."""


@dataclass(frozen=True, slots=True)
class Row:
    """A product."""

    product: str
    document: str
    address: str
    cells: tuple[Cell | None, ...]
    """One for each attribute; None where the documents say nothing."""

    @property
    def known(self) -> int:
        """Number of attributes that the documents know of it."""
        return sum(cell is not None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute, and of how many of the products the documents know it."""

    attribute: str
    known: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Products × attributes."""

    folders: tuple[tuple[str, int], ...]
    """Each folder of the corpus with its number of products."""
    columns: tuple[Column, ...]
    """Attributes known of most products first."""
    rows: tuple[Row, ...]
    further: int
    """Attributes that have no column because few products have them."""

    @property
    def share(self) -> int:
        """Per cent of the cells that the documents know."""
        return round(100 * sum(row.known for row in self.rows) / max(1, len(self.rows) * len(self.columns)))


def build_matrix(
    facts: Iterable[Fact], records: Sequence[DocumentRecord], folder: str | None = None, *, whole: bool = False
) -> Matrix:
    """The matrix of the products of one folder, or of all.

    Args:
        facts: Of all documents.
        records: Of all documents: the products that they declare are those of the matrix; where none declares any,
            those of which at least two attributes are known.
        folder: Path of a folder; None for all.
        whole: Whether attributes known of few products have columns, too.
    """
    own: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        own[fact.product][fact.attribute].append(fact)
    declared = {product: record.path for record in records for product in record.aliases}
    homes = declared or {product: _home(given) for product, given in own.items() if len(given) >= _LEAST_FACTS}
    counted = Counter(path.rpartition("/")[0] for path in homes.values())
    titles = {record.path: record.title for record in records}
    chosen = [
        product
        for product, path in sorted(homes.items(), key=lambda item: (item[1], item[0]))
        if folder is None or path.rpartition("/")[0] == folder
    ]
    known = Counter(attribute for product in chosen for attribute in own[product])
    least = 1 if whole else max(2 if len(chosen) > 2 else 1, _LEAST_SHARE * len(chosen))
    columns = tuple(Column(attribute, count) for attribute, count in known.most_common() if count >= least)
    by_column = [_cells([own[product].get(column.attribute) for product in chosen]) for column in columns]
    rows = tuple(
        Row(
            product,
            titles.get(homes[product], homes[product]),
            _first_address(own[product], homes[product]),
            tuple(cells[place] for cells in by_column),
        )
        for place, product in enumerate(chosen)
    )
    return Matrix(tuple(sorted(counted.items())), columns, rows, len(known) - len(columns))


def _home(given: Mapping[str, Sequence[Fact]]) -> str:
    """The document that says most."""
    return Counter(fact.path for facts in given.values() for fact in facts).most_common(1)[0][0]


def _first_address(given: Mapping[str, Sequence[Fact]], home: str) -> str:
    """Where the product's document first says something of it, else the document."""
    facts = [fact for facts in given.values() for fact in facts]
    if not facts:
        return document_address(home)
    first = min(facts, key=lambda fact: (fact.path != home, fact.product not in fact.heading_path, fact.lines))
    return fact_address(first)


def _cells(column: Sequence[Sequence[Fact] | None]) -> list[Cell | None]:
    """The cells of an attribute, one for each product."""
    firsts = [best_fact(facts) if facts else None for facts in column]
    orders = order_keys([None if fact is None else _amount(fact) for fact in firsts])
    return [
        None if first is None or not facts else _cell(first, len(distinct(facts)) - 1, order)
        for first, facts, order in zip(firsts, column, orders, strict=True)
    ]


def _amount(fact: Fact) -> Quantity | None:
    """The figure that a fact is, or the date that it begins with."""
    dates = (quantity for quantity in find_quantities(fact.value) if quantity.kind == "date")
    return quantity_of(fact) or next(dates, None)


def _cell(first: Fact, more: int, order: str) -> Cell:
    value = first.value if len(first.value) <= _LONGEST else f"{first.value[:_LONGEST].rpartition(' ')[0]} …"
    whole = "; ".join(filter(None, (first.value, first.basis, first.note)))
    said = first.value.casefold()
    return Cell(
        value,
        whole,
        fact_address(first),
        more,
        said.startswith("not ") or said in {"none", "no"},
        order,
    )


def fact_address(fact: Fact) -> str:
    """The address of the cell, or of the lines, that a fact comes from."""
    row = fact.quote.strip()
    if not row.startswith("|"):
        return line_address(fact.path, fact.lines)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    columns = [cells.index(fact.value)] if fact.value in cells else []
    return line_address(fact.path, fact.lines, columns, digest([row]))
