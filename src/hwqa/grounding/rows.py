"""Checking a table of a draft cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hwqa.grounding.checking import Verdict
from hwqa.grounding.names import Mentions, Subject, named
from hwqa.grounding.pieces import MARK, marks_of
from hwqa.grounding.sources import table_cells, with_unit_of_header
from hwqa.grounding.verbatim import plain
from hwqa.units import canonical_unit, find_names, find_quantities

CellCheck = Callable[[str, Sequence[int], tuple[Subject, ...]], Verdict]

_DELIMITER = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
_EMPTY = re.compile(
    r"\W*(?:n/?a|none|unknown|not (?:in the documents|stated|published|given|available|known|listed|specified)"
    r"|no (?:figure|data))?\W*",
    re.IGNORECASE,
)
_UNIT_NOTE = re.compile(r"\s*[(\[]([A-Za-z$€%/²µ ]{1,9})[)\]]\s*$")
_PLAIN_HEADER = re.compile(
    r"\W*(?:value|values|figure|attribute|spec(?:ification)?|metric|feature|notes?|details?)?\W*", re.IGNORECASE
)
GAP = "–"
"""What stands in a cell whose content was removed."""


def is_delimiter(row: str) -> bool:
    """Whether a row is the line of dashes under a table's header."""
    return _DELIMITER.fullmatch(row.strip()) is not None and "-" in row


class Table:
    """The header of a table, by which its rows are read."""

    def __init__(self, header: str, mentions: Mentions, about: tuple[Subject, ...]) -> None:
        """Take the header row and the products that the text before it spoke of."""
        self._mentions = mentions
        self._about = about
        self._header = table_cells(header)
        self.rejected: tuple[str, ...] = ()
        """Objections to the header; its rows are not shown without it."""
        self.header_marks = [marks_of(cell) for cell in self._header]

    def check(self, row: str, verdict: CellCheck) -> tuple[str | None, list[tuple[str, tuple[str, ...]]]]:
        """The row with unsupported cells blanked, None when nothing is left; and those cells with their objections."""
        cells = table_cells(row)
        if not cells:
            return row, []
        everywhere = marks_of(row)
        lost: list[tuple[str, tuple[str, ...]]] = []
        kept: list[str] = []
        filled = 0
        for at, cell in enumerate(cells):
            text = MARK.sub("", plain(cell)).strip()
            if at == 0 and not self._is_claim(text):
                kept.append(cell)
                continue
            if _EMPTY.fullmatch(text):
                kept.append(cell if text or not cell else GAP)
                continue
            header = self._header[at] if at < len(self._header) else ""
            marks = marks_of(cell) or marks_of(header) or marks_of(cells[0]) or everywhere
            result = verdict(self._sentence(cells[0] if at else "", header, cell), marks, self._about)
            if result.supported:
                kept.append(cell)
                # a label says nothing by itself
                filled += at > 0 or len(cells) == 1
            else:
                kept.append(GAP)
                lost.append((cell, result.objections))
        if not filled and lost:
            return None, lost
        return "| " + " | ".join(
            cell.replace("|", "\\|") if "\\|" not in cell else cell for cell in kept
        ) + " |\n", lost

    def _is_claim(self, label: str) -> bool:
        places = [(place.start, place.end) for place in named(label, self._mentions)]
        return bool(find_quantities(label, places)) or (
            not places and any(not _is_format(name.text) for name in find_names(label))
        )

    def _sentence(self, first: str, header: str, cell: str) -> str:
        """The cell as a sentence: `Memory capacity of the X100 is 80 GB`, marks included."""
        label, column = (MARK.sub("", plain(part)).strip() for part in (first, header))
        bare = MARK.sub("", plain(cell)).strip()
        value = with_unit_of_header(with_unit_of_header(bare, column), label)
        value = f"{value} {''.join(f'[{number}]' for number in marks_of(cell))}" if value != bare else plain(cell)
        label, column = _without_unit(label), _without_unit(column)
        if not label or _PLAIN_HEADER.fullmatch(label):
            return value if _PLAIN_HEADER.fullmatch(column) else f"{column} is {value}"
        if _PLAIN_HEADER.fullmatch(column):
            return f"{label} is {value}"
        if named(label, self._mentions):
            return f"{column} of the {label} is {value}"
        return f"{label} of the {column} is {value}"


def _without_unit(header: str) -> str:
    """The header without a unit in brackets: `Memory (GB)` is `Memory`, `FP16 peak (dense)` stays."""
    note = _UNIT_NOTE.search(header)
    return header[: note.start()] if note and canonical_unit(note[1].split("/")[0].strip()) else header


def _is_format(name: str) -> bool:
    return re.fullmatch(r"(?:[A-Z]{2,6}\d{1,2}|L\d)", name) is not None
