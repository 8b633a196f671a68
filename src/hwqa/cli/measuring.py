"""Commands that measure and examine: eval, doctor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwqa.cli.options import AsJson, BaseUrl, Cache, Corpus, IndexPlace, Model
from hwqa.cli.program import app
from hwqa.cli.session import fail, load_settings, open_assistant, print_json, progress_bar, warn
from hwqa.errors import ConfigError, GoldenError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypedDict

    from hwqa.assistant import Assistant
    from hwqa.evaluation import Case, Condition, Report
    from hwqa.evaluation.judge import Judged
    from hwqa.evaluation.matrix import Variant

    class AtOnce(TypedDict):
        """How questions are asked, as `run_eval` takes it."""

        jobs: int
        opener: Callable[[], Assistant] | None


@app.command("eval", epilog="Example: hwqa eval tests/golden --out runs/today --baseline runs/yesterday")
def evaluate(
    golden: Annotated[list[Path], typer.Argument(help="Golden sets: YAML, JSONL or CSV files, or folders of them.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    cache: Cache = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the run and its report to.")] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Folder of an earlier run, or file of its scores, to compare with.")
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="File to write the scores to, small enough to be committed as a baseline.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE",
            help="Exit with 1 when the measure is worse than in the baseline beyond noise, or beyond a bound such as "
            "'fact_coverage<0.8'; 'any' is every measure. Repeatable.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Questions asked at once: by default as many as there are cores, one where a chat model writes.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what --out already holds the answer of.")] = False,
    trec: Annotated[
        Path | None, typer.Option(help="Folder to write the rankings to as TREC run and qrels files.")
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="JSONL file to write question, answer, contexts and ground_truth to.")
    ] = None,
    matrix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE,…",
            help="Measure every combination of settings instead, such as --matrix passages=4,8 --matrix "
            "model=none,ollama:qwen3: model, passages, reranker, temperature, or a weight of the ranking.",
            show_default=False,
        ),
    ] = None,
    judge_model: Annotated[
        str | None,
        typer.Option("--judge", help="Chat model that judges fluency and completeness; never part of the gate."),
    ] = None,
    judge_url: Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible server for --judge.")] = None,
    judge_repeats: Annotated[int, typer.Option(min=1, help="How often the judge judges each answer.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval and answers against golden questions."""
    from hwqa.evaluation import Baseline, answering_state, failures, load_cases, run_eval, write_dataset, write_trec
    from hwqa.evaluation.command import write_report
    from hwqa.evaluation.matrix import variants

    conditions = _conditions(fail_on or [], baseline)
    if matrix and (judge_model or baseline or scores or trec or dataset or fail_on):
        raise typer.BadParameter("compares its variants with the first; give it --out alone", param_hint="--matrix")
    cases = _reviewed(load_cases(golden))
    assistant = open_assistant(
        load_settings(corpus=corpus, index=index, model=model, base_url=base_url, answer_cache=cache)
    )
    if matrix:
        _matrix(cases, assistant, variants(matrix), out=out, jobs=jobs, fresh=fresh, as_json=as_json)
        return
    with progress_bar() as progress:
        report = run_eval(
            cases,
            assistant,
            out=out,
            baseline=baseline,
            progress=progress,
            state=answering_state(assistant),
            fresh=fresh,
            **_at_once(assistant, jobs, len(cases)),
        )
    if judge_model:
        report = replace(report, judged=_judged(report, judge_model, judge_url, judge_repeats, out))
        if out is not None:
            write_report(report, out)
    # files first: who reads the table may stop reading
    if trec is not None and (shifted := write_trec(report.run, trec).shifted):
        warn([f"{len(shifted)} cases read a lower recall at some rank in {trec}: one passage hits several sources"])
    if dataset is not None:
        write_dataset(report.run, assistant.corpus, dataset)
    if scores is not None:
        Baseline.of(report.run).save(scores)
    if as_json:
        print_json(report.to_json())
    else:
        report.print()
    failed = failures(conditions, report)
    if failed:
        raise typer.Exit(fail(f"the gate is not passed: {'; '.join(failed)}"))


def _judged(report: Report, model: str, url: str | None, repeats: int, out: Path | None) -> Judged:
    from hwqa.evaluation.judge import chat_judge, judge

    ask, name = chat_judge(model, url)
    with progress_bar() as progress:
        return judge(report.run, ask, name, repeats=repeats, folder=out, progress=progress)


def _at_once(assistant: Assistant, jobs: int | None, cases: int) -> AtOnce:
    """How many questions are asked at once and by what: by processes where answers are composed here."""
    if assistant.model_name != "none":
        return {"jobs": jobs or 1, "opener": None}
    from hwqa.cores import usable_cores

    # a process takes a second or two to open, in which it would have answered this many questions
    worthwhile = 1 + cases // 20
    return {"jobs": jobs or min(usable_cores(), worthwhile), "opener": assistant.opener}


def _matrix(
    cases: list[Case],
    assistant: Assistant,
    found: list[Variant],
    *,
    out: Path | None,
    jobs: int | None,
    fresh: bool,
    as_json: bool,
) -> None:
    from hwqa.evaluation import answering_state, run_eval
    from hwqa.evaluation.matrix import run_matrix

    def measured(asked: Assistant, variant: Variant, folder: Path | None) -> Report:
        # the weights are no setting: they have to be told apart here
        state = answering_state(asked)
        with progress_bar() as progress:
            return run_eval(
                cases,
                asked,
                out=folder,
                progress=progress,
                state=state and f"{state} {variant.weights}",
                fresh=fresh,
                **_at_once(asked, jobs, len(cases)),
            )

    matrix = run_matrix(found, lambda each: assistant.varied(each.settings, each.weights), measured, out=out)
    if as_json:
        print_json(matrix.to_json())
    else:
        matrix.print()


def _reviewed(cases: list[Case]) -> list[Case]:
    """The cases that a person has looked at; the others are counted on stderr."""
    from hwqa.evaluation.golden_check import UNREVIEWED

    reviewed = [case for case in cases if UNREVIEWED not in case.tags]
    if len(reviewed) < len(cases):
        warn([f"{len(cases) - len(reviewed)} cases are tagged {UNREVIEWED!r} and are not asked; remove the tag to ask"])
    if not reviewed:
        raise GoldenError(f"no case is left to ask: all are tagged {UNREVIEWED!r}; review them and remove the tag")
    return reviewed


def _conditions(texts: list[str], baseline: Path | None) -> list[Condition]:
    from hwqa.evaluation import Condition

    try:
        conditions = [Condition.parse(text) for text in texts]
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint="--fail-on") from error
    for text, condition in zip(texts, conditions, strict=True):
        if condition.needs_baseline and baseline is None:
            raise typer.BadParameter(f"{text} needs --baseline; or give a bound: '{text}<0.8'", param_hint="--fail-on")
    return conditions


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
