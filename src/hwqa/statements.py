"""Markdown → the parts of it that can be quoted: sentences, table rows, code."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it.token import Token

from hwqa.blocks import Blocks, html_as_seen, parse_fragment, split_lines
from hwqa.schema import Statement
from hwqa.sentences import sentence_spans

_LABEL = re.compile(
    r"(?P<mark>\*\*|__)(?P<label>[^*\n]{1,200}?)(?:[:：](?P=mark)|(?P=mark)\s*[:：]|(?P=mark)\s+[–—-](?=\s))\s*(?=\S)"
)
_LINKS_ONLY = re.compile(
    r"(?:[\s,;|()–—-]|\[[^\[\]]*\]\([^()\s]*\)|\[[^\[\]]*\]\[[^\[\]]*\]|\[\^?\w+\]|<https?://[^\s<>]+>)+\.?"
)
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)([^\n].{0,2000}?)(?<=\S)\1(?!\1)", re.DOTALL)
_BULLET = re.compile(r"(?:[-*+•]|\d{1,9}[.)])[ \t]+")
_REMEMBERED = 512
"""Texts whose statements are remembered, some 10 MB: a question reads each of its passages eight times."""
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_HTML_ROW = re.compile(r"<tr\b.*?(?:</tr\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_HTML_CELL = re.compile(r"<t([hd])\b[^<>]*>(.*?)(?=<t[hd]\b|</t[rhd]\b|\Z)", re.DOTALL | re.IGNORECASE)


@lru_cache(maxsize=_REMEMBERED)
def statements(text: str, first_line: int = 1, *, context: str = "") -> tuple[Statement, ...]:
    r"""The sentences, table rows and blocks of code of a piece of Markdown, in order.

    Headings, labels with text under them, link definitions and comments are no statements. Each quote stands verbatim
    in the lines that its statement names.

    Args:
        text: Whole lines of a document, or a part of a line.
        first_line: The line of the document that the text begins at.
        context: What is repeated in front of the text, as in `Chunk`: it gives rows their header and no statements.
            A text that begins with it, as a chunk's does, is taken without it.

    >>> [statement.text for statement in statements("| a | b |\n|---|---|\n| 1 | 2 |")]
    ['a: 1; b: 2']
    """
    before = split_lines(context)
    if context and text.startswith(context + "\n"):
        text = text[len(context) + 1 :]
    reader = _Reader(before, split_lines(text), first_line)
    return tuple(statement for statement in reader.read() if statement.lines[0] >= first_line)


@dataclass(slots=True)
class _Item:
    """An open list item."""

    paragraphs: int = 0
    label: str = ""


class _Reader:
    def __init__(self, before: Sequence[str], own: Sequence[str], first_line: int) -> None:
        self.lines = [*before, *own]
        self.before = len(before)
        self.first_line = first_line
        self.blocks: Blocks = parse_fragment(self.lines)

    def number(self, line: int) -> int:
        """The document's number of a line of the fragment."""
        return line - self.before + self.first_line

    def read(self) -> Iterator[Statement]:
        items: list[_Item] = []
        for position, token in enumerate(self.blocks.tokens):
            if token.type == "list_item_open":
                items.append(_Item())
            elif token.type == "list_item_close":
                items.pop()
            elif token.map is None:
                continue
            elif token.type == "paragraph_open":
                yield from self.paragraph(position, items[-1] if items else None)
            elif token.type == "table_open":
                yield from self.table(position)
            elif token.type in {"fence", "code_block"}:
                yield from self.code(token)
            elif token.type == "html_block":
                yield from self.html(token)

    # --- sentences ---

    def paragraph(self, position: int, item: _Item | None) -> Iterator[Statement]:
        tokens = self.blocks.tokens
        content = tokens[position + 1].content
        first = (tokens[position].map or (0, 0))[0]
        start = 0
        label = item.label if item else ""
        opens_item = item is not None and item.paragraphs == 0
        if item:
            item.paragraphs += 1
        if self.blocks.label(content):
            alone = opens_item and tokens[position + 3].type == "list_item_close" and "\n" not in content
            if not alone:
                start = content.find("\n") + 1
                if not start:
                    return
        places = _Places(content, first, self.lines)
        for begin, end in _merged(content, start):
            piece = content[begin:end]
            if piece.startswith("|") and "\n" not in piece:
                yield from self.loose_row(piece, places, begin, end)
                continue
            bullet = _BULLET.match(piece) if begin > start or piece.startswith("•") else None
            if bullet:
                begin += bullet.end()  # noqa: PLW2901 - the mark is no part of the sentence
                label = ""
            named = _LABEL.match(content, begin, end)
            if named and (begin == start or bullet or "\n" in content[:begin].rpartition(content[:begin].rstrip())[2]):
                label = self.blocks.inline_text(named["label"])
                if item and opens_item and begin == start:
                    item.label = label
            text = " ".join(self.blocks.inline_text(_balanced(content, begin, end)).split())
            if text:
                lines, quote = places.cut(begin, end)
                yield Statement("sentence", (self.number(lines[0]), self.number(lines[1])), quote, text, label)

    def loose_row(self, piece: str, places: _Places, begin: int, end: int) -> Iterator[Statement]:
        """A row whose header is not known, because the text begins within a table."""
        cells = tuple(self.cell(cell) for cell in _CELL_BORDER.split(piece.strip().strip("|")))
        if any(cells) and not re.fullmatch(r"[\s|:-]+", piece):
            (line, _), quote = places.cut(begin, end)
            number = self.number(line)
            yield Statement("row", (number, number), quote, "; ".join(filter(None, cells)), cells[0], (), cells)

    # --- tables, code, HTML ---

    def cell(self, content: str) -> str:
        return " ".join(self.blocks.inline_text(content.strip()).split())

    def table(self, position: int) -> Iterator[Statement]:
        header: tuple[str, ...] = ()
        cells: list[str] = []
        line = 0
        for token in self.blocks.tokens[position + 1 :]:
            if token.type == "table_close":
                return
            if token.type == "tr_open" and token.map:
                cells, line = [], token.map[0]
            elif token.type == "inline":
                cells.append(self.cell(token.content))
            elif token.type == "tr_close" and not header:
                header = tuple(cells)
            elif token.type == "tr_close" and any(cells):
                quote = re.sub(r"^[\s>]+", "", self.lines[line]).rstrip()
                yield self.row(header, tuple(cells), (line, line), quote)

    def row(self, header: tuple[str, ...], cells: tuple[str, ...], lines: tuple[int, int], quote: str) -> Statement:
        named = [f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=False) if cell]
        text = "; ".join([*named, *filter(None, cells[len(header) :])])
        span = (self.number(lines[0]), self.number(lines[1]))
        return Statement("row", span, quote, text, cells[0], header, cells)

    def code(self, token: Token) -> Iterator[Statement]:
        first = (token.map or (0, 0))[0] + (token.type == "fence")
        end = (
            min(first + token.content.count("\n"), len(self.lines))
            if token.type == "fence"
            else (token.map or (0, 0))[1]
        )
        first = max(first, self.before)
        while first < end and not self.lines[first].strip():
            first += 1
        while first < end and not self.lines[end - 1].strip():
            end -= 1
        if first < end and token.content.strip():
            quote = "\n".join(self.lines[first:end])
            yield Statement("code", (self.number(first), self.number(end - 1)), quote, token.content.strip("\n"))

    def html(self, token: Token) -> Iterator[Statement]:
        first = (token.map or (0, 0))[0]
        content = token.content.rstrip("\n")
        places = _Places(content, first, self.lines)
        seen = html_as_seen(content)
        covered = 0
        header: tuple[str, ...] = ()
        for match in [*_HTML_ROW.finditer(content), None]:
            start = match.start() if match else len(content)
            yield from self.html_lines(seen, covered, start, places)
            if match is None:
                return
            covered = match.end()
            found = list(_HTML_CELL.finditer(match[0]))
            cells = tuple(_words(html_as_seen(cell[2])) for cell in found)
            if not header and found and all(cell[1].lower() == "h" for cell in found):
                header = cells
            elif any(cells):
                lines, quote = places.cut(start, covered)
                yield self.row(header, cells, lines, quote)

    def html_lines(self, seen: str, start: int, end: int, places: _Places) -> Iterator[Statement]:
        """The sentences of each line of HTML."""
        for line in re.finditer(r"[^\n]+", seen[start:end]):
            for first, last in sentence_spans(line[0].replace("\0", "\u200b")):
                text = _words(line[0][first:last])
                if text:
                    offset = start + line.start()
                    lines, quote = places.cut(offset + first, offset + last)
                    yield Statement("sentence", (self.number(lines[0]), self.number(lines[1])), quote, text)


def _words(seen: str) -> str:
    return " ".join(html.unescape(seen.replace("\0", "")).split())


class _Places:
    """Where the characters of a block's content stand in the lines of the fragment.

    The parser takes marks and indentation off the front of lines and white space off the ends, so what it leaves of a
    line is the end of that line.
    """

    def __init__(self, content: str, first: int, lines: Sequence[str]) -> None:
        self.first = first
        self.lines = lines
        self.offsets = [0]
        for line in content.split("\n"):
            self.offsets.append(self.offsets[-1] + len(line) + 1)
        self.content = content

    def place(self, offset: int) -> tuple[int, int]:
        """Line, from 0, and column of a character."""
        row = next(row for row in range(len(self.offsets) - 1) if offset < self.offsets[row + 1])
        left = self.content[self.offsets[row] : self.offsets[row + 1] - 1].rstrip()
        line = self.lines[self.first + row].rstrip()
        return self.first + row, max(0, len(line) - len(left) + offset - self.offsets[row])

    def cut(self, begin: int, end: int) -> tuple[tuple[int, int], str]:
        """First and last line of a span, and what stands there verbatim."""
        first, start = self.place(begin)
        last, stop = self.place(end - 1)
        if first == last:
            return (first, last), self.lines[first][start : stop + 1]
        return (first, last), "\n".join(
            [self.lines[first][start:], *self.lines[first + 1 : last], self.lines[last][: stop + 1]]
        )


def _merged(content: str, start: int) -> Iterator[tuple[int, int]]:
    """The sentences from an offset on; links alone, and marks alone, go with the sentence that they follow."""
    pending: tuple[int, int] | None = None
    for first, last in sentence_spans(content[start:]):
        begin, end = first + start, last + start
        piece = content[begin:end]
        if pending is not None:
            broken = "\n" in content[pending[1] : begin] and re.search(
                r"(?: {2,}|\\)\n", content[pending[1] - 1 : begin]
            )
            wordless = not any(character.isalnum() for character in piece)
            if not broken and not piece.startswith("|") and (wordless or _LINKS_ONLY.fullmatch(piece)):
                pending = (pending[0], end)
                continue
            yield pending
        pending = (begin, end)
    if pending is not None:
        yield pending


def _balanced(content: str, begin: int, end: int) -> str:
    """A span of a paragraph with the emphasis that crosses its ends opened and closed again."""
    opened, closed = "", ""
    for match in _EMPHASIS.finditer(content):
        inner_start, inner_end = match.start(2), match.end(2)
        if inner_start <= begin < inner_end and match.start() < begin:
            opened += match[1]
        if inner_start < end <= inner_end and end < match.end():
            closed = match[1] + closed
    piece = content[begin:end]
    # a line break at the end of a span breaks nothing
    return opened + (piece.removesuffix("\\") if content[end : end + 1] == "\n" else piece) + closed
