"""Vectors of statements kept on disk, beside the encoder that made them.

To quote what is nearest to a question, an answer holds the question against some ten statements; encoding them is most
of its time, and questions on one subject meet the same statements. They are kept as the encoder gave them, to the last
bit, so that an answer is the same with and without them. A file that cannot be read or written is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = "statements.sqlite3"
MOST = 32_768
"""Vectors that are kept, 55 MB of them with 384 dimensions; the one kept longest goes first."""

_BUSY_SECONDS = 0.5
_LAYOUT = "CREATE TABLE IF NOT EXISTS vectors (place INTEGER PRIMARY KEY, key BLOB UNIQUE, vector BLOB, sum INTEGER)"


class VectorCache:
    """Keeps vectors of texts in one SQLite file; safe to use from many threads and processes."""

    def __init__(self, file: Path, *, kind: Callable[[], str] = str, most: int = MOST) -> None:
        """Keep them in `file`, which is made with the first one.

        Args:
            file: In a folder that is there.
            kind: Gives what the vectors depend on beside the text, such as the version of what runs the encoder; called
                with the first text.
            most: How many are kept.
        """
        self._file = file
        self._kind = kind
        self._most = most

    def find(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Text → its vector, for those texts whose vector was kept and is whole."""
        keys = {self._key(text): text for text in texts}
        if not keys or not self._file.is_file():
            return {}
        found = {}
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as database:
            marks = ", ".join("?" * len(keys))
            query = f"SELECT key, vector, sum FROM vectors WHERE key IN ({marks})"  # noqa: S608 - marks alone
            for key, vector, checksum in database.execute(query, list(keys)):
                if zlib.crc32(vector) == checksum:
                    found[keys[key]] = np.frombuffer(vector, np.float32)
        return found

    def store(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """The vectors are found under their texts as long as newer ones leave them room."""
        try:
            self._write(vectors)
        except sqlite3.DatabaseError as error:
            # a file that is no database is of no use to anybody; one that is only busy, or cannot be written, stays
            if not isinstance(error, sqlite3.OperationalError):
                with contextlib.suppress(OSError):
                    self._file.unlink(missing_ok=True)
        except OSError:
            return

    def _write(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        rows = [(self._key(text), blob, zlib.crc32(blob)) for text, row in vectors.items() if (blob := row.tobytes())]
        with self._opened() as database:
            # what a power cut tears is told by its checksum, so nobody has to wait for the disk
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_LAYOUT)
            database.executemany("INSERT OR REPLACE INTO vectors (key, vector, sum) VALUES (?, ?, ?)", rows)
            database.execute(
                "DELETE FROM vectors WHERE place <= (SELECT MAX(place) FROM vectors) - ?",
                (self._most,),
            )

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._kind()}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=_BUSY_SECONDS)) as database, database:
            yield database
