"""An index in a folder: Chroma runs in this process.

Chroma's files are safe for one process at a time: a second one sees nothing that the first writes later, and a kill
while the graph of neighbours is saved damages it. So a writer works on a copy, and publishes it; readers open what is
published and open anew when that changes.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hwqa.index.chroma import Chroma, create
from hwqa.index.layout import Home
from hwqa.index.native import Searchable
from hwqa.index.parsing import Parser
from hwqa.index.records import Table, touch_records
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import SyncReport, changes, state_of
from hwqa.index.vectors import Embedding, Pending
from hwqa.index.writing import (
    Plan,
    build_records,
    carry_out,
    copy_collections,
    parse_all,
    plan,
    provide_vectors,
    report,
    write_exact,
    write_lexical,
    write_names,
)  # fmt: skip

if TYPE_CHECKING:
    from hwqa.embedding import Embedder, Progress

_LEAST_CHURN = 1000
"""Deleted vectors below which the graph of neighbours is not worth building anew."""


class EmbeddedPlace:
    """The folder of an index, seen by one reader or writer."""

    def __init__(self, root: Path, embedder: Embedder, fingerprint: str) -> None:
        self.home = Home(root)
        self._embedder = embedder
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._stamp: object = None
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot | None:
        """The current generation, opened anew when another process or thread has published one."""
        stamp = self.home.stamp()
        with self._lock:
            if stamp != self._stamp or (stamp is not None and self._snapshot is None):
                generation = self.home.current()
                self._snapshot = Snapshot(self.home.path(generation), generation) if generation else None
                self._stamp = stamp
            return self._snapshot

    def collection(self, snapshot: Snapshot, table: Table) -> Searchable:
        """The collection of chunks or of facts that belongs to the snapshot."""
        return snapshot.collection(table)

    def sync(self, corpus: Path, parser: Parser, *, timeout: float, progress: Progress | None) -> SyncReport:
        """The current generation holds the corpus as it is."""
        with self.home.writing(timeout, progress):
            base = self.home.current()
            # of another parser, an earlier generation still has vectors of texts that stayed the same
            earlier = None
            if base is not None and base.model == self._embedder.fingerprint:
                earlier = Snapshot(self.home.path(base), base)
            current = earlier if base is not None and base.fingerprint == self._fingerprint else None
            old = current.records if current else None
            difference = changes(corpus, old.manifest() if old else {})
            if old and not difference.changed and not difference.removed:
                if difference.touched:
                    touch_records(old.path, difference.touched)
                return report(old, old, [])
            pending = Pending(self.home.root, self._embedder.fingerprint)
            known = earlier.records.text_keys if earlier else set
            building = self.home.begin()
            try:
                with Embedding(self._embedder, pending, known) as embedding:
                    parts = parse_all(corpus, difference.changed, parser, embedding, progress)
                    new = build_records(building / "records.sqlite", old, difference, parts)
                    churn = current.generation.churn if current else 0
                    kept = current if churn <= max(_LEAST_CHURN, new.count) else None
                    paths = difference.paths if kept else None
                    todo = plan(new, kept.records if kept else None, parts, parser, paths=paths)
                    names = provide_vectors(todo, embedding, self._embedder, earlier, _chunks_of, progress)
                    self._write_collections(building, todo, kept, embedding, progress)
                    write_exact(new, todo, embedding, kept, building / "exact", self._embedder.dimension)
                    write_names(new, names, kept, building / "names", self._embedder.dimension)
                write_lexical(new, parts, current, building / "lexical")
                done = report(earlier.records if earlier else None, new, parts, difference.paths if current else None)
                state = state_of(self._fingerprint, new.manifest().values())
                new.close()
                churn = churn + len(todo.chunks.removed) + len(todo.facts.removed) if kept else 0
                self.home.publish(building, state, self._fingerprint, self._embedder.fingerprint, churn)
            finally:
                shutil.rmtree(building, ignore_errors=True)  # after a failure; published, it has another name
            pending.discard()
            return done

    def _write_collections(
        self, building: Path, todo: Plan, kept: Snapshot | None, embedding: Embedding, progress: Progress | None
    ) -> None:
        """The collections stand in `building`: those of `kept`, if any, with what the plan says done to them."""
        if kept is not None:
            copy_collections(kept.folder / "chroma", building / "chroma")
        chroma = Chroma.folder(building / "chroma")
        try:
            expected = (len(todo.chunks.added), len(todo.facts.added))
            collections = create(chroma, self._fingerprint, expected)
            carry_out(todo, collections, embedding, self._embedder.dimension, progress)
        finally:
            chroma.close()


def _chunks_of(snapshot: Snapshot) -> Searchable:
    return snapshot.collection("chunk")
