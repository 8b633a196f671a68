"""The cell of a row that a statement rests on, and what an answer says with each mark."""

from __future__ import annotations

import re
from html import unescape

import pytest

from hwqa.assistant import Assistant
from hwqa.corpus import read_text
from hwqa.schema import Citation
from hwqa.ui.cells import cited_cells
from hwqa.ui.claims import claims
from hwqa.ui.section import render_lines

HEADER = ["Card", "Memory", "Power", "Note"]
ROW = ["Beta B7", "80 GB", "700 W", "80 GB in five stacks, air"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(["The B7 has 80 GB"], {1}, id="a figure in its own cell before one that mentions it"),
        pytest.param(["It draws 0.7 kW"], {2}, id="the same figure in another unit"),
        pytest.param(["80 GB at 700 W"], {1, 2}, id="two figures"),
        pytest.param(["Note: 80 GB"], {3}, id="the column that is named"),
        pytest.param(["cooled by air", "It has 80 GB"], {1}, id="the words around, where the nearest name nothing"),
        pytest.param(["It is 3 times as fast"], set(), id="a figure that no cell has cites the row"),
        pytest.param(["The Beta B7 is a card"], set(), id="so does the name of the row"),
    ],
)
def test_the_cell_that_holds_what_is_said(said: list[str], expected: set[int]) -> None:
    assert cited_cells(HEADER, ROW, [tuple(said)]) == expected


def test_a_cell_of_words() -> None:
    header, row = ["Attribute", "Value", "Basis", "Source"], ["Memory type", "HBM3e", "", "sheet"]
    assert cited_cells(header, row, [("The memory type of the B7: HBM3e",)]) == {1}


SOURCES = tuple(Citation(number, "a.md", (), "", (1, 1), "") for number in (1, 2))


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        pytest.param("It has 5 GB [1]. It draws 300 W [1].", 1, ["It has 5 GB", "It draws 300 W"], id="two sentences"),
        pytest.param("A has 5 GB [1] against 4 GB for B [2].", 2, ["against 4 GB for B"], id="two marks in one"),
        pytest.param("It has 5 GB [1][2].", 2, ["It has 5 GB"], id="marks in a row"),
        pytest.param("It has 5 GB [1, 2].", 2, ["It has 5 GB"], id="one mark for two"),
        pytest.param("- **Fast**: 5 GB/s [1]\n- 6 W [2]", 1, ["Fast: 5 GB/s"], id="an item"),
        pytest.param("|Card|Power|\n|-|-|\n|B7|700 W [1]|", 1, ["B7 Power 700 W"], id="a cell with row and column"),
        pytest.param("|Card|Power|\n|-|-|\n|B7|1 W [1]; 2 W [2]|", 2, ["B7 Power ; 2 W"], id="the second in a cell"),
    ],
)
def test_what_is_said_with_a_mark(text: str, number: int, expected: list[str]) -> None:
    assert [claim[0] for claim in claims(text, SOURCES)[number]] == expected


QUESTIONS = [
    "How much memory does the MI300X have?",
    "MI300X or H200 for FP16?",
    "Compare H100 and MI300X",
    "Which card has the most memory under 300 W?",
    "Cheapest with at least 48 GB?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_figure_of_an_answer_is_set_off_in_its_source(corpus_assistant: Assistant, question: str) -> None:
    answer = corpus_assistant.ask(question)
    said = claims(answer.text, answer.citations)
    facts = corpus_assistant.index.facts()
    rows = [citation for citation in answer.citations if citation.quote.startswith("|")]
    assert rows
    for citation in rows:
        text = read_text(corpus_assistant.corpus, citation.path)
        values = {fact.value for fact in facts if (fact.path, fact.lines) == (citation.path, citation.lines)}
        for claim in said[citation.number]:
            html = render_lines(text, citation.lines, citation.quote, [claim])
            cells = [plain(piece.partition("</td>")[0]) for piece in html.split('class="hw-cell">')[1:]]
            assert set(cells) & values, claim
            assert all(cell in " ".join(claim) for cell in set(cells) - values), claim


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))
