"""`HWQA_UNSUPPORTED=mark`: what no source says is shown as such; what a source denies, and any number, is not shown."""

from __future__ import annotations

import pytest

from hwqa.grounding import UNSUPPORTED, Gate
from hwqa.grounding.entailing import Encode
from tests.grounding.evidence import EVIDENCE, mentions


def shown(draft: str, encode: Encode, *, marks: bool) -> str:
    gate = Gate(EVIDENCE, mentions=mentions, encode=encode, marks_unsupported=marks)
    return "".join(piece.text for piece in [*gate.feed(draft), *gate.close()] if piece.kept)


def test_a_claim_in_words_is_marked_and_loses_its_citation(encode: Encode) -> None:
    draft = "The A100 has 80 GB [1]. The Z9 needs a licence for vLLM [6].\n"
    assert shown(draft, encode, marks=False) == "The A100 has 80 GB [1]. \n"
    assert (
        shown(draft, encode, marks=True) == f"The A100 has 80 GB [1]. The Z9 needs a licence for vLLM. {UNSUPPORTED}\n"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("The A100 has 96 GB [1].", id="a wrong number"),
        pytest.param("The A100 has ninety-six GB [1].", id="a wrong number in words"),
        pytest.param("The Z9 runs PyTorch in 3 modes [6].", id="words with a number"),
        pytest.param("The Z9 supports FP4 [6].", id="what the source denies"),
        pytest.param("The Z9 does not run vLLM [6].", id="a denial of what the source says"),
        pytest.param("The B200 has less memory than the A100 [1][2].", id="a wrong comparison"),
        pytest.param("The Z9 needs a licence.", id="no citation"),
        pytest.param("The Z9 needs a licence [9].", id="a citation of nothing"),
    ],
)
def test_numbers_and_what_is_denied_are_never_marked(sentence: str, encode: Encode) -> None:
    assert shown(sentence + "\n", encode, marks=True).strip() == ""
