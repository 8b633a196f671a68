"""The words of a text that carry its meaning."""

from __future__ import annotations

import re

from hwqa.names import singular

WORD = re.compile(r"[^\W_][\w.+/-]*")
"""A word, with the signs that names and units have within."""
STOP_WORDS = frozenset(
    "a about above after all also am an and any are as at be because been being both but by can could did do "
    "does doing during each few for from had has have having he her here how i if in into is it its itself "
    "just me more most my no nor not now of off on once only or other our out over own same she should so some "
    "such than that the their them then there these they this those through to too under until up us use used "
    "uses using very vs was we were what when where which while who whom why will with would you your much "
    "many tell give show explain please need get there's what's is's available does good".split()
)
"""Function words of English, and words that only ask."""


def content_words(text: str) -> list[str]:
    """The words that carry meaning, case-folded and singular, in order; one-letter words and function words left out.

    >>> content_words("What speaks against the CPUs?")
    ['speak', 'against', 'cpu']
    """
    words = (word.group().rstrip(".+-/").casefold() for word in WORD.finditer(text))
    return [singular(word) for word in words if len(word) > 1 and word not in STOP_WORDS]
