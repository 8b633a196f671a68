"""Claims against whole passages: several rows, notes, wide tables, prose under a heading."""

from __future__ import annotations

import pytest

from hwqa.grounding import check
from hwqa.schema import Evidence
from tests.grounding.evidence import item, mentions

LONG = item(
    1,
    "Acme B200",
    "| Attribute | Value | Basis | Note |\n|---|---|---|---|\n"
    "| Memory capacity | 192 GB | | eight stacks with 24 GB each |\n"
    "| L2 cache | 126 MB | | |\n| Memory bus width | 8,192 bit | | |\n"
    "| FP16 peak | 2,250 TFLOPS | dense | |\n"
    "| FP16 peak | 4,490 TFLOPS | sparse | rounded; twice the dense rate is 4,500 TFLOPS |\n"
    "| FP8 peak | 4,500 TFLOPS | dense | |\n| Power | 1,000 W | | 700 W on the A100 boards |\n",
    "passage",
)
WIDE = Evidence(
    2,
    "a.md",
    ("Accelerators", "Overview"),
    "",
    (1, 1),
    "",
    "| Product | Memory (GB) | TDP |\n|---|---|---|\n| A100 | 80 | 400 W |\n| B200 | 192 | 1,000 W |\n",
)
ACROSS = Evidence(
    3, "a.md", ("Accelerators",), "", (1, 1), "", "|  | A100 | Z9 |\n|---|---|---|\n| Memory | 80 GB | 64 GB |\n"
)
PROSE = Evidence(
    4,
    "a.md",
    ("Acme",),
    "",
    (1, 1),
    "",
    "To compare them, let us look at the B200 and the A100.\n\n"
    "- **More memory**: 192 GB vs 80 GB.\n- The Z9 costs $900.\n",
)


@pytest.mark.parametrize(
    ("sentence", "evidence", "supported"),
    [
        ("The B200 has 192 GB.", LONG, True),
        ("The B200 reaches 2,250 TFLOPS dense in FP16.", LONG, True),
        ("The B200 reaches 4,500 TFLOPS dense in FP16.", LONG, False),
        ("The B200 reaches 4,500 TFLOPS dense in FP8.", LONG, True),
        ("The B200 draws 1,000 W.", LONG, True),
        ("The A100 draws 1,000 W.", LONG, False),
        ("The A100 has 80 GB.", WIDE, True),
        ("The A100 has 192 GB.", WIDE, False),
        ("The B200 has a TDP of 1 kW and 192 GB.", WIDE, True),
        ("The B200 has 2.4 times the memory of the A100.", WIDE, True),
        ("The A100 has more memory than the B200.", WIDE, False),
        ("The A100 has 80 GB, the Z9 64 GB.", ACROSS, True),
        ("The A100 has 64 GB, the Z9 80 GB.", ACROSS, False),
        ("The B200 has 192 GB, the A100 80 GB.", PROSE, True),
        ("The A100 has 192 GB, the B200 80 GB.", PROSE, False),
        ("The Z9 costs $900.", PROSE, True),
        ("The A100 costs $900.", PROSE, False),
    ],
)
def test_passage(sentence: str, evidence: Evidence, supported: bool) -> None:
    assert check(sentence, [evidence], mentions=mentions).supported is supported


def test_notes_are_quoted_but_not_compared() -> None:
    small = item(5, "Acme A100", "Acme A100; Memory capacity: 80 GB")
    assert check("The B200 stacks 24 GB each.", [LONG], mentions=mentions).supported
    assert not check("The A100 has more memory than the B200.", [LONG, small], mentions=mentions).supported


def test_names_of_headings_serve_without_a_vocabulary() -> None:
    row = Evidence(1, "a.md", ("Parts", "Quux Q7"), "", (1, 1), "", "Attribute: Memory; Value: 7 GB")
    other = Evidence(2, "a.md", ("Parts", "Quux Q8"), "", (1, 1), "", "Attribute: Memory; Value: 8 GB")
    assert check("The Q7 has 7 GB [1].", [row]).supported
    assert not check("The Q7 has 8 GB [1][2].", [row, other]).supported
