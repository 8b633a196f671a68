"""Running a golden set, saving it, comparing it and telling it."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from tests.evaluation.cards import RIGHT, Scripted, answer, citation

from hwqa.errors import ConfigError
from hwqa.evaluation import Case, Report, Run, compare_runs, evaluate, run_eval
from hwqa.markdown import plain_text
from hwqa.schema import Message, Usage

Build = Callable[..., Scripted]
MEMORY_QUESTION = "How much memory has the X9?"
WRONG = answer("The X9 has 80 GB [1].", citation(1, "The X9 holds 192 GB of HBM3 memory."))


def means(report: Report) -> dict[str, float]:
    return {summary.measure.name: summary.estimate.mean for summary in report.summaries}


def test_each_case_is_asked_with_its_history_and_scored(scripted: Build, cases: list[Case]) -> None:
    assistant = scripted()
    told: list[tuple[int, int, str]] = []
    ticks = itertools.count(0, 0.5)
    run = evaluate(assistant, cases, progress=lambda *step: told.append(step), clock=lambda: next(ticks))
    assert assistant.asked[1] == (
        "And its power?",
        (Message("user", MEMORY_QUESTION), Message("assistant", "192 GB")),
    )
    assert [step[:2] for step in told] == [(1, 3), (2, 3), (3, 3)]
    assert run.errors == 0
    assert run.results[0].scores["recall@1"] == 0
    assert run.results[0].scores["mrr"] == 1 / 2
    assert [result.latency_ms for result in run.results] == [500, 500, 500]
    found = means(Report(run))
    for name in ("fact_coverage", "citation_precision", "citation_recall", "numeric_fidelity", "quotes_verbatim"):
        assert found[name] == 1, name
    assert found["abstention_recall"] == 1
    assert found["refused_answerable"] == found["wrong_facts"] == 0


def test_tokens_and_removed_sentences_are_told(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    given = [replace(RIGHT[MEMORY_QUESTION], usage=Usage(1000, 60), removed_sentences=2)]
    given += [replace(RIGHT["And its power?"], usage=Usage(500, 31, estimated=True))]
    assistant = scripted(dict(zip([MEMORY_QUESTION, "And its power?"], given, strict=True)))
    report = run_eval(cases, assistant, out=tmp_path, state="a")
    said = report.to_json()
    assert said["tokens"] == {"answers": 2, "prompt": 1500, "completion": 91, "estimated": 1}
    assert said["removed_sentences"] == 2
    text = "1,500 read and 91 written for 2 answers, 750 and 46 for each; of 1 at four characters a token. 2 sentences"
    assert text in " ".join(report.to_markdown().split())
    assert Run.load(tmp_path).results[1].usage == Usage(500, 31, estimated=True)
    # an answer that is given again has cost what it cost
    again = run_eval(cases, assistant, out=tmp_path, state="a")
    assert (again.run.reused, again.tokens) == (3, report.tokens)
    assert "Tokens" in report.to_html()
    assert Report(evaluate(scripted(), cases)).to_json()["tokens"] is None


def test_a_case_that_raises_counts_and_stays(scripted: Build, cases: list[Case]) -> None:
    run = evaluate(scripted({MEMORY_QUESTION: RuntimeError("lost\nthe server")}), cases)
    report = Report(run)
    assert run.errors == 1
    assert run.results[0].error == "ask: RuntimeError: lost the server"
    assert run.results[0].latency_ms is None
    summary = {each.measure.name: each for each in report.summaries}
    assert (summary["fact_coverage"].estimate.n, summary["fact_coverage"].estimate.mean) == (2, 1 / 2)
    assert summary["fact_coverage"].errors == 1
    assert summary["wrong_facts"].estimate.mean == 1
    assert "RuntimeError: lost the server" in report.to_markdown()


def test_a_search_that_raises_leaves_the_answer_measured(scripted: Build, cases: list[Case]) -> None:
    assistant = scripted()
    assistant.passages = KeyError("index")
    result = evaluate(assistant, cases).results[0]
    assert result.scores["recall@10"] == result.scores["mrr"] == 0
    assert result.scores["fact_coverage"] == 1
    assert result.error == "search: KeyError: 'index'"


def test_stopping_is_not_recorded_as_an_error(scripted: Build, cases: list[Case]) -> None:
    class Stopping(Scripted):
        def ask(self, question: str, history: object = ()) -> object:  # type: ignore[override]
            raise KeyboardInterrupt

    ready = scripted()
    with pytest.raises(KeyboardInterrupt):
        evaluate(Stopping(ready.corpus, ready.answers), cases)


def test_a_run_comes_back_from_its_folder_and_two_runs_score_alike(
    scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    out = tmp_path / "runs" / "one"
    report = run_eval(cases, scripted(), out=out)
    assert sorted(file.name for file in out.iterdir()) == ["report.html", "report.md", "run.json"]
    loaded = Run.load(out)
    assert loaded == report.run
    assert Run.load(out / "run.json") == loaded
    again = run_eval(cases, scripted())
    assert [result.scores for result in again.run.results] == [result.scores for result in loaded.results]
    assert again.run.settings == loaded.settings
    assert json.dumps(report.to_json(), allow_nan=False)


def test_an_edited_corpus_is_another_state(scripted: Build, cases: list[Case]) -> None:
    assistant = scripted()
    before = evaluate(assistant, cases).settings["corpus_sha256"]
    (assistant.corpus / "cards.md").write_text("# Cards\n", encoding="utf-8")
    assert evaluate(assistant, cases).settings["corpus_sha256"] != before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        ("{", "is not a saved run"),
        ("[]", "is not a saved run"),
        ('{"format": 99}', "has format 99"),
        ('{"format": 1, "settings": {}, "started": "", "results": [{}]}', "is not a saved run"),
    ],
)
def test_a_baseline_that_is_no_run_is_refused_before_anything_is_asked(
    content: str | None, says: str, scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, encoding="utf-8")
    assistant = scripted()
    with pytest.raises(ConfigError, match=says):
        run_eval(cases, assistant, baseline=tmp_path)
    assert not assistant.asked


def test_a_folder_that_cannot_be_written_is_named(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        run_eval(cases, scripted(), out=tmp_path / "file" / "run")


def test_two_runs_are_compared_case_by_case(scripted: Build, cases: list[Case]) -> None:
    before = evaluate(scripted(), cases)
    after = evaluate(scripted({MEMORY_QUESTION: WRONG}), cases)
    found = {each.measure.name: each for each in compare_runs(after, before).differences}
    coverage = found["fact_coverage"]
    assert (coverage.change.n, coverage.change.mean) == (2, -1 / 2)
    assert (coverage.worsened, coverage.improved) == (("memory",), ())
    # lower is better: giving a wrong fact worsens the case
    assert found["wrong_facts"].worsened == ("memory",)
    assert found["wrong_facts"].verdict == "worse"
    assert found["mrr"].verdict == "unclear"
    back = {each.measure.name: each for each in compare_runs(before, after).differences}
    assert back["wrong_facts"].verdict == "better"


def test_only_cases_that_are_equal_in_both_runs_are_compared(scripted: Build, cases: list[Case]) -> None:
    whole = evaluate(scripted(), cases)
    edited = Case.from_json({**cases[0].to_json(), "facts": [["1 GB"]]})
    comparison = compare_runs(evaluate(scripted(), [edited, cases[1]]), whole)
    assert comparison.paired == 1
    assert comparison.changed == ("memory",)
    assert comparison.only_in_baseline == ("price",)
    assert comparison.only_here == ()


def test_the_report_is_told_in_the_terminal_in_markdown_and_json(
    scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    run_eval(cases, scripted(), out=tmp_path / "before")
    report = run_eval(cases, scripted({MEMORY_QUESTION: WRONG}), out=tmp_path / "after", baseline=tmp_path / "before")
    drawn = io.StringIO()
    report.print(Console(file=drawn, width=160))
    for text in ("Fact coverage", "95 % interval", "lookup", "follow-up", "worse", "3 cases, none raised",
                 "Worse in some measure: memory.", "In 11 measures no case differs."):  # fmt: skip
        assert text in drawn.getvalue(), text
    markdown = (tmp_path / "after" / "report.md").read_text(encoding="utf-8")
    assert "Measure\tn\tMean\t95 % interval\tBetter\tRaised" in plain_text(markdown)
    said = report.to_json()
    assert (said["cases"], said["errors"]) == (3, 0)
    coverage = next(each for each in said["measures"] if each["measure"] == "fact_coverage")
    assert (coverage["n"], coverage["mean"]) == (2, 0.5)
    assert coverage["low"] <= 0.5 <= coverage["high"]
    assert set(said["categories"]) == {"lookup", "follow-up", "not-in-docs"}
    assert said["comparison"]["paired"] == 3


def test_the_page_asks_nothing_of_the_network_and_escapes_what_it_shows(scripted: Build, cases: list[Case]) -> None:
    hostile = answer('<script>alert("x")</script> 192 GB [1].', *RIGHT[MEMORY_QUESTION].citations)
    page = run_eval(cases, scripted({MEMORY_QUESTION: hostile})).to_html()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|https?://""", page)
    assert "found: 192 GB" in page
    assert "missed: HBM3 / high-bandwidth memory" in page
    assert page.count('class="case"') == 3


PLANTED = {
    "another number": ("The X9 has 80 GB of HBM3 [1].", {}, {"fact_coverage", "wrong_facts", "numeric_fidelity"}),
    "no citation": ("The X9 has 192 GB of HBM3.", {"cite": ()}, {"citation_recall", "numeric_fidelity"}),
    "always the last source": (
        "The X9 has 192 GB of HBM3 [1].",
        {"cite": (citation(1, "The Y4 runs only on Linux."),)},
        {"citation_precision", "citation_recall", "numeric_fidelity"},
    ),
    "lines off by one": (
        "The X9 has 192 GB of HBM3 [1].",
        {"cite": (citation(1, "The X9 holds 192 GB of HBM3 memory.", shift=1),)},
        {"quotes_verbatim"},
    ),
    "a source that does not exist": ("The X9 has 192 GB of HBM3 [7].", {}, {"citation_precision", "citation_recall"}),
    "abstains": ("The documents do not say.", {"cite": (), "status": "not_in_docs"}, {"refused_answerable"}),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_shows_in_its_measures(defect: str, scripted: Build, cases: list[Case]) -> None:
    text, changes, expected = PLANTED[defect]
    cited = changes.get("cite", RIGHT[MEMORY_QUESTION].citations)
    planted = answer(text, *cited, status=changes.get("status", "answered"))  # type: ignore[misc, arg-type]
    right = evaluate(scripted(), cases).results[0].scores
    wrong = evaluate(scripted({MEMORY_QUESTION: planted}), cases).results[0].scores
    assert expected <= {name for name, value in wrong.items() if value != right[name]}
