"""Choosing products by a wish: the order, each drop with its reason and fact, and what would change it."""

from __future__ import annotations

import pytest

from hwqa.question import Reader
from hwqa.schema import Fact
from hwqa.selection.choosing import choose
from hwqa.selection.chosen import Considered, Selection
from hwqa.selection.report import report
from hwqa.vocabulary import Vocabulary
from tests.hardware_facts import ALIASES, SHELF, fact

PRODUCTS = tuple(dict.fromkeys(each.product for each in SHELF))
UNITS = {"Memory": ("GB",), "Power": ("W",), "Price": ("$",), "FP8 peak": ("TFLOPS",)}
READER = Reader(
    Vocabulary({name: (name,) for name in PRODUCTS}, ALIASES, {"Attributes": PRODUCTS}, UNITS, {"onyx": ("a.md",)}, {})
)


def chosen(wish: str, facts: list[Fact] = SHELF) -> Selection:
    return choose(READER.requirements(wish), facts)


def names(selection: Selection) -> list[str]:
    return [each.product for each in selection.candidates]


def dropped(selection: Selection, product: str) -> Considered:
    return next(each for each in selection.dropped if each.product == product)


@pytest.mark.parametrize(
    ("wish", "products"),
    [
        ("at least 48 GB, cheapest first", ["Onyx 1", "Onyx 2"]),
        ("at least 48 GB, under 400 W, cheapest first", ["Onyx 1"]),
        ("FP8, cheapest first", ["Onyx 1", "Onyx 2"]),
        ("runs Spindle, cheapest first", ["Onyx 1"]),
        ("runs Loom, most memory", ["Onyx 2", "Onyx 1", "Flint"]),
        ("passively cooled, most memory", ["Onyx 1"]),
        ("without liquid cooling, most memory", ["Onyx 1", "Flint"]),
        ("most memory", ["Onyx 3", "Onyx 2", "Onyx 1", "Flint"]),
        ("most memory of a single card", ["Onyx 1", "Flint"]),
        ("rack with the most memory", ["Onyx Rack"]),
        ("most memory, can be bought", ["Onyx 2", "Onyx 1", "Flint"]),
        ("highest FP8", ["Onyx 1"]),
        ("highest sparse FP8", ["Onyx 3"]),
        ("under 100 W, most memory", []),
        ("at least 24 GB for $1,000", ["Flint"]),
    ],
)
def test_who_meets_a_wish_in_which_order(wish: str, products: list[str]) -> None:
    assert names(chosen(wish)) == products


@pytest.mark.parametrize(
    ("wish", "product", "outcome", "reason", "value"),
    [
        ("at least 48 GB, cheapest first", "Flint", "fails", "24 GB", "24 GB"),
        ("FP8, most memory", "Flint", "fails", "FP8 peak: not supported", "not supported"),
        ("runs Spindle, most memory", "Flint", "fails", "not listed: Software: Loom", "Loom"),
        ("runs Loom, most memory", "Onyx 3", "unknown", "not in the documents", None),
        ("most memory, can be bought", "Onyx 3", "fails", "Status: announced for next year", "announced for next year"),
        ("under 100 W, most memory", "Flint", "fails", "70–150 W (board)", "70–150 W"),
        ("most memory of a single card", "Onyx 2", "fails", "Form factor: module", "module"),
    ],
)
def test_each_drop_says_why_and_by_which_fact(
    wish: str, product: str, outcome: str, reason: str, value: str | None
) -> None:
    (verdict,) = dropped(chosen(wish), product).failed
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert (verdict.fact.value if verdict.fact else None) == value


def test_what_would_change_the_choice_names_the_nearest() -> None:
    (memory,) = chosen("at least 96 GB, cheapest first").changes
    assert (memory.product, memory.first) == ("Onyx 1", True)
    assert memory.text == "with Memory at least 48 GB instead of at least 96 GB, the Onyx 1 would come first"
    power = chosen("at most 400 W, most memory").changes
    assert [(each.product, each.first) for each in power] == [("Onyx 2", True)]
    assert "Power at most 600 W instead of at most 400 W" in power[0].text


def test_a_looser_bound_that_changes_nothing_lets_the_next_join() -> None:
    (change,) = chosen("at least 48 GB, most memory, can be bought").changes[1:]
    assert (change.product, change.first) == ("Flint", False)


def test_a_variant_on_the_other_side_of_a_bound_is_named() -> None:
    facts = [*SHELF, fact("Onyx 2", "Power", "350 W", "Slow edition")]
    (verdict,) = dropped(chosen("under 400 W, most memory", facts), "Onyx 2").failed
    assert verdict.reason == "600 W (module); another row gives 350 W (Slow edition)"


def test_figures_on_another_basis_are_said_to_be_so() -> None:
    selection = chosen("highest dense FP8")
    assert [(each.product, each.basis) for each in selection.other_basis] == [("Onyx 3", "sparse")]


def test_a_wish_without_an_order_is_ordered_by_price_and_asks() -> None:
    selection = chosen("at least 24 GB, FP8")
    assert names(selection) == ["Onyx 1", "Onyx 2", "Onyx 3"]
    assert selection.assumed == "cheapest first"
    assert selection.question.endswith("?")
    assert report(selection).status == "clarify"


def test_a_winner_that_cannot_be_had_is_asked_about() -> None:
    assert chosen("most memory").question == "Must it be one that can be had today?"
    assert chosen("most memory, can be bought").question == ""


def test_an_amount_by_itself_is_met_best_by_the_nearest() -> None:
    assert names(chosen("card with 20 GB")) == ["Flint", "Onyx 1"]


def test_what_no_document_speaks_of_is_said_and_left_out() -> None:
    selection = chosen("runs Shuttle, most memory, can be bought")
    assert selection.unclear == ("Shuttle",)
    assert names(selection) == ["Onyx 2", "Onyx 1", "Flint"]


def test_what_a_table_says_of_a_family_holds_for_its_products() -> None:
    told = Fact("t", "Onyx", "Shuttle", "main version", "", "", "guide.md", ("Guide",), "g", (1, 1), "| Onyx | yes |")
    selection = chosen("runs Shuttle, most memory, can be bought", [*SHELF, told])
    verdict = selection.candidates[0].verdicts[0]
    assert (verdict.outcome, verdict.reason) == ("meets", "Shuttle: main version")
    assert verdict.fact is not None
    assert verdict.fact.path == "guide.md"


def test_the_report_cites_every_figure() -> None:
    told = report(chosen("at least 48 GB, cheapest first")).to_json()
    quotes = {each["number"]: each["quote"] for each in told["citations"]}
    ranked = told["candidates"][0]["ranked"]
    assert ranked["value"] in quotes[ranked["citation"]]
    assert all(
        each["citation"] in quotes
        for product in (*told["candidates"], *told["dropped"])
        for each in product["requirements"]
        if each["outcome"] == "fails"
    )
