from decimal import Decimal

import pytest

from hwqa.schema import Fact
from hwqa.selection.figures import Condition, best_fact, distinct, ordered, quantity_of
from hwqa.units import find_quantities


def fact(product: str, attribute: str, value: str, *, basis: str = "", note: str = "", home: bool = True) -> Fact:
    heading = product if home else "Comparison"
    quote = f"| {attribute} | {value} | {basis} | {note} |"
    return Fact(
        f"{product}{attribute}{value}", product, attribute, value, basis, note, "a.md", (heading,), "a", (1, 1), quote
    )


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("80 GB", "80"),
        ("up to 6 TB", "6"),
        ("132 cores", "132"),
        ("4 trillion", "4E+12"),
        ("$2.69/h", "2.69"),
        ("1 core with two 128 x 128 matrix units", None),
        ("server with 8 chips", None),
        ("not published", None),
        ("HBM3e", None),
        ("96.9%", "96.9"),
    ],
)
def test_a_quantity_is_a_cell_that_is_nothing_else(value: str, amount: str | None) -> None:
    found = quantity_of(fact("X", "A", value))
    assert (None if found is None else found.low) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("attribute", "value", "amount", "unit"),
    [
        ("Memory (GB)", "80", "80", "GB"),
        ("Peak bandwidth [TB/s]", "3.35", "3.35", "TB/s"),
        ("Power, in W", "~700", "700", "W"),
        ("Memory (GB)", "80 MB", "80", "MB"),
        ("Memory (HBM)", "80", "80", ""),
        ("Peak", "1979", "1979", ""),
    ],
)
def test_a_bare_number_has_the_unit_of_its_header(attribute: str, value: str, amount: str, unit: str) -> None:
    found = quantity_of(fact("X", attribute, value))
    assert found is not None
    assert (found.low, found.unit) == (Decimal(amount), unit)


def test_a_year_is_no_amount() -> None:
    assert quantity_of(fact("X", "Release", "2024")) is None


def test_the_best_fact_is_plain_and_dense_and_at_home() -> None:
    dense, sparse = fact("X", "P", "10 TFLOPS", basis="dense"), fact("X", "P", "20 TFLOPS", basis="sparse")
    guessed = fact("X", "P", "11 TFLOPS", basis="dense", note="estimated")
    away = fact("X", "P", "10 TFLOPS", basis="dense", home=False)
    assert best_fact([guessed, sparse, away, dense]) is dense


def test_a_repeated_figure_is_told_once_from_the_products_own_table() -> None:
    own, other = fact("X", "P", "10 W"), fact("X", "P", "10 W", home=False)
    assert distinct([other, own]) == [own]


def test_order_converts_units_and_leaves_out_another_kind() -> None:
    facts = [fact("A", "M", "900 GB/s"), fact("B", "M", "1.2 TB/s"), fact("C", "M", "5 W")]
    assert [item.product for item, _ in ordered(facts, "most")] == ["B", "A"]
    assert [item.product for item, _ in ordered(facts, "least")] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("under 400 W", "399 W", True),
        ("under 400 W", "400 W", False),
        ("at most 400 W", "400 W", True),
        ("more than 1 TB/s", "1,000 GB/s", False),
        ("80 GB", "96 GB", True),
        ("at least 80 GB", "80 W", False),
        ("under 100 W", "40–130 W", False),
        ("at most 130 W", "40–130 W", True),
        ("at least 50 W", "40–130 W", False),
        ("up to 80 GB", "64 GB", True),
    ],
)
def test_a_condition(text: str, value: str, holds: bool) -> None:
    (bound,), (figure,) = find_quantities(text), find_quantities(value)
    assert Condition("A", bound).holds(figure) is holds
