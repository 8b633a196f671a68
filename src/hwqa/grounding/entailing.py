"""What a sentence says beside its figures: each word that carries meaning must have its like in the cited source.

Shared words decide, and for the rest the similarity of single words: `efficient` is close to `efficiency`. The
similarity of whole sentences does not tell true from false here: of 34 false sentences without figures seven were as
similar to their source as half of the true ones (*has a carbon frame* to *is fixed in the frame*: 0.72).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from hwqa.grounding.light_words import LIGHT_WORDS
from hwqa.grounding.terms import content_words, is_among
from hwqa.grounding.wording import FIELD_TERMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Vectors of texts, n × dimension, of length 1."""

WORD_BAR = 0.65
"""Cosine similarity at which a word of the source stands for one of the sentence."""
_MOST_HELD = 200
"""Words of the source that a word is compared with."""
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_LIGHT_STEMS = frozenset(stem for word in LIGHT_WORDS for stem in content_words(word)) | LIGHT_WORDS


def unsaid_words(
    text: str, taken: Sequence[tuple[int, int]], held: Sequence[str], encode: Encode, *, bar: float = WORD_BAR
) -> list[str]:
    """The words of a sentence that neither occur in the source nor have their like there, in order.

    Args:
        text: The sentence, without marks.
        taken: What is checked otherwise: its figures and the names of products.
        held: The statements that it may rest on, with their headings.
        encode: Vectors of words.
        bar: Least similarity of a word's like.
    """
    stems = frozenset().union(*(content_words(each) for each in held))
    missing = [word for word, own in _heavy(text, taken) if not all(is_among(stem, stems) for stem in own)]
    missing = [
        word for word in dict.fromkeys(missing) if word.casefold() not in LIGHT_WORDS and word not in FIELD_TERMS
    ]
    if not missing:
        return []
    near = _words("\n".join(held))
    if not near:
        return missing
    vectors = encode([word.casefold() for word in missing] + list(near))
    best = (vectors[: len(missing)] @ vectors[len(missing) :].T).max(axis=1)
    return [word for word, similarity in zip(missing, best, strict=True) if similarity < bar]


def heavy_stems(text: str, taken: Sequence[tuple[int, int]]) -> frozenset[str]:
    """The stems of a sentence that carry its meaning: all but names and those that join, count and compare."""
    return frozenset(
        stem for word, own in _heavy(text, taken) for stem in own if not word[0].isupper() or text.startswith(word)
    )


def _heavy(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[str, list[str]]]:
    for match in _WORD.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        own = [stem for stem in content_words(match[0]) if stem not in _LIGHT_STEMS]
        if own:
            yield match[0], own


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, each once, the first ones."""
    words = dict.fromkeys(match[0].casefold() for match in _WORD.finditer(text) if content_words(match[0]))
    return tuple(words)[:_MOST_HELD]
