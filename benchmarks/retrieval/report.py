"""Scores as tables: on the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.retrieval.corpora import Question
from benchmarks.retrieval.measures import BUDGET
from rich.table import Table

from hwqa.evaluation.statistics import Estimate, estimate

SHOWN = (
    "evidence recall@1",
    "evidence recall@3",
    "evidence recall@5",
    "evidence recall@10",
    "evidence mrr",
    "evidence ndcg@10",
    f"evidence recall@{BUDGET} characters",
    "section recall@1",
    "section recall@3",
    "section recall@5",
    "section recall@10",
    "section mrr",
    "section ndcg@10",
    f"section recall@{BUDGET} characters",
)
COMPARED = (
    "evidence recall@5",
    "evidence mrr",
    f"evidence recall@{BUDGET} characters",
    "section recall@5",
    "section mrr",
)
COST = "characters@5"

Scores = Sequence[Mapping[str, float]]
"""The measures of each answerable question, in one order for all systems."""


@dataclass(frozen=True, slots=True)
class Result:
    """All systems on one corpus."""

    corpus: str
    questions: Sequence[Question]
    """The answerable ones, in the order of the scores."""
    systems: Mapping[str, Scores]

    def mean(self, system: str, measure: str) -> Estimate:
        """Mean of the measure over the questions, with its interval."""
        return _estimate([each[measure] for each in self.systems[system]])

    def difference(self, system: str, other: str, measure: str) -> Estimate:
        """Mean of the paired differences, system minus other, with its interval."""
        pairs = zip(self.systems[system], self.systems[other], strict=True)
        return _estimate([one[measure] - two[measure] for one, two in pairs])

    def best(self, names: Sequence[str], measure: str) -> str:
        """The one of the systems with the highest mean."""
        return max(names, key=lambda name: self.mean(name, measure).mean)


def score_table(result: Result, measures: Sequence[str] = SHOWN) -> Table:
    """A row for each measure, a column for each system; the highest of each row is bold."""
    table = Table(title=f"{result.corpus}: {len(result.questions)} answerable questions")
    table.add_column("measure")
    for name in result.systems:
        table.add_column(name, justify="right")
    for measure in measures:
        means = {name: result.mean(name, measure) for name in result.systems}
        highest = max(mean.mean for mean in means.values())
        cells = [_share(mean) for mean in means.values()]
        bold = [
            f"[bold]{cell}[/]" if mean.mean == highest else cell
            for cell, mean in zip(cells, means.values(), strict=True)
        ]
        table.add_row(measure, *bold)
    table.add_row(COST, *(f"{result.mean(name, COST).mean:,.0f}" for name in result.systems))
    return table


def difference_table(result: Result, system: str, peers: Sequence[str]) -> Table:
    """A row for each measure: the system minus each peer, and minus the best of them, in points."""
    table = Table(title=f"{result.corpus}: {system} minus peer, points with 95 % interval")
    table.add_column("measure")
    for name in (*peers, "best peer"):
        table.add_column(name, justify="right")
    for measure in COMPARED:
        best = result.best(peers, measure)
        cells = [_points(result.difference(system, peer, measure)) for peer in (*peers, best)]
        table.add_row(measure, *cells[:-1], f"{cells[-1]} ({best})")
    return table


def kinds_table(result: Result, measure: str) -> Table:
    """A row for each kind of question: the mean of the measure."""
    table = Table(title=f"{result.corpus}: {measure} by kind of question")
    table.add_column("kind")
    table.add_column("n", justify="right")
    for name in result.systems:
        table.add_column(name, justify="right")
    for kind in dict.fromkeys(question.kind for question in result.questions):
        rows = [number for number, question in enumerate(result.questions) if question.kind == kind]
        means = [sum(scores[number][measure] for number in rows) / len(rows) for scores in result.systems.values()]
        table.add_row(kind, str(len(rows)), *(f"{100 * mean:.1f}" for mean in means))
    return table


def _estimate(values: Sequence[float]) -> Estimate:
    found = estimate(values)
    if found is None:
        raise SystemExit("none of the questions is answerable")
    return found


def _share(mean: Estimate) -> str:
    return f"{100 * mean.mean:.1f} [{100 * mean.low:.0f}, {100 * mean.high:.0f}]"


def _points(change: Estimate) -> str:
    cell = f"{100 * change.mean:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]"
    if change.low > 0:
        return f"[green]{cell}[/]"
    return f"[red]{cell}[/]" if change.high < 0 else cell
