"""Two runs of one golden set, compared case by case.

Each case is its own control: what is resampled is the difference between its two scores, so that easy and hard
questions do not blur the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwqa.evaluation.measures import MEASURES, Measure
from hwqa.evaluation.run import Run
from hwqa.evaluation.statistics import Estimate, estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """How a measure differs between the runs, over the cases that have a score in both."""

    measure: Measure
    change: Estimate
    """The run's score minus the baseline's: mean and interval."""
    improved: tuple[str, ...]
    """Ids of the cases that score better than in the baseline."""
    worsened: tuple[str, ...]
    """Ids of the cases that score worse."""

    @property
    def verdict(self) -> str:
        """`better` or `worse` when the interval excludes zero, else `unclear`."""
        if self.change.low <= 0 <= self.change.high:
            return "unclear"
        return "better" if (self.change.mean > 0) == (self.measure.better == "higher") else "worse"

    def to_json(self) -> dict[str, Any]:
        """The difference as the JSON report has it."""
        return {
            "measure": self.measure.name,
            "n": self.change.n,
            "change": self.change.mean,
            "low": self.change.low,
            "high": self.change.high,
            "verdict": self.verdict,
            "improved": list(self.improved),
            "worsened": list(self.worsened),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against a baseline."""

    baseline: Mapping[str, str]
    """Settings of the baseline and when it was started."""
    paired: int
    """Cases that stand unchanged in both runs."""
    changed: tuple[str, ...]
    """Ids of cases whose text differs between the runs; they are not compared."""
    only_here: tuple[str, ...]
    only_in_baseline: tuple[str, ...]
    differences: tuple[Difference, ...]

    def to_json(self) -> dict[str, Any]:
        """The comparison as the JSON report has it."""
        return {
            "baseline": dict(self.baseline),
            "paired": self.paired,
            "changed": list(self.changed),
            "only_here": list(self.only_here),
            "only_in_baseline": list(self.only_in_baseline),
            "differences": [difference.to_json() for difference in self.differences],
        }


def compare_runs(run: Run, baseline: Run) -> Comparison:
    """The run against the baseline, over the cases that are equal in both; a score that one run lacks is left out."""
    before = {result.case.id: result for result in baseline.results}
    here = [result.case.id for result in run.results]
    pairs = [(result, before[result.case.id]) for result in run.results if result.case.id in before]
    same = [(result, earlier) for result, earlier in pairs if result.case == earlier.case]
    differences = []
    for measure in MEASURES:
        changes: dict[str, float] = {}
        for result, earlier in same:
            now, then = result.scores.get(measure.name), earlier.scores.get(measure.name)
            if now is not None and then is not None:
                changes[result.case.id] = now - then
        change = estimate(list(changes.values()))
        if change is not None:
            sign = 1 if measure.better == "higher" else -1
            differences.append(
                Difference(
                    measure,
                    change,
                    improved=tuple(name for name, value in changes.items() if sign * value > 0),
                    worsened=tuple(name for name, value in changes.items() if sign * value < 0),
                )
            )
    return Comparison(
        baseline={**baseline.settings, "started": baseline.started},
        paired=len(same),
        changed=tuple(result.case.id for result, earlier in pairs if result.case != earlier.case),
        only_here=tuple(name for name in here if name not in before),
        only_in_baseline=tuple(name for name in before if name not in here),
        differences=tuple(differences),
    )
