"""The folder of documents: which Markdown files it holds, and their text."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from hwqa.errors import CorpusError

SUFFIXES = frozenset({".md", ".markdown"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file of the corpus, as the folder lists it."""

    path: str
    """POSIX path relative to the corpus root."""
    size: int
    """Bytes."""
    mtime_ns: int
    """Time of the last change, in nanoseconds since the epoch."""


def scan(folder: Path) -> list[SourceFile]:
    """The Markdown files under a folder, sorted by path.

    Hidden files and folders are left out, and so is whatever a symbolic link reaches outside the folder. Linked
    folders are not entered: they lead out, or to files that are listed already.

    Raises:
        CorpusError: The folder is missing, no folder, not readable, or holds no Markdown.
    """
    if not folder.exists():
        raise CorpusError(f"corpus folder {str(folder)!r} does not exist: create it or name another with --corpus")
    if not folder.is_dir():
        raise CorpusError(f"corpus {str(folder)!r} is not a folder: name the folder that holds the Markdown files")

    def refuse(error: OSError) -> None:
        raise CorpusError(f"corpus folder {error.filename!r} cannot be read: {error.strerror}") from error

    root = folder.resolve()
    files = []
    for parent, folders, names in os.walk(root, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            try:
                if path.is_symlink() and not path.resolve().is_relative_to(root):
                    continue
                status = path.stat()
            except (OSError, RuntimeError):
                continue  # a link to nothing or to itself, or a file deleted since it was listed
            if stat.S_ISREG(status.st_mode):
                files.append(SourceFile(path.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns))
    if not files:
        raise CorpusError(
            f"corpus folder {str(folder)!r} holds no Markdown: add files that end in .md or .markdown, "
            "or name another folder with --corpus"
        )
    return sorted(files, key=lambda file: file.path)


def read_text(folder: Path, path: str) -> str:
    r"""The text of a file of the corpus, without byte order mark, its lines broken by `\n` alone where it has CRLF.

    Args:
        folder: The corpus root.
        path: As in `SourceFile.path`.

    Raises:
        CorpusError: The file is not in the folder, cannot be read, or is not UTF-8; the caller may skip it.
    """
    root = folder.resolve()
    try:
        path.encode()
        target = (root / path).resolve()
        if not target.is_relative_to(root):
            raise CorpusError(f"{path}: not inside the corpus folder {str(folder)!r}")
        text = target.read_bytes().decode("utf-8-sig")
    except UnicodeEncodeError as error:
        raise CorpusError(f"{path!a}: the file's name is not UTF-8; rename it") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 (byte {error.start}); save the file as UTF-8") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CorpusError(f"{path!a}: no file can have this name") from error
    return re.sub(r"\r+\n", "\n", text)
