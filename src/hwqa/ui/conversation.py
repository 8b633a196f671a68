"""A conversation as values: what was asked, how far its answer has come, what the next question may refer to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from threading import Lock
from typing import Literal

from hwqa.schema import Answer, Citation, Message, Stage, Update

Progress = Stage | Literal["waiting", "stopped", "failed"]

_QUESTION_SHOWN = 2_000
"""Characters kept of a question that was refused for its length."""
_REMEMBERED = 12
"""Turns that a follow-up may refer to."""
_KEPT = 200
"""Turns that a conversation keeps to show; the oldest goes when another comes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, or as much of it as there is."""

    question: str
    progress: Progress = "reading"
    text: str = ""
    """Markdown with marks."""
    citations: tuple[Citation, ...] = ()
    """The sources of the marks in `text`."""
    answer: Answer | None = None
    """The whole answer once it is done."""
    error: str = ""
    """One line, when the answer failed."""
    ahead: int = 0
    """While it waits: how many questions are answered before it."""
    length: str = ""
    """How much its answer may tell; empty until it is written."""
    id: str = ""
    """What the turn is kept under; empty where it is kept nowhere."""
    conversation: str = ""
    """What its conversation is kept under."""
    parent: str = ""
    """The turn before it; empty for the first."""
    versions: tuple[str, ...] = ()
    """The turns with the same parent, itself among them, oldest first: retrying and editing make another version."""

    @property
    def running(self) -> bool:
        """Whether the answer is still being written."""
        return self.progress not in {"done", "stopped", "failed"}

    def updated(self, update: Update) -> Turn:
        """The turn after a step of its answer; a step without text keeps the text that was there."""
        if update.answer is not None:
            return replace(
                self, progress="done", text=update.answer.text, citations=update.answer.citations, answer=update.answer
            )
        if not update.text:
            return replace(self, progress=update.stage)
        return replace(self, progress=update.stage, text=update.text, citations=update.citations)

    def waiting(self, ahead: int) -> Turn:
        """The turn while `ahead` others are answered first."""
        return replace(self, progress="waiting", ahead=ahead)

    def stopped(self) -> Turn:
        """The turn after its reader stopped it; one that is over stays as it is."""
        return replace(self, progress="stopped") if self.running else self

    def failed(self, error: str) -> Turn:
        """The turn after an error, its text kept."""
        question = self.question
        if len(question) > _QUESTION_SHOWN:
            question = question[:_QUESTION_SHOWN] + " …"
        return replace(self, question=question, progress="failed", error=" ".join(error.split()))


Conversation = tuple[Turn, ...]


def history(turns: Sequence[Turn]) -> list[Message]:
    """What was said so far, for the assistant: questions that got no answer are left out."""
    messages = []
    for turn in turns[-_REMEMBERED:]:
        if turn.text:
            messages += [Message("user", turn.question), Message("assistant", turn.text)]
    return messages


class Conversations:
    """The conversations of all browsers that are open, each known by its session; safe to use from many threads.

    Whoever writes an answer holds a ticket. Asking anew, stopping or clearing hands out the next one, so that a late
    step of an earlier answer changes nothing.
    """

    def __init__(self, capacity: int = 2_000) -> None:
        """Keep at most `capacity` conversations; the one used longest ago goes first."""
        self._capacity = capacity
        self._lock = Lock()
        self._turns: OrderedDict[str, Conversation] = OrderedDict()
        self._tickets: dict[str, int] = {}
        self._numbers = count(1)

    def turns(self, session: str) -> Conversation:
        """The turns of a session, oldest first."""
        with self._lock:
            return self._turns.get(session, ())

    def ask(self, session: str, question: str) -> Conversation:
        """The conversation with a new turn; an answer that was still being written is stopped."""
        return self.add(session, Turn(question))

    def add(self, session: str, new: Turn, after: int | None = None) -> Conversation:
        """The conversation with a turn at its end; an answer that was still being written is stopped.

        Args:
            session: Whose conversation.
            new: The turn.
            after: How many of the turns before it stay; None for all.
        """
        with self._lock:
            turns = tuple(turn.stopped() for turn in self._turns.get(session, ())[:after])
            return self._keep(session, (*turns[1 - _KEPT :], new))

    def show(self, session: str, turns: Conversation) -> Conversation:
        """The session has these turns instead of its own."""
        with self._lock:
            return self._keep(session, turns[-_KEPT:])

    def last(self, session: str) -> tuple[Conversation, int]:
        """The turns of a session and the ticket of the last."""
        with self._lock:
            return self._turns.get(session, ()), self._tickets.get(session, 0)

    def advance(self, session: str, ticket: int, turn: Turn) -> bool:
        """Whether the turn is now the session's last: not when its ticket is no longer the session's."""
        with self._lock:
            if self._tickets.get(session) != ticket:
                return False
            self._turns[session] = (*self._turns[session][:-1], turn)
            return True

    def stop(self, session: str) -> Conversation:
        """The conversation with nothing being written any more."""
        with self._lock:
            return self._keep(session, tuple(turn.stopped() for turn in self._turns.get(session, ())))

    def clear(self, session: str) -> None:
        """The session has no turns."""
        with self._lock:
            self._turns.pop(session, None)
            self._tickets.pop(session, None)

    def _keep(self, session: str, turns: Conversation) -> Conversation:
        self._turns[session] = turns
        self._turns.move_to_end(session)
        self._tickets[session] = next(self._numbers)
        while len(self._turns) > self._capacity:
            oldest, _ = self._turns.popitem(last=False)
            self._tickets.pop(oldest, None)
        return turns
