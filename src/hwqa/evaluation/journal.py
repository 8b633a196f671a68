"""What an assistant gave for each case, kept as it comes: a killed run goes on where it stopped.

A line of the file holds what came of one question. It is given again for the same question and history as long as
everything else that an answer depends on is the same: the documents, the model, the settings and the code. Scores are
not kept: they are taken anew, so an edited expectation is judged without asking again.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwqa.config import SERVED
from hwqa.errors import ConfigError
from hwqa.evaluation.golden import Case
from hwqa.evaluation.writing import write
from hwqa.schema import Answer, Citation, Passage, Usage

if TYPE_CHECKING:
    from hwqa.assistant import Assistant

FILE = "answers.jsonl"
_NOT_OF_AN_ANSWER = {"corpus", "index", "cache", "answer_cache", "model_mirror", "model_timeout"} | SERVED
"""Settings that change no answer; what lies in the index is told by its state."""

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A question and the conversation before it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an assistant gave for a case without raising."""

    answer: Mapping[str, Any]
    """As `Answer.to_json` gives it."""
    retrieved: tuple[Mapping[str, Any], ...]
    """Path, heading path, lines and score of each passage, best first."""
    latency_ms: float
    confidence: float | None = None
    """As in `Answer`."""
    usage: Usage | None = None
    """As in `Answer`."""


class Journal:
    """The file of a run in progress; safe to use from many threads."""

    def __init__(self, folder: Path, state: str, *, fresh: bool = False) -> None:
        """Read what the folder holds of this state; lines of another state, and one that was cut off, are dropped.

        Args:
            folder: The run's; made with the first line.
            state: From `answering_state`; what the answers depend on beside question and history.
            fresh: Whether to start with nothing.

        Raises:
            ConfigError: The file cannot be read or written.
        """
        self._file = folder / FILE
        self._state = state
        self._lock = threading.Lock()
        self._kept: dict[Key, Kept] = {}
        try:
            text = self._file.read_text(encoding="utf-8", errors="replace") if self._file.exists() else ""
        except OSError as error:
            raise ConfigError(f"{self._file} cannot be read: {error.strerror or error}; mend or remove it") from error
        lines = []
        for line in () if fresh else text.split("\n"):
            found = self._read(line)
            if found is not None:
                self._kept.update([found])
                lines.append(line + "\n")
        if "".join(lines) != text:
            write(self._file, "".join(lines))

    def find(self, case: Case) -> Kept | None:
        """What an earlier run was given for the case; None when it was not asked."""
        return self._kept.get(_key(case))

    def add(self, case: Case, kept: Kept) -> None:
        """The next run that opens the journal finds it, even if this one is killed.

        Raises:
            ConfigError: The file cannot be written.
        """
        said = {
            "state": self._state,
            "question": case.question,
            "history": [[message.role, message.content] for message in case.history],
            "latency_ms": kept.latency_ms,
            "confidence": kept.confidence,
            "usage": usage_json(kept.usage),
            "retrieved": list(kept.retrieved),
            "answer": kept.answer,
        }
        line = json.dumps(said, ensure_ascii=False) + "\n"
        try:
            with self._lock:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(line)
        except OSError as error:
            raise ConfigError(
                f"{self._file} cannot be written: {error.strerror or error}; name another --out folder"
            ) from error

    def _read(self, line: str) -> tuple[Key, Kept] | None:
        try:
            said = json.loads(line)
            if said["state"] != self._state:
                return None
            key = said["question"], tuple((role, content) for role, content in said["history"])
            kept = Kept(
                said["answer"],
                tuple(said["retrieved"]),
                said["latency_ms"],
                said.get("confidence"),
                usage_of(said.get("usage")),
            )
            answer_of(kept.answer)
            passages_of(kept.retrieved)
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        return key, kept


def answer_of(said: Mapping[str, Any]) -> Answer:
    """The answer that `Answer.to_json` wrote, as far as the measures read it."""
    citations = tuple(
        Citation(
            each["number"],
            each["path"],
            tuple(each["heading_path"]),
            each["anchor"],
            (each["lines"][0], each["lines"][1]),
            each["quote"],
        )
        for each in said["citations"]
    )
    return Answer(
        said["question"],
        said["standalone_question"],
        said["status"],
        said["answer"],
        citations,
        calculation=said["calculation"],
        removed_sentences=said["removed_sentences"],
        model=said["model"],
    )


def usage_json(usage: Usage | None) -> dict[str, Any] | None:
    """The tokens as files hold them."""
    return None if usage is None else asdict(usage)


def usage_of(said: Mapping[str, Any] | None) -> Usage | None:
    """The tokens that `usage_json` wrote."""
    return None if said is None else Usage(**said)


def passages_of(retrieved: tuple[Mapping[str, Any], ...]) -> list[Passage]:
    """The passages of a result without their texts, in order."""
    return [
        Passage(
            rank,
            each["score"],
            each["path"],
            tuple(each["heading_path"]),
            "",
            (each["lines"][0], each["lines"][1]),
            "",
            (),
        )
        for rank, each in enumerate(retrieved, start=1)
    ]


def answering_state(assistant: Assistant) -> str:
    """A hash of all that the assistant's answers depend on but question and history.

    Empty where that cannot be told: there is no index, or the chat model is an object or a file that is missing.
    """
    from hwqa.answer_cache import own_version  # noqa: PLC0415 - reads the dates of all source files
    from hwqa.models import identity  # noqa: PLC0415 - needed for chat models only

    settings = assistant.settings
    name = assistant.model_name
    model = name if name == "none" else identity(name, settings.base_url) if name == settings.model else ""
    if not model or not assistant.index.state:
        return ""
    parts = {
        "state": assistant.index.state,
        "settings": settings.model_dump(mode="json", exclude=_NOT_OF_AN_ANSWER),
        "model": model,
        "hwqa": own_version(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _key(case: Case) -> Key:
    return case.question, tuple((message.role, message.content) for message in case.history)
