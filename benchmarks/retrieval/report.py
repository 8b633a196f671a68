"""Scores as tables, for the terminal and for a Markdown page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.retrieval.corpora import Corpus, Question
from benchmarks.retrieval.measures import BUDGET, DEPTHS, RULES
from benchmarks.retrieval.systems import PEERS, SYSTEMS
from rich.table import Table

from hwqa.evaluation.statistics import Estimate, estimate

MEASURES = tuple(
    f"{rule} {measure}"
    for rule in RULES
    for measure in (
        *(f"recall@{k}" for k in DEPTHS),
        "mrr",
        "ndcg@10",
        f"recall@{BUDGET} characters",
        f"U@{BUDGET} characters",
    )
)
COMPARED = tuple(
    f"{rule} {measure}"
    for rule in RULES
    for measure in ("recall@5", "mrr", f"recall@{BUDGET} characters", f"U@{BUDGET} characters")
)
COST = "characters@5"

Scores = Sequence[Mapping[str, float]]
"""The measures of each answerable question, in one order for all systems."""
Mark = Literal["", "best", "better", "worse"]


@dataclass(frozen=True, slots=True)
class Result:
    """All systems on the same questions."""

    name: str
    questions: Sequence[Question]
    """The answerable ones, in the order of the scores."""
    systems: Mapping[str, Scores]

    def mean(self, system: str, measure: str) -> Estimate:
        """Mean of the measure over the questions, with its interval."""
        return _estimate(each[measure] for each in self.systems[system])

    def difference(self, system: str, other: str, measure: str) -> Estimate:
        """Mean of the paired differences, system minus other, with its interval."""
        pairs = zip(self.systems[system], self.systems[other], strict=True)
        return _estimate(one[measure] - two[measure] for one, two in pairs)

    def best(self, names: Sequence[str], measure: str) -> str:
        """The one of the systems with the highest mean."""
        return max(names, key=lambda name: self.mean(name, measure).mean)


def pool(name: str, results: Sequence[Result]) -> Result:
    """The questions of several results as one."""
    systems = {system: [each for result in results for each in result.systems[system]] for system in results[0].systems}
    return Result(name, [question for result in results for question in result.questions], systems)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table before it is drawn; the first `words` columns hold words, the others figures."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[tuple[str, Mark]]]
    words: int = 1

    def to_rich(self) -> Table:
        """For the terminal."""
        styles = {"": "", "best": "bold", "better": "green", "worse": "red"}
        table = Table(title=self.title)
        for number, name in enumerate(self.header):
            table.add_column(name, justify="left" if number < self.words else "right")
        for row in self.rows:
            table.add_row(*(f"[{styles[mark]}]{text}[/]" if mark else text for text, mark in row))
        return table

    def to_markdown(self) -> str:
        """For a page: the highest of a row, and differences whose interval excludes zero, are bold."""
        rules = ["---"] * self.words + ["---:"] * (len(self.header) - self.words)
        cells = [[f"**{text}**" if mark else text for text, mark in row] for row in self.rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in [self.header, rules, *cells])


def score_grid(result: Result) -> Grid:
    """A row for each measure, a column for each system, in per cent with 95 % intervals."""
    rows = []
    for measure in MEASURES:
        means = [result.mean(name, measure) for name in result.systems]
        highest = max(mean.mean for mean in means)
        rows.append([(measure, ""), *((_share(mean), "best" if mean.mean == highest else "") for mean in means)])
    rows.append([(COST, ""), *((f"{result.mean(name, COST).mean:,.0f}", "") for name in result.systems)])
    title = f"{result.name}: {len(result.questions)} answerable questions"
    return Grid(title, ["measure", *result.systems], rows)


def difference_grid(result: Result, system: str, others: Sequence[str]) -> Grid:
    """A row for each measure: the system minus each other, and minus the best of the peers, in points."""
    peers = [name for name in others if name in PEERS]
    rows = []
    for measure in COMPARED:
        cells = {name: _points(result.difference(system, name, measure)) for name in others}
        row = [(measure, ""), *cells.values()]
        if peers:
            best = result.best(peers, measure)
            row.append((f"{cells[best][0]} ({best})", cells[best][1]))
        rows.append(row)
    title = f"{result.name}: {system} minus the others, points with 95 % interval"
    return Grid(title, ["measure", *others, *(["best peer"] if peers else [])], rows)


def summary_grid(results: Sequence[Result], system: str, peers: Sequence[str]) -> Grid:
    """A row for each corpus and measure: the system, the best peer and their difference."""
    rows = []
    for result in results:
        for measure in COMPARED:
            best = result.best(peers, measure)
            own, other = (f"{100 * result.mean(name, measure).mean:.1f}" for name in (system, best))
            rows.append(
                [
                    (result.name, ""),
                    (measure, ""),
                    (best, ""),
                    (own, ""),
                    (other, ""),
                    _points(result.difference(system, best, measure)),
                ]
            )
    header = ["corpus", "measure", "best peer", system, "its score", "difference in points"]
    return Grid(f"{system} and the best peer", header, rows, words=3)


def kinds_grid(result: Result, measure: str) -> Grid:
    """A row for each kind of question: the mean of the measure."""
    rows = []
    for kind in dict.fromkeys(question.kind for question in result.questions):
        places = [place for place, question in enumerate(result.questions) if question.kind == kind]
        means = [sum(scores[place][measure] for place in places) / len(places) for scores in result.systems.values()]
        highest = max(means)
        rows.append(
            [
                (kind, ""),
                (str(len(places)), ""),
                *((f"{100 * mean:.1f}", "best" if mean == highest else "") for mean in means),
            ]
        )
    return Grid(f"{result.name}: {measure} by kind of question", ["kind", "n", *result.systems], rows)


def corpora_grid(corpora: Sequence[Corpus]) -> Grid:
    """A row for each corpus: where it comes from, its size and its questions."""
    rows = []
    for corpus in corpora:
        documents, questions = corpus.documents(), corpus.questions()
        answerable = sum(bool(question.needs) for question in questions)
        figures = (len(documents), sum(map(len, documents.values())), answerable)
        rows.append(
            [
                (text, "")
                for text in (
                    corpus.name,
                    corpus.origin,
                    corpus.licence,
                    corpus.role,
                    *(f"{figure:,}" for figure in figures),
                )
            ]
        )
    header = ["corpus", "from", "licence", "role", "documents", "characters", "answerable questions"]
    return Grid("corpora", header, rows, words=4)


BEGIN = "<!-- begin: written by `python -m benchmarks.retrieval --write`; what stands outside of this part is kept -->"
END = "<!-- end -->"
PAGE = """hwqa and its peers search the same documents for the same questions, all with the same embedding model
(all-MiniLM-L6-v2). How to repeat it: [benchmarks/retrieval](../../benchmarks/retrieval/README.md).

## What is compared

{systems}

hwqa was tuned on the corpora marked tune. XQuAD was looked at when the kind of fusion was chosen, the means of
own-holdout while variants were compared; for retrieval, prometheus and redis were measured after the weights stood.

{corpora}

## How it is measured

A question names items of evidence, each as one or several runs of lines any of which suffices. Two rules say when an
item is found in the first k results:

- **evidence**, the strict one: the first k results together show every character of the lines, white space aside.
- **section**, the lenient one: one of the first k results shows something of the innermost section that holds them.

The evidence of the project's own golden sets (own, own-holdout) is whole sections with all that stands under them, of
which an answer needs a line or two: there the section rule says more. In xquad an article is one section: there only
the evidence rule tells, and of its rows the U-measure: whoever returns whole articles has every paragraph at the rank
of its article.

recall@k is the share of a question's items that are found; mrr is one divided by the rank at which the first is;
ndcg@10 discounts each item by the logarithm of its rank. Whoever returns longer texts finds more, so
*recall@{budget} characters* takes results in order only until they have shown so many characters, and *{cost}*
says how long the first five are together. *U@{budget} characters* is the U-measure: an item gains what is left of a
reader's patience, so many characters, when its result has been read to the end: nobody wins by putting a whole
document into one result, as rank and recall let them. All but the last are means over the questions in per cent, with
95 % bootstrap intervals in brackets. Differences are paired, question by question; those whose interval excludes
zero are bold.

## hwqa and the best peer

The best peer is chosen for each row with hindsight. For own and own-holdout, the rows of the evidence rule tell who
returns whole sections, as txtai and LlamaIndex's Markdown parser do, rather than who finds the answer (see above).

{summary}
"""


def insert(page: str, tables: str, begin: str = BEGIN) -> str:
    """The page with the tables in place of those it had; what stands before and behind them is kept."""
    before, _, rest = (page or f"# Retrieval, side by side\n\n{begin}\n{END}\n").partition(begin)
    _, _, behind = rest.partition(END)
    return f"{before}{begin}\n\n{tables}\n{END}{behind}"


def written(results: Sequence[Result], corpora: Sequence[Corpus], system: str, peers: Sequence[str]) -> str:
    """The whole report as Markdown."""
    parts = [
        PAGE.format(
            systems="\n".join(f"- **{name}**: {SYSTEMS[name].what}" for name in (system, *peers)),
            corpora=corpora_grid(corpora).to_markdown(),
            budget=BUDGET,
            cost=COST,
            summary=summary_grid(results, system, peers).to_markdown(),
        )
    ]
    for result in results:
        parts.append(f"## {result.name}: {len(result.questions)} questions\n\n{score_grid(result).to_markdown()}\n")
        parts.append(f"hwqa minus peer, in points:\n\n{difference_grid(result, system, peers).to_markdown()}\n")
        if len({question.kind for question in result.questions}) > 1:
            parts += [
                f"{rule} recall@5 by kind of question:\n\n{kinds_grid(result, f'{rule} recall@5').to_markdown()}\n"
                for rule in RULES
            ]
    return "\n".join(parts)


def _estimate(values: Iterable[float]) -> Estimate:
    found = estimate(list(values))
    if found is None:
        raise SystemExit("none of the questions is answerable")
    return found


def _share(mean: Estimate) -> str:
    return f"{100 * mean.mean:.1f} [{100 * mean.low:.0f}, {100 * mean.high:.0f}]"


def _points(change: Estimate) -> tuple[str, Mark]:
    text = f"{100 * change.mean:+.1f} [{100 * change.low:+.1f}, {100 * change.high:+.1f}]"
    return text, "better" if change.low > 0 else "worse" if change.high < 0 else ""
