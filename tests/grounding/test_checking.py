from __future__ import annotations

import doctest
import importlib
import pkgutil
import time
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import hwqa.grounding
import hwqa.units
from hwqa.grounding import check, marks_of
from hwqa.grounding.entailing import Encode
from hwqa.grounding.wording import is_abstention, is_connective
from hwqa.units import find_quantities
from tests.grounding.evidence import EVIDENCE, item, mentions


def objections(sentence: str, about: tuple[str, ...] = ()) -> tuple[str, ...]:
    cited = [evidence for evidence in EVIDENCE if evidence.number in marks_of(sentence)]
    return check(sentence, cited, mentions=mentions, known=EVIDENCE, about=about).objections


@pytest.mark.parametrize(
    "sentence",
    [
        "The A100 has 80 GB of HBM2e [1].",
        "The A100 reads its memory at 2,039 GB/s [3].",
        "The B200 has 2.4 times the memory of the A100 [1][2].",
        "The B200 has 112 GB more than the A100 [1][2].",
        "The A100 has less memory than the B200 [1][2].",
        "With sparsity the B200 reaches 4.5 PFLOPS in FP16 [5].",
        "Llama-70B takes 141 GB on one B200 [7].",
        "The Z9 runs vLLM through a plugin [6].",
        "The Z9 does not support FP4 [6].",
        "The documents do not say what the B200 costs.",
        "Here is a comparison:",
    ],
)
def test_supported(sentence: str) -> None:
    assert objections(sentence) == ()


@pytest.mark.parametrize(
    ("sentence", "objection"),
    [
        ("The A100 has 96 GB [1].", "'96 GB' is not in [1]"),
        ("The A100 has 80 GB.", "it cites nothing"),
        ("The A100 has 80 GB [9].", "[9] does not exist"),
        ("The A100 has 192 GB [1][2].", "'192 GB' is in [1][2], but not of the Acme A100"),
        ("The A100 has 80 GB [3].", "'80 GB' is not in [3]"),
        ("The Z9 has 80 GB [1].", "[1] does not speak of the Z9"),
        ("The B200 reaches 4,500 TFLOPS dense in FP16 [5].", "[5] does not call '4,500 TFLOPS' dense"),
        ("The B200 reaches 2,250 TFLOPS in FP8 [4].", "'FP8' is not in [4]"),
        (
            "The A100 has more memory than the B200 [1][2].",
            "the figures of Acme A100 and Acme B200 do not bear out the comparison",
        ),
        ("The B200 has three times the memory of the A100 [1][2].", "'three times' is not in [1][2]"),
        ("The A100-96GB has 80 GB [1].", "'96GB' is not in [1]"),
        ("The A100 has ninety-six gigabytes [1].", "'ninety-six gigabytes' is not in [1]"),
        ("The A100 has **8**1 GB [1].", "'81 GB' is not in [1]"),
        ("The A100 has &#57;6 GB [1].", "'96 GB' is not in [1]"),
        ("The A100 has ９６ GB [1].", "'９６ GB' is not in [1]"),
        ("The Z9 runs vLLM on hundreds of chips [6].", "'hundreds' is not in [6]"),
        ("The Z9 supports FP4 [6].", "[6] says the opposite"),
        ("The Z9 wins every race [6].", "[6] does not say this"),
    ],
)
def test_objection_says_what_is_wrong(sentence: str, objection: str) -> None:
    assert objection in objections(sentence)


def test_pronoun_speaks_of_what_came_before() -> None:
    assert objections("It has 80 GB [1].", about=("Acme A100",)) == ()
    assert objections("It has 192 GB [2].", about=("Acme A100",)) != ()


def test_dense_is_not_set_against_sparse_in_silence() -> None:
    other = item(8, "Acme A100", "Acme A100; FP16 peak: 312 TFLOPS; basis: dense")
    claim = "The B200 is faster in FP16 than the A100: 4,500 TFLOPS against 312 TFLOPS [5][8]."
    (objection,) = check(claim, [EVIDENCE[4], other], mentions=mentions).objections
    assert "dense figure against a sparse one" in objection


def test_a_word_with_its_like_in_the_source_is_said_and_others_are_not(encode: Encode) -> None:
    claim = "The Z9 is supported by vLLM through a plug-in [6]."
    assert check(claim, [EVIDENCE[5]], mentions=mentions, encode=encode).supported
    refused = check("The Z9 needs a licence for vLLM [6].", [EVIDENCE[5]], mentions=mentions, encode=encode)
    assert refused.objections[0] == "'licence' is not in [6]"
    figure = check("The A100 has 80 GB of soldered memory [1].", [EVIDENCE[0]], mentions=mentions, encode=encode)
    assert figure.objections == ("'soldered' is not in [1]",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The documents do not say what it costs.", True),
        ("No price is given in the documents.", True),
        ("There is no figure for its power.", True),
        ("The documents do not say this, but it is fast.", False),
        ("It does not support FP4.", False),
    ],
)
def test_abstention(text: str, expected: bool) -> None:
    assert is_abstention(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Here is a comparison:", True),
        ("In short:", True),
        ("It is better because:", False),
        ("FP4 is supported:", False),
    ],
)
def test_connective(text: str, expected: bool) -> None:
    assert is_connective(text) is expected


TEMPLATES = st.sampled_from(
    [
        "The A100 has {} of memory [1][2].",
        "The B200 reaches {} in FP16 [4][5].",
        "It costs {} [1].",
        "Memory: {} (A100) and 192 GB (B200) [1][2].",
        "**{}** is what the Z9 offers [6].",
        "The A100, with {}, is smaller than the B200 [1][2].",
        "On one B200 the weights take {} [7].",
    ]
)
SCALES = (Decimal(1), Decimal(1000), Decimal("0.001"))
UNITS = st.sampled_from([" GB", " TB/s", "GB", " TFLOPS", " W", " $", " tokens/s", " %", "x", "", " cards", " nm"])


@settings(deadline=None)
@given(TEMPLATES, st.decimals(min_value=Decimal("0.1"), max_value=Decimal("99999"), places=1), UNITS)
def test_number_that_no_evidence_holds_never_passes(template: str, number: Decimal, unit: str) -> None:
    written = f"{number}{unit}"
    held = {quantity.low for evidence in EVIDENCE for quantity in find_quantities(evidence.text)}
    derived = [first / second * 100 if unit == " %" else first / second for first in held for second in held]
    gaps = [abs(first - second) for first in held for second in held]
    known = {*derived, *(abs(share - 100) for share in derived)} if unit in ("x", " %") else {*held, *gaps}
    assume(all(abs(number - value * scale) > value * scale * Decimal("0.06") for value in known for scale in SCALES))
    assert objections(template.format(written)), written


@settings(deadline=None)
@given(
    st.text(max_size=120) | st.text(alphabet=st.sampled_from("A10B2 GB/s.,%×[]1()|*_-–dense notFP8\n"), max_size=120)
)
def test_any_sentence_can_be_checked(text: str) -> None:
    objections(text)
    objections(f"{text} [1][6]")


@pytest.mark.parametrize(
    "unit", ["[", "1,", " ", "a", ". ", "(A100 ", "FP8/", "80 GB and ", "[1]", "not ", "1.2.", "A100, ", "*", "-", "<b"]
)
def test_long_input_takes_no_exponential_time(unit: str) -> None:
    text = (unit * 4000)[:4000]
    begun = time.process_time()
    check(f"The A100 {text} 80 GB [1].", [EVIDENCE[0]], mentions=mentions)
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "name",
    [
        f"{package.__name__}.{module.name}"
        for package in (hwqa.grounding, hwqa.units)
        for module in pkgutil.iter_modules(package.__path__)
    ],
)
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
