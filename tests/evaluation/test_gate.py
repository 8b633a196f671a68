"""The gate fails a run that is worse beyond noise or beyond a bound, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluation.cards import Scripted, answer, citation
from typer.testing import CliRunner

from hwqa.cli import app
from hwqa.errors import ConfigError
from hwqa.evaluation import Case, Condition, Report, compare_runs, evaluate, failures

Build = Callable[..., Scripted]
MEMORY_QUESTION = "How much memory has the X9?"
WRONG = answer("The X9 has 80 GB [1].", citation(1, "The X9 holds 192 GB of HBM3 memory."))


def judged(report: Report, *conditions: str) -> list[str]:
    return failures(map(Condition.parse, conditions), report)


@pytest.fixture
def many(cases: list[Case]) -> list[Case]:
    """The memory question twelve times."""
    return [Case.from_json({**cases[0].to_json(), "id": f"memory-{number}"}) for number in range(12)]


@pytest.fixture
def worse(scripted: Build, many: list[Case]) -> Report:
    before = evaluate(scripted(), many)
    after = evaluate(scripted({MEMORY_QUESTION: WRONG}), many)
    return Report(after, compare_runs(after, before))


def test_a_regression_beyond_noise_fails_and_names_its_cases(worse: Report) -> None:
    (said,) = judged(worse, "fact_coverage")
    assert said.startswith("fact_coverage is 0.000, changed by -1.000 against the baseline (95 % interval -1.000 to")
    assert "memory-0, memory-1, memory-2, memory-3, memory-4 and 7 more" in said
    assert judged(worse, "wrong_facts")  # lower is better
    assert judged(worse, "mrr") == []


def test_any_is_every_measure_that_got_worse(worse: Report) -> None:
    names = {said.split(" ")[0] for said in judged(worse, "any")}
    assert {"fact_coverage", "wrong_facts", "numeric_fidelity"} <= names
    assert not names & {"mrr", "recall@10", "quotes_verbatim"}


def test_a_change_within_noise_passes(scripted: Build, many: list[Case]) -> None:
    before = evaluate(scripted(), many)
    broken = evaluate(scripted({MEMORY_QUESTION: WRONG}), many[:1])
    mixed = type(before)(before.settings, before.started, (*broken.results, *before.results[1:]))
    report = Report(mixed, compare_runs(mixed, before))
    assert report.comparison is not None
    assert report.comparison.differences
    assert judged(report, "any") == []


def test_an_improvement_passes(scripted: Build, many: list[Case]) -> None:
    before = evaluate(scripted({MEMORY_QUESTION: WRONG}), many)
    after = evaluate(scripted(), many)
    assert judged(Report(after, compare_runs(after, before)), "any") == []


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("fact_coverage<1", []),
        ("fact_coverage<=1", ["fact_coverage<=1: the mean over n = 2 is 1.000"]),
        ("mrr<0.8", ["mrr<0.8: the mean over n = 2 is 0.500"]),
        ("mrr < .5", []),
        ("wrong_facts>0", []),
        ("abstention_precision>=1", ["abstention_precision>=1: the mean over n = 1 is 1.000"]),
    ],
)
def test_a_bound_holds_without_a_baseline(condition: str, says: list[str], scripted: Build, cases: list[Case]) -> None:
    assert judged(Report(evaluate(scripted(), cases)), condition) == says


def test_what_nothing_was_held_against_fails(scripted: Build, cases: list[Case]) -> None:
    run = evaluate(scripted(), cases[2:])
    assert judged(Report(run), "mrr<0.8") == ["mrr<0.8 cannot be judged: no case has a score for it"]
    other = evaluate(scripted(), cases[:1])
    for condition in ("any", "mrr"):
        (said,) = judged(Report(run, compare_runs(run, other)), condition)
        assert said.startswith(f"{condition} cannot be compared")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fact_coverag", "did you mean 'fact_coverage'"),
        ("speed", "known are recall@1"),
        ("mrr<80", "from 0 to 1"),
        ("mrr<nan", "from 0 to 1"),
        ("mrr<", "must be a measure"),
        ("any<0.8", "'any' is unknown"),
        ("", "must be a measure"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Condition.parse(text)


@pytest.mark.parametrize(("condition", "says"), [("mrr", "needs --baseline"), ("mmr<0.8", "did you mean 'mrr'")])
def test_a_wrong_condition_is_wrong_usage(condition: str, says: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["eval", str(tmp_path / "none.yaml"), "--fail-on", condition])
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
