"""The chat models that can be pulled: who made them, how large they are, and the hash of their file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hwqa.errors import ModelError


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One GGUF file of a repository on the hub."""

    name: str
    """As in `local:NAME`."""
    title: str
    publisher: str
    licence: str
    parameters: str
    """As the publisher writes it, such as `1.5B`."""
    size: int
    """Bytes of the file."""
    memory: int
    """Bytes that answering takes."""
    sha256: str
    repository: str
    revision: str
    file: str
    gated: bool = False
    """Whether the publisher gives the file only to accounts that accepted its terms."""

    @property
    def path(self) -> str:
        """Where the file lies on the hub and on each mirror, without the host."""
        return f"{self.repository}/resolve/{self.revision}/{self.file}"


@cache
def catalogue() -> dict[str, CatalogueModel]:
    """The models by name, in the order of the catalogue."""
    content = tomllib.loads((files("hwqa") / "catalogue.toml").read_text("utf-8"))
    return {name: CatalogueModel(name, **fields) for name, fields in content.items()}


def catalogue_model(name: str) -> CatalogueModel:
    """The model of this name.

    Raises:
        ModelError: The catalogue has none.
    """
    known = catalogue()
    if name not in known:
        raise ModelError(
            f"model {name!r} is not in the catalogue: take one of {', '.join(known)}, "
            "or use any GGUF file with --model local:FILE.gguf"
        )
    return known[name]
