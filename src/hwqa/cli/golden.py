"""Commands about golden sets: golden add, suggest, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwqa.cli.options import AsJson, BaseUrl, Corpus, HistoryFile, IndexPlace, Model
from hwqa.cli.program import app
from hwqa.cli.session import fail, load_settings, open_assistant, print_json, progress_bar, warn
from hwqa.errors import GoldenError

if TYPE_CHECKING:
    from hwqa.config import Settings
    from hwqa.evaluation import Case
    from hwqa.evaluation.growing import Proposal

golden = typer.Typer(
    name="golden",
    help="Questions that the documents are measured with: add, suggest, check.",
    epilog="Example: hwqa golden suggest golden > new.yaml",
    no_args_is_help=True,
)
app.add_typer(golden)

Sets = Annotated[list[Path], typer.Argument(help="Golden sets: YAML, JSONL or CSV files, or folders of them.")]


@golden.command("add", epilog="Example: hwqa golden add golden/x9.yaml 'How much memory has the X9?'")
def add_cases(
    file: Annotated[Path, typer.Argument(help="Golden set to add to, YAML or JSONL; it is made if need be.")],
    question: Annotated[str | None, typer.Argument(help="The question.", show_default=False)] = None,
    fact: Annotated[
        list[str] | None, typer.Option(help="What the answer must say; alternatives parted by |. Repeatable.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Section that holds it, `file#heading › heading`; alternatives parted by |. Repeatable."),
    ] = None,
    unanswerable: Annotated[bool, typer.Option("--unanswerable", help="The documents do not answer it.")] = False,
    category: Annotated[str, typer.Option(help="What the question is counted with.")] = "lookup",
    history: HistoryFile = None,
    feedback: Annotated[
        Path | None, typer.Option(help="feedback.jsonl of the chat: a case for each answer that readers judged.")
    ] = None,
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
) -> None:
    """Add a question, or what readers said of answers, to a golden set.

    Without --fact and --source the question is asked, and the answer's figures and sources are proposed: such a case,
    and each from feedback, is tagged unreviewed, and `hwqa eval` does not ask it until you have removed the tag.
    """
    from hwqa.cli.history import read_history
    from hwqa.evaluation.golden import Case, Source
    from hwqa.evaluation.growing import Proposal, add, answered, name_of, read_feedback

    if (question is None) == (feedback is None):
        raise typer.BadParameter("give either a question or --feedback FILE")
    if feedback is not None:
        proposals = read_feedback(feedback)
    else:
        assert question is not None  # noqa: S101 - as checked above
        before = read_history(history)
        if fact or source or unanswerable:
            case = Case(
                name_of(question),
                question,
                answerable=not unanswerable,
                category="not-in-docs" if unanswerable and category == "lookup" else category,
                facts=tuple(tuple(each.split("|")) for each in fact or ()),
                sources=tuple(tuple(map(Source.parse, each.split("|"))) for each in source or ()),
                history=tuple(before),
            )
            proposals = [Proposal(case)]
        else:
            assistant = open_assistant(load_settings(corpus=corpus, index=index, model=model, base_url=base_url))
            answer = assistant.ask(question, before)
            proposals = [Proposal(answered(question, before, answer.to_json(), category), "proposed from an answer")]
    added = add(file, proposals)
    for case in added:
        typer.echo(f"{file}: {case.id}{' (unreviewed)' if case.tags else ''}")
    if len(added) < len(proposals):
        left = len(proposals) - len(added)
        warn([f"{left} {'question is' if left == 1 else 'questions are'} in {file} already"])


@golden.command("suggest", epilog="Example: hwqa golden suggest golden --most 20 > new.yaml")
def suggest_cases(
    known: Annotated[list[Path] | None, typer.Argument(help="Golden sets whose questions are not suggested.")] = None,
    corpus: Corpus = None,
    most: Annotated[int, typer.Option(min=1, help="How many questions.")] = 30,
    into: Annotated[
        Path | None, typer.Option("--into", help="Golden set to add them to, still unreviewed; else they are printed.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Chat model that asks questions, too, as provider:name; only a model that is named here or in the "
            "settings is asked.",
            show_default=False,
        ),
    ] = None,
    base_url: BaseUrl = None,
) -> None:
    """Suggest questions from the facts and headings of the documents, as YAML, each tagged unreviewed.

    A chat model that is named reads sections and asks of them: a question is suggested only where its answer stands in
    the section word for word.
    """
    from hwqa.evaluation import load_cases
    from hwqa.evaluation.growing import add, to_yaml
    from hwqa.evaluation.suggesting import suggest

    settings = load_settings(corpus=corpus, model=model, base_url=base_url)
    cases = load_cases(known) if known else []
    proposals = []
    if settings.model not in ("none", "auto"):
        proposals = _asked_by_model(settings, cases, most)
    if len(proposals) < most:
        held = [*cases, *(each.case for each in proposals)]
        proposals += suggest(settings.corpus, held, most - len(proposals))
    if not proposals:
        raise GoldenError("the documents hold no fact and no list of arguments that is not asked for already")
    if into is None:
        typer.echo(to_yaml(proposals), nl=False)
        return
    for case in add(into, proposals):
        typer.echo(f"{into}: {case.id} (unreviewed)")


def _asked_by_model(settings: Settings, known: list[Case], most: int) -> list[Proposal]:
    from hwqa.evaluation.suggesting_by_model import chat_asker, suggest_by_model

    ask = chat_asker(settings.model, settings.base_url, settings.model_timeout)
    with progress_bar() as progress:
        suggested = suggest_by_model(settings.corpus, known, most, ask, progress=progress)
    if suggested.refused:
        warn([f"{suggested.refused} questions of {settings.model} are left out: {suggested.why}"])
    return suggested.proposals


@golden.command("check", epilog="Example: hwqa golden check golden --corpus docs")
def check_golden(sets: Sets, corpus: Corpus = None, as_json: AsJson = False) -> None:
    """Check golden sets against the documents: duplicates, facts that no document says, sources that are gone."""
    from hwqa.evaluation import load_cases
    from hwqa.evaluation.golden_check import check_cases

    cases = load_cases(sets)
    remarks = check_cases(cases, load_settings(corpus=corpus).corpus)
    for remark in remarks:
        if as_json:
            print_json(remark.to_json())
        else:
            typer.echo(f"{remark.place}: {remark.severity}: {remark.case}: {remark.message}")
    errors = sum(remark.severity == "error" for remark in remarks)
    if not as_json:
        typer.echo(f"{len(cases)} cases, {errors} errors, {len(remarks) - errors} warnings")
    if errors:
        raise typer.Exit(fail(f"the golden sets have {errors} errors: mend the cases named above"))
