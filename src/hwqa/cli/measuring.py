"""Commands that measure and examine: eval, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwqa.cli.options import AsJson, BaseUrl, Cache, Corpus, IndexPlace, Model
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, print_json, progress_bar


@app.command("eval", epilog="Example: hwqa eval tests/golden --out runs/today --baseline runs/yesterday")
def evaluate(
    golden: Annotated[list[Path], typer.Argument(help="Golden sets: YAML files, or folders of them.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    cache: Cache = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the run and its report to.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Folder of an earlier run to compare with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval and answers against golden questions."""
    from hwqa.evaluation import load_cases, run_eval

    cases = load_cases(golden)
    assistant = open_assistant(
        load_settings(corpus=corpus, index=index, model=model, base_url=base_url, answer_cache=cache)
    )
    with progress_bar() as progress:
        report = run_eval(cases, assistant, out=out, baseline=baseline, progress=progress)
    if as_json:
        print_json(report.to_json())
    else:
        report.print()


@app.command(epilog="Example: hwqa doctor")
def doctor(corpus: Corpus = None, index: IndexPlace = None, model: Model = None, base_url: BaseUrl = None) -> None:
    """Say what works here, what does not, and what to do about it."""
    from hwqa.doctor import examine

    findings = examine(load_settings(corpus=corpus, index=index, model=model, base_url=base_url))
    for finding in findings:
        mark = "ok  " if finding.works else "FAIL" if finding.needed else "-   "
        typer.echo(f"{mark}  {finding.what}: {finding.says}")
    if any(finding.needed and not finding.works for finding in findings):
        raise typer.Exit(1)
