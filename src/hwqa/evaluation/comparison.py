"""Two runs of one golden set, compared case by case.

Each case is its own control: what is resampled is the difference between its two scores, so that easy and hard
questions do not blur the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwqa.evaluation.baseline import Baseline
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
    def moved(self) -> bool:
        """Whether any case has another score."""
        return bool(self.improved or self.worsened)

    @property
    def widest(self) -> float:
        """How far the interval reaches from zero."""
        return max(abs(self.change.low), abs(self.change.high))

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
    """The run against another, as `compare` has it."""
    return compare(run, Baseline.of(baseline))


def compare(run: Run, baseline: Baseline) -> Comparison:
    """The run against the baseline, over the cases that are equal in both; a score that one run lacks is left out."""
    now, before = Baseline.of(run).cases, baseline.cases
    pairs = {name: (known, before[name]) for name, known in now.items() if name in before}
    same = {name: pair for name, pair in pairs.items() if pair[0].digest == pair[1].digest}
    differences = []
    for measure in MEASURES:
        changes = {
            name: known.scores[measure.name] - earlier.scores[measure.name]
            for name, (known, earlier) in same.items()
            if measure.name in known.scores and measure.name in earlier.scores
        }
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
        changed=tuple(name for name in pairs if name not in same),
        only_here=tuple(name for name in now if name not in before),
        only_in_baseline=tuple(name for name in before if name not in now),
        differences=tuple(differences),
    )
