"""Every third sentence of the set that was written before the gate's code was read; `gate.md` has the whole of it."""

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
    assert true.count(False) <= 0.14 * len(true)
    assert false.count(True) <= 0.035 * len(false)
