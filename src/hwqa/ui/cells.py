"""Which cells of a cited row a statement of the answer rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hwqa.names import key
from hwqa.units import find_quantities, same
from hwqa.words import content_words

Claim = tuple[str, ...]
"""What a mark stands behind, as plain text: first the words nearest to it, then what is around them."""

_LEAST_TEXT = 3
"""Letters and digits of the shortest cell of words that is looked for in a statement."""


def cited_cells(header: Sequence[str], cells: Sequence[str], claims: Iterable[Claim]) -> frozenset[int]:
    """The columns whose cells the claims state; none where no cell stands out, so that the row as a whole is cited.

    >>> cited_cells(["Card", "Memory", "Power"], ["X2", "96 GB", "450 W"], [("The X2 has 96 GB",)])
    frozenset({1})
    """
    found: set[int] = set()
    for claim in claims:
        found |= next((columns for text in claim if (columns := _stated(header, cells, text))), set())
    return frozenset(found)


def _stated(header: Sequence[str], cells: Sequence[str], text: str) -> set[int]:
    said = set(content_words(text))

    def nearness(column: int) -> tuple[int, int]:
        named = len(set(content_words(header[column])) & said) if column < len(header) else 0
        return named, -len(cells[column])  # of two cells with the figure, one is about it and the other mentions it

    held = {column: find_quantities(cell) for column, cell in enumerate(cells)}
    columns = set()
    # the version in the name of a source is no figure of the row
    for quantity in (each for each in find_quantities(text) if each.kind != "version"):
        holders = [column for column, own in held.items() if any(same(quantity, other) for other in own)]
        # the first cell says what the row is about
        holders = [column for column in holders if column] or holders
        if holders:
            columns.add(max(holders, key=nearness))
    if columns - {0}:
        return columns - {0}
    whole = key(text)
    worded = [
        column for column, cell in enumerate(cells) if column and len(key(cell)) >= _LEAST_TEXT and key(cell) in whole
    ]
    return {max(worded, key=nearness)} if worded else set()
