"""The gate: conditions on measures under which a run counts as failed, for a CI that stops on a regression.

A condition is the name of a measure (`recall@5`: it fails when the measure is worse than in the baseline beyond noise,
that is, when the 95 % interval of the paired differences excludes zero), a measure with a bound (`fact_coverage<0.8`:
it fails when the mean lies there, with or without a baseline), or `any`: every measure that both runs have. Of the
18 measures one in forty falls below its interval by chance alone where answers vary from run to run, so a gate on
`any` suits runs that are reproducible: those without a chat model.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hwqa.errors import ConfigError
from hwqa.evaluation.comparison import Difference
from hwqa.evaluation.measures import MEASURES, Measure
from hwqa.evaluation.report import NAMED_CASES, Report, number

ANY = "any"
_CONDITION = re.compile(r"\s*([^\s<>=]+)\s*(?:(<=|>=|<|>)\s*(\S+)\s*)?")
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_BY_NAME = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Condition:
    """Under which a run fails."""

    measure: Measure | None
    """None stands for every measure that both runs have."""
    relation: str = ""
    """One of `<`, `<=`, `>`, `>=`; empty for a comparison with the baseline."""
    bound: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Condition:
        """The condition that the text says.

        >>> Condition.parse("fact_coverage < 0.8").bound
        0.8

        Raises:
            ConfigError: The measure is not known, or the bound is no number from 0 to 1.
        """
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise ConfigError(f"condition {text!r} must be a measure, a measure with a bound (mrr<0.8), or {ANY}")
        name, relation, bound = match.groups()
        if name == ANY and not relation:
            return cls(None)
        if name not in _BY_NAME:
            near = difflib.get_close_matches(name, _BY_NAME, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join((*_BY_NAME, ANY))}"
            raise ConfigError(f"measure {name!r} is unknown; {hint}")
        if not relation:
            return cls(_BY_NAME[name])
        if not re.fullmatch(r"0?\.\d+|[01](?:\.0*)?", bound):
            raise ConfigError(f"bound {bound!r} of {name} must be a number from 0 to 1, such as {name}{relation}0.8")
        return cls(_BY_NAME[name], relation, float(bound))

    @property
    def needs_baseline(self) -> bool:
        """Whether it compares with an earlier run."""
        return not self.relation


def failures(conditions: Iterable[Condition], report: Report) -> list[str]:
    """What fails, a phrase for each condition that does, in their order; empty when the run passes.

    A measure that no case has, or that the baseline cannot be compared in, fails too: a gate that nothing was held
    against would be passed by an empty run.
    """
    return [said for condition in conditions for said in _failures(condition, report)]


def _failures(condition: Condition, report: Report) -> Iterator[str]:
    if not condition.needs_baseline:
        yield from _beyond(condition, report)
        return
    differences = () if report.comparison is None else report.comparison.differences
    wanted = [each for each in differences if condition.measure in (None, each.measure)]
    if not wanted:
        name = ANY if condition.measure is None else condition.measure.name
        yield f"{name} cannot be compared: no case with a score for it stands unchanged in both runs"
    means = {summary.measure: summary.estimate.mean for summary in report.summaries}
    for difference in wanted:
        if difference.verdict == "worse":
            yield _worse(difference, means[difference.measure])


def _beyond(condition: Condition, report: Report) -> Iterator[str]:
    said = f"{condition.measure.name}{condition.relation}{condition.bound:g}" if condition.measure else ANY
    found = [summary.estimate for summary in report.summaries if summary.measure == condition.measure]
    if not found:
        yield f"{said} cannot be judged: no case has a score for it"
    elif _HOLDS[condition.relation](found[0].mean, condition.bound):
        yield f"{said}: the mean over n = {found[0].n} is {number(found[0].mean)}"


def _worse(difference: Difference, mean: float) -> str:
    change = difference.change
    interval = f"{number(change.low, sign=True)} to {number(change.high, sign=True)}"
    cases = ", ".join(difference.worsened[:NAMED_CASES])
    more = len(difference.worsened) - NAMED_CASES
    return (
        f"{difference.measure.name} is {number(mean)}, changed by {number(change.mean, sign=True)} against the "
        f"baseline (95 % interval {interval}; worse: {cases}{f' and {more} more' if more > 0 else ''})"
    )
