"""Sentences as plain text, and whether the evidence holds one word for word."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from hwqa.grounding.names import Named, Subject, compatible
from hwqa.grounding.pieces import MARK
from hwqa.grounding.sources import Reading

_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s[^()]*)?\)")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+|~~")
_LIST_MARKER = re.compile(r"^[\s>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+|^\s{0,3}#{1,6}\s+|^[\s>]+")


def plain(sentence: str) -> str:
    """The sentence without list marker, emphasis, link targets and entities; marks stay."""
    text = _LINK.sub(lambda match: match[0] if MARK.match(match[0]) else match[1], sentence)
    text = _EMPHASIS.sub("", _LIST_MARKER.sub("", html.unescape(text)))
    return " ".join(text.replace("\u200b", "").split(" ")).strip()


def is_verbatim(text: str, places: Sequence[Named], readings: Sequence[Reading], about: Sequence[Subject] = ()) -> bool:
    """Whether one item of evidence holds the whole sentence, word for word.

    The name of the product that the evidence speaks of may stand in front: `X100: It has 80 GB.` What stands under the
    name of products, those of `about`, is no quote of a statement about others.
    """
    if places and (label := re.match(r"\s*:\s+", text[places[0].end :])) and not text[: places[0].start].strip():
        said = places[0].subject
        own = [
            reading
            for reading in readings
            if any(compatible(said, subject) for source in reading.sources for subject in source.subjects)
        ]
        if is_verbatim(text[places[0].end + label.end() :], (), own, (said,)):
            return True
    words = re.findall(r"[^\W_]+(?:[.,]\d+)*|[%$€£<>≤≥~≈±−×]", text)
    if len(words) < 4:
        return False
    wanted = " ".join(words).casefold()
    for reading in readings:
        for source in reading.sources:
            if (
                about
                and source.subjects
                and not any(compatible(one, each) for one in about for each in source.subjects)
            ):
                continue
            held = " ".join(re.findall(r"[^\W_]+(?:[.,]\d+)*|[%$€£<>≤≥~≈±−×]", source.text)).casefold()
            if f" {wanted} " in f" {held} ":
                return True
    return False
