"""Lies that once passed the gate, each beside a true sentence of the same form that must stay."""

from __future__ import annotations

import pytest

from hwqa.grounding import Gate
from hwqa.schema import Evidence
from tests.grounding.evidence import EVIDENCE, item, mentions

ITEMS = (
    *EVIDENCE,
    item(8, "Zeta Z9", "Zeta Z9; Memory capacity: 80 GB"),
    item(9, "Zeta Z9", "Zeta Z9; Memory bandwidth: 2.039 TB/s"),
    item(10, "Sizing", "The weights take 42.5 GB, the cache 2.68 GB; both fit 90 GB.", "passage"),
)


def kept(draft: str) -> str:
    gate = Gate(ITEMS, mentions=mentions)
    return "".join(piece.text for piece in [*gate.feed(draft), *gate.close()] if piece.kept).strip()


@pytest.mark.parametrize(
    ("false", "true"),
    [
        pytest.param("Both have 192 GB [1][2].", "Both have 80 GB [1][8].", id="both of which one only has it"),
        pytest.param("They have 80 GB each [1][2].", "They have 80 GB each [1][8].", id="they of whom one has it"),
        pytest.param("The former has 192 GB [2].", "The former has 2.039 TB/s [3].", id="the former"),
        pytest.param("The same card has 192 GB [2].", "The same card has 2.039 TB/s [3].", id="the same card"),
        pytest.param("The A100 has XCVII GB [1].", "The A100 has 80 GB [1].", id="roman digits"),
        pytest.param("The A100 has two dozen GB [1].", "In GB of memory, the A100 has 80 GB [1].", id="dozens"),
        pytest.param("The A100 has 五百 GB [1].", "The A100 has 80 GB [1].", id="digits of another script"),
        pytest.param("The A100 has ⁵⁹ GB [1].", "The A100 has ⁸⁰ GB [1].", id="raised digits"),
        pytest.param("The A100 has ①⑥ GB [1].", "The A100 has ８０ GB [1].", id="digits in rings"),
        pytest.param(
            "The weights take less than 40 GB [10].", "The weights take 42.5 GB [10].", id="a bound is no difference"
        ),
        pytest.param(
            "The A100 and the B200 have the same memory capacity [1][2].",
            "The A100 and the Z9 have the same memory capacity [1][8].",
            id="the same of two",
        ),
        pytest.param(
            "The A100 and the B200 share the same memory capacity [1][2].",
            "The A100 and the Z9 share the same memory capacity [1][8].",
            id="two share it",
        ),
    ],
)
def test_a_lie_is_removed_and_its_true_likeness_stays(false: str, true: str) -> None:
    first = "The A100 has 80 GB [1]."
    assert kept(f"{first} {false}") == first
    assert kept(f"{first} {true}") != first


@pytest.mark.parametrize("head", ["**A100**:\n\n", "## A100\n\n", "A100:\n\n"])
def test_a_quote_of_another_product_does_not_stand_under_a_name(head: str) -> None:
    assert kept(f"{head}- Memory bandwidth: 2.039 TB/s [9]\n- Memory capacity: 192 GB; HBM3e [2]\n") == ""
    assert "2.039" in kept(f"{head}- Memory bandwidth: 2.039 TB/s [3]\n")


def test_an_item_whose_headings_name_both_gives_each_only_its_own() -> None:
    both = Evidence(1, "a.md", ("Acme A100 against Acme B200",), "", (1, 1), "", "Acme B200; FP32 peak: 163.4 TFLOPS")
    for draft in ("## A100\n\n- FP32 peak: 163.4 TFLOPS [1]\n", "A100: FP32 peak: 163.4 TFLOPS [1]."):
        gate = Gate([both], mentions=mentions)
        assert not [piece for piece in [*gate.feed(draft), *gate.close()] if "163" in piece.text and piece.kept]
    gate = Gate([both], mentions=mentions)
    assert [piece.kept for piece in [*gate.feed("B200: FP32 peak: 163.4 TFLOPS [1]."), *gate.close()]] == [True]
