"""Sections → chunks that fit the embedder, cut where a reader would cut."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hwqa.markdown import plain_text
from hwqa.schema import TRAIL_SEPARATOR, Block, Chunk, Document, Section
from hwqa.sentences import sentence_spans

CHUNKER_VERSION = 1
"""Part of an index's fingerprint: raised whenever the same document gives other chunks."""

CountTokens = Callable[[str], int]

_MOST_ATOMS = 400
"""Atoms that one chunk may join: bounds the work on thousands of blocks without visible text."""
_ROUNDS = 6
_INVISIBLE = frozenset({"html", "definition", "rule"})


def embedding_text(chunk: Chunk) -> str:
    """What the embedder reads of a chunk: its trail, then its text without marks."""
    return _embedding_text(chunk.trail, chunk.text)


def _embedding_text(trail: str, text: str) -> str:
    return f"{trail}\n{plain_text(text)}" if trail else plain_text(text)


def chunk_document(document: Document, *, count_tokens: CountTokens, budget: int = 256) -> list[Chunk]:
    """The chunks of a document in order; together they hold every visible character once, `context` aside.

    No chunk is larger than the budget, except where one table row, one heading with its first sentence, or the trail
    alone is. A section has as few chunks as the budget allows, of about the same size. A section without text of its
    own joins the front of the section under it.

    Args:
        document: The sections to cut.
        count_tokens: Tokens of a text as the embedder counts them.
        budget: Most tokens of `embedding_text` of a chunk.
    """
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for region in _regions(document.sections):
        section = document.sections[region.section]
        for piece in _plan(region, _Measure(count_tokens, TRAIL_SEPARATOR.join(section.heading_path), budget)):
            start, end = _whole_lines(region.text, piece.start, piece.end)
            first, last = region.line_at(start), region.line_at(end - 1)
            own = region.text[start:end]
            chunk = Chunk(
                id="",
                path=document.path,
                heading_path=section.heading_path,
                anchor=section.anchor,
                lines=(first, last),
                text=f"{piece.context}\n{own}" if piece.context else own,
                context=piece.context,
                ordinal=len(chunks),
                section=region.section,
            )
            content = json.dumps([chunk.path, chunk.heading_path, chunk.text], ensure_ascii=True)
            chunks.append(replace(chunk, id=_hash(content, seen[content])))
            seen[content] += 1
    return chunks


def _whole_lines(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the white space that parts it from the ends of its lines."""
    opening = text.rfind("\n", 0, start) + 1
    closing = text.find("\n", end)
    closing = len(text) if closing < 0 else closing
    return (
        start if text[opening:start].strip() else opening,
        end if text[end:closing].strip() else closing,
    )


def _hash(content: str, repeat: int) -> str:
    """An id for the content; the second and later occurrences within a file count."""
    return hashlib.sha256(f"{content}#{repeat}".encode() if repeat else content.encode()).hexdigest()[:24]


# --- regions: the sections that are cut as one --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Region:
    """A section, with the sections in front that have no text of their own."""

    section: int
    first_line: int
    text: str
    blocks: tuple[Block, ...]
    starts: tuple[int, ...]
    """Offset of each line in the text."""

    def line_at(self, offset: int) -> int:
        return self.first_line + bisect_right(self.starts, offset) - 1

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Start and end offset of lines, the last line break left out."""
        end = last - self.first_line + 1
        start = self.starts[first - self.first_line]
        return start, (self.starts[end] - 1 if end < len(self.starts) else len(self.text))


def _regions(sections: Sequence[Section]) -> Iterator[_Region]:
    """What is cut as one: bare headings with what they head, invisible remains with what they follow."""
    groups: list[tuple[int, list[Section]]] = []
    waiting: list[Section] = []
    for position, section in enumerate(sections):
        following = sections[position + 1] if position + 1 < len(sections) else None
        bare = _is_bare(section)
        if bare and following and _is_under(following, section):
            waiting.append(section)
        elif bare and groups and not waiting and section.blocks[0].kind not in {"heading", "label"}:
            groups[-1][1].append(section)
        elif section.blocks:
            groups.append((position, [*waiting, section]))
            waiting = []
        # a section without blocks holds nothing but blank lines
    for position, group in groups:
        text = "\n".join(section.text for section in group)
        starts = [0]
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        blocks = tuple(block for section in group for block in section.blocks)
        yield _Region(position, group[0].lines[0], text, blocks, tuple(starts[:-1]))


def _is_bare(section: Section) -> bool:
    """Whether a section shows nothing but its heading."""
    lines = section.text.split("\n")
    for block in section.blocks:
        if block.kind in {"heading", "label"}:
            continue
        first, last = (line - section.lines[0] for line in block.lines)
        if block.kind not in _INVISIBLE or plain_text("\n".join(lines[first : last + 1])):
            return False
    return bool(section.blocks)


def _is_under(section: Section, upper: Section) -> bool:
    depth = len(upper.heading_path)
    return len(section.heading_path) > depth and section.heading_path[:depth] == upper.heading_path


# --- measuring ----------------------------------------------------------------------------------------------------


class _Measure:
    """Counts tokens of parts so that the parts of a chunk add up to about its embedding text."""

    def __init__(self, count_tokens: CountTokens, trail: str, budget: int) -> None:
        self.trail = trail
        self.budget = budget
        self._count = count_tokens
        self._empty = count_tokens("")
        self._joint = max(0, count_tokens("a\na") + self._empty - 2 * count_tokens("a"))
        used = count_tokens(trail) + self._joint if trail else self._empty
        # a trail that fills the budget must not grind the text to dust
        self.available = max(budget - used, budget // 4, 1)

    def raw(self, text: str) -> int:
        """Tokens of a text as it stands."""
        return max(0, self._count(text) - self._empty) + self._joint if text else 0

    def plain(self, markdown: str) -> int:
        """Tokens of a piece of Markdown without its marks."""
        return self.raw(plain_text(markdown))

    def excess(self, text: str) -> int:
        """By how many tokens a chunk of this text is too large."""
        return self._count(_embedding_text(self.trail, text)) - self.budget


# --- atoms: what is never cut -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Atom:
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


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    context: str
    atoms: int


def _atoms(region: _Region, measure: _Measure, available: int) -> list[_Atom]:
    """The region's blocks, those that do not fit cut up; `available` is what the trail leaves of the budget."""
    atoms: list[_Atom] = []
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
            parts = [_Atom(start, end, tokens, block.depth)]
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
        if _binds(block, following, text, tokens, available):
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


def _rows(region: _Region, block: Block, intro: int, measure: _Measure) -> list[_Atom]:
    """A table's rows, the first with the header; before later ones lead-in and header are repeated."""
    first, last = block.lines
    head_start, head_end = region.span(first, min(first + 1, last))
    context = region.text[intro:head_end]
    context_tokens = measure.plain(context)
    atoms = []
    for line in range(first + 2, last + 1):
        start, end = region.span(line, line)
        row = re.sub(r"(?<!\\)\|", " ", region.text[start:end]).strip(" >")
        atoms.append(_Atom(start, end, measure.plain(row), block.depth, False, 0.3, context, context_tokens))
    head_tokens = measure.plain(region.text[head_start:head_end])
    if not atoms:
        return [_Atom(head_start, head_end, head_tokens, block.depth)]
    top = replace(atoms[0], start=head_start, tokens=atoms[0].tokens + head_tokens, context="", context_tokens=0)
    return [top, *atoms[1:]]


def _code_lines(region: _Region, block: Block, measure: _Measure, available: int) -> list[_Atom]:
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
    atoms: list[_Atom] = []
    for line in range(first, last + 1):
        start, end = region.span(line, line)
        text = region.text[start:end]
        tokens = measure.raw(text)
        if tokens <= available:
            if text.strip():
                atoms.append(_Atom(start, end, tokens, block.depth, False, 0.4, context))
        else:
            for a, b in _fitting(text, measure, available):
                atoms.append(_Atom(start + a, start + b, measure.raw(text[a:b]), block.depth, False, 0.9, context))
    return [replace(atoms[0], context=""), *atoms[1:]]


_MARKER_TO_SPACE = str.maketrans(dict.fromkeys("-*+.)0123456789", " "))


def _sentences(region: _Region, block: Block, measure: _Measure, available: int, first: int) -> list[_Atom]:
    """The sentences of a paragraph; a sentence that does not fit is cut between words, a word that does not, within."""
    start, end = region.span(*block.lines)
    text = region.text[start:end]
    atoms: list[_Atom] = []
    for a, b in sentence_spans(text):
        room = available if atoms else first
        tokens = measure.plain(text[a:b])
        if atoms and atoms[-1].tokens + tokens <= available // 16:
            atoms[-1] = replace(atoms[-1], end=start + b, tokens=atoms[-1].tokens + tokens)
        elif tokens <= room:
            atoms.append(_Atom(start + a, start + b, tokens, block.depth, False, 0.6))
        else:
            for c, d in _fitting(text[a:b], measure, room):
                atoms.append(
                    _Atom(start + a + c, start + a + d, measure.raw(text[a + c : a + d]), block.depth, False, 1.0)
                )
    return atoms


def _fitting(text: str, measure: _Measure, available: int) -> Iterator[tuple[int, int]]:
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


def _within_word(text: str, start: int, end: int, measure: _Measure, available: int) -> Iterator[tuple[int, int]]:
    while start < end:
        low, high = start + 1, min(end, start + 40 * available)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if measure.raw(text[start:middle]) <= available else (low, middle - 1)
        yield start, low
        start = low


# --- the plan -----------------------------------------------------------------------------------------------------


def _plan(region: _Region, measure: _Measure) -> list[_Piece]:
    """The chunks of a region: its whole if that fits, else as few as possible, of about equal size."""
    start, end = region.span(region.blocks[0].lines[0], region.blocks[-1].lines[1])
    # so long a text does not fit, and measuring it would take as long as cutting it
    if end - start <= 100 * measure.budget and measure.excess(region.text[start:end]) <= 0:
        return [_Piece(start, end, "", 1)]
    available = measure.available
    pieces: list[_Piece] = []
    for _ in range(_ROUNDS):
        pieces = _partition(_atoms(region, measure, available), available)
        over = max(
            (
                measure.excess(f"{piece.context}\n{region.text[piece.start : piece.end]}")
                for piece in pieces
                if piece.atoms > 1
            ),
            default=0,
        )
        if over <= 0 or available == 1:
            break
        available = max(1, available - over)  # the whole counts more than its parts: leave room for the difference
    return pieces


def _partition(atoms: Sequence[_Atom], available: int) -> list[_Piece]:
    """Runs of atoms within the budget: the fewest, then the most even with the cheapest borders."""
    count = len(atoms)
    best: list[tuple[int, float]] = [(0, 0.0), *[(count + 1, 0.0)] * count]
    begins = [0] * (count + 1)
    for end in range(1, count + 1):
        if end < count and atoms[end].glued:
            continue
        tokens = 0
        whole = 0  # unbroken groups in the run
        for begin in range(end - 1, max(-1, end - 1 - _MOST_ATOMS), -1):
            atom = atoms[begin]
            tokens += atom.tokens
            if atom.glued and begin:
                continue
            whole += 1
            size = tokens + atom.context_tokens
            if size > available and whole > 1:
                if tokens > available:
                    break
                continue
            chunks, cost = best[begin]
            candidate = (chunks + 1, cost + (size / available) ** 2 + (atom.price if begin else 0.0))
            if candidate < best[end]:
                best[end], begins[end] = candidate, begin
    pieces: list[_Piece] = []
    end = count
    while end:
        begin = begins[end]
        pieces.append(_Piece(atoms[begin].start, atoms[end - 1].end, atoms[begin].context, end - begin))
        end = begin
    return pieces[::-1]
