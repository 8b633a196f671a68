"""A query → the passages that answer it: dense and lexical rankings fused, neighbouring chunks joined."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hwqa.names import key
from hwqa.question import Query
from hwqa.schema import Chunk, Fact, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwqa.index import Index

CANDIDATES = 50
"""Chunks taken from each ranking before fusion."""
WEIGHTS = {"facts": 2.0, "arguments": 2.0}
"""Weights of the rankings that know what is asked for; the others count once."""
_REFERENCE = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[[^\]]*\]\([^)]*\)|<?https?://\S+)")
RANK_CONSTANT = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


def fuse(rankings: Mapping[str, Sequence[str]], weights: Mapping[str, float] | None = None) -> dict[str, float]:
    """Id → reciprocal rank score, best first: the sum over the rankings of weight / (60 + rank).

    >>> list(fuse({"dense": ["a", "b"], "lexical": ["b", "c"]}))
    ['b', 'a', 'c']
    """
    scores: dict[str, float] = defaultdict(float)
    for name, ids in rankings.items():
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        for rank, identifier in enumerate(ids, start=1):
            scores[identifier] += weight / (RANK_CONSTANT + rank)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def join_neighbours(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """The chunks in groups: those of one section whose ordinals follow each other, each group in document order.

    Groups stand in the order of their best member.
    """
    position = {chunk.id: place for place, chunk in enumerate(chunks)}
    by_section: dict[tuple[str, int], list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        by_section[chunk.path, chunk.section].append(chunk)
    groups: list[list[Chunk]] = []
    for members in by_section.values():
        members.sort(key=lambda chunk: chunk.ordinal)
        group = [members[0]]
        for chunk in members[1:]:
            if chunk.ordinal == group[-1].ordinal + 1:
                group.append(chunk)
            else:
                groups.append(group)
                group = [chunk]
        groups.append(group)
    return sorted(groups, key=lambda group: min(position[chunk.id] for chunk in group))


def joined_text(chunks: Sequence[Chunk]) -> str:
    """The text of neighbouring chunks as the file has it: a repeated header stands once, blank lines are kept."""
    text = chunks[0].text
    for before, chunk in itertools.pairwise(chunks):
        text += "\n" * (chunk.lines[0] - before.lines[1]) + chunk.own_text
    return text


def search(
    index: Index,
    query: Query,
    vector: NDArray[np.float32],
    *,
    limit: int = 8,
    facts: Sequence[Fact] = (),
    arguments: Sequence[Chunk] = (),
) -> list[Passage]:
    """At most `limit` passages for the query, best first.

    `vector` is the query's embedding. `facts` are those that the query asks for by product and attribute, `arguments`
    the chunks of sections that list what speaks for or against; the chunks of each count as a ranking of their own.
    """
    dense = index.dense(vector, CANDIDATES)
    similarity = {chunk.id: score for chunk, score in dense}
    lexical = index.lexical(query.text, CANDIDATES)
    stated = index.holding([(fact.path, fact.lines[0]) for fact in facts])
    found = {
        chunk.id: chunk
        for chunk in (*(chunk for chunk, _ in dense), *(chunk for chunk, _ in lexical), *stated, *arguments)
    }
    rankings = {
        "dense": [chunk.id for chunk, _ in dense],
        "lexical": [chunk.id for chunk, _ in lexical],
        "facts": list(dict.fromkeys(chunk.id for chunk in stated)),
    }
    both = fuse({name: rankings[name] for name in ("dense", "lexical")})
    if query.products or query.topics or query.headings:
        in_scope = _scope(query)
        rankings["scope"] = [identifier for identifier in both if in_scope(found[identifier])]
    if arguments:
        rankings["arguments"] = sorted((chunk.id for chunk in arguments), key=lambda name: -both.get(name, 0.0))
    scores = fuse(rankings, WEIGHTS)
    groups = join_neighbours(_best([found[identifier] for identifier in scores], 2 * limit))
    if len(query.products) > 1:
        groups = _spread(groups, query.products)
    return [
        passage_of(group, rank, max(scores[chunk.id] for chunk in group), similarity)
        for rank, group in enumerate(groups[:limit], start=1)
    ]


def passage_of(
    chunks: Sequence[Chunk], rank: int, score: float, similarity: Mapping[str, float] | None = None
) -> Passage:
    """Neighbouring chunks of one section as a passage."""
    similarity = similarity or {}
    return Passage(
        rank=rank,
        score=score,
        path=chunks[0].path,
        heading_path=chunks[0].heading_path,
        anchor=chunks[0].anchor,
        lines=(chunks[0].lines[0], chunks[-1].lines[1]),
        text=joined_text(chunks),
        chunk_ids=tuple(chunk.id for chunk in chunks),
        similarity=max(similarity.get(chunk.id, 0.0) for chunk in chunks),
        context=chunks[0].context,
    )


def _best(chunks: Sequence[Chunk], count: int) -> list[Chunk]:
    """The first `count` chunks that say something; after them, if they are too few, those that do not."""
    best: list[Chunk] = []
    rest: list[Chunk] = []
    for chunk in chunks:
        if len(best) == count:
            break
        (best if _says_something(chunk) else rest).append(chunk)
    return (best + rest)[:count]


def _says_something(chunk: Chunk) -> bool:
    """Whether the chunk holds more than headings and more than a list of references."""
    headings = {key(heading) for heading in chunk.heading_path}
    lines = [line for line in chunk.own_text.split("\n") if line.strip() and key(line) not in headings]
    return bool(lines) and sum(is_reference(line) for line in lines) * 2 < len(lines)


def is_reference(line: str) -> bool:
    """Whether a line of Markdown is mostly a link: an entry of a list of sources, rather than a statement with one.

    >>> is_reference("- [data sheet](https://example.org/sheet.pdf): memory and power")
    True
    >>> is_reference("- The card draws 300 W ([data sheet](https://example.org/sheet.pdf)), as much as its neighbour.")
    False
    """
    return _REFERENCE.match(line) is not None


def _scope(query: Query) -> Callable[[Chunk], bool]:
    names = [key(product) for product in query.products]
    topics = set(query.topics)

    def inside(chunk: Chunk) -> bool:
        trail = key(chunk.trail)
        return (
            chunk.path in topics
            or any(name in trail for name in names)
            or any(key(heading) in query.headings for heading in chunk.heading_path)
        )

    return inside


def _spread(groups: list[list[Chunk]], products: Sequence[str]) -> list[list[Chunk]]:
    """The groups reordered so that each product's best one stands before any product's second."""
    first: list[list[Chunk]] = []
    for product in products:
        name = key(product)
        own = next((group for group in groups if name in key(group[0].trail) and group not in first), None)
        if own is not None:
            first.append(own)
    first.sort(key=groups.index)
    return first + [group for group in groups if group not in first]
