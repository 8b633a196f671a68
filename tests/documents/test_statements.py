"""Statements: what can be quoted, and where it stands."""

from __future__ import annotations

import pytest

from hwqa.sentences import sentence_spans
from hwqa.statements import statements


@pytest.mark.parametrize(
    "sentences",
    [
        ["It moves 4.8 TB/s.", "Next."],
        ["It has 1,979 TFLOPS vs. 989.4 TFLOPS, i.e. twice.", "E.g. FP8 runs."],
        ["See Fig. 3 and Tab. 2.", "Figures follow."],
        ["The U.S. market grew.", "The rest did not."],
        ["J. Smith wrote it.", "Plan B.", "It works."],
        ["Made by Acme Inc. in 2024.", "Sold out."],
        ["llama.cpp v1.2.3 runs.", "llama.cpp is free.", "vLLM too."],
        ["See https://a.b/c.html.", "Then go on."],
        ["It draws 700 W.", "Measured at the wall."],
        ["It says `x. Y` here.", "Done."],
        ["It is fast (see there. It is dense.).", "Yes."],
        ["(A whole one.)", "Another."],
        ["“Quoted.”", "‘Again.’", "Plain!"],
        ["Really?!", "Yes…", "No."],
        ["Published in Nov. 2024.", "Sold since."],
        ["It has approx. 80 GB.", "No. 5 is next.", "The answer is no.", "We stop."],
        ["Etc. is no end, and so on etc.", "This is."],
        ["See [label. With stop](http://x.y).", "Next."],
        ["(First. Second.)", "(Third.) fourth."],
        ["Note.[1]", "Other.[^2]", "End."],
        ["**Bold end.**", "*Italic end.*", "Plain."],
        ["1. Not a sentence of its own.", "Second."],
    ],
    ids=lambda sentences: sentences[0],
)
def test_sentences_end_where_they_end(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences
    text = "\n".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_a_sentence_over_lines_keeps_them_in_its_quote() -> None:
    (first, second) = statements("> - One sentence\n>   over **two\n>   lines** here. Next.", 10)
    assert (first.lines, first.quote) == ((10, 12), "One sentence\n>   over **two\n>   lines** here.")
    assert first.text == "One sentence over two lines here."
    assert (second.lines, second.quote) == ((12, 12), "Next.")


def test_emphasis_that_crosses_sentences_leaves_no_marks() -> None:
    assert [statement.text for statement in statements("A **b. C** d. *Es. Fs.* `x_y_z`.")] == [
        "A b.",
        "C d.",
        "Es.",
        "Fs. x_y_z.",
    ]


def test_headings_labels_definitions_and_comments_are_no_statements() -> None:
    text = "# H\n\nSetext\n---\n\n- **Label**\n  Text.\n\n**Bold alone**\n\n[x]: y\n\n<!-- c -->\n\n***\n"
    assert [statement.quote for statement in statements(text)] == ["Text."]


def test_each_item_is_a_statement_even_of_bold_alone() -> None:
    found = statements("- **A**\n- b\n  - c\n\n    d\n1. [e](f)\n- \n* `g`")
    assert [statement.text for statement in found] == ["A", "b", "c", "d", "e", "g"]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("- **TDP**: 700 W", "TDP"),
        ("- **TDP:** 700 W", "TDP"),
        ("- __TDP__: 700 W", "TDP"),
        ("- **FP8 *peak*:** 2", ""),
        ("- **`TDP`** – 700 W", "TDP"),
        ("- **TDP** 700 W", ""),
        ("- **A** vs **B**: 2", ""),
        ("- The **TDP**: 700 W", ""),
        ("**TDP**: 700 W", "TDP"),
    ],
)
def test_label_of_an_item(text: str, label: str) -> None:
    (statement,) = statements(text)
    assert statement.label == label
    assert statement.quote == text.removeprefix("- ")


def test_all_sentences_of_an_item_have_its_label_and_its_children_do_not() -> None:
    found = statements("- **TDP**: 700 W. Peak.\n\n  More.\n  - child")
    assert [statement.label for statement in found] == ["TDP", "TDP", "TDP", ""]


def test_lines_that_open_with_a_label_are_statements_of_their_own() -> None:
    found = statements("**A**: 1  \n**B**: 2\n**C:** 3\nmore")
    assert [(statement.label, statement.text) for statement in found] == [
        ("A", "A: 1"),
        ("B", "B: 2"),
        ("C", "C: 3 more"),
    ]


def test_rows_know_their_header() -> None:
    text = "| Name | `Value` | |\n|:--|--:|---|\n| a \\| b | **1** | x |\n| c | | |\n| | | |\n| d |"
    rows = statements(text, 3)
    assert [row.kind for row in rows] == ["row"] * 3
    assert rows[0].cells == ("a | b", "1", "x")
    assert rows[0].header == ("Name", "Value", "")
    assert rows[0].text == "Name: a | b; Value: 1; x"
    assert (rows[0].label, rows[0].lines, rows[0].quote) == ("a | b", (5, 5), "| a \\| b | **1** | x |")
    assert rows[1].cells == ("c", "", "")
    assert (rows[2].lines, rows[2].cells) == ((8, 8), ("d", "", ""))


@pytest.mark.parametrize("given_with_context", [True, False])
def test_rows_know_a_header_that_is_repeated_in_front(given_with_context: bool) -> None:
    context = "The *values*. Two sentences:\n\n| Name | Value |\n|---|---|"
    rows = "| a | 1 |\n| b | 2 |\n\nAfter."
    text = f"{context}\n{rows}" if given_with_context else rows
    found = statements(text, 40, context=context)
    assert [(statement.lines[0], statement.text) for statement in found] == [
        (40, "Name: a; Value: 1"),
        (41, "Name: b; Value: 2"),
        (43, "After."),
    ]


def test_rows_without_any_header_are_rows_of_cells() -> None:
    found = statements("| a | 1 |\n|---|---|x\n| b \\| c | **2** |")
    assert [statement.cells for statement in found if statement.kind == "row"][-1] == ("b | c", "2")


def test_code_is_one_statement_without_its_fence() -> None:
    (code,) = statements("- x:\n\n  ```py\n\n  a. B\n\n    c\n  ```", 1)[1:]
    assert (code.kind, code.lines, code.quote, code.text) == ("code", (5, 7), "  a. B\n\n    c", "a. B\n\n  c")


def test_code_that_goes_on_from_another_chunk_is_code() -> None:
    (code,) = statements("# a. B\n```\n", 9, context="```sh")
    assert (code.kind, code.lines, code.quote) == ("code", (9, 9), "# a. B")


def test_html_gives_sentences_and_rows() -> None:
    text = (
        "<p>One <b>bold</b>. Two.\n<!-- no. No. -->\n"
        "<table><tr><th>A<th>B</tr>\n<tr><td>1</td>\n<td>&lt;2</td></tr></table>"
    )
    found = statements(text)
    assert [statement.text for statement in found] == ["One bold.", "Two.", "A: 1; B: <2"]
    assert found[0].quote == "One <b>bold</b>."
    assert (found[2].kind, found[2].lines) == ("row", (4, 5))


def test_deeply_indented_pieces_are_read_as_the_list_they_were_cut_from() -> None:
    found = statements("                - **Lower**: 653.7 TFLOPS\n\t\t\t\t- second\n        - third", 56)
    assert [(statement.lines[0], statement.text) for statement in found] == [
        (56, "Lower: 653.7 TFLOPS"),
        (57, "second"),
        (58, "third"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# A", "---", "[a]: b"])
def test_nothing_to_quote(text: str) -> None:
    assert statements(text) == ()


def test_a_piece_that_begins_deeper_than_it_goes_on_keeps_its_nesting() -> None:
    found = statements("        - child\n    - **TDP**: 700 W\n\n      More of the item.\n        - its child")
    assert [(statement.text, statement.label) for statement in found] == [
        ("child", ""),
        ("TDP: 700 W", "TDP"),
        ("More of the item.", "TDP"),
        ("its child", ""),
    ]
