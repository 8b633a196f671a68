"""Commands about local chat models: model list, pull, remove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hwqa.cli.options import AsJson
from hwqa.cli.program import app
from hwqa.cli.session import load_settings, print_json, progress_bar

models = typer.Typer(
    name="model",
    help="Chat models that run on this machine: list, pull, remove.",
    epilog="Example: hwqa model pull qwen3-4b, then hwqa ask --model local:qwen3-4b 'What speaks against CPUs?'",
    no_args_is_help=True,
)
app.add_typer(models)

Name = Annotated[str, typer.Argument(help="Name of the model, as `hwqa model list` shows it.")]


@models.command("list", epilog="Example: hwqa model list")
def list_models(as_json: AsJson = False) -> None:
    """Show the models that can be pulled and those that are here."""
    from hwqa.gguf import models_folder

    rows = list(_rows(models_folder()))
    if as_json:
        for row in rows:
            print_json(row)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Name", "Publisher", "Licence", "Parameters", "File", "Memory", "Here"):
        table.add_column(heading, justify="right" if heading in ("Parameters", "File", "Memory") else "left")
    for row in rows:
        figures = (f"{row[name] / 1e9:.1f} GB" if row[name] else "" for name in ("size", "memory"))
        table.add_row(row["name"], row["publisher"], row["licence"], row["parameters"], *figures, row["state"])
    Console(highlight=False).print(table)
    typer.echo(f"Files lie in {models_folder()}; ask with --model local:NAME")


@models.command(
    epilog="Examples: hwqa model pull qwen2.5-1.5b; HWQA_MODEL_MIRROR=https://host.example hwqa model pull qwen3-4b"
)
def pull(name: Name) -> None:
    """Fetch a model and verify it; a download that broke off goes on where it stopped."""
    from hwqa.catalogue import catalogue_model
    from hwqa.gguf import free_memory, models_folder
    from hwqa.pulling import pull as pull_model

    settings = load_settings()
    model = catalogue_model(name)
    with progress_bar(in_bytes=True) as progress:
        path = pull_model(model, models_folder(), mirror=settings.model_mirror, progress=progress)
    free = free_memory()
    if free is not None and free < model.memory:
        typer.echo(
            f"hwqa: warning: {name} needs {model.memory / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free",
            err=True,
        )
    typer.echo(f"{path} ({model.licence}): ask with --model local:{name}")


@models.command(epilog="Example: hwqa model remove qwen2.5-1.5b")
def remove(name: Name) -> None:
    """Delete a model's file, and what an interrupted download left of it."""
    from hwqa.gguf import models_folder
    from hwqa.pulling import remove as remove_model

    typer.echo(f"{remove_model(name, models_folder()) / 1e9:.1f} GB freed")


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The models of the catalogue, then the other files that `local:NAME` finds."""
    from hwqa.catalogue import catalogue
    from hwqa.gguf import PACKAGES, list_gguf, packaged_file
    from hwqa.pulling import partial_size

    here = list_gguf(folder)
    for model in catalogue().values():
        part = partial_size(model.name, folder)
        state = "pulled" if model.name in here else f"{100 * part // model.size} %" if part else ""
        yield {
            "name": model.name,
            "publisher": model.publisher,
            "licence": model.licence,
            "parameters": model.parameters,
            "size": model.size,
            "memory": model.memory,
            "sha256": model.sha256,
            "source": f"{model.repository}/{model.file}",
            "state": state,
        }
    for name in here:
        if name not in catalogue():
            packaged = packaged_file(PACKAGES[name]) if name in PACKAGES else None
            path = packaged or folder / f"{name}.gguf"
            yield {
                "name": name,
                "publisher": "",
                "licence": "",
                "parameters": "",
                "size": path.stat().st_size,
                "memory": None,
                "sha256": PACKAGES[name].sha256 if packaged else "",
                "source": PACKAGES[name].name if packaged else str(path),
                "state": "package" if packaged else "own file",
            }
