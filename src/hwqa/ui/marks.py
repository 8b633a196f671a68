"""The answer's Markdown → HTML in which each mark `[1]` is a link to its source in the panel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from hwqa.schema import Citation
from hwqa.ui.rendering import SafeRenderer

_MARK = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")


def render_answer(text: str, citations: Sequence[Citation], turn: int) -> str:
    """The answer as HTML; a mark whose number no citation has stays plain text.

    Args:
        text: Markdown with marks; it may break off anywhere, as it does while it is streamed.
        citations: The sources of the marks.
        turn: Position of the answer in its conversation, from 0: a mark names it, so that it never opens another
            answer's source.
    """
    known = {citation.number: citation for citation in citations}
    links = "\n".join(citation.quote for citation in citations)
    return str(_parser().render(text, {"known": known, "turn": turn, "links": links}))


def source_link(citation: Citation, turn: int, content: str, *, style: str, current: bool = False) -> str:
    """A link that opens a source in the panel.

    Args:
        citation: The source.
        turn: As in `render_answer`.
        content: HTML between the tags.
        style: Class of the link.
        current: Whether the panel shows this source already.
    """
    place = f"{turn}.{citation.number}"
    label = f"Source {citation.number}: {citation.trail or citation.path}"
    state = ' aria-current="true"' if current else ""
    return (
        f'<a href="#source-{place}" class="{style}" data-cite="{place}" aria-label="{escape(label)}" '
        f'title="{escape(citation.trail or citation.path)}"{state}>{content}</a>'
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}, renderer_cls=_AnswerRenderer)
    parser.enable("table").disable(["reference", "html_block", "html_inline"])
    parser.inline.ruler.before("link", "citation", _citation)
    return parser


def _citation(state: StateInline, silent: bool) -> bool:
    """Takes a mark whose numbers all have a source."""
    match = _MARK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    numbers = [int(number) for number in match[1].split(",")]
    if not all(number in state.env["known"] for number in numbers):
        return False
    if not silent:
        if state.pending.endswith(" "):
            state.pending = state.pending.rstrip(" ") + "\N{NO-BREAK SPACE}"  # no line begins with a mark
        state.push("citation", "", 0).meta = {"numbers": numbers}
    state.pos = match.end()
    return True


class _AnswerRenderer(SafeRenderer):
    def citation(
        self,
        tokens: Sequence[Token],
        index: int,
        options: OptionsDict,  # noqa: ARG002 - markdown-it gives rules their signature
        env: Any,
    ) -> str:
        """The links of one mark."""
        numbers = tokens[index].meta["numbers"]
        return "".join(
            source_link(env["known"][number], env["turn"], f"[{number}]", style="hw-mark") for number in numbers
        )
