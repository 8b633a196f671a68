"""A document, a golden set over it, and an assistant whose answers and passages are given by the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hwqa.schema import Answer, Citation, Message, Passage, Status

DOCUMENT = """# Cards

## X9

The X9 holds 192 GB of HBM3 memory.

| Attribute | Value | Basis |
|---|---|---|
| Memory bandwidth | 5.3 TB/s | |
| Power | 750 W | |

## Y4

The Y4 runs only on Linux.
"""
GOLDEN = """# the set of the tests
- id: memory
  question: How much memory has the X9?
  answerable: true
  facts: [192 GB, [HBM3, high-bandwidth memory]]
  not_facts: [80 GB]
  sources: ["cards.md#Cards › X9"]
  category: lookup
  tags: [memory]
- id: power
  question: And its power?
  history:
    - {role: user, content: "How much memory has the X9?"}
    - {role: assistant, content: 192 GB}
  answerable: true
  facts: [0.75 kW]
  sources: ["cards.md#X9"]
  category: follow-up
- id: price
  question: What does the Y4 cost?
  answerable: false
  facts: []
  sources: []
  category: not-in-docs
"""
LINES = {
    "The X9 holds 192 GB of HBM3 memory.": ("X9", 5),
    "| Memory bandwidth | 5.3 TB/s | |": ("X9", 9),
    "| Power | 750 W | |": ("X9", 10),
    "The Y4 runs only on Linux.": ("Y4", 14),
}


def citation(number: int, quote: str, *, shift: int = 0) -> Citation:
    """A citation of the document; `shift` moves its lines off the truth."""
    heading, line = LINES[quote]
    lines = (line + shift, line + shift)
    return Citation(number, "cards.md", ("Cards", heading), heading.lower(), lines, quote)


def answer(text: str, *citations: Citation, status: Status = "answered") -> Answer:
    return Answer("asked", "asked", status, text, citations)


def passage(*headings: str, path: str = "cards.md", rank: int = 1) -> Passage:
    return Passage(rank, 1 / rank, path, headings, "", (1, 2), "text", ("id",))


@dataclass
class Scripted:
    """Answers each question as it was told to; what is an error is raised."""

    corpus: Path
    answers: Mapping[str, Answer | Exception]
    passages: Sequence[Passage] | Exception = ()
    model_name: str = "none"
    asked: list[tuple[str, tuple[Message, ...]]] = field(default_factory=list)

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        self.asked.append((question, tuple(history)))
        given = self.answers[question]
        if isinstance(given, Exception):
            raise given
        return given

    def search(self, question: str, limit: int = 8, history: Sequence[Message] = ()) -> list[Passage]:
        if isinstance(self.passages, Exception):
            raise self.passages
        return list(self.passages[:limit])


RIGHT = {
    "How much memory has the X9?": answer(
        "The X9 has 192 GB of HBM3 [1].", citation(1, "The X9 holds 192 GB of HBM3 memory.")
    ),
    "And its power?": answer("The X9 draws 750 W [1].", citation(1, "| Power | 750 W | |")),
    "What does the Y4 cost?": answer("The documents do not give the price of the Y4.", status="not_in_docs"),
}
