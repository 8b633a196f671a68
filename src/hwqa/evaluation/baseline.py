"""What a run is compared with: the scores of each case, small enough to be committed beside the documents.

The file holds every measure with its interval, for people who read the diff of an edit, and a line for each case: a
digest of what the case says and its scores. A case that was edited since is not compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwqa.errors import ConfigError
from hwqa.evaluation.golden import Case
from hwqa.evaluation.measures import MEASURES
from hwqa.evaluation.run import FILE, Run
from hwqa.evaluation.statistics import estimate
from hwqa.evaluation.writing import write

FORMAT = "hwqa baseline 1"
"""Stands first in the file; the number changes when a field changes its meaning."""
DIGITS = 6
"""Decimals of a score that are kept and compared."""
_KEPT_SETTINGS = ("hwqa", "corpus_sha256", "model")
"""The corpus' folder is left out: the file is read on other machines."""


@dataclass(frozen=True, slots=True)
class Known:
    """A case as an earlier run scored it."""

    digest: str
    """Of all that the case says; another digest is another case."""
    scores: Mapping[str, float]
    """By the name of the measure, to `DIGITS` decimals; those that do not apply are left out."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The scores of an earlier run."""

    settings: Mapping[str, str]
    started: str
    cases: Mapping[str, Known]
    """By id, in the order of the run."""
    run: Run | None = field(default=None, compare=False)
    """The whole run with its answers, where it was kept."""

    @classmethod
    def of(cls, run: Run) -> Baseline:
        """The scores of the run."""
        cases = {
            result.case.id: Known(
                digest(result.case),
                {name: round(value, DIGITS) for name, value in result.scores.items() if value is not None},
            )
            for result in run.results
        }
        settings = {name: run.settings[name] for name in _KEPT_SETTINGS if name in run.settings}
        return cls(settings, run.started, cases, run)

    @classmethod
    def load(cls, place: Path) -> Baseline:
        """The baseline that `save` wrote, or that of a run: its folder, or the file itself.

        Raises:
            ConfigError: There is none, it cannot be read, or another version wrote it.
        """
        file = place / FILE if place.is_dir() else place
        remedy = "name the --out folder of an earlier run, or a file that --scores wrote"
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            if not str(said["format"]).startswith("hwqa baseline"):
                return cls.of(Run.load(place))
            if said["format"] != FORMAT:
                raise ConfigError(
                    f"baseline {file} is {said['format']!r}, this version reads {FORMAT!r}; write it again"
                )
            names = list(said["measures"])
            cases = {name: _known(row, names) for name, row in said["cases"].items()}
            return cls(said["settings"], said["started"], cases)
        except OSError as error:
            raise ConfigError(f"baseline {file} cannot be read: {error.strerror or error}; {remedy}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"baseline {file} is not a saved run; {remedy}") from error

    def save(self, file: Path) -> Path:
        """The file holds the measures with their intervals, and a line for each case.

        Raises:
            ConfigError: It cannot be written.
        """
        measures = {}
        for measure in MEASURES:
            values = [known.scores[measure.name] for known in self.cases.values() if measure.name in known.scores]
            found = estimate(values)
            if found is not None:
                spread = {"mean": found.mean, "low": found.low, "high": found.high}
                measures[measure.name] = {"n": found.n} | {name: round(value, 4) for name, value in spread.items()}
        lines = [
            f'"format": {_json(FORMAT)}',
            f'"settings": {_json(dict(self.settings))}',
            f'"started": {_json(self.started)}',
            _lines("measures", {name: _json(said) for name, said in measures.items()}),
            _lines("cases", {name: _json(_row(known, list(measures))) for name, known in self.cases.items()}),
        ]
        return write(file, "{\n" + ",\n".join(lines) + "\n}\n")


def digest(case: Case) -> str:
    """A hash of all that the case says."""
    said = json.dumps(case.to_json(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _known(row: list[Any], names: list[str]) -> Known:
    found, *scores = row
    pairs = zip(names, scores, strict=True)
    return Known(str(found), {name: float(value) for name, value in pairs if value is not None})


def _row(known: Known, names: list[str]) -> list[str | float | None]:
    values = (known.scores.get(name) for name in names)
    return [known.digest, *(int(value) if value is not None and value.is_integer() else value for value in values)]


def _lines(name: str, entries: Mapping[str, str]) -> str:
    return f'"{name}": {{\n' + ",\n".join(f" {_json(key)}: {said}" for key, said in entries.items()) + "\n}"


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False)
