"""What `hwqa eval` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwqa.evaluation.asking import Asker
from hwqa.evaluation.at_once import Opener
from hwqa.evaluation.baseline import Baseline
from hwqa.evaluation.comparison import compare
from hwqa.evaluation.golden import Case
from hwqa.evaluation.journal import Journal
from hwqa.evaluation.report import Report
from hwqa.evaluation.run import Progress, evaluate
from hwqa.evaluation.writing import write


def run_eval(
    cases: Sequence[Case],
    assistant: Asker,
    *,
    out: Path | None = None,
    baseline: Path | None = None,
    progress: Progress | None = None,
    state: str = "",
    fresh: bool = False,
    jobs: int = 1,
    opener: Opener | None = None,
) -> Report:
    """The cases are asked and scored; with `out`, the folder holds `run.json`, `report.md` and `report.html`.

    Args:
        cases: From `load_cases`.
        assistant: Is asked.
        out: Folder to write to; an earlier run in it is replaced, its answers are given again where `state` allows.
        baseline: Folder of an earlier run or file of its scores to compare with; read before anything is asked.
        progress: Told after each case.
        state: From `answering_state`; with it the folder also holds `answers.jsonl`, from which a run that was stopped
            goes on. Empty asks every case.
        fresh: Whether to ask every case though the folder holds its answer.
        jobs: How many questions are asked at once.
        opener: How another process opens the assistant; without it, threads ask. `Assistant.opener` gives it.

    Raises:
        ConfigError: The baseline cannot be read or the folder cannot be written.
    """
    earlier = None if baseline is None else Baseline.load(baseline)
    journal = Journal(out, state, fresh=fresh) if out is not None and state else None
    run = evaluate(assistant, cases, progress=progress, journal=journal, jobs=jobs, opener=opener)
    report = Report(run) if earlier is None else Report(run, compare(run, earlier), earlier.run)
    if out is not None:
        run.save(out)
        write_report(report, out)
    return report


def write_report(report: Report, out: Path) -> None:
    """The folder holds the report as `report.md` and `report.html`.

    Raises:
        ConfigError: It cannot be written.
    """
    write(out / "report.md", report.to_markdown())
    write(out / "report.html", report.to_html())
