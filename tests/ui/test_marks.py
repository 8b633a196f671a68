"""Marks in an answer: each opens its own source of its own answer, and nothing a model writes runs."""

from __future__ import annotations

import re

import pytest
from tests.ui.hostile import HOSTILE, TAGS

from hwqa.schema import Citation
from hwqa.ui.marks import render_answer

CITATIONS = (
    Citation(1, "a.md", ("Top", "<b>Bold</b>"), "bold", (3, 3), "It has 5 GB ([sheet](https://sheet.example/a))."),
    Citation(2, "b.md", (), "", (7, 8), "It has 6 GB."),
)


def marks(html: str) -> list[str]:
    return re.findall(r'data-cite="([^"]*)"', html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("It has 5 GB [1].", ["4.1"], id="one"),
        pytest.param("5 GB [1][2], 6 GB [2] [1].", ["4.1", "4.2", "4.2", "4.1"], id="several"),
        pytest.param("5 GB [1, 2].", ["4.1", "4.2"], id="two in one mark"),
        pytest.param("| a |\n|---|\n| **5 GB** [1] |", ["4.1"], id="in a table"),
        pytest.param("5 GB [3].", [], id="a number without a source stays text"),
        pytest.param("5 GB [1, 3].", [], id="nor does a mark open a part of its sources"),
        pytest.param("`array[1]`", [], id="code stays code"),
        pytest.param(r"5 GB \[1].", [], id="an escaped mark is text"),
        pytest.param(
            "[1]: https://elsewhere.example\n\n5 GB [1].", ["4.1", "4.1"], id="a definition cannot take a mark"
        ),
        pytest.param("[1](https://elsewhere.example)", ["4.1"], id="nor can a link"),
    ],
)
def test_marks_are_links_to_their_source(text: str, expected: list[str]) -> None:
    html = render_answer(text, CITATIONS, turn=4)
    assert marks(html) == expected
    assert "elsewhere.example" not in "".join(re.findall(r'href="[^"]*"', html))


def test_a_mark_names_its_source_to_screen_readers() -> None:
    html = render_answer("5 GB [1], 6 GB [2].", CITATIONS, turn=0)
    assert 'aria-label="Source 1: Top › &lt;b&gt;Bold&lt;/b&gt;"' in html
    assert 'aria-label="Source 2: b.md"' in html


def test_only_links_of_the_cited_sources_lead_anywhere() -> None:
    html = render_answer("[a](https://sheet.example/a) [b](https://invented.example/b)", CITATIONS, turn=0)
    assert 'href="https://sheet.example/a"' in html
    assert "invented.example" not in html


def test_prices_and_dollars_stay_text() -> None:
    html = render_answer("It costs $30,000 … $40,000, or $$x^2$$, \\(y\\).", (), turn=0)
    assert html == "<p>It costs $30,000 … $40,000, or $$x^2$$, (y).</p>\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_a_model_writes_becomes_a_tag_of_its_own(text: str) -> None:
    html = render_answer(f"Harmless. {text}\n\n{text}", CITATIONS, turn=0)
    rest = TAGS.sub("", html)
    assert "<" not in rest
    assert ">" not in rest
