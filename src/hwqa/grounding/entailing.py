"""What a sentence says beside its figures: each word that carries meaning must have its like in the cited source.

Shared words decide first, then the similarity of single words: `efficient` is close to `efficiency`. A word that is
still open is judged in its sentence: taken out of a right paraphrase it leaves a sentence that is further from the
source, or as far; taken out of an invention it leaves one that is nearer. The similarity of whole sentences does not
tell true from false here: of 34 false sentences without figures seven were as similar to their source as half of the
true ones (*has a carbon frame* to *is fixed in the frame*: 0.72).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from hwqa.grounding.light_words import LIGHT_WORDS
from hwqa.grounding.terms import content_words, is_among, stem
from hwqa.grounding.wording import FIELD_TERMS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Vectors of texts, n × dimension, of length 1."""

WORD_BAR = 0.65
"""Cosine similarity at which a word of the source stands for one of the sentence."""
FOREIGN_BAR = 0.01
"""How much nearer to its source a sentence may come when an open word is taken out of it."""
FOREIGN_BAR_OF_FIGURES = 0.03
"""The same in a sentence whose figures the source gives: there the word only leads to the figure."""
MOST_OPEN = 0.34
"""Share of a clause's words that may be judged so when it has no figures."""
MOST_OPEN_OF_FIGURES = 0.5
"""The same for a clause with a figure."""
_NEAREST = 3
"""Statements of the source, chosen by shared words, that a sentence is held against."""
_MOST_HELD = 200
"""Words of the source that a word is compared with."""
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_CLAUSE = re.compile(r"[,;:]\s|\s(?:and|but|while|whereas|which|because|although|so)\s", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|due to|owing to|thanks to|since (?=(?:it|its|they|the|this|that|there)\b))", re.IGNORECASE
)
_LIGHT_STEMS = frozenset(stem for word in LIGHT_WORDS for stem in content_words(word)) | LIGHT_WORDS


def unsaid_words(
    text: str,
    taken: Sequence[tuple[int, int]],
    held: Sequence[str],
    encode: Encode,
    *,
    others: Sequence[str] = (),
    figures: Sequence[tuple[int, int]] = (),
    bar: float = WORD_BAR,
) -> list[str]:
    """The words of a sentence that neither occur in the source nor have their like there, in order.

    Args:
        text: The sentence, without marks.
        taken: What is checked otherwise: its figures and the names of products.
        held: The statements that it may rest on, with their headings.
        encode: Vectors of words and sentences.
        others: What the same evidence says of other products: a word of theirs alone is not said of this one.
        figures: Where its figures stand: a word in a clause with a figure may be freer than another.
        bar: Least similarity of a word's like.
    """
    stems = frozenset().union(*(content_words(each) | content_words(_HYPHEN.sub("", each)) for each in held))
    heavy = dict(_heavy(text, taken))
    missing = [word for word, own in heavy.items() if not _is_held(word, own, stems)]
    missing = [word for word in missing if word.casefold() not in LIGHT_WORDS and word not in FIELD_TERMS]
    if not missing:
        return []
    foreign = frozenset().union(*(content_words(each) for each in others))
    if of_others := [word for word in missing if _is_held(word, list(content_words(word)), foreign)]:
        return of_others
    near = _words("\n".join(held))
    if not near:
        return missing
    vectors = encode([word.casefold() for word in missing] + list(near))
    best = (vectors[: len(missing)] @ vectors[len(missing) :].T).max(axis=1)
    open_words = [word for word, similarity in zip(missing, best, strict=True) if similarity < bar]
    if not open_words or any(_is_name(word, text) for word in open_words):
        return open_words
    parts = _parts(text)
    gains = _gains(open_words, text, held, encode)
    unsaid = []
    for word, gain in zip(open_words, gains, strict=True):
        begin, end = next((part for part in parts if part[0] <= text.find(word) < part[1]), (0, len(text)))
        states = any(begin <= start < end for start, _ in figures)
        own = [each for each in heavy if begin <= text.find(each) < end]
        share = sum(each in open_words for each in own) / max(1, len(own))
        most = max(1 / max(1, len(own)), MOST_OPEN_OF_FIGURES) if states else MOST_OPEN
        limit = FOREIGN_BAR_OF_FIGURES if states else FOREIGN_BAR
        if share > most or gain > limit or _qualifies(word, text, taken, stems) or _is_reason(word, text):
            unsaid.append(word)
    return unsaid


def _parts(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a sentence begin and end."""
    cuts = [0, *(match.start() for match in _CLAUSE.finditer(text)), len(text)]
    return [(first, last) for first, last in pairwise(cuts) if last > first]


def _is_reason(word: str, text: str) -> bool:
    """Whether a word stands in a reason: the source must give that reason itself."""
    return any(match.end() <= text.find(word) for match in _REASON.finditer(text))


def _qualifies(word: str, text: str, taken: Sequence[tuple[int, int]], stems: frozenset[str]) -> bool:
    """Whether a word stands right in front of one that the source has: `soldered memory` says more than `memory`."""
    at = text.find(word) + len(word)
    following = re.match(r"[ \t]+([a-z][\w-]+)", text[at:])
    if following is None or any(start < at + following.end() and at < end for start, end in taken):
        return False
    own = content_words(following[1])
    return bool(own) and all(is_among(each, stems) for each in own)


def _is_held(word: str, own: Sequence[str], stems: frozenset[str]) -> bool:
    """Whether the source has the word, also in one piece where it has a hyphen there: `plugin` and `plug-in`."""
    joined = stem(re.sub(r"[^\w]", "", word.casefold()))
    return all(is_among(each, stems) for each in own) or joined in stems


def _is_name(word: str, text: str) -> bool:
    """Whether a word is written as a name inside its sentence: no other word stands for it."""
    at = text.find(word)
    return any(letter.isdecimal() for letter in word) or (
        any(letter.isupper() for letter in word) and re.search(r"[\w,;)][\s(]+$", text[:at]) is not None
    )


def _gains(words: Sequence[str], text: str, held: Sequence[str], encode: Encode) -> list[float]:
    """How much nearer the sentence comes to its nearest statement without each word, as cosine similarity."""
    said = content_words(text)
    nearest = sorted(held, key=lambda each: len(said & content_words(each)), reverse=True)[:_NEAREST]
    without = [re.sub(rf"\s*(?<!\w){re.escape(word)}(?!\w)", "", text, count=1) for word in words]
    vectors = encode([text, *without, *nearest])
    likeness = vectors[: len(words) + 1] @ vectors[len(words) + 1 :].T
    best = int(likeness[0].argmax())
    return [float(likeness[at + 1, best] - likeness[0, best]) for at in range(len(words))]


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
