from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwqa.grounding import Checked, Gate, marks_of
from tests.grounding.evidence import EVIDENCE, mentions


def through(draft: str, sizes: list[int] | None = None) -> list[Checked]:
    gate = Gate(EVIDENCE, mentions=mentions)
    found: list[Checked] = []
    position = 0
    for size in sizes or [len(draft)]:
        found += gate.feed(draft[position : position + size])
        position += size
    return [*found, *gate.feed(draft[position:]), *gate.close()]


def answer(draft: str) -> str:
    return "".join(piece.text for piece in through(draft) if piece.kept)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("The A100 has 80 GB [1]. The A100 has 96 GB [1].", "The A100 has 80 GB [1]. "),
        ("The A100 has 80 GB [1, 9].", "The A100 has 80 GB [1]."),
        ("The A100 has 80 GB 【1†x】.", "The A100 has 80 GB [1]."),
        ("The A100 has 80 GB [9].", ""),
        ("Here are the figures:\n\n- The A100 has 96 GB [1].\n", ""),
        (
            "Here are the figures:\n\n- The A100 has 96 GB [1].\n- The B200 has 192 GB [2].\n",
            "Here are the figures:\n\n- The B200 has 192 GB [2].\n",
        ),
        (
            "## Price\n\nThe A100 costs $5 [1].\n\n## Memory\n\nThe A100 has 80 GB [1].\n",
            "## Memory\n\nThe A100 has 80 GB [1].\n",
        ),
        ("- The A100 has 96 GB [1]. The A100 has 80 GB [1].\n", "- The A100 has 80 GB [1].\n"),
        ("**A100**:\n- 80 GB [1]\n- 192 GB [2]\n", "**A100**:\n- 80 GB [1]\n"),
        ("The documents do not say what the Z9 costs.", "The documents do not say what the Z9 costs."),
        ("## The A100 has 96 GB\n\nThe A100 has 80 GB [1].", "The A100 has 80 GB [1]."),
        ("The A100 has [80 GB](http://x.test/) [1].", "The A100 has 80 GB [1]."),
        ("```\nrm -rf /\n```\n", ""),
        ("The A100 has 96 GB [1]. It reads at 2.039 TB/s [3].", ""),
    ],
)
def test_draft(draft: str, expected: str) -> None:
    assert answer(draft) == expected


def test_table_is_checked_by_cell() -> None:
    draft = (
        "| | A100 | B200 |\n|---|---|---|\n| Memory | 80 GB [1] | 80 GB [1] |\n"
        "| Bandwidth (TB/s) | 2.039 [3] | 8 [3] |\n| FP16 peak (dense) | not in the documents | 4,500 TFLOPS [5] |\n"
    )
    gate = Gate(EVIDENCE, mentions=mentions)
    pieces = [*gate.feed(draft), *gate.close()]
    assert "".join(piece.text for piece in pieces if piece.kept) == (
        "| | A100 | B200 |\n|---|---|---|\n| Memory | 80 GB [1] | – |\n| Bandwidth (TB/s) | 2.039 [3] | – |\n"
    )
    assert gate.removed == 3


def test_invented_number_in_a_table_header_takes_the_table_along() -> None:
    assert answer("| | A100 (96 GB) |\n|---|---|\n| Memory | 80 GB [1] |\n") == ""


@pytest.mark.parametrize(
    "draft",
    [
        "<script>alert(1)</script> The A100 has 80 GB [1].",
        "The A100 has 80 GB <img src=x onerror=alert(1)> [1].",
        "The A100 has 80 GB &lt;script> [1].",
        "![x](http://evil.test/?q=80) The A100 has 80 GB [1].",
        "The A100 has 80 GB, see http://evil.test [1].",
        "[1]: http://evil.test\nThe A100 has 80 GB [1].",
        "The A100 has 80 GB [x](javascript:alert(1)) [1].",
    ],
)
def test_markup_has_no_effect(draft: str) -> None:
    text = answer(draft)
    assert "<" not in text
    assert "evil.test" not in text
    assert "javascript:" not in text


def test_objections_and_marks_are_told() -> None:
    kept, removed = through("The A100 has 80 GB [1]. The A100 has 96 GB [1].")
    assert kept.marks == (1,)
    assert not removed.kept
    assert removed.objections == ("'96 GB' is not in [1]",)


def test_no_part_of_a_mark_is_shown_early() -> None:
    gate = Gate(EVIDENCE, mentions=mentions)
    shown = [
        piece for part in ["The A100 has 80 GB.", " ", "[", "1", "]", " The", " B200"] for piece in gate.feed(part)
    ]
    assert [piece.text for piece in shown] == ["The A100 has 80 GB. [1] "]


PARTS = [
    "The A100 has 80 GB [1]. ",
    "The A100 has 192 GB [2]. ",
    "It has 2.039 TB/s [3].\n",
    "\n\n",
    "- ",
    "Here they are:\n",
    "| a | A100 |\n",
    "|---|---|\n",
    "| Memory | 80 GB [1] |\n",
    "## B200\n",
    "```\nx\n```\n",
    "<b>",
    "[",
    "[2",
    "】",
    "1. ",
    "e.g. ",
    "The documents do not say. ",
    "**B200**: ",
    "192 GB [2]\n",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join), st.lists(st.integers(1, 20), max_size=20))
def test_portions_do_not_change_the_answer(draft: str, sizes: list[int]) -> None:
    assert through(draft, sizes) == through(draft)


@settings(deadline=None)
@given(st.text(max_size=150) | st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_any_draft_passes_without_unknown_marks_or_tags(draft: str) -> None:
    text = answer(draft)
    assert set(marks_of(text)) <= {evidence.number for evidence in EVIDENCE}
    assert not any(f"<{letter}" in text for letter in "abcdefghijklmnopqrstuvwxyz/!")


def test_thousand_misbehaving_drafts_show_no_foreign_number() -> None:
    chance = random.Random(11)  # noqa: S311 - nothing secret depends on it
    figures = {"A100": "80 GB", "B200": "192 GB"}
    wrong = ["96 GB", "80 TB", "192 GiB", "81 GB", "0.8 GB", "800 GB", "2.039 GB/s", "5 TB/s", "80 W"]
    for _ in range(1000):
        product = chance.choice(["A100", "B200", "Z9"])
        said = chance.choice([*figures.values(), *wrong])
        mark = chance.choice(["[1]", "[2]", "[9]", "", "[1][2]", "[3]"])
        text = answer(f"The {product} has {said} of memory {mark}.")
        right = figures.get(product) == said and {"A100": "1", "B200": "2"}[product] in mark
        assert bool(text) == right, (product, said, mark)
