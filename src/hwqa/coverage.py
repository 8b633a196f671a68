"""Whether the documents hold what a question asks for, judged from what was retrieved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hwqa.names import NameFinder
from hwqa.question import Query
from hwqa.schema import Passage
from hwqa.words import content_words

SIMILARITY_WEIGHT = 10.92
SHARE_WEIGHT = 3.38
UNSTATED_WEIGHT = -2.26
BIAS = -7.01
"""A logistic regression on the golden cases whose facts are in no table (82 answerable, 13 not; both weighted alike;
area under the curve 0.90). Refit when the embedder or the chunking changes."""
BAR = 0.3
"""Questions whose probability lies below are not answered."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the retrieved evidence covers a question."""

    answerable: bool
    score: float
    """Probability that the evidence answers the question, from 0 to 1."""
    unknown: tuple[str, ...] = ()
    """Names in the question that neither the vocabulary nor the passages hold."""


def cover(
    query: Query,
    stated: bool,
    passages: Sequence[Passage],
    weight: Callable[[str], float] = lambda word: 1.0,  # noqa: ARG005 - takes a word
    known: Callable[[str], bool] = lambda word: False,  # noqa: ARG005 - takes a word
) -> Coverage:
    """Judge whether what was retrieved answers the query.

    `stated` says whether the documents list just what is asked for: facts, or arguments for and against. `weight`
    says how much a word of the question counts: rare words more than common ones; `known`, whether the documents use
    a word. A name that nothing retrieved
    holds makes the question unanswerable unless it also names a product that the documents know.
    """
    unknown = _unknown(query, passages, known)
    if stated and not unknown:
        return Coverage(answerable=True, score=1.0)
    similarity = max((passage.similarity for passage in passages), default=0.0)
    names = {word for product in query.products for word in content_words(product)}
    asked = [word for word in content_words(query.text) if word not in names]
    total = sum(weight(word) for word in asked)
    share = 1.0
    if total:
        held = [set(content_words(f"{passage.trail} {passage.text}")) for passage in passages[:5]]
        share = max((sum(weight(word) for word in asked if word in words) / total for words in held), default=0.0)
    unstated = bool(query.products and query.attributes and not stated)
    score = _logistic(BIAS + SIMILARITY_WEIGHT * similarity + SHARE_WEIGHT * share + UNSTATED_WEIGHT * unstated)
    if unknown:
        answerable = bool(query.products) and (stated or score >= BAR)
        return Coverage(answerable=answerable, score=score, unknown=unknown)
    return Coverage(answerable=score >= BAR, score=score)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _unknown(query: Query, passages: Sequence[Passage], known: Callable[[str], bool]) -> tuple[str, ...]:
    """The names that no passage holds: with a digit as a whole, otherwise if one of their words is unknown."""
    if not query.names:
        return ()
    finder = NameFinder({name: (name,) for name in query.names})
    held = {
        value
        for passage in passages
        for found in finder(f"{passage.path} {passage.trail} {passage.text}")
        for value in found.values
    }
    missing = [name for name in query.names if name not in held]
    return tuple(name for name in missing if _is_unknown(name.split(), known))


def _is_unknown(words: Sequence[str], known: Callable[[str], bool]) -> bool:
    """Whether a name that no passage holds is one that the documents do not know: a word or its number is new."""
    return not all(known(word) for word in words) or (len(words) > 1 and any(map(str.isdigit, words[-1])))
