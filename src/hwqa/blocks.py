r"""Markdown text → block and inline tokens, and what a reader sees of them.

CommonMark with tables and front matter, read by markdown-it-py. A file is split into lines at `\n` only; the `\r` of a
CRLF belongs to the line break, not to the line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

MAX_NESTING = 100
"""Containers within containers that are parsed; what lies deeper stays as lines of the enclosing block."""

MAX_INLINE = 20_000
"""Longest paragraph, in characters, whose marks are read."""
MAX_BRACKETS = 500
"""Most opening brackets of a paragraph whose marks are read: unclosed ones cost the square of their number."""

_BREAK = re.compile(r"\r+\n")
_INLINE_MARK = re.compile(r"[\\`*_\[\]<>&!\n]")

LIST_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?=\s|$)")
_HEADED_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s+(?:\*\*\S|__\S|#{1,6}\s)")
_MAX_PASSES = 8


# --- lines ------------------------------------------------------------------------------------------------------


def split_lines(text: str) -> list[str]:
    r"""The lines of a text without their line breaks; a break at the very end opens no further line.

    Only `\n` and `\r\n` break lines: a lone `\r`, U+2028, form feeds and the like stay where they are.
    """
    lines = _BREAK.sub("\n", text.removeprefix("\ufeff")).split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def indentation(line: str) -> int:
    """The column, from 0, of the first character that is neither space nor tab; tab stops are four columns apart."""
    column = 0
    for character in line:
        if character == "\t":
            column += 4 - column % 4
        elif character == " ":
            column += 1
        else:
            break
    return column


def _indented(line: str, columns: int) -> str:
    return " " * columns + line.lstrip(" \t")


# --- parsing ----------------------------------------------------------------------------------------------------


class _Parser(MarkdownIt):
    """markdown-it without the percent-encoding of link targets, a fifth of the time, which nobody here looks at."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - markdown-it's name
        return url


@cache
def _block_parser() -> MarkdownIt:
    return _Parser("commonmark", {"maxNesting": MAX_NESTING}).enable("table").disable(["inline", "text_join"])


@cache
def _front_matter_parser() -> MarkdownIt:
    """Knows front matter and nothing else: what follows is not taken apart twice."""
    parser = MarkdownIt("zero").disable(["inline", "text_join"])
    return parser.use(front_matter_plugin)


@cache
def _inline_parser() -> MarkdownIt:
    return _Parser("commonmark", {"maxNesting": MAX_NESTING})


def front_matter_token(lines: Sequence[str]) -> Token | None:
    """The token of the front matter, its content the YAML between the marks; None when a text opens with none."""
    tokens = _front_matter_parser().parse("".join(line.replace("\r", " ") + "\n" for line in lines))
    return tokens[0] if tokens and tokens[0].type == "front_matter" else None


@dataclass(frozen=True, slots=True)
class Blocks:
    """The block structure of a text."""

    tokens: Sequence[Token]
    """markdown-it's block tokens; `map` counts lines from 0, the end excluded. Inline tokens have no children."""
    references: Mapping[str, Any]
    """Link reference definitions, as markdown-it keeps them."""

    def inline(self, content: str) -> list[Token]:
        """The inline tokens of a paragraph, heading or cell; of an immense one, its text as it stands."""
        immense = len(content) > MAX_INLINE or content.count("[") > MAX_BRACKETS
        if immense or not _INLINE_MARK.search(content):
            return [Token("text", "", 0, content=content)]
        children = _inline_parser().parseInline(content, {"references": self.references})[0].children
        return children or []

    def inline_text(self, content: str) -> str:
        """A paragraph, heading or cell as a reader sees it."""
        if not _INLINE_MARK.search(content):
            return content.strip()
        return tokens_text(self.inline(content)) if self.references else _text_by_itself(content)

    def label(self, content: str) -> str:
        """The text of the bold label that a paragraph opens with, as `label_of` finds it."""
        return "" if content[:1].isalnum() else label_of(self.inline(content))


@lru_cache(maxsize=4096)
def _text_by_itself(content: str) -> str:
    """A paragraph, heading or cell as a reader sees it where no reference is defined.

    Kept, because each is read several times: to measure a section, to cut it, to embed it and to find its facts.
    """
    return tokens_text(Blocks((), {}).inline(content))


def parse_blocks(lines: Sequence[str]) -> Blocks:
    """The block structure of whole lines, lists that are indented too far set right.

    Only the indentation of such lines is changed before parsing, so line numbers and all other text stay.
    """
    view = [line.replace("\r", " ") for line in lines]
    for _ in range(_MAX_PASSES):
        environment: dict[str, Any] = {}
        # without a last line break markdown-it-py 4.3 reads beyond the end of "> - <!--\n>"
        tokens = _block_parser().parse("\n".join([*view, ""]), environment)
        shifted = _shift_left(tokens, view)
        if not shifted:
            break
        for number, columns in shifted.items():
            view[number] = _indented(view[number], columns)
    return Blocks(tokens, environment.get("references", {}))


def parse_fragment(lines: Sequence[str]) -> Blocks:
    """The block structure of lines cut out of a document: their indentation is taken relative to the first line's."""
    base: int | None = None
    view = []
    for line in lines:
        if not line.strip():
            view.append("")
            continue
        column = indentation(line)
        if base is None:
            # four columns and more are code, unless what stands there is clearly the inside of a list
            base = column if column < 4 or _reads_as_text(line.strip()) else 0
        base = min(base, column)
        view.append(_indented(line, column - base) if base else line)
    return parse_blocks(view)


def _reads_as_text(line: str) -> bool:
    """Whether a line that is indented like code is a list item, a heading, a table row, a bold text or a sentence."""
    if LIST_MARKER.match(line) or re.match(r"(#{1,6}\s|\*\*[^\s*]|__[^\s_]|\[[^\]]+\]\(|\||>)", line):
        return True
    words = line.split()
    return len(words) >= 4 and line[0].isupper() and not re.search(r"[={};]|\w\(|->|::", line)


def _shift_left(tokens: Sequence[Token], view: Sequence[str]) -> dict[int, int]:
    """Line → indentation for lines of lists, headings and prose that are indented so far that they read as code.

    That is four columns or more beyond the content of the list item that they stand in. CommonMark takes them for
    code, or for the continuation of a paragraph; whoever indents with two tabs means neither.
    """
    shifted: dict[int, int] = {}
    columns: list[int | None] = [0]  # content column of each open container; None within a block quote
    starts: list[int] = []  # first line of each open list item

    def shift(first: int, last: int, target: int) -> None:
        surplus = indentation(view[first]) - target
        for number in range(first, last):
            if view[number].strip():
                shifted[number] = max(target, indentation(view[number]) - surplus)

    for token in tokens:
        if token.type == "blockquote_open":
            columns.append(None)
        elif token.type == "list_item_open" and token.map:
            same_line = bool(starts) and starts[-1] == token.map[0]
            columns.append(_content_column(view[token.map[0]], columns[-1] if same_line else None, columns[-1] is None))
            starts.append(token.map[0])
        elif token.type in {"blockquote_close", "list_item_close"}:
            columns.pop()
            if token.type == "list_item_close":
                starts.pop()
        elif (target := columns[-1]) is None or not token.map:
            continue
        elif token.type == "code_block" and len(columns) > 1:
            first, last = token.map
            text = view[first].strip()
            follows = first > 0 and bool(view[first - 1].strip())
            if starts[-1] == first:
                continue  # `-     code`: the writer set it so
            if (follows and _reads_as_text(text)) or _HEADED_ITEM.match(text):
                shift(first, last, target)
        elif token.type == "paragraph_open":
            for number in range(token.map[0] + 1, token.map[1]):
                far = indentation(view[number]) >= target + 4
                led = len(columns) > 1 or view[number - 1].rstrip().endswith(":")
                if far and led and LIST_MARKER.match(view[number].strip()):
                    shift(number, token.map[1], target)
                    break
    return shifted


def _content_column(line: str, start: int | None, quoted: bool) -> int | None:
    """The column at which the content of a list item begins; `start` is the column of its marker where known."""
    if quoted:
        return None
    expanded = line.expandtabs(4)
    start = indentation(line) if start is None else start
    marker = LIST_MARKER.match(expanded, start)
    if not marker:
        return None
    gap = len(expanded) - marker.end() - len(expanded[marker.end() :].lstrip(" "))
    return marker.end() + (gap if 1 <= gap <= 4 and expanded[marker.end() :].strip() else 1)


# --- plain text -------------------------------------------------------------------------------------------------

_HTML_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<!\[CDATA\[|\]\]>|<![A-Za-z][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
_HTML_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)[^<>]*>")
_HTML_INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup u var "
    "wbr".split()
)
_REFERENCE_LINK = re.compile(r"(?<![\w\]])!?\[([^\[\]]{1,200})\]\[[^\[\]]{0,200}\]")


def html_as_seen(text: str) -> str:
    """HTML with all that a reader does not see blanked out: same length, line breaks kept.

    Tags within words become U+0000, to be deleted; all others become spaces. Entities stay.
    """
    text = _HTML_UNSEEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return _HTML_TAG.sub(
        lambda match: re.sub(r"[^\n]", "\0" if match[1].lower() in _HTML_INLINE else " ", match[0]), text
    )


def html_text(text: str) -> str:
    """The text that a reader of HTML sees, white space collapsed line by line."""
    seen = html.unescape(html_as_seen(text).replace("\0", ""))
    return "\n".join(line for line in (" ".join(part.split()) for part in seen.split("\n")) if line)


def tokens_text(tokens: Iterable[Token]) -> str:
    """Inline tokens as a reader sees them: soft breaks are spaces, hard breaks are line breaks."""
    parts: list[str] = []
    for token in tokens:
        if token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type == "image":
            parts.append(tokens_text(token.children or []))
        elif token.type == "html_inline":
            tag = _HTML_TAG.match(token.content)
            parts.append(" " if tag and tag[1].lower() not in _HTML_INLINE else "")
        else:
            parts.append(token.content)
    # the definition of [label][reference] often stands elsewhere in the file
    return _REFERENCE_LINK.sub(
        lambda link: link[1] if any(character.isalpha() for character in link[1]) else link[0], "".join(parts)
    ).strip()


def label_of(tokens: Sequence[Token]) -> str:
    """The text of a bold label that has the first line of a paragraph for itself; empty when there is none.

    `**Advantages**`, `**Advantages:**` and `**Advantages**:` are labels; `**TDP**: 750 W` is content.
    """
    inside: list[Token] = []
    after = ""
    depth = 0
    closed = False
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            break
        if token.type == "strong_open":
            if closed:
                return ""
            depth += 1
        elif token.type == "strong_close":
            depth -= 1
            closed = depth == 0
        elif depth:
            inside.append(token)
        elif closed and token.type == "text":
            after += token.content
        elif token.type not in {"em_open", "em_close"} and (token.content.strip() or token.type == "image"):
            return ""
    if not closed or after.strip() not in {"", ":", "："}:
        return ""
    return tokens_text(inside).rstrip(":： ")
