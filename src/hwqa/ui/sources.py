"""The panel beside the chat: the cited section as its document has it, the cited lines marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from hwqa.blocks import split_lines
from hwqa.corpus import read_text
from hwqa.errors import CorpusError
from hwqa.schema import TRAIL_SEPARATOR, Citation
from hwqa.ui.addresses import digest, line_address, lines_text
from hwqa.ui.cells import Claim
from hwqa.ui.marks import source_link
from hwqa.ui.section import quoted_links, render_lines

_MOST_ORIGINS = 4
"""Links of the cited words that are shown above them."""


def render_panel(
    corpus: Path, citations: Sequence[Citation], turn: int, number: int | None = None, claims: Sequence[Claim] = ()
) -> str:
    """The panel for one answer: the source asked for, if any, and the list of all.

    Args:
        corpus: Folder of the documents.
        citations: The sources of the answer.
        turn: Position of the answer in its conversation, from 0.
        number: The source to open; None for the list alone.
        claims: What the answer says with that source.
    """
    if not citations:
        return (
            '<div class="hw-panel"><p class="hw-panel-empty">Numbers in an answer, such as '
            '<span class="hw-mark">[1]</span>, open the line that they come from. Here you see it in its document.'
            "</p></div>"
        )
    position = next((place for place, citation in enumerate(citations) if citation.number == number), None)
    parts = ['<div class="hw-panel">']
    if position is not None:
        parts += _opened(corpus, citations, turn, position, claims)
    parts.append(f"<h2>{'All sources' if position is not None else 'Sources'} of this answer</h2>")
    parts.append('<ol class="hw-source-list">')
    parts += [
        f"<li>{source_link(citation, turn, _card(citation), style='hw-card', current=citation.number == number)}</li>"
        for citation in citations
    ]
    parts.append("</ol></div>")
    return "\n".join(parts)


def _opened(
    corpus: Path, citations: Sequence[Citation], turn: int, position: int, claims: Sequence[Claim]
) -> Iterator[str]:
    citation = citations[position]
    *above, last = citation.heading_path or (citation.path,)
    yield '<article class="hw-source" aria-labelledby="hw-source-title">'
    yield '<header class="hw-source-head"><nav class="hw-steps" aria-label="Sources">'
    yield f"<span>Source {position + 1} of {len(citations)}</span>"
    yield '<kbd class="hw-keys" title="Alt with the arrow keys shows the next or previous source">Alt ↑ ↓</kbd>'
    for place, name, sign in ((position - 1, "Previous source", "‹"), (position + 1, "Next source", "›")):
        if 0 <= place < len(citations):
            number = citations[place].number
            step = name.partition(" ")[0].lower()
            yield (
                f'<a href="#" class="hw-step" data-cite="{turn}.{number}" data-step="{step}" '
                f'aria-label="{name}">{sign}</a>'
            )
        else:
            yield f'<span class="hw-step" aria-hidden="true">{sign}</span>'
    yield "</nav>"
    if above:
        yield f'<p class="hw-trail">{escape(TRAIL_SEPARATOR.join(above))}</p>'
    yield f'<h2 id="hw-source-title" tabindex="-1">{escape(last)}</h2>'
    yield f'<p class="hw-place">{_place(citation)}</p>'
    yield from _origins(corpus, citation)
    yield "</header>"
    yield f'<div class="hw-section hw-prose">{render_source(corpus, citation, claims)}</div>'
    yield "</article>"


def _origins(corpus: Path, citation: Citation) -> Iterator[str]:
    """Where else to read it: the place in the document at its own address, and what the cited words link to."""
    try:
        text = read_text(corpus, citation.path)
    except CorpusError:
        return
    first, last = citation.lines
    address = line_address(citation.path, citation.lines, of=digest(split_lines(text)[first - 1 : last]))
    links = [f'<a href="{escape(address)}" target="_blank" rel="noopener">Whole document</a>']
    for words, address in quoted_links(text, citation.quote)[:_MOST_ORIGINS]:
        host = urlsplit(address).hostname or ""
        name = f"{words} ({host})" if words and words != address else host
        links.append(
            f'<a href="{escape(address)}" class="hw-origin" target="_blank" rel="noopener noreferrer nofollow">'
            f'<span class="hw-unseen">Original source: </span>{escape(name)}</a>'
        )
    yield '<p class="hw-origins">' + " ".join(links) + "</p>"


def _card(citation: Citation) -> str:
    *above, last = citation.heading_path or (citation.path,)
    trail = f'<span class="hw-trail">{escape(TRAIL_SEPARATOR.join(above))}</span>' if above else ""
    return (
        f'<span class="hw-number" aria-hidden="true">{citation.number}</span><span class="hw-card-text">{trail}'
        f'<span class="hw-card-title">{escape(last)}</span><span class="hw-place">{_place(citation)}</span></span>'
    )


def _place(citation: Citation) -> str:
    if not citation.path:
        return "calculated"
    lines = lines_text(citation.lines)
    return f'<span class="hw-file">{escape(citation.path)}</span>, {lines}'


def render_source(corpus: Path, citation: Citation, claims: Sequence[Claim] = ()) -> str:
    """The section that a citation points into as HTML, what it quotes within `<mark>`.

    When the file is gone or no longer has the quote at its lines, the quote alone, and a word on why.
    """
    try:
        text = read_text(corpus, citation.path)
    except CorpusError:
        return _quote_alone(citation, "The document is not there any more; this is what it said when it was indexed.")
    if not stands_at(split_lines(text), citation):
        return _quote_alone(citation, "The document has changed since it was indexed; this is what it said then.")
    return render_lines(text, citation.lines, citation.quote, claims)


def stands_at(lines: Sequence[str], citation: Citation) -> bool:
    """Whether the lines of a document still hold the quote where the citation says."""
    first, last = citation.lines
    return 1 <= first <= last <= len(lines) and citation.quote in "\n".join(lines[first - 1 : last])


def _quote_alone(citation: Citation, reason: str) -> str:
    return f'<p class="hw-note">{reason}</p><blockquote><mark>{escape(citation.quote)}</mark></blockquote>'
