"""A run: what an assistant answered to each case of a golden set, and how that scored."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from hwqa import __version__
from hwqa.corpus import read_text, scan
from hwqa.errors import ConfigError, CorpusError
from hwqa.evaluation.claims import ReadText
from hwqa.evaluation.golden import Case
from hwqa.evaluation.journal import Journal, Kept, answer_of, passages_of
from hwqa.evaluation.measures import (
    DEPTHS,
    answer_scores,
    failed_answer,
    failed_retrieval,
    retrieval_scores,
)
from hwqa.evaluation.writing import write
from hwqa.schema import Answer, Message, Passage

FILE = "run.json"
FORMAT = 1
"""Number of the file's format; it changes when a field changes its meaning."""

Progress = Callable[[int, int, str], None]
"""Called with cases done, cases in all and what is being done."""


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
    error: str = ""
    """Kind and message of what was raised, empty when nothing was."""


@dataclass(frozen=True, slots=True)
class Run:
    """The results of a golden set, in the order of its cases."""

    settings: Mapping[str, str]
    """What was measured: version, corpus, hash of its files, model."""
    started: str
    """Date and time in ISO 8601, UTC."""
    results: tuple[Result, ...]
    reused: int = field(default=0, compare=False)
    """How many results rest on answers that an earlier run was given; not saved."""

    @property
    def errors(self) -> int:
        """How many cases raised; they stand in every mean with the worst score."""
        return sum(bool(result.error) for result in self.results)

    def to_json(self) -> dict[str, Any]:
        """The run as its file holds it."""
        return {
            "format": FORMAT,
            "settings": dict(self.settings),
            "started": self.started,
            "results": [
                {
                    "case": result.case.to_json(),
                    "scores": dict(result.scores),
                    "answer": result.answer,
                    "retrieved": list(result.retrieved),
                    "latency_ms": result.latency_ms,
                    "confidence": result.confidence,
                    "error": result.error,
                }
                for result in self.results
            ],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Run:
        """The run that `to_json` wrote."""
        return cls(
            settings=said["settings"],
            started=said["started"],
            results=tuple(
                Result(
                    case=Case.from_json(result["case"]),
                    scores=result["scores"],
                    answer=result["answer"],
                    retrieved=tuple(result["retrieved"]),
                    latency_ms=result["latency_ms"],
                    confidence=result.get("confidence"),
                    error=result["error"],
                )
                for result in said["results"]
            ),
        )

    @classmethod
    def load(cls, place: Path) -> Run:
        """The run that was saved in a folder, or in the file itself.

        Raises:
            ConfigError: There is no run, it cannot be read, or another version wrote it.
        """
        file = place / FILE if place.is_dir() else place
        remedy = "name the --out folder of an earlier run"
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            if said["format"] != FORMAT:
                raise ConfigError(
                    f"baseline {file} has format {said['format']}, this version reads {FORMAT}; run it again"
                )
            return cls.from_json(said)
        except OSError as error:
            raise ConfigError(f"baseline {file} cannot be read: {error.strerror or error}; {remedy}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"baseline {file} is not a saved run; {remedy}") from error

    def save(self, folder: Path) -> Path:
        """The run stands in `run.json` of the folder, which is made if need be.

        Raises:
            ConfigError: The folder cannot be written.
        """
        return write(folder / FILE, json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n")


def evaluate(
    assistant: Asker,
    cases: Sequence[Case],
    *,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
    journal: Journal | None = None,
    jobs: int = 1,
) -> Run:
    """What the assistant answers to each case, scored; a case that raises is recorded with the worst scores.

    Args:
        assistant: Is asked one question after the other.
        cases: Asked in this order, and told in it.
        progress: Told after each case.
        clock: Seconds; taken before and after each question.
        journal: Gives what an earlier run was told and is given what this one is told, unless a case raised or the
            chat model failed.
        jobs: How many questions are asked at once, each in a thread; an answer then takes longer by the clock.

    Raises:
        ConfigError: The journal cannot be written.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    read = reader(assistant.corpus)

    def result(case: Case) -> Result:
        kept = None if journal is None else journal.find(case)
        return _result(assistant, case, read, clock, journal) if kept is None else _rescored(case, kept, read)

    results = _in_order(result, cases, jobs, progress)
    reused = 0 if journal is None else sum(journal.find(case) is not None for case in cases)
    return Run(_settings(assistant), started, tuple(results), reused)


def _in_order(
    result: Callable[[Case], Result], cases: Sequence[Case], jobs: int, progress: Progress | None
) -> list[Result]:
    told = progress or (lambda *_: None)
    if jobs == 1:
        results = []
        for done, case in enumerate(cases, start=1):
            results.append(result(case))
            told(done, len(cases), "asking")
        return results
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(result, case) for case in cases]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                told(done, len(cases), "asking")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _result(
    assistant: Asker, case: Case, read: ReadText, clock: Callable[[], float], journal: Journal | None
) -> Result:
    errors = []
    scores: dict[str, float | None] = {}
    answer = None
    latency_ms = None
    confidence = None
    failure = ""
    # first asked, then searched: what the one leaves at hand for the other must not shorten the time to answer
    try:
        began = clock()
        given = assistant.ask(case.question, case.history)
        took = 1000 * (clock() - began)
        scores = answer_scores(case, given, read)
        answer, latency_ms, failure, confidence = given.to_json(), took, given.failure, given.confidence
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
    if journal is not None and answer is not None and latency_ms is not None and not errors and not failure:
        journal.add(case, Kept(answer, retrieved, latency_ms, confidence))
    return Result(case, scores, answer, retrieved, latency_ms, confidence, "; ".join(errors))


def _rescored(case: Case, kept: Kept, read: ReadText) -> Result:
    """What was given before, judged by what the case expects now."""
    scores = retrieval_scores(case, passages_of(kept.retrieved)) | answer_scores(case, answer_of(kept.answer), read)
    return Result(case, scores, kept.answer, kept.retrieved, kept.latency_ms, kept.confidence)


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


def _settings(assistant: Asker) -> dict[str, str]:
    digest = hashlib.sha256()
    for file in scan(assistant.corpus):
        content = (assistant.corpus / file.path).read_bytes()
        digest.update(f"{file.path}\0{len(content)}\0".encode() + content)
    return {
        "hwqa": __version__,
        "corpus": str(assistant.corpus),
        "corpus_sha256": digest.hexdigest(),
        "model": assistant.model_name,
    }
