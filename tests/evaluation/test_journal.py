"""A run that was stopped goes on; what was answered is not asked again while nothing it depends on has changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.evaluation.cards import RIGHT, Scripted, answer, citation

from hwqa.assistant import Assistant
from hwqa.errors import ConfigError
from hwqa.evaluation import Case, answering_state, evaluate, run_eval
from hwqa.schema import Answer, Message

Build = Callable[..., Scripted]
MEMORY, POWER, PRICE = RIGHT
WRONG = answer("The X9 has 80 GB [1].", citation(1, "The X9 holds 192 GB of HBM3 memory."))


class Stopped(Scripted):
    """Is stopped by the user at the second question."""

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        if len(self.asked) == 1:
            raise KeyboardInterrupt
        return super().ask(question, history)


def asked(assistant: Scripted) -> list[str]:
    return [question for question, _ in assistant.asked]


def stopped(ready: Scripted) -> Stopped:
    return Stopped(ready.corpus, ready.answers, ready.passages)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stopped_run_goes_on_and_scores_as_one_that_was_not(
    jobs: int, scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run_eval(cases, stopped(scripted()), out=out, state="a", jobs=jobs)
    assistant = scripted()
    report = run_eval(cases, assistant, out=out, state="a")
    assert asked(assistant) == [POWER, PRICE]
    assert report.run.reused == 1
    assert "1 answers are those of an earlier run" in report.to_markdown()
    whole = evaluate(scripted(), cases)
    assert [each.scores for each in report.run.results] == [each.scores for each in whole.results]
    for one, other in zip(report.run.results, whole.results, strict=True):
        assert one.answer == other.answer
        assert one.retrieved == other.retrieved


def test_a_line_that_was_cut_off_is_asked_again(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    run_eval(cases, scripted(), out=tmp_path, state="a")
    file = tmp_path / "answers.jsonl"
    content = file.read_bytes()
    file.write_bytes(content[:-40])
    assistant = scripted()
    run_eval(cases, assistant, out=tmp_path, state="a")
    assert asked(assistant) == [PRICE]
    assert [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()] == [MEMORY, POWER, PRICE]


@pytest.mark.parametrize("junk", ["[]", "null", "7", '{"state": "a"}', '{"state": "a", "question": 1, "history": 2}'])
def test_a_line_that_is_none_is_dropped(junk: str, scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text(junk + "\n", encoding="utf-8")
    assert run_eval(cases, scripted(), out=tmp_path, state="a").run.reused == 0
    assert junk not in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()


def test_another_state_question_or_history_is_asked(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    run_eval(cases, scripted(), out=tmp_path, state="a")
    other = scripted()
    run_eval(cases, other, out=tmp_path, state="b")
    assert asked(other) == [MEMORY, POWER, PRICE]
    edited = [cases[0], replace(cases[1], history=cases[1].history[:1]), replace(cases[2], question=MEMORY + " Say")]
    again = scripted({MEMORY + " Say": RIGHT[MEMORY]})
    run_eval(edited, again, out=tmp_path, state="b")
    assert asked(again) == [POWER, MEMORY + " Say"]


def test_fresh_asks_every_case(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    run_eval(cases, scripted(), out=tmp_path, state="a")
    assistant = scripted()
    run_eval(cases, assistant, out=tmp_path, state="a", fresh=True)
    assert len(asked(assistant)) == 3
    assert len((tmp_path / "answers.jsonl").read_text("utf-8").splitlines()) == 3


def test_an_edited_expectation_is_judged_without_asking(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    run_eval(cases, scripted(), out=tmp_path, state="a")
    assistant = scripted()
    edited = [replace(cases[0], facts=(("192 GB",), ("1 TB",)))]
    report = run_eval(edited, assistant, out=tmp_path, state="a")
    assert not assistant.asked
    assert report.run.results[0].scores["fact_coverage"] == 1 / 2


def test_what_raised_or_was_not_written_by_the_model_is_asked_again(
    scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    broken = {MEMORY: RuntimeError("lost"), POWER: replace(RIGHT[POWER], failure="the server is down")}
    run_eval(cases, scripted(broken), out=tmp_path, state="a")
    assistant = scripted()
    run_eval(cases, assistant, out=tmp_path, state="a")
    assert asked(assistant) == [MEMORY, POWER]


def test_a_journal_that_cannot_be_written_ends_the_run(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"answers\.jsonl cannot be written"):
        run_eval(cases, scripted(), out=tmp_path / "file" / "run", state="a")
    (tmp_path / "answers.jsonl").mkdir()
    with pytest.raises(ConfigError, match=r"answers\.jsonl cannot be read"):
        run_eval(cases, scripted(), out=tmp_path, state="a")


@pytest.mark.parametrize("jobs", [2, 8])
def test_cases_asked_at_once_come_in_order_and_score_alike(jobs: int, scripted: Build, cases: list[Case]) -> None:
    class Slow(Scripted):
        def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
            deadline = time.monotonic() + 30
            while question == MEMORY and len(self.asked) < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            return super().ask(question, history)

    ready = scripted({POWER: RuntimeError("lost")})
    slow = Slow(ready.corpus, ready.answers, ready.passages)
    told: list[tuple[int, int, str]] = []
    run = evaluate(slow, cases, jobs=jobs, progress=lambda *step: told.append(step))
    assert asked(slow)[-1] == MEMORY
    one = evaluate(ready, cases)
    assert [each.case.id for each in run.results] == [case.id for case in cases]
    assert [(each.scores, each.error) for each in run.results] == [(each.scores, each.error) for each in one.results]
    assert [step[:2] for step in told] == [(1, 3), (2, 3), (3, 3)]


def test_the_state_changes_with_what_answers_depend_on(assistant: Assistant) -> None:
    state = answering_state(assistant)
    assert state
    assert answering_state(assistant.with_model("none")) == state
    remote = answering_state(assistant.with_model("openai:one", "http://127.0.0.1:9/v1"))
    assert remote
    assert len({state, remote, answering_state(assistant.with_model("openai:two", "http://127.0.0.1:9/v1"))}) == 3
    fewer = Assistant(assistant.index, assistant._embedder, assistant.settings.model_copy(update={"passages": 2}))
    assert answering_state(fewer) != state
    assert answering_state(assistant.with_model("local:/nowhere.gguf")) == ""


SCRIPT = """
import sys, time
from pathlib import Path
from hwqa.evaluation import load_cases, run_eval
from tests.evaluation.cards import RIGHT, Scripted

class Slow(Scripted):
    def ask(self, question, history=()):
        if len(self.asked) == 2:
            time.sleep(600)
        return super().ask(question, history)

here = Path(sys.argv[1])
run_eval(load_cases([here / "golden.yaml"]), Slow(here / "corpus", RIGHT), out=here / "run", state="a")
"""


def test_a_killed_process_loses_nothing_that_was_answered(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    ready = scripted()
    root = Path(__file__).parent.parent.parent
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, tmp_path], env={**os.environ, "PYTHONPATH": path})
    file = tmp_path / "run" / "answers.jsonl"
    deadline = time.monotonic() + 60
    while not (file.exists() and file.read_text("utf-8").count("\n") == 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run_eval(cases, ready, out=tmp_path / "run", state="a")
    assert asked(ready) == [PRICE]
