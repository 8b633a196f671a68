"""An answer → the claims it makes: what each says, which figures it gives and which citations it carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hwqa.markdown import plain_text
from hwqa.schema import Citation, Statement
from hwqa.statements import statements
from hwqa.units import Quantity, find_quantities, same
from hwqa.words import content_words

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
_DELIMITER_ROW = re.compile(r"[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_FEW_WORDS = 3


ReadText = Callable[[str], str | None]
"""Path of a document → its text with lines broken by newline, or None when there is no such document."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence or table cell of an answer that says something about the world."""

    text: str
    """Plain text without marks; of a row that cites nothing, its cells joined by semicolons."""
    marks: tuple[int, ...]
    """Numbers of the citations that it carries, in order, each once."""
    figures: tuple[Quantity, ...]
    """Its numbers, without those that it denies and those that are part of a name."""
    label: str = ""
    """Of a table cell, what its row and its column are called."""


def claims(answer: str, question: str = "") -> list[Claim]:
    """The claims of an answer's Markdown, in order.

    Left out, because they carry no statement that a source could support: headings, questions, sentences that introduce
    a list (they end with a colon, give no figure and cite nothing), sentences of less than three words without
    figure and citation ("Yes."), and uncited statements that the documents do not hold something, if they give no
    figure but the question's. A mark behind the full stop belongs to the sentence before it. Of a table row with marks,
    each cell with a mark or figure is a claim; a cell without marks shares those of its row and header.
    """
    asked = figures(question)
    made = (claim for statement in _sentences(answer) for claim in _claims_of(statement))
    return [claim for claim in made if claim.marks or not _is_idle(claim, asked)]


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
    """Whether what stands at the offset is denied there: `not 80 GB`, `rather than 80 GB`.

    What stands in another cell of a table, which plain text parts by tabs, denies nothing.
    """
    return _DENIAL.search(text[max(0, start - 60) : start].rpartition("\t")[2]) is not None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A citation as a reader sees it: the quote, the headings above it and the header of its table."""

    number: int
    path: str
    heading_path: tuple[str, ...]
    text: str
    """Plain text of all three, a line each."""
    is_row: bool
    derived: tuple[Quantity, ...] = ()
    """What the answer's calculation gives, when the citation is one of its inputs."""

    def holds(self, figure: Quantity) -> bool:
        """Whether the number stands there, to the digits that it is written with, or is derived from it.

        The unit of a table's figures may stand in the header: in a quoted row, a bare number supports the same number
        with any unit.
        """
        held = (*_figures_held(self.text), *self.derived)
        if any(same(figure, source) for source in held):
            return True
        bare = {(source.low, source.high) for source in held if source.kind == "count" and not source.unit}
        return self.is_row and (figure.low, figure.high) in bare

    def shares(self, text: str) -> float:
        """The share of the text's content words that stand there; 1 when it has none but all its words do."""
        said, held = set(content_words(text)), set(content_words(self.text))
        if not said:
            said, held = ({word.casefold() for word in _WORD.findall(each)} for each in (text, self.text))
        return len(said & held) / len(said) if said else 0.0


def reckoned(calculation: Mapping[str, Any] | None) -> tuple[Quantity, ...]:
    """Every figure of a calculation as `Answer.calculation` has it: results, formulas with numbers, counts, inputs."""
    return tuple(find_quantities("\n".join(_strings(calculation or {}))))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name != "citation":
                yield from _strings(part)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:,}"


def is_input(citation: Citation, calculation: Mapping[str, Any] | None) -> bool:
    """Whether a calculation starts from what is cited."""
    given = [each.get("citation") or {} for each in (calculation or {}).get("inputs", ())]
    return any((each.get("path"), each.get("quote")) == (citation.path, citation.quote) for each in given)


def quoted(citation: Citation, document: str | None, derived: tuple[Quantity, ...] = ()) -> Quoted:
    """The citation with the header of its table, if its quote is a row of one in the document's text."""
    quote = citation.quote.lstrip(" \t>")
    is_row = quote.startswith("|")
    header = table_header((document or "").split("\n"), citation.lines[0]) if is_row else ""
    parts = (plain_text(citation.quote), plain_text(header), citation.trail)
    return Quoted(
        citation.number, citation.path, citation.heading_path, "\n".join(filter(None, parts)), is_row, derived
    )


def table_header(lines: Sequence[str], line: int) -> str:
    """The header row of the table that the line (from 1) belongs to, empty when it belongs to none."""
    for number in range(min(line, len(lines)) - 1, 0, -1):
        if not lines[number].strip(" \t>"):
            return ""
        if _DELIMITER_ROW.fullmatch(lines[number]):
            return lines[number - 1].strip(" \t>")
    return ""


def carried(claim: Claim, citations: Sequence[Quoted]) -> list[Quoted]:
    """The citations whose marks the claim carries, as far as they exist."""
    return [citation for citation in citations if citation.number in claim.marks]


@lru_cache(maxsize=4096)
def _figures_held(text: str) -> tuple[Quantity, ...]:
    return tuple(find_quantities(text))


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


def _claims_of(statement: Statement) -> Iterator[Claim]:
    if statement.kind != "row":
        yield _claim(statement.text, marks_of(statement.text))
        return
    row = marks_of(" ".join((*statement.header, *statement.cells)))
    if not row:
        yield _claim("; ".join(cell for cell in statement.cells if cell), ())
        return
    # a cell may hold several figures, each with its mark: `900 MB [1]; 300 MB [2]`
    for place, cell in enumerate(statement.cells):
        label = " ".join((*statement.cells[:1], *statement.header[place : place + 1]))
        for part in re.split(r"(?<=\])\s*;\s*", cell):
            claim = replace(_claim(part, marks_of(part) or row), label=label)
            if marks_of(part) or claim.figures:
                yield claim


def _claim(text: str, marks: tuple[int, ...]) -> Claim:
    said = without_marks(text).strip()
    return Claim(said, marks, tuple(figure for figure in figures(said) if not is_denied(said, figure.start)))


def _is_idle(claim: Claim, asked: Sequence[Quantity]) -> bool:
    own = [figure for figure in claim.figures if not any(same(figure, other) for other in asked)]
    if own:
        return False
    if _ABSENT.search(claim.text) or claim.text.endswith(("?", ":")):
        return True
    return not claim.figures and len(_WORD.findall(claim.text)) < _FEW_WORDS
