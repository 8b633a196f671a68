"""Sentences that reach further than their source, each beside a true one of the same form that must stay."""

from __future__ import annotations

import pytest

from hwqa.grounding import Gate
from hwqa.grounding.entailing import Encode
from hwqa.grounding.names import Named
from hwqa.grounding.scope import scope_objections
from hwqa.schema import Evidence
from tests.grounding.evidence import item, mentions

PUMPS = """\
| Pump | Noise | SCOP | Coolant | Service per year |
|---|---|---|---|---|
| North 8 | 52 dB | 4.6 | R290 | €640 |
| South 10 | 49 dB | 4.1 | R32 | €150 |

At 55 °C the SCOP falls to 3.4 for the North 8. It makes no noise at night. Only the North 8 has a heater.
Disc brakes stop it in 5.1 m, drum brakes in 7.8 m. Of the 14 pumps in the field, 9 are of the type North 8.
"""
ITEMS = (
    Evidence(1, "pumps.md", ("Pumps",), "", (1, 8), PUMPS, PUMPS),
    item(2, "Acme A100", "Acme A100; Measured throughput: 34,555 tokens/s; note: Llama, 8 GPUs, PyTorch 2.10"),
    item(3, "Acme A100", "Acme A100; FP16 peak: 312 TFLOPS; basis: dense; note: half of the printed sparse figure"),
    item(4, "Acme B200", "Acme B200; FP16 peak: 2,250 TFLOPS; basis: dense"),
    item(5, "Acme B200", "The Acme B200 gives 1.2 tokens/s per watt. FP4 peak: not supported.", "passage"),
    item(6, "Acme A100", "Acme A100; Cloud price: $1.20/h; note: figure of the scaling book"),
    item(7, "Acme A100", "Acme A100; Cloud price: $1.60/h; note: region not stated"),
)


def passes(sentence: str, encode: Encode) -> bool:
    gate = Gate(ITEMS, mentions=mentions, encode=encode)
    pieces = [piece for piece in [*gate.feed(sentence + "\n"), *gate.close()] if piece.text.strip()]
    return all(piece.kept for piece in pieces) and bool(pieces)


@pytest.mark.parametrize(
    ("false", "true"),
    [
        pytest.param("The North 8 has 49 dB [1].", "The North 8 has 52 dB [1].", id="another row of an unknown thing"),
        pytest.param("The North 8 uses R32 [1].", "The South 10 uses R32 [1].", id="a name of another row"),
        pytest.param("The North 8 is the quietest pump [1].", "The South 10 is the quietest pump [1].", id="quietest"),
        pytest.param("The South 10 is louder than the North 8 [1].", "The North 8 is louder than the South 10 [1].",
                     id="louder"),
        pytest.param("The South 10 is the quietest of all pumps on the market [1].",
                     "The South 10 is the quietest of the two, at 49 dB [1].", id="of all on the market"),
        pytest.param("At 55 °C the North 8 has a SCOP of 4.6 [1].", "At 55 °C the North 8 has a SCOP of 3.4 [1].",
                     id="the figure of another condition"),
        pytest.param("Disc brakes stop it in 7.8 m [1].", "Drum brakes stop it in 7.8 m [1].", id="another clause"),
        pytest.param("Only the South 10 has a heater [1].", "Only the North 8 has a heater [1].", id="only"),
        pytest.param("Only the card has an FP16 peak [4].", "The B200 has an FP16 peak of 2,250 TFLOPS [4].",
                     id="only of an unnamed thing"),
        pytest.param("It is noisy at night [1].", "At night it makes no noise [1].", id="denied in another form"),
        pytest.param("Nearly all of the 14 pumps are of the type North 8 [1].",
                     "Of the 14 pumps, 9 are of the type North 8 [1].", id="nearly all"),
        pytest.param("Service of the North 8 costs €640 per month [1].",
                     "Service of the North 8 costs €640 per year [1].",
                     id="the time of a column"),
        pytest.param("One A100 reaches 34,555 tokens/s [2].", "Eight A100 reach 34,555 tokens/s [2].", id="devices"),
        pytest.param("With PyTorch 2.1 the A100 reaches 34,555 tokens/s [2].",
                     "With PyTorch 2.10 the A100 reaches 34,555 tokens/s [2].", id="a version is no number"),
        pytest.param("The A100 has half the FP16 peak of the B200 [3][4].",
                     "The FP16 peak of the B200 is 7.2 times that of the A100 [4][3].", id="the ratio of a note"),
        pytest.param("312 TFLOPS is not the FP16 peak of the A100 [3].", "312 TFLOPS is the FP16 peak of the A100 [3].",
                     id="denied behind the figure"),
        pytest.param("The measured FP16 peak of the B200 is 2,250 TFLOPS [4].",
                     "The FP16 peak of the B200 is 2,250 TFLOPS [4].",
                     id="a peak that was not measured"),
        pytest.param("The B200 gives 1.2 tokens/s per kilowatt [5].", "The B200 gives 1.2 tokens/s per watt [5].",
                     id="counted by something else"),
        pytest.param("<text>311 TFLOPS</text> The A100 reaches 312 TFLOPS in FP16 [3].",
                     "The A100 reaches 312 TFLOPS in FP16 [3].", id="the end of a tag is no more than"),
        pytest.param("The A100 reaches 312 TFLOPS in FP16 and is often sold as a counterfeit [3].",
                     "The A100 reaches 312 TFLOPS in FP16, dense [3].", id="a clause without a figure"),
        pytest.param("The A100 has 34,555 GB/month [2].", "The A100 has 34,555 tokens/s with 8 GPUs [2].", id="rate"),
        pytest.param("The rent of the A100 is $1.20 per month [6].", "The A100 costs $1.20 an hour [6].", id="time"),
        pytest.param("The B200 supports FP4 [5].", "FP4 is not supported by the B200 [5].", id="not supported"),
        pytest.param("The A100 is the oldest card that is sold [3].", "The FP16 peak of the A100 is 312 TFLOPS [3].",
                     id="a superlative that nothing says"),
        pytest.param("There is no A100 with PyTorch 2.10 [2].", "There is no information on its price.",
                     id="there is no"),
        pytest.param("By the scaling book's figure the A100 costs $1.60/h [6][7].",
                     "By the scaling book's figure the A100 costs $1.20/h [6][7].", id="another row's origin"),
        pytest.param("The B200 needs a firmware update and has 2,250 TFLOPS in FP16 [4].",
                     "The B200 reaches 2,250 TFLOPS in FP16 [4].", id="words beside a figure"),
    ],
)  # fmt: skip
def test_a_sentence_reaches_no_further_than_its_source(false: str, true: str, encode: Encode) -> None:
    assert passes(true, encode)
    assert not passes(false, encode)


@pytest.mark.parametrize(
    ("source", "follows"),
    [
        ("The North 8 has a tank, the only tank in its house.", False),
        ("Only the pump at the door has a tank.", False),
        ("Only the North 8 has a tank.", True),
        ("Of the pumps, the North 8 alone has a tank.", True),
    ],
)
@pytest.mark.parametrize("text", ["Only the North 8 has a tank.", "Of both, only the North 8 has a tank."])
def test_only_must_be_said_of_the_subject(text: str, source: str, follows: bool) -> None:
    start = text.index("North 8")
    place = Named(frozenset({"North 8"}), start, start + len("North 8"))
    assert (list(scope_objections(text, [source], "[1]", [place])) == []) is follows
