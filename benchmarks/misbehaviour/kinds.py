"""All kinds of misbehaviour, and the model that shows them."""

from __future__ import annotations

import random

from benchmarks.misbehaviour.claims import CLAIMS
from benchmarks.misbehaviour.drafts import DRAFTS, Draft, see
from tests.chat_server import Messages, Misbehaviour, Reply

KINDS = {**DRAFTS, **CLAIMS}
"""What the model does → what writes such a draft."""


class Liar:
    """A script for the chat server; `kind` and `begin` choose what it does next, `told` says what it did."""

    def __init__(self) -> None:
        self.kind = ""
        self.told: list[Draft] = []
        self._random = random.Random(0)  # noqa: S311 - drafts, not secrets

    def begin(self, kind: str, seed: int) -> None:
        """From here on write drafts of this kind."""
        self.kind, self.told, self._random = kind, [], random.Random(seed)  # noqa: S311 - likewise

    def __call__(self, messages: Messages) -> Reply:
        """The reply to a request."""
        seen = see(str(messages[-1]["content"]))
        draft = KINDS[self.kind](seen, self._random)
        self.told.append(draft)
        if draft.ending:
            return Misbehaviour("die" if draft.ending == "die" else "hang", draft.text, seconds=5.0)
        return draft.text
