from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwqa.grounding import marks_of, split
from hwqa.grounding.pieces import Splitter

DRAFT = st.text(alphabet=st.sampled_from("aB1.!?[]【】(),;: \n|-*#>`~\t=–2e"), max_size=80) | st.lists(
    st.sampled_from(
        [
            "It has 80 GB [1]. ",
            "[2]",
            "\n",
            "\n\n",
            "- ",
            "1. ",
            "| a | b |\n",
            "|---|---|\n",
            "## H\n",
            "```\n",
            "No. ",
            "e.g. x",
            "> ",
        ]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("a [1].", (1,)),
        ("a [2][1] [2]", (2, 1)),
        ("a [1, 3]; [5-7]", (1, 3, 5, 6, 7)),
        ("a 【4†source】 [^2]", (4, 2)),
        ("x[i] and [a](b)", ()),
        ("[1-999]", (1, 999)),
    ],
)
def test_marks(text: str, marks: tuple[int, ...]) -> None:
    assert marks_of(text) == marks


def test_kinds_and_boundaries() -> None:
    draft = (
        "Intro, e.g. this: yes.\n\n- **X**: 4.8 TB/s [1]. More. [2]\n- y\n\n| a | b |\n|---|---|\n## Head\n"
        "```\ncode. Here\n```\nEnd vs. start."
    )
    assert [(piece.kind, piece.text) for piece in split(draft) if piece.kind != "blank"] == [
        ("sentence", "Intro, e.g. this: yes.\n"),
        ("item", "- **X**: 4.8 TB/s [1]. "),
        ("sentence", "More. [2]\n"),
        ("item", "- y\n"),
        ("row", "| a | b |\n"),
        ("row", "|---|---|\n"),
        ("heading", "## Head\n"),
        ("code", "```\n"),
        ("code", "code. Here\n"),
        ("code", "```\n"),
        ("sentence", "End vs. start."),
    ]


@settings(deadline=None)
@given(DRAFT)
def test_pieces_join_to_the_draft(draft: str) -> None:
    assert "".join(piece.text for piece in split(draft)) == draft


@settings(deadline=None)
@given(DRAFT, st.data())
def test_portions_do_not_change_the_pieces(draft: str, data: st.DataObject) -> None:
    splitter, pieces, position = Splitter(), [], 0
    while position < len(draft):
        size = data.draw(st.integers(1, 9))
        pieces += splitter.feed(draft[position : position + size])
        position += size
    assert [*pieces, *splitter.close()] == split(draft)
