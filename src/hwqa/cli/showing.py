"""An answer as a person reads it in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hwqa.cli.session import fail
from hwqa.texts import source_lines

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.schema import Answer, Citation, Message


def show_answer(answer: Answer) -> None:
    """Print an answer for a person: the text, then each source with its place and quote."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(highlight=False)
    console.print(Markdown(answer.text.replace("[", "\\[")) if sys.stdout.isatty() else answer.text, markup=False)
    _show_sources(answer, console)


def _show_sources(answer: Answer, console: Any) -> None:
    show_citations(answer.citations, console)
    for warning in answer.warnings:
        if warning != answer.failure:
            console.print(f"Note: {warning}", markup=False, style="italic", soft_wrap=True)


def show_citations(citations: Sequence[Citation], console: Any = None) -> None:
    """Print each source with its place and quote."""
    if console is None:
        from rich.console import Console

        console = Console(highlight=False)
    if citations:
        console.print("\nSources", style="bold")
    for citation in citations:
        place, quote = source_lines(citation)
        console.print(place, markup=False, soft_wrap=True)
        console.print(quote, markup=False, style="dim", soft_wrap=True)


def stream_answer(assistant: Assistant, question: str, turns: Sequence[Message]) -> Answer:
    """Print an answer as it is written, then its sources; the finished answer."""
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
        fail(answer.failure)
    return answer
