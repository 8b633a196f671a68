"""An index on a Chroma server: the collections are shared, and each client keeps its own copy of the rest.

What Chroma cannot answer (BM25, sections, all facts) comes from a generation in a side folder, made from the
server's collections whenever another client has changed them. The collection of chunks bears a mark: the state, and
who is writing. A reader that finds a writer at work answers from the state before; records it does not know do not
count. A writer adds first and removes last. One that was killed leaves its mark: the next one checks every record.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hwqa.errors import IndexingError
from hwqa.index.chroma import (
    Chroma,
    Collection,
    Item,
    chunk_of,
    collection_names,
    collection_prefix,
    fact_of,
    server_name,
)
from hwqa.index.layout import Home
from hwqa.index.native import Searchable
from hwqa.index.parsing import Parser
from hwqa.index.records import DocumentRecord, FileRecord, Parts, Records, Table, touch_records, write_records
from hwqa.index.snapshot import Snapshot
from hwqa.index.sync import SyncReport, changes, state_of
from hwqa.index.vectors import Embedding, Pending
from hwqa.index.writing import build_records, carry_out, parse_all, plan, provide_vectors, report, write_lexical
from hwqa.schema import Chunk, Fact

if TYPE_CHECKING:
    from hwqa.embedding import Embedder, Progress

_LOOK_EVERY = 0.2
"""Seconds between two looks at the server's mark: one question makes several calls."""
_ABANDONED = 120.0
"""Seconds after which a writer on another machine that has not renewed its mark counts as dead."""
_FORSAKEN = 30 * 86_400.0
"""Seconds after which the collections of another model or parser are deleted if nobody has written them."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """The three collections of an index on a server."""

    chunks: Collection
    facts: Collection
    files: Collection
    """A record per file, so that another client can go on from here; its vectors mean nothing."""

    @property
    def mark(self) -> Mark:
        """The mark as it was when the collections were looked up."""
        found = self.chunks.metadata
        return Mark(str(found.get("state", "")), str(found.get("writer", "")), float(found.get("written", 0)))


@dataclass(frozen=True, slots=True)
class Mark:
    """What the collection of chunks says about itself."""

    state: str
    """The last state that was whole; empty before the first."""
    writer: str
    """Machine that is writing, or was killed while it was; empty when the collections are whole."""
    written: float
    """Seconds since the epoch when the mark was set."""


class ServerPlace:
    """The index of one name on one server, seen by one reader or writer."""

    def __init__(
        self, url: str, side: Path | None, embedder: Embedder, fingerprint: str, parser: Callable[[], Parser]
    ) -> None:
        self._url = url
        self._prefix = collection_prefix(url)
        self._embedder = embedder
        self._fingerprint = fingerprint
        self._parser = parser
        key = hashlib.sha256(f"{server_name(url)}\n{self._prefix}\n{fingerprint}".encode()).hexdigest()[:16]
        self.home = Home((side or _user_side()) / key)
        self._lock = threading.RLock()
        self._chroma: Chroma | None = None
        self._seen: tuple[float, _Shared | None] | None = None
        self._stamp: object = None
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot | None:
        """The server's state; while it is being written, the state before."""
        found, sure = self._known()
        if sure:
            return found
        # the writer's lock always comes before the thread's: a writer asks for snapshots as well
        with self.home.writing(_ABANDONED, None):
            return self._newest()

    def _known(self) -> tuple[Snapshot | None, bool]:
        """The newest snapshot on this machine, and whether it is the one to answer from."""
        with self._lock:
            shared = self._look()
            if shared is None or not shared.mark.state:
                return None, True  # there is none, or the first sync is not finished
            stamp = self.home.stamp()
            if self._snapshot is None or stamp != self._stamp:
                self._snapshot, self._stamp = self._own(), stamp
            known = self._snapshot.generation.state if self._snapshot else ""
            return self._snapshot, known == shared.mark.state or bool(known and shared.mark.writer)

    def _newest(self) -> Snapshot | None:
        """The snapshot to answer from, copied from the server if need be; the caller holds the writer's lock."""
        with self._lock:
            found, sure = self._known()
            if not sure:
                found = self._snapshot = self._copy()
                self._stamp = self.home.stamp()
            return found

    def collection(self, snapshot: Snapshot, table: Table) -> Searchable:  # noqa: ARG002 - all snapshots share them
        """The collection of chunks or of facts on the server."""
        with self._lock:
            shared = self._look()
        if shared is None:
            raise self._lost()
        return shared.chunks if table == "chunk" else shared.facts

    def sync(self, corpus: Path, parser: Parser, *, timeout: float, progress: Progress | None) -> SyncReport:
        """The server's collections hold the corpus as it is."""
        with self.home.writing(timeout, progress):
            chroma = self._connect()
            shared = self._look(now=True)
            mark = shared.mark if shared else Mark("", "", 0)
            self._refuse_other_writer(mark)
            # after a writer that was killed, only the server itself knows what it holds
            current = self._newest() if mark.state and not mark.writer else None
            old = current.records if current else None
            difference = changes(corpus, old.manifest() if old else {})
            if old and not difference.changed and not difference.removed:
                if difference.touched:
                    touch_records(old.path, difference.touched)
                return report(old, old, [])
            pending = Pending(self.home.root, self._embedder.fingerprint)
            known = current.records.text_keys if current else set
            building = self.home.begin()
            try:
                with Embedding(self._embedder, pending, known) as embedding:
                    parts = parse_all(corpus, difference.changed, parser, embedding, progress)
                    new = build_records(building / "records.sqlite", old, difference, parts)
                    shared = shared or self._create(chroma, new)
                    state = state_of(self._fingerprint, new.manifest().values())
                    self._write(shared, mark, current, new, parts, parser, embedding, progress)
                write_lexical(new, parts, current, building / "lexical")
                done = report(old, new, parts)
                new.close()
                self._set_mark(shared, state, "")
                self.home.publish(building, state, self._fingerprint, self._embedder.fingerprint)
            finally:
                shutil.rmtree(building, ignore_errors=True)  # after a failure; published, it has another name
            pending.discard()
            self._drop_forsaken(chroma)
            with self._lock:
                self._seen = None
            return done

    # --- reading ---

    def _connect(self) -> Chroma:
        with self._lock:
            if self._chroma is None:
                self._chroma = Chroma.server(self._url)
                weakref.finalize(self, self._chroma.close)
            return self._chroma

    def _look(self, *, now: bool = False) -> _Shared | None:
        """The collections with their mark of a moment ago, or None where the server does not hold the index."""
        with self._lock:
            if not now and self._seen is not None and time.monotonic() - self._seen[0] < _LOOK_EVERY:
                return self._seen[1]
            chroma = self._connect()
            chunks, facts, files = (chroma.open(name) for name in self._names())
            found = _Shared(chunks, facts, files) if chunks and facts and files else None
            self._seen = time.monotonic(), found
            return found

    def _names(self) -> tuple[str, str, str]:
        return *collection_names(self._fingerprint, self._prefix), f"{self._prefix}-files-{self._fingerprint}"

    def _own(self) -> Snapshot | None:
        generation = self.home.current()
        return Snapshot(self.home.path(generation), generation) if generation else None

    def _copy(self) -> Snapshot:
        """A generation made of what the server holds; while that is being written, a mix of whole chunks."""
        while True:
            shared = self._look(now=True)
            if shared is None:
                raise self._lost()
            mark = shared.mark
            building = self.home.begin()
            try:
                parts = list(_download(shared, self._parser()))
                write_records(building / "records.sqlite", None, (), parts)
                records = Records(building / "records.sqlite")
                write_lexical(records, parts, None, building / "lexical")
                records.close()
                after = self._look(now=True)
                if after is None or after.mark != mark:
                    continue  # a writer has finished or begun meanwhile
                state = f"mix{int(mark.written)}" if mark.writer else mark.state
                generation = self.home.publish(building, state, self._fingerprint, self._embedder.fingerprint)
                return Snapshot(self.home.path(generation), generation)
            finally:
                shutil.rmtree(building, ignore_errors=True)

    def _lost(self) -> IndexingError:
        return IndexingError(f"the Chroma server {server_name(self._url)} has no index any more: run `hwqa index`")

    # --- writing ---

    def _refuse_other_writer(self, mark: Mark) -> None:
        """No other machine is writing; on this one, the lock says so."""
        if mark.writer not in {"", socket.gethostname()} and time.time() - mark.written < _ABANDONED:
            raise IndexingError(
                f"{mark.writer} is writing the index on {server_name(self._url)}: try again when it is done"
            )

    def _set_mark(self, shared: _Shared, state: str, writer: str) -> None:
        shared.chunks.mark({"state": state, "writer": writer, "written": time.time()})

    def _create(self, chroma: Chroma, new: Records) -> _Shared:
        chunks, facts, files = (chroma.create(name, new.count) for name in self._names())
        return _Shared(chunks, facts, files)

    def _write(
        self,
        shared: _Shared,
        mark: Mark,
        current: Snapshot | None,
        new: Records,
        parts: Sequence[Parts],
        parser: Parser,
        embedding: Embedding,
        progress: Progress | None,
    ) -> None:
        """The collections hold the records; meanwhile their mark names this machine."""
        host = socket.gethostname()
        self._set_mark(shared, mark.state, host)
        present = shared.chunks.ids(), shared.facts.ids()
        todo = plan(new, current.records if current else None, parts, parser, present=present)
        renewed = time.monotonic()

        def renew(done: int, total: int, what: str) -> None:
            nonlocal renewed
            if time.monotonic() - renewed > _ABANDONED / 8:
                self._set_mark(shared, mark.state, host)
                renewed = time.monotonic()
            if progress:
                progress(done, total, what)

        provide_vectors(todo, embedding, self._embedder, current, lambda old: self.collection(old, "chunk"), renew)
        carry_out(todo, (shared.chunks, shared.facts), embedding, self._embedder.dimension, renew)
        items = [_file_item(file) for file in new.files().values()]
        shared.files.put(items, np.ones((len(items), 2), np.float32))
        shared.files.settle()
        shared.files.remove(sorted(shared.files.ids() - {item.id for item in items}))

    def _drop_forsaken(self, chroma: Chroma) -> None:
        """Collections of this index that another model or parser made, and no client has written for long, are gone.

        Not at once: clients of two versions would otherwise take turns in deleting each other's index.
        """
        own = set(self._names())
        first = f"{self._prefix}-chunks-"
        for name in chroma.names():
            if not name.startswith(first) or name in own:
                continue
            chunks = chroma.open(name)
            if chunks is not None and time.time() - float(chunks.metadata.get("written", 0)) > _FORSAKEN:
                rest = name.removeprefix(first)
                for kind in ("files", "facts", "chunks"):  # what marks the index goes last
                    if chroma.open(f"{self._prefix}-{kind}-{rest}") is not None:
                        chroma.drop(f"{self._prefix}-{kind}-{rest}")


def _download(shared: _Shared, parser: Parser) -> Iterator[Parts]:
    """All that the server holds, by file."""
    chunks: dict[str, list[Chunk]] = defaultdict(list)
    facts: dict[str, list[Fact]] = defaultdict(list)
    for item in shared.chunks.items():
        chunk = chunk_of(item)
        chunks[chunk.path].append(chunk)
    for item in shared.facts.items():
        fact = fact_of(item)
        facts[fact.path].append(fact)
    files = {file.path: file for file in map(_file_of, shared.files.items())}
    for path in sorted(files.keys() | chunks.keys() | facts.keys()):
        read = [
            (chunk, text, parser.tokenize(text))
            for chunk in sorted(chunks[path], key=lambda chunk: chunk.ordinal)
            for text in [parser.chunk_text(chunk)]
        ]
        stated = sorted(facts[path], key=lambda fact: fact.lines)
        # a file without a record is one that a writer has not finished
        yield Parts(files.get(path, FileRecord(path, 0, 0, 0, "", "", None)), tuple(read), tuple(stated))


def _file_item(file: FileRecord) -> Item:
    content = [file.path, file.size, file.sha256, file.skipped, file.document.to_json() if file.document else None]
    name = hashlib.sha256(file.path.encode("utf-8", "surrogateescape")).hexdigest()
    return Item(name, json.dumps(content), {"sha256": file.sha256})


def _file_of(item: Item) -> FileRecord:
    """The file as another machine saw it: its time stamp means nothing here."""
    path, size, sha256, skipped, document = json.loads(item.text)
    return FileRecord(path, size, 0, 0, sha256, skipped, DocumentRecord.from_json(document) if document else None)


def _user_side() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - not needed when the folder is named

    return user_cache_path("hwqa") / "servers"
