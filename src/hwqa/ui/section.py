"""A section of a document as HTML, with what is cited of it marked: the sentence, the lines, the row and its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape

from markdown_it.token import Token

from hwqa.blocks import Blocks, html_as_seen, parse_blocks, split_lines, tokens_text
from hwqa.markdown import read_document
from hwqa.schema import Lines
from hwqa.ui.cells import Claim, cited_cells
from hwqa.ui.rendering import render_tokens

_CONTEXT = 80
"""Lines shown before and after the cited ones where a section is longer."""
_SPACES = "\u2001\u2004\u2005\u2006\u2008"
"""White space that hardly any document holds: two of them mark start and end of a quote while Markdown is parsed.
White space, because emphasis beside it is read as it is at the border of a text."""
_QUOTE_PREFIX = re.compile(r"[\s>]*(?:(?:[-*+•]|\d{1,9}[.)]|#{1,6})\s+)*")

Span = tuple[int, int]
"""Start and end offset in a text, the end excluded."""


def render_lines(text: str, cited: Lines, quote: str, claims: Sequence[Claim] = ()) -> str:
    """The section around cited lines as HTML; the sentence, row or lines that the quote stands in are in `<mark>`.

    Args:
        text: The whole document.
        cited: Lines of the quote.
        quote: What stands there, verbatim.
        claims: What the answer says with it; the cells of a row that hold it are set off.
    """
    blocks, sections = read_blocks(text)
    first, last = next((span for span in sections if span[0] <= cited[0] <= span[1]), cited)
    first, last = max(first, cited[0] - _CONTEXT), min(max(last, cited[1]), cited[1] + _CONTEXT)
    tokens = list(_within(blocks.tokens, first - 1, last))

    def choose(header: Sequence[str], cells: Sequence[str]) -> frozenset[int]:
        return cited_cells(header, cells, claims)

    return render_tokens(list(marked(tokens, blocks, cited, quote, choose)), {})


def quoted_links(text: str, quote: str) -> list[tuple[str, str]]:
    """Words and address of each link to the web within a quote, each address once.

    Args:
        text: The document that the quote is from: it may define the address at another place.
        quote: Verbatim text of the document.
    """
    blocks, _ = read_blocks(text)
    found: dict[str, str] = {}
    opened: tuple[str, int] | None = None
    tokens = blocks.inline(quote)
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            opened = str(token.attrGet("href") or ""), place
        elif token.type == "link_close" and opened is not None:
            address, start = opened
            if address.lower().startswith(("https://", "http://")):
                found.setdefault(address, tokens_text(tokens[start + 1 : place]))
            opened = None
    return [(words, address) for address, words in found.items()]


@lru_cache(maxsize=8)
def read_blocks(text: str) -> tuple[Blocks, tuple[Lines, ...]]:
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


def marked(
    tokens: Sequence[Token],
    blocks: Blocks,
    cited: Lines,
    quote: str,
    choose: Callable[[Sequence[str], Sequence[str]], frozenset[int]],
) -> Iterator[Token]:
    """The tokens with their inline children, and with `<mark>` around what is cited.

    Args:
        tokens: Block tokens, inline ones without children.
        blocks: Parses the inline ones.
        cited: Lines of the quote.
        quote: What stands there.
        choose: Header and cells of a cited row → the columns of the cells to set off.
    """
    first, end = cited[0] - 1, cited[1]
    row = False
    header: list[str] = []
    chosen: frozenset[int] = frozenset()
    column = 0
    for place, token in enumerate(tokens):
        overlaps = token.map is not None and token.map[0] < end and token.map[1] > first
        if token.type == "thead_open":
            header = _row(tokens, place + 1, blocks)
        if token.type == "tr_open":
            row = overlaps
            column = 0
            chosen = choose(header, _row(tokens, place, blocks)) if row else frozenset()
            yield token.copy(attrs={**token.attrs, "class": "hw-cited"}) if row else token
        elif token.type == "td_open":
            yield token.copy(attrs={**token.attrs, "class": "hw-cell"}) if row and column in chosen else token
            column += 1
        elif token.type == "inline":
            span = _quoted(token, first, end, quote, whole=row) if overlaps else None
            yield token.copy(children=_marked_children(blocks, token.content, span))
        elif token.type in {"fence", "code_block", "html_block"}:
            yield from _marked_lines(token, first, end)
        else:
            row = row and token.type != "tr_close"
            yield token


def _row(tokens: Sequence[Token], start: int, blocks: Blocks) -> list[str]:
    """The cells of the row that opens at a place among the tokens, as a reader sees them."""
    cells = []
    for token in tokens[start:]:
        if token.type == "inline":
            cells.append(blocks.inline_text(token.content))
        elif token.type == "tr_close":
            break
    return cells


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
