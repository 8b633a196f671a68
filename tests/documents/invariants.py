"""What holds for every document, whatever stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from hwqa.chunking import chunk_document
from hwqa.markdown import read_document
from hwqa.schema import Chunk, Document
from hwqa.statements import statements


def words(text: str) -> int:
    return len(text.split())


def letters(text: str) -> int:
    return len(text)


def subwords(text: str) -> int:
    """Counts as an embedder does: two marks around the text, long words in parts."""
    return 2 + sum(1 + len(word) // 5 for word in text.split())


def file_lines(text: str) -> list[str]:
    """The lines as any editor counts them, found without the code under test."""
    text = re.sub("\r*\n", "\n", text.removeprefix("\ufeff"))
    return (text if text.endswith("\n") or not text else text + "\n").split("\n")[:-1]


def visible(text: str) -> str:
    return "".join(text.split())


def own_text(chunk: Chunk) -> str:
    return chunk.text.removeprefix(chunk.context + "\n") if chunk.context else chunk.text


def check_sections(document: Document, lines: list[str]) -> None:
    """Sections cover the file without gap or overlap, blocks every line that shows something."""
    following = document.sections[0].lines[0] if document.sections else len(lines) + 1
    if following > 1:  # front matter
        assert lines[0].rstrip() == "---"
        assert lines[following - 2].rstrip().startswith(("---", "..."))
    for section in document.sections:
        first, last = section.lines
        assert first == following
        assert last >= first
        assert section.text == "\n".join(lines[first - 1 : last])
        assert all(section.heading_path), "a trail has no empty parts"
        assert bool(section.anchor) <= bool(section.heading_path)
        claimed = [line for block in section.blocks for line in range(block.lines[0], block.lines[1] + 1)]
        assert claimed == sorted(set(claimed)), "blocks are in order and do not overlap"
        assert set(claimed) <= set(range(first, last + 1))
        assert {line for line in range(first, last + 1) if lines[line - 1].strip()} <= set(claimed)
        following = last + 1
    assert following == len(lines) + 1


def check_chunks(document: Document, chunks: list[Chunk], lines: list[str]) -> None:
    """Chunks hold every visible character once, in order, at the lines that they name."""
    begin = document.sections[0].lines[0] if document.sections else len(lines) + 1
    assert "".join(visible(own_text(chunk)) for chunk in chunks) == visible("\n".join(lines[begin - 1 :]))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    for chunk in chunks:
        first, last = chunk.lines
        span = "\n".join(lines[first - 1 : last])
        own = own_text(chunk)
        assert visible(own), "a chunk shows something"
        assert own in span
        if own != span:  # only where a line was cut within
            shares = [other for other in chunks if other is not chunk and {first, last} & set(other.lines)]
            assert shares
            assert own.count("\n") == span.count("\n")
        section = document.sections[chunk.section]
        assert chunk.heading_path == section.heading_path
        assert chunk.anchor == section.anchor
    for earlier, later in pairwise(chunks):
        assert earlier.lines[1] <= later.lines[0]


def check_statements(chunks: list[Chunk], lines: list[str]) -> None:
    """Each quote stands at its lines, within its chunk."""
    for chunk in chunks:
        found = statements(chunk.text, chunk.lines[0], context=chunk.context)
        if not own_text(chunk).startswith(chunk.context + "\n"):  # rows that repeat the header cannot be told from it
            assert found == statements(own_text(chunk), chunk.lines[0], context=chunk.context)
        for statement in found:
            first, last = statement.lines
            assert chunk.lines[0] <= first <= last <= chunk.lines[1]
            assert statement.quote
            assert statement.quote in "\n".join(lines[first - 1 : last])
            assert statement.quote.count("\n") == last - first
            assert statement.text
            assert statement.kind == "code" or "\n" not in statement.text
            assert not statement.header or len(statement.cells) <= len(statement.header)


def check(text: str, budget: int = 256, count_tokens: Callable[[str], int] = words) -> list[Chunk]:
    lines = file_lines(text)
    document = read_document("folder/file.md", text)
    check_sections(document, lines)
    chunks = chunk_document(document, count_tokens=count_tokens, budget=budget)
    check_chunks(document, chunks, lines)
    check_statements(chunks, lines)
    return chunks
