"""Writes the files of a run."""

from __future__ import annotations

import os
from pathlib import Path

from hwqa.errors import ConfigError


def write(file: Path, text: str) -> Path:
    """The text stands in the file; one that is interrupted leaves the file as it was.

    Raises:
        ConfigError: The file cannot be written.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}; name another place") from error
    return file
