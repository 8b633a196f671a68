"""The table of an answer as JSON: every cell with its citation, and nothing that the text does not cite."""

from __future__ import annotations

import pytest

from hwqa.assistant import Assistant
from hwqa.schema import Citation, Fact
from hwqa.tables import Cell, Row, cell_of, table_json
from tests.hardware_facts import fact

MEMORY, OTHER = fact("X", "Memory", "40–48 GB", "one card"), fact("Y", "Memory", "96 GB")


def cited(number: int, each: Fact) -> Citation:
    return Citation(number, each.path, each.heading_path, each.anchor, each.lines, each.quote)


def test_a_cell_has_text_citation_and_figures_with_their_unit() -> None:
    row = Row("attribute", "Memory", (cell_of("X", [MEMORY]), cell_of("Y", []), Cell("Note", "said")))
    (told,) = table_json([row], [cited(3, MEMORY)]) or ()
    assert told == {
        "kind": "attribute",
        "label": "Memory",
        "cells": [
            {
                "column": "X",
                "text": "40–48 GB",
                "citations": [3],
                "figures": [
                    {
                        "text": "40–48 GB",
                        "low": 40.0,
                        "high": 48.0,
                        "unit": "GB",
                        "basis": "",
                        "note": "one card",
                        "citation": 3,
                    }
                ],
            },
            {"column": "Y", "text": "not in the documents", "citations": [], "figures": []},
            {"column": "Note", "text": "said", "citations": [], "figures": []},
        ],
    }


def test_what_was_worked_out_has_citations_and_no_figures() -> None:
    (told,) = (
        table_json([Row("product", "X", (Cell("Needed", "2", (MEMORY,), derived=True),))], [cited(1, MEMORY)]) or ()
    )
    assert told["cells"] == [{"column": "Needed", "text": "2", "citations": [1], "figures": []}]


def test_a_row_that_the_gate_removed_is_not_in_the_table() -> None:
    rows = [Row("attribute", "Memory", (cell_of("X", [MEMORY]), cell_of("Y", [OTHER])))]
    assert table_json(rows, [cited(1, MEMORY)]) is None
    assert table_json(None, []) is None


@pytest.mark.parametrize(
    ("question", "kind", "label"),
    [
        ("Compare the memory of the Alpha X1 and the Alpha X2.", "attribute", "Memory capacity"),
        ("Which device has the most memory?", "product", "Alpha X2"),
    ],
)
def test_every_figure_of_a_table_stands_at_its_citation(
    assistant: Assistant, question: str, kind: str, label: str
) -> None:
    answer = assistant.ask(question).to_json()
    assert answer["table"]
    assert (answer["table"][0]["kind"], answer["table"][0]["label"]) == (kind, label)
    quotes = {each["number"]: each["quote"] for each in answer["citations"]}
    figures = [figure for row in answer["table"] for cell in row["cells"] for figure in cell["figures"]]
    assert figures
    assert all(figure["text"] in quotes[figure["citation"]] for figure in figures)
    assert all(f"[{figure['citation']}]" in answer["answer"] for figure in figures)
