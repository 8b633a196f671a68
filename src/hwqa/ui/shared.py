"""The page of an answer that was shared: the question, the answer and its sources, and nothing that does anything."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from hwqa.schema import Citation
from hwqa.ui.addresses import line_address, lines_text
from hwqa.ui.conversation import Turn
from hwqa.ui.kept import Kept
from hwqa.ui.marks import render_answer
from hwqa.ui.removals import render_removals, told
from hwqa.ui.rendering import safe_parser
from hwqa.ui.theme import stylesheet

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
"""What the page may load: nothing but its own style."""
_STYLE = """
html, body { height: auto !important; overflow: auto !important; }
body { margin: 0; font-family: system-ui, sans-serif; color: var(--hw-text); }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
.hw-shared-head { display: flex; justify-content: space-between; gap: 1rem; margin: 0 0 2rem; padding: 0 0 .8rem;
  border-bottom: 1px solid var(--hw-line); font-size: .86rem; color: var(--hw-quiet); }
:is(.hw-shared-head, .hw-shared-list li > p) a { color: var(--hw-accent); white-space: nowrap; }
h1 { font-size: 1.3rem; line-height: 1.35; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 2rem 0 .6rem; }
.hw-shared-list { list-style: none; margin: 0; padding: 0; display: grid; gap: .7rem; }
.hw-shared-list li { padding: .8rem .9rem; border: 1px solid var(--hw-line); border-radius: .6rem;
  background: var(--hw-surface); scroll-margin-top: 1rem; }
.hw-shared-list li:target { border-color: var(--hw-accent); background: var(--hw-accent-soft); }
.hw-shared-list li > p { margin: 0; font-size: .86rem; color: var(--hw-quiet); overflow-wrap: anywhere; }
.hw-shared-list li > p:first-child { font-weight: 600; color: var(--hw-text); }
.hw-shared-list blockquote { margin: .5rem 0 0; padding: .1rem 0 .1rem .8rem;
  border-left: 3px solid var(--hw-mark-line); font-size: .92rem; line-height: 1.5;
  overflow-wrap: anywhere; }
"""


def render_shared(kept: Kept, home: str) -> str:
    """The page as HTML; `home` is the address of the chat."""
    turn = kept.turn
    answer = turn.answer
    moment = datetime.fromtimestamp(kept.began, UTC).strftime("%Y-%m-%d, %H:%M UTC")
    by = "without a model" if answer is None or answer.model == "none" else f"by {answer.model}"
    notes = "".join(f"<li>{escape(warning)}</li>" for warning in (told(answer) if answer else ()))
    removals = f'<div class="hw-foot">{render_removals(answer)}</div>' if answer else ""
    sources = "".join(map(_source, turn.citations))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(_short(turn.question))} – hwqa</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex"><link rel="icon" href="../favicon.ico">
<style>{stylesheet()}{_dark()}{_STYLE}</style></head>
<body><main id="hw-columns">
<div class="hw-shared-head"><span>Answered {moment}, {escape(by)}</span>
<a href="{escape(home)}">Ask a question</a></div>
<h1>{escape(turn.question)}</h1>
{_understood(turn)}
<div class="hw-prose">{render_answer(turn.text, turn.citations, 0)}</div>
{f'<ul class="hw-foot">{notes}</ul>' if notes else ""}
{removals}
<h2>{"Sources" if turn.citations else "No source is cited"}</h2>
<ol class="hw-shared-list">{sources}</ol>
</main></body></html>"""


def _understood(turn: Turn) -> str:
    """What a follow-up refers to, which its words alone do not say."""
    if turn.answer is None or turn.answer.standalone_question.strip() == turn.question.strip():
        return ""
    return f'<p class="hw-foot">Understood as: {escape(turn.answer.standalone_question)}</p>'


def _source(citation: Citation) -> str:
    lines = lines_text(citation.lines)
    place = "calculated"
    if citation.path:
        address = escape(f"../{line_address(citation.path, citation.lines)}")
        file = f'<span class="hw-file">{escape(citation.path)}</span>, {lines}'
        place = f'{file} · <a href="{address}">the document today</a>'
    return (
        f'<li id="source-0.{citation.number}"><p>[{citation.number}] {escape(citation.trail or citation.path)}</p>'
        f'<p>{place}</p><blockquote class="hw-prose">{_quote(citation.quote)}</blockquote></li>'
    )


def _quote(text: str) -> str:
    """The quote as its document shows it; of a row, which is no table without its header, the cells."""
    if text.lstrip().startswith("|"):
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        text = " · ".join(filter(None, cells))
    return str(safe_parser().render(text, {}))


def _dark() -> str:
    """The dark colours where the reader's system is dark: on this page no script sets the class that brings them."""
    style = stylesheet()
    start = style.index("{", style.index(".dark")) + 1
    return f"@media (prefers-color-scheme: dark) {{ :root {{{style[start : style.index('}', start)]}}} }}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
