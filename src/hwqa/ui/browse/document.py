"""A document as HTML in which every section has its anchor, and the lines that an address names are marked."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from hwqa.blocks import split_lines
from hwqa.markdown import read_document
from hwqa.schema import Lines
from hwqa.ui.addresses import digest, section_address
from hwqa.ui.browse.tree import SectionEntry, outline
from hwqa.ui.rendering import SafeRenderer
from hwqa.ui.section import marked, read_blocks

_HEADS = ("heading_open", "list_item_open", "paragraph_open")


@dataclass(frozen=True, slots=True)
class Place:
    """The lines that an address asks to be marked."""

    lines: Lines
    cells: frozenset[int] = frozenset()
    """Columns of a row, from 0; the whole row where there are none."""
    digest: str = ""
    """Of the lines as they were when the address was made; empty where it does not say."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document's page."""

    html: str
    outline: tuple[SectionEntry, ...]
    notice: str = ""
    """Why nothing is marked, or not where the address says; empty where all is well."""


def show(path: str, text: str, root: str, known: Collection[str], place: Place | None = None) -> Shown:
    """The document as HTML.

    Args:
        path: Of the document.
        text: Its Markdown.
        root: Relative address of the chat, such as `../../`: links to other documents begin with it.
        known: Paths of all documents.
        place: What to mark.
    """
    notice = ""
    lines = split_lines(text)
    asked = place.lines[0] if place else 0
    if place is not None:
        found = _found(lines, place)
        if found is None:
            notice = "The document has changed since this address was made: what it pointed to is not there any more."
        elif found != place.lines:
            notice = "The document has changed since this address was made: what it points to has moved."
        place = None if found is None else Place(found, place.cells)
    blocks, _ = read_blocks(text)
    tokens: Sequence[Token] = blocks.tokens
    if place is not None:
        quote = "\n".join(lines[place.lines[0] - 1 : place.lines[1]])
        tokens = list(marked(tokens, blocks, place.lines, quote, lambda *_: place.cells))
    else:
        tokens = [
            token.copy(children=blocks.inline(token.content)) if token.type == "inline" else token for token in tokens
        ]
    document = read_document(path, text)
    anchors: dict[int, str] = {}
    for section in document.sections:
        if section.anchor and section.anchor not in anchors.values():
            anchors[section.lines[0] - 1] = section.anchor
    renderer = _parser()
    env = {"path": path, "root": root, "known": frozenset(known)}
    html = str(renderer.renderer.render(list(_anchored(tokens, anchors, path, root)), renderer.options, env))
    if place is not None:
        html = html.replace("<mark>", f'<mark id="L{asked}">', 1)
    return Shown(html, outline(document), notice)


def _found(lines: Sequence[str], place: Place) -> Lines | None:
    """Where the lines of a place stand now; None where they are gone."""
    first, last = place.lines
    if not place.digest:
        return place.lines if 1 <= first <= last <= len(lines) else None
    count = last - first + 1
    starts = sorted(range(len(lines) - count + 1), key=lambda start: abs(start - (first - 1)))
    for start in starts:
        if digest(lines[start : start + count]) == place.digest:
            return start + 1, start + count
    return None


def _anchored(tokens: Sequence[Token], anchors: dict[int, str], path: str, root: str) -> Iterator[Token]:
    """The tokens, an id at the block that opens a section, and a link to itself behind the words of its heading."""
    heads: dict[int, int] = {}  # line → place of the token that gets the id
    for place, token in enumerate(tokens):
        if token.map is None or token.map[0] not in anchors or token.type not in _HEADS:
            continue
        taken = heads.get(token.map[0])
        if taken is None or (token.type == "heading_open" and tokens[taken].type != "heading_open"):
            heads[token.map[0]] = place
    named = {place: anchors[line] for line, place in heads.items()}
    pending = ""
    for place, token in enumerate(tokens):
        if place in named:
            pending = named[place]
            yield token.copy(attrs={**token.attrs, "id": pending})
        elif token.type == "inline" and pending:
            yield token
            address = escape(root + section_address(path, pending))
            yield Token(
                "ready",
                "",
                0,
                content=f'<a class="hw-anchor" href="{address}" aria-label="Address of this section">#</a>',
            )
            pending = ""
        else:
            yield token


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}, renderer_cls=_DocumentRenderer).enable("table")


class _DocumentRenderer(SafeRenderer):
    """As `SafeRenderer`; links to other documents of the corpus lead to their pages."""

    def link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The start of a link to the web or to a document; of any other link, a plain span."""
        address = self._inside(str(tokens[index].attrGet("href") or ""), env)
        return f'<a href="{escape(address)}">' if address else super().link_open(tokens, index, options, env)

    def link_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The end of what `link_open` began."""
        opened = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open")
        return "</span>" if self.link_open(tokens, opened, options, env) == "<span>" else "</a>"

    @staticmethod
    def _inside(address: str, env: Any) -> str:
        """The address of a document's page or section; empty for any other address."""
        target, _, anchor = address.partition("#")
        if re.match(r"[\w+.-]*:|//", target):
            return ""
        path = (
            env["path"]
            if not target
            else posixpath.normpath(posixpath.join(posixpath.dirname(env["path"]), unquote(target)))
        )
        return env["root"] + section_address(path, unquote(anchor)) if path in env["known"] else ""


def parse_place(lines: str, cells: Sequence[str], of: str) -> Place | None:
    """The place that the query of an address names; None where it names none.

    >>> parse_place("3-4", ["1"], "").lines
    (3, 4)
    """
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", lines)
    if match is None:
        return None
    first = int(match[1])
    last = int(match[2] or first)
    columns = frozenset(int(cell) for cell in cells if re.fullmatch(r"\d{1,4}", cell))
    return Place((first, last), columns, of) if 1 <= first <= last else None
