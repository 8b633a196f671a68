import pytest

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# Kettles\n\n| Threads | Requests |\n|---|---|\n| 4 | 120 |\n| 8 | 230 |\n",
            [("Threads 4", "Requests", "120", "", ""), ("Threads 8", "Requests", "230", "", "")],
            id="a number in the first column is named by its header",
        ),
        pytest.param(
            "# Kettles\n\n| | left | right |\n|---|---|---|\n| 4 | 120 | 3 |\n",
            [],
            id="a number of nothing is the subject of no fact",
        ),
        pytest.param(
            "# Ports\n\n| Maker | Model | Speed (MB/s) |\n|---|---|---|\n"
            "| Zed | Fast one | 9 |\n| Zed | Slow one | 2 |\n",
            [
                ("Zed Fast one", "Model", "Fast one", "", ""),
                ("Zed Fast one", "Speed (MB/s)", "9", "", ""),
                ("Zed Slow one", "Model", "Slow one", "", ""),
                ("Zed Slow one", "Speed (MB/s)", "2", "", ""),
            ],
            id="rows that begin alike are told apart by their second cell",
        ),
        pytest.param(
            "# Runs\n\n| Card | Model | Rate |\n|---|---|---|\n"
            "| Q9 | small one | 9 GB/s |\n| Q9 | large one | 2 GB/s |\n",
            [
                ("Q9", "Model", "small one", "", ""),
                ("Q9", "Rate", "9 GB/s", "", "small one"),
                ("Q9", "Model", "large one", "", ""),
                ("Q9", "Rate", "2 GB/s", "", "large one"),
            ],
            id="text in front of a figure is its condition",
        ),
        pytest.param(
            "# Draw\n\n| Card | Power | Of what |\n|---|---|---|\n| Q9 | 300 W | board |\n| Q9 | 240 W | chip |\n",
            [
                ("Q9", "Power", "300 W", "", "board"),
                ("Q9", "Of what", "board", "", ""),
                ("Q9", "Power", "240 W", "", "chip"),
                ("Q9", "Of what", "chip", "", ""),
            ],
            id="text behind the only figure is its condition",
        ),
        pytest.param(
            "# Shares\n\n| Card | Half | Share | Full | Share |\n|---|---|---|---|---|\n"
            "| Q9 | 4 W | 50% | 8 W | 90% |\n",
            [
                ("Q9", "Half", "4 W", "", ""),
                ("Q9", "Share", "50%", "", "Half"),
                ("Q9", "Full", "8 W", "", ""),
                ("Q9", "Share", "90%", "", "Full"),
            ],
            id="a header that recurs is of the column in front",
        ),
        pytest.param(
            "# Peaks\n\n| Card | FP9 dense | w/ Sparsity |\n|---|---|---|\n| Q9 | 10 TFLOPS | 20 TFLOPS |\n",
            [("Q9", "FP9 dense", "10 TFLOPS", "dense", ""), ("Q9", "w/ Sparsity", "20 TFLOPS", "sparse", "")],
            id="a header gives the basis",
        ),
        pytest.param(
            "# Peaks\n\n| Card | fp9 | fp7 |\n|---|---|---|\n| Q9 / Ultra | 10 | 20 |\n| Q8 | 5 | 6 |\n",
            [
                ("Q9 / Ultra", "fp9", "10", "", ""),
                ("Q9 / Ultra", "fp7", "20", "", ""),
                ("Q8", "fp9", "5", "", ""),
                ("Q8", "fp7", "6", "", ""),
            ],
            id="formats in a header are no products",
        ),
        pytest.param(
            "# Both\n\n| | Q9 | Q8 |\n|---|---|---|\n| Weight | 4 kg | 5 kg |\n",
            [("Q9", "Weight", "4 kg", "", ""), ("Q8", "Weight", "5 kg", "", "")],
            id="names in the header alone are products",
        ),
        pytest.param(
            "# Q9\n\n| Property | Value | Unit |\n|---|---|---|\n| Weight | 4 | kg |\n| Link | none | |\n",
            [("Q9", "Weight", "4 kg", "", ""), ("Q9", "Link", "none", "", "")],
            id="a unit of its own column belongs to the number, and none is a value",
        ),
        pytest.param(
            '# Q9\n\n| Command | Cloud |\n|---|---|\n| [FLY]({{< relref "a b" >}}) | yes |\n',
            [("FLY", "Cloud", "yes", "", "")],
            id="a link of a site generator is its text",
        ),
        pytest.param(
            "# Q9\n\n- **[Guide](x.md)**: how to begin\n- **Note**: hot\n- **Weight**: 4 kg. It is heavy.\n",
            [("Q9", "Weight", "4 kg.", "", "")],
            id="links, remarks and further sentences are no attributes",
        ),
    ],
)
def test_tables_of_other_writers(text: str, expected: list[tuple[str, str, str, str, str]]) -> None:
    assert read(text) == expected
