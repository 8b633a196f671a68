"""Sections → chunks that fit the embedder, cut where a reader would cut."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hwqa.atoms import Atom, CountTokens, Measure, Region, cut_into_atoms, embedding_of, whole_lines
from hwqa.markdown import plain_text
from hwqa.names import key
from hwqa.schema import TRAIL_SEPARATOR, Chunk, Document, Section

CHUNKER_VERSION = 5
"""Part of an index's fingerprint: raised whenever the same document gives other chunks."""

BUDGET = 192
"""Tokens of a chunk, trail included: shorter ones blur less, longer ones say more (docs/benchmarks/ablations.md)."""
_MOST_ATOMS = 400
"""Atoms that one chunk may join: bounds the work on thousands of blocks without visible text."""
_ROUNDS = 6
_INVISIBLE = frozenset({"html", "definition", "rule"})


def embedding_text(chunk: Chunk) -> str:
    """What the embedder reads of a chunk: its document's title and its trail, then its text without marks."""
    return embedding_of(_searched_trail(chunk.topic, chunk.heading_path), chunk.text)


def chunk_document(document: Document, *, count_tokens: CountTokens, budget: int = BUDGET) -> list[Chunk]:
    """The chunks of a document in order; together they hold every visible character once, `context` aside.

    No chunk is larger than the budget, except where one table row, one heading with its first sentence, or the trail
    alone is. A section has as few chunks as the budget allows, of about the same size, and one more where that
    saves a cut within a long paragraph. A section without text of its own joins the front of the section under it.

    Args:
        document: The sections to cut.
        count_tokens: Tokens of a text as the embedder counts them.
        budget: Most tokens of `embedding_text` of a chunk.
    """
    own_title = _own_title(document)
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for region in _regions(document.sections):
        section = document.sections[region.section]
        topic = "" if key(own_title) in key(TRAIL_SEPARATOR.join(section.heading_path)) else own_title
        searched = _searched_trail(topic, section.heading_path)
        for piece in _plan(region, Measure(count_tokens, searched, budget)):
            (start, end), text = _text(region, piece)
            first, last = region.line_at(start), region.line_at(end - 1)
            chunk = Chunk(
                id="",
                path=document.path,
                heading_path=section.heading_path,
                anchor=section.anchor,
                lines=(first, last),
                text=text,
                context=piece.context,
                ordinal=len(chunks),
                section=region.section,
                topic=topic,
            )
            content = json.dumps([chunk.path, topic, chunk.heading_path, chunk.text], ensure_ascii=True)
            chunks.append(replace(chunk, id=_hash(content, seen[content])))
            seen[content] += 1
    return chunks


def _own_title(document: Document) -> str:
    """What the front matter or the file's name calls the document; empty where a heading does."""
    headings = {heading for section in document.sections for heading in section.heading_path}
    return "" if document.title in headings else document.title


def _searched_trail(topic: str, heading_path: Sequence[str]) -> str:
    return TRAIL_SEPARATOR.join((topic, *heading_path) if topic else heading_path)


def _hash(content: str, repeat: int) -> str:
    """An id for the content; the second and later occurrences within a file count."""
    return hashlib.sha256(f"{content}#{repeat}".encode() if repeat else content.encode()).hexdigest()[:24]


# --- regions: the sections that are cut as one --------------------------------------------------------------------


def _regions(sections: Sequence[Section]) -> Iterator[Region]:
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
        yield Region(position, group[0].lines[0], text, blocks, tuple(starts[:-1]))


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


# --- the plan -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    context: str
    borders: int
    """How many places it could have been cut at."""


def _text(region: Region, piece: _Piece) -> tuple[tuple[int, int], str]:
    """Where a chunk stands in its region, and what it says: the measured text is the shown one."""
    start, end = whole_lines(region.text, piece.start, piece.end)
    own = region.text[start:end]
    return (start, end), f"{piece.context}\n{own}" if piece.context else own


def _plan(region: Region, measure: Measure) -> list[_Piece]:
    """The chunks of a region: its whole if that fits, else as few as possible, of about equal size."""
    start, end = region.span(region.blocks[0].lines[0], region.blocks[-1].lines[1])
    # so long a text does not fit, and measuring it would take as long as cutting it
    if end - start <= 100 * measure.budget and measure.excess(region.text[start:end]) <= 0:
        return [_Piece(start, end, "", 0)]
    available = measure.available
    pieces: list[_Piece] = []
    for _ in range(_ROUNDS):
        pieces = _partition(cut_into_atoms(region, measure, available), available)
        over = max(
            (measure.excess(_text(region, piece)[1]) for piece in pieces if piece.borders),
            default=0,
        )
        if over <= 0 or available == 1:
            break
        available = max(1, available - over)  # the whole counts more than its parts: leave room for the difference
    return pieces


def _partition(atoms: Sequence[Atom], available: int) -> list[_Piece]:
    """Runs of atoms within the budget: the fewest, then the most even with the cheapest borders.

    A cut within a paragraph counts as one more run: a piece of it read with the next paragraph says neither.
    """
    count = len(atoms)
    best: list[tuple[int, float]] = [(0, 0.0), *[(2 * count + 1, 0.0)] * count]
    begins = [0] * (count + 1)
    for end in range(1, count + 1):
        if end < count and atoms[end].glued:
            continue
        tokens = 0
        whole = 0  # unbroken groups in the run
        for begin in range(end - 1, -1, -1):
            if whole and end - begin > _MOST_ATOMS:
                break
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
            runs = 2 if begin and atom.within else 1
            candidate = (chunks + runs, cost + (size / available) ** 2 + (atom.price if begin else 0.0))
            if candidate < best[end]:
                best[end], begins[end] = candidate, begin
    pieces: list[_Piece] = []
    end = count
    while end:
        begin = begins[end]
        borders = sum(not atom.glued for atom in atoms[begin + 1 : end])
        pieces.append(_Piece(atoms[begin].start, atoms[end - 1].end, atoms[begin].context, borders))
        end = begin
    return pieces[::-1]
