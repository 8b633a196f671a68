"""One generation of an index, open for reading."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from hwqa.index.exact import ExactSearch, ExactVectors
from hwqa.index.layout import Generation
from hwqa.index.native import Searchable, open_collections
from hwqa.index.records import DocumentRecord, Records, Table
from hwqa.lexical import LexicalIndex
from hwqa.schema import Fact

Worked = TypeVar("Worked")


class Snapshot:
    """One generation of an index; its parts are opened when they are first needed, by one thread."""

    def __init__(self, folder: Path, generation: Generation) -> None:
        self.folder = folder
        self.generation = generation
        self.records = Records(folder / "records.sqlite")
        self._lock = threading.RLock()
        # a thread may still search this generation when the next one is opened: the last to let go releases the files
        weakref.finalize(self, self.records.close)
        self._collections: tuple[Searchable, Searchable] | None = None
        self._worked: dict[Callable[[Snapshot], Any], Any] = {}

    @cached_property
    def _lexical(self) -> LexicalIndex:
        return LexicalIndex.open(self.folder / "lexical")

    @property
    def lexical(self) -> LexicalIndex:
        """The BM25 index."""
        with self._lock:
            return self._lexical

    @cached_property
    def _exact(self) -> ExactVectors:
        return ExactVectors.open(self.folder / "exact")

    @property
    def exact(self) -> ExactVectors:
        """The vectors of the chunks of an index in a folder."""
        with self._lock:
            return self._exact

    @cached_property
    def _names(self) -> ExactVectors | None:
        folder = self.folder / "names"
        return ExactVectors.open(folder) if folder.is_dir() else None

    @cached_property
    def _documents(self) -> tuple[DocumentRecord, ...]:
        return tuple(self.records.documents())

    @property
    def documents(self) -> tuple[DocumentRecord, ...]:
        """What is known of each document, by path."""
        with self._lock:
            return self._documents

    @cached_property
    def _facts(self) -> tuple[Fact, ...]:
        return tuple(self.records.facts())

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, by path and place."""
        with self._lock:
            return self._facts

    @property
    def names(self) -> ExactVectors | None:
        """The vectors of the names of products and attributes, by text key; None where they are not kept."""
        with self._lock:
            return self._names

    def once(self, work: Callable[[Snapshot], Worked]) -> Worked:
        """What `work` makes of this generation; it runs once."""
        with self._lock:
            if work not in self._worked:
                self._worked[work] = work(self)
            worked: Worked = self._worked[work]
            return worked

    def collection(self, table: Table) -> Searchable:
        """The collection of chunks or of facts of an index in a folder; Chroma is opened when it is needed.

        Raises:
            IndexingError: It is damaged.
        """
        return self._graph(1) if table == "fact" else ExactSearch(self.exact, lambda: self._graph(0))

    def _graph(self, position: int) -> Searchable:
        with self._lock:
            if self._collections is None:
                self._collections = open_collections(self.folder / "chroma", self.generation.fingerprint)
            return self._collections[position]
