"""What the gate removed, as it may be shown: the sentence with its figures blanked out, and what spoke against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hwqa.grounding.names import Mentions, occurs
from hwqa.grounding.pieces import MARK
from hwqa.grounding.verbatim import plain
from hwqa.schema import Removed
from hwqa.units import find_names, find_quantities

BLANK = "▁▁▁"
"""Stands where a figure stood."""

_LONGEST = 400
"""Characters of a sentence that are shown."""
_COUNTED = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:hundred|thousand|[mbtr]+illion)s?|"
    r"dozens?|twice|thrice|(?:doubl|tripl|quadrupl)(?:e[sd]?|ing)|half|halv(?:es|ed|ing)|quarters?|thirds?|"
    r"\w+fold"
)
_WORDS = re.compile(rf"\b(?:{_COUNTED})\b(?:[\s-]+(?:and[\s-]+)?(?:{_COUNTED})\b)*", re.IGNORECASE)
"""Numbers in words, whether or not anything reads them as figures."""
_BEFORE_UNIT = re.compile(r"[^\W\d_]+(?=[\s\u00a0\u202f]+[kKMGTPE]i?(?:B|b|bit|W|Hz|FLOPS|OPS)(?:/s)?(?![\w/]))")
"""A word in front of a unit, which may be a number in another script or in Roman numerals."""
_GONE = "\0"
_RUN = re.compile(rf"{_GONE}(?:[{_GONE} \u00a0\u202f-]*{_GONE})?")
_NUMERALS = re.compile(r"[\d.,:%]*\d[\d.,:]*(?<![.,:])%?")
_SOURCES = re.compile(r"(?:\[\d+\])+")
_BEFORE_STOP = re.compile(r"[ \t\u00a0]+(?=[.,;:!?](?:\s|$))")
"""What a mark leaves that stood in front of a full stop."""
_LIST_MARKS = re.compile(r"^\W*\|?\s*|\s*\|\s*$")


def withhold(text: str, objections: Iterable[str], mentions: Mentions, held: Sequence[str]) -> Removed:
    """A removed piece of a draft with no figure left in it, neither in its words nor in the objections to it.

    Args:
        text: As the draft had it.
        objections: What the gate had against it.
        mentions: Finds the products that the documents know, whose names stay whole.
        held: Texts of the evidence: other names with a digit stay where one of them has them.
    """
    shown = blanked(_BEFORE_STOP.sub("", plain(MARK.sub("", text))), mentions, held)
    if len(shown) > _LONGEST:
        shown = shown[:_LONGEST].rpartition(" ")[0] + " …"
    reasons = dict.fromkeys(_reason(objection, mentions, held) for objection in objections)
    return Removed(_LIST_MARKS.sub("", shown).strip(), tuple(reasons))


def blanked(text: str, mentions: Mentions, held: Sequence[str]) -> str:
    """The text with a blank for each figure; names of products and of formats stay.

    >>> blanked("The X100 has 96 GB, twice the HBM3e of others.", lambda text: (), ["X100 with HBM3e"])
    'The X100 has ▁▁▁, ▁▁▁ the HBM3e of others.'
    """
    names = [(mention.start, mention.end) for mention in mentions(text)]
    names += [
        (name.start, name.end)
        for name in find_names(text)
        if name.text[0].isalpha() and any(occurs(name.text, source) for source in held)
    ]
    figures = [(quantity.start, quantity.end) for quantity in find_quantities(text, names)]
    figures += [match.span() for pattern in (_WORDS, _BEFORE_UNIT, _NUMERALS) for match in pattern.finditer(text)]
    figures += [(at, at + 1) for at, letter in enumerate(text) if letter.isnumeric()]
    letters = list(text)
    for start, end in figures:
        letters[start:end] = _GONE * (end - start)
    for start, end in names:
        letters[start:end] = text[start:end]
    return _RUN.sub(BLANK, "".join(letters))


def _reason(objection: str, mentions: Mentions, held: Sequence[str]) -> str:
    """An objection without figures, and without the numbers that the draft's evidence had."""
    if re.fullmatch(r"\[\d+\] does not exist", objection):
        return "it cites a source that does not exist"
    return blanked(_SOURCES.sub("the cited source", objection), mentions, held)
