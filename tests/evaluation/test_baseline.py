"""The scores of a run as a small file that later runs are held against."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluation.cards import Scripted, answer, citation

from hwqa.errors import ConfigError
from hwqa.evaluation import Baseline, Case, Condition, compare, evaluate, failures, run_eval

Build = Callable[..., Scripted]
MEMORY_QUESTION = "How much memory has the X9?"
WRONG = answer("The X9 has 80 GB [1].", citation(1, "The X9 holds 192 GB of HBM3 memory."))


@pytest.fixture
def file(scripted: Build, cases: list[Case], tmp_path: Path) -> Path:
    return Baseline.of(evaluate(scripted(), cases)).save(tmp_path / "baseline.json")


def test_a_baseline_comes_back_as_it_was_saved(scripted: Build, cases: list[Case], file: Path) -> None:
    made = Baseline.of(evaluate(scripted(), cases))
    loaded = Baseline.load(file)
    assert loaded.cases == made.cases
    assert loaded.run is None
    comparison = compare(evaluate(scripted(), cases), loaded)
    assert comparison.paired == 3
    assert all(each.change.low == each.change.high == 0 for each in comparison.differences)


def test_the_file_tells_each_measure_and_has_a_line_for_each_case(cases: list[Case], file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    said = json.loads(text)
    assert said["measures"]["mrr"] == {"n": 2, "mean": 0.5, "low": 0.5, "high": 0.5}
    assert [line.split('"')[1] for line in text.split("\n")[-len(cases) - 3 : -3]] == ["memory", "power", "price"]
    assert str(file.parent) not in text


def test_a_regression_against_the_file_fails_the_gate(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    many = [Case.from_json({**cases[0].to_json(), "id": f"memory-{number}"}) for number in range(9)]
    file = Baseline.of(evaluate(scripted(), many)).save(tmp_path / "baseline.json")
    report = run_eval(many, scripted({MEMORY_QUESTION: WRONG}), baseline=file)
    assert any("fact_coverage is 0.000" in said for said in failures([Condition.parse("any")], report))
    assert failures([Condition.parse("any")], run_eval(many, scripted(), baseline=file)) == []


def test_a_case_that_was_edited_is_not_compared(scripted: Build, cases: list[Case], file: Path) -> None:
    edited = Case.from_json({**cases[0].to_json(), "facts": [["1 GB"]]})
    comparison = compare(evaluate(scripted(), [edited, *cases[1:]]), Baseline.load(file))
    assert (comparison.changed, comparison.paired) == (("memory",), 2)


def test_the_folder_of_a_run_is_a_baseline_that_keeps_its_answers(
    scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    run = run_eval(cases, scripted(), out=tmp_path / "run").run
    assert Baseline.load(tmp_path / "run").run == run
    assert Baseline.load(tmp_path / "run" / "run.json").cases == Baseline.of(run).cases


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda said: said | {"format": "hwqa baseline 99"}, "write it again"),
        (lambda said: said | {"cases": {"memory": ["0", 1]}}, "is not a saved run"),
        (lambda said: said | {"cases": []}, "is not a saved run"),
        (lambda said: {"format": said["format"]}, "is not a saved run"),
    ],
)
def test_a_file_that_is_none_is_refused(edit: Callable[[dict[str, object]], object], says: str, file: Path) -> None:
    file.write_text(json.dumps(edit(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        Baseline.load(file)
