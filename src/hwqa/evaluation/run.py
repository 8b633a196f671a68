"""A run: what an assistant answered to each case of a golden set, and how that scored."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hwqa import __version__
from hwqa.corpus import scan
from hwqa.errors import ConfigError
from hwqa.evaluation.asking import Asker, Result, ask_case, reader, rescored
from hwqa.evaluation.at_once import Opener, Outcome, ask_in_processes, ask_in_threads
from hwqa.evaluation.golden import Case
from hwqa.evaluation.journal import Journal, Kept, usage_json, usage_of
from hwqa.evaluation.writing import write

FILE = "run.json"
FORMAT = 1
"""Number of the file's format; it changes when a field changes its meaning."""

Progress = Callable[[int, int, str], None]
"""Called with cases done, cases in all and what is being done."""


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
                    "usage": usage_json(result.usage),
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
                    usage=usage_of(result.get("usage")),
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
    opener: Opener | None = None,
) -> Run:
    """What the assistant answers to each case, scored; a case that raises is recorded with the worst scores.

    Args:
        assistant: Is asked one question after the other.
        cases: Asked in this order, and told in it.
        progress: Told after each case.
        clock: Seconds; taken before and after each question, but by processes of their own, which have theirs.
        journal: Gives what an earlier run was told and is given what this one is told, unless a case raised or the
            chat model failed.
        jobs: How many questions are asked at once; an answer then takes longer by the clock.
        opener: How another process opens the assistant: questions are then asked in processes, which pays where
            answers are composed here. None asks them in threads, which pays where a server is waited for.

    Raises:
        ConfigError: The journal cannot be written.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    read = reader(assistant.corpus)
    found: dict[int, Result] = {}
    for place, case in enumerate(cases):
        kept = None if journal is None else journal.find(case)
        if kept is not None:
            found[place] = rescored(case, kept, read)
    reused = len(found)
    told = progress or (lambda *_: None)
    if reused:
        told(reused, len(cases), "asking")
    left = [(place, case) for place, case in enumerate(cases) if place not in found]
    jobs = max(1, min(jobs, len(left)))

    def asked(case: Case) -> Outcome:
        outcome = ask_case(assistant, case, read, clock)
        # at once, in its thread: what another one raises must not lose it
        keep(*outcome)
        return outcome

    def keep(result: Result, kept: Kept | None) -> None:
        if journal is not None and kept is not None:
            journal.add(result.case, kept)

    in_processes = opener is not None and jobs > 1
    outcomes = ask_in_processes(opener, left, jobs) if opener and jobs > 1 else ask_in_threads(asked, left, jobs)
    with closing(outcomes):
        for place, outcome in outcomes:
            if in_processes:
                keep(*outcome)
            found[place] = outcome[0]
            told(len(found), len(cases), "asking")
    results = tuple(found[place] for place in range(len(cases)))
    return Run(_settings(assistant), started, results, reused)


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
