"""How much an answer tells: what a reader chooses in one word, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Length:
    """The most that an answer holds of each kind."""

    statements: int
    """Statements quoted where no figure answers; of a list of arguments, two more."""
    supplements: int
    """Statements that are added to figures."""
    sentences: str
    """Sentences that a chat model is asked for, in words."""


NORMAL = Length(4, 3, "five short sentences")
LENGTHS: Mapping[str, Length] = MappingProxyType(
    {"short": Length(1, 0, "two short sentences"), "normal": NORMAL, "long": Length(8, 5, "twelve sentences")}
)
