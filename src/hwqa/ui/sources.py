"""The panel beside the chat: the cited section as its document has it, the cited lines marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from markdown_it.token import Token

from hwqa.blocks import Blocks, html_as_seen, parse_blocks, split_lines
from hwqa.corpus import read_text
from hwqa.errors import CorpusError
from hwqa.markdown import read_document
from hwqa.schema import TRAIL_SEPARATOR, Citation, Lines
from hwqa.ui.marks import source_link
from hwqa.ui.rendering import render_tokens

_CONTEXT = 80
"""Lines shown before and after the cited ones where a section is longer."""
_SPACES = "\u2001\u2004\u2005\u2006\u2008"
"""White space that hardly any document holds: two of them mark start and end of a quote while Markdown is parsed.
White space, because emphasis beside it is read as it is at the border of a text."""
_QUOTE_PREFIX = re.compile(r"[\s>]*(?:(?:[-*+•]|\d{1,9}[.)]|#{1,6})\s+)*")

Span = tuple[int, int]
"""Start and end offset in a text, the end excluded."""


# --- the panel ----------------------------------------------------------------------------------------------------


def render_panel(corpus: Path, citations: Sequence[Citation], turn: int, number: int | None = None) -> str:
    """The panel for one answer: the source asked for, if any, and the list of all.

    Args:
        corpus: Folder of the documents.
        citations: The sources of the answer.
        turn: Position of the answer in its conversation, from 0.
        number: The source to open; None for the list alone.
    """
    if not citations:
        return (
            '<div class="hw-panel"><p class="hw-panel-empty">Numbers in an answer, such as '
            '<span class="hw-mark">[1]</span>, open the line that they come from. Here you see it in its document.'
            "</p></div>"
        )
    position = next((place for place, citation in enumerate(citations) if citation.number == number), None)
    parts = ['<div class="hw-panel">']
    if position is not None:
        parts += _opened(corpus, citations, turn, position)
    parts.append(f"<h2>{'All sources' if position is not None else 'Sources'} of this answer</h2>")
    parts.append('<ol class="hw-source-list">')
    parts += [
        f"<li>{source_link(citation, turn, _card(citation), style='hw-card', current=citation.number == number)}</li>"
        for citation in citations
    ]
    parts.append("</ol></div>")
    return "\n".join(parts)


def _opened(corpus: Path, citations: Sequence[Citation], turn: int, position: int) -> Iterator[str]:
    citation = citations[position]
    *above, last = citation.heading_path or (citation.path,)
    yield '<article class="hw-source" aria-labelledby="hw-source-title">'
    yield '<header class="hw-source-head"><nav class="hw-steps" aria-label="Sources">'
    yield f"<span>Source {position + 1} of {len(citations)}</span>"
    for place, name, sign in ((position - 1, "Previous source", "‹"), (position + 1, "Next source", "›")):
        if 0 <= place < len(citations):
            number = citations[place].number
            yield f'<a href="#" class="hw-step" data-cite="{turn}.{number}" aria-label="{name}">{sign}</a>'
        else:
            yield f'<span class="hw-step" aria-hidden="true">{sign}</span>'
    yield "</nav>"
    if above:
        yield f'<p class="hw-trail">{escape(TRAIL_SEPARATOR.join(above))}</p>'
    yield f'<h2 id="hw-source-title" tabindex="-1">{escape(last)}</h2>'
    yield f'<p class="hw-place">{_place(citation)}</p></header>'
    yield f'<div class="hw-section hw-prose">{render_source(corpus, citation)}</div>'
    yield "</article>"


def _card(citation: Citation) -> str:
    *above, last = citation.heading_path or (citation.path,)
    trail = f'<span class="hw-trail">{escape(TRAIL_SEPARATOR.join(above))}</span>' if above else ""
    return (
        f'<span class="hw-number" aria-hidden="true">{citation.number}</span><span class="hw-card-text">{trail}'
        f'<span class="hw-card-title">{escape(last)}</span><span class="hw-place">{_place(citation)}</span></span>'
    )


def _place(citation: Citation) -> str:
    if not citation.path:
        return "calculated"
    first, last = citation.lines
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    return f'<span class="hw-file">{escape(citation.path)}</span>, {lines}'


# --- the section --------------------------------------------------------------------------------------------------


def render_source(corpus: Path, citation: Citation) -> str:
    """The section that a citation points into as HTML, what it quotes within `<mark>`.

    When the file is gone or no longer has the quote at its lines, the quote alone, and a word on why.
    """
    try:
        text = read_text(corpus, citation.path)
    except CorpusError:
        return _quote_alone(citation, "The document is not there any more; this is what it said when it was indexed.")
    if not stands_at(split_lines(text), citation):
        return _quote_alone(citation, "The document has changed since it was indexed; this is what it said then.")
    return render_lines(text, citation.lines, citation.quote)


def stands_at(lines: Sequence[str], citation: Citation) -> bool:
    """Whether the lines of a document still hold the quote where the citation says."""
    first, last = citation.lines
    return 1 <= first <= last <= len(lines) and citation.quote in "\n".join(lines[first - 1 : last])


def _quote_alone(citation: Citation, reason: str) -> str:
    return f'<p class="hw-note">{reason}</p><blockquote><mark>{escape(citation.quote)}</mark></blockquote>'


def render_lines(text: str, cited: Lines, quote: str) -> str:
    """The section around cited lines as HTML; the sentence, row or lines that the quote stands in are in `<mark>`.

    Args:
        text: The whole document.
        cited: Lines of the quote.
        quote: What stands there, verbatim.
    """
    blocks, sections = _read(text)
    first, last = next((span for span in sections if span[0] <= cited[0] <= span[1]), cited)
    first, last = max(first, cited[0] - _CONTEXT), min(max(last, cited[1]), cited[1] + _CONTEXT)
    tokens = list(_within(blocks.tokens, first - 1, last))
    return render_tokens(list(_marked(tokens, blocks, cited, quote)), {})


@lru_cache(maxsize=8)
def _read(text: str) -> tuple[Blocks, tuple[Lines, ...]]:
    """Block structure of a document without its front matter, and the lines of its sections."""
    document = read_document("", text)
    body = split_lines(text)
    start = document.sections[0].lines[0] - 1 if document.sections else 0
    return parse_blocks([""] * start + body[start:]), tuple(section.lines for section in document.sections)


def _within(tokens: Sequence[Token], first: int, end: int) -> Iterator[Token]:
    """The tokens of the lines from `first` up to `end`, with the containers and table headers that they stand under."""
    kept: list[bool] = []
    in_head = False
    for token in tokens:
        inside = not kept or kept[-1]
        in_head = token.type == "thead_open" or (in_head and token.type != "thead_close")
        if token.map is not None and not in_head:
            inside = inside and token.map[0] < end and token.map[1] > first
        if token.nesting < 0:
            inside = kept.pop()
        elif token.nesting > 0:
            kept.append(inside)
        if inside:
            yield _numbered(token, first) if token.type == "list_item_open" else token


def _numbered(token: Token, first: int) -> Token:
    """A list item that keeps its number; one that began before the section shows no bullet."""
    attributes: dict[str, str | int | float] = {"value": token.info} if token.info.isdigit() else {}
    if token.map and token.map[0] < first:
        attributes["class"] = "hw-outer"
    return token.copy(attrs={**token.attrs, **attributes})


# --- the mark -----------------------------------------------------------------------------------------------------


def _marked(tokens: Sequence[Token], blocks: Blocks, cited: Lines, quote: str) -> Iterator[Token]:
    """The tokens with their inline children, and with `<mark>` around what is cited."""
    first, end = cited[0] - 1, cited[1]
    row = False
    for token in tokens:
        overlaps = token.map is not None and token.map[0] < end and token.map[1] > first
        if token.type == "tr_open":
            row = overlaps
            yield token.copy(attrs={**token.attrs, "class": "hw-cited"}) if row else token
        elif token.type == "inline":
            span = _quoted(token, first, end, quote, whole=row) if overlaps else None
            yield token.copy(children=_marked_children(blocks, token.content, span))
        elif token.type in {"fence", "code_block", "html_block"}:
            yield from _marked_lines(token, first, end)
        else:
            row = row and token.type != "tr_close"
            yield token


def _quoted(token: Token, first: int, end: int, quote: str, *, whole: bool) -> Span | None:
    """Where in the content of a paragraph, heading or cell the quote stands: exactly, else by its lines."""
    content = token.content
    if whole:
        return (0, len(content)) if content else None
    lines = content.split("\n")
    top = (token.map or (0, 0))[0]
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    start = offsets[min(max(first - top, 0), len(lines) - 1)]
    stop = offsets[min(max(end - top, 1), len(lines))] - 1
    for wanted in (quote, _QUOTE_PREFIX.sub("", quote, count=1)):
        # the parser takes indentation and the marks of block quotes off the front of lines
        words = [word for line in wanted.split("\n") for word in line.lstrip(" \t>").split()]
        if not words:
            continue
        match = re.compile(r"\s+".join(map(re.escape, words))).search(content, start, stop)
        if match:
            return match.span()
    return (start, stop) if start < stop else None


def _marked_children(blocks: Blocks, content: str, span: Span | None) -> list[Token]:
    """The inline tokens of a content, `<mark>` around the text of a span."""
    plain = blocks.inline(content)
    if span is None:
        return plain
    free = [space for space in _SPACES if space not in content]
    if span == (0, len(content)) or len(free) < 2:
        return list(_wrapped(plain, "", ""))
    start, end = free[:2]
    children = blocks.inline(content[: span[0]] + start + content[span[0] : span[1]] + end + content[span[1] :])
    seen, wanted = ("".join(token.content for token in parsed) for parsed in (children, plain))
    if start not in seen or end not in seen or _without(seen, start, end) != _without(wanted):
        return list(_wrapped(plain, "", ""))  # the quote begins or ends within a link's address or the like
    return list(_wrapped(children, start, end))


def _without(text: str, *signs: str) -> str:
    for sign in signs:
        text = text.replace(sign, "")
    return " ".join(text.split())


def _wrapped(tokens: Sequence[Token], start: str, end: str) -> Iterator[Token]:
    """The tokens with `<mark>` around the text between two signs, which go; around all of it when there are none.

    A mark never crosses the border of an element: it closes before and opens again within.
    """
    inside = not start
    opened = False
    for token in tokens:
        if token.nesting:
            if opened:
                yield Token("mark_close", "mark", -1)
                opened = False
            yield token
            continue
        pieces = re.split(f"([{start}{end}])", token.content) if start and token.type == "text" else [token.content]
        for piece in pieces:
            if start and token.type == "text" and piece in {start, end}:
                inside = piece == start
                continue
            if token.type == "text" and not piece:
                continue
            inside = inside or bool(start and start in piece)  # a quote may begin or end within code
            if inside != opened:
                yield Token("mark_open", "mark", 1) if inside else Token("mark_close", "mark", -1)
                opened = inside
            yield token.copy(content=piece.replace(start, "").replace(end, "") if start else piece)
            inside = inside and not (end and end in piece)
    if opened:
        yield Token("mark_close", "mark", -1)


def _marked_lines(token: Token, first: int, end: int) -> Iterator[Token]:
    """Code, or HTML as a reader sees it, line by line, with `<mark>` around the cited ones."""
    content = token.content
    top = (token.map or (0, 0))[0] + (token.type == "fence")
    if token.type == "html_block":
        content = html_as_seen(content).replace("\0", "")
    lines = [
        f"<mark>{escape(line)}</mark>" if first <= top + number < end and line.strip() else escape(line)
        for number, line in enumerate(content.removesuffix("\n").split("\n"))
    ]
    if token.type == "html_block":
        shown = "".join(f"<p>{' '.join(line.split())}</p>" for line in lines if line.strip())
    else:
        joined = "\n".join(lines)
        shown = f'<pre tabindex="0"><code>{joined}</code></pre>'
    yield Token("ready", "", 0, content=shown)
