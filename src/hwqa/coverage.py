"""Whether the documents hold what a question asks for, judged from what was retrieved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hwqa.names import NameFinder
from hwqa.question import Query, content_words
from hwqa.schema import Passage

SIMILARITY_WEIGHT = 1.0
COVERAGE_WEIGHT = 0.5
BAR = 0.62
"""Passages whose score lies below do not answer the question."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the retrieved evidence covers a question."""

    answerable: bool
    score: float
    """Similarity of the best passage plus half of the share of the question's words that the passages hold."""
    unknown: tuple[str, ...] = ()
    """Names in the question that neither the vocabulary nor the passages hold."""


def cover(
    query: Query,
    stated: bool,
    passages: Sequence[Passage],
    weight: Callable[[str], float] = lambda word: 1.0,  # noqa: ARG005
) -> Coverage:
    """Judge whether what was retrieved answers the query.

    `stated` says whether the documents list just what is asked for: facts, or arguments for and against. `weight`
    says how much a word of the question counts: rare words more than common ones. A name that nothing retrieved
    holds makes the question unanswerable unless it also names a product that the documents know.
    """
    unknown = _unknown(query, passages)
    if stated and not unknown:
        return Coverage(answerable=True, score=1.0)
    similarity = max((passage.similarity for passage in passages), default=0.0)
    asked = content_words(query.text)
    held = {word for passage in passages[:5] for word in content_words(f"{passage.trail} {passage.text}")}
    total = sum(weight(word) for word in asked)
    share = sum(weight(word) for word in asked if word in held) / total if total else 0.0
    score = SIMILARITY_WEIGHT * similarity + COVERAGE_WEIGHT * share
    if unknown:
        known = bool(query.products) and stated
        return Coverage(answerable=known, score=score, unknown=unknown)
    return Coverage(answerable=score >= BAR, score=score)


def _unknown(query: Query, passages: Sequence[Passage]) -> tuple[str, ...]:
    if not query.names:
        return ()
    finder = NameFinder({name: (name,) for name in query.names})
    held = {
        value
        for passage in passages
        for found in finder(f"{passage.path} {passage.trail} {passage.text}")
        for value in found.values
    }
    return tuple(name for name in query.names if name not in held)
