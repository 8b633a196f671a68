"""The program that the commands belong to."""

from __future__ import annotations

from typing import Annotated

import typer

from hwqa import __version__

app = typer.Typer(
    name="hwqa",
    help="Answers questions about inference hardware from Markdown documents, with the line each number comes from.",
    epilog="Example: hwqa ask 'How much memory does the H200 have?'",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
