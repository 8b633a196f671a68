"""Answers of chat models kept on disk: the same question on the same documents, model and settings is answered at once.

A chat model takes seconds and may cost money; an answer that is composed without one takes a fifth of a second and is
never kept. What an answer depends on is hashed into its key, so a changed index, model, setting or version of hwqa
finds nothing; old answers go when the file grows beyond its bound. A cache that cannot be read or written is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from hwqa import __version__
from hwqa.config import Settings
from hwqa.schema import Answer, Citation, Message, Removed, Timings, Usage

FILE = "answers.sqlite3"
MOST_BYTES = 64 * 2**20
"""Bytes of kept answers; the one used longest ago goes first."""

_BUSY_SECONDS = 1.0
_LAYOUT = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, content TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_use ON answers (used);
"""
_OF_AN_ANSWER = ("model", "base_url", "temperature", "answer_length", "unsupported", "passages", "reranker", "embedder")
"""Settings that change what is answered; where the documents lie is told by the state of their index."""


class AnswerCache:
    """Keeps answers in one SQLite file; safe to use from many threads and processes."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Keep the file in `folder`, which is made when the first answer is stored."""
        self._path = folder / FILE
        self._most_bytes = most_bytes

    def find(self, key: str) -> Answer | None:
        """The answer that was stored under the key, without its timings; None when there is none."""
        if not self._path.is_file():
            return None
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as database:
            row = database.execute("SELECT content FROM answers WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            with contextlib.suppress(ValueError, KeyError, TypeError):
                answer = _read(json.loads(row[0]))
                # where another process writes, or the file is read-only, the answer is given all the same
                with contextlib.suppress(sqlite3.OperationalError):
                    database.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
                return answer
        return None

    def store(self, key: str, answer: Answer) -> None:
        """The answer is found under the key, whole or not at all, as long as newer ones leave it room."""
        content = json.dumps(_written(answer), ensure_ascii=False)
        try:
            self._write(key, content)
        except sqlite3.DatabaseError as error:
            # a file that is no database is of no use to anybody; one that is only busy stays
            if isinstance(error, sqlite3.OperationalError):
                return
            with contextlib.suppress(sqlite3.Error, OSError):
                self._path.unlink(missing_ok=True)
                self._write(key, content)
        except OSError:
            return

    def _write(self, key: str, content: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened() as database:
            database.executescript(_LAYOUT)
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, content, time.time()))
            # the newest come first; what no longer fits behind them goes
            database.execute(
                "DELETE FROM answers WHERE key IN (SELECT key FROM (SELECT key, SUM(LENGTH(content)) OVER"
                " (ORDER BY used DESC, key) AS bytes FROM answers) WHERE bytes > ?)",
                (self._most_bytes,),
            )

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database, database:
            yield database


def open_answer_cache(settings: Settings) -> AnswerCache | None:
    """The cache that the settings name; None when it is switched off."""
    if not settings.answer_cache:
        return None
    folder = settings.cache
    if folder is None:
        from platformdirs import user_cache_path  # noqa: PLC0415 - not needed when the cache is named

        folder = user_cache_path("hwqa")
    return AnswerCache(folder)


def answer_key(question: str, history: Sequence[Message], state: str, settings: Settings, model: str) -> str:
    """What tells answers apart, as a hash.

    Args:
        question: As asked; white space around and between its words counts for nothing.
        history: The messages that the question may refer to.
        state: Of the index.
        settings: Those that change an answer are read.
        model: What identifies the chat model beyond its name, such as its server or the date of its file.
    """
    parts: dict[str, Any] = {
        "question": " ".join(question.split()),
        "history": [(message.role, message.content) for message in history],
        "state": state,
        "settings": {name: getattr(settings, name) for name in _OF_AN_ANSWER},
        "model": model,
        "hwqa": own_version(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def own_version() -> str:
    """The version, and what a source folder holds: while hwqa is worked on, its version stays the same."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    digest = hashlib.sha256(
        repr([(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]).encode()
    )
    return f"{__version__}:{digest.hexdigest()[:16]}"


def _written(answer: Answer) -> dict[str, Any]:
    """The answer as JSON, without what belongs to the moment it was asked."""
    content = asdict(answer)
    for name in ("timings", "warnings", "failure"):
        del content[name]
    return content


def _read(content: Mapping[str, Any]) -> Answer:
    citations = tuple(
        Citation(**{**citation, "heading_path": tuple(citation["heading_path"]), "lines": tuple(citation["lines"])})
        for citation in content["citations"]
    )
    table = None if content["table"] is None else tuple(content["table"])
    removed = tuple(Removed(each["text"], tuple(each["reasons"])) for each in content["removed"])
    usage = None if content["usage"] is None else Usage(**content["usage"])
    parts = {"citations": citations, "table": table, "removed": removed, "timings": Timings(), "usage": usage}
    return Answer(**{**content, **parts})
