"""What readers say about answers: a line of JSON for each judgement, which `hwqa golden add` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from hwqa.errors import ChatError
from hwqa.ui.conversation import history
from hwqa.ui.kept import Kept

FILE = "feedback.jsonl"
RATINGS = ("up", "down")
REASON = 2_000
"""Characters of a reason that are kept."""
MOST_BYTES = 256 * 2**20
"""Size of the file from which on nothing is added."""


def feedback(turns: Sequence[Kept], rating: str, reason: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a judgement on the last of some turns.

    Args:
        turns: Of one conversation, up to the answer that is judged.
        rating: One of `RATINGS`.
        reason: In the reader's words; may be empty.
        settings: What the answer depends on beside the question.

    Raises:
        ChatError: The rating is none, or the turn has no answer.
    """
    *before, judged = turns
    if rating not in RATINGS:
        raise ChatError(f"a rating is one of {', '.join(RATINGS)}")
    answer = judged.turn.answer
    if answer is None:
        raise ChatError("only an answer that is whole can be judged: ask again")
    said = history([kept.turn for kept in before])
    told = answer.to_json()
    return {
        "id": judged.turn.id,
        "time": _iso(datetime.now(UTC)),
        "asked": _iso(datetime.fromtimestamp(judged.began, UTC)),
        "rating": rating,
        "reason": reason.strip()[:REASON],
        "question": judged.turn.question,
        "history": [{"role": message.role, "content": message.content} for message in said],
        "standalone_question": answer.standalone_question,
        "status": answer.status,
        "answer": answer.text,
        "citations": told["citations"],
        "table": told["table"],
        "calculation": told["calculation"],
        "warnings": told["warnings"],
        "removed_sentences": answer.removed_sentences,
        "settings": {"model": answer.model, "answer_length": judged.turn.length, **settings},
    }


class FeedbackFile:
    """The file that judgements are added to; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in `folder`, which is made with the first judgement."""
        self.path = folder / FILE
        self._lock = Lock()

    def add(self, judgement: Mapping[str, Any]) -> None:
        """The judgement is the last line of the file; of one answer the last line counts.

        Raises:
            ChatError: The file is full or cannot be written.
        """
        line = json.dumps(judgement, ensure_ascii=False) + "\n"
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                if self.path.exists() and self.path.stat().st_size > MOST_BYTES:
                    raise ChatError(f"{self.path} is full: move it away")
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(line)
        except OSError as error:
            raise ChatError(f"feedback cannot be written to {self.path}: {error.strerror}") from error


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
