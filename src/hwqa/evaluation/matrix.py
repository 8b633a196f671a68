"""Several settings and models measured on the same questions: one table with intervals and cost.

Each axis is a setting and its values, `passages=4,8` or `model=none,ollama:qwen3`; the variants are all combinations.
The first is what the others are compared with, case by case.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hwqa.errors import ConfigError
from hwqa.evaluation.comparison import compare_runs
from hwqa.evaluation.report import Report, markdown_table, number
from hwqa.evaluation.statistics import Estimate
from hwqa.evaluation.writing import write
from hwqa.search import WEIGHTS, Weights

if TYPE_CHECKING:
    from rich.console import Console

SETTINGS = ("model", "passages", "reranker", "temperature")
"""Settings that may vary beside the weights of the ranking; another embedder needs an index of its own."""
SHOWN = ("recall@5", "mrr", "fact_coverage", "citation_precision", "abstention_recall", "refused_answerable")
FILE = "matrix.md"
Opened = TypeVar("Opened")
_WEIGHTS = tuple(each.name for each in fields(Weights))


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination."""

    name: str
    """As it was asked for: `passages=4 lexical=0`."""
    settings: dict[str, Any] = field(default_factory=dict)
    weights: Weights = WEIGHTS


@dataclass(frozen=True, slots=True)
class Matrix:
    """The report of each variant, the first one's first."""

    reports: tuple[tuple[Variant, Report], ...]

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """Header and rows: measures with intervals, what changed against the first variant, and what it cost."""
        first = self.reports[0][1].run
        titles = {each.measure.name: each.measure.title for _, report in self.reports for each in report.summaries}
        shown = [name for name in SHOWN if name in titles]
        header = [
            "Variant",
            *(titles[name] for name in shown),
            "Against the first",
            "p50 ms",
            "p95 ms",
            "Tokens",
            "Removed",
        ]
        return header, [self._row(variant, report, shown, first is report.run) for variant, report in self.reports]

    def to_json(self) -> dict[str, Any]:
        """The report of each variant by its name."""
        return {variant.name: report.to_json() for variant, report in self.reports}

    def to_markdown(self) -> str:
        """The table with what its columns mean."""
        count = len(self.reports[0][1].run.results)
        return (
            f"# Variants on {count} questions\n\nMeans with 95 % bootstrap intervals. Against the first: measures "
            "whose paired difference excludes zero. Tokens: read and "
            "written for each answer of a chat model. Removed: sentences that the gate took out, for each answer."
            f"\n\n{markdown_table(*self.rows())}\n"
        )

    def print(self, console: Console | None = None) -> None:
        """The table stands on the console, stdout by default."""
        from rich.console import Console as Terminal  # noqa: PLC0415 - only this method draws

        from hwqa.evaluation.report import drawn  # noqa: PLC0415 - likewise

        header, rows = self.rows()
        (console or Terminal()).print(drawn("Variants", header, rows))

    def _row(self, variant: Variant, report: Report, shown: Sequence[str], is_first: bool) -> list[str]:
        means = {each.measure.name: each.estimate for each in report.summaries}
        answers = [each.answer for each in report.run.results if each.answer is not None]
        removed = sum(answer["removed_sentences"] for answer in answers) / len(answers) if answers else 0.0
        tokens = report.tokens
        latency = [f"{value:.0f}" if value is not None else "–" for value in report.latency_ms.values()]
        return [
            variant.name,
            *(_cell(means.get(name)) for name in shown),
            "–" if is_first else _changes(report),
            *latency,
            "–" if tokens is None else f"{(tokens.prompt + tokens.completion) / tokens.answers:.0f}",
            f"{removed:.2f}",
        ]


def variants(axes: Sequence[str]) -> list[Variant]:
    """All combinations of the axes' values, in their order.

    >>> [variant.name for variant in variants(["passages=4,8", "lexical=0"])]
    ['passages=4 lexical=0', 'passages=8 lexical=0']

    Raises:
        ConfigError: An axis is not `name=value,value`, or names nothing that may vary.
    """
    parsed = []
    for axis in axes:
        name, _, values = axis.partition("=")
        listed = [value.strip() for value in values.split(",")]
        if name.strip() not in (*SETTINGS, *_WEIGHTS) or not all(listed):
            known = ", ".join((*SETTINGS, *_WEIGHTS))
            raise ConfigError(f"axis {axis!r} must be NAME=VALUE,VALUE with a name of {known}")
        parsed.append([(name.strip(), value) for value in listed])
    return [_variant(dict(pairs)) for pairs in itertools.product(*parsed)]


def run_matrix(
    found: Sequence[Variant],
    opened: Callable[[Variant], Opened],
    measured: Callable[[Opened, Variant, Path | None], Report],
    *,
    out: Path | None = None,
) -> Matrix:
    """Each variant is measured; with `out` the folder holds `matrix.md` and a run in a folder for each variant.

    Args:
        found: From `variants`.
        opened: The assistant of a variant.
        measured: Asks it the questions, and keeps the run in the folder.
        out: Folder to write to.

    Raises:
        ConfigError: A value cannot be used, or the folder cannot be written.
    """
    # all first: a value that cannot be used is told before an hour has passed
    assistants = [opened(variant) for variant in found]
    reports: list[tuple[Variant, Report]] = []
    for place, (variant, assistant) in enumerate(zip(found, assistants, strict=True), start=1):
        report = measured(assistant, variant, None if out is None else out / f"variant-{place}")
        if reports:
            first = reports[0][1].run
            report = replace(report, comparison=compare_runs(report.run, first), earlier=first)
        reports.append((variant, report))
    matrix = Matrix(tuple(reports))
    if out is not None:
        write(out / FILE, matrix.to_markdown())
    return matrix


def _variant(said: dict[str, str]) -> Variant:
    name = " ".join(f"{key}={value}" for key, value in said.items())
    weights = {}
    for key in _WEIGHTS:
        if key in said:
            try:
                weights[key] = float(said[key])
            except ValueError as error:
                raise ConfigError(f"weight {key} must be a number, not {said[key]!r}") from error
    return Variant(name, {key: said[key] for key in SETTINGS if key in said}, replace(WEIGHTS, **weights))


def _cell(found: Estimate | None) -> str:
    return "–" if found is None else f"{number(found.mean)} [{number(found.low)}, {number(found.high)}]"


def _changes(report: Report) -> str:
    differences = () if report.comparison is None else report.comparison.differences
    changed = [each for each in differences if each.verdict != "unclear"]
    return (
        "; ".join(f"{each.measure.name} {number(each.change.mean, sign=True)}" for each in changed) or "no difference"
    )
