"""The Chroma collections of an index: vectors of chunks and facts, with all that is needed to show them.

Chroma runs in this process on a folder, or as a server. Distances are cosine, which is stated on creation (Chroma's
default is L2), and vectors are always ours (Chroma's default embedder would be downloaded). Chroma drops `None` and
rejects nested values, so metadata is flat: a heading path is JSON.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import numpy as np

from hwqa.errors import IndexingError
from hwqa.schema import Chunk, Fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Metadata = dict[str, str | int]

_BATCH = 1000
"""Records in one call to Chroma; a server may refuse more than a few thousand."""
_FOLDER_REMEDY = "delete the index folder and run `hwqa index`"
_MOST_UNSAVED = 1000
"""Vectors that Chroma may leave to be added to its graph at the next start."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record of a collection."""

    id: str
    text: str
    metadata: Metadata


def chunk_item(chunk: Chunk) -> Item:
    """The chunk as Chroma keeps it."""
    return Item(
        chunk.id,
        chunk.text,
        {
            "path": chunk.path, "heading_path": json.dumps(chunk.heading_path, ensure_ascii=False),
            "anchor": chunk.anchor, "first_line": chunk.lines[0], "last_line": chunk.lines[1],
            "context": chunk.context, "ordinal": chunk.ordinal, "section": chunk.section, "topic": chunk.topic,
        },
    )  # fmt: skip


def fact_item(fact: Fact) -> Item:
    """The fact as Chroma keeps it: what one may search for by itself, the rest together, as each key costs time."""
    place = (fact.note, fact.heading_path, fact.anchor, *fact.lines)
    return Item(
        fact.id,
        fact.quote,
        {
            "product": fact.product, "attribute": fact.attribute, "value": fact.value, "basis": fact.basis,
            "path": fact.path, "place": json.dumps(place, ensure_ascii=False),
        },
    )  # fmt: skip


def chunk_of(item: Item) -> Chunk:
    """The chunk that gave this record."""
    data = item.metadata
    return Chunk(
        item.id, str(data["path"]), tuple(json.loads(str(data["heading_path"]))), str(data["anchor"]),
        (int(data["first_line"]), int(data["last_line"])), item.text, str(data["context"]), int(data["ordinal"]),
        int(data["section"]), str(data["topic"]),
    )  # fmt: skip


def fact_of(item: Item) -> Fact:
    """The fact that gave this record."""
    data = item.metadata
    note, heading_path, anchor, first, last = json.loads(str(data["place"]))
    return Fact(
        item.id, str(data["product"]), str(data["attribute"]), str(data["value"]), str(data["basis"]), note,
        str(data["path"]), tuple(heading_path), anchor, (first, last), item.text,
    )  # fmt: skip


class Collection:
    """One collection of Chroma."""

    def __init__(self, store: Chroma, collection: Any) -> None:
        self._store = store
        self._collection = collection

    def nearest(
        self, vector: NDArray[np.float32], limit: int, paths: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and cosine similarities of the records nearest to the vector, nearest first."""
        where = None if paths is None else {"path": {"$in": list(paths)}}
        if limit < 1 or (paths is not None and not paths):
            return []
        with self._store.reported():
            found = self._collection.query(
                query_embeddings=[vector], n_results=limit, where=where, include=["distances"]
            )
        return [(name, 1.0 - distance) for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def ids(self) -> set[str]:
        """Ids of all records."""
        with self._store.reported():
            return set(self._collection.get(include=[])["ids"])

    def items(self) -> Iterator[Item]:
        """All records."""
        offset = 0
        while True:
            with self._store.reported():
                page = self._collection.get(limit=_BATCH, offset=offset, include=["documents", "metadatas"])
            for name, text, metadata in zip(page["ids"], page["documents"], page["metadatas"], strict=True):
                yield Item(name, text or "", dict(metadata or {}))
            if len(page["ids"]) < _BATCH:
                return
            offset += _BATCH

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of those of the records that exist."""
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(ids), _BATCH):
            with self._store.reported():
                page = self._collection.get(ids=list(ids[start : start + _BATCH]), include=["embeddings"])
            found.update(zip(page["ids"], np.asarray(page["embeddings"], np.float32), strict=True))
        return found

    def put(
        self, items: Sequence[Item], vectors: NDArray[np.float32], done: Callable[[int], None] = lambda _: None
    ) -> None:
        """The records are there with these vectors, as new or in place of their former selves."""
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            with self._store.reported():
                self._collection.upsert(
                    ids=[item.id for item in batch],
                    documents=[item.text for item in batch],
                    metadatas=[item.metadata for item in batch],
                    embeddings=vectors[start : start + len(batch)],
                )
            done(len(batch))

    def describe(self, items: Sequence[Item]) -> None:
        """The records, which are there, have this metadata; their vectors and texts stay."""
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            with self._store.reported():
                self._collection.update(ids=[item.id for item in batch], metadatas=[item.metadata for item in batch])

    def settle(self) -> None:
        """From now on the graph of neighbours is saved before much of it would have to be made anew at a start."""
        with self._store.reported(), warnings.catch_warnings():
            # Chroma calls a collection without an embedder of its own "legacy"
            warnings.simplefilter("ignore", DeprecationWarning)
            self._collection.modify(configuration={"hnsw": {"sync_threshold": _MOST_UNSAVED}})

    def remove(self, ids: Sequence[str]) -> None:
        """None of these records is there."""
        for start in range(0, len(ids), _BATCH):
            with self._store.reported():
                self._collection.delete(ids=list(ids[start : start + _BATCH]))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The collection's own metadata, as it was when the collection was opened."""
        return self._collection.metadata or {}

    def mark(self, metadata: Mapping[str, str | float]) -> None:
        """The collection's own metadata is this."""
        with self._store.reported():
            self._collection.modify(metadata=dict(metadata))


class Chroma:
    """A Chroma database, in a folder or behind a URL."""

    def __init__(self, client: Any, place: str, remedy: str) -> None:
        self._client = client
        self.place = place
        self.remedy = remedy

    @classmethod
    def folder(cls, path: Path) -> Chroma:
        """The database in this folder, which is made if need be.

        Raises:
            IndexingError: The folder's database is damaged or of an incompatible version of Chroma.
        """
        with reported(path):
            import chromadb  # noqa: PLC0415, TID251 - most of a second; this is the module that may
            from chromadb.config import Settings  # noqa: PLC0415, TID251 - likewise

            client = chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))
        return cls(client, _folder_name(path), _FOLDER_REMEDY)

    @classmethod
    def server(cls, url: str) -> Chroma:
        """The database of the server at this URL.

        Raises:
            IndexingError: The server does not answer.
        """
        parts = urlsplit(url)
        shown = server_name(url)
        place, remedy = f"the Chroma server {shown}", "start it (`chroma run`), or name another index with --index"
        headers = {}
        if parts.username:
            from base64 import b64encode  # noqa: PLC0415 - rarely needed

            credentials = b64encode(f"{parts.username}:{parts.password or ''}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        with _reported(place, remedy):
            import chromadb  # noqa: PLC0415, TID251 - most of a second; this is the module that may
            from chromadb.config import Settings  # noqa: PLC0415, TID251 - likewise

            client = chromadb.HttpClient(
                host=urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", "")),
                port=parts.port or (443 if parts.scheme == "https" else 80),
                ssl=parts.scheme == "https",
                headers=headers or None,
                settings=Settings(anonymized_telemetry=False),
            )
        return cls(client, place, remedy)

    def open(self, name: str) -> Collection | None:
        """The collection of this name as it is now, or None."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415, TID251 - this is the module that may

        with self.reported():
            try:
                return Collection(self, self._client.get_collection(name, embedding_function=None))
            except NotFoundError:
                return None

    def create(self, name: str, expected: int, care: int = 200) -> Collection:
        """The collection of this name; a new one is laid out to take so many records first.

        `care` is the number of candidates among which a new vector's neighbours in the graph are chosen.
        The graph of neighbours is saved once when these are in: saving it every thousand records costs a third of the
        time. `settle` must follow.
        """
        unsaved = max(2, expected)
        with self.reported():
            collection = self._client.get_or_create_collection(
                name,
                embedding_function=None,
                configuration={
                    "hnsw": {
                        "space": "cosine",
                        "ef_construction": care,
                        "ef_search": 300,
                        "sync_threshold": unsaved,
                        "batch_size": min(100, unsaved),
                    }
                },
            )
        return Collection(self, collection)

    def names(self) -> list[str]:
        """Names of all collections."""
        with self.reported():
            return [collection.name for collection in self._client.list_collections()]

    def drop(self, name: str) -> None:
        """There is no collection of this name."""
        with self.reported():
            self._client.delete_collection(name)

    def close(self) -> None:
        """The files or connections are released."""
        self._client.close()
        # Chroma 1.5 leaves its HTTP sessions, one of its own and one to ask for the tenant, to the garbage collector
        for client in (self._client, getattr(self._client, "_admin_client", None)):
            session = getattr(getattr(client, "_server", None), "_session", None)
            if session is not None:
                session.close()

    def reported(self) -> AbstractContextManager[None]:
        """A context in which Chroma's errors become ours."""
        return _reported(self.place, self.remedy)


def collection_names(fingerprint: str, prefix: str = "hwqa") -> tuple[str, str]:
    """Names of the collections of chunks and facts: another model or parser has others."""
    return f"{prefix}-chunks-{fingerprint[:16]}", f"{prefix}-facts-{fingerprint[:16]}"


def fetch(chroma: Chroma, fingerprint: str, prefix: str = "hwqa") -> tuple[Collection, Collection]:
    """The collections of chunks and facts.

    Raises:
        IndexingError: The database does not hold them.
    """
    chunks, facts = (chroma.open(name) for name in collection_names(fingerprint, prefix))
    if chunks is None or facts is None:
        raise IndexingError(f"{chroma.place} has lost its collections: {chroma.remedy}")
    return chunks, facts


def create(
    chroma: Chroma, fingerprint: str, expected: tuple[int, int], prefix: str = "hwqa"
) -> tuple[Collection, Collection]:
    """The collections of chunks and facts, made if need be for about so many records."""
    names = collection_names(fingerprint, prefix)
    return chroma.create(names[0], expected[0]), chroma.create(names[1], expected[1], care=100)


def server_name(url: str) -> str:
    """The URL without user and password, fit for a message."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def collection_prefix(url: str) -> str:
    """First part of the names of an index's collections: `?name=wiki` in the URL keeps several indexes apart."""
    return (parse_qs(urlsplit(url).query).get("name") or ["hwqa"])[0]


def reported(folder: Path) -> AbstractContextManager[None]:
    """A context in which errors of Chroma on this folder become ours."""
    return _reported(_folder_name(folder), _FOLDER_REMEDY)


def _folder_name(folder: Path) -> str:
    return f"the Chroma database {folder}"


@contextmanager
def _reported(place: str, remedy: str) -> Iterator[None]:
    try:
        yield
    except IndexingError:
        raise
    except BaseException as error:
        if not _is_chromas(error):
            raise
        cause = " ".join(str(error).split()) or type(error).__name__
        cause = cause if len(cause) <= 160 else cause[:159] + "…"
        raise IndexingError(f"{place} cannot be used ({cause}): {remedy}") from error


def _is_chromas(error: BaseException) -> bool:
    """Whether Chroma raised it: its own errors, its HTTP client's, a panic of its native part (no `Exception`)."""
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__}
    families = {family for family, _ in kinds}
    return bool(families & {"chromadb", "httpx", "httpcore", "pyo3_runtime"}) or isinstance(
        error, sqlite3.Error | OSError | ValueError | KeyError | RuntimeError
    )
