"""The nearest of many words to one that may be misspelt."""

from __future__ import annotations

import pytest

from hwqa.spelling import Spelling

WORDS = Spelling(["bandwidth", "h200", "mi300x", "onyx", "onyxes", "spindle", "x100"])


@pytest.mark.parametrize(
    ("word", "most", "expected"),
    [
        ("spindel", 1, "spindle"),
        ("spinlde", 1, "spindle"),
        ("bandwith", 1, "bandwidth"),
        ("banwith", 1, None),
        ("banwith", 2, "bandwidth"),
        ("h210", 1, None),
        ("im300x", 1, "mi300x"),
    ],
    ids=[
        "swapped",
        "swapped within",
        "a letter too few",
        "two slips of one",
        "two slips of two",
        "a digit",
        "of a part number",
    ],
)
def test_the_nearest_word_has_the_same_digits_and_few_slips(word: str, most: int, expected: str | None) -> None:
    assert WORDS.nearest(word, most) == expected


def test_with_swapped_only_no_letter_is_changed() -> None:
    assert WORDS.nearest("y100", 1) == "x100"
    assert WORDS.nearest("y100", 1, swapped_only=True) is None


def test_words_are_found_by_their_beginning() -> None:
    assert list(WORDS.beginning("ony")) == ["onyx", "onyxes"]
    assert list(WORDS.beginning("onz")) == []
