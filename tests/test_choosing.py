"""Choosing products by a wish: the order, each drop with its reason and fact, and what would change it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwqa.question import Reader
from hwqa.schema import Chunk, Fact
from hwqa.selection.book import FactBook
from hwqa.selection.choosing import choose
from hwqa.selection.chosen import Considered, Selection
from hwqa.selection.prose import told_in_prose
from hwqa.selection.report import report
from hwqa.selection.requirements import Feature
from hwqa.selection.telling import tell
from hwqa.vocabulary import Vocabulary
from tests.hardware_facts import ALIASES, SHELF, fact

PRODUCTS = tuple(dict.fromkeys(each.product for each in SHELF))
UNITS = {"Memory": ("GB",), "Power": ("W",), "Price": ("$",), "FP8 peak": ("TFLOPS",)}
READER = Reader(
    Vocabulary({name: (name,) for name in PRODUCTS}, ALIASES, {"Attributes": PRODUCTS}, UNITS, {"onyx": ("a.md",)}, {})
)


def chosen(wish: str, facts: list[Fact] = SHELF) -> Selection:
    return choose(READER.requirements(wish), FactBook(facts))


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


@pytest.mark.parametrize(
    ("wish", "products"),
    [
        ("cards between 20 and 60 GB", ["Flint", "Onyx 1"]),
        ("between 90 and 200 GB, that exist", ["Onyx 2", "Onyx 3"]),
        ("Which single-slot cards exist with 16 GB or more?", ["Flint"]),
        ("no liquid cooling, at least 40 GB", ["Onyx 1"]),
    ],
)
def test_ranges_and_words_that_ask_for_nothing(wish: str, products: list[str]) -> None:
    assert sorted(names(chosen(wish))) == products


def test_the_nearest_to_a_range_is_what_misses_it_by_the_fewest_times() -> None:
    selection = chosen("between 30 and 50 GB")
    assert [(change.product, change.verdict.reason) for change in selection.changes] == [("Flint", "24 GB")]
    assert "without" in selection.changes[0].text


def test_a_guide_in_the_wish_is_no_family_to_stay_within() -> None:
    told = fact("Shuttle", "Notes", "a guide", path="shuttle-guide.md")
    reader = Reader(
        Vocabulary(
            {name: (name,) for name in PRODUCTS},
            ALIASES,
            {"Attributes": PRODUCTS},
            UNITS,
            {"support": ("shuttle-guide.md",)},
            {},
        )
    )
    selection = choose(reader.requirements("support, most memory, can be bought"), FactBook([*SHELF, told]))
    assert selection.candidates[0].product == "Onyx 2"


RENTED = [
    *SHELF,
    fact("Onyx 1", "Cloud price", "$2.50/h"),
    fact("Onyx 1", "Cloud price", "$1.50/h", "another provider"),
    fact("Onyx 2", "Cloud price", "$0.90/h"),
]
RENTS = Reader(
    Vocabulary(
        {name: (name,) for name in PRODUCTS},
        {**ALIASES, "Cloud price": ("Cloud price",)},
        {"Attributes": PRODUCTS},
        {**UNITS, "Cloud price": ("$/h",)},
        {},
        {},
    )
)


@pytest.mark.parametrize(
    ("wish", "first", "price"),
    [
        ("cheapest to rent", "Onyx 2", "$0.90/h"),
        ("cheapest to buy", "Flint", "$800"),
        ("under $3 an hour", "Onyx 2", "$0.90/h"),
    ],
)
def test_rents_are_ordered_by_the_hour(wish: str, first: str, price: str) -> None:
    selection = choose(RENTS.requirements(wish), FactBook(RENTED))
    best = selection.candidates[0]
    assert (best.product, best.ranked and best.ranked.value) == (first, price)


def test_a_question_for_the_rent_is_not_answered_with_the_price() -> None:
    assert RENTS.read("What does it cost to rent an Onyx 1?").attributes == ("Cloud price",)
    assert RENTS.read("What is the purchase price of an Onyx 1?").attributes == ("Price",)
    assert RENTS.read("What does an Onyx 1 cost?").attributes == ("Price",)


def test_at_least_asks_for_neither_end_of_a_ranking() -> None:
    assert READER.read("Which cards have at least 48 GB and a passive cooling?").direction == ""
    assert READER.read("Which card has the least memory?").direction == "least"


def test_a_part_of_a_systems_price_is_that_of_a_device() -> None:
    facts = [
        fact("Onyx 1", "Memory", "48 GB"),
        fact("Onyx 1", "Price", "$15", "one eighth of $120 for a board with 8 devices"),
    ]
    assert names(chosen("cheapest", facts)) == ["Onyx 1"]


def test_a_run_on_several_devices_does_not_make_a_device_a_system() -> None:
    facts = [fact("Onyx 1", "Memory", "48 GB"), *(fact("Onyx 1", "Decode", "9 tokens/s", "8 GPUs") for _ in range(3))]
    assert names(chosen("most memory", facts)) == ["Onyx 1"]


def test_a_product_of_which_the_documents_are_silent_is_named_as_undecided() -> None:
    facts = [each for each in SHELF if (each.product, each.attribute) != ("Onyx 2", "Cooling")]
    facts.append(fact("Onyx Rack", "Cooling", "liquid"))
    text, _ = tell(chosen("at least 40 GB, no liquid cooling, cheapest first", facts), lambda fact: "[1]")
    assert "Undecided by the documents:\n\n- the Onyx 2: memory 96 GB [1]." in text
    assert "| air" not in text


def test_a_budget_and_small_letters_bound_from_above() -> None:
    assert names(chosen("a 300 W power budget, at least 20 GB")) == ["Flint", "Onyx 1"]
    assert names(chosen("at least 20 GB, below 200 w")) == ["Flint"]
    assert sorted(names(chosen("cost between $500 and $5,000"))) == ["Flint", "Onyx 1"]


def test_words_joined_by_a_hyphen_are_a_feature() -> None:
    assert names(chosen("air-cooled cards")) == ["Flint"]


@pytest.mark.parametrize(
    ("wish", "ranked", "first", "text"),
    [
        ("Which card has the most FP8 per watt?", "FP8 peak per W", "Onyx 1", "1.33 TFLOPS per W"),
        ("lowest price per GB", "Price per GB", "Flint", "$33.3 per GB"),
        ("most memory per dollar", "Memory per dollar", "Flint", "30.0 GB per $1,000"),
        ("memory/W, at least 48 GB", "Memory per W", "Onyx 3", "0.213 GB per W"),
    ],
)
def test_a_ratio_orders_by_the_quotient_of_two_figures(wish: str, ranked: str, first: str, text: str) -> None:
    selection = chosen(wish)
    assert selection.requirements.ratio is not None
    assert selection.requirements.ratio.name == ranked
    leader = selection.candidates[0]
    assert leader.quotient is not None
    assert (leader.product, leader.quotient.text) == (first, text)
    told, rows = tell(selection, str, (), lambda lead, product, name, quotient: f"{lead} {name} {quotient.text}")
    assert leader.quotient.text in told
    assert [cell.derived for cell in rows[0].cells[:3]] == [True, False, False]


def test_a_product_without_one_of_the_two_figures_is_dropped_for_that() -> None:
    verdicts = dropped(chosen("most memory per dollar"), "Onyx 3").failed
    assert [(each.requirement, each.reason) for each in verdicts] == [("Price", "not in the documents")]


def test_rates_of_work_give_no_quotient_without_the_work() -> None:
    assert READER.read("tokens per second per watt").wish is None
    assert READER.read("Which card has the most memory?").intent == "rank"


@pytest.mark.parametrize(
    ("question", "lists"),
    [
        ("Which cards are passively cooled?", True),
        ("Which devices have liquid cooling?", True),
        ("Which device should one learn to use?", False),
        ("How do cards with liquid cooling work?", False),
    ],
)
def test_a_question_for_all_that_have_something_is_a_wish(question: str, lists: bool) -> None:
    assert (READER.read(question).wish is not None) == lists


def chunk(text: str, path: str = "a.md") -> Chunk:
    return Chunk("c", path, ("Onyx family",), "onyx", (7, 7), text)


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("The Onyx 1 runs Shuttle without changes.", {"Onyx 1"}),
        ("Shuttle has backends for the Onyx 1 and the Onyx 3.", {"Onyx 1", "Onyx 3"}),
        ("Onyx cards run Shuttle.", {"Onyx 1", "Onyx 2", "Onyx 3"}),
        ("The Onyx 1 does not run Shuttle.", set()),
        ("The Onyx 1 is faster than what runs Shuttle.", set()),
        ("The Onyx 1 port of Shuttle is not maintained.", set()),
        ("Shuttle is not supported, unlike on the Onyx 2.", set()),
        ("Flint draws less; the Onyx 1, while Shuttle users wait, costs more.", set()),
    ],
)
def test_sentences_say_what_their_subject_has(text: str, products: set[str]) -> None:
    homes = {"a.md": ("Onyx 1", "Onyx 2", "Onyx 3")}
    told = told_in_prose([Feature("Shuttle")], lambda term: [chunk(text)], READER.mentions, {"a.md": ("onyx",)}, homes)
    assert {each.product for each in told} == products
    assert all((each.attribute, each.quote, each.lines) == ("Shuttle", text, (7, 7)) for each in told)


def test_a_sentence_counts_where_the_tables_are_silent() -> None:
    told = [fact(product, "Spindle", "“runs Spindle”") for product in ("Onyx 2", "Onyx 3")]
    selection = choose(READER.requirements("runs Spindle, most memory"), FactBook(SHELF), told)
    # of the second the table says that it does not
    assert names(selection) == ["Onyx 3", "Onyx 1"]


def test_what_is_not_wanted_and_what_bounds_from_above() -> None:
    others = [fact("Slate", "Memory", "64 GB", path="b.md"), fact("Slate", "Power", "200 W", path="b.md")]
    shelf = [replace(each, path="b.md") if each.product == "Flint" else each for each in SHELF]
    vocabulary = Vocabulary(
        {name: (name,) for name in (*PRODUCTS, "Slate")},
        ALIASES,
        {"Attributes": (*PRODUCTS, "Slate")},
        UNITS,
        {"onyx": ("a.md",)},
        {},
    )
    reader = Reader(vocabulary)
    for wish, expected in (
        ("non-Onyx hardware with at least 20 GB", ["Flint", "Slate"]),
        ("hardware with 250 W or less and 60GB+", ["Slate"]),
    ):
        selection = choose(reader.requirements(wish), FactBook([*shelf, *others]))
        assert names(selection) == expected
        assert selection.question == ""  # a list needs nothing to decide between


def test_who_asks_for_advice_alone_is_asked_back() -> None:
    query = READER.read("Which card should I buy?")
    assert query.advice
    assert query.wish is not None
    assert not READER.read("Which card should I buy with 48 GB?").advice
