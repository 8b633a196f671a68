"""Names that only the tables of the evidence know: the first cells of rows that are about one thing each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.grounding.names import Mentions, named
from hwqa.grounding.terms import NUMBER_FORMAT
from hwqa.names import NameFinder
from hwqa.schema import Evidence, Mention
from hwqa.statements import statements
from hwqa.units import find_quantities

_ATTRIBUTE_HEADER = re.compile(
    r"(?:attribute|property|metric|spec(?:ification)?|feature|parameter|item|value|figure|what|question|format"
    r"|precision|data type|step|level|year|date|case|condition|setting|mode|workload)s?",
    re.IGNORECASE,
)
"""Headers of first columns whose cells name no thing that figures are said of."""
_MOST_WORDS = 6
_LEAST_ROWS = 2
_SHORTEST_FAMILY = 4
"""Letters of a first word that may stand for all names that begin with it."""


def with_row_names(mentions: Mentions, evidence: Sequence[Evidence]) -> Mentions:
    """The finder, which also finds the things that tables of the evidence list in their first column.

    `| Pump | Noise |` with rows for `North 8` and `South 10` binds each figure to its row, though no heading and no
    vocabulary names the two. Where a heading names a product, the table is about that product, and nothing is added.
    """
    names: dict[str, set[str]] = {}
    for item in evidence:
        if "|" not in item.text or any(named(heading, mentions) for heading in item.heading_path):
            continue
        found = [cell for cell in _first_cells(item, mentions) if not named(cell, mentions)]
        if len(found) >= _LEAST_ROWS:
            for cell in found:
                names.setdefault(cell, {cell}).update(_family(cell, item.text))
    if not names:
        return mentions
    finder = NameFinder(names)

    def find(text: str) -> list[Mention]:
        known = list(mentions(text))
        taken = [(mention.start, mention.end) for mention in known]
        return known + [
            Mention(value, found.start, found.end)
            for found in finder(text)
            if not any(start < found.end and found.start < end for start, end in taken)
            for value in found.values
        ]

    return find


def _first_cells(item: Evidence, mentions: Mentions) -> list[str]:
    """The names in the first column of the item's tables, each once."""
    cells = [
        row.cells[0]
        for row in statements(item.text)
        if row.kind == "row"
        and len(row.header) > 1
        and row.cells
        and not _ATTRIBUTE_HEADER.fullmatch(row.header[0])
        and not any(named(header, mentions) for header in row.header[1:])  # the columns are the products
    ]
    return [cell for cell in dict.fromkeys(cells) if _is_name(cell)]


def _family(cell: str, text: str) -> set[str]:
    """The first word of a name of several words, where the text uses it as a name: `North` of `North 8`."""
    first, _, rest = cell.partition(" ")
    if not rest or len(first) < _SHORTEST_FAMILY or not first[0].isupper() or first.casefold() in text.split():
        return set()
    return {first}


def _is_name(cell: str) -> bool:
    words = cell.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and cell[0].isalnum()
        and any(word[0].isupper() and len(word) > 1 for word in words)
        and NUMBER_FORMAT.fullmatch(cell) is None
        and not any(found.unit or found.kind in ("date", "range") for found in find_quantities(cell))
    )
