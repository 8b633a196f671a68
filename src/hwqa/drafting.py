"""A chat model writes and the gate checks: what passes is shown while the rest is still on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwqa.grounding import Gate
from hwqa.lengths import Length
from hwqa.prompts import render
from hwqa.schema import Evidence, Message, Update
from hwqa.writing import Writer

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_ATTEMPTS = 2
"""Drafts that are asked for; the second knows what the gate had against the first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model is asked."""

    question: str
    """Able to stand alone."""
    history: tuple[Message, ...]
    length: Length


def written(
    stream: Callable[[Sequence[BaseMessage]], Iterator[str]],
    asked: Asked,
    evidence: Sequence[Evidence],
    open_gate: Callable[[Sequence[Evidence]], Gate],
    writer: Writer,
) -> Iterator[Update]:
    """The writer holds what the model wrote and the gate let pass; a draft of which nothing did is asked for once more.

    Args:
        stream: Messages → the parts of the model's text, as they come.
        asked: What the model is asked.
        evidence: The items that it is shown and may cite.
        open_gate: Evidence → a gate for one draft.
        writer: Takes each checked piece.

    Raises:
        ModelError: The model failed.
    """
    objections: list[str] = []
    for _attempt in range(_ATTEMPTS):
        gate = open_gate(evidence)
        for delta in stream(render(asked.question, evidence, asked.history, objections, asked.length.sentences)):
            for piece in gate.feed(delta):
                writer.add(piece, evidence)
                objections.extend(piece.objections)
            # One step for each piece of the draft, so that whoever stops reading stops the model at once.
            yield Update("writing", writer.text, tuple(writer.citations))
        for piece in gate.close():
            writer.add(piece, evidence)
            objections.extend(piece.objections)
        if writer.has_claims:
            return
        writer.clear()
