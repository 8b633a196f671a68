"""The writer's side of an index: a new generation beside the current one, published when it is whole."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwqa.errors import IndexingError
from hwqa.index.chroma import Collection, Item, chunk_item, fact_item
from hwqa.index.native import Searchable
from hwqa.index.parsing import Parser
from hwqa.index.records import FileRecord, Parts, Records, touch_records, write_records
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import Changes, SyncReport, parse
from hwqa.lexical import LexicalIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hwqa.embedding import Embedder, Progress

_SLAB = 256
"""Texts embedded between two notes of progress; what is embedded then survives a kill."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be done to one collection."""

    added: tuple[tuple[Item, str], ...]
    """Record and key of its text, in order."""
    moved: tuple[Item, ...]
    """Records that stay and whose metadata differ."""
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to the collections, and the texts that may have to be embedded for it."""

    chunks: Difference
    facts: Difference
    texts: Mapping[str, str]
    """Text key → text, of all that is added."""


def plan(
    new: Records, old: Records | None, parts: Sequence[Parts], parser: Parser, present: tuple[set[str], set[str]]
) -> Plan:
    """What makes collections that hold `present` chunks and facts hold those of `new`.

    Args:
        new: The records to come.
        old: The records that the collections were written from; None when that is not known.
        parts: The files that were parsed anew: all others are as in `old`.
        parser: Gives the texts of what `parts` does not hold.
        present: Ids of the chunks and of the facts that the collections hold.
    """
    texts: dict[str, str] = {}
    chunk_keys, fact_keys = new.keys("chunk"), new.keys("fact")
    added_chunks = new.chunks([name for name in chunk_keys if name not in present[0]])
    added_facts = new.facts([name for name in fact_keys if name not in present[1]])
    texts.update((chunk_keys[chunk.id], parser.chunk_text(chunk)) for chunk in added_chunks)
    texts.update((fact_keys[fact.id], parser.fact_text(fact)) for fact in added_facts)
    parsed_chunks = [chunk for part in parts for chunk, _, _ in part.chunks if chunk.id in present[0]]
    parsed_facts = [fact for part in parts for fact, _ in part.facts if fact.id in present[1]]
    before_chunks = {chunk.id: chunk for chunk in old.chunks([chunk.id for chunk in parsed_chunks])} if old else {}
    before_facts = {fact.id: fact for fact in old.facts([fact.id for fact in parsed_facts])} if old else {}
    return Plan(
        Difference(
            tuple((chunk_item(chunk), chunk_keys[chunk.id]) for chunk in added_chunks),
            tuple(chunk_item(chunk) for chunk in parsed_chunks if before_chunks.get(chunk.id) != chunk),
            tuple(present[0] - chunk_keys.keys()),
        ),
        Difference(
            tuple((fact_item(fact), fact_keys[fact.id]) for fact in added_facts),
            tuple(fact_item(fact) for fact in parsed_facts if before_facts.get(fact.id) != fact),
            tuple(present[1] - fact_keys.keys()),
        ),
        texts,
    )


def apply(
    difference: Difference,
    collection: Collection,
    vectors: Mapping[str, NDArray[np.float32]],
    dimension: int,
    done: Callable[[int], None],
) -> None:
    """The collection holds what it should; what goes, goes last."""
    stacked = np.empty((len(difference.added), dimension), np.float32)
    for row, (_, key) in enumerate(difference.added):
        stacked[row] = vectors[key]
    collection.put([item for item, _ in difference.added], stacked, done)
    collection.describe(difference.moved)
    collection.remove(difference.removed)


def reused_vectors(
    keys: set[str], records: Records, collections: Callable[[], tuple[Searchable, Searchable]]
) -> dict[str, NDArray[np.float32]]:
    """Vectors, by text key, of those texts that the earlier collections have embedded already."""
    vectors: dict[str, NDArray[np.float32]] = {}
    for position, table in enumerate(("chunk", "fact")):
        places = {key: name for name, key in records.keys(table).items() if key in keys and key not in vectors}
        if places:
            found = collections()[position].vectors(list(places.values()))
            vectors.update((key, found[name]) for key, name in places.items() if name in found)
    return vectors


class Pending:
    """Vectors of an unfinished sync, kept as they come, so that one that was killed need not embed them again."""

    def __init__(self, root: Path, model: str) -> None:
        self._path = root / "pending.sqlite"
        self._model = model

    def read(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors that an earlier sync left, by text key."""
        if not self._path.is_file():
            return {}
        wanted = set(keys)
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                rows = connection.execute("SELECT key, vector FROM vector WHERE model = ?", (self._model,)).fetchall()
        except sqlite3.Error:
            self.discard()  # a cache: damaged, it is worth nothing
            return {}
        return {key: np.frombuffer(vector, np.float32) for key, vector in rows if key in wanted}

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """These vectors survive a kill."""
        try:
            with closing(sqlite3.connect(self._path)) as connection, connection:
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


def embed(
    texts: Mapping[str, str], embedder: Embedder, pending: Pending, progress: Progress | None
) -> dict[str, NDArray[np.float32]]:
    """Vectors of the texts, by key; each text is embedded once, texts of like length together."""
    vectors = pending.read(list(texts))
    todo = sorted((key for key in texts if key not in vectors), key=lambda key: len(texts[key]))
    total, started = len(texts), len(texts) - len(todo)
    for start in range(0, len(todo), _SLAB):
        keys = todo[start : start + _SLAB]
        found = embedder.encode([texts[key] for key in keys])
        if len(todo) > _SLAB:
            pending.add(keys, found)
        vectors.update(zip(keys, found, strict=True))
        if progress:
            progress(started + start + len(keys), total, "embedding")
    return vectors


def write_lexical(records: Records, folder: Path) -> None:
    """The BM25 index of the records' chunks stands in the folder."""
    ids, tokens = [], []
    for name, words in records.tokens():
        ids.append(name)
        tokens.append(words)
    LexicalIndex.from_tokens(ids, tokens).save(folder)


def build_records(path: Path, old: Records | None, difference: Changes, parts: Sequence[Parts]) -> Records:
    """The records after the difference stand at `path`."""
    write_records(path, old.path if old else None, difference.removed, parts)
    touch_records(path, difference.touched)
    return Records(path)


def parse_all(corpus: Path, files: Sequence[FileRecord], parser: Parser, progress: Progress | None) -> list[Parts]:
    """What the files give to the index."""
    parts = []
    for number, file in enumerate(files, start=1):
        parts.append(parse(corpus, file, parser))
        if progress:
            progress(number, len(files), "reading documents")
    return parts


def vectors_for(
    todo: Plan,
    old: Snapshot | None,
    collections: Callable[[Snapshot], tuple[Searchable, Searchable]],
    embedder: Embedder,
    pending: Pending,
    progress: Progress | None,
) -> dict[str, NDArray[np.float32]]:
    """Vectors of all texts that the plan adds: found where they exist, else embedded."""
    vectors: dict[str, NDArray[np.float32]] = {}
    if old is not None:
        vectors = reused_vectors(set(todo.texts), old.records, lambda: collections(old))
    missing = {key: text for key, text in todo.texts.items() if key not in vectors}
    vectors.update(embed(missing, embedder, pending, progress))
    return vectors


def carry_out(
    todo: Plan,
    collections: tuple[Collection, Collection],
    vectors: Mapping[str, NDArray[np.float32]],
    dimension: int,
    progress: Progress | None,
) -> None:
    """The collections hold what the plan says."""
    total, stored = len(todo.chunks.added) + len(todo.facts.added), 0

    def done(count: int) -> None:
        nonlocal stored
        stored += count
        if progress:
            progress(stored, total, "storing")

    apply(todo.chunks, collections[0], vectors, dimension, done)
    apply(todo.facts, collections[1], vectors, dimension, done)
    for collection in collections:
        collection.settle()


def report(old: Records | None, new: Records, parts: Sequence[Parts]) -> SyncReport:
    """What a sync from the old records to the new ones changed."""
    before = old.keys("chunk").keys() if old else set[str]()
    after = new.keys("chunk").keys()
    stayed = [chunk for part in parts for chunk, _, _ in part.chunks if chunk.id in before]
    earlier = {chunk.id: chunk for chunk in old.chunks([chunk.id for chunk in stayed])} if old else {}
    moved = sum(earlier[chunk.id] != chunk for chunk in stayed)
    files = new.files().values()
    return SyncReport(
        added=len(after - before),
        updated=moved,
        removed=len(before - after),
        unchanged=len(after & before) - moved,
        skipped=tuple((file.path, file.skipped) for file in files if file.skipped),
        files=sum(not file.skipped for file in files),
    )


def copy_collections(source: Path, target: Path) -> None:
    """The Chroma database is there twice."""
    try:
        shutil.copytree(source, target)
    except (OSError, shutil.Error) as error:
        raise IndexingError(
            f"the index cannot be copied to {target.parent} ({error}): free the space, or name another with --index"
        ) from error
