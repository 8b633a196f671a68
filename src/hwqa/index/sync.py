"""Folder → index: what changed is parsed and embedded, everything else stays."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwqa.corpus import SourceFile, read_text, scan
from hwqa.errors import CorpusError
from hwqa.index.parsing import Parser
from hwqa.index.records import DocumentRecord, FileRecord, Parts

if TYPE_CHECKING:
    pass

_SOON_NS = 2_000_000_000
"""Two changes of a file within this time may bear the same time stamp, on the coarsest of file systems."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. Counts are of chunks, except `files`."""

    added: int
    updated: int
    """Chunks that stand at other lines than before; their vectors stayed."""
    removed: int
    unchanged: int
    skipped: tuple[tuple[str, str], ...]
    """Files that could not be read, each with the reason."""
    files: int
    """Files that the index holds now."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between a folder and the files that an index knows."""

    changed: tuple[FileRecord, ...]
    """New files and files with other content; as far as known without parsing."""
    touched: tuple[FileRecord, ...]
    """Files with the same content and another time stamp."""
    removed: tuple[str, ...]
    kept: tuple[FileRecord, ...]

    @property
    def paths(self) -> list[str]:
        """The files whose content may differ."""
        return [*self.removed, *(file.path for file in self.changed)]


def changes(folder: Path, known: Mapping[str, FileRecord]) -> Changes:
    """What changed since the index was written: by size and time where these suffice, else by content.

    Raises:
        CorpusError: The folder is missing or holds no Markdown.
    """
    now = time.time_ns()
    changed, touched, kept = [], [], []
    present = scan(folder)
    for file in present:
        before = known.get(file.path)
        if before is not None and _surely_same(file, before):
            kept.append(before)
            continue
        digest = _digest(folder, file)
        if before is not None and digest == before.sha256:
            touched.append(replace(before, size=file.size, mtime_ns=file.mtime_ns, seen_ns=now))
        else:
            changed.append(FileRecord(file.path, file.size, file.mtime_ns, now, digest, "", None))
    removed = set(known) - {file.path for file in present}
    return Changes(tuple(changed), tuple(touched), tuple(sorted(removed)), tuple(kept))


def is_changed(folder: Path, known: Mapping[str, FileRecord]) -> bool:
    """Whether a sync would change the index."""
    present = scan(folder)
    if len(present) != len(known):
        return True
    unsure = []
    for file in present:
        before = known.get(file.path)
        if before is None or before.size != file.size:
            return True
        if not _surely_same(file, before):
            unsure.append((file, before))
    return any(_digest(folder, file) != before.sha256 for file, before in unsure)


def _surely_same(file: SourceFile, before: FileRecord) -> bool:
    unchanged = file.size == before.size and file.mtime_ns == before.mtime_ns
    return unchanged and abs(before.seen_ns - before.mtime_ns) > _SOON_NS


def _digest(folder: Path, file: SourceFile) -> str:
    try:
        return hashlib.sha256((folder / file.path).read_bytes()).hexdigest()
    except OSError as error:
        # it is skipped when it is read; as long as the reason stays, so does the index
        return f"unreadable: {error.strerror}"


def parse(folder: Path, file: FileRecord, parser: Parser) -> Parts:
    """What the file gives to the index; nothing but the reason where it cannot be read."""
    try:
        text = read_text(folder, file.path)
    except CorpusError as error:
        reason = str(error).removeprefix(f"{file.path}: ")
        return Parts(replace(file, skipped=reason))
    document = parser.read(file.path, text)
    chunks = []
    for chunk in parser.chunk(document):
        read = parser.chunk_text(chunk)
        chunks.append((chunk, read, parser.tokenize(read)))
    facts = tuple(parser.facts(document))
    return Parts(replace(file, document=DocumentRecord.of(document)), tuple(chunks), facts)


def state_of(fingerprint: str, files: Iterable[FileRecord]) -> str:
    """Name of the state of an index: equal for equal files, embedding model and parser."""
    digest = hashlib.sha256(fingerprint.encode())
    for file in sorted(files, key=lambda file: file.path):
        digest.update(f"{file.path}\0{file.sha256}\0{file.skipped}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]
