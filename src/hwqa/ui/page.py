"""Turns of a conversation, and the page around them, as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from hwqa.schema import Answer, Stage
from hwqa.ui.actions import render_actions
from hwqa.ui.calculation import render_calculation
from hwqa.ui.conversation import Turn
from hwqa.ui.drawing import render_drawing
from hwqa.ui.marks import render_answer
from hwqa.ui.removals import render_removals, told

_STAGES: tuple[tuple[Stage, str], ...] = (
    ("reading", "Reading the question"),
    ("searching", "Searching the documents"),
    ("writing", "Writing"),
    ("checking", "Checking every number"),
)
_SOON = 0.1
"""Seconds below which nobody waits."""
_STATUS = {
    "partial": "The documents answer a part of this",
    "not_in_docs": "Not in the documents",
    "clarify": "A question back",
}

HEADER = """
<div class="hw-brand">
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <rect x="7" y="7" width="18" height="18" rx="3"/><path d="m11.5 16.5 3 3 6-7"/>
    <path d="M12 3v4M20 3v4M12 25v4M20 25v4M3 12h4M3 20h4M25 12h4M25 20h4"/>
  </svg>
  <div><h1>hwqa</h1><p>Hardware questions, answered from documents</p></div>
</div>
"""

NAVIGATION = """
<nav class="hw-nav" aria-label="Parts of hwqa">
  <a href="browse" target="_blank" rel="noopener">Documents</a>
  <a href="matrix" target="_blank" rel="noopener">Facts</a>
</nav>
"""

CLOSE = '<button type="button" class="hw-close" data-close>Back to the answer</button>'


def render_turns(turns: Sequence[Turn], first: int = 0) -> str:
    """Turns, one below the other; `first` is the position of the first of them in the conversation, from 0."""
    return "\n".join(_turn(turn, first + place) for place, turn in enumerate(turns))


def render_welcome(examples: Sequence[str]) -> str:
    """What stands where no question was asked yet: what one can ask, and examples to click."""
    buttons = "".join(f'<li><button type="button" data-ask>{escape(example)}</button></li>' for example in examples)
    return f"""<section class="hw-welcome">
<h2>What do you want to know about the hardware?</h2>
<p>Ask for a figure, a comparison, or what speaks for and against a product. Every number in an answer is checked
against the line of the document that it cites; click its mark to read that line.</p>
<ul class="hw-examples">{buttons}</ul>
</section>"""


def render_hint(text: str) -> str:
    """A quiet remark below the question's field."""
    return f'<p class="hw-hint" role="status">{escape(text)}</p>' if text else ""


def render_error(text: str) -> str:
    """What went wrong, where no answer can say it."""
    return f'<p class="hw-error" role="alert">{escape(text)}</p>'


def _turn(turn: Turn, place: int) -> str:
    parts = [
        f'<article class="hw-turn" data-turn="{place}" aria-busy="{str(turn.running).lower()}">',
        f'<h2 class="hw-question"><span class="hw-unseen">You asked: </span>{escape(turn.question)}</h2>',
        '<div class="hw-answer">',
    ]
    if turn.answer is not None and turn.answer.status in _STATUS:
        parts.append(f'<p class="hw-status">{_STATUS[turn.answer.status]}</p>')
    if turn.text:
        parts.append(f'<div class="hw-prose">{render_answer(turn.text, turn.citations, place)}</div>')
    if turn.progress == "waiting":
        parts.append(f'<p class="hw-waiting">{_waiting(turn.ahead)}</p>')
    elif turn.running:
        parts += _stages(turn)
    elif turn.progress == "failed":
        parts.append(render_error(turn.error[:1].upper() + turn.error[1:]))
    elif turn.progress == "stopped":
        parts.append('<p class="hw-note">Stopped.</p>')
    if turn.answer is not None:
        parts.append(render_drawing(turn.answer, place))
    if turn.answer is not None and turn.answer.calculation:
        parts.append(render_calculation(turn.answer.calculation))
    if turn.answer is not None:
        parts += _notes(turn.answer, place)
    parts.append(f"</div>{render_actions(turn)}</article>")
    return "\n".join(parts)


def _waiting(ahead: int) -> str:
    return f"Waiting in line: {ahead} {'question is' if ahead == 1 else 'questions are'} answered before yours"


def _stages(turn: Turn) -> Iterator[str]:
    names = [stage for stage, _ in _STAGES]
    now = names.index(turn.progress) if turn.progress in names else 0
    yield '<ol class="hw-stages" aria-label="Progress">'
    for place, (_, label) in enumerate(_STAGES):
        state = "now" if place == now else "past" if place < now else "next"
        current = ' aria-current="step"' if place == now else ' aria-hidden="true"'
        yield f'<li class="hw-{state}"{current}>{label}</li>'
    yield "</ol>"


def _notes(answer: Answer, place: int) -> Iterator[str]:
    """What the reader should know about the answer, quietly."""
    facts = []
    if answer.citations:
        count = len(answer.citations)
        label = "1 source" if count == 1 else f"{count} sources"
        facts.append(f'<a href="#" class="hw-all" data-cite="{place}.">{label}</a>')
    facts.append("written without a model" if answer.model == "none" else f"written by {escape(answer.model)}")
    if answer.timings.total:
        seconds = answer.timings.total / 1000
        facts.append(f"{seconds:.1f} s" if seconds >= _SOON else f"under {_SOON} s")
    notes = [escape(warning) for warning in told(answer)]
    if answer.standalone_question.strip() != answer.question.strip():
        notes.insert(0, f"Understood as: {escape(answer.standalone_question)}")
    yield '<footer class="hw-foot">'
    yield f"<p>{' · '.join(facts)}</p>"
    if notes:
        yield "<ul>" + "".join(f"<li>{note}</li>" for note in notes) + "</ul>"
    yield render_removals(answer)
    yield "</footer>"
