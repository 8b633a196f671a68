"""Denials and successions are compared clause by clause, in whatever words."""

from __future__ import annotations

import pytest

from hwqa.grounding.checking import check
from hwqa.grounding.entailing import Encode
from tests.grounding.evidence import item, mentions

SOURCE = item(
    1,
    "Machines",
    "The A100 may be opened by its owner; the B200 must not. The B200 replaces the A100. "
    "It cannot be connected to an ordinary socket. The Z9 needs no water connection.",
    "passage",
)


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("The owner may open the A100, but not the B200 [1].", True),
        ("The B200 may be opened by its owner [1].", False),
        ("The A100 was replaced by the B200 [1].", True),
        ("The successor of the A100 is the B200 [1].", True),
        ("The A100 replaced the B200 [1].", False),
        ("The B200 gave way to the A100 [1].", False),
        ("The Z9 needs a water connection [1].", False),
        ("The Z9 needs no water connection [1].", True),
    ],
)
def test_who_and_whether(sentence: str, supported: bool, encode: Encode) -> None:
    assert check(sentence, [SOURCE], mentions=mentions, encode=encode).supported is supported
