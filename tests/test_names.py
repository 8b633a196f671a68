import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwqa.names import NameFinder, key, singular

FINDER = NameFinder(
    {
        "Nova H200": ("H200", "Nova H200"),
        "Nova H20": ("H20",),
        "A100 PCIe": ("A100",),
        "A100 SXM": ("A100",),
        "Nova S80": ("S80",),
    }
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("the h200?", [("Nova H200",)]),
        ("H-200 and H 20", [("Nova H200",), ("Nova H20",)]),
        ("H2000 is another", []),
        ("xH200", []),
        ("two H200s", [("Nova H200",)]),
        ("nova h200", [("Nova H200",)]),
        ("'H200'", [("Nova H200",)]),
        ("the card's 80 GB", []),
        ("A100", [("A100 PCIe", "A100 SXM")]),
    ],
)
def test_names_are_found_in_any_spelling_and_only_whole(text: str, values: list[tuple[str, ...]]) -> None:
    assert [found.values for found in FINDER(text)] == values


def test_a_name_is_found_where_it_stands() -> None:
    text = "Does the H 200 fit?"
    (found,) = FINDER(text)
    assert text[found.start : found.end] == "H 200"


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    ends = [0]
    for found in FINDER(text):
        assert ends[-1] <= found.start < found.end <= len(text)
        ends.append(found.end)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


@pytest.mark.parametrize(
    ("plural", "word"), [("GPUs", "GPU"), ("TPUs", "TPU"), ("status", "status"), ("class", "class")]
)
def test_singular(plural: str, word: str) -> None:
    assert singular(plural) == word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Orin 64GB", 1), ("Orin 64 GB", 1), ("Orin-64-GB", 1), ("Orin 6.4 GB", 0), ("Orin 6 4GB", 0),
        ("Llama 3.1", 1), ("Llama-3-1", 1), ("Llama 31", 1), ("Llama 3.1 405", 1), ("i9-14900K", 1), ("i9 14 900K", 0),
    ],
)  # fmt: skip
def test_numbers_are_parted_only_where_the_name_parts_them(text: str, found: int) -> None:
    finder = NameFinder({name: [name] for name in ("Orin 64GB", "Llama 3.1", "i9-14900K")})
    assert len(finder(text)) == found
