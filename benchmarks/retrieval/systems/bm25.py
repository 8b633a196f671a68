"""BM25 alone, over LangChain's chunks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
from benchmarks.retrieval.spans import Span
from benchmarks.retrieval.systems.langchain_chroma import chunks, span


def retrieve(folder: Path, questions: Sequence[str], depth: int, _variant: str) -> list[list[Span]]:
    """bm25s as its readme shows it: English stop words, no stemmer."""
    found = chunks(folder)
    index = bm25s.BM25()
    index.index(
        bm25s.tokenize([chunk.page_content for chunk in found], stopwords="en", show_progress=False),
        show_progress=False,
    )
    asked = bm25s.tokenize(list(questions), stopwords="en", show_progress=False)
    ids, scores = index.retrieve(asked, k=min(depth, len(found)), show_progress=False)
    return [
        [span(found[number]) for number, score in zip(row, row_scores, strict=True) if score > 0]
        for row, row_scores in zip(ids, scores, strict=True)
    ]
