"""Search in a Chroma folder through Chroma's own engine, without its Python package.

`import chromadb` takes 0.7 to 0.9 s: HTTP clients, telemetry exporters, schemas of hosted embedders. The engine it
drives is a native module of the same distribution that loads in 0.02 s, and a search needs no more. It is not part of
Chroma's documented interface, so it is used only where its signatures are those known here, and only to read; on any
other version the documented client searches.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hwqa.index.chroma import Chroma, collection_names, fetch, reported

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLACE = ("default_tenant", "default_database")
_SIGNATURES = {
    "__new__": "(allow_reset, sqlite_db_config, hnsw_cache_size, persist_path=None)",
    "get_collection": "($self, name, tenant, database)",
    "query": "($self, collection_id, ids, query_embeddings, n_results, where=..., where_document=None, include=...,"
    " tenant=..., database=...)",
    "get": "($self, collection_id, ids=None, where=..., limit=None, offset=0, where_document=None, include=...,"
    " tenant=..., database=...)",
}
_PAGE = 1000
_OPEN_GRAPHS = 16
"""Collections whose graph of neighbours the engine keeps in memory: an index has two."""


class Searchable(Protocol):
    """A collection, as a reader sees it."""

    def nearest(
        self, vector: NDArray[np.float32], limit: int, paths: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and cosine similarities of the records nearest to the vector, nearest first."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of those of the records that exist."""
        ...


class NativeCollection:
    """A collection of a Chroma folder, read through the engine."""

    def __init__(self, engine: Any, folder: Path, name: str) -> None:
        self._engine = engine
        self._folder = folder
        with reported(folder):
            self._id = str(engine.get_collection(name, *_PLACE).id)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, paths: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Ids and cosine similarities of the records nearest to the vector, nearest first."""
        if limit < 1 or (paths is not None and not paths):
            return []
        where = None if paths is None else json.dumps({"path": {"$in": list(paths)}})
        query = [np.asarray(vector, np.float32).tolist()]
        with reported(self._folder):
            found = self._engine.query(self._id, None, query, limit, where, None, ["distances"], *_PLACE)
        return [(name, 1.0 - distance) for name, distance in zip(found.ids[0], found.distances[0], strict=True)]

    def vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Vectors of those of the records that exist."""
        vectors: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(ids), _PAGE):
            page = list(ids[start : start + _PAGE])
            with reported(self._folder):
                found = self._engine.get(self._id, page, None, None, 0, None, ["embeddings"], *_PLACE)
            vectors.update(zip(found.ids, np.asarray(found.embeddings, np.float32), strict=True))
        return vectors


def open_collections(folder: Path, fingerprint: str) -> tuple[Searchable, Searchable]:
    """The collections of chunks and facts in a Chroma folder can be searched.

    Raises:
        IndexingError: The folder's database is damaged or of an incompatible version of Chroma.
    """
    engine = _engine(folder)
    if engine is None:
        chroma = Chroma.folder(folder)
        found = fetch(chroma, fingerprint)
        weakref.finalize(found[0], chroma.close)
        return found
    chunks, facts = collection_names(fingerprint)
    return NativeCollection(engine, folder, chunks), NativeCollection(engine, folder, facts)


def _engine(folder: Path) -> Any:
    """Chroma's engine on the folder, or None where it is not the one known here."""
    try:
        import chromadb_rust_bindings as native  # type: ignore[import-untyped] # noqa: PLC0415 - a native library
    except ImportError:
        return None
    bindings = getattr(native, "Bindings", None)
    signatures = {name: getattr(getattr(bindings, name, None), "__text_signature__", None) for name in _SIGNATURES}
    signatures["__new__"] = getattr(bindings, "__text_signature__", None)
    if bindings is None or signatures != _SIGNATURES:
        return None
    with reported(folder):
        database = native.SqliteDBConfig(
            hash_type=native.MigrationHash.MD5,
            migration_mode=native.MigrationMode.Validate,  # a reader does not change the schema
            url=str(folder / "chroma.sqlite3"),
        )
        return bindings(
            allow_reset=False, sqlite_db_config=database, hnsw_cache_size=_OPEN_GRAPHS, persist_path=str(folder)
        )
