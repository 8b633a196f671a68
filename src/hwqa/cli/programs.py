"""The command for other programs: mcp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hwqa.cli.options import BaseUrl, Cache, Corpus, IndexPlace, Model
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, open_assistant, say_choice
from hwqa.errors import ServeError

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


@app.command(epilog="Examples: hwqa mcp; hwqa mcp --http --port 7861")
def mcp(
    corpus: Corpus = None,
    index: IndexPlace = None,
    model: Model = None,
    base_url: BaseUrl = None,
    cache: Cache = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP to programs of this machine instead of stdio.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port for --http; 0 takes a free one.")] = 7861,
) -> None:
    """Serve ask, search, compare, select and size as MCP tools."""
    settings = load_settings(corpus=corpus, index=index, model=model, base_url=base_url, answer_cache=cache)
    try:
        from hwqa.mcp_server import build_server, serve_http, serve_stdio
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise ServeError(
            "serving MCP needs the package mcp, which is not installed: pip install 'hwqa[mcp]'"
        ) from error

    def opened() -> Assistant:
        assistant = open_assistant(settings)
        say_choice(assistant)
        return assistant

    server = build_server(opened)
    if http:
        serve_http(server, port)
    else:
        serve_stdio(server)
