"""Conversations as Markdown: each question, its answer, and the sources that its marks stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from hwqa.schema import Citation
from hwqa.ui.addresses import lines_text
from hwqa.ui.conversation import Turn
from hwqa.ui.kept import Kept


def conversation_markdown(title: str, turns: Sequence[Kept]) -> str:
    """The whole conversation under its title."""
    parts = [f"# {_line(title)}", *(turn_markdown(kept) for kept in turns)]
    return "\n\n".join(parts) + "\n"


def turn_markdown(kept: Kept) -> str:
    """One question as a heading, its answer, and its sources with their quotes."""
    return "\n\n".join(_parts(kept.turn, kept.began))


def _parts(turn: Turn, began: float) -> Iterator[str]:
    yield f"## {_line(turn.question)}"
    yield turn.text.strip() or "(no answer)"
    if turn.error:
        yield f"Error: {_line(turn.error)}"
    if turn.progress == "stopped":
        yield "(stopped before its end)"
    if turn.citations:
        yield "Sources:"
        yield "\n".join(map(_source, turn.citations))
    if turn.answer is not None:
        yield from (f"Note: {_line(warning)}" for warning in turn.answer.warnings)
        by = "without a model" if turn.answer.model == "none" else f"by {turn.answer.model}"
        moment = datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%d %H:%M UTC")
        yield f"*Asked on {moment}, written {by}.*"


def _source(citation: Citation) -> str:
    lines = lines_text(citation.lines)
    place = f"`{citation.path}`, {lines}" if citation.path else "calculated"
    # A fence, because a row of a table is one only behind its header; longer than any within the quote.
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", citation.quote)), 3)
    quote = "\n".join(f"  {line}" for line in [fence + "text", *citation.quote.split("\n"), fence])
    trail = f" – {_line(citation.trail)}" if citation.trail else ""
    return f"- \\[{citation.number}\\] {place}{trail}\n\n{quote}\n"


def _line(text: str) -> str:
    return " ".join(text.split())
