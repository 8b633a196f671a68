"""Products side by side: like for like, with ratios only where they may be drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from hwqa.assistant import Assistant
from hwqa.comparison.like_for_like import ComparedRow, like_for_like, same_condition
from hwqa.errors import QuestionError
from hwqa.schema import Fact
from hwqa.selection.book import FactBook
from hwqa.selection.columns import ranked_column
from tests.hardware_facts import SHELF, fact

RUN = "Bard 8B Q4, one user, May 2024"


def rows(*facts: Fact, products: tuple[str, ...] = ("A", "B")) -> dict[str, ComparedRow]:
    return {row.label: row for row in like_for_like(products, facts)}


def ratio(row: ComparedRow) -> Decimal | None:
    return row.difference.ratio if row.difference else None


def test_dense_is_set_against_dense() -> None:
    found = rows(
        fact("A", "Peak", "100 TFLOPS", basis="dense"),
        fact("A", "Peak", "200 TFLOPS", basis="sparse"),
        fact("B", "Peak", "180 TFLOPS", basis="sparse"),
    )
    assert ratio(found["Peak (dense)"]) is None
    assert found["Peak (dense)"].cells[1] == ()
    assert ratio(found["Peak (sparse)"]) == Decimal("1.11")


def test_a_device_is_not_set_against_a_system() -> None:
    found = rows(
        fact("A", "Memory", "80 GB"), fact("B", "Memory", "100 GB", "one GPU"), fact("B", "Memory", "7 TB", "72 GPUs")
    )
    assert ratio(found["Memory"]) == Decimal("1.25")
    assert found["Memory (system)"].cells[0] == ()


def test_units_are_converted_and_names_of_processes_have_no_ratio() -> None:
    found = rows(
        fact("A", "Rate", "900 GB/s"),
        fact("B", "Rate", "1.8 TB/s"),
        fact("A", "Node", "5 nm"),
        fact("B", "Node", "4 nm"),
    )
    assert ratio(found["Rate"]) == Decimal("2.00")
    assert ratio(found["Node"]) is None


def test_nothing_in_the_documents_is_an_empty_cell_and_not_published_is_none() -> None:
    found = rows(fact("A", "Price", "$5"), fact("B", "Price", "not published"), fact("A", "Weight", "2 GB"))
    assert [cell[0].value for cell in found["Price"].cells] == ["$5", "not published"]
    assert found["Weight"].cells[1] == ()


def test_rates_of_work_are_compared_under_one_condition() -> None:
    found = rows(
        fact("A", "Decode", "50 tokens/s", RUN),
        fact("A", "Decode", "20 tokens/s", "Bard 8B F16, one user, May 2024"),
        fact("B", "Decode", "100 tokens/s", "Bard 8B, Q4, one user, one GPU, a tool, May 2024"),
    )
    assert list(found) == [f"Decode ({RUN})"]
    assert ratio(found[f"Decode ({RUN})"]) == Decimal("2.00")


def test_rates_under_different_conditions_get_no_ratio() -> None:
    (row,) = rows(fact("A", "Decode", "50 tokens/s", RUN), fact("B", "Decode", "90 tokens/s", "Bard 70B, Q4")).values()
    assert row.condition == "different conditions"
    assert ratio(row) is None


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("Bard 8B, Offline, 8 GPUs", "Bard 8B, Offline, 8 GPUs, version 3 (Maker)", True),
        ("Bard 8B, Offline, 8 GPUs", "Bard 8B, Server, 8 GPUs", False),
        ("Bard 8B, 8 GPUs", "Bard 8B, 4 GPUs", False),
        ("Bard 8B", "", False),
    ],
)
def test_one_condition_does_not_contradict_the_other(first: str, second: str, alike: bool) -> None:
    assert same_condition(fact("A", "D", "1 tokens/s", first), fact("B", "D", "1 tokens/s", second)) is alike


def test_every_cell_is_cited_and_the_arguments_follow(assistant: Assistant) -> None:
    told = assistant.compare(["X1", "alpha x2"]).to_json()
    assert told["products"] == ["Alpha X1", "Alpha X2"]
    quotes = {each["number"]: each for each in told["citations"]}
    memory = next(row for row in told["rows"] if row["attribute"] == "Memory capacity")
    assert memory["difference"] == {"more": "Alpha X2", "less": "Alpha X1", "ratio": 2.0}
    for row in told["rows"]:
        for values in row["cells"].values():
            assert all(each["value"] in quotes[each["citation"]]["quote"] for each in values)
    sides = {(each["side"], each["text"].partition(":")[0]) for each in told["arguments"]["Alpha X1"]}
    assert {("for", "Quiet"), ("against", "No FP8")} <= sides
    assert ("against", "Heat") not in sides
    json.dumps(told)


def test_a_misspelt_name_is_found(assistant: Assistant) -> None:
    assert assistant.compare(["Alhpa X1", "x-2"]).products == ("Alpha X1", "Alpha X2")


@pytest.mark.parametrize("names", [["X1", "X7"], ["X1"], ["X1", "Alpha X1"], ["X1", "Zeppelin"]])
def test_an_unknown_or_single_name_is_refused_in_one_line(assistant: Assistant, names: list[str]) -> None:
    with pytest.raises(QuestionError) as caught:
        assistant.compare(names)
    assert "\n" not in str(caught.value)


def test_the_refusal_names_the_nearest(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="Alpha X1"):
        assistant.compare(["X1", "X7"])


def test_a_superlative_over_a_column_is_ranked_by_it() -> None:
    measured = [fact(name, "Share", share, "BF16 used") for name, share in (("A", "80%"), ("B", "96%"), ("C", "51%"))]
    measured += [fact(name, "Share", "10%", "FP8 used") for name in "ABC"]
    table = [replace(each, heading_path=("Shares",)) for each in measured]
    column = ranked_column("Who has the lowest share of its BF16 peak?", FactBook([*SHELF, *table]), {"memory"})
    assert column is not None
    assert [(each.product, each.value) for each in column.facts] == [("C", "51%"), ("A", "80%"), ("B", "96%")]
    assert ranked_column("Who has the lowest memory?", FactBook([*SHELF, *table]), {"memory"}) is None


def test_a_column_for_each_device_is_not_what_a_device_is_asked_for() -> None:
    table = [
        replace(fact(name, "For each device", value), heading_path=("Runs",))
        for name, value in (("A", "7"), ("B", "9"), ("C", "5"))
    ]
    assert ranked_column("What is the most power-hungry single device?", FactBook([*SHELF, *table]), {"memory"}) is None


def test_the_one_with_less_is_named_where_less_is_asked_for(assistant: Assistant) -> None:
    assert assistant.ask("Which draws less power, the X1 or the X2?").text.startswith(
        "The Alpha X1 has the lower power"
    )
    assert assistant.ask("Which draws more power, the X1 or the X2?").text.startswith(
        "The Alpha X2 has the higher power"
    )
