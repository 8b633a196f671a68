"""Cutting a draft into pieces that can be kept or removed, and reading the marks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

PieceKind = Literal["sentence", "item", "row", "heading", "code", "blank"]

MARK = re.compile(r"\[\^?\s*(\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*)\s*\]|【\s*(\d{1,4})[^】\n]{0,24}】")
LONGEST_MARK = 40
"""Characters after which an opening bracket is no longer waited for."""
LONGEST_RANGE = 50
"""`[1-3]` is three marks; a longer range is no citation."""

_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s|$)")
_ROW = re.compile(r"\s*\|")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_ITEM = re.compile(r"[\s>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_QUOTE = re.compile(r"\s*>\s?")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}$|\s*=+\s*$")
_BARE_MARK = re.sub(r"\((?!\?)", "(?:", MARK.pattern)
_MARKS_HERE = rf"(?:[ \t\u00a0]*(?:{_BARE_MARK}))*"
_END = re.compile(
    rf"(?:[.!?…]+|[。！？]){_MARKS_HERE}[\"'”’»)*_`~]*(?:[.!?…]+)?{_MARKS_HERE}(?P<gap>\s+)(?P<next>(?!{_BARE_MARK})\S)"
    r"|\](?P<line>[ \t]*\n)(?=\s*[^\sa-z])"
    rf"|[。！？]{_MARKS_HERE}(?P<wide>)(?=\S)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|eg|ie|vs|approx|cf|viz|ca|resp|incl|excl|no|nr|fig|sec|ch|max|min|est|inc|ltd|corp|co"
    r"|dr|mr|ms|st"
    r"|u\.s|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)|\b[A-Z])$",
    re.IGNORECASE,
)
_MAY_BE_MARKER = re.compile(r"[ \t>]*(?:[-*+•_=|`~#>]+|\d{1,3}[.)]?)?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a draft that is kept or removed as a whole."""

    kind: PieceKind
    text: str
    """Verbatim, with the white space that follows; all pieces of a draft joined are the draft."""
    marks: tuple[int, ...] = ()
    """Numbers that the piece cites, in order, each once."""
    marker: str = ""
    """Of the first sentence of a list item, what stands in front of it."""
    inside_item: bool = False
    """Whether the piece continues a list item."""


def marks_of(text: str) -> tuple[int, ...]:
    """The numbers that a text cites: `[1]`, `[1, 2]`, `[1-3]`, `[^1]` and `【1】` are marks.

    >>> marks_of("See [2][1], [1-3] and 【4†source】.")
    (2, 1, 3, 4)
    """
    return tuple(dict.fromkeys(number for match in MARK.finditer(text) for number in numbers_of(match)))


def numbers_of(match: re.Match[str]) -> list[int]:
    """The numbers of one mark, in order."""
    found: list[int] = []
    for part in re.split(r"\s*[,;]\s*", match[1] or match[2]):
        first, dash, last = (text.strip() for text in re.sub("–", "-", part).partition("-"))
        if dash and last.isdecimal() and int(first) <= int(last) <= int(first) + LONGEST_RANGE:
            found += range(int(first), int(last) + 1)
        else:
            found.append(int(first))
            found += [int(last)] if dash and last.isdecimal() else []
    return found


def split(markdown: str) -> list[Piece]:
    """The draft as sentences, list items, table rows, headings and code, in order; joined, they are the draft.

    >>> [piece.text for piece in split("It has 141 GB. [1] It runs vLLM, e.g. 0.9 [2]. ")]
    ['It has 141 GB. [1] ', 'It runs vLLM, e.g. 0.9 [2]. ']
    """
    return _split(markdown, _Place())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a draft a text begins."""

    in_line: bool = False
    in_item: bool = False
    in_code: bool = False

    def after(self, piece: Piece) -> _Place:
        """The place behind a piece."""
        is_fence = piece.kind == "code" and _FENCE.match(piece.text) is not None
        return _Place(
            not piece.text.endswith("\n"),
            piece.kind == "item" or piece.inside_item,
            self.in_code != is_fence,
        )


class Splitter:
    """Splits a draft while it grows: joined, what `feed` and `close` return is `split` of the whole."""

    def __init__(self) -> None:
        self._buffer = ""
        self._place = _Place()

    def feed(self, delta: str) -> list[Piece]:
        """The pieces that nothing to come can change."""
        self._buffer += delta
        pieces = _split(self._buffer, self._place)
        positions = [0]
        for piece in pieces:
            positions.append(positions[-1] + len(piece.text))
        for count in range(len(pieces) - 1, 0, -1):
            if _decided(self._buffer, positions[count]):
                return self._take(pieces[:count])
        return []

    def close(self) -> list[Piece]:
        """The pieces that are left."""
        return self._take(_split(self._buffer, self._place))

    def _take(self, pieces: list[Piece]) -> list[Piece]:
        for piece in pieces:
            self._place = self._place.after(piece)
        self._buffer = self._buffer[sum(len(piece.text) for piece in pieces) :]
        return pieces


def _split(text: str, place: _Place) -> list[Piece]:
    pieces: list[Piece] = []
    block: list[str] = []
    fenced, item, begun, in_line = place.in_code, place.in_item, place.in_item, place.in_line

    def flush() -> None:
        nonlocal item, begun
        if block:
            pieces.extend(_sentences("".join(block), item=item, begun=begun))
            block.clear()
        item = begun = False

    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        if in_line and not fenced:
            block.append(line)
        elif _FENCE.match(line):
            flush()
            fenced = not fenced
            pieces.append(Piece("code", line))
        elif fenced:
            pieces.append(Piece("code", line))
        elif not line.strip() or _RULE.match(line):
            flush()
            pieces.append(Piece("blank", line))
        elif _HEADING.match(line):
            flush()
            pieces.append(Piece("heading", line, marks_of(line)))
        elif _ROW.match(line):
            flush()
            pieces.append(Piece("row", line, marks_of(line)))
        elif _ITEM.match(line):
            flush()
            item = True
            block.append(line)
        else:
            block.append(line)
        in_line = False
    flush()
    return pieces


def _decided(buffer: str, begin: int) -> bool:
    """Whether a piece certainly begins at `begin`, whatever follows the buffer."""
    rest = buffer[begin:]
    if "\n" in rest:
        return not _opens_mark(rest)
    at_line = begin == 0 or buffer[begin - 1] == "\n"
    if at_line and (_MAY_BE_MARKER.fullmatch(rest) or _FENCE.match(rest)):
        return False
    if not rest.strip():
        return False
    return not _opens_mark(rest)


def _opens_mark(rest: str) -> bool:
    """Whether the text begins with what may become a mark of the piece before it."""
    begun = rest.lstrip()
    return begun[:1] in ("[", "【") and len(begun) < LONGEST_MARK and not re.match(r"[\[【][^\d\s^]", begun)


def _sentences(block: str, *, item: bool, begun: bool) -> Iterator[Piece]:
    """The sentences of a paragraph or list item; of an item that has begun before, none is its first."""
    marker = match[0] if item and not begun and (match := _ITEM.match(block)) else ""
    begin, position, first = 0, len(marker), not begun
    while match := _END.search(block, position):
        position = match.start() + 1
        stop = match.end("gap") if match["gap"] is not None else match.end()
        if match["line"] is not None and not MARK.search(block[max(0, match.start() - 24) : match.start() + 1]):
            continue
        if match["gap"] is not None and not _ends(match, block[max(0, match.start() - 12) : match.start()]):
            continue
        yield _piece(block[begin:stop], marker if first else "", item=item, first=first)
        begin, position, first = stop, stop, False
    if begin < len(block):
        yield _piece(block[begin:], marker if first else "", item=item, first=first)


def _piece(text: str, marker: str, *, item: bool, first: bool) -> Piece:
    kind: PieceKind = "item" if item and first else "sentence"
    return Piece(kind, text, marks_of(text), marker, item and not first)


def _ends(match: re.Match[str], before: str) -> bool:
    """Whether a sentence ends at a full stop, judged by what stands on both sides."""
    following = match["next"]
    if following.islower() or following in ",;:)]":
        return False
    if match[0][0] != "." or not _ABBREVIATION.search(before):
        return True
    return MARK.search(match[0]) is not None or "\n" in match["gap"]
