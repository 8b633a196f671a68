"""The command line. stdout carries the result only; progress and errors go to stderr.

Exit codes: 0 answered or honestly abstained; 1 an expected failure, one line on stderr with the remedy; 2 wrong usage.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwqa import __version__
from hwqa.errors import ConfigError, CorpusError, HwqaError

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.config import Settings
    from hwqa.schema import Answer, Message, Passage

app = typer.Typer(
    name="hwqa",
    help="Answers questions about inference hardware from Markdown documents, with the line each number comes from.",
    epilog="Example: hwqa ask 'How much memory does the H200 have?'",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

Corpus = Annotated[Path | None, typer.Option(help="Folder of the Markdown documents.", show_default="corpus")]
IndexPlace = Annotated[
    str | None, typer.Option("--index", help="Folder of the index, or URL of a Chroma server.", show_default="index")
]
Model = Annotated[
    str | None,
    typer.Option(help="Chat model as provider:name (openai, anthropic, ollama, local), or none.", show_default="none"),
]
BaseUrl = Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible server, for --model openai:NAME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HistoryFile = Annotated[
    Path | None, typer.Option("--history", help='JSON list of {"role", "content"}: the conversation so far.')
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command(epilog="Example: hwqa index --corpus docs --index index")
def index(corpus: Corpus = None, index: IndexPlace = None) -> None:
    """Bring the index up to date with the documents; only what changed is embedded."""
    from hwqa.embedding import open_embedder
    from hwqa.index import Index

    settings = _settings(corpus=corpus, index=index)
    with _progress() as progress:
        embedder = open_embedder(settings.embedder, settings.cache, progress=progress)
        report = Index.open(settings.index, embedder).sync(settings.corpus, progress=progress)
    _warn(f"{path} is not indexed: {reason}" for path, reason in report.skipped)
    typer.echo(
        f"{report.added} added, {report.updated} updated, {report.removed} removed, {report.unchanged} unchanged "
        f"(chunks of {report.files} files)"
    )


@app.command(epilog="Example: hwqa chunks --corpus docs --json | head -3")
def chunks(corpus: Corpus = None, as_json: AsJson = False) -> None:
    """Print the chunks that the documents are cut into."""
    from hwqa.chunking import chunk_document
    from hwqa.corpus import read_text, scan
    from hwqa.embedding import open_embedder
    from hwqa.markdown import read_document

    settings = _settings(corpus=corpus)
    files = scan(settings.corpus)
    with _progress() as progress:
        embedder = open_embedder(settings.embedder, settings.cache, progress=progress)
    for file in files:
        try:
            document = read_document(file.path, read_text(settings.corpus, file.path))
        except CorpusError as error:
            _warn([str(error)])
            continue
        for chunk in chunk_document(document, count_tokens=embedder.count_tokens, budget=embedder.max_tokens):
            if as_json:
                _print_json(
                    {
                        "id": chunk.id,
                        "path": chunk.path,
                        "heading_path": list(chunk.heading_path),
                        "anchor": chunk.anchor,
                        "lines": list(chunk.lines),
                        "text": chunk.text,
                    }
                )
            else:
                typer.echo(f"{chunk.path}:{chunk.lines[0]}-{chunk.lines[1]}  {chunk.trail}\n\n{chunk.text}\n")


@app.command(epilog="Examples: hwqa search -k 3 'memory bandwidth of the H200'; cat queries.txt | hwqa search --json -")
def search(
    query: Annotated[str, typer.Argument(help="What to look for; - reads one query a line from stdin.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="At most this many passages.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Show the passages that answer a query, best first."""
    assistant = _assistant(_settings(corpus=corpus, index=index))
    if query == "-":
        for line in _lines(sys.stdin):
            _print_json(_each(line, "query", lambda text: _search_json(text, assistant.search(text, k))))
        return
    passages = assistant.search(query, k)
    if as_json:
        _print_json(_search_json(query, passages))
        return
    for passage in passages:
        typer.echo(
            f"{passage.rank}. {passage.trail}  ({passage.path}:{passage.lines[0]}-{passage.lines[1]}, "
            f"score {passage.score:.4f})\n\n{passage.text}\n"
        )


@app.command(
    epilog="Examples: hwqa ask 'MI300X or H200 for FP16?'; hwqa ask --model openai:NAME --base-url http://host:8000/v1 "
    "'What speaks against CPUs?'; cat questions.txt | hwqa ask --json -"
)
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads one question a line from stdin.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    history: HistoryFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, with the source of every figure."""
    turns = _history(history)
    settings = _settings(corpus=corpus, index=index, model=model, base_url=base_url)
    if question != "-" and not question.strip():
        from hwqa.errors import QuestionError

        raise QuestionError("the question is empty: ask, for example, hwqa ask 'How much memory does the H200 have?'")
    assistant = _assistant(settings)
    if question == "-":
        for line in _lines(sys.stdin):
            _print_json(_each(line, "question", lambda text: assistant.ask(text, turns).to_json()))
        return
    answer = assistant.ask(question, turns)
    if as_json:
        _print_json(answer.to_json())
    else:
        _show(answer)
    if answer.failure:
        raise typer.Exit(_fail(answer.failure))


@app.command(epilog="Example: hwqa chat --model ollama:qwen3")
def chat(corpus: Corpus = None, index: IndexPlace = None, model: Model = None, base_url: BaseUrl = None) -> None:
    """Talk in the terminal; a question may refer to the ones before it."""
    from hwqa.schema import Message

    assistant = _assistant(_settings(corpus=corpus, index=index, model=model, base_url=base_url))
    turns: list[Message] = []
    interactive = sys.stdin.isatty()
    if interactive:
        typer.echo("Ask a question; an empty line or Ctrl-D ends.", err=True)
    while True:
        if interactive:
            typer.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line.strip():
            return
        answer = _stream(assistant, line.strip(), turns)
        turns += [Message("user", line.strip()), Message("assistant", answer.text)]


@app.command(epilog="Example: hwqa serve --port 8080")
def serve(
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on.", show_default="7860")] = None,
) -> None:
    """Open the chat in the browser."""
    settings = _settings(corpus=corpus, index=index, model=model, base_url=base_url, host=host, port=port)
    assistant = _assistant(settings)
    from hwqa.ui import serve as serve_ui

    serve_ui(assistant, settings)


@app.command("eval", epilog="Example: hwqa eval tests/golden --out runs/today --baseline runs/yesterday")
def evaluate(
    golden: Annotated[list[Path], typer.Argument(help="Golden sets: YAML files, or folders of them.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the run and its report to.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Folder of an earlier run to compare with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval and answers against golden questions."""
    from hwqa.evaluation import load_cases, run_eval

    cases = load_cases(golden)
    assistant = _assistant(_settings(corpus=corpus, index=index, model=model, base_url=base_url))
    with _progress() as progress:
        report = run_eval(cases, assistant, out=out, baseline=baseline, progress=progress)
    if as_json:
        _print_json(report.to_json())
    else:
        report.print()


@app.command(epilog="Example: hwqa doctor")
def doctor(corpus: Corpus = None, index: IndexPlace = None, model: Model = None, base_url: BaseUrl = None) -> None:
    """Say what works here, what does not, and what to do about it."""
    from hwqa.doctor import examine

    findings = examine(_settings(corpus=corpus, index=index, model=model, base_url=base_url))
    for finding in findings:
        mark = "ok  " if finding.works else "FAIL" if finding.needed else "-   "
        typer.echo(f"{mark}  {finding.what}: {finding.says}")
    if any(finding.needed and not finding.works for finding in findings):
        raise typer.Exit(1)


@app.command(epilog="Examples: hwqa check --corpus docs; hwqa check --json | jq -r 'select(.severity == \"error\")'")
def check(corpus: Corpus = None, as_json: AsJson = False) -> None:
    """Check the documents: structure, units, sources, links; what they must hold stands in their README.md."""
    from hwqa.checking import check as check_corpus

    report = check_corpus(_settings(corpus=corpus).corpus)
    if as_json:
        for line in report.to_json():
            _print_json(line)
    else:
        typer.echo(report.to_text())
    if report.errors:
        raise typer.Exit(_fail(f"{report.verdict()}: mend the errors named above"))


def main() -> None:
    """Run the command line; an expected failure ends in one line on stderr and exit code 1."""
    try:
        app()
    except HwqaError as error:
        sys.exit(_fail(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`hwqa chunks | head`).
        with contextlib.suppress(OSError):
            sys.stdout.close()
        sys.exit(0)


def _fail(message: str) -> int:
    typer.echo(f"hwqa: {' '.join(message.split())}", err=True)
    return 1


def _warn(messages: Iterator[str] | Sequence[str]) -> None:
    for message in messages:
        typer.echo(f"hwqa: warning: {' '.join(message.split())}", err=True)


def _settings(**arguments: Any) -> Settings:
    from hwqa.config import Settings

    return Settings.load(**arguments)


def _assistant(settings: Settings) -> Assistant:
    from hwqa.assistant import Assistant

    with _progress() as progress:
        assistant = Assistant.open(settings=settings, progress=progress)
    if assistant.report is not None:
        _warn(f"{path} is not indexed: {reason}" for path, reason in assistant.report.skipped)
    return assistant


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr that appears with the first step, and only where there is work to show."""
    bar: Any = None
    tasks: dict[str, Any] = {}

    def step(done: int, total: int, what: str) -> None:
        nonlocal bar
        if bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
            )
            bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield step
    finally:
        if bar is not None:
            bar.stop()


def _lines(stream: Any) -> Iterator[str]:
    """The lines of a stream as they come, without waiting for its end; blank ones are left out."""
    while line := stream.readline():
        if line.strip():
            yield line.strip()


def _each(text: str, name: str, act: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The result for one of many lines; a failure becomes its result, so that the other lines are still served."""
    try:
        return act(text)
    except HwqaError as error:
        return {name: text, "error": str(error)}


def _search_json(query: str, passages: Sequence[Passage]) -> dict[str, Any]:
    return {
        "query": query,
        "results": [
            {
                "rank": passage.rank,
                "score": round(passage.score, 6),
                "path": passage.path,
                "heading_path": list(passage.heading_path),
                "anchor": passage.anchor,
                "lines": list(passage.lines),
                "text": passage.text,
            }
            for passage in passages
        ],
    }


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _history(path: Path | None) -> list[Message]:
    from hwqa.schema import Message

    if path is None:
        return []
    form = 'a JSON list such as [{"role": "user", "content": "..."}]'
    try:
        turns = json.loads(path.read_text("utf-8"))
        return [Message(_role(turn["role"]), str(turn["content"])) for turn in turns]
    except OSError as error:
        raise ConfigError(f"the history {path} cannot be read ({error.strerror}): give {form}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"the history {path} is not {form}: {error}") from error


def _role(role: Any) -> Any:
    if role not in ("user", "assistant"):
        raise ValueError(f"role {role!r} is neither user nor assistant")
    return role


def _show(answer: Answer) -> None:
    """Print an answer for a person: the text, then each source with its place and quote."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(highlight=False)
    console.print(Markdown(answer.text.replace("[", "\\[")) if sys.stdout.isatty() else answer.text, markup=False)
    _show_sources(answer, console)


def _show_sources(answer: Answer, console: Any) -> None:
    if answer.citations:
        console.print("\nSources", style="bold")
    for citation in answer.citations:
        first, last = citation.lines
        place = f"{citation.path}:{first}" if first == last else f"{citation.path}:{first}-{last}"
        console.print(f"[{citation.number}] {citation.trail} ({place})", markup=False, soft_wrap=True)
        console.print(f"    {' '.join(citation.quote.split())}", markup=False, style="dim", soft_wrap=True)
    for warning in answer.warnings:
        if warning != answer.failure:
            console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)


def _stream(assistant: Assistant, question: str, turns: Sequence[Message]) -> Answer:
    from rich.console import Console

    shown = ""
    answer: Answer | None = None
    for update in assistant.stream(question, turns):
        if update.text.startswith(shown):
            sys.stdout.write(update.text[len(shown) :])
        else:
            # A draft that failed the gate is replaced: say the new one from the start.
            sys.stdout.write("\n" + update.text)
        sys.stdout.flush()
        shown = update.text
        answer = update.answer
    sys.stdout.write("\n")
    assert answer is not None  # noqa: S101 - the last update carries the answer
    _show_sources(answer, Console(highlight=False))
    if answer.failure:
        _fail(answer.failure)
    return answer
