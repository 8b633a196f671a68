"""What the chat keeps of its readers, as values."""

from __future__ import annotations

from dataclasses import dataclass

from hwqa.ui.conversation import Turn


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in the list of its reader."""

    id: str
    title: str
    changed: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn and when it was asked."""

    turn: Turn
    began: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a reader chose."""

    model: str = ""
    """`provider:name` or `none`; empty for what the server prefers."""
    length: str = ""
    """Of answers; empty for what the server prefers."""
