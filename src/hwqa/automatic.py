"""Which chat model answers when the user named none: a local one that was pulled, else none.

A key in the environment is no choice: nothing is sent anywhere unless a model was named that does so. A model that
comes as a package is none either: it is there to try the machinery with.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hwqa.gguf import free_memory, models_folder

if TYPE_CHECKING:
    from hwqa.config import Settings

AUTO = "auto"
_MEMORY_PER_BYTE = 1.25
_MEMORY_BESIDE = 600_000_000
"""What a file that the catalogue does not know is taken to need: its size and a quarter, and this many bytes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that answers, and why."""

    model: str
    """`provider:name`, or `none`."""
    says: str
    """One line for the reader."""


def resolve(settings: Settings) -> tuple[Settings, Choice | None]:
    """The settings with `auto` replaced by the model that it stands for here; no choice where a model is named."""
    if settings.model != AUTO:
        return settings, None
    choice = choose(models_folder(), free_memory())
    return settings.model_copy(update={"model": choice.model}), choice


def choose(folder: Path, free: int | None) -> Choice:
    """The largest model in the folder that fits into memory, else none.

    Args:
        folder: The models folder; it need not exist.
        free: Bytes of memory that can be had; None where the system does not say.
    """
    found = sorted((_memory(path), path.stem) for path in folder.glob("*.gguf"))
    if not found:
        return Choice("none", "no chat model: the answer is composed of sentences and figures from the documents")
    if find_spec("xllamacpp") is None:
        return Choice("none", f"no chat model: local:{found[-1][1]} needs pip install 'hwqa[local]'")
    fitting = [name for memory, name in found if free is None or memory <= free]
    if not fitting:
        memory, name = found[0]
        needs = f"{memory / 1e9:.1f} GB of memory and {(free or 0) / 1e9:.1f} GB are free"
        return Choice("none", f"no chat model: local:{name} needs {needs}")
    return Choice(f"local:{fitting[-1]}", f"local:{fitting[-1]} writes the answer (--model none: without a chat model)")


def _memory(path: Path) -> int:
    """Bytes of memory that answering with a file takes."""
    from hwqa.catalogue import catalogue  # noqa: PLC0415 - read only where a model was pulled

    known = catalogue().get(path.stem)
    size = path.stat().st_size
    return known.memory if known and known.size == size else int(size * _MEMORY_PER_BYTE) + _MEMORY_BESIDE
