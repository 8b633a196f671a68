"""Commands that answer: search, ask, chat, serve."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hwqa.cli.history import read_history
from hwqa.cli.options import AsJson, BaseUrl, Cache, Corpus, HistoryFile, IndexPlace, Model
from hwqa.cli.program import app
from hwqa.cli.session import each_line, fail, input_lines, load_settings, open_assistant, print_json, say_choice
from hwqa.cli.showing import show_answer, stream_answer
from hwqa.errors import QuestionError
from hwqa.remembering import remembered
from hwqa.schema import Message, search_json
from hwqa.texts import passage_text


@app.command(epilog="Examples: hwqa search -k 3 'memory bandwidth of the H200'; cat queries.txt | hwqa search --json -")
def search(
    query: Annotated[str, typer.Argument(help="What to look for; - reads one query a line from stdin.")],
    corpus: Corpus = None,
    index: IndexPlace = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="At most this many passages.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Show the passages that answer a query, best first."""
    assistant = open_assistant(load_settings(corpus=corpus, index=index))
    if query == "-":
        for line in input_lines(sys.stdin):
            print_json(each_line(line, "query", lambda text: search_json(text, assistant.search(text, k))))
        return
    passages = assistant.search(query, k)
    if as_json:
        print_json(search_json(query, passages))
        return
    for passage in passages:
        typer.echo(passage_text(passage))


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
    cache: Cache = None,
    history: HistoryFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, with the source of every figure."""
    turns = read_history(history)
    settings = load_settings(corpus=corpus, index=index, model=model, base_url=base_url, answer_cache=cache)
    if question != "-" and not question.strip():
        raise QuestionError("the question is empty: ask, for example, hwqa ask 'How much memory does the H200 have?'")
    assistant = open_assistant(settings)
    if question == "-":
        say_choice(assistant)
        for line in input_lines(sys.stdin):
            print_json(each_line(line, "question", lambda text: assistant.ask(text, turns).to_json()))
        return
    answer = assistant.ask(question, turns)
    if as_json:
        print_json(answer.to_json())
    else:
        show_answer(answer)
    if answer.failure:
        raise typer.Exit(fail(answer.failure))
    say_choice(assistant)


@app.command(epilog="Example: hwqa chat --model ollama:qwen3")
def chat(
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    cache: Cache = None,
) -> None:
    """Talk in the terminal; a question may refer to the ones before it."""
    assistant = open_assistant(
        load_settings(corpus=corpus, index=index, model=model, base_url=base_url, answer_cache=cache)
    )
    say_choice(assistant)
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
        answer = stream_answer(assistant, line.strip(), turns)
        turns = remembered([*turns, Message("user", line.strip()), Message("assistant", answer.text)])


@app.command(epilog="Examples: hwqa serve --port 8080; hwqa serve --host 0.0.0.0 --auth users.txt --rate-limit 30")
def serve(
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    cache: Cache = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on.", show_default="7860")] = None,
    auth: Annotated[
        str | None,
        typer.Option(help="Who may come in: a file with name:password on each line, or one name:password."),
    ] = None,
    root_path: Annotated[
        str | None, typer.Option(help="Path, or whole address, under which a proxy serves the chat: /hwqa.")
    ] = None,
    rate_limit: Annotated[
        int | None, typer.Option(min=0, help="Questions a minute of each client; 0 for any number.", show_default="0")
    ] = None,
    request_limit: Annotated[
        int | None, typer.Option(min=1_000, help="Bytes of the largest request.", show_default="1000000")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1_000, help="Answers written at once; others wait.", show_default="8")
    ] = None,
    reindex: Annotated[
        bool | None, typer.Option("--reindex/--no-reindex", help="Let readers index anew.", show_default="no-reindex")
    ] = None,
) -> None:
    """Open the chat in the browser, with its HTTP API and MCP tools for programs."""
    settings = load_settings(
        corpus=corpus,
        index=index,
        model=model,
        base_url=base_url,
        answer_cache=cache,
        host=host,
        port=port,
        auth=auth,
        root_path=root_path,
        rate_limit=rate_limit,
        request_limit=request_limit,
        concurrency=concurrency,
        reindex=reindex,
    )
    assistant = open_assistant(settings)
    from hwqa.ui import serve as serve_ui

    serve_ui(assistant, assistant.settings)
