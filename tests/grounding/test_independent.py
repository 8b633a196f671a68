"""Sentences by other hands, a part of them; `gate.md` has the whole of it."""

from __future__ import annotations

import pytest
from benchmarks.independent_sentences import outcomes

from hwqa.grounding.entailing import Encode


@pytest.mark.slow
def test_true_sentences_stay_and_false_ones_go(encode: Encode) -> None:
    found = list(outcomes(encode, every=3))
    true = [outcome.passed for outcome in found if outcome.supported]
    false = [outcome.passed for outcome in found if not outcome.supported]
    assert len(found) == 139
    assert true.count(False) <= 0.09 * len(true)
    assert false.count(True) <= 0.025 * len(false)


@pytest.mark.slow
def test_the_third_set_does_not_get_worse(encode: Encode) -> None:
    found = list(outcomes(encode, every=2, name="third", lines="odd"))
    true = [outcome.passed for outcome in found if outcome.supported]
    false = [outcome.passed for outcome in found if not outcome.supported]
    assert len(found) == 80
    assert true.count(False) <= 0.2 * len(true)
    assert false.count(True) <= 0.15 * len(false)
