"""A chat model as judge: repeated, kept, its agreement told, and never a condition of the gate."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chat_server import ChatServer, Messages, Reply, error
from tests.conftest import SMALL_CORPUS
from tests.evaluation.cards import Scripted
from typer.testing import CliRunner

from hwqa.cli import app
from hwqa.errors import ConfigError, ModelError
from hwqa.evaluation import MEASURES, Case, Condition, Report, Run, evaluate
from hwqa.evaluation.command import write_report
from hwqa.evaluation.judge import CRITERIA, FILE, Judged, alpha, chat_judge, judge

ONE = {"id": "memory", "question": "How much memory does the Alpha X1 have?", "answerable": True, "category": "lookup",
       "facts": ["48 GB"]}  # fmt: skip
Build = Callable[..., Scripted]


@pytest.fixture
def run(scripted: Build, cases: list[Case]) -> Run:
    return evaluate(scripted(), cases)


def judged(run: Run, script: Callable[[Messages], Reply], folder: Path | None = None) -> tuple[Judged, list[str]]:
    with ChatServer(script) as server:
        ask, name = chat_judge("openai:test", server.base_url)
        # the port is another one in each test: what was kept is found under the name
        found = judge(run, ask, name.split(" ")[0], repeats=2, folder=folder)
        return found, [str(request.messages[-1]["content"]) for request in server.requests]


def says(**scores: object) -> str:
    return f"Here it is: {json.dumps(scores)}"


def test_agreement_by_hand() -> None:
    # observed (1 + 1) / 4; expected 2 * (1 + 9 + 9 + 4 + 4 + 0) / 12
    assert alpha([(1, 2), (4, 4)]) == pytest.approx(1 - 0.5 / 4.5)
    assert alpha([(1, 1), (5, 5)]) == 1
    assert alpha([(1, 5), (5, 1)]) == pytest.approx(1 - 16 / (2 * 4 * 16 / 12))
    assert alpha([(3, 3), (3, 3)]) is None
    assert alpha([(1,), (5,)]) is None
    assert alpha([]) is None


def test_each_answer_is_judged_so_often_and_means_and_agreement_are_told(run: Run) -> None:
    turns = itertools.cycle([says(fluency=5, completeness=4), says(completeness=2, fluency=5)])
    found, prompts = judged(run, lambda messages: next(turns))
    assert len(prompts) == 4  # two answers twice; what declines to answer is not judged
    assert found.scores["completeness"] == {"memory": (4, 2), "power": (4, 2)}
    mean = found.mean("completeness")
    assert mean is not None
    assert (mean.mean, mean.n) == (3, 2)
    assert (found.same("fluency"), found.same("completeness")) == (1, 0)
    agreement = found.agreement("completeness")
    assert agreement is not None
    assert agreement < 0
    assert "agreement with itself: alpha" in found.to_text()
    assert found.to_json()["criteria"]["fluency"]["mean"] == 5
    # marks say nothing to a judge, and the order of the criteria changes
    assert "The X9 has 192 GB of HBM3.\n" in prompts[0]
    assert prompts[0].index("- fluency") < prompts[0].index("- completeness")
    assert prompts[1].index("- fluency") > prompts[1].index("- completeness")


def test_the_report_tells_what_was_judged_and_how_far_it_agrees(run: Run, tmp_path: Path) -> None:
    turns = itertools.cycle([says(fluency=5, completeness=4), says(completeness=2, fluency=5)])
    found, _ = judged(run, lambda messages: next(turns))
    report = Report(run, judged=found)
    write_report(report, tmp_path)
    page = " ".join((tmp_path / "report.html").read_text("utf-8").split())
    assert 'id="judged"' in page
    assert "openai:test" in page
    assert "completeness 3.0 (4, 2)" in page
    assert "Judged completeness" in (tmp_path / "report.md").read_text("utf-8")
    assert report.to_json()["judged"]["criteria"]["completeness"]["same"] == 0
    assert 'id="judged"' not in Report(run).to_html()


def test_the_command_judges_into_the_report(cases: list[Case], tmp_path: Path, small_index: Path) -> None:
    golden = tmp_path / "one.jsonl"
    golden.write_text(json.dumps({**ONE, "sources": ["alpha.md#Alpha X1"]}), encoding="utf-8")
    place = [
        "--corpus",
        str(SMALL_CORPUS),
        "--index",
        str(small_index),
        "--model",
        "none",
        "--out",
        str(tmp_path / "run"),
    ]
    with ChatServer(lambda messages: says(fluency=4, completeness=5)) as server:
        judge_of = ["--judge", "openai:test", "--judge-url", server.base_url, "--judge-repeats", "2"]
        done = CliRunner().invoke(app, ["eval", str(golden), *place, *judge_of])
    assert done.exit_code == 0, done.output
    assert "Judged completeness (1 to 5, by openai:test, 2 times each): 5.00" in done.stdout
    assert 'id="judged"' in (tmp_path / "run" / "report.html").read_text("utf-8")


def test_what_was_judged_is_not_asked_again(run: Run, tmp_path: Path) -> None:
    first, prompts = judged(run, lambda messages: says(fluency=3, completeness=3), tmp_path)
    again, none = judged(run, lambda messages: says(fluency=1, completeness=1), tmp_path)
    assert (len(prompts), none) == (4, [])
    assert again == first
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write("no json\n")
    assert judged(run, lambda messages: says(fluency=1, completeness=1), tmp_path) == (first, [])


@pytest.mark.parametrize(
    "reply", ["It is good.", says(fluency=6, completeness=3), says(fluency=3), says(fluency="5", completeness=True)]
)
def test_what_cannot_be_read_is_left_out_and_counted(reply: str, run: Run, tmp_path: Path) -> None:
    found, _ = judged(run, lambda messages: reply, tmp_path)
    assert found.failed == 4
    assert found.mean("fluency") is found.agreement("fluency") is found.same("fluency") is None
    assert "4 judgements could not be had" in found.to_text()
    assert not (tmp_path / FILE).exists()


def test_a_judge_that_cannot_be_asked_is_told(run: Run) -> None:
    with pytest.raises(ModelError, match="key"):
        judged(run, lambda messages: error(401, "Incorrect API key provided.", "invalid_api_key"))


def test_no_condition_of_the_gate_names_what_was_judged() -> None:
    assert not set(CRITERIA) & {measure.name for measure in MEASURES}
    for criterion in CRITERIA:
        with pytest.raises(ConfigError, match="unknown"):
            Condition.parse(criterion)
