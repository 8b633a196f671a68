"""Words of features and of facts, and what the forms of a word begin with."""

from __future__ import annotations

import re
from functools import lru_cache

from hwqa.words import content_words

_JOINED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
SHORTEST_STEM = 5


@lru_cache(maxsize=1 << 17)
def stems(text: str) -> tuple[str, ...]:
    """The words of a text; `air-cooled` is two."""
    return tuple(content_words(_JOINED.sub(" ", text)))


def stem(word: str) -> str:
    """What all forms of a word begin with, as those of `passively` with `passiv`; a short word has no others."""
    if len(word) <= SHORTEST_STEM or not word.isalpha():
        return word
    return word[: max(SHORTEST_STEM, len(word) - 3)]
