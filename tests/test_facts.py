from hwqa.facts import facts
from hwqa.markdown import read_document
from hwqa.schema import Fact

ATTRIBUTE_ROWS = """---
aliases:
  Alpha X1: [X1]
---
# Alpha

## Alpha X1

### Specifications

| Attribute | Value | Basis | Note | Source |
|---|---|---|---|---|
| FP16 peak | 362 TFLOPS | sparse | printed | [s](http://a) |
| Empty | | | | |
"""
PRODUCT_COLUMNS = """---
aliases:
  Alpha X1: [X1]
  Beta B7: [B7]
---
# Both

| What | X1 | B7 | Note |
|---|---|---|---|
| Memory | 48 GB | 40 GB | measured |
"""
PRODUCT_ROWS = """# Cards

| Card | Memory | Power |
|---|---|---|
| X1 | 48 GB | 300 W |
| B7 | 40 GB | – |
"""


def read(text: str) -> list[tuple[str, str, str, str, str]]:
    return [
        (fact.product, fact.attribute, fact.value, fact.basis, fact.note) for fact in facts(read_document("a.md", text))
    ]


def test_a_row_per_attribute_belongs_to_the_product_of_the_heading() -> None:
    assert read(ATTRIBUTE_ROWS) == [("Alpha X1", "FP16 peak", "362 TFLOPS", "sparse", "printed")]


def test_a_heading_that_looks_like_a_product_is_the_subject_of_those_beneath_it() -> None:
    text = "# Acme Z900\n\n## Specification\n\n| Item | Value |\n|---|---|\n| Memory | 48 GB |\n"
    assert read(text) == [("Acme Z900", "Memory", "48 GB", "", "")]


def test_a_column_per_product_gives_each_product_its_cell() -> None:
    assert read(PRODUCT_COLUMNS) == [
        ("Alpha X1", "Memory", "48 GB", "", "measured"),
        ("Beta B7", "Memory", "40 GB", "", "measured"),
    ]


def test_a_row_per_product_gives_each_attribute_its_cell() -> None:
    assert read(PRODUCT_ROWS) == [
        ("X1", "Memory", "48 GB", "", ""),
        ("X1", "Power", "300 W", "", ""),
        ("B7", "Memory", "40 GB", "", ""),
    ]


def test_a_labelled_item_is_a_fact_unless_it_is_an_argument() -> None:
    text = (
        "# X1\n\n- **Memory**: 48 GB\n- **Cost**: "
        + "it costs more than most people would like to pay for such a card. " * 2
        + "\n"
    )
    assert read(text) == [("X1", "Memory", "48 GB", "", "")]


def test_a_fact_knows_its_line_and_row() -> None:
    (fact,) = facts(read_document("a.md", ATTRIBUTE_ROWS))
    assert isinstance(fact, Fact)
    assert ATTRIBUTE_ROWS.split("\n")[fact.lines[0] - 1] == fact.quote
    assert fact.lines[0] == fact.lines[1] == 13


def test_ids_are_unique_and_stable() -> None:
    first, second = facts(read_document("a.md", PRODUCT_ROWS)), facts(read_document("a.md", "\n" + PRODUCT_ROWS))
    assert [fact.id for fact in first] == [fact.id for fact in second]
    assert len({fact.id for fact in first}) == len(first)
