"""Vectors for a sync: found where they exist, else embedded in the background while other work goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from hwqa.errors import IndexingError
from hwqa.index.native import Searchable
from hwqa.index.records import Records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hwqa.embedding import Embedder, Progress

_SLAB = 256
"""Texts embedded between two notes of progress; what is embedded then survives a kill."""


class Embedding:
    """Texts on their way to vectors; each is embedded once.

    A thread of its own embeds while the caller reads documents and stores records: most of the time the encoder does
    not hold Python's lock.
    """

    def __init__(self, embedder: Embedder, pending: Pending, known: Callable[[], set[str]]) -> None:
        """Take the parts.

        Args:
            embedder: What embeds.
            pending: Where vectors survive a kill; it may hold those of an earlier sync.
            known: Keys of texts that need not be embedded in advance, because their vectors can be had.
        """
        self._embedder = embedder
        self._pending = pending
        self._known = known
        self._progress: Progress | None = None
        self._skipped: set[str] | None = None
        self._queue: dict[str, str] = {}
        self._slabs: dict[str, Future[None]] = {}
        self._sizes: dict[Future[None], int] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._total = 0
        self._waiting = -1
        """Texts that had no vector when progress was last told."""
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embedding")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.shutdown(cancel_futures=True)

    def offer(self, texts: Iterable[tuple[str, str]]) -> None:
        """Keys and texts that need vectors: they are embedded as soon as there are enough, or at last by `finish`."""
        self._queue.update((key, text) for key, text in texts if key not in self._slabs)
        if len(self._queue) < _SLAB:
            return
        if self._skipped is None:
            self._skipped = self._known()
            self._vectors = self._pending.read()
        for key in [key for key in self._queue if key in self._skipped or key in self._vectors]:
            del self._queue[key]
        self._submit(_SLAB)

    def finish(
        self, texts: Mapping[str, str], found: Mapping[str, NDArray[np.float32]], progress: Progress | None
    ) -> None:
        """The vectors of these texts, by key, can be asked for; `found` are those that exist already.

        `progress` is told how many there are whenever one had to be waited for.
        """
        if self._skipped is None:
            self._vectors = self._pending.read()
        self._vectors.update(found)
        self._queue = {key: text for key, text in texts.items() if key not in self._vectors and key not in self._slabs}
        self._total = len(texts)
        self._progress = progress
        self._submit(1)
        self._tell()

    def know(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """These vectors can be asked for, too."""
        self._vectors.update(vectors)

    def __getitem__(self, key: str) -> NDArray[np.float32]:
        """The vector of a text; waits until it is there."""
        if key not in self._vectors:
            self._slabs[key].result()
            self._tell()
        return self._vectors[key]

    @property
    def complete(self) -> bool:
        """Whether no vector has to be waited for; progress is told."""
        self._tell()
        return not self._waiting

    def _submit(self, least: int) -> None:
        """Hands what waits to the worker, in slabs; fewer than `least` texts stay."""
        keys = list(self._queue)
        while len(keys) >= least:
            slab, keys = keys[:_SLAB], keys[_SLAB:]
            texts = [self._queue.pop(key) for key in slab]
            keep = bool(self._slabs) or len(slab) == _SLAB
            future = self._worker.submit(self._embed, slab, texts, keep)
            self._slabs.update(dict.fromkeys(slab, future))
            self._sizes[future] = len(slab)

    def _embed(self, keys: Sequence[str], texts: Sequence[str], keep: bool) -> None:
        vectors = self._embedder.encode(texts)
        if keep:
            self._pending.add(keys, vectors)
        self._vectors.update(zip(keys, vectors, strict=True))

    def _tell(self) -> None:
        waiting = sum(size for slab, size in self._sizes.items() if not slab.done())
        if waiting != self._waiting and self._progress and self._total:
            self._progress(self._total - waiting, self._total, "embedding")
        self._waiting = waiting


class Pending:
    """Vectors of an unfinished sync, kept as they come, so that one that was killed need not embed them again."""

    def __init__(self, root: Path, model: str) -> None:
        self._path = root / "pending.sqlite"
        self._model = model

    def read(self) -> dict[str, NDArray[np.float32]]:
        """The vectors that an earlier sync left, by text key."""
        if not self._path.is_file():
            return {}
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                rows = connection.execute("SELECT key, vector FROM vector WHERE model = ?", (self._model,)).fetchall()
        except sqlite3.Error:
            self.discard()  # a cache: damaged, it is worth nothing
            return {}
        return {key: np.frombuffer(vector, np.float32) for key, vector in rows}

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """These vectors survive a kill."""
        try:
            with closing(sqlite3.connect(self._path)) as connection, connection:
                connection.execute("PRAGMA synchronous = OFF")  # a kill loses nothing; after a power cut it is a cache
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS vector (model TEXT, key TEXT, vector BLOB, PRIMARY KEY (model, key))"
                )
                connection.executemany(
                    "INSERT OR REPLACE INTO vector VALUES (?, ?, ?)",
                    [(self._model, key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)],
                )
        except sqlite3.Error as error:
            raise IndexingError(
                f"{self._path} cannot be written ({error}): free the space, or name another folder with --index"
            ) from error

    def discard(self) -> None:
        """Nothing is pending."""
        self._path.unlink(missing_ok=True)


def reused_vectors(
    keys: Sequence[str], records: Records, chunks: Callable[[], Searchable]
) -> dict[str, NDArray[np.float32]]:
    """Vectors, by text key, of those texts that the chunks of an earlier state have embedded already."""
    places = records.with_text(keys)
    if not places:
        return {}
    found = chunks().vectors(list(places.values()))
    return {key: found[name] for key, name in places.items() if name in found}


def mean_of(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean direction of vectors, of length 1."""
    total = np.sum(vectors, axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), np.float32)
