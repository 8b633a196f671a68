"""What the panel marks: exactly what a citation quotes, by line; and nothing of a document runs."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from tests.ui.hostile import HOSTILE, TAGS

from hwqa.markdown import plain_text, read_document
from hwqa.schema import Citation
from hwqa.statements import statements
from hwqa.ui.section import render_lines
from hwqa.ui.sources import render_panel, render_source

DOCUMENT = """---
title: Example
---
# Top

First sentence. Second **bold. Third** one with `code. Same` in it.
It goes on [here](https://example.org/a) and ends. Same. Same.

- **TDP**: 750 W. Same.
    - nested item
      over two lines
> quoted line
> goes on here.

## Table

Lead-in:

| Name | Value |
|------|-------|
| TDP | 750 W |
| Price | $30,000 … $40,000 |
| TDP | 750 W |

```python
first = 1
second = 2
```

<table><tr><td>cell</td></tr>
<tr><td>other</td></tr></table>

- ### CPU
	- **Advantages**
		- **Cheap**: at hand. Same.

3. third
4. fourth
"""
LINES = DOCUMENT.split("\n")


def marked(html: str) -> str:
    """The text within marks, white space collapsed."""
    pieces = re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", "".join(pieces))).split())


def line_of(start: str, nth: int = 1) -> int:
    return [number for number, line in enumerate(LINES, start=1) if line.strip().startswith(start)][nth - 1]


@pytest.mark.parametrize(
    ("lines", "quote", "expected"),
    [
        pytest.param((6, 6), "First sentence.", "First sentence.", id="the first sentence of a line"),
        pytest.param((6, 6), "Second **bold.", "Second bold.", id="a sentence that ends within bold text"),
        pytest.param((6, 6), "Third** one with `code.", "Third one with code. Same", id="code is marked whole"),
        pytest.param(
            (6, 7),
            "Same` in it.\nIt goes on [here](https://example.org/a) and ends.",
            "code. Same in it. It goes on here and ends.",
            id="two lines and a link",
        ),
        pytest.param((9, 9), "**TDP**: 750 W.", "TDP: 750 W.", id="a labelled item"),
        pytest.param((9, 9), "- **TDP**: 750 W.", "TDP: 750 W.", id="a quote with the item's bullet"),
        pytest.param((10, 11), "nested item\n      over two lines", "nested item over two lines", id="a nested item"),
        pytest.param((12, 13), "quoted line\n> goes on here.", "quoted line goes on here.", id="a block quote"),
        pytest.param((22, 22), "| Price | $30,000 … $40,000 |", "Price$30,000 … $40,000", id="a row"),
        pytest.param((27, 27), "second = 2", "second = 2", id="a line of code"),
        pytest.param((31, 31), "<tr><td>other</td></tr></table>", "other", id="a line of HTML"),
        pytest.param((4, 4), "# Top", "Top", id="a heading"),
    ],
)
def test_the_quote_is_marked_and_nothing_else(lines: tuple[int, int], quote: str, expected: str) -> None:
    assert quote in "\n".join(LINES[lines[0] - 1 : lines[1]])
    assert marked(render_lines(DOCUMENT, lines, quote)) == expected


def test_of_equal_rows_the_one_at_the_line_is_marked() -> None:
    html = render_lines(DOCUMENT, (23, 23), "| TDP | 750 W |")
    rows = re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    assert ["mark" in row for row in rows] == [False, False, False, True]
    assert ["hw-cited" in row for row in rows] == [False, False, False, True]


def test_of_equal_sentences_the_one_in_the_line_is_marked() -> None:
    first = render_lines(DOCUMENT, (9, 9), "Same.")
    assert re.search(r"750 W\. <mark>Same\.</mark>", first)
    nested = render_lines(DOCUMENT, (line_of("- **Cheap**"),) * 2, "Same.")
    assert re.search(r"at hand\. <mark>Same\.</mark>", nested)


def test_of_equal_sentences_in_one_paragraph_the_one_in_the_line_is_marked() -> None:
    html = render_lines("It runs.\nIt runs.\nIt runs.\n", (2, 2), "It runs.")
    assert html == "<p>It runs.\n<mark>It runs.</mark>\nIt runs.</p>\n"


@pytest.mark.parametrize("address", ["other.md", "/etc/passwd", "ftp://example.org/x", "//example.org", "#top"])
def test_links_lead_to_the_web_only(address: str) -> None:
    assert render_lines(f"[x]({address})\n", (1, 1), "nothing") == "<p><span><mark>x</mark></span></p>\n"


def test_only_the_section_of_the_quote_is_shown() -> None:
    html = render_lines(DOCUMENT, (line_of("- **Cheap**"),) * 2, "at hand.")
    assert "Cheap" in html
    assert "Table" not in html
    assert "fourth" not in html


def test_items_keep_their_numbers() -> None:
    html = render_lines(DOCUMENT, (line_of("4."),) * 2, "fourth")
    assert '<li value="4">' in html


def test_a_long_section_is_cut_around_the_quote_and_keeps_the_tables_header() -> None:
    rows = "\n".join(f"| row{number} | {number} W |" for number in range(1_000))
    text = f"# Long\n\n| Name | Power |\n|---|---|\n{rows}\n"
    html = render_lines(text, (505, 505), "| row500 | 500 W |")
    assert marked(html) == "row500500 W"
    assert "<th>Power</th>" in html
    assert "row0<" not in html
    assert html.count("<tr") < 200


@pytest.mark.parametrize("name", ["gpu/amd-instinct.md", "specialized/google-tpu.md", "cpu/apple-silicon.md"])
def test_every_statement_of_a_real_page_is_marked_exactly(name: str) -> None:
    text = (Path(__file__).parents[2] / "corpus" / name).read_text(encoding="utf-8")
    wrong = []
    for section in read_document(name, text).sections:
        for statement in statements(section.text, section.lines[0])[:6]:
            html = render_lines(text, statement.lines, statement.quote)
            wanted = "".join(plain_text(statement.quote).split())
            if statement.kind == "row":
                wanted = "".join("".join(statement.cells).split())
            if "".join(marked(html).split()) != wanted:
                wrong.append((statement.quote, marked(html)))
    assert wrong == []


def citation(quote: str, lines: tuple[int, int], path: str = "a.md", number: int = 1) -> Citation:
    return Citation(number, path, ("Top", "Table"), "table", lines, quote)


def test_a_document_that_changed_shows_the_quote_alone(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Top\n\nNow it says something else.\n")
    html = render_source(tmp_path, citation("It has 5 <b>GB</b>.", (3, 3)))
    assert "has changed" in html
    assert marked(html) == "It has 5 <b>GB</b>."


@pytest.mark.parametrize("path", ["gone.md", "../secret.md", "/etc/passwd", ""])
def test_a_path_that_is_no_document_shows_the_quote_alone(tmp_path: Path, path: str) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "secret.md").write_text("secret\n")
    html = render_source(tmp_path / "corpus", citation("secret", (1, 1), path))
    assert "not there any more" in html


def test_the_panel_names_trail_file_and_lines_and_lists_all_sources(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(DOCUMENT)
    citations = (citation("| TDP | 750 W |", (21, 21)), citation("first = 1", (26, 26), number=2))
    panel = render_panel(tmp_path, citations, turn=3, number=2)
    assert "Source 2 of 2" in panel
    assert "Table" in panel
    assert '<span class="hw-file">a.md</span>, line 26' in panel
    assert marked(panel) == "first = 1"
    assert panel.count('class="hw-card"') == 2
    assert panel.count('aria-current="true"') == 1
    assert 'data-cite="3.1"' in panel


def test_without_sources_the_panel_says_what_it_is_for(tmp_path: Path) -> None:
    assert "hw-panel-empty" in render_panel(tmp_path, (), turn=0)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("marked_too", [False, True])
def test_nothing_of_a_document_becomes_a_tag_of_its_own(text: str, marked_too: bool) -> None:
    document = f"# Top\n\nHarmless.\n\n{text}\n"
    lines = (5, 4 + len(text.split("\n"))) if marked_too else (3, 3)
    html = render_lines(document, lines, text if marked_too else "Harmless.")
    rest = TAGS.sub("", html)
    assert "<" not in rest
    assert ">" not in rest
    assert "style=" not in re.sub(r'style="text-align:\w+"', "", "".join(TAGS.findall(html)))
