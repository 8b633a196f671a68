"""What an index knows besides vectors: chunks, facts, documents and files, in one SQLite file per state.

A state's file is written once, before the state is published, and only read afterwards.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwqa.abbreviations import definitions
from hwqa.errors import IndexingError
from hwqa.schema import Chunk, Document, Fact

FORMAT = 4
"""Raised when the layout of an index folder changes: another format is built anew."""

_SCHEMA = """
CREATE TABLE file (key BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, seen_ns INTEGER, sha256 TEXT, skipped TEXT,
                   document TEXT) WITHOUT ROWID;
CREATE TABLE chunk (id TEXT PRIMARY KEY, path TEXT, heading_path TEXT, anchor TEXT, first INTEGER, last INTEGER,
                    text TEXT, context TEXT, ordinal INTEGER, section INTEGER, topic TEXT,
                    text_key TEXT);
CREATE INDEX chunk_place ON chunk (path, ordinal);
CREATE INDEX chunk_text ON chunk (text_key);
CREATE TABLE fact (id TEXT PRIMARY KEY, path TEXT, position INTEGER, product TEXT, attribute TEXT, value TEXT,
                   basis TEXT, note TEXT, heading_path TEXT, anchor TEXT, first INTEGER, last INTEGER, quote TEXT);
CREATE INDEX fact_place ON fact (path, position);
CREATE INDEX fact_product ON fact (product);
CREATE INDEX fact_attribute ON fact (attribute);
"""
_CHUNK = "id, path, heading_path, anchor, first, last, text, context, ordinal, section, topic"
_FACT = "id, product, attribute, value, basis, note, path, heading_path, anchor, first, last, quote"
Table = Literal["chunk", "fact"]
_VARIABLES = 500
"""Values in one `IN (…)`: SQLite allows 999 in its oldest builds."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the index knows of a document as a whole."""

    path: str
    title: str
    vendor: str
    aliases: Mapping[str, tuple[str, ...]]
    as_of: str
    headings: tuple[tuple[str, ...], ...]
    """Heading paths of its sections, in order, each once."""
    abbreviations: tuple[tuple[str, str], ...] = ()
    """Short and long form of each abbreviation that it defines."""

    @classmethod
    def of(cls, document: Document) -> DocumentRecord:
        """The record of a parsed document."""
        headings = dict.fromkeys(section.heading_path for section in document.sections if section.heading_path)
        defined = (pair for section in document.sections for pair in definitions(section.text))
        return cls(
            document.path, document.title, document.vendor, document.aliases, document.as_of, tuple(headings),
            tuple(dict.fromkeys(defined)),
        )  # fmt: skip

    def to_json(self) -> str:
        """The record as text, in ASCII."""
        return json.dumps(
            [self.path, self.title, self.vendor, dict(self.aliases), self.as_of, self.headings, self.abbreviations]
        )

    @classmethod
    def from_json(cls, text: str) -> DocumentRecord:
        """The record that gave this text."""
        path, title, vendor, aliases, as_of, headings, abbreviations = json.loads(text)
        return cls(
            path, title, vendor, {name: tuple(others) for name, others in aliases.items()}, as_of,
            tuple(tuple(heading) for heading in headings), tuple((short, long) for short, long in abbreviations),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of the corpus as it was when it was indexed."""

    path: str
    size: int
    mtime_ns: int
    seen_ns: int
    """When it was read, by the same clock: a change soon before or after may not show in `mtime_ns`."""
    sha256: str
    skipped: str
    """Why it could not be read; empty when it was."""
    document: DocumentRecord | None
    """None when it was skipped, or is not asked for."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What one file gives to the index; each chunk and fact with what its vector stands for, and BM25's tokens."""

    file: FileRecord
    chunks: tuple[tuple[Chunk, str, Sequence[str]], ...] = ()
    """Chunk, text for the embedder, tokens for BM25."""
    facts: tuple[Fact, ...] = ()


def text_key(text: str) -> str:
    """Name of a text: equal texts have equal vectors."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Records:
    """The records of one state, open for reading; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            self.count = int(self._connection.execute("SELECT count(*) FROM chunk").fetchone()[0])
            """Number of chunks."""
        except sqlite3.Error as error:
            raise _damaged(path, error) from error

    def close(self) -> None:
        """The file is released."""
        with self._lock:
            self._connection.close()

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise _damaged(self.path, error) from error

    def chunks(self, ids: Sequence[str]) -> list[Chunk]:
        """The chunks of these ids in their order; an id that is not of this state is left out."""
        found = {
            chunk.id: chunk for batch in _batches(ids) for chunk in self._chunks(f"id IN ({_marks(batch)})", batch)
        }
        return [found[identifier] for identifier in ids if identifier in found]

    def section(self, path: str, section: int) -> list[Chunk]:
        """The chunks of a section in the order of the file."""
        return self._chunks("path = ? AND section = ? ORDER BY ordinal", (path, section))

    def under(self, path: str, heading_path: Sequence[str]) -> list[Chunk]:
        """The chunks under a heading itself, in the order of the file."""
        return self._chunks("path = ? AND heading_path = ? ORDER BY ordinal", (path, json.dumps(heading_path)))

    def holding(self, path: str, line: int) -> list[Chunk]:
        """The chunks whose own lines include this one."""
        return self._chunks("path = ? AND first <= ? AND last >= ? ORDER BY ordinal", (path, line, line))

    def all_chunks(self) -> list[Chunk]:
        """Every chunk, by path and place."""
        return self._chunks("true ORDER BY path, ordinal", ())

    def _chunks(self, condition: str, values: Sequence[object]) -> list[Chunk]:
        rows = self._rows(f"SELECT {_CHUNK} FROM chunk WHERE {condition}", values)  # noqa: S608 - constants and marks
        return [chunk_from_row(row) for row in rows]

    def facts(self, ids: Sequence[str] | None = None) -> list[Fact]:
        """The facts of these ids in their order, or all by path and place."""
        if ids is None:
            rows = self._rows(f"SELECT {_FACT} FROM fact ORDER BY path, position")  # noqa: S608 - constants
            return [fact_from_row(row) for row in rows]
        found = {
            str(row[0]): fact_from_row(row)
            for batch in _batches(ids)
            for row in self._rows(f"SELECT {_FACT} FROM fact WHERE id IN ({_marks(batch)})", batch)  # noqa: S608
        }
        return [found[identifier] for identifier in ids if identifier in found]

    def facts_about(self, products: Sequence[str], attributes: Sequence[str]) -> list[Fact]:
        """The facts of these products and attributes by path and place; naming none means all."""
        conditions = ["true"]
        if products:
            conditions.append(f"product IN ({_marks(products)})")
        if attributes:
            conditions.append(f"attribute IN ({_marks(attributes)})")
        query = f"SELECT {_FACT} FROM fact WHERE {' AND '.join(conditions)} ORDER BY path, position"  # noqa: S608 - marks only
        return [fact_from_row(row) for row in self._rows(query, (*products, *attributes))]

    def manifest(self) -> dict[str, FileRecord]:
        """The files by path, without what their documents say."""
        rows = self._rows("SELECT key, size, mtime_ns, seen_ns, sha256, skipped, NULL FROM file ORDER BY key")
        return {record.path: record for record in map(_file_from_row, rows)}

    def files(self) -> dict[str, FileRecord]:
        """The files by path."""
        rows = self._rows("SELECT key, size, mtime_ns, seen_ns, sha256, skipped, document FROM file ORDER BY key")
        return {record.path: record for record in map(_file_from_row, rows)}

    def documents(self) -> list[DocumentRecord]:
        """The documents by path."""
        return [record.document for record in self.files().values() if record.document is not None]

    def order(self) -> list[str]:
        """Ids of every chunk, by path and place."""
        return [str(row[0]) for row in self._rows("SELECT id FROM chunk ORDER BY path, ordinal")]

    def ids(self, table: Table, paths: Sequence[str] | None = None) -> list[str]:
        """Ids of every chunk or fact, or of those of these files."""
        query = f"SELECT id FROM {table}"  # noqa: S608 - one of two names
        if paths is None:
            return [str(row[0]) for row in self._rows(query)]
        return [
            str(row[0])
            for batch in _batches([path for path in paths if _is_text(path)])
            for row in self._rows(f"{query} WHERE path IN ({_marks(batch)})", batch)
        ]

    def names(self) -> set[str]:
        """Names of all products and attributes of the facts."""
        return {str(row[0]) for row in self._rows("SELECT product FROM fact UNION SELECT attribute FROM fact")}

    def with_text(self, keys: Sequence[str]) -> dict[str, str]:
        """Text key → id of one chunk that has it, for those keys that any has."""
        return {
            str(row[1]): str(row[0])
            for batch in _batches(keys)
            for row in self._rows(f"SELECT id, text_key FROM chunk WHERE text_key IN ({_marks(batch)})", batch)  # noqa: S608
        }

    def text_keys(self) -> set[str]:
        """Keys of all chunks' texts."""
        return {str(row[0]) for row in self._rows("SELECT text_key FROM chunk")}


def write_records(path: Path, base: Path | None, removed: Iterable[str], parts: Iterable[Parts]) -> None:
    """`path` holds the records of `base` with some files taken out and some put in or replaced."""
    with _damage_reported(path):
        if base is not None:
            _copy(base, path)
    with _damage_reported(path), closing(sqlite3.connect(path)) as connection:
        if base is None:
            connection.executescript(_SCHEMA)
        with connection:
            for name in removed:
                _remove(connection, name)
            for part in parts:
                _remove(connection, part.file.path)
                _insert(connection, part)


def _copy(base: Path, path: Path) -> None:
    """The records are there twice; the caller alone writes them."""
    if not Path(f"{base}-journal").exists():
        shutil.copyfile(base, path)  # a tenth of the time that SQLite takes
        return
    with closing(sqlite3.connect(base)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)  # after the change that a kill left unfinished has been taken back


def touch_records(path: Path, files: Iterable[FileRecord]) -> None:
    """The files' times and sizes are noted; nothing else changes, so that the state stays the same."""
    with _damage_reported(path), closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "UPDATE file SET size = ?, mtime_ns = ?, seen_ns = ? WHERE key = ?",
            [(file.size, file.mtime_ns, file.seen_ns, _key(file.path)) for file in files],
        )


def _remove(connection: sqlite3.Connection, path: str) -> None:
    connection.execute("DELETE FROM file WHERE key = ?", (_key(path),))
    if path.isascii() or _is_text(path):
        connection.execute("DELETE FROM chunk WHERE path = ?", (path,))
        connection.execute("DELETE FROM fact WHERE path = ?", (path,))


def _insert(connection: sqlite3.Connection, part: Parts) -> None:
    file = part.file
    document = file.document.to_json() if file.document else None
    connection.execute(
        "INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?)",
        (_key(file.path), file.size, file.mtime_ns, file.seen_ns, file.sha256, file.skipped, document),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                chunk.id, chunk.path, json.dumps(chunk.heading_path), chunk.anchor, *chunk.lines, chunk.text,
                chunk.context, chunk.ordinal, chunk.section, chunk.topic, text_key(read),
            )
            for chunk, read, _ in part.chunks
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT OR IGNORE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                fact.id, fact.path, position, fact.product, fact.attribute, fact.value, fact.basis, fact.note,
                json.dumps(fact.heading_path), fact.anchor, *fact.lines, fact.quote,
            )
            for position, fact in enumerate(part.facts)
        ],
    )  # fmt: skip


def chunk_from_row(row: Sequence[object]) -> Chunk:
    """The chunk of a row: the fields of `Chunk`, the heading path as JSON, the lines as two numbers."""
    identifier, path, heading_path, anchor, first, last, text, context, ordinal, section, topic = row
    return Chunk(
        str(identifier), str(path), tuple(json.loads(str(heading_path))), str(anchor),
        (int(str(first)), int(str(last))), str(text), str(context), int(str(ordinal)), int(str(section)),
        str(topic),
    )  # fmt: skip


def fact_from_row(row: Sequence[object]) -> Fact:
    """The fact of a row: the fields of `Fact` in their order, the heading path as JSON, the lines as two numbers."""
    *texts, heading_path, anchor, first, last, quote = row
    identifier, product, attribute, value, basis, note, path = map(str, texts)
    return Fact(
        identifier, product, attribute, value, basis, note, path, tuple(json.loads(str(heading_path))), str(anchor),
        (int(str(first)), int(str(last))), str(quote),
    )  # fmt: skip


def _file_from_row(row: Sequence[object]) -> FileRecord:
    key, size, mtime_ns, seen_ns, sha256, skipped, document = row
    if not isinstance(key, bytes):
        raise TypeError(key)
    return FileRecord(
        key.decode("utf-8", "surrogateescape"), int(str(size)), int(str(mtime_ns)), int(str(seen_ns)), str(sha256),
        str(skipped), None if document is None else DocumentRecord.from_json(str(document)),
    )  # fmt: skip


def _key(path: str) -> bytes:
    # a file's name need not be UTF-8, and SQLite's text must be
    return path.encode("utf-8", "surrogateescape")


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _VARIABLES] for start in range(0, len(values), _VARIABLES))


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: sqlite3.Error | OSError) -> IndexingError:
    return IndexingError(
        f"the index file {path} cannot be used ({error}): delete the index folder and run `hwqa index`"
    )
