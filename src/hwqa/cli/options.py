"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
