"""A section → atoms, the parts that chunks are made of: blocks, or the rows, lines and sentences of a large block."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hwqa.blocks import Blocks
from hwqa.markdown import plain_text
from hwqa.schema import Block
from hwqa.sentences import sentence_spans

CountTokens = Callable[[str], int]


def embedding_of(trail: str, text: str) -> str:
    """A trail and a piece of Markdown as the embedder reads them."""
    return f"{trail}\n{plain_text(text)}" if trail else plain_text(text)


@dataclass(frozen=True, slots=True)
class Region:
    """A section, with the sections in front that have no text of their own."""

    section: int
    first_line: int
    text: str
    blocks: tuple[Block, ...]
    starts: tuple[int, ...]
    """Offset of each line in the text."""

    def line_at(self, offset: int) -> int:
        """The line of the file that holds the character at an offset."""
        return self.first_line + bisect_right(self.starts, offset) - 1

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Start and end offset of lines, the last line break left out."""
        end = last - self.first_line + 1
        start = self.starts[first - self.first_line]
        return start, (self.starts[end] - 1 if end < len(self.starts) else len(self.text))


class Measure:
    """Counts tokens of parts so that the parts of a chunk add up to about its embedding text."""

    def __init__(self, count_tokens: CountTokens, trail: str, budget: int) -> None:
        self.trail = trail
        self._count = count_tokens
        self._empty = count_tokens("")
        self._joint = max(0, count_tokens("a\na") + self._empty - 2 * count_tokens("a"))
        used = count_tokens(trail) + self._joint if trail else self._empty
        # a trail that fills the budget must not grind the text to dust
        self.available = max(budget - used, budget // 4, 1)
        self.budget = max(budget, used + self.available)

    def raw(self, text: str) -> int:
        """Tokens of a text as it stands."""
        return max(0, self._count(text) - self._empty) + self._joint if text else 0

    def plain(self, markdown: str) -> int:
        """Tokens of a piece of Markdown without its marks."""
        return self.raw(plain_text(markdown))

    def prose(self, text: str, start: int, end: int) -> int:
        """Tokens of a part of a paragraph, the larger count of what it is in front ("- so" an item) and within."""
        part = text[start:end]
        if part[:1].isalpha():
            return self.plain(part)
        return max(self.plain(text[slice(*whole_lines(text, start, end))]), self.raw(Blocks((), {}).inline_text(part)))

    def excess(self, text: str) -> int:
        """By how many tokens a chunk of this text is too large."""
        return self._count(embedding_of(self.trail, text)) - self.budget


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never cut: from `start` up to `end` in the text of its region."""

    start: int
    end: int
    tokens: int
    depth: int
    glued: bool = False
    """Whether it must follow the atom in front of it."""
    price: float = 0.0
    """What a border in front of it costs, from 0 (a border that a reader would choose) to 1."""
    context: str = ""
    """What is repeated in front when a chunk begins here."""
    context_tokens: int = 0
    within: bool = False
    """Whether a border in front of it cuts a paragraph."""


def whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the white space that parts it from the ends of its lines, or from what it was cut off."""
    opening = text.rfind("\n", 0, start) + 1
    before = opening + len(text[opening:start].rstrip())
    if before > opening:
        before = max(before, start - 3)  # four spaces would make it code
    closing = text.find("\n", end)
    closing = len(text) if closing < 0 else closing
    return before, end if text[end:closing].strip() else closing


def cut_into_atoms(region: Region, measure: Measure, available: int) -> list[Atom]:
    """The region's blocks, those that do not fit cut up; `available` is what the trail leaves of the budget."""
    atoms: list[Atom] = []
    lead = 0  # tokens of atoms that the next one must follow
    shallowest = min(block.depth for block in region.blocks)
    for position, block in enumerate(region.blocks):
        start, end = region.span(*block.lines)
        text = region.text[start:end]
        tokens = measure.plain(text)
        previous = region.blocks[position - 1] if position else None
        following = region.blocks[position + 1] if position + 1 < len(region.blocks) else None
        glued = lead > 0
        if lead + tokens <= available or block.kind in {"heading", "label", "rule"}:
            parts = [Atom(start, end, tokens, block.depth)]
        elif block.kind == "table":
            intro = atoms[-1].start if glued and previous and previous.kind in {"paragraph", "item"} else start
            parts = _rows(region, block, intro, measure)
        elif block.kind in {"code", "html", "definition"}:
            parts = _code_lines(region, block, measure, available)
        else:
            parts = _sentences(region, block, measure, available, max(1, available - lead))
        price = min(0.1 * (block.depth - shallowest), 0.4)
        if previous and block.depth > previous.depth:
            price = 0.8
        if atoms and region.text[atoms[-1].start : atoms[-1].end].rstrip(" \\").endswith(":"):
            price = 1.0
        atoms.append(replace(parts[0], glued=glued, price=price))
        atoms += parts[1:]
        # a chain of lead-ins may not grow beyond what a chunk holds
        short = lead <= available // 2 or block.kind in {"heading", "label"}
        leads_table = following is not None and following.kind == "table"
        if (short or leads_table) and _binds(block, following, text, tokens, available):
            lead = (lead if glued and len(parts) == 1 else 0) + parts[-1].tokens + 1
        else:
            lead = 0
    return atoms


def _binds(block: Block, following: Block | None, text: str, tokens: int, available: int) -> bool:
    """Whether the next block may not be parted from this one."""
    if following is None:
        return False
    if block.kind in {"heading", "label"}:
        return True
    if block.kind not in {"paragraph", "item"}:
        return False
    if following.kind == "table":
        return tokens <= available // 4
    leads = text.rstrip(" \\*_").endswith(":") and following.kind in {"item", "code", "paragraph"}
    return leads and tokens <= available // 8


def _rows(region: Region, block: Block, intro: int, measure: Measure) -> list[Atom]:
    """A table's rows, the first with the header; before later ones lead-in and header are repeated."""
    first, last = block.lines
    head_start, head_end = region.span(first, min(first + 1, last))
    context = region.text[intro:head_end]
    context_tokens = measure.plain(context)
    atoms = []
    for line in range(first + 2, last + 1):
        start, end = region.span(line, line)
        row = re.sub(r"(?<!\\)\|", " ", region.text[start:end]).strip(" >")
        atoms.append(Atom(start, end, measure.plain(row), block.depth, False, 0.3, context, context_tokens))
    head_tokens = measure.plain(region.text[head_start:head_end])
    if not atoms:
        return [Atom(head_start, head_end, head_tokens, block.depth)]
    top = replace(atoms[0], start=head_start, tokens=atoms[0].tokens + head_tokens, context="", context_tokens=0)
    return [top, *atoms[1:]]


def _code_lines(region: Region, block: Block, measure: Measure, available: int) -> list[Atom]:
    """The lines of code; before later ones the opening fence is repeated, so that they still read as code."""
    first, last = block.lines
    fence = re.match(
        r"[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(`{3,}|~{3,})", region.text[slice(*region.span(first, first))]
    )
    context = region.text[slice(*region.span(first, first))] if fence and block.kind == "code" else ""
    if context:
        # a marker in front of the fence opened the list item once; repeated it would open another
        context = (
            context[: fence.start(1)].translate(_MARKER_TO_SPACE) + context[fence.start(1) :] if fence else context
        )
    atoms: list[Atom] = []
    for line in range(first, last + 1):
        start, end = region.span(line, line)
        text = region.text[start:end]
        tokens = measure.raw(text)
        if tokens <= available:
            if text.strip():
                atoms.append(Atom(start, end, tokens, block.depth, False, 0.4, context))
        else:
            for a, b in _fitting(text, measure, available):
                atoms.append(Atom(start + a, start + b, measure.raw(text[a:b]), block.depth, False, 0.9, context))
    return [replace(atoms[0], context=""), *atoms[1:]]


_MARKER_TO_SPACE = str.maketrans(dict.fromkeys("-*+.)0123456789", " "))


def _sentences(region: Region, block: Block, measure: Measure, available: int, first: int) -> list[Atom]:
    """The sentences of a paragraph; a sentence that does not fit is cut between words, a word that does not, within."""
    start, end = region.span(*block.lines)
    text = region.text[start:end]
    atoms: list[Atom] = []
    for a, b in sentence_spans(text):
        room = available if atoms else first
        tokens = measure.prose(text, a, b)
        if atoms and atoms[-1].tokens + tokens <= available // 16:
            atoms[-1] = replace(atoms[-1], end=start + b, tokens=atoms[-1].tokens + tokens)
        elif tokens <= room:
            atoms.append(Atom(start + a, start + b, tokens, block.depth, False, 0.6, within=bool(atoms)))
        else:
            for c, d in _fitting(text[a:b], measure, room):
                atoms.append(
                    Atom(start + a + c, start + a + d, measure.raw(text[a + c : a + d]), block.depth, False, 1.0)
                )
    return atoms


def _fitting(text: str, measure: Measure, available: int) -> Iterator[tuple[int, int]]:
    """Spans of at most that many tokens each, cut at white space where there is any."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    position = 0
    start = 0
    while position < len(words):
        start = words[position][0]
        low, high = position, min(len(words), position + 40 * available) - 1
        while low < high:  # the last word that still fits
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high) if measure.raw(text[start : words[middle][1]]) <= available else (low, middle - 1)
            )
        end = words[low][1]
        if low > position or measure.raw(text[start:end]) <= available:
            yield start, end
        else:
            yield from _within_word(text, start, end, measure, available)
        position = low + 1


def _within_word(text: str, start: int, end: int, measure: Measure, available: int) -> Iterator[tuple[int, int]]:
    while start < end:
        low, high = start + 1, min(end, start + 40 * available)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if measure.raw(text[start:middle]) <= available else (low, middle - 1)
        yield start, low
        start = low
