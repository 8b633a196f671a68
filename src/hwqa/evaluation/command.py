"""What `hwqa eval` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwqa.evaluation.comparison import compare_runs
from hwqa.evaluation.golden import Case
from hwqa.evaluation.report import Report
from hwqa.evaluation.run import Asker, Progress, Run, evaluate, write


def run_eval(
    cases: Sequence[Case],
    assistant: Asker,
    *,
    out: Path | None = None,
    baseline: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """The cases are asked and scored; with `out`, the folder holds `run.json`, `report.md` and `report.html`.

    Args:
        cases: From `load_cases`.
        assistant: Is asked.
        out: Folder to write to; an earlier run in it is replaced.
        baseline: Folder of an earlier run to compare with; read before the first question is asked.
        progress: Told after each case.

    Raises:
        ConfigError: The baseline cannot be read or the folder cannot be written.
    """
    earlier = None if baseline is None else Run.load(baseline)
    run = evaluate(assistant, cases, progress=progress)
    report = Report(run, None if earlier is None else compare_runs(run, earlier))
    if out is not None:
        run.save(out)
        write(out / "report.md", report.to_markdown())
        write(out / "report.html", report.to_html())
    return report
