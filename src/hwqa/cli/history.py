"""A conversation that stands in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hwqa.errors import ConfigError
from hwqa.schema import Message


def read_history(path: Path | None) -> list[Message]:
    """The messages of a history file, none without a file; ConfigError when it is not such a list."""
    if path is None:
        return []
    form = 'a JSON list such as [{"role": "user", "content": "..."}]'
    try:
        turns = json.loads(path.read_text("utf-8"))
        return [Message(_role(turn["role"]), str(turn["content"])) for turn in turns]
    except OSError as error:
        raise ConfigError(f"the history {path} cannot be read ({error.strerror}): give {form}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"the history {path} is not {form}: {error}") from error


def _role(role: Any) -> Any:
    if role not in ("user", "assistant"):
        raise ValueError(f"role {role!r} is neither user nor assistant")
    return role
