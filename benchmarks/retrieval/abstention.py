"""Whether hwqa knows what its documents do not hold: the calibration of `hwqa.coverage`, and what it is worth.

python -m benchmarks.retrieval.abstention           # fit on the corpora for tuning; print weights, curves and areas
python -m benchmarks.retrieval.abstention --write   # the curves into docs/benchmarks/abstention.md

The curve: for each bar, the share of unanswerable questions that are declined against the share of answerable ones
that are refused. Its area is that of the receiver operating characteristic. Cross-validated means: weights fitted on
the other corpora.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from benchmarks.retrieval.corpora import ROOT, Corpus, load_corpora
from benchmarks.retrieval.systems.ours import open_assistant
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize

from hwqa import coverage
from hwqa.coverage import Signals, signals
from hwqa.evaluation import load_cases
from hwqa.schema import Message

PAGE = ROOT / "docs" / "benchmarks" / "abstention.md"
REFUSED = (0.01, 0.02, 0.03, 0.05, 0.10, 0.20)
"""Shares of answerable questions refused, at which the curve is read."""
_PENALTY = 0.01
"""Of the squared weights, per unit of spread of each signal."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a corpus, as the chain sees it."""

    text: str
    answerable: bool
    decided: bool | None
    """What the rules say that come before the regression: stated facts, unknown names."""
    signals: Signals


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of the signals and the bias."""

    weights: NDArray[np.float64]
    bias: float

    def logit(self, questions: Sequence[Question]) -> NDArray[np.float64]:
        """Logarithmic odds of being answerable; of decided questions far off."""
        values = matrix(questions) @ self.weights + self.bias
        for row, question in enumerate(questions):
            if question.decided is not None:
                values[row] = 99.0 if question.decided else -99.0
        return values


def main() -> None:
    """Fit, and print or write what comes out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    corpora = load_corpora()
    asked = {name: questions_of(corpus) for name, corpus in corpora.items()}
    asked = {name: found for name, found in asked.items() if any(not question.answerable for question in found)}
    tuned = [name for name in asked if corpora[name].role == "tune"]
    fitted = fit([asked[name] for name in tuned])
    console = Console(width=160)
    names = [field.name for field in fields(Signals)]
    console.print(
        "fitted:", ", ".join(f"{name}={value:.2f}" for name, value in zip(names, fitted.weights, strict=True))
    )
    console.print(f"bias: {fitted.bias:.2f}")
    present = Fit(np.array(astuple(coverage.WEIGHTS)), coverage.BIAS)
    lines = []
    for title, table in (
        ("Weights as they stand in hwqa", curve(asked, dict.fromkeys(asked, present))),
        ("Cross-validated", curve(asked, {name: fit([asked[o] for o in tuned if o != name]) for name in asked})),
    ):
        console.print(shown(title, table))
        lines += [f"## {title}", "", *markdown(table), ""]
    console.print(shown("At the bar", at_bar(asked, present)))
    lines += [f"## At the bar of {coverage.BAR}", "", *markdown(at_bar(asked, present)), ""]
    if arguments.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text("\n".join(["# Knowing when it is not there", "", *INTRODUCTION, "", *lines]), "utf-8")


INTRODUCTION = (
    "Each row is a set of questions, some of which its documents cannot answer (most of them near misses: a known",
    "product with an attribute that is not given, an option that does not exist). The columns read the curve: of the",
    "unanswerable questions the share that is declined, when so much of the answerable ones is refused. Area: of the",
    "receiver operating characteristic; 0.5 is chance. Written by `python -m benchmarks.retrieval.abstention --write`.",
)


def questions_of(corpus: Corpus) -> list[Question]:
    """The questions of a corpus with what the chain knows of each."""
    assistant = open_assistant(corpus.folder)
    found = []
    for text, answerable in texts_of(corpus, assistant.reader.stand_alone):
        seen = assistant._find(text)
        decided = None
        if seen.retrieved.stated and not seen.coverage.unknown:
            decided = True
        elif seen.coverage.unknown and not seen.query.products:
            decided = False
        found.append(
            Question(text, answerable, decided, signals(seen.retrieved, seen.passages, assistant.reader.vocabulary))
        )
    return found


def texts_of(corpus: Corpus, stand_alone: Callable[[str, Sequence[Message]], str]) -> Iterator[tuple[str, bool]]:
    """Each question, able to stand alone, and whether the documents answer it."""
    if "golden" not in corpus.source:
        yield from ((question.text, bool(question.needs)) for question in corpus.questions())
        return
    folder = ROOT / corpus.source["golden"]
    leave_out = corpus.source.get("golden_leave_out")
    files = sorted(file for file in folder.rglob("*.yaml") if leave_out not in file.relative_to(folder).parts)
    for case in load_cases(files):
        yield stand_alone(case.question, case.history), case.answerable


def matrix(questions: Sequence[Question]) -> NDArray[np.float64]:
    """One row of signals per question."""
    return np.array([astuple(question.signals) for question in questions], np.float64)


def fit(sets: Sequence[Sequence[Question]]) -> Fit:
    """Logistic regression on what no rule decides; every set, and both classes in it, count alike."""
    open_sets = [[question for question in each if question.decided is None] for each in sets]
    data = [(matrix(each), np.array([question.answerable for question in each], np.float64)) for each in open_sets]
    every = np.concatenate([rows for rows, _ in data])
    middle, spread = every.mean(0), every.std(0) + 1e-9

    def loss(parameters: NDArray[np.float64]) -> float:
        weights, total = parameters[:-1], 0.0
        for rows, answers in data:
            logit = (rows - middle) / spread @ weights + parameters[-1]
            share = np.where(answers == 1, 0.5 / answers.sum(), 0.5 / (1 - answers).sum())
            total += float((share * np.logaddexp(0, np.where(answers == 1, -logit, logit))).sum())
        return total / len(data) + _PENALTY * float(weights @ weights)

    found = minimize(loss, np.zeros(every.shape[1] + 1)).x
    weights = found[:-1] / spread
    return Fit(weights, float(found[-1] - weights @ middle))


Rows = list[tuple[str, ...]]


def curve(asked: Mapping[str, Sequence[Question]], fits: Mapping[str, Fit]) -> Rows:
    """Per set: size, area, and the share declined of the unanswerable at each share refused of the answerable."""
    rows: Rows = [("questions", "answerable", "not", "area", *(f"declined at {share:.0%}" for share in REFUSED))]
    for name, questions in asked.items():
        values = fits[name].logit(questions)
        answers = np.array([question.answerable for question in questions])
        yes, no = np.sort(values[answers]), values[~answers]
        area = np.mean([(value > no).mean() + (value == no).mean() / 2 for value in yes])
        cells = [f"{(no < yes[int(share * len(yes))]).mean():.0%}" for share in REFUSED]
        rows.append((name, str(len(yes)), str(len(no)), f"{area:.3f}", *cells))
    return rows


def at_bar(asked: Mapping[str, Sequence[Question]], present: Fit) -> Rows:
    """Per set, what hwqa does today."""
    rows: Rows = [("questions", "unanswerable declined", "answerable refused")]
    bar = float(np.log(coverage.BAR / (1 - coverage.BAR)))
    for name, questions in asked.items():
        answers = np.array([question.answerable for question in questions])
        declined = present.logit(questions) < bar
        rows.append((name, f"{declined[~answers].mean():.1%}", f"{declined[answers].mean():.1%}"))
    return rows


def shown(title: str, rows: Rows) -> Table:
    """The rows for the terminal."""
    table = Table(*rows[0], title=title)
    for row in rows[1:]:
        table.add_row(*row)
    return table


def markdown(rows: Rows) -> list[str]:
    """The rows as lines of a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|---" + "|---:" * (len(rows[0]) - 1) + "|", *lines[1:]]


if __name__ == "__main__":
    main()
