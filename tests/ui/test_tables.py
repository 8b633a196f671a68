"""Tables of an answer: what sorts their cells; and how a sizing was reckoned."""

from __future__ import annotations

import re

import pytest
from tests.ui.hostile import HOSTILE

from hwqa.schema import Citation
from hwqa.ui.calculation import render_calculation
from hwqa.ui.marks import render_answer

CITATIONS = tuple(Citation(number, "a.md", ("A",), "a", (number, number), "x") for number in (1, 2, 3))


def orders(html: str, name: str = "order") -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2], re.DOTALL)
    return [
        [(re.search(rf'data-{name}="([^"]*)"', cell) or ["", ""])[1] for cell in re.findall(r"<td[^>]*>", row)]
        for row in rows
    ]


def test_amounts_of_a_column_sort_across_units() -> None:
    html = render_answer("|Card|Memory|\n|-|-|\n|A|1 TB [1]|\n|B|900 GB [2]|\n|C|not in the documents|", CITATIONS, 0)
    first, second, third = (float(row[1]) if row[1] else None for row in orders(html))
    assert first > second
    assert third is None
    assert html.count("data-sort") == 2


def test_a_column_of_several_kinds_has_no_order_and_its_rows_have() -> None:
    html = render_answer("|Attribute|A|B|\n|-|-|-|\n|Memory|1 TB [1]|900 GB|\n|Power|300 W|450 W [2]|", CITATIONS, 0)
    assert html.count("data-sort") == 1  # the names of the attributes
    turned = orders(html, "turned")
    assert float(turned[0][1]) > float(turned[0][2])
    assert float(turned[1][1]) < float(turned[1][2])


def test_a_single_row_has_nothing_to_sort() -> None:
    assert "data-sort" not in render_answer("|A|B|\n|-|-|\n|1 GB|2 GB|", (), 0)


@pytest.mark.parametrize("text", ["|A|\n|-|", "|A|B|\n|-|-|\n|only one|", "|[1]|B|\n|-|-|\n|x|y|\n|z|w|"])
def test_tables_that_are_cut_short_are_shown(text: str) -> None:
    html = render_answer(text, CITATIONS, 0)
    assert html.count("<table>") == html.count("</table>") == 1
    assert html.count("<button") == html.count("</button>")


STEP = {
    "name": "weights",
    "text": "70.0 GB",
    "formula": "parameters × bits / 8",
    "numbers": "70 × 8 / 8",
    "inputs": [1],
}


def calculation(text: str) -> dict[str, object]:
    citation = {"path": f"{text}.md", "lines": [3, 3]}
    return {
        "steps": [{**STEP, "name": text}],
        "devices": [{"device": text, "devices": 2, "steps": [STEP]}],
        "inputs": [
            {"name": "parameters", "of": text, "text": "70 billion", "citation": citation, "assumption": ""},
            {"name": text, "of": "", "text": text, "citation": None, "assumption": text},
        ],
    }


def test_a_calculation_shows_steps_formulas_and_where_its_figures_are_from() -> None:
    html = render_calculation(calculation("X"))
    assert "parameters × bits / 8" in html
    assert "2 × X" in html
    assert '<a href="browse/X.md?lines=3-3#L3" target="_blank" rel="noopener">X.md:3</a>' in html


@pytest.mark.parametrize("text", HOSTILE)
def test_no_word_of_a_calculation_becomes_a_tag(text: str) -> None:
    html = render_calculation(calculation(text))
    tags = set(re.findall(r"</?([a-z0-9]+)[\s>]", html))
    assert tags <= set("details summary h3 div table thead tbody tr th td ol li a span".split())
