"""Vectors in one file, mapped into memory: looked up by id, and compared with a query one by one.

Up to some ten thousand chunks, comparing a query with every vector takes less time than walking Chroma's graph of
neighbours and misses none; and the graph, which would have to be loaded at each start, stays on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwqa.errors import IndexingError
from hwqa.index.native import Searchable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 50_000
"""Chunks that are compared one by one: that takes 4 ms, as long as Chroma takes for so many."""


class ExactVectors:
    """Vectors of length 1, by id and in order."""

    def __init__(self, ids: NDArray[np.bytes_], vectors: NDArray[np.float32]) -> None:
        self._ids = ids
        self._vectors = vectors

    @classmethod
    def open(cls, folder: Path) -> ExactVectors:
        """The vectors of the folder; they stay on disk until they are needed.

        Raises:
            IndexingError: The folder holds none that can be read.
        """
        try:
            ids, vectors = np.load(folder / "ids.npy"), np.load(folder / "vectors.npy", mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise IndexingError(
                f"the vectors {folder} cannot be read: delete the index folder and run `hwqa index`"
            ) from error
        return cls(ids, vectors)

    @classmethod
    def write(
        cls,
        folder: Path,
        ids: Sequence[str],
        added: Mapping[str, NDArray[np.float32]],
        base: ExactVectors | None,
        dimension: int,
    ) -> None:
        """The vectors of these ids stand in the folder: those that are added, the others as in `base`."""
        folder.mkdir()
        np.save(folder / "ids.npy", np.array([name.encode("ascii") for name in ids], dtype=np.bytes_))
        rows = np.lib.format.open_memmap(
            folder / "vectors.npy", mode="w+", dtype=np.float32, shape=(len(ids), dimension)
        )
        stay = [number for number, name in enumerate(ids) if name not in added]
        if stay and base is not None:
            rows[stay] = base._vectors[[base._rows[ids[number]] for number in stay]]
        for number, name in enumerate(ids):
            if name in added:
                rows[number] = added[name]
        rows.flush()

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name.decode("ascii"): number for number, name in enumerate(self._ids.tolist())}

    def __len__(self) -> int:
        """Number of vectors."""
        return len(self._ids)

    def __contains__(self, name: str) -> bool:
        """Whether there is a vector of this id."""
        return name in self._rows

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of those of the ids that exist."""
        known = [name for name in ids if name in self._rows]
        return dict(zip(known, self._vectors[[self._rows[name] for name in known]], strict=True))

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Ids and cosine similarities of those nearest to the vector, nearest first."""
        # matrix products of BLAS wait for all its threads, on a busy machine many times as long as this takes
        scores = np.einsum("ij,j->i", self._vectors, np.asarray(vector, np.float32))
        limit = min(limit, len(scores))
        if limit < 1:
            return []
        found = np.argpartition(-scores, limit - 1)[:limit]
        best = found[np.lexsort((found, -scores[found]))]
        return [(self._ids[row].decode("ascii"), float(scores[row])) for row in best]


class ExactSearch:
    """The chunks of an index in a folder, as a reader sees them: compared one by one while they are few."""

    def __init__(self, exact: ExactVectors, graph: Callable[[], Searchable]) -> None:
        """Take the vectors, and what opens Chroma's graph over the same ones."""
        self._exact = exact
        self._graph = graph

    def nearest(
        self, vector: NDArray[np.float32], limit: int, paths: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and cosine similarities of the records nearest to the vector, nearest first."""
        if paths is None and len(self._exact) <= _MOST:
            return self._exact.nearest(vector, limit)
        return self._graph().nearest(vector, limit, paths)

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of those of the records that exist."""
        return self._exact.vectors(ids)
