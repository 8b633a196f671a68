"""What a system returns, in terms that all share: pieces of files. Needs the standard library alone."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file, as a system returned it."""

    path: str
    start: int
    """Offset of its first character in the file."""
    end: int
    """Offset behind its last character; equal to `start` when the piece could not be found in the file."""
    characters: int
    """Length of the text that the system showed, which may repeat a heading or a table's header."""

    def cut(self, characters: int) -> Span:
        """The span as it is when only so many characters are shown; what is repeated in front counts first."""
        repeated = max(0, self.characters - (self.end - self.start))
        end = min(self.end, self.start + max(0, characters - repeated))
        return replace(self, end=end, characters=min(self.characters, characters))

    def to_json(self) -> list[Any]:
        """The span in one line of a results file."""
        return [self.path, self.start, self.end, self.characters]


class Locator:
    """Finds pieces of a text by what is in them, whatever their white space."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: list[int] | None = None
        self._compact = ""

    def find(self, piece: str, after: int = 0) -> tuple[int, int] | None:
        """Start and end of the first occurrence at or behind `after`, else of the first at all; None without any."""
        piece = piece.strip()
        if not piece:
            return None
        for begin in (after, 0):
            start = self.text.find(piece, begin)
            if start >= 0:
                return start, start + len(piece)
        if self._places is None:
            self._places = [place for place, character in enumerate(self.text) if not character.isspace()]
            self._compact = "".join(self.text[place] for place in self._places)
        compact = "".join(piece.split())
        for begin in (bisect.bisect_left(self._places, after), 0):
            start = self._compact.find(compact, begin)
            if start >= 0:
                return self._places[start], self._places[start + len(compact) - 1] + 1
        return None


def locate(path: str, text: str, pieces: Sequence[str]) -> list[Span]:
    """The pieces of a text, which come in its order and may overlap, as spans."""
    locator = Locator(text)
    spans = []
    after = 0
    for piece in pieces:
        found = locator.find(piece, after)
        start, end = found or (after, after)
        spans.append(Span(path, start, end, len(piece)))
        after = start
    return spans
