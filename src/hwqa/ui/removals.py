"""What the gate removed from an answer, quietly: how many sentences, and on a click which, without their figures."""

from __future__ import annotations

from html import escape

from hwqa.schema import Answer, Removed
from hwqa.withholding import BLANK
from hwqa.writing import removal

_MOST = 20
"""Sentences that are shown."""
_BLANK = '<span class="hw-blank"><span class="hw-unseen">figure withheld</span></span>'


def render_removals(answer: Answer) -> str:
    """The line on what was removed, which opens the sentences where they are known; empty where nothing was."""
    if not answer.removed_sentences:
        return ""
    line = escape(removal(answer.removed_sentences))
    if not answer.removed:
        return f'<p class="hw-removed">{line}</p>'
    items = "".join(map(_item, answer.removed[:_MOST]))
    once = ", each of its sentences shown once" if len(answer.removed) < answer.removed_sentences else ""
    return (
        f'<details class="hw-removed"><summary>{line}</summary><p>The draft said this{once}. Its figures are '
        "blanked out, because nothing bears them out; do not rely on the words either.</p>"
        f"<ul>{items}</ul></details>"
    )


def told(answer: Answer) -> list[str]:
    """The warnings of an answer, without the one that `render_removals` tells."""
    return [warning for warning in answer.warnings if warning != removal(answer.removed_sentences)]


def _item(removed: Removed) -> str:
    reasons = "; ".join(_shown(reason) for reason in removed.reasons)
    return f"<li><s>{_shown(removed.text)}</s>{f'<small>Removed because: {reasons}</small>' if reasons else ''}</li>"


def _shown(text: str) -> str:
    return escape(text).replace(BLANK, _BLANK)
