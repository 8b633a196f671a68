"""Markdown text → sections with heading trail and line span.

Three things go beyond CommonMark, because a reader sees them so: a list item that opens with a bold label is a heading
for what stands under it; a list that is indented too far under its item is a list, not code (see `blocks`); and
containment in a list item ranks before the heading's level.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import yaml

from hwqa.blocks import Blocks, front_matter_token, html_text, parse_blocks, parse_fragment, split_lines
from hwqa.schema import Block, BlockKind, Document, Section

_MARKERS_ONLY = re.compile(r"\s*(?:>\s*|[-*+](?:\s+|$)|\d{1,9}[.)](?:\s+|$))*")
_DEFINITION = re.compile(r"[\s>]*(?:[-*+]\s+)?\[[^\]]+\]:")
_PROSE_LINE = re.compile(r"[^\W\d_][^\n\r\0]*")
"""A single line that begins with a letter: a paragraph, whatever follows."""
_LABEL_LEVEL = 7
_SLUG = frozenset({"Nd", "Pc"})


@lru_cache(maxsize=1024)
def plain_text(markdown: str) -> str:
    """What a reader sees of a piece of Markdown: marks and link targets gone, labels, alt texts and code kept.

    One line for each block and table row, cells parted by tabs.

    >>> plain_text("- **TDP**: [750 W](https://example.org)")
    'TDP: 750 W'
    """
    if _PROSE_LINE.fullmatch(markdown):
        return Blocks((), {}).inline_text(markdown.rstrip())
    blocks = parse_fragment(split_lines(markdown))
    parts: list[str] = []
    row: list[str] | None = None
    for token in blocks.tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            parts.append("\t".join(row or ()).strip())
            row = None
        elif token.type == "inline":
            text = blocks.inline_text(token.content)
            if row is None:
                parts.append(text)
            else:
                row.append(" ".join(text.split()))
        elif token.type in {"fence", "code_block"}:
            parts.append(token.content.rstrip("\n"))
        elif token.type == "html_block":
            parts.append(html_text(token.content))
    return "\n".join(part for part in parts if part)


# --- anchors ----------------------------------------------------------------------------------------------------


def slug(heading: str) -> str:
    """GitHub's anchor for the plain text of a heading: lower case, punctuation gone, spaces to hyphens.

    >>> slug("What's new in CS-2?")
    'whats-new-in-cs-2'
    """
    kept = (character for character in heading.strip().lower() if _in_slug(character))
    return "".join(kept).replace(" ", "-")


def _in_slug(character: str) -> bool:
    return character in "- " or unicodedata.category(character)[0] in "LM" or unicodedata.category(character) in _SLUG


def _unique(base: str, taken: dict[str, int]) -> str:
    """`base`, or with the first free number: -1 for the first repeat; `taken` is updated."""
    name = base
    while name in taken:
        taken[base] += 1
        name = f"{base}-{taken[base]}"
    taken[name] = 0
    return name


# --- sections ---------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class _Heading:
    """A heading or label, told apart by identity: two of the same name are two."""

    path: tuple[str, ...]
    is_label: bool
    anchor: str = ""


@dataclass(slots=True)
class _Container:
    """The document, a list, a list item or a block quote while it is open."""

    kind: str
    first: int
    end: int
    headings: list[tuple[int, _Heading]] = field(default_factory=list)
    """Headings in force, with level. Of a list: those that its items opened with; they bind headings, not content."""
    blocks: int = 0


@dataclass(slots=True)
class _Leaf:
    kind: BlockKind
    first: int
    last: int
    owner: _Heading | None
    depth: int


class _Outline:
    """Reads block tokens in order and gathers leaves, each with the heading that it stands under."""

    def __init__(self, blocks: Blocks, lines: Sequence[str]) -> None:
        self.blocks = blocks
        self.lines = lines
        self.leaves: list[_Leaf] = []
        self.headings: list[_Heading] = []
        self.containers = [_Container("document", 0, len(lines))]
        self.pending: int | None = None
        """First line of containers that hold no leaf yet: the leaf that comes takes their marks along."""

    def owner(self) -> _Heading | None:
        """The heading that content stands under: nesting first, so a list's earlier items do not count."""
        for container in reversed(self.containers):
            if container.kind != "list" and container.headings:
                return container.headings[-1][1]
        return None

    def opens_item(self) -> bool:
        """Whether the next leaf is the first of a list item."""
        return self.containers[-1].kind == "item" and not self.containers[-1].blocks

    def heading(self, text: str, level: int, *, is_label: bool) -> _Heading | None:
        """The heading, now in force: under what contains it, then under headings of a lower level beside it.

        A heading without text ends those of its level and opens nothing: what follows stands under the one above.
        """
        container = self.containers[-1]
        beside = container
        if self.opens_item() and self.containers[-2].kind == "list":
            beside = self.containers[-2]  # the item's heading ranks among those that its sibling items opened with
        while beside.headings and beside.headings[-1][0] >= level:
            beside.headings.pop()
        above = beside.headings[-1][1] if beside.headings else self.owner()
        if not text:
            return above
        heading = _Heading((*(above.path if above else ()), text), is_label)
        self.headings.append(heading)
        beside.headings.append((level, heading))
        if beside is not container:
            container.headings.append((0 if is_label else level, heading))  # nothing in its item ranks above a label
        return heading

    def leaf(self, kind: BlockKind, first: int, end: int, owner: _Heading | None, depth: int | None = None) -> None:
        """Takes the lines from `first` up to `end`, without blank ones at the ends, as a leaf."""
        if self.pending is not None:
            first, self.pending = min(first, self.pending), None
        self.containers[-1].blocks += 1
        first = max(first, self.leaves[-1].last + 1 if self.leaves else 0)
        while first < end and not self.lines[first].strip():
            first += 1
        while first < end and not self.lines[end - 1].strip():
            end -= 1
        if first < end:
            if depth is None:
                depth = sum(container.kind in {"item", "quote"} for container in self.containers)
            self.leaves.append(_Leaf(kind, first, end - 1, owner, depth))

    def read(self) -> None:
        """Reads all tokens."""
        tokens = self.blocks.tokens
        for position, token in enumerate(tokens):
            first, end = token.map or (0, 0)
            match token.type:
                case "bullet_list_open" | "ordered_list_open" | "list_item_open" | "blockquote_open":
                    kind = {"list_item_open": "item", "blockquote_open": "quote"}.get(token.type, "list")
                    self.containers[-1].blocks += 1
                    self.containers.append(_Container(kind, first, end))
                    self.pending = first if self.pending is None else self.pending
                case "bullet_list_close" | "ordered_list_close" | "list_item_close" | "blockquote_close":
                    container = self.containers[-1]
                    if self.pending is not None and self.pending >= container.first:
                        defines = _DEFINITION.match(self.lines[self.pending])
                        self.leaf("definition" if defines else "item", container.first, container.end, self.owner())
                    self.containers.pop()
                case "heading_open":
                    text = " ".join(self.blocks.inline_text(tokens[position + 1].content).split())
                    heading = self.heading(text, int(token.tag[1]), is_label=False)
                    self.leaf("heading", first, end, heading)
                case "paragraph_open":
                    self.paragraph(position, first, end)
                case "table_open":
                    self.leaf("table", first, end, self.owner())
                case "fence" | "code_block":
                    self.leaf("code", first, end, self.owner())
                case "html_block":
                    self.leaf("html", first, end, self.owner())
                case "hr":
                    self.leaf("rule", first, end, self.owner())
                case _:
                    pass

    def paragraph(self, position: int, first: int, end: int) -> None:
        """Takes a paragraph: a label and what follows it, the text of a list item, or plain text."""
        tokens = self.blocks.tokens
        opens_item = self.opens_item()
        if opens_item:
            label = self.blocks.label(tokens[position + 1].content)
            alone = tokens[position + 3].type == "list_item_close" and end - first == 1
            if label and not alone:
                heading = self.heading(label, _LABEL_LEVEL, is_label=True)
                self.leaf("label", first, first + 1, heading)
                self.leaf("paragraph", first + 1, end, heading)
                return
        self.leaf("item" if opens_item else "paragraph", first, end, self.owner())

    def fill(self) -> None:
        """Gives every visible line that no token claims to a leaf, so that nothing is lost."""
        claimed, self.leaves = self.leaves, []
        position = 0
        previous: _Leaf | None = None
        for leaf in [*claimed, None]:
            end = leaf.first if leaf else len(self.lines)
            for first, last in _runs(self.lines, position, end):
                if all(_MARKERS_ONLY.fullmatch(line) for line in self.lines[first : last + 1]):
                    if previous:
                        previous.last = last
                        continue
                    if leaf:
                        leaf.first = first
                        continue
                defines = _DEFINITION.match(self.lines[first])
                owner, depth = (previous.owner, previous.depth) if previous else (None, 0)
                previous = _Leaf("definition" if defines else "paragraph", first, last, owner, depth)
                self.leaves.append(previous)
            if leaf:
                self.leaves.append(leaf)
                previous, position = leaf, leaf.last + 1


def _runs(lines: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """First and last line of each run of lines that are not blank."""
    first: int | None = None
    for number in range(start, end + 1):
        visible = number < end and bool(lines[number].strip())
        if visible and first is None:
            first = number
        elif not visible and first is not None:
            yield first, number - 1
            first = None


def _front_matter(lines: Sequence[str]) -> tuple[int, dict[str, Any] | None]:
    """How many lines the front matter takes, and what it says: None when it is no valid YAML."""
    token = front_matter_token(lines) if lines and lines[0].rstrip() == "---" else None
    if token is None or not token.map:
        return 0, {}
    try:
        # every value stays the text that was written: 2024-05 is no date, 1.0 no number
        said = yaml.load(token.content, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader builds strings only
    except (yaml.YAMLError, RecursionError):
        return token.map[1], None
    return (token.map[1], said) if isinstance(said, dict) else (0, {})


def _text_of(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _aliases(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    aliases = said.get("aliases")
    if not isinstance(aliases, dict):
        return {}
    return {
        product: tuple(
            name for name in ([names] if isinstance(names, str) else names) if isinstance(name, str) and name
        )
        for product, names in aliases.items()
        if isinstance(product, str) and isinstance(names, str | list)
    }


def read_document(path: str, text: str) -> Document:
    """The document with its sections in order; together they cover every line after the front matter.

    A section is what stands under one heading without interruption. When a list item with a heading of its own ends
    and the text goes on, the outer heading's section goes on too: a further `Section` with the outer heading path
    and anchor. Blank lines at the top belong to the first section. Front matter that is no valid YAML is a paragraph of
    the document, so that its writer sees it; one that is no mapping is Markdown like any other.

    Args:
        path: POSIX path relative to the corpus root.
        text: The whole file.
    """
    lines = split_lines(text)
    fenced, said = _front_matter(lines)
    body = [""] * fenced + lines[fenced:]
    blocks = parse_blocks(body)
    skipped, shown = (0, lines) if said is None else (fenced, body)
    outline = _Outline(blocks, shown)
    outline.read()
    outline.fill()
    taken: dict[str, int] = {}
    for heading in sorted(outline.headings, key=lambda heading: heading.is_label):  # GitHub numbers headings alone
        heading.anchor = _unique(slug(heading.path[-1]), taken)
    sections = tuple(_sections(path, shown, skipped, outline.leaves))
    said = said or {}
    first_heading = next((heading.path[-1] for heading in outline.headings if not heading.is_label), "")
    return Document(
        path=path,
        title=_text_of(said, "title") or first_heading or PurePosixPath(path).stem,
        vendor=_text_of(said, "vendor"),
        aliases=_aliases(said),
        as_of=_text_of(said, "as_of"),
        sections=sections,
    )


def _sections(path: str, lines: Sequence[str], skipped: int, leaves: Sequence[_Leaf]) -> Iterator[Section]:
    groups = [list(group) for _, group in groupby(leaves, key=lambda leaf: id(leaf.owner))]
    if not groups and skipped < len(lines):
        yield Section(path, (), "", (skipped + 1, len(lines)), "\n".join(lines[skipped:]), ())
    for position, group in enumerate(groups):
        first = group[0].first if position else skipped
        end = groups[position + 1][0].first if position + 1 < len(groups) else len(lines)
        owner = group[0].owner
        yield Section(
            path=path,
            heading_path=owner.path if owner else (),
            anchor=owner.anchor if owner else "",
            lines=(first + 1, end),
            text="\n".join(lines[first:end]),
            blocks=tuple(Block(leaf.kind, (leaf.first + 1, leaf.last + 1), leaf.depth) for leaf in group),
        )
