"""An answer as it grows: checked pieces of text, and their citations numbered in the order of use."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.compose import Draft
from hwqa.coverage import Coverage, abstention
from hwqa.evidence import cite, narrow
from hwqa.grounding import Checked
from hwqa.grounding.names import Mentions
from hwqa.schema import Citation, Evidence, Message, Passage, Removed, Status
from hwqa.withholding import withhold

_MARK = re.compile(r"( ?)\[(\d+)\]")


class Writer:
    """Builds the answer's text from checked pieces and numbers its citations in the order of their use."""

    def __init__(self, mentions: Mentions) -> None:
        """Nothing is written yet; `mentions` finds the products of the documents, whose names are no figures."""
        self.citations: list[Citation] = []
        """In the order of their numbers."""
        self.removed = 0
        """Pieces that the gate removed."""
        self.withheld: dict[Removed, None] = {}
        """The same without their figures, each one once, in order."""
        self._mentions = mentions
        self._parts: list[str] = []
        self._numbers: dict[tuple[str, tuple[int, int], str], int] = {}

    @property
    def text(self) -> str:
        """What was kept so far, with its marks."""
        return "".join(self._parts).strip()

    @property
    def has_claims(self) -> bool:
        """Whether anything was kept that cites a source."""
        return bool(self.citations)

    def clear(self) -> None:
        """Nothing is written yet; what was removed stays counted."""
        self.citations.clear()
        self._parts.clear()
        self._numbers.clear()

    def add(self, piece: Checked, evidence: Sequence[Evidence]) -> None:
        """A kept piece is part of the text, its citations narrowed to what carries it; a removed one is counted."""
        if not piece.kept:
            self.removed += 1
            held = [f"{item.trail}\n{item.text}\n{item.quote}" for item in evidence]
            self.withheld[withhold(piece.text, piece.objections, self._mentions, held)] = None
            return
        by_number = {item.number: item for item in evidence}

        def renumbered(match: re.Match[str]) -> str:
            item = by_number.get(int(match.group(2)))
            if item is None:
                return ""
            # who cites a calculation cites what it starts from
            cited = item.inputs if item.kind == "calculation" else (narrow(piece.text, item),)
            marks = dict.fromkeys(self._number(each) for each in cited)
            return match.group(1) + "".join(f"[{mark}]" for mark in marks) if marks else ""

        self._parts.append(_MARK.sub(renumbered, piece.text))

    def _number(self, item: Evidence) -> int:
        key = (item.path, item.lines, item.quote)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self.citations.append(cite(item, self._numbers[key]))
        return self._numbers[key]


def removal(count: int) -> str:
    """How many sentences were removed and why, in one line."""
    return (
        "1 sentence was removed because the cited sources do not support it."
        if count == 1
        else f"{count} sentences were removed because the cited sources do not support them."
    )


def closed(
    writer: Writer,
    composed: Draft | None,
    coverage: Coverage,
    passages: Sequence[Passage],
    history: Sequence[Message],
) -> tuple[Status, str]:
    """What the answer is, and its whole text."""
    if composed is None or not writer.has_claims:
        return "not_in_docs", abstention(coverage, passages)
    if coverage.unknown:
        return "partial", f"{writer.text}\n\nThe documents hold nothing on {', '.join(coverage.unknown)}."
    if composed.complete and composed.question and not _asked(composed.question, history):
        return "clarify", f"{writer.text}\n\n{composed.question}"
    return "answered" if composed.complete else "partial", writer.text


def _asked(question: str, history: Sequence[Message]) -> bool:
    """Whether the question was asked back before: once is enough."""
    return any(message.role == "assistant" and question in message.content for message in history)
