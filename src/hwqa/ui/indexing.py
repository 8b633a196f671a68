"""Brings the index up to date beside the chat, and says how far it is."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from hwqa.errors import HwqaError

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


class Indexing:
    """One sync at a time; answers go on meanwhile, and see the new state when it is whole."""

    def __init__(self, assistant: Assistant) -> None:
        """Sync the index of an assistant."""
        self._assistant = assistant
        self._lock = Lock()
        self._running = False
        self._step = (0, 0, "")
        self._said = ""
        self._error = ""

    def start(self) -> None:
        """A sync is running."""
        with self._lock:
            if self._running:
                return
            self._running, self._step, self._said, self._error = True, (0, 0, "looking for changes"), "", ""
        Thread(target=self._run, name="indexing", daemon=True).start()

    def state(self) -> dict[str, Any]:
        """What the index holds, whether the documents have changed since, and how far a sync is."""
        with self._lock:
            running, (done, total, what), said, error = self._running, self._step, self._said, self._error
        index = self._assistant.index
        stale = False
        if not running:
            try:
                stale = index.is_stale(self._assistant.corpus)
            except HwqaError as failure:
                error = error or str(failure)
        return {
            "documents": len(index.documents()),
            "passages": index.count,
            "stale": stale,
            "running": running,
            "done": done,
            "total": total,
            "what": what,
            "said": said,
            "error": " ".join(error.split()),
        }

    def _run(self) -> None:
        said = error = ""
        try:
            report = self._assistant.index.sync(self._assistant.corpus, progress=self._told)
            counts = {"added": report.added, "updated": report.updated, "removed": report.removed}
            said = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing had changed"
        except HwqaError as failure:
            error = str(failure)
        finally:
            with self._lock:
                self._running, self._said, self._error = False, said, error

    def _told(self, done: int, total: int, what: str) -> None:
        with self._lock:
            self._step = (done, total, what)
