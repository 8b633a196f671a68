"""The answer's Markdown → HTML in which each mark `[1]` is a link to its source in the panel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from hwqa.markdown import plain_text
from hwqa.schema import Citation
from hwqa.ui.rendering import SafeRenderer
from hwqa.ui.tables import TOOLS, with_orders

_MARK = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_PREVIEWED = 320
"""Characters of a quote that are shown before the source is opened."""


def render_answer(text: str, citations: Sequence[Citation], turn: int) -> str:
    """The answer as HTML; a mark whose number no citation has stays plain text.

    Args:
        text: Markdown with marks; it may break off anywhere, as it does while it is streamed.
        citations: The sources of the marks.
        turn: Position of the answer in its conversation, from 0: a mark names it, so that it never opens another
            answer's source.
    """
    parser = _parser()
    env = {
        "known": {citation.number: citation for citation in citations},
        "turn": turn,
        "links": "\n".join(citation.quote for citation in citations),
        "seen": Counter[int](),
    }
    tokens = with_orders(parser.parse(text, env))
    return str(parser.renderer.render(tokens, parser.options, env))


def answer_tokens(text: str, citations: Sequence[Citation]) -> list[Token]:
    """The answer's Markdown as tokens; a token `citation` has the numbers of its mark in `meta["numbers"]`."""
    return _parser().parse(text, {"known": {citation.number: citation for citation in citations}})


def source_link(
    citation: Citation, turn: int, content: str, *, style: str, current: bool = False, claim: int | None = None
) -> str:
    """A link that opens a source in the panel.

    Args:
        citation: The source.
        turn: As in `render_answer`.
        content: HTML between the tags.
        style: Class of the link.
        current: Whether the panel shows this source already.
        claim: Of a mark, which of the marks with its number it is, from 0; it then shows its quote beforehand.
    """
    place = f"{turn}.{citation.number}"
    label = f"Source {citation.number}: {citation.trail or citation.path}"
    state = ' aria-current="true"' if current else ""
    if claim is not None:
        state += f' data-claim="{claim}" data-trail="{escape(citation.trail or citation.path)}"'
        state += f' data-quote="{escape(preview(citation.quote))}"'
        state += f' data-place="{escape(f"{citation.path}:{citation.lines[0]}")}"'
    return (
        f'<a href="#source-{place}" class="{style}" data-cite="{place}" aria-label="{escape(label)}"{state}>'
        f"{content}</a>"
    )


def preview(quote: str) -> str:
    """A quote as a reader sees it, on one line and shortened; of a row, its cells parted by dots.

    >>> preview("| Power | 300 W | | [sheet](https://sheet.example) |")
    'Power · 300 W · sheet'
    """
    if quote.lstrip().startswith("|"):
        row = quote.strip()
        plain = plain_text(f"{row}\n{'|-' * (row.count('|') - row.count(chr(92) + '|') - 1)}|")
        text = " · ".join(cell.strip() for cell in plain.split("\t") if cell.strip())
    else:
        text = " ".join(plain_text(quote).split())
    return text if len(text) <= _PREVIEWED else text[:_PREVIEWED].rpartition(" ")[0] + " …"


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
    """As `SafeRenderer`; tables have tools, and buttons that sort them."""

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The tools of a table, and its start."""
        return TOOLS + super().table_open(tokens, index, options, env)

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The start of a header; of one that can be sorted, with the start of a button."""
        button = '<button type="button" data-sort>' if _has_button(tokens, index) else ""
        return str(self.renderToken(tokens, index, options, env)) + button

    def th_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The end of what `th_open` began."""
        button = "</button>" if _has_button(tokens, index - 2) else ""
        return button + str(self.renderToken(tokens, index, options, env))

    def citation(
        self,
        tokens: Sequence[Token],
        index: int,
        options: OptionsDict,  # noqa: ARG002 - markdown-it gives rules their signature
        env: Any,
    ) -> str:
        """The links of one mark."""
        links = []
        for number in tokens[index].meta["numbers"]:
            claim = env["seen"][number]
            env["seen"][number] += 1
            links.append(source_link(env["known"][number], env["turn"], f"[{number}]", style="hw-mark", claim=claim))
        return "".join(links)


def _has_button(tokens: Sequence[Token], index: int) -> bool:
    """Whether the header that opens at a place gets a button: it can be sorted, has words, and no link within."""
    children = tokens[index + 1].children or []
    plain = bool(children) and not any(child.type in {"citation", "link_open"} for child in children)
    return plain and bool(tokens[index].meta.get("sort"))
