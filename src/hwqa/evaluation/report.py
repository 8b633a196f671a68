"""A run told to people and programs: as a table in the terminal, Markdown, JSON and HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hwqa.evaluation.asking import Result
from hwqa.evaluation.comparison import Comparison, Difference
from hwqa.evaluation.journal import usage_json
from hwqa.evaluation.measures import MEASURES, Measure
from hwqa.evaluation.run import Run
from hwqa.evaluation.statistics import Estimate, estimate, percentile

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from hwqa.evaluation.judge import Judged

SHOWN_BY_CATEGORY = ("recall@5", "fact_coverage", "citation_precision", "citation_recall", "numeric_fidelity")
"""The measures that the terminal and Markdown tables give for each category; JSON and HTML give all."""
NAMED_CASES = 5
"""Cases that a table names before it only counts them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A measure over the cases that it applies to."""

    measure: Measure
    estimate: Estimate
    errors: int
    """How many of these cases raised and stand in the mean with the worst score."""

    def to_json(self) -> dict[str, Any]:
        """The summary as the JSON report has it."""
        return {
            "measure": self.measure.name,
            "better": self.measure.better,
            "n": self.estimate.n,
            "mean": self.estimate.mean,
            "low": self.estimate.low,
            "high": self.estimate.high,
            "errors": self.errors,
        }


def summarise(results: Sequence[Result]) -> list[Summary]:
    """Each measure that applies to any of the results, in the order of `MEASURES`."""
    summaries = []
    for measure in MEASURES:
        scored = [result for result in results if result.scores.get(measure.name) is not None]
        total = estimate([score for result in scored if (score := result.scores[measure.name]) is not None])
        if total is not None:
            summaries.append(Summary(measure, total, sum(bool(result.error) for result in scored)))
    return summaries


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a chat model read and wrote for the answers of a run."""

    answers: int
    """For which it was asked."""
    prompt: int
    completion: int
    estimated: int
    """Answers whose tokens were not counted by the model, at least in part."""

    def to_text(self) -> str:
        """A sentence on all and on an answer.

        >>> Tokens(2, 2400, 100, 1).to_text()
        'Tokens: 2,400 read and 100 written for 2 answers, 1200 and 50 for each; of 1 at four characters a token.'
        """
        each = f"{self.prompt / self.answers:.0f} and {self.completion / self.answers:.0f} for each"
        counted = f"; of {self.estimated} at four characters a token" if self.estimated else ""
        return (
            f"Tokens: {self.prompt:,} read and {self.completion:,} written for {self.answers} answers, {each}{counted}."
        )


@dataclass(frozen=True, slots=True)
class Report:
    """A run, and what it is compared with."""

    run: Run
    comparison: Comparison | None = None
    earlier: Run | None = None
    """The run that it is compared with, where its answers were kept."""
    judged: Judged | None = None
    """What a chat model said of the answers."""

    @property
    def summaries(self) -> list[Summary]:
        """Each measure over all cases."""
        return summarise(self.run.results)

    @property
    def categories(self) -> dict[str, list[Summary]]:
        """Each measure over the cases of each category, categories by name."""
        names = sorted({result.case.category for result in self.run.results})
        return {name: summarise([each for each in self.run.results if each.case.category == name]) for name in names}

    @property
    def sizes(self) -> Counter[str]:
        """Category → number of its cases."""
        return Counter(result.case.category for result in self.run.results)

    @property
    def latency_ms(self) -> dict[str, float | None]:
        """Median and 95th percentile of the time to answer, over the cases that did not raise."""
        taken = [result.latency_ms for result in self.run.results if result.latency_ms is not None]
        return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95)}

    @property
    def tokens(self) -> Tokens | None:
        """What the chat model read and wrote; None where none did."""
        used = [result.usage for result in self.run.results if result.usage is not None]
        if not used:
            return None
        return Tokens(
            len(used),
            sum(each.prompt_tokens for each in used),
            sum(each.completion_tokens for each in used),
            sum(each.estimated for each in used),
        )

    @property
    def removed_sentences(self) -> int:
        """How many sentences of all drafts the gate took out."""
        return sum(result.answer["removed_sentences"] for result in self.run.results if result.answer is not None)

    def to_json(self) -> dict[str, Any]:
        """The report for programs: means, intervals, cost, comparison, judgement, and each case's scores."""
        return {
            "settings": dict(self.run.settings),
            "started": self.run.started,
            "cases": len(self.run.results),
            "errors": self.run.errors,
            "latency_ms": self.latency_ms,
            "tokens": None if self.tokens is None else asdict(self.tokens),
            "removed_sentences": self.removed_sentences,
            "measures": [summary.to_json() for summary in self.summaries],
            "categories": {
                name: [summary.to_json() for summary in summaries] for name, summaries in self.categories.items()
            },
            "comparison": None if self.comparison is None else self.comparison.to_json(),
            "judged": None if self.judged is None else self.judged.to_json(),
            "results": [
                {
                    "id": result.case.id,
                    "category": result.case.category,
                    "scores": dict(result.scores),
                    "latency_ms": result.latency_ms,
                    "usage": usage_json(result.usage),
                    "error": result.error,
                }
                for result in self.run.results
            ],
        }

    def print(self, console: Console | None = None) -> None:
        """The tables stand on the console, stdout by default."""
        from rich.console import Console as Terminal  # noqa: PLC0415 - only this method draws

        console = console or Terminal()
        for title, header, rows in self._tables(brief=True):
            console.print(drawn(title, header, rows))
        if self.comparison is not None:
            console.print(self._flipped(self.comparison), highlight=False, markup=False)
        console.print(self._footer(), highlight=False, markup=False)
        if self.judged is not None:
            console.print(self.judged.to_text(), highlight=False, markup=False)

    def to_markdown(self) -> str:
        """The tables as Markdown, with what each measure means and the cases that raised."""
        parts = ["# Evaluation", self._footer()]
        parts += [f"## {title}\n\n{markdown_table(header, rows)}" for title, header, rows in self._tables(brief=False)]
        if self.judged is not None:
            parts.append(f"## Judged by a chat model\n\n{self.judged.to_text()}")
        meanings = "\n".join(
            f"- **{each.measure.title}** ({each.measure.better} is better): {each.measure.definition}."
            + (f" Reference: {each.measure.reference}." if each.measure.reference else "")
            for each in self.summaries
        )
        parts.append(f"## What the measures mean\n\n{meanings}")
        raised = [f"- `{result.case.id}`: {result.error}" for result in self.run.results if result.error]
        if raised:
            parts.append("## Cases that raised\n\n" + "\n".join(raised))
        return "\n\n".join(parts) + "\n"

    def to_html(self) -> str:
        """One page without outside requests: the tables, and each question with its answer, facts and sections."""
        from hwqa.evaluation.page import render  # noqa: PLC0415 - jinja2 is loaded for pages only

        return render(self)

    def _footer(self) -> str:
        settings = self.run.settings
        latency = ", ".join(f"{name} {value:.0f} ms" for name, value in self.latency_ms.items() if value is not None)
        reused = f" {self.run.reused} answers are those of an earlier run." if self.run.reused else ""
        errors = (
            f"{self.run.errors} raised and stand in the means with the worst score"
            if self.run.errors
            else "none raised"
        )
        return (
            f"{len(self.run.results)} cases, {errors}. Time to answer: {latency or 'not measured'}. {self._cost()}"
            f"Model: {settings['model']}. Corpus: {settings['corpus']} ({settings['corpus_sha256'][:12]}). "
            f"hwqa {settings['hwqa']}, {self.run.started}. Intervals: 95 %, bootstrap over cases.{reused}"
        )

    def _cost(self) -> str:
        removed = f"{self.removed_sentences} sentences were removed. " if self.removed_sentences else ""
        return f"{self.tokens.to_text()} {removed}" if self.tokens is not None else removed

    def _tables(self, *, brief: bool) -> list[tuple[str, list[str], list[list[str]]]]:
        """Title, header and rows of each table; brief ones, for the terminal, count cases and give means alone."""
        tables = [
            (
                "Measures",
                ["Measure", "n", "Mean", "95 % interval", "Better", "Raised"],
                [
                    [
                        each.measure.title,
                        str(each.estimate.n),
                        number(each.estimate.mean),
                        f"{number(each.estimate.low)} – {number(each.estimate.high)}",
                        each.measure.better,
                        str(each.errors),
                    ]
                    for each in self.summaries
                ],
            )
        ]
        measures = [measure for measure in MEASURES if measure.name in SHOWN_BY_CATEGORY]
        rows = []
        for name, summaries in self.categories.items():
            known = {summary.measure.name: summary.estimate for summary in summaries}
            cells = [_cell(known.get(measure.name), not brief) for measure in measures]
            rows.append([name, str(self.sizes[name]), *cells])
        tables.append(("By category", ["Category", "Cases", *(measure.title for measure in measures)], rows))
        if self.comparison is not None:
            shown = [each for each in self.comparison.differences if each.moved or not brief]
            tables.append(
                (
                    f"Against the run of {self.comparison.baseline['started']}, paired by case",
                    ["Measure", "n", "Change", "95 % interval", "Verdict", "Better", "Worse"],
                    [_compared(each, brief) for each in shown],
                )
            )
        return tables

    def _flipped(self, comparison: Comparison) -> str:
        """Which cases became better or worse in any measure; of the measures not shown, that none did."""
        said = []
        for word, listed in (("Better", "improved"), ("Worse", "worsened")):
            names = dict.fromkeys(name for each in comparison.differences for name in getattr(each, listed))
            if names:
                said.append(f"{word} in some measure: {_named(list(names))}.")
        still = sum(not each.moved for each in comparison.differences)
        return "\n".join([*said, f"In {still} measures no case differs." if still else ""]).strip()


def number(value: float, *, sign: bool = False) -> str:
    """A score or difference with three decimals."""
    return f"{value:+.3f}" if sign else f"{value:.3f}"


def _cell(found: Estimate | None, with_interval: bool) -> str:
    if found is None:
        return "–"
    return number(found.mean) + (f" [{number(found.low)}, {number(found.high)}]" if with_interval else "")


def _compared(difference: Difference, brief: bool) -> list[str]:
    change = difference.change
    return [
        difference.measure.title,
        str(change.n),
        number(change.mean, sign=True),
        f"{number(change.low, sign=True)} – {number(change.high, sign=True)}",
        difference.verdict,
        str(len(difference.improved)) if brief else _named(difference.improved),
        str(len(difference.worsened)) if brief else _named(difference.worsened),
    ]


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED_CASES} more" if len(ids) > NAMED_CASES else ""
    return ", ".join(ids[:NAMED_CASES]) + more if ids else "–"


def drawn(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The table for a terminal; its second and third columns are set to the right."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - as in `Report.print`
    from rich.table import Table as Drawn  # noqa: PLC0415 - likewise
    from rich.text import Text  # noqa: PLC0415 - likewise

    table = Drawn(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for position, name in enumerate(header):
        table.add_column(
            name, justify="right" if position in (1, 2) else "left", overflow="fold", no_wrap=position == 0
        )
    for row in rows:
        # ids and intervals may hold brackets, which markup would swallow
        table.add_row(*map(Text, row))
    return table


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The table in Markdown; bars in cells are escaped."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"

    return "\n".join([line(header), "|" + "---|" * len(header), *map(line, rows)])
