"""Ten ways to break the pipeline, each of which the gate has to notice.

    python -m tests.evaluation.mutations                           # writes docs/benchmarks/mutations.md
    python -m tests.evaluation.mutations --sample "drop BM25"      # one of them on the questions of the tests

Each is planted into an assistant over the project's own corpus; golden questions are asked as ever, and the run is
compared with that of the assistant as it is.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from tests.chat_server import ChatServer, Messages, cite_first_line

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.coverage import Coverage
from hwqa.evaluation import Case, Comparison, Condition, Report, Run, compare_runs, evaluate, failures, load_cases
from hwqa.evaluation.asking import Asker
from hwqa.evidence import cite
from hwqa.grounding import Checked
from hwqa.schema import Answer, Chunk, Citation, Evidence, Fact, Message, Passage
from hwqa.search import WEIGHTS
from hwqa.writing import Writer

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "mutations.md"
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.yaml"))
ROWS_LEFT = 3
"""Rows of each table that are left where tables are cut."""
ASKED = {
    "lookup": 12,
    "dense-sparse": 8,
    "comparison": 6,
    "follow-up": 12,
    "not-in-docs": 10,
    "conflict": 5,
    "software": 6,
    "paraphrase": 6,
}
"""How many questions of each category the tests ask."""

Planted = Callable[[Assistant], contextlib.AbstractContextManager[Asker]]


@dataclass(frozen=True)
class Mutation:
    """A defect and how it gets into an assistant."""

    name: str
    planted: Planted
    model: bool = False
    """Whether a chat model that invents figures writes the drafts, with the gate and without."""


class Index:
    """An index that gives some of its answers wrongly."""

    def __init__(self, real: Any, **wrong: Callable[..., Any]) -> None:
        self._real = real
        self._wrong = wrong

    def __getattr__(self, name: str) -> Any:
        return self._wrong.get(name) or getattr(self._real, name)


def over(assistant: Assistant, **wrong: Callable[..., Any]) -> Assistant:
    """The assistant over an index that answers these wrongly."""
    index: Any = Index(assistant.index, **wrong)
    return Assistant(index, assistant._embedder, assistant.settings)


@contextlib.contextmanager
def drop_bm25(assistant: Assistant) -> Iterator[Asker]:
    yield over(assistant, lexical=lambda query, limit: [])


@contextlib.contextmanager
def shift_lines(assistant: Assistant) -> Iterator[Asker]:
    def shifted(item: Evidence, number: int) -> Citation:
        made = cite(item, number)
        return replace(made, lines=(made.lines[0] + 1, made.lines[1] + 1))

    with mock.patch("hwqa.writing.cite", shifted):
        yield assistant


@contextlib.contextmanager
def swap_products(assistant: Assistant) -> Iterator[Asker]:
    """The two products of which most golden questions name a figure take each other's."""
    asked = Counter(product for case in load_cases(GOLDEN) for product in assistant.reader.read(case.question).products)
    (one, _), (other, _) = asked.most_common(2)
    swapped = {one: other, other: one}

    def facts(*, products: Sequence[str] = (), attributes: Sequence[str] = ()) -> list[Fact]:
        wanted = [swapped.get(product, product) for product in products]
        found = assistant.index.facts(products=wanted, attributes=attributes)
        return [replace(fact, product=swapped.get(fact.product, fact.product)) for fact in found]

    yield over(assistant, facts=facts)


def judged(answerable: bool) -> Planted:
    """Every question is held to be answerable, or none."""

    @contextlib.contextmanager
    def planted(assistant: Assistant) -> Iterator[Asker]:
        with mock.patch("hwqa.assistant.cover", lambda *_: Coverage(answerable, float(answerable))):
            yield assistant

    return planted


@dataclass
class Forgetful:
    """Asks an assistant without the conversation."""

    assistant: Assistant

    @property
    def corpus(self) -> Path:
        return self.assistant.corpus

    @property
    def model_name(self) -> str:
        return self.assistant.model_name

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        return self.assistant.ask(question)

    def search(self, question: str, limit: int = 8, history: Sequence[Message] = ()) -> list[Passage]:
        return self.assistant.search(question, limit)


@contextlib.contextmanager
def ignore_history(assistant: Assistant) -> Iterator[Asker]:
    yield Forgetful(assistant)


@contextlib.contextmanager
def dense_for_sparse(assistant: Assistant) -> Iterator[Asker]:
    swapped = {"dense": "sparse", "sparse": "dense"}

    def facts(*, products: Sequence[str] = (), attributes: Sequence[str] = ()) -> list[Fact]:
        found = assistant.index.facts(products=products, attributes=attributes)
        return [replace(fact, basis=swapped.get(fact.basis.casefold(), fact.basis)) for fact in found]

    yield over(assistant, facts=facts)


@contextlib.contextmanager
def truncate_tables(assistant: Assistant) -> Iterator[Asker]:
    rows: dict[tuple[str, tuple[str, ...]], set[int]] = defaultdict(set)
    for fact in assistant.index.facts():
        if fact.quote.lstrip().startswith("|"):
            rows[fact.path, fact.heading_path].add(fact.lines[0])
    lost = {(path, line) for (path, _), lines in rows.items() for line in sorted(lines)[ROWS_LEFT:]}

    def left(chunk: Chunk) -> Chunk:
        first = chunk.lines[0] - (chunk.context.count("\n") + 1 if chunk.context else 0)
        lines = chunk.text.split("\n")
        # blank lines in their place: the others stay where they are
        return replace(
            chunk,
            text="\n".join("" if (chunk.path, first + place) in lost else line for place, line in enumerate(lines)),
        )

    def facts(*, products: Sequence[str] = (), attributes: Sequence[str] = ()) -> list[Fact]:
        found = assistant.index.facts(products=products, attributes=attributes)
        return [fact for fact in found if (fact.path, fact.lines[0]) not in lost]

    def scored(name: str) -> Callable[..., list[tuple[Chunk, float]]]:
        return lambda *given: [(left(chunk), score) for chunk, score in getattr(assistant.index, name)(*given)]

    def plain(name: str) -> Callable[..., list[Chunk]]:
        return lambda *given: [left(chunk) for chunk in getattr(assistant.index, name)(*given)]

    found = {name: scored(name) for name in ("dense", "lexical")}
    listed = {name: plain(name) for name in ("chunks", "section", "under", "holding")}
    yield over(assistant, facts=facts, **found, **listed)


class FirstSource(Writer):
    """Cites the first source whatever a sentence rests on."""

    def _number(self, item: Evidence) -> int:
        return 1 if self.citations else super()._number(item)


@contextlib.contextmanager
def cite_first(assistant: Assistant) -> Iterator[Asker]:
    with mock.patch("hwqa.assistant.Writer", FirstSource):
        yield assistant


class Open:
    """Lets everything through."""

    def __init__(self, evidence: Sequence[Evidence], **_: object) -> None:
        self._draft = ""

    def feed(self, delta: str) -> list[Checked]:
        self._draft += delta
        return []

    def close(self) -> list[Checked]:
        return [Checked(self._draft, kept=True)]


@contextlib.contextmanager
def drop_gate(assistant: Assistant) -> Iterator[Asker]:
    with mock.patch("hwqa.assistant.Gate", Open):
        yield assistant


MUTATIONS = (
    Mutation("drop BM25", drop_bm25),
    Mutation("shift lines by one", shift_lines),
    Mutation("swap two products' figures", swap_products),
    Mutation("always abstain", judged(answerable=False)),
    Mutation("never abstain", judged(answerable=True)),
    Mutation("ignore history", ignore_history),
    Mutation("dense taken for sparse", dense_for_sparse),
    Mutation("truncate tables", truncate_tables),
    Mutation("cite the first source always", cite_first),
    Mutation("drop the gate", drop_gate, model=True),
)


def inventing(messages: Messages) -> str:
    """A model that repeats the first line of its evidence with another number in every place."""
    return re.sub(r"\d+(?=[^\]\d]|$)", lambda number: str(int(number[0]) * 3 + 1), cite_first_line(messages))


@dataclass(frozen=True)
class Outcome:
    """What the gate said of a mutation."""

    mutation: Mutation
    comparison: Comparison
    failed: tuple[str, ...]
    """Names of the measures for which the gate went red; empty when the mutation went unnoticed."""

    @property
    def clearest(self) -> str:
        """The failed measure whose interval is farthest from zero, with its change."""
        worse = [each for each in self.comparison.differences if each.verdict == "worse"]
        if not worse:
            return "–"
        found = max(worse, key=lambda each: min(abs(each.change.low), abs(each.change.high)))
        change = found.change
        return f"{found.measure.name} {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"


class Trial:
    """Holds mutations against the assistant as it is."""

    def __init__(self, assistant: Assistant, cases: Sequence[Case], *, of_model: int = 1) -> None:
        """Ask these cases; where a chat model writes, only each `of_model`-th, for its drafts take longer."""
        self._assistant = assistant
        self._cases = {False: list(cases), True: list(cases)[::of_model]}
        self._whole: dict[bool, Run] = {}

    def outcome(self, mutation: Mutation) -> Outcome:
        """What the gate says of the mutation."""
        with self._written(mutation) as assistant:
            if mutation.model not in self._whole:
                self._whole[mutation.model] = evaluate(assistant, self._cases[mutation.model])
            with mutation.planted(assistant) as broken:
                run = evaluate(broken, self._cases[mutation.model])
        comparison = compare_runs(run, self._whole[mutation.model])
        red = failures([Condition.parse("any")], Report(run, comparison))
        return Outcome(mutation, comparison, tuple(said.split(" ")[0] for said in red))

    @contextlib.contextmanager
    def _written(self, mutation: Mutation) -> Iterator[Assistant]:
        if not mutation.model:
            yield self._assistant
            return
        with ChatServer(inventing) as server:
            # an answer that is kept would be given to the broken assistant, too
            model = {"model": "openai:test", "base_url": server.base_url, "answer_cache": False}
            yield self._assistant.varied(model, WEIGHTS)


def sample(cases: Sequence[Case], asked: Mapping[str, int] = ASKED) -> list[Case]:
    """So many cases of each category, the first ones."""
    taken: Counter[str] = Counter()
    chosen = []
    for case in cases:
        if taken[case.category] < asked.get(case.category, 0):
            taken[case.category] += 1
            chosen.append(case)
    return chosen


def page(outcomes: Sequence[Outcome], cases: int) -> str:
    """The page with the table."""
    rows = [
        f"| {each.mutation.name} | {'red' if each.failed else 'GREEN'} | {len(each.failed)} | {each.clearest} | "
        f"{', '.join(each.failed)} |"
        for each in outcomes
    ]
    return "\n".join(
        [
            "# Planted defects",
            "",
            "Does the gate see when the pipeline breaks? Each defect was planted into the assistant, which then",
            f"answered {cases} golden questions without a chat model; the gate (`--fail-on any`) compared the run with",
            "that of the assistant as it is. Where the gate of answers was dropped, a model that alters the figures of",
            "its evidence wrote the drafts in both runs. The test suite asks fewer questions",
            "(`tests/evaluation/test_mutations.py`).",
            "",
            "Written by `python -m tests.evaluation.mutations`.",
            "",
            "| Defect | Gate | Measures | Clearest change, 95 % interval | All measures that became worse |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """The page holds what the gate says of each mutation over all golden questions but those held out."""
    assistant = Assistant.open(
        ROOT / "corpus", ROOT / "index", model="none", settings=Settings.load(answer_cache=False)
    )
    cases = load_cases(GOLDEN)
    if "--sample" in sys.argv:
        cases = sample(cases)
    named = [argument for argument in sys.argv[1:] if argument != "--sample"]
    trial = Trial(assistant, cases)
    outcomes = []
    for mutation in [each for each in MUTATIONS if not named or each.name in named]:
        outcomes.append(trial.outcome(mutation))
        sys.stderr.write(f"{mutation.name}: {', '.join(outcomes[-1].failed) or 'unnoticed'}; {outcomes[-1].clearest}\n")
    if len(sys.argv) == 1:
        PAGE.write_text(page(outcomes, len(cases)), encoding="utf-8")


if __name__ == "__main__":
    main()
