"""Facts arranged once: by product, attribute, document and word."""

from __future__ import annotations

from dataclasses import replace

from hwqa.selection.book import FactBook
from tests.hardware_facts import SHELF, fact

ELSEWHERE = replace(fact("Onyx 1", "Cooling", "passively cooled"), heading_path=("All cards",), path="b.md")
BOOK = FactBook([*SHELF, ELSEWHERE])


def test_facts_come_in_the_order_of_the_documents_each_once() -> None:
    named = BOOK.with_attributes(["Power", "Memory", "Power"])
    assert named == [each for each in SHELF if each.attribute in ("Power", "Memory")]
    assert BOOK.with_attributes(["Nothing"]) == []
    assert list(BOOK.products) == list(dict.fromkeys(each.product for each in SHELF))


def test_a_word_is_found_by_what_its_forms_begin_with() -> None:
    found = BOOK.at(BOOK.holding("passiv"))
    assert ELSEWHERE in found
    assert found == [each for each in (*SHELF, ELSEWHERE) if "passiv" in each.value.casefold()]
    assert list(BOOK.holding("passivz")) == []


def test_what_stands_under_a_products_own_heading_is_told_from_the_rest() -> None:
    given = BOOK.given("Onyx 1")
    assert given.stands_at_home
    assert ELSEWHERE in given.facts
    assert ELSEWHERE not in given.own
    assert BOOK.homes.keys() == {each.path for each in SHELF if each.product in BOOK.at_home}
    assert BOOK.mentioned["b.md"] == {"Onyx 1"}
    alone = FactBook([ELSEWHERE]).given("Onyx 1")
    assert not alone.stands_at_home
    assert list(alone.own) == [ELSEWHERE]
