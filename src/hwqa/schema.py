r"""What passes between the stages: documents → sections → chunks → passages → evidence → answer.

Lines are 1-based and both ends belong to the span; a file is split into lines at `\n` only. Paths are POSIX
and relative to the corpus root. A heading path runs from the outermost heading to the innermost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Lines = tuple[int, int]
"""First and last line of a span, 1-based, both included."""

BlockKind = Literal["heading", "label", "paragraph", "item", "table", "code", "html", "rule", "definition"]
StatementKind = Literal["sentence", "row", "code"]
EvidenceKind = Literal["passage", "fact", "calculation"]
Status = Literal["answered", "partial", "not_in_docs", "clarify"]
Stage = Literal["reading", "searching", "writing", "checking", "done"]

TRAIL_SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a section: the smallest part that chunking never splits, except long tables, code and paragraphs."""

    kind: BlockKind
    lines: Lines
    depth: int = 0
    """How many list items and block quotes it stands in."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level.

    Where a list item with a heading of its own ends and the text around it goes on, a further section with the outer
    heading path and anchor goes on.
    """

    path: str
    heading_path: tuple[str, ...]
    """Headings from the outermost to the section's own, as plain text; empty before the first heading."""
    anchor: str
    """GitHub's slug of the section's own heading, unique within the file; empty before the first heading."""
    lines: Lines
    text: str
    """The lines of the span, verbatim, joined by newline; the heading's own line comes first."""
    blocks: tuple[Block, ...]
    """Blocks in order; together they cover every line of the span that is not blank."""


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file, read into sections."""

    path: str
    title: str
    """From the front matter, else the first heading, else the file's name."""
    vendor: str
    """From the front matter; empty when it says nothing."""
    aliases: Mapping[str, tuple[str, ...]]
    """From the front matter: product → other names for it."""
    as_of: str
    """From the front matter: the date that the document speaks of, as written; empty when it says nothing."""
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of one section that fits the embedder."""

    id: str
    """Hash of path, topic, heading path and text: equal content at another line keeps its id."""
    path: str
    heading_path: tuple[str, ...]
    anchor: str
    lines: Lines
    """Where the chunk's own lines stand; a repeated table header (see `context`) is not among them."""
    text: str
    """What the reader sees: `context`, if any, then the lines of the span, verbatim."""
    context: str = ""
    """Lead-in and header row repeated in front of the later parts of a long table; empty otherwise."""
    ordinal: int = 0
    """Position among the chunks of the file, from 0."""
    section: int = 0
    """Position of the section among the sections of the file, from 0."""
    topic: str = ""
    """The document's title from its front matter or file name, where the heading path does not hold it; else empty.
    It is searched and not shown."""

    @property
    def own_text(self) -> str:
        """The text of the chunk's own lines, without a repeated table header."""
        return self.text[len(self.context) + 1 :] if self.context else self.text

    @property
    def trail(self) -> str:
        """The heading path in one line."""
        return TRAIL_SEPARATOR.join(self.heading_path)


@dataclass(frozen=True, slots=True)
class Statement:
    """The smallest part of a text that can be quoted: a sentence, a table row or a block of code."""

    kind: StatementKind
    lines: Lines
    quote: str
    """Verbatim text of the source at `lines`."""
    text: str
    """The quote as plain text; of a row, its filled cells as `header: cell`, joined by semicolons."""
    label: str = ""
    """Of a sentence in a `**Label**: text` item, the label as plain text; of a row, its first cell."""
    header: tuple[str, ...] = ()
    """Of a row, the table's header cells as plain text."""
    cells: tuple[str, ...] = ()
    """Of a row, its cells as plain text, as many as the header has."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text that names a product of the documents."""

    product: str
    """The name that the documents use first for it."""
    start: int
    """Offset of its first character in the text."""
    end: int
    """Offset after its last character."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure or statement that a table or labelled item gives about a product."""

    id: str
    product: str
    attribute: str
    value: str
    """The cell, as plain text."""
    basis: str
    """`dense`, `sparse`, `not stated` or empty."""
    note: str
    path: str
    heading_path: tuple[str, ...]
    anchor: str
    lines: Lines
    quote: str
    """The row or item, verbatim."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What search returns: one or more neighbouring chunks of one section."""

    rank: int
    """From 1, best first."""
    score: float
    """Fused score; higher is better; comparable within one result only."""
    path: str
    heading_path: tuple[str, ...]
    anchor: str
    lines: Lines
    text: str
    chunk_ids: tuple[str, ...]
    similarity: float = 0.0
    """Cosine similarity of the best of its chunks to the query, −1 to 1."""
    context: str = ""
    """As in `Chunk`: what stands in front of `text` but not within `lines`."""

    @property
    def own_text(self) -> str:
        """The text of the passage's own lines, without a repeated table header."""
        return self.text[len(self.context) + 1 :] if self.context else self.text

    @property
    def trail(self) -> str:
        """The heading path in one line."""
        return TRAIL_SEPARATOR.join(self.heading_path)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A numbered item that an answer may cite."""

    number: int
    """From 1, in the order shown to the model."""
    path: str
    heading_path: tuple[str, ...]
    anchor: str
    lines: Lines
    quote: str
    """Verbatim text of the source at `lines`."""
    text: str
    """What the model reads: the quote with what it needs to be understood, such as a table's header."""
    kind: EvidenceKind = "passage"
    inputs: tuple[Evidence, ...] = ()
    """Of a calculation, the facts that it starts from: who cites it cites these."""

    @property
    def trail(self) -> str:
        """The heading path in one line."""
        return TRAIL_SEPARATOR.join(self.heading_path)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement of the answer comes from."""

    number: int
    """The mark in the answer's text: `[1]` cites number 1."""
    path: str
    heading_path: tuple[str, ...]
    anchor: str
    lines: Lines
    quote: str
    """Verbatim text of the source; found at `lines`."""

    @property
    def trail(self) -> str:
        """The heading path in one line."""
        return TRAIL_SEPARATOR.join(self.heading_path)

    def to_json(self) -> dict[str, Any]:
        """The citation as every command prints it with `--json`."""
        return {
            "number": self.number,
            "path": self.path,
            "heading_path": list(self.heading_path),
            "anchor": self.anchor,
            "lines": list(self.lines),
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence of a draft that the gate removed, as it may be shown: without its figures."""

    text: str
    """Plain text, with `hwqa.withholding.BLANK` where figures stood."""
    reasons: tuple[str, ...]
    """What the gate had against it, without figures, too."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the parts of an answer took, in milliseconds."""

    retrieval: float = 0.0
    answer: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a chat model read and wrote for an answer."""

    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False
    """Whether the model did not count them for some part, which is then taken at four characters a token."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader gets: text with marks, and the source of each mark."""

    question: str
    standalone_question: str
    """The question with what it takes from the conversation written out; equal to `question` when it takes nothing."""
    status: Status
    text: str
    """Markdown with marks such as `[1]`."""
    citations: tuple[Citation, ...] = ()
    table: tuple[Mapping[str, Any], ...] | None = None
    """Rows of a comparison, selection or sizing, in order, as `hwqa.tables.table_json` makes them; None without any."""
    calculation: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    removed_sentences: int = 0
    """How many sentences of the draft the gate removed."""
    removed: tuple[Removed, ...] = ()
    """Those sentences without their figures, each one once, for who asks; `to_json` tells their number alone."""
    model: str = "none"
    timings: Timings = field(default_factory=Timings)
    failure: str = ""
    """Why the chat model that was asked for did not write the answer, which is then composed; also in `warnings`."""
    confidence: float | None = None
    """How probable it was held, before anything was written, that the documents answer; None where it was not judged.
    For evaluation: `to_json` does not tell it."""
    usage: Usage | None = None
    """Tokens of all drafts, those of which nothing was kept among them; None where no chat model wrote. Likewise."""

    def to_json(self) -> dict[str, Any]:
        """The answer as the command line prints it with `--json`."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": self.status,
            "answer": self.text,
            "citations": [citation.to_json() for citation in self.citations],
            "table": None if self.table is None else [dict(row) for row in self.table],
            "calculation": None if self.calculation is None else dict(self.calculation),
            "warnings": list(self.warnings),
            "removed_sentences": self.removed_sentences,
            "model": self.model,
            "timings_ms": {
                "retrieval": round(self.timings.retrieval, 1),
                "answer": round(self.timings.answer, 1),
                "total": round(self.timings.total, 1),
            },
        }


@dataclass(frozen=True, slots=True)
class Update:
    """A step of a streamed answer."""

    stage: Stage
    text: str = ""
    """The checked part of the answer so far, with its marks."""
    citations: tuple[Citation, ...] = ()
    """The sources of the marks in `text`."""
    answer: Answer | None = None
    """The whole answer; set in the last update only."""


def search_json(query: str, passages: Sequence[Passage]) -> dict[str, Any]:
    """What a search found, as the command line prints it with `--json`."""
    return {
        "query": query,
        "results": [
            {
                "rank": passage.rank,
                "score": round(passage.score, 6),
                "path": passage.path,
                "heading_path": list(passage.heading_path),
                "anchor": passage.anchor,
                "lines": list(passage.lines),
                "text": passage.text,
            }
            for passage in passages
        ],
    }
