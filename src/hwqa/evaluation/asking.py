"""What an assistant answers to one golden case, and how that scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hwqa.corpus import read_text
from hwqa.errors import CorpusError
from hwqa.evaluation.claims import ReadText
from hwqa.evaluation.golden import Case
from hwqa.evaluation.journal import Kept, answer_of, passages_of
from hwqa.evaluation.measures import (
    DEPTHS,
    answer_scores,
    failed_answer,
    failed_retrieval,
    retrieval_scores,
)
from hwqa.schema import Answer, Message, Passage, Usage


class Asker(Protocol):
    """What is evaluated: an `Assistant`, or anything that answers as it does."""

    @property
    def corpus(self) -> Path:
        """The folder of the documents."""

    @property
    def model_name(self) -> str:
        """The chat model that writes, or `none`."""

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """The answer to a question."""

    def search(self, question: str, limit: int = 8, history: Sequence[Message] = ()) -> list[Passage]:
        """The passages for a question, best first."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    case: Case
    scores: Mapping[str, float | None]
    """By the name of the measure; None where it does not apply."""
    answer: Mapping[str, Any] | None = None
    """As `hwqa ask --json` gives it; None when asking raised."""
    retrieved: tuple[Mapping[str, Any], ...] = ()
    """Path, heading path, lines and score of each passage, best first."""
    latency_ms: float | None = None
    """How long asking took; None when it raised."""
    confidence: float | None = None
    """As in `Answer`."""
    usage: Usage | None = None
    """As in `Answer`."""
    error: str = ""
    """Kind and message of what was raised, empty when nothing was."""


def ask_case(assistant: Asker, case: Case, read: ReadText, clock: Callable[[], float]) -> tuple[Result, Kept | None]:
    """What came of the case, and what of it may be given again: nothing if it raised or the chat model failed."""
    errors = []
    scores: dict[str, float | None] = {}
    answer = None
    latency_ms = None
    confidence = None
    failure = ""
    usage = None
    # first asked, then searched: what the one leaves at hand for the other must not shorten the time to answer
    try:
        began = clock()
        given = assistant.ask(case.question, case.history)
        took = 1000 * (clock() - began)
        scores = answer_scores(case, given, read)
        answer, latency_ms, failure, confidence = given.to_json(), took, given.failure, given.confidence
        usage = given.usage
    except Exception as error:  # one broken case must not end the run: it is recorded and counted
        scores = failed_answer(case)
        errors.append(f"ask: {_one_line(error)}")
    retrieved: tuple[Mapping[str, Any], ...] = ()
    try:
        passages = assistant.search(case.question, max(DEPTHS), case.history)
        scores = retrieval_scores(case, passages) | scores
        retrieved = tuple(_as_json(passage) for passage in passages)
    except Exception as error:  # likewise
        scores = failed_retrieval(case) | scores
        errors.append(f"search: {_one_line(error)}")
    result = Result(case, scores, answer, retrieved, latency_ms, confidence, usage, "; ".join(errors))
    if answer is None or latency_ms is None or errors or failure:
        return result, None
    return result, Kept(answer, retrieved, latency_ms, confidence, usage)


def rescored(case: Case, kept: Kept, read: ReadText) -> Result:
    """What was given before, judged by what the case expects now."""
    scores = retrieval_scores(case, passages_of(kept.retrieved)) | answer_scores(case, answer_of(kept.answer), read)
    return Result(case, scores, kept.answer, kept.retrieved, kept.latency_ms, kept.confidence, kept.usage)


def _as_json(passage: Passage) -> dict[str, Any]:
    return {
        "path": passage.path,
        "heading_path": list(passage.heading_path),
        "lines": list(passage.lines),
        "score": round(passage.score, 6),
    }


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")


def reader(corpus: Path) -> ReadText:
    """A function that reads documents of the corpus, each once; None of one that is missing."""
    texts: dict[str, str | None] = {}

    def read(path: str) -> str | None:
        if path not in texts:
            try:
                texts[path] = read_text(corpus, path)
            except CorpusError:
                texts[path] = None
        return texts[path]

    return read
