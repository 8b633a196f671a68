"""How much of a conversation is remembered: the newest messages within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwqa.schema import Message

MOST_MESSAGES = 24
"""Messages that a question may refer to: twelve questions and their answers."""
MOST_CHARACTERS = 4_000
"""Of each message, from its start: what a follow-up refers to is named early."""


def remembered(history: Sequence[Message]) -> list[Message]:
    """The newest messages of a conversation, oldest first, each cut to its budget.

    >>> [message.content for message in remembered([Message("user", "How much?")] * 30)][:1], MOST_MESSAGES
    (['How much?'], 24)
    """
    return [
        message
        if len(message.content) <= MOST_CHARACTERS
        else replace(message, content=message.content[:MOST_CHARACTERS])
        for message in history[-MOST_MESSAGES:]
    ]
