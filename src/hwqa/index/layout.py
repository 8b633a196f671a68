"""The folder of an index: one folder per state, a pointer to the current one, and the writer's lock.

    index/
    ├── current.json        names the current generation; replaced in one step
    ├── lock                held by the one process that writes
    ├── pending.sqlite      vectors of a sync that is not finished: an interrupted one goes on where it stopped
    └── 00000007-3f2a…/     a generation; only times of files change after it is named
        ├── chroma/         the collections, unless a Chroma server holds them
        ├── exact/          the vectors of the chunks once more, to be looked up and compared one by one; likewise
        ├── names/          the vectors of the names of products and attributes; likewise
        ├── lexical/        BM25
        ├── records.sqlite  chunks, facts, documents, files
        └── derived/        what callers computed from this state

A process that is killed leaves a generation that nothing names; the next writer removes it. The generation before
the current one stays until then, for readers that still use it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from hwqa.embedding import Progress
from hwqa.errors import IndexingError
from hwqa.index.records import FORMAT

_POINTER = "current.json"
_BUILDING = "building-"


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of an index on disk."""

    folder: str
    """Name of its folder."""
    state: str
    """Changes with the documents' content, the embedding model and the way they are cut."""
    fingerprint: str
    """Of the embedding model and the way documents are cut."""
    model: str
    """Fingerprint of the embedding model alone."""
    churn: int = 0
    """Vectors deleted since the collections were built anew; they still take room in the graph of neighbours."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of an index; it need not exist yet."""

    root: Path

    def current(self) -> Generation | None:
        """The generation that answers, or None where there is none that this version can read."""
        try:
            fields = json.loads((self.root / _POINTER).read_text("utf-8"))
            if fields.pop("format") != FORMAT:
                return None
            generation = Generation(**fields)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return generation if (self.path(generation) / "records.sqlite").is_file() else None

    def stamp(self) -> object:
        """Changes whenever another generation becomes current; costs one look at the file system."""
        try:
            status = (self.root / _POINTER).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def path(self, generation: Generation) -> Path:
        """The folder of a generation."""
        return self.root / generation.folder

    def begin(self) -> Path:
        """A new empty folder to build a generation in; whatever killed writers left is gone."""
        try:
            for leftover in self.root.glob(f"{_BUILDING}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            for leftover in self.root.glob(f"{_POINTER}.*"):
                leftover.unlink()
            return Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self.root))
        except OSError as error:
            raise _unwritable(self.root, error) from error

    def publish(self, building: Path, state: str, fingerprint: str, model: str, churn: int = 0) -> Generation:
        """What was built is the current generation, from one instant to the next."""
        before = self.current()
        numbers = [int(path.name.partition("-")[0]) for path in self._generations()]
        folder = f"{max(numbers, default=0) + 1:08d}-{state}"
        generation = Generation(folder, state, fingerprint, model, churn)
        try:
            building.chmod(0o755)  # temporary folders are for their owner alone, an index is not
            building.rename(self.root / folder)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", prefix=f"{_POINTER}.", dir=self.root, delete=False
            ) as file:
                json.dump({"format": FORMAT, **asdict(generation)}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(self.root / _POINTER)
        except OSError as error:
            raise _unwritable(self.root, error) from error
        keep = {folder, before.folder if before else folder}
        for path in self._generations():
            if path.name not in keep:
                shutil.rmtree(path, ignore_errors=True)
        return generation

    def _generations(self) -> list[Path]:
        return [path for path in self.root.glob("[0-9]*-*") if path.name.partition("-")[0].isdigit()]

    @contextmanager
    def writing(self, timeout: float, progress: Progress | None) -> Iterator[None]:
        """This process alone writes the index while the context lasts.

        Raises:
            IndexingError: The folder cannot be written, or another process writes for longer than the timeout.
        """
        from filelock import FileLock, Timeout  # noqa: PLC0415 - readers do not lock

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / "lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if progress:
                    progress(0, 0, "waiting for another process that writes the index")
                lock.acquire(timeout=timeout)
        except Timeout as error:
            raise IndexingError(
                f"another process has been writing the index {self.root} for more than {timeout:.0f} s:"
                " wait until it is done, or end it, and try again"
            ) from error
        except OSError as error:
            raise _unwritable(self.root, error) from error
        try:
            yield
        finally:
            lock.release()


def _unwritable(root: Path, error: OSError) -> IndexingError:
    return IndexingError(
        f"the index folder {root} cannot be written ({error.strerror or error}):"
        " free the space, mend the permissions, or name another with --index"
    )
