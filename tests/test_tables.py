"""Questions about tables of documents on things that hwqa was not made for."""

from __future__ import annotations

import pytest

from hwqa.assistant import Assistant

DOCUMENTS = {
    "locomotives.md": """# Locomotives of the northern line

## Fleet

| Type | Built | Length (m) | Mass (t) | Top speed (km/h) |
|---|---|---|---|---|
"""
    + "".join(
        f"| Nordbahn {number} | {1950 + number % 40} | {14 + number % 7}.{number % 10} | {70 + number % 30} | "
        f"{90 + 5 * (number % 9)} |\n"
        for number in range(101, 161)
    )
    + """
## Brakes

Every locomotive has an air brake; those from 1970 on have a dynamic brake as well.
""",
    "kestrel.md": "# Kestrel kiln\n\n"
    + "".join(
        f"## Firing schedule {number}\n\nThe Kestrel kiln, the Kestrel controller and the Kestrel hood are heated "
        f"to {900 + number} °C for the glaze of series {number}, as the Kestrel handbook says.\n\n"
        for number in range(1, 15)
    ),
    "osprey.md": """# Osprey kiln

## Firing

The Osprey kiln reaches 1,280 °C in seven hours.
""",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("tables")
    for name, text in DOCUMENTS.items():
        (folder / "corpus").mkdir(exist_ok=True)
        (folder / "corpus" / name).write_text(text, "utf-8")
    return Assistant.open(corpus=folder / "corpus", index=folder / "index", model="none")


def found(assistant: Assistant, question: str, count: int = 5) -> list[tuple[str, str]]:
    return [(passage.path, passage.text) for passage in assistant.search(question, count)]


@pytest.mark.parametrize("number", [104, 128, 153])
def test_a_question_about_one_cell_finds_its_row(tables: Assistant, number: int) -> None:
    (path, text), *_ = found(tables, f"What is the mass of the Nordbahn {number}?")
    assert path == "locomotives.md"
    assert f"| Nordbahn {number} |" in text
    assert "Mass (t)" in text  # the header is read with the row


def test_a_question_about_a_column_finds_the_table(tables: Assistant) -> None:
    (path, text), *_ = found(tables, "top speed of the locomotives")
    assert (path, "Top speed (km/h)" in text) == ("locomotives.md", True)


def test_both_sides_are_found_though_one_has_many_more_sections(tables: Assistant) -> None:
    paths = {path for path, _ in found(tables, "How hot is the firing of the Kestrel kiln against the Osprey kiln?")}
    assert {"kestrel.md", "osprey.md"} <= paths
