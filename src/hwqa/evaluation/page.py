"""A report as one HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from hwqa.evaluation.asking import Result
from hwqa.evaluation.charts import calibration, calibration_error, histogram
from hwqa.evaluation.claims import claims
from hwqa.evaluation.fact_measures import asserts, gives
from hwqa.evaluation.judge import CRITERIA
from hwqa.evaluation.measures import MEASURES, Measure
from hwqa.evaluation.ranking_measures import hits
from hwqa.schema import TRAIL_SEPARATOR
from hwqa.units import Quantity, find_quantities, same

if TYPE_CHECKING:
    from hwqa.evaluation.report import Report

_BY_CATEGORY = (
    "recall@5",
    "mrr",
    "fact_coverage",
    "wrong_facts",
    "sizing_error",
    "citation_precision",
    "citation_recall",
    "numeric_fidelity",
    "abstention_recall",
    "refused_answerable",
)
"""The measures that the table of categories has; a list below it has all."""
_MARK = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Question:
    """A case as the page shows it."""

    result: Result
    earlier: Result | None
    """What the baseline had for it."""
    labels: tuple[str, ...]
    """What a reader may filter by: `raised`, `facts missing`, `wrong facts`, `unsupported`, `refused`, `not declined`,
    `worse`, `better`; `fine` where nothing is amiss."""
    changes: tuple[tuple[Measure, float, float], ...]
    """Each measure that differs from the baseline, its score then and now."""

    @property
    def answer(self) -> Markup:
        """The answer as HTML; its marks are buttons that show their citation."""
        return _html(self.result.answer)

    @property
    def before(self) -> Markup:
        """The baseline's answer, likewise."""
        return _html(None if self.earlier is None else self.earlier.answer)

    @property
    def hit(self) -> list[bool]:
        """Of each retrieved section, whether it is one of the expected sources."""
        sources = [source for item in self.result.case.sources for source in item]
        return [
            any(hits(each["path"], each["heading_path"], source) for source in sources)
            for each in self.result.retrieved
        ]

    @property
    def quotes(self) -> list[tuple[Mapping[str, Any], Markup]]:
        """Each citation and its quote, in which the figures that the answer took from it are marked."""
        answer = self.result.answer
        if answer is None:
            return []
        made = claims(answer["answer"], self.result.case.question)
        taken = {
            citation["number"]: [each for claim in made if citation["number"] in claim.marks for each in claim.figures]
            for citation in answer["citations"]
        }
        return [(each, _marked(each["quote"], taken[each["number"]])) for each in answer["citations"]]


def render(report: Report) -> str:
    """The page: everything that it shows is in it, and every text of documents, models and questions is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("hwqa.evaluation").joinpath("page.html.jinja").read_text(encoding="utf-8"))
    found = list(questions(report))
    bins = calibration(report.run.results)
    return template.render(
        report=report,
        measures=MEASURES,
        by_category=_BY_CATEGORY,
        by_name=lambda summaries: {each.measure.name: each for each in summaries},
        criteria=CRITERIA,
        separator=TRAIL_SEPARATOR,
        gives=gives,
        asserts=asserts,
        questions=found,
        labels=sorted({label for question in found for label in question.labels}),
        calibration=bins,
        calibration_error=calibration_error(bins),
        latency=histogram([each.latency_ms for each in report.run.results if each.latency_ms is not None]),
    )


def questions(report: Report) -> Iterator[Question]:
    """Each case of the run beside what the baseline had for it."""
    before = {} if report.earlier is None else {result.case.id: result for result in report.earlier.results}
    differences = () if report.comparison is None else report.comparison.differences
    improved = {name for each in differences for name in each.improved}
    worsened = {name for each in differences for name in each.worsened}
    for result in report.run.results:
        name = result.case.id
        labels = [*_labels(result), *(["worse"] if name in worsened else []), *(["better"] if name in improved else [])]
        earlier = before.get(name)
        changes = []
        for measure in MEASURES:
            now = result.scores.get(measure.name)
            then = None if earlier is None else earlier.scores.get(measure.name)
            if now is not None and then is not None and now != then:
                changes.append((measure, then, now))
        yield Question(result, earlier, tuple(labels or ["fine"]), tuple(changes))


def _labels(result: Result) -> list[str]:
    scores = result.scores

    def below(name: str) -> bool:
        value = scores.get(name)
        return value is not None and value < 1

    found = {
        "raised": bool(result.error),
        "facts missing": below("fact_coverage"),
        "wrong facts": bool(scores.get("wrong_facts")),
        "unsupported": any(map(below, ("citation_recall", "citation_precision", "numeric_fidelity", "basis_fidelity"))),
        "quote not verbatim": below("quotes_verbatim"),
        "refused": bool(scores.get("refused_answerable")),
        "not declined": below("abstention_recall"),
        "source not found": below("recall@5"),
    }
    return [name for name, holds in found.items() if holds]


@cache
def _markdown() -> MarkdownIt:
    # no HTML, links or pictures of the answer's own: the page asks nothing of the network
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser.disable(["link", "image", "autolink", "html_inline", "html_block", "reference", "entity"])


def _html(answer: Mapping[str, Any] | None) -> Markup:
    if answer is None:
        return Markup("")
    drawn = _markdown().render(answer["answer"])
    known = {citation["number"] for citation in answer["citations"]}

    def button(match: re.Match[str]) -> str:
        if int(match[1]) not in known:
            return match[0]
        return f'<button type="button" class="mark" data-cite="{match[1]}">{match[1]}</button>'

    return Markup(_MARK.sub(button, drawn))  # noqa: S704 - markdown-it escaped it, and a mark is but digits


def _marked(quote: str, figures: Sequence[Quantity]) -> Markup:
    parts: list[Markup] = []
    end = 0
    for held in find_quantities(quote):
        if held.start >= end and any(same(held, figure) or same(figure, held) for figure in figures):
            parts += [escape(quote[end : held.start]), Markup("<mark>{}</mark>").format(quote[held.start : held.end])]
            end = held.end
    return Markup("").join([*parts, escape(quote[end:])])
