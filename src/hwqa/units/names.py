"""Digits that are part of a name, a link or a mark: `H200`, `FP8`, `Llama-3-70B`, `3D`, `[2]` are no numbers.

The rule is shape alone: a letter glued to a digit. Which of the names are products is for the caller to know.
"""

from __future__ import annotations

import re
from typing import NamedTuple

Span = tuple[int, int]


class Name(NamedTuple):
    """A word that letters and digits make up together."""

    text: str
    start: int
    end: int


LETTER_FIRST = re.compile(r"(?<![^\W_])[^\W\d_]\w*(?:[-./+:][^\W_]\w*)*")
DIGIT_FIRST = re.compile(
    r"(?<![\w.,$€£¥])\d+(?:\.\d+)*[^\W\d_]\w*(?:[-./][^\W_]\w*)*|(?<![\w.,$€£¥])\d+(?:[:/]\d+)+(?![\w])|(?<![\w.])\d+(?:\.\d+){2,}(?!\w)"
)
QUANTITY_SHAPE = re.compile(
    r"\d+(?:\.\d+)?(?:[kKMBTxX]|bn|[eE]\d+|st|nd|rd|th|(?:[kmµnMGTPE]i?)?(?:B|b|bit|bps|Bps|W|Wh|Hz|FLOPS|FLOPs|OPS|s|m|h)"
    r"|gb|tb|mb|kb|ghz|mhz|kw|tflops|pflops|tops|[GTP]F|[GM]T|V|w|tok|tps|tokens|bE|USD|usd|mm2|GbE|hr|min|ms|us"
    r"|[kmc]?[gl]|cm|[kc]?m[²³23]|mL|lbs?|oz|ft|dB|dBA|k?Nm?|[kM]?Pa|bar|psi|m?Ah|kVA|kcal|kJ|MJ|mph|rpm|fps|lm|lx|px|MP|°C|°F)"
    r"(?:[-/].*)?"
)
URL = re.compile(r"(?:https?://|www\.)[^\s<>\])]+|\]\([^)\s]*\)")
MARK = re.compile(r"\[\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*\]|【[^】\n]{0,24}】|\[\^\d+\]")
LIST_NUMBER = re.compile(r"(?m)^[ \t>]*\d{1,3}[.)](?=\s)")


def find_names(text: str) -> list[Name]:
    """The words of the text in which letters and digits are glued, in order.

    >>> [name.text for name in find_names("An H200 runs Llama-3-70B in FP8 with 141GB, 3D stacked.")]
    ['H200', 'Llama-3-70B', 'FP8', '3D']
    """
    skipped = ignored_spans(text)
    found = []
    for match in LETTER_FIRST.finditer(text):
        word = match[0].rstrip("_.:")
        if any(letter.isdecimal() for letter in word):
            found.append(Name(word, match.start(), match.start() + len(word)))
    for match in DIGIT_FIRST.finditer(text):
        if QUANTITY_SHAPE.fullmatch(match[0]) or re.fullmatch(r"\d+[x×][A-Z]?\w*", match[0]):
            continue
        found.append(Name(match[0], match.start(), match.end()))
    return sorted(
        (name for name in found if not any(start < name.end and name.start < end for start, end in skipped)),
        key=lambda name: name.start,
    )


def ignored_spans(text: str) -> list[Span]:
    """Where links, citation marks and the numbers of list items stand."""
    return [match.span() for pattern in (URL, MARK, LIST_NUMBER) for match in pattern.finditer(text)]
