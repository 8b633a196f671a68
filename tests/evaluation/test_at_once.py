"""Questions asked by several processes: alike, none left behind, and nothing lost where one is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from tests.evaluation.cards import DOCUMENT, RIGHT, Scripted

from hwqa.assistant import Assistant
from hwqa.errors import ConfigError
from hwqa.evaluation import Case, Run, evaluate, parse_cases, run_eval
from hwqa.schema import Answer, Message

Build = Callable[..., Scripted]
MEMORY, POWER, PRICE = RIGHT
QUESTIONS = "What is the memory of the Alpha X1?", "Who won in 1974?", "What is the power of the Alpha X2?"
CASES = "".join(
    f'- {{id: q{number}, question: "{question}", answerable: false, facts: [], sources: [], category: lookup}}\n'
    for number, question in enumerate(QUESTIONS)
)


class Ended(Scripted):
    """Its process is ended at the second question, as a system ends one that takes too much memory."""

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        if question == POWER:
            journal = self.corpus.parent / "run" / "answers.jsonl"
            until(lambda: journal.exists() and journal.read_text("utf-8") != "")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().ask(question, history)


class Waiting(Scripted):
    """Leaves the number of its process and waits at the third question."""

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        if question == PRICE:
            (self.corpus.parent / "waiting").write_text(str(os.getpid()))
            time.sleep(600)
        return super().ask(question, history)


def timeless(run: Run) -> list[tuple[object, ...]]:
    return [
        (each.case, each.scores, each.retrieved, each.confidence, {**(each.answer or {}), "timings_ms": None})
        for each in run.results
    ]


def test_processes_give_what_one_gives(assistant: Assistant) -> None:
    cases = parse_cases(CASES, "cases.yaml")
    told: list[int] = []
    run = evaluate(assistant, cases, jobs=2, opener=assistant.opener, progress=lambda done, *_: told.append(done))
    assert timeless(run) == timeless(evaluate(assistant, cases))
    assert told == [1, 2, 3]


def test_a_process_has_its_share_of_the_cores(
    scripted: Build, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("hwqa.evaluation.at_once.usable_cores", lambda: 6)
    ready = scripted()
    run = evaluate(ready, cases, jobs=2, opener=partial(Sharing, ready.corpus, ready.answers))
    assert [result.error for result in run.results] == ["ask: RuntimeError: 3"] * 3


class Sharing(Scripted):
    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        raise RuntimeError(os.environ["OMP_NUM_THREADS"])


def test_a_process_that_is_ended_is_told_and_the_run_goes_on(
    scripted: Build, cases: list[Case], tmp_path: Path
) -> None:
    ready = scripted()
    opener = partial(Ended, ready.corpus, ready.answers, ready.passages)
    with pytest.raises(ConfigError, match="was ended, perhaps for want of memory; use --jobs 1"):
        run_eval(cases, ready, out=tmp_path / "run", state="a", jobs=2, opener=opener)
    run_eval(cases, ready, out=tmp_path / "run", state="a")
    assert POWER in [question for question, _ in ready.asked]
    assert len(ready.asked) < len(cases)


SCRIPT = """
import sys
from functools import partial
from pathlib import Path
from hwqa.evaluation import load_cases, run_eval
from tests.evaluation.cards import RIGHT
from tests.evaluation.test_at_once import Waiting

if __name__ == "__main__":
    here = Path(sys.argv[1])
    opener = partial(Waiting, here / "corpus", RIGHT)
    run_eval(load_cases([here / "golden.yaml"]), opener(), out=here / "run", state="a", jobs=2, opener=opener)
"""


def test_processes_end_with_the_one_that_started_them(cases: list[Case], tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "cards.md").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    root = Path(__file__).parent.parent.parent
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen([sys.executable, "script.py", "."], cwd=tmp_path, env={**os.environ, "PYTHONPATH": path})
    waiting, journal = tmp_path / "waiting", tmp_path / "run" / "answers.jsonl"
    until(lambda: waiting.exists() and waiting.read_text() != "")
    until(lambda: journal.exists() and journal.read_text("utf-8").count("\n") == 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not Path(f"/proc/{waiting.read_text()}").exists() or is_over(int(waiting.read_text())))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_over(process: int) -> bool:
    """Whether the process has ended, though nobody has asked for its end yet."""
    return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()
