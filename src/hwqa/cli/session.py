"""What every command needs: settings, the opened assistant, progress, JSON lines, and warnings on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import typer

from hwqa.errors import HwqaError

if TYPE_CHECKING:
    from pathlib import Path

    from hwqa.assistant import Assistant
    from hwqa.config import Settings


def fail(message: str) -> int:
    """Say on stderr in one line what went wrong; 1, the exit code."""
    typer.echo(f"hwqa: {' '.join(message.split())}", err=True)
    return 1


def warn(messages: Iterator[str] | Sequence[str]) -> None:
    """Say each message on stderr in a line of its own."""
    for message in messages:
        typer.echo(f"hwqa: warning: {' '.join(message.split())}", err=True)


def load_settings(**arguments: Any) -> Settings:
    """The settings, with the options that were given over those of the environment and of hwqa.toml."""
    from hwqa.config import Settings

    return Settings.load(**arguments)


def open_assistant(settings: Settings) -> Assistant:
    """The assistant over a synced index; documents that could not be read are named on stderr."""
    from hwqa.assistant import Assistant

    with progress_bar() as progress:
        assistant = Assistant.open(settings=settings, progress=progress)
    if assistant.report is not None:
        warn(f"{path} is not indexed: {reason}" for path, reason in assistant.report.skipped)
    return assistant


def say_choice(assistant: Assistant) -> None:
    """Say on stderr in one line which model answers, where the user left it to hwqa."""
    if assistant.choice is not None:
        typer.echo(f"hwqa: {assistant.choice.says}", err=True)


@contextlib.contextmanager
def progress_bar(*, in_bytes: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on stderr that appears with the first step, and only where there is work to show.

    With `in_bytes` the steps are bytes, and the bar says how fast they come.
    """
    bar: Any = None
    tasks: dict[str, Any] = {}

    def step(done: int, total: int, what: str) -> None:
        nonlocal bar
        if bar is None:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            figures = (
                (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
                if in_bytes
                else (MofNCompleteColumn(), TimeElapsedColumn())
            )
            bar = Progress(TextColumn("{task.description}"), BarColumn(), *figures, console=Console(stderr=True))
            bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield step
    finally:
        if bar is not None:
            bar.stop()


def input_lines(stream: Any) -> Iterator[str]:
    """The lines of a stream as they come, without waiting for its end; blank ones are left out."""
    while line := stream.readline():
        if line.strip():
            yield line.strip()


def each_line(text: str, name: str, act: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The result for one of many lines; a failure becomes its result, so that the other lines are still served."""
    try:
        return act(text)
    except HwqaError as error:
        return {name: text, "error": str(error)}


def writes_chart(path: Path | None) -> Callable[[Any], None] | None:
    """What draws a chart into the file; None where no file is named.

    A name that no chart can have is refused before anything is done.
    """
    if path is None:
        return None
    from hwqa.charts import chart_format, save_chart

    chart_format(path)

    def write(figure: Any) -> None:
        save_chart(figure, path)
        typer.echo(f"hwqa: the chart is in {path}", err=True)

    return write


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON line and flush it."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()
