"""The part of a passage that a search shows: the lines from the first on that has a word of what was searched for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.markdown import plain_text
from hwqa.words import content_words

Line = tuple[tuple[str, bool], ...]
"""Pieces of a line, each with whether it is a word of what was searched for."""


def excerpt(text: str, trail: Sequence[str], query: str, most: int) -> tuple[Line, ...]:
    r"""At most `most` characters of a passage, in lines: of a table each row is one.

    Args:
        text: Markdown.
        trail: Headings above it, which are shown elsewhere and left out here.
        query: What was searched for.
        most: Where the last line is cut off.

    >>> excerpt("# X1\n\nA card.\n\n| Power | Price |\n|-|-|\n| 300 W | $5 |", ["X1"], "its power?", 99)
    ((('Power', True), (' · Price', False)), (('300 W · $5', False),))
    """
    rows = (row.split("\t") for row in plain_text(text).split("\n"))
    joined = (" · ".join(cell for each in row if (cell := " ".join(each.split()))) for row in rows)
    lines = [line for line in joined if line and line not in trail]
    words = "|".join(re.escape(word) for word in content_words(query))
    wanted = re.compile(rf"\b(?:{words})\w*", re.IGNORECASE) if words else None
    first = next((place for place, line in enumerate(lines) if wanted and wanted.search(line)), 0)
    shown: list[str] = []
    for line in lines[first:]:
        room = most - sum(map(len, shown))
        if len(line) > room:
            if (cut := line[:room].rpartition(" ")[0]) or not shown:
                shown.append(f"{cut or line[:room]} …")
            break
        shown.append(line)
    return tuple(_pieces(line, wanted) for line in shown)


def _pieces(line: str, wanted: re.Pattern[str] | None) -> Line:
    if wanted is None:
        return ((line, False),)
    pieces = re.split(f"({wanted.pattern})", line, flags=re.IGNORECASE)
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece)
