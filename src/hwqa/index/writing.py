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
from hwqa.index.exact import ExactVectors
from hwqa.index.native import Searchable
from hwqa.index.parsing import Parser
from hwqa.index.records import FileRecord, Parts, Records, text_key, touch_records, write_records
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import Changes, SyncReport, parse
from hwqa.index.vectors import Embedding, mean_of, reused_vectors
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
    """Record and name of its vector, in order: the key of a chunk's text, the id of a fact."""
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
    names: Mapping[str, tuple[str, str]]
    """Id of a fact that is added → the names of its product and its attribute, whose mean is its vector."""


def plan(
    new: Records,
    old: Records | None,
    parts: Sequence[Parts],
    parser: Parser,
    *,
    paths: Sequence[str] | None = None,
    present: tuple[set[str], set[str]] | None = None,
) -> Plan:
    """What makes collections that hold the records of `old` hold those of `new`.

    Args:
        new: The records to come.
        old: The records that the collections were written from; None when they are empty, or that is not known.
        parts: The files that were parsed anew.
        parser: Gives the texts of what is added.
        paths: The files that differ between `old` and `new`; any may when None.
        present: Ids of the chunks and of the facts that the collections hold, where `old` does not tell.
    """
    chunks, facts = new.ids("chunk", paths), new.ids("fact", paths)
    if present is None:
        present = (set(old.ids("chunk", paths)), set(old.ids("fact", paths))) if old else (set(), set())
    added_chunks = new.chunks([name for name in chunks if name not in present[0]])
    added_facts = new.facts([name for name in facts if name not in present[1]])
    texts = {chunk.id: parser.chunk_text(chunk) for chunk in added_chunks}
    keys = {name: text_key(text) for name, text in texts.items()}
    parsed_chunks = [chunk for part in parts for chunk, _, _ in part.chunks if chunk.id in present[0]]
    parsed_facts = [fact for part in parts for fact in part.facts if fact.id in present[1]]
    before_chunks = {chunk.id: chunk for chunk in old.chunks([chunk.id for chunk in parsed_chunks])} if old else {}
    before_facts = {fact.id: fact for fact in old.facts([fact.id for fact in parsed_facts])} if old else {}
    return Plan(
        Difference(
            tuple((chunk_item(chunk), keys[chunk.id]) for chunk in added_chunks),
            tuple(chunk_item(chunk) for chunk in parsed_chunks if before_chunks.get(chunk.id) != chunk),
            tuple(present[0].difference(chunks)),
        ),
        Difference(
            tuple((fact_item(fact), fact.id) for fact in added_facts),
            tuple(fact_item(fact) for fact in parsed_facts if before_facts.get(fact.id) != fact),
            tuple(present[1].difference(facts)),
        ),
        {keys[name]: text for name, text in texts.items()},
        {fact.id: (fact.product, fact.attribute) for fact in added_facts},
    )


def write_lexical(records: Records, parts: Sequence[Parts], old: Snapshot | None, folder: Path) -> None:
    """The BM25 index of the records' chunks stands in the folder; `old` knows those that are not in `parts`."""
    tokens = {chunk.id: words for part in parts for chunk, _, words in part.chunks}
    LexicalIndex.from_tokens(records.order(), tokens, old.lexical if old else None).save(folder)


def write_exact(
    records: Records, todo: Plan, embedding: Embedding, old: Snapshot | None, folder: Path, dimension: int
) -> None:
    """The vectors of the records' chunks stand in the folder; `old` knows those that the plan does not add."""
    added = {item.id: embedding[key] for item, key in todo.chunks.added}
    ExactVectors.write(folder, records.order(), added, old.exact if old else None, dimension)


def write_names(
    records: Records, vectors: Mapping[str, NDArray[np.float32]], old: Snapshot | None, folder: Path, dimension: int
) -> None:
    """The vectors of the names of products and attributes stand in the folder, for the next sync."""
    base = old.names if old else None
    names = [key for key in map(text_key, sorted(records.names())) if key in vectors or (base and key in base)]
    ExactVectors.write(folder, names, vectors, base, dimension)


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
    chunks: Callable[[Snapshot], Searchable],
    progress: Progress | None,
) -> dict[str, NDArray[np.float32]]:
    """Every vector that the plan needs can be asked for: found where it exists, else on its way.

    A fact's vector is the mean of those of its product's and its attribute's name: thousands of facts are made of some
    hundred names, so that a fact costs a sum instead of a run of the encoder.

    Returns:
        The vectors of the names, by text key.
    """
    found = reused_vectors(list(todo.texts), old.records, lambda: chunks(old)) if old else {}
    embedding.finish(todo.texts, found, progress)
    names = {text_key(name): name for several in todo.names.values() for name in several}
    vectors = old.names.vectors(list(names)) if old and old.names else {}
    missing = [key for key in names if key not in vectors]
    vectors.update(zip(missing, embedder.encode([names[key] for key in missing]), strict=True))
    embedding.know(
        {fact: mean_of([vectors[text_key(name)] for name in several]) for fact, several in todo.names.items()}
    )
    return vectors


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


def report(old: Records | None, new: Records, parts: Sequence[Parts], paths: Sequence[str] | None = None) -> SyncReport:
    """What a sync from the old records to the new ones changed; only the files of these paths, if any are named."""
    before = set(old.ids("chunk", paths)) if old else set[str]()
    after = set(new.ids("chunk", paths))
    stayed = [chunk for part in parts for chunk, _, _ in part.chunks if chunk.id in before]
    earlier = {chunk.id: chunk for chunk in old.chunks([chunk.id for chunk in stayed])} if old else {}
    moved = sum(earlier[chunk.id] != chunk for chunk in stayed)
    files = new.manifest().values()
    return SyncReport(
        added=len(after - before),
        updated=moved,
        removed=len(before - after),
        unchanged=new.count - len(after - before) - moved,
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
