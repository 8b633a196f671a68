"""Who follows whom: `A replaces B`, `B gave way to A`, `the successor of B` name one relation in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.grounding.names import Mentions, Named, Subject, compatible, named

Succession = tuple[Subject, Subject]
"""The newer and the older one."""

_NEWER_FIRST = re.compile(
    r"\b(?:replac(?:es?|ed|ing)(?!\s+by)|succeed(?:s|ed|ing)(?!\s+by)|supersed(?:es?|ed|ing)(?!\s+by)"
    r"|t(?:akes?|ook|aken) over from|t(?:akes?|ook|aken) the place of|follow(?:s|ed) on from"
    r"|successor (?:of|to)|replacement (?:of|for)|in place of)\b",
    re.IGNORECASE,
)
_OLDER_FIRST = re.compile(
    r"\b(?:(?:is|are|was|were|been|being|be|gets?|got) (?:\w+ )?(?:replaced|succeeded|superseded|followed) (?:\w+ )?by"
    r"|(?:replaced|succeeded|superseded) by|g(?:ives?|ave|iven) way to|m(?:akes?|ade) way for"
    r"|predecessor (?:of|to)|preced(?:es|ed|ing)(?!\s+by)|in favou?r of)\b",
    re.IGNORECASE,
)
_ITS = re.compile(r"\bits\s+(?:\w+\s+)?(?P<noun>successor|replacement|predecessor)\b", re.IGNORECASE)
_NOUN_FIRST = re.compile(r"\W*(?:the|its)\s+(?:\w+\s+)?(?:successor|predecessor|replacement)\b", re.IGNORECASE)
WORDS = re.compile(rf"{_NEWER_FIRST.pattern}|{_OLDER_FIRST.pattern}|{_ITS.pattern}", re.IGNORECASE)
"""The words of the relation in a sentence."""


def successions(text: str, places: Sequence[Named], about: Sequence[Subject] = ()) -> Iterator[Succession]:
    """The pairs of newer and older that a sentence names.

    Args:
        text: The sentence.
        places: Where it names products.
        about: The products that it speaks of without a name, for `it` and `its`.
    """
    for pattern, newer_first in ((_OLDER_FIRST, False), (_NEWER_FIRST, True)):
        for match in pattern.finditer(text):
            before = [place.subject for place in places if place.end <= match.start()] or list(about)[:1]
            after = [place.subject for place in places if place.start >= match.end()]
            if not before and len(after) > 1:  # `The successor of B is A`
                first, second = after[1], after[0]
            elif before and after:
                first, second = before[-1], after[0]
            else:
                continue
            if first != second:
                yield (first, second) if newer_first else (second, first)
    for match in _ITS.finditer(text):
        older = match["noun"].casefold() == "predecessor"
        near = [place.subject for place in places if place.end <= match.start()]
        behind = [place.subject for place in places if place.start >= match.end()]
        owner = list(about)[:1] or near[:1]
        other = (near[-1:] if near[-1:] != owner else []) or behind[:1]
        if owner and other and owner != other:
            yield (owner[0], other[0]) if older else (other[0], owner[0])


def succession_verdict(
    said: Sequence[Succession], statements: Sequence[tuple[str, Sequence[Subject]]], mentions: Mentions
) -> bool | None:
    """Whether the statements bear out the pairs; None when they tell of no such pair.

    Args:
        said: What the sentence says.
        statements: Those of the evidence, each with the products that it speaks of.
        mentions: Finds products.
    """
    told = [pair for text, about in statements for pair in successions(text, named(text, mentions), about)]
    verdicts = []
    for newer, older in said:
        if any(compatible(newer, first) and compatible(older, second) for first, second in told):
            verdicts.append(True)
        elif any(compatible(newer, second) and compatible(older, first) for first, second in told):
            return False
    return True if verdicts and len(verdicts) == len(said) else None
