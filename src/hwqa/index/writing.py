"""The writer's side of an index: a new generation beside the current one, published when it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwqa.errors import IndexingError
from hwqa.index.chroma import Collection, Item, chunk_item, fact_item
from hwqa.index.native import Searchable
from hwqa.index.parsing import Parser
from hwqa.index.records import FileRecord, Parts, Records, text_key, touch_records, write_records
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import Changes, SyncReport, parse
from hwqa.index.vectors import Embedding, mean_vectors, reused_vectors
from hwqa.lexical import LexicalIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hwqa.embedding import Embedder, Progress

_BATCH = 500
"""Records stored at once: they are stored as soon as their vectors are there."""


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
    """Text key → text, of all chunks that are added."""
    names: Mapping[str, tuple[str, ...]]
    """Key → names, of all facts that are added."""


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
    chunk_keys, fact_keys = new.keys("chunk"), new.keys("fact")
    added_chunks = new.chunks([name for name in chunk_keys if name not in present[0]])
    added_facts = new.facts([name for name in fact_keys if name not in present[1]])
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
        {chunk_keys[chunk.id]: parser.chunk_text(chunk) for chunk in added_chunks},
        {fact_keys[fact.id]: parser.fact_names(fact) for fact in added_facts},
    )


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


def parse_all(
    corpus: Path, files: Sequence[FileRecord], parser: Parser, embedding: Embedding, progress: Progress | None
) -> list[Parts]:
    """What the files give to the index; their chunks are on the way to vectors."""
    parts = []
    for number, file in enumerate(files, start=1):
        part = parse(corpus, file, parser)
        embedding.offer((text_key(text), text) for _, text, _ in part.chunks)
        parts.append(part)
        if progress:
            progress(number, len(files), "reading documents")
    return parts


def provide_vectors(
    todo: Plan,
    embedding: Embedding,
    embedder: Embedder,
    old: Snapshot | None,
    collections: Callable[[Snapshot], tuple[Searchable, Searchable]],
    progress: Progress | None,
) -> None:
    """Every vector that the plan needs can be asked for: found where it exists, else on its way."""
    found: dict[str, NDArray[np.float32]] = {}
    if old is not None:
        found = reused_vectors({*todo.texts, *todo.names}, old.records, lambda: collections(old))
    embedding.finish(todo.texts, found, progress)
    names = {key: several for key, several in todo.names.items() if key not in found}
    embedding.know(mean_vectors(names, embedder.encode))


def carry_out(
    todo: Plan,
    collections: tuple[Collection, Collection],
    embedding: Embedding,
    dimension: int,
    progress: Progress | None,
) -> None:
    """The collections hold what the plan says; facts are stored first, while chunks are still being embedded."""
    total, stored = len(todo.chunks.added) + len(todo.facts.added), 0

    def done(count: int) -> None:
        nonlocal stored
        stored += count
        if progress and embedding.complete:
            progress(stored, total, "storing")

    _put(todo.facts, collections[1], embedding, dimension, done)
    _put(todo.chunks, collections[0], embedding, dimension, done)
    for difference, collection in zip((todo.chunks, todo.facts), collections, strict=True):
        collection.describe(difference.moved)
        collection.remove(difference.removed)
        collection.settle()


def _put(
    difference: Difference, collection: Collection, vectors: Embedding, dimension: int, done: Callable[[int], None]
) -> None:
    """The collection holds what is added."""
    for start in range(0, len(difference.added), _BATCH):
        added = difference.added[start : start + _BATCH]
        stacked = np.empty((len(added), dimension), np.float32)
        for row, (_, key) in enumerate(added):
            stacked[row] = vectors[key]
        collection.put([item for item, _ in added], stacked, done)


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
