"""The permanent addresses of the documents' pages, relative to the address of the chat."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from hwqa.schema import Lines

BROWSE = "browse"
"""Path of the page that lists the documents; their own paths follow behind it."""
MATRIX = "matrix"
"""Path of the page with the products and their attributes."""
ASSETS = "hwqa-assets"
"""Path of the style sheets and scripts of these pages."""


def document_address(path: str) -> str:
    """The address of a document's page."""
    return f"{BROWSE}/{quote(path)}"


def section_address(path: str, anchor: str) -> str:
    """The address of a section, or of the document's beginning where the anchor is empty."""
    return f"{document_address(path)}#{quote(anchor)}" if anchor else document_address(path)


def line_address(path: str, lines: Lines, cells: Iterable[int] = (), of: str = "") -> str:
    """The address at which the lines of a document are marked, or of a row the cells of these columns, from 0.

    `of` names what the lines say, so that they are found when they have moved.

    >>> line_address("gpu/x.md", (3, 3), [1])
    'browse/gpu/x.md?lines=3-3&cells=1#L3'
    """
    columns = "".join(f"&cells={column}" for column in sorted(cells))
    digest = f"&of={of}" if of else ""
    return f"{document_address(path)}?lines={lines[0]}-{lines[1]}{columns}{digest}#L{lines[0]}"


def lines_text(lines: Lines) -> str:
    """The lines in words.

    >>> lines_text((3, 3)), lines_text((3, 5))
    ('line 3', 'lines 3–5')
    """
    first, last = lines
    return f"line {first}" if first == last else f"lines {first}–{last}"


def digest(lines: Sequence[str]) -> str:
    """A short name of some lines, white space around each left out: equal lines have equal names."""
    text = "\n".join(line.strip() for line in lines)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
