"""The index: opened without writing, searched from any thread, brought up to date by `sync`."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from hwqa.errors import IndexingError
from hwqa.index.embedded import EmbeddedPlace
from hwqa.index.parsing import Parser, default_parser, parser_version
from hwqa.index.records import DocumentRecord, Table
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import SyncReport, is_changed
from hwqa.schema import Chunk, Fact

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwqa.embedding import Embedder, Progress
    from hwqa.index.native import Searchable
    from hwqa.lexical import Term

Record = TypeVar("Record", Chunk, Fact)
Worked = TypeVar("Worked")

WRITER_TIMEOUT = 600.0
"""Seconds that a writer waits for another one."""


class Place(Protocol):
    """Where an index is kept."""

    def snapshot(self) -> Snapshot | None:
        """The current state, or None where there is none."""
        ...

    def collection(self, snapshot: Snapshot, table: Table) -> Searchable:
        """The collection of chunks or of facts."""
        ...

    def sync(self, corpus: Path, parser: Parser, *, timeout: float, progress: Progress | None) -> SyncReport:
        """The current state is that of the corpus."""
        ...


class Index:
    """Chunks and facts of a corpus, searchable by meaning and by words.

    Each call answers from the newest state that any process has published; one that must not change while a question
    is answered lasts one call.
    """

    def __init__(
        self, location: str, place: Place, embedder: Embedder, fingerprint: str, parser: Parser | None
    ) -> None:
        self.location = location
        """Folder or URL, as given."""
        self._place = place
        self._embedder = embedder
        self._fingerprint = fingerprint
        self._parser = parser

    @classmethod
    def open(
        cls, location: str | Path, embedder: Embedder, *, side: Path | None = None, parser: Parser | None = None
    ) -> Index:
        """The index can be searched if it exists, and written by `sync`; opening writes nothing.

        Args:
            location: Folder of the index, or URL of a Chroma server; `?name=wiki` in the URL keeps several indexes
                of one server apart.
            embedder: What the documents and queries are embedded with.
            side: For a server, the folder for what Chroma does not hold; in the user's cache folder when None.
            parser: How documents become chunks and facts; hwqa's own when None.

        Raises:
            IndexingError: The location is a file.
        """
        version = parser_version() if parser is None else parser.version
        fingerprint = hashlib.sha256(f"{embedder.fingerprint}\n{version}".encode()).hexdigest()[:16]
        if str(location).startswith(("http://", "https://")):
            from hwqa.index.server import ServerPlace  # noqa: PLC0415 - most indexes are folders

            url = str(location)
            place = ServerPlace(url, side, embedder, fingerprint, lambda: parser or default_parser(embedder))
            return cls(url, place, embedder, fingerprint, parser)
        root = Path(location).expanduser()
        if root.exists() and not root.is_dir():
            raise IndexingError(f"the index {str(location)!r} is a file: name a folder or the URL of a Chroma server")
        return cls(str(location), EmbeddedPlace(root, embedder, fingerprint), embedder, fingerprint, parser)

    def sync(self, corpus: Path, *, progress: Progress | None = None, timeout: float = WRITER_TIMEOUT) -> SyncReport:
        """The index holds the corpus as it is; files that did not change were not read again.

        A process killed meanwhile leaves the state before; readers see the new state as soon as it is whole.

        Args:
            corpus: Folder of the documents.
            progress: Told how much of what is done; `total` is 0 while it waits for another writer.
            timeout: Seconds to wait for another writer.

        Raises:
            CorpusError: The folder is missing or holds no Markdown.
            IndexingError: The index cannot be written, is damaged, or another process is writing it.
        """
        parser = self._parser or default_parser(self._embedder)
        return self._place.sync(Path(corpus), parser, timeout=timeout, progress=progress)

    def is_stale(self, corpus: Path) -> bool:
        """Whether `sync` would change the index: it is missing, made otherwise, or files differ.

        Raises:
            CorpusError: The folder is missing or holds no Markdown.
        """
        snapshot = self._place.snapshot()
        if snapshot is None or snapshot.generation.fingerprint != self._fingerprint:
            return True
        return is_changed(Path(corpus), snapshot.records.manifest())

    @property
    def count(self) -> int:
        """Number of chunks; 0 where there is no index."""
        snapshot = self._place.snapshot()
        return snapshot.records.count if snapshot else 0

    @property
    def state(self) -> str:
        """Changes whenever a sync changed something; empty where there is no index."""
        snapshot = self._place.snapshot()
        return snapshot.generation.state if snapshot else ""

    def dense(
        self, vector: NDArray[np.float32], limit: int, *, paths: Sequence[str] | None = None
    ) -> list[tuple[Chunk, float]]:
        """The chunks nearest to the vector with their cosine similarities, best first.

        Args:
            vector: From the index's embedder.
            limit: Most chunks to return.
            paths: Only chunks of these files; of all when None.
        """
        snapshot = self._current()
        collection = self._place.collection(snapshot, "chunk")
        return _nearest(collection, vector, limit, paths, snapshot.records.chunks)

    def dense_facts(
        self, vector: NDArray[np.float32], limit: int, *, paths: Sequence[str] | None = None
    ) -> list[tuple[Fact, float]]:
        """The facts whose product and attribute are nearest to the vector, with their cosine similarities."""
        snapshot = self._current()
        collection = self._place.collection(snapshot, "fact")
        return _nearest(collection, vector, limit, paths, snapshot.records.facts)

    def lexical(self, query: str, limit: int) -> list[tuple[Chunk, float]]:
        """The chunks that share words with the query, with their BM25 scores, best first."""
        snapshot = self._current()
        found = snapshot.lexical.search(query, limit)
        return list(
            zip(snapshot.records.chunks([name for name, _ in found]), (score for _, score in found), strict=True)
        )

    def terms(self, query: str) -> list[Term]:
        """What `lexical` searches for, and how much each of it tells."""
        return self._current().lexical.terms(query)

    def chunks(self, ids: Sequence[str]) -> list[Chunk]:
        """The chunks of these ids in their order; an id that the index does not hold is left out."""
        return self._current().records.chunks(ids)

    def section(self, path: str, section: int) -> list[Chunk]:
        """All chunks of a section, in the order of the file."""
        return self._current().records.section(path, section)

    def under(self, path: str, heading_path: Sequence[str]) -> list[Chunk]:
        """The chunks under a heading itself, in the order of the file."""
        return self._current().records.under(path, heading_path)

    def holding(self, places: Sequence[tuple[str, int]]) -> list[Chunk]:
        """The chunks whose own lines hold these places (path and line), each once, in that order."""
        records = self._current().records
        found = [chunk for path, line in dict.fromkeys(places) for chunk in records.holding(path, line)]
        return list({chunk.id: chunk for chunk in found}.values())

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those of the chunks that the index holds, each of length 1."""
        return self._place.collection(self._current(), "chunk").vectors(ids)

    def all_chunks(self) -> list[Chunk]:
        """Every chunk, by path and place."""
        return self._current().records.all_chunks()

    def facts(self, *, products: Sequence[str] = (), attributes: Sequence[str] = ()) -> list[Fact]:
        """The facts of these products and attributes, by path and place; every one if none is named."""
        snapshot = self._current()
        if products or attributes:
            return snapshot.records.facts_about(products, attributes)
        return list(snapshot.facts)

    def frequency(self, word: str) -> int:
        """Number of chunks that hold the word, in any spelling that is searched alike."""
        return self._current().lexical.frequency(word)

    def documents(self) -> list[DocumentRecord]:
        """What the index knows of each document, by path."""
        return list(self._current().documents)

    def cached(self, name: str, build: Callable[[], bytes]) -> bytes:
        """What `build` returned for this state of the index: it runs once per state, and old results go with theirs.

        Args:
            name: A file name; give another when the meaning of the bytes changes.
            build: Computes the bytes from the index.
        """
        snapshot = self._current()
        path = snapshot.folder / "derived" / name
        with contextlib.suppress(OSError):
            return path.read_bytes()
        content = build()
        # an index that cannot be written, or has just been replaced, still answers
        with contextlib.suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)
        return content

    def once(self, work: Callable[[Snapshot], Worked]) -> Worked:
        """What `work` makes of the newest state: `work`, a function of a module, runs once for each state.

        It is for what many questions need of all chunks, facts or documents; `cached` is for what outlives a process.
        """
        return self._current().once(work)

    def _current(self) -> Snapshot:
        snapshot = self._place.snapshot()
        if snapshot is None:
            raise IndexingError(f"there is no index at {self.location}: run `hwqa index`")
        if snapshot.generation.model != self._embedder.fingerprint:
            raise IndexingError(
                f"the index {self.location} was made with the embedding model"
                f" {snapshot.generation.model.partition(':')[0]}: run `hwqa index`, or name that model with --embedder"
            )
        return snapshot


def _nearest(
    collection: Searchable,
    vector: NDArray[np.float32],
    limit: int,
    paths: Sequence[str] | None,
    records: Callable[[Sequence[str]], list[Record]],
) -> list[tuple[Record, float]]:
    """The nearest records that the snapshot knows."""
    wanted = limit
    while True:
        scores = dict(collection.nearest(vector, wanted, paths))
        found = records(list(scores))
        # a server may hold records of a sync that goes on; they do not count
        if len(found) >= limit or len(scores) < wanted:
            return [(record, scores[record.id]) for record in found[:limit]]
        wanted *= 2
