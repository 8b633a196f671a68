"""Files → what the index holds of them: chunks, facts, and what the embedder and BM25 read of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hwqa.index.records import FORMAT
from hwqa.schema import Chunk, Document, Fact

if TYPE_CHECKING:
    from hwqa.embedding import Embedder

_MODULES = (
    "abbreviations",
    "atoms",
    "blocks",
    "chunking",
    "facts",
    "lexical",
    "markdown",
    "names",
    "sentences",
    "statements",
)
"""Modules that decide what a document becomes."""


@dataclass(frozen=True, slots=True)
class Parser:
    """How a document becomes chunks and facts."""

    read: Callable[[str, str], Document]
    """Path and text → document."""
    chunk: Callable[[Document], Sequence[Chunk]]
    facts: Callable[[Document], Sequence[Fact]]
    chunk_text: Callable[[Chunk], str]
    """What the embedder and BM25 read of a chunk."""
    tokenize: Callable[[str], list[str]]
    version: str
    """Another version makes another index."""


def default_parser(embedder: Embedder) -> Parser:
    """The reading of Markdown that comes with hwqa, in chunks that the embedder reads whole."""
    from hwqa.chunking import BUDGET, chunk_document, embedding_text  # noqa: PLC0415 - a search parses no Markdown
    from hwqa.facts import facts  # noqa: PLC0415 - likewise
    from hwqa.lexical import tokenize  # noqa: PLC0415 - likewise
    from hwqa.markdown import read_document  # noqa: PLC0415 - likewise

    # trails, headings and lines of code recur
    count_tokens = lru_cache(maxsize=4096)(embedder.count_tokens)
    return Parser(
        read=read_document,
        chunk=lambda document: chunk_document(
            document, count_tokens=count_tokens, budget=min(BUDGET, embedder.max_tokens)
        ),
        facts=facts,
        chunk_text=embedding_text,
        tokenize=tokenize,
        version=parser_version(),
    )


def parser_version() -> str:
    """Changes with the code that parses documents and with how they are stored: no index mixes two versions' work.

    Vectors are not computed again for that: they are found by the text that they stand for.
    """
    digest = hashlib.sha256(str(FORMAT).encode())
    for name in _MODULES:
        spec = find_spec(f"hwqa.{name}")
        if spec is not None and spec.origin is not None and Path(spec.origin).is_file():
            digest.update(Path(spec.origin).read_bytes())
    return digest.hexdigest()[:16]
