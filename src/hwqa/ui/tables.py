"""Tables of an answer: what sorts their cells, and the tools above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from hwqa.blocks import tokens_text
from hwqa.ui.ordering import order_keys
from hwqa.units import Quantity, find_quantities

_WORDS_AROUND = 2
"""Words that a figure may have around it to sort its cell."""

TOOLS = """<div class="hw-table-tools" role="group" aria-label="Table">
<button type="button" data-table="turn" aria-pressed="false">Swap rows and columns</button>
<button type="button" data-table="markdown">Copy as Markdown</button>
<button type="button" data-table="csv">Copy as CSV</button>
<span role="status"></span></div>
"""


def with_orders(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of an answer; each cell of a table has what sorts it in its column and, turned, in its row.

    A header whose column can be sorted has `sort` in its `meta`. Inline tokens have their children.
    """
    done: list[Token] = []
    place = 0
    while place < len(tokens):
        if tokens[place].type != "table_open":
            done.append(tokens[place])
            place += 1
            continue
        end = next(at for at in range(place, len(tokens)) if tokens[at].type == "table_close")
        done += _ordered(tokens[place : end + 1])
        place = end + 1
    return done


def _ordered(table: Sequence[Token]) -> Iterator[Token]:
    rows: list[list[str]] = []
    for token in table:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_plain(token))
    figures = [[_figure(cell) for cell in row] for row in rows[1:]]
    width = len(rows[0])
    columns = [order_keys([row[column] for row in figures]) for column in range(width)]
    across = [["", *order_keys(row[1:])] for row in figures]
    row, column = -1, 0
    for token in table:
        if token.type == "tr_open":
            row, column = row + 1, 0
        if token.type == "th_open":
            sortable = len(rows) > 2 and _sorts([line[column] for line in rows[1:]], columns[column])
            yield token.copy(attrs={**token.attrs, "scope": "col"}, meta={**token.meta, "sort": sortable})
            column += 1
        elif token.type == "td_open":
            orders = {"data-order": columns[column][row - 1], "data-turned": across[row - 1][column]}
            yield token.copy(attrs={**token.attrs, **{name: key for name, key in orders.items() if key}})
            column += 1
        else:
            yield token


def _sorts(cells: Sequence[str], orders: Sequence[str]) -> bool:
    """Whether the cells of a column have an order: all are words, or every figure can be set against the others."""
    return all(bool(order) == (_figure(cell) is not None) for cell, order in zip(cells, orders, strict=True))


def _plain(token: Token) -> str:
    return tokens_text([child for child in token.children or [] if child.type != "citation"]).strip()


def _figure(cell: str) -> Quantity | None:
    """The figure that a cell is, or begins with; None for words, even with a figure among them."""
    found = find_quantities(cell)
    if not found:
        return None
    before = cell[: found[0].start]
    return found[0] if sum(any(map(str.isalpha, word)) for word in before.split()) <= _WORDS_AROUND else None
