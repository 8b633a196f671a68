"""What speaks for or against something: the headings that announce it, and the questions that ask for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.question import Query

_ARGUMENTS = {
    "for": re.compile(r"\b(advantages?|strengths?|benefits?|pros?|upsides?|speaks? for|plus)\b", re.I),
    "against": re.compile(
        r"\b(disadvantages?|weakness(?:es)?|drawbacks?|cons?|downsides?|limitations?|caveats?|problems?|"
        r"speaks? against|minus)\b",
        re.I,
    ),
}
"""Headings under which documents list what speaks for or against something."""


SIDES = tuple(_ARGUMENTS)


def argument_sides(query: Query) -> list[str]:
    """`for`, `against` or both, when the query asks for arguments; otherwise none."""
    return [side for side in _ARGUMENTS if side in query.intent.split(" and ")]


def argues(heading_path: Sequence[str], side: str) -> bool:
    """Whether the innermost heading announces arguments for or against."""
    return bool(heading_path) and bool(_ARGUMENTS[side].search(heading_path[-1]))
