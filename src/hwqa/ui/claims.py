"""What an answer says with each of its marks: the words in front of a mark, and the sentence, item or row around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from hwqa.blocks import tokens_text
from hwqa.schema import Citation
from hwqa.sentences import sentence_spans
from hwqa.ui.cells import Claim
from hwqa.ui.marks import answer_tokens

_MARK = "\ue000"
"""A character of no script, which stands for a mark while the text around it is cut into sentences."""


def claims(text: str, citations: Sequence[Citation]) -> dict[int, tuple[Claim, ...]]:
    """Number of a source → what each of its marks stands behind, in the order of the marks.

    >>> source = Citation(1, "a.md", (), "", (1, 1), "")
    >>> claims("It has 5 GB [1]. It draws 300 W [1].", [source])[1][1]
    ('It draws 300 W', 'It draws 300 W .', 'It has 5 GB . It draws 300 W .')
    """
    found: dict[int, tuple[Claim, ...]] = {}
    for number, claim in _claims(answer_tokens(text, citations)):
        found[number] = (*found.get(number, ()), claim)
    return found


def _claims(tokens: Sequence[Token]) -> Iterator[tuple[int, Claim]]:
    header: list[str] = []
    row: list[str] = []
    in_head = False
    for token in tokens:
        if token.type in {"thead_open", "thead_close"}:
            in_head = token.type == "thead_open"
            header = [] if in_head else header
        elif token.type == "tr_open":
            row = []
        elif token.type == "table_close":
            header, row = [], []
        elif token.type == "inline":
            children = token.children or []
            plain = tokens_text([child for child in children if child.type != "citation"])
            if in_head:
                header.append(plain)
            elif header:
                beside = " ".join((*row[:1], *header[len(row) : len(row) + 1]))
                yield from _marks(children, beside)
                row.append(plain)
            else:
                yield from _marks(children, "")


def _marks(children: Sequence[Token], beside: str) -> Iterator[tuple[int, Claim]]:
    """The marks of a paragraph, item or cell; `beside` is what names the cell's row and column."""
    numbers: list[Sequence[int]] = []
    pieces: list[Token] = []
    for child in children:
        if child.type == "citation":
            numbers.append(child.meta["numbers"])
            pieces.append(Token("text", "", 0, content=_MARK))
        else:
            pieces.append(child)
    whole = tokens_text(pieces)
    spans = sentence_spans(whole)
    position = -1
    for group in numbers:
        before, position = position, whole.index(_MARK, position + 1)
        start, end = next((span for span in spans if span[0] <= position < span[1]), (0, len(whole)))
        near = whole[max(start, before + 1) : position]
        if not near.strip():  # one of several marks in a row, which stand behind the same words
            near = whole[start:position].rstrip(f"{_MARK} \N{NO-BREAK SPACE}").rpartition(_MARK)[2]
        texts = (" ".join(text.replace(_MARK, " ").split()) for text in (near, whole[start:end], whole))
        claim = tuple(dict.fromkeys(" ".join(filter(None, (beside, text))) for text in texts if text))
        yield from ((number, claim) for number in group)
