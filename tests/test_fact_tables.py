"""Every specification cell of the corpus against a second reading of the tables, by other code."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from hwqa.corpus import read_text, scan
from hwqa.facts import facts
from hwqa.markdown import read_document
from hwqa.schema import Fact
from hwqa.selection.figures import quantity_of
from tests.fact_tables import Table, product_of, tables

CORPUS = Path(__file__).parent.parent / "corpus"
FIGURE = re.compile(
    r"(?:up to |about |~)?(\$?)(\d[\d,]*(?:\.\d+)?)(?: ?(billion|million|trillion))?(?:[ ]?([A-Za-zµ²/%]+))?"
)
UNITS = set("bit MB GB TB GiB TiB GB/s TB/s PB/s GiB/s W kW TFLOPS PFLOPS TOPS POPS MHz GHz mm² nm tokens/s".split())
POWERS = {None: 0, "million": 6, "billion": 9, "trillion": 12}


@pytest.fixture(scope="module")
def read() -> list[Fact]:
    return [fact for file in scan(CORPUS) for fact in facts(read_document(file.path, read_text(CORPUS, file.path)))]


@pytest.fixture(scope="module")
def by_line(read: list[Fact]) -> dict[tuple[str, int], list[Fact]]:
    found: dict[tuple[str, int], list[Fact]] = defaultdict(list)
    for fact in read:
        assert fact.lines[0] == fact.lines[1] or "**" in fact.quote
        found[fact.path, fact.lines[0]].append(fact)
    return found


def specifications() -> list[Table]:
    return [table for table in tables(CORPUS) if table.header[:2] == ["Attribute", "Value"]]


def test_every_row_of_a_specification_table_is_one_fact(by_line: dict[tuple[str, int], list[Fact]]) -> None:
    wrong, count = [], 0
    for table in specifications():
        product = product_of(table)
        for line, cells in table.rows:
            row = dict(zip(table.header, cells, strict=True))
            count += 1
            expected = (product, row["Attribute"], row["Value"], row.get("Basis", ""), row["Note"])
            found = [
                (fact.product, fact.attribute, fact.value, fact.basis, fact.note) for fact in by_line[table.path, line]
            ]
            if found != [expected]:
                wrong.append((table.path, line, expected, found))
    assert count > 3000
    assert not wrong, f"{len(wrong)} of {count}: {wrong[:3]}"


def test_a_table_with_a_column_for_each_product_gives_each_its_cells(
    by_line: dict[tuple[str, int], list[Fact]],
) -> None:
    compared = [
        table
        for table in tables(CORPUS)
        if table.header[0] == "Attribute" and any(name.lower() in table.names for name in table.header)
    ]
    assert compared
    for table in compared:
        for line, cells in table.rows:
            row = dict(zip(table.header, cells, strict=True))
            expected = Counter(
                (table.names.get(name.lower(), name), row["Attribute"], cell, row.get("Basis", ""), row.get("Note", ""))
                for name, cell in row.items()
                if name not in ("Attribute", "Basis", "Note", "Source") and cell
            )
            assert expected == Counter(
                (fact.product, fact.attribute, fact.value, fact.basis, fact.note) for fact in by_line[table.path, line]
            )


def test_a_table_with_a_row_for_each_product_gives_each_column(by_line: dict[tuple[str, int], list[Fact]]) -> None:
    listed = [table for table in tables(CORPUS) if table.header[0] in ("Product", "Device", "Model", "System")]
    assert len(listed) >= 10
    for table in listed:
        for line, cells in table.rows:
            expected = Counter(
                (name, cell)
                for name, cell in zip(table.header[1:], cells[1:], strict=True)
                if cell and name not in ("Source", "Sources", "Note")
            )
            found = by_line[table.path, line]
            assert expected == Counter((fact.attribute, fact.value) for fact in found), (table.path, line)
            subjects = {fact.product for fact in found}
            assert subjects == {cells[0]} or {name.lower() for name in subjects} <= set(
                map(str.lower, table.names.values())
            )


def test_every_figure_is_read_with_its_number_and_unit(read: list[Fact]) -> None:
    count = 0
    for fact in read:
        match = FIGURE.fullmatch(fact.value)
        if match is None or not (match[1] or match[4] in UNITS):
            continue
        number = Decimal(match[2].replace(",", "")).scaleb(POWERS[match[3]])
        unit = match[1] + (match[4] or "").replace("tokens", "token")
        quantity = quantity_of(fact)
        assert quantity is not None, fact
        assert (quantity.low, quantity.high, quantity.unit) == (number, number, unit), fact
        count += 1
    assert count > 2000


def test_every_fact_stands_verbatim_at_its_line(read: list[Fact]) -> None:
    lines = {file.path: read_text(CORPUS, file.path).split("\n") for file in scan(CORPUS)}
    for fact in read:
        first, last = fact.lines
        assert fact.quote in "\n".join(lines[fact.path][first - 1 : last]), fact
