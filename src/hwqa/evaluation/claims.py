"""An answer → the claims it makes: what each says, which figures it gives and which citations it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hwqa.markdown import plain_text
from hwqa.schema import Citation, Statement
from hwqa.statements import statements
from hwqa.units import Quantity, find_quantities, same

_MARK = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*\](?!\()")
_LEADING_MARKS = re.compile(rf"(?:{_MARK.pattern}[\s.,;]*)+")
_ABSENT = re.compile(
    r"\b(?:documents?|corpus|sources?|pages?|sections?|table)\b[^.;]*"
    r"\b(?:do(?:es)?|did|is|are|has|have|give|gives|hold|holds|say|says)?\s*(?:not|n['’]t|nothing|no|neither|none)\b"
    r"|\b(?:nothing|no (?:figure|value|number|information|entry|data)s?)\b"
    r"[^.;]*\b(?:documents?|corpus|sources?|given|found|stated)\b"
    r"|\bnot (?:in|given in|stated in|covered by) the (?:documents?|corpus|sources?)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"(?:(?:\b(?:not|never|neither|nor|no|nothing)\b|n['’]t\b)(?!\s+(?:less|more|fewer|only|just|later|earlier|below|above)\b)"
    r"|\b(?:rather than|instead of|contrary to|wrongly|mistaken))(?:\s+(?!(?:but|and|while|it)\b)[^\s.;:,]+){0,4}\s*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[.'’+-][^\W_]+)*")
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence or table row of an answer that says something about the world."""

    text: str
    """Plain text without marks; of a row, its cells joined by semicolons."""
    marks: tuple[int, ...]
    """Numbers of the citations that it carries, in order, each once."""
    figures: tuple[Quantity, ...]
    """Its numbers, without those that it denies and those that are part of a name."""


def claims(answer: str, question: str = "") -> list[Claim]:
    """The claims of an answer's Markdown, in order.

    Left out, because they carry no statement that a source could support: headings, questions, sentences that introduce
    a list (they end with a colon, give no figure and cite nothing), sentences of less than three words without
    figure and citation ("Yes."), and uncited statements that the documents do not hold something, if they give no
    figure but the question's. A mark behind the full stop belongs to the sentence before it; the marks of a table's
    header to every row.
    """
    asked = figures(question)
    return [claim for claim in map(_claim, _sentences(answer)) if claim.marks or not _is_idle(claim, asked)]


def marks_of(text: str) -> tuple[int, ...]:
    """The numbers that a text cites, in order, each once.

    >>> marks_of("80 GB [1][3], 141 GB [2-4, 7]")
    (1, 3, 2, 4, 7)
    """
    numbers: dict[int, None] = {}
    for match in _MARK.finditer(text):
        for part in re.split(r"\s*[,;]\s*", match[1]):
            first, _, last = (side.strip() for side in re.sub("–", "-", part).partition("-"))
            numbers |= dict.fromkeys(range(int(first), int(last or first) + 1))
    return tuple(numbers)


def without_marks(text: str) -> str:
    """The text as it reads without citation marks.

    >>> without_marks("It has 80 GB [1], at 700 W [2].")
    'It has 80 GB, at 700 W.'
    """
    return re.sub(rf"\s*{_MARK.pattern}", "", text)


def figures(text: str) -> list[Quantity]:
    """The numbers that a text states, but those of names (`RTX 4090`) and counts in words (`two cards`)."""
    return [
        quantity
        for quantity in find_quantities(text)
        if quantity.kind != "version" and (quantity.kind == "ratio" or re.search(r"\d", quantity.raw))
    ]


def is_denied(text: str, start: int) -> bool:
    """Whether what stands at the offset is denied there: `not 80 GB`, `rather than 80 GB`."""
    return _DENIAL.search(text[max(0, start - 60) : start]) is not None


def carried(claim: Claim, citations: Sequence[Citation]) -> list[Citation]:
    """The citations whose marks the claim carries, as far as they exist."""
    return [citation for citation in citations if citation.number in claim.marks]


@lru_cache(maxsize=4096)
def source_figures(citation: Citation) -> tuple[Quantity, ...]:
    """The numbers that a citation's quote and heading trail hold."""
    return tuple(find_quantities(plain_text(citation.quote))) + tuple(find_quantities(citation.trail))


def stands_in(figure: Quantity, citation: Citation) -> bool:
    """Whether the citation's quote or heading trail holds the number, to the digits that it is written with.

    A quoted table row lacks its header, where the unit may stand: there a bare number supports the same number with
    any unit.
    """
    held = source_figures(citation)
    if any(same(figure, source) for source in held):
        return True
    bare = {(source.low, source.high) for source in held if source.kind == "count" and not source.unit}
    return citation.quote.lstrip().startswith("|") and (figure.low, figure.high) in bare


def words(text: str) -> frozenset[str]:
    """The words of more than three letters or with a digit, in lower case."""
    return frozenset(
        word.casefold() for word in _WORD.findall(text) if len(word) > 3 or any(letter.isdecimal() for letter in word)
    )


def _sentences(answer: str) -> Iterator[Statement]:
    """The statements of the answer; marks that stand in front of a sentence are put behind the one before."""
    previous: Statement | None = None
    # a definition such as `[1]: address` would turn the marks into links
    for statement in statements(re.sub(r"(?m)^(\s*\[\d{1,3}\]):", r"\1 ", answer)):
        current: Statement | None = statement
        leading = _LEADING_MARKS.match(statement.text) if statement.kind == "sentence" else None
        if leading is not None and previous is not None and previous.kind == "sentence":
            previous = replace(previous, text=f"{previous.text} {leading[0].strip()}")
            rest = statement.text[leading.end() :]
            current = replace(statement, text=rest) if rest.strip() else None
        if current is not None:
            if previous is not None:
                yield previous
            previous = current
    if previous is not None:
        yield previous


def _claim(statement: Statement) -> Claim:
    if statement.kind == "row":
        text = "; ".join(cell for cell in statement.cells if cell)
        marks = marks_of(" ".join((*statement.header, text)))
    else:
        text = statement.text
        marks = marks_of(text)
    said = without_marks(text).strip()
    return Claim(said, marks, tuple(figure for figure in figures(said) if not is_denied(said, figure.start)))


def _is_idle(claim: Claim, asked: Sequence[Quantity]) -> bool:
    own = [figure for figure in claim.figures if not any(same(figure, other) for other in asked)]
    if own:
        return False
    if _ABSENT.search(claim.text) or claim.text.endswith(("?", ":")):
        return True
    return not claim.figures and len(_WORD.findall(claim.text)) < _FEW_WORDS
