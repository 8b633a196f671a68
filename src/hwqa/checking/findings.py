"""What a check says: one finding with its place, its weight and its remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing in the documents that is wrong, or that a writer should look at."""

    path: str
    """POSIX path relative to the corpus root."""
    line: int
    """From 1."""
    severity: Severity
    """An error fails the check, a warning does not."""
    rule: str
    """Name of the rule, such as `unit` or `anchor`."""
    message: str
    """What is wrong, in one line."""
    remedy: str
    """What to do about it."""

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)
