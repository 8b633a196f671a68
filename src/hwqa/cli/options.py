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
    typer.Option(
        help="Chat model as provider:name (openai, anthropic, ollama, local), none, or auto: a local model that was "
        "pulled, else none.",
        show_default="auto",
    ),
]
Cache = Annotated[
    bool | None,
    typer.Option("--cache/--no-cache", help="Give answers of chat models again from disk.", show_default="cache"),
]
BaseUrl = Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible server, for --model openai:NAME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HistoryFile = Annotated[
    Path | None, typer.Option("--history", help='JSON list of {"role", "content"}: the conversation so far.')
]
Chart = Annotated[
    Path | None,
    typer.Option(
        "--chart", help="Draw the result into this file: .html, or .png and .svg where Chromium is installed."
    ),
]
