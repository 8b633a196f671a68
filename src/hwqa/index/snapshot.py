"""One generation of an index, open for reading."""

from __future__ import annotations

import threading
import weakref
from functools import cached_property
from pathlib import Path

from hwqa.index.layout import Generation
from hwqa.index.native import Searchable, open_collections
from hwqa.index.records import Records
from hwqa.lexical import LexicalIndex
from hwqa.schema import Fact


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

    @cached_property
    def _lexical(self) -> LexicalIndex:
        return LexicalIndex.open(self.folder / "lexical")

    @property
    def lexical(self) -> LexicalIndex:
        """The BM25 index."""
        with self._lock:
            return self._lexical

    @cached_property
    def _facts(self) -> tuple[Fact, ...]:
        return tuple(self.records.facts())

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, by path and place."""
        with self._lock:
            return self._facts

    @property
    def embedded_collections(self) -> tuple[Searchable, Searchable]:
        """The collections of chunks and facts in this generation's own folder.

        Raises:
            IndexingError: They are damaged.
        """
        with self._lock:
            if self._collections is None:
                self._collections = open_collections(self.folder / "chroma", self.generation.fingerprint)
            return self._collections
