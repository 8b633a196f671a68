"""A query → the passages that answer it: chunks scored by meaning and by words, neighbours joined.

A chunk's score is its cosine similarity to the query, plus something for the words that it shares with it, plus
something for each thing that the question names and the chunk holds (`Weights`). Similarities are added rather than
ranks: a rank does not tell a near miss from a far one. How the weights were found, and what was tried beside them, is
written in docs/benchmarks/retrieval.md.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwqa.arguments import argues, argument_sides
from hwqa.names import key
from hwqa.question import Query
from hwqa.schema import Chunk, Fact, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwqa.index import Index
    from hwqa.lexical import Term

CANDIDATES = 50
"""Chunks taken from the nearest ones and from those with most of the query's words."""
_FULL_MATCH = 2.0
"""BM25 score per weight of the query's words of a short text that holds them all, about: between 1 and k1 + 1."""
_JOINED = 2000
"""Characters to which chunks of one section are joined: about three full chunks, or most sections whole."""
_LONGEST_LINE = 4000
"""Characters up to which a single line, as of a paragraph that is not wrapped, is shown whole all the same."""
_REPEATED = 0.03
"""What is taken from a chunk's score for each passage of its section that stands before it."""
_REFERENCE = re.compile(
    r"\s*(?:[-*+]|\d+[.)])\s+"
    r"(?:\[[^\]]*\]\(<?https?:[^)]*\)|<?https?://\S+|\[[^\]]*\]\([^)]*\)\s*$)"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What is added to a chunk's similarity."""

    lexical: float = 0.4
    """For words shared with the query, times the chunk's share of the best BM25 score."""
    matched: float = 0.25
    """Share of the query's words, by weight, that the best match has to hold for its score to count in full: where
    hardly a word is shared, the best match is there by chance."""
    fact: float = 0.2
    """For a fact that is asked for by product and attribute."""
    choice: float = 0.4
    """For a fact of a product that leads a choice: the question, which does not name it, is answered with it."""
    argument: float = 0.2
    """For arguments for or against, when they are asked for."""
    scope: float = 0.05
    """For a heading or a document that the question names, and for a heading that announces what it asks for."""


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Scored:
    """The chunks that were found for a query."""

    chunks: Mapping[str, Chunk]
    """By id, best first."""
    scores: Mapping[str, float]
    similarity: Mapping[str, float]
    """Cosine similarity of each to the query."""
    terms: tuple[Term, ...]
    """The words of the query."""


def score(
    index: Index,
    query: Query,
    vector: NDArray[np.float32],
    *,
    facts: Sequence[Fact] = (),
    chosen: bool = False,
    arguments: Sequence[Chunk] = (),
    weights: Weights = WEIGHTS,
) -> Scored:
    """The chunks that may answer the query, best first.

    `vector` is the query's embedding. `facts` are those that the query asks for by product and attribute or, if
    `chosen`, those that a choice was made by; `arguments` the chunks of sections that list what speaks for or against.
    """
    dense = index.dense(vector, CANDIDATES)
    lexical = index.lexical(query.expanded or query.text, CANDIDATES)
    stated = index.holding([(fact.path, fact.lines[0]) for fact in facts])
    chunks = {chunk.id: chunk for chunk in (*map(_first, dense), *map(_first, lexical), *stated, *arguments)}
    similarity = {chunk.id: value for chunk, value in dense}
    unseen = [name for name in chunks if name not in similarity]
    similarity.update((name, float(found @ vector)) for name, found in index.vectors(unseen).items())
    terms = tuple(index.terms(query.text))
    full = _FULL_MATCH * sum(term.weight for term in terms)
    unit = max(weights.matched * full, max((value for _, value in lexical), default=0.0))
    bonus: dict[str, float] = defaultdict(float)
    for chunk, value in lexical:
        bonus[chunk.id] += weights.lexical * value / unit
    for name in {chunk.id for chunk in stated}:
        bonus[name] += weights.choice if chosen else weights.fact
    for name in {chunk.id for chunk in arguments}:
        bonus[name] += weights.argument
    if query.products or query.companions or query.topics or query.headings or argument_sides(query):
        in_scope = _scope(query)
        for name, chunk in chunks.items():
            if in_scope(chunk):
                bonus[name] += weights.scope
    scores = {name: similarity.get(name, 0.0) + bonus[name] for name in chunks}
    return Scored(
        chunks={name: chunks[name] for name in sorted(scores, key=lambda name: -scores[name])},
        scores=scores,
        similarity=similarity,
        terms=terms,
    )


def search(index: Index, scored: Scored, query: Query, limit: int) -> list[Passage]:
    """At most `limit` passages of the chunks that were found, best first.

    Neighbours of one section are joined, and a short section is shown whole: a chunk that was found in it says less
    without the sentences around it.
    """
    named = (*query.products, *query.companions)
    compared = named if len(named) > 1 else ()
    groups = _spread(grown(index, joined(scored, limit + 2, compared), scored.scores), compared)
    return [passage_of(group, rank, scored.scores, scored.similarity) for rank, group in enumerate(groups[:limit], 1)]


def joined(scored: Scored, count: int, compared: Sequence[str] = ()) -> list[list[Chunk]]:
    """At most `count` chunks in groups of neighbours, each group in document order, best group first.

    A group is a run of chunks of one section, of about `_JOINED` characters at most: a reader who is shown five
    passages must not be shown five pages. A chunk that would begin one more group of a section counts less. Among the
    chunks is one of each product that is compared. Chunks that say nothing come only where there are too few others.
    """
    speaking: list[Chunk] = []
    silent: list[Chunk] = []
    for chunk in scored.chunks.values():
        (speaking if _says_something(chunk) else silent).append(chunk)
    leading = (next((chunk for chunk in speaking if _is_about(chunk, key(product))), None) for product in compared)
    missing = {chunk.id for chunk in leading if chunk is not None}
    groups: list[list[Chunk]] = []
    of_section: dict[tuple[str, int], list[list[Chunk]]] = defaultdict(list)
    taken = 0

    def worth(chunk: Chunk) -> float:
        beside = of_section.get((chunk.path, chunk.section), ())
        repeats = 0 if any(_joins(chunk, group) for group in beside) else len(beside)
        return scored.scores[chunk.id] - _REPEATED * repeats

    for left in (speaking, silent):
        while left and taken < count:
            due = len(missing) >= count - taken
            chunk = max((each for each in left if each.id in missing) if due else left, key=worth)
            beside = of_section[chunk.path, chunk.section]
            group = next((group for group in beside if _joins(chunk, group)), None)
            if group is None:
                group = []
                groups.append(group)
                beside.append(group)
            group.append(chunk)
            group.sort(key=lambda each: each.ordinal)
            left.remove(chunk)
            missing.discard(chunk.id)
            taken += 1
    return groups


def _joins(chunk: Chunk, group: Sequence[Chunk]) -> bool:
    """Whether a chunk of the same section stands beside the group, and both together are short enough."""
    beside = chunk.ordinal in (group[0].ordinal - 1, group[-1].ordinal + 1)
    return beside and sum(len(each.text) for each in group) + len(chunk.text) <= _JOINED


def grown(index: Index, groups: Sequence[list[Chunk]], scores: Mapping[str, float]) -> list[list[Chunk]]:
    """The groups, each grown to its section, or else to the lines that it was cut out of, where these are short enough.

    What an earlier group shows already is left out. A group that would be too long with its lines loses the chunks
    beside its best one: these follow as groups of their own.
    """
    grown: list[list[Chunk]] = []
    shown: set[str] = set()
    waiting = list(groups)
    while waiting:
        group = waiting.pop(0)
        section = index.section(group[0].path, group[0].section)
        chunks = section if _is_short(section) else _with_cut_lines(group, section, scores)
        if not shown.issuperset(chunk.id for chunk in chunks):
            shown.update(chunk.id for chunk in chunks)
            grown.append(chunks)
        for rest in _runs([chunk for chunk in group if chunk not in chunks]):
            worth = _best(rest, scores) - _REPEATED
            place = next((n for n, other in enumerate(waiting) if _best(other, scores) < worth), len(waiting))
            waiting.insert(place, rest)
    return grown


def _best(chunks: Iterable[Chunk], scores: Mapping[str, float]) -> float:
    return max(scores.get(chunk.id, 0.0) for chunk in chunks)


def _runs(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """The chunks of a section, which are in order, parted where one is missing."""
    runs: list[list[Chunk]] = []
    for chunk in chunks:
        if runs and runs[-1][-1].ordinal == chunk.ordinal - 1:
            runs[-1].append(chunk)
        else:
            runs.append([chunk])
    return runs


def _with_cut_lines(group: list[Chunk], section: Sequence[Chunk], scores: Mapping[str, float]) -> list[Chunk]:
    """The group with its neighbours that hold the rest of its first and of its last line.

    Where that is too long, its best chunk with the rest of its lines, and as many of the others as there is room for.
    """
    whole = _whole(group, section)
    if _is_short(whole):
        return whole
    best = max(group, key=lambda chunk: scores.get(chunk.id, 0.0))
    whole = _whole([best], section)
    if not _is_short(whole) and not (whole[0].lines[0] == whole[-1].lines[1] and _length(whole) <= _LONGEST_LINE):
        return group
    others = sorted(group, key=lambda chunk: abs(chunk.ordinal - best.ordinal))
    for chunk in others:
        wider = _whole(sorted({*whole, chunk}, key=lambda each: each.ordinal), section)
        if _is_short(wider):
            whole = wider
    return whole


def _whole(chunks: Sequence[Chunk], section: Sequence[Chunk]) -> list[Chunk]:
    """The run of the section from the first line of these chunks to their last one."""
    first, last = (next(n for n, each in enumerate(section) if each.id == end.id) for end in (chunks[0], chunks[-1]))
    while first > 0 and section[first].lines[0] == section[first - 1].lines[1]:
        first -= 1
    while last + 1 < len(section) and section[last].lines[1] == section[last + 1].lines[0]:
        last += 1
    return list(section[first : last + 1])


def _is_short(chunks: Iterable[Chunk]) -> bool:
    return _length(chunks) <= _JOINED


def _length(chunks: Iterable[Chunk]) -> int:
    return sum(len(chunk.own_text) for chunk in chunks)


def joined_text(chunks: Sequence[Chunk]) -> str:
    """The text of neighbouring chunks as the file has it: a repeated header stands once, blank lines are kept."""
    text = chunks[0].text
    for before, chunk in itertools.pairwise(chunks):
        text += "\n" * (chunk.lines[0] - before.lines[1]) + chunk.own_text
    return text


def passage_of(
    chunks: Sequence[Chunk], rank: int, scores: Mapping[str, float], similarity: Mapping[str, float]
) -> Passage:
    """Chunks that follow each other as a passage, which is named after the best of them."""
    best = max(chunks, key=lambda chunk: scores.get(chunk.id, 0.0))
    return Passage(
        rank=rank,
        score=scores.get(best.id, 0.0),
        path=best.path,
        heading_path=best.heading_path,
        anchor=best.anchor,
        lines=(chunks[0].lines[0], chunks[-1].lines[1]),
        text=joined_text(chunks),
        chunk_ids=tuple(chunk.id for chunk in chunks),
        similarity=max(similarity.get(chunk.id, 0.0) for chunk in chunks),
        context=chunks[0].context,
    )


def _first(found: tuple[Chunk, float]) -> Chunk:
    return found[0]


def _says_something(chunk: Chunk) -> bool:
    """Whether the chunk holds more than headings and a list of references."""
    headings = {key(heading) for heading in chunk.heading_path}
    # most chunks say something in their first lines, and a search asks a hundred of them
    return any(
        line.strip() and not is_reference(line) and key(line) not in headings for line in chunk.own_text.split("\n")
    )


def is_reference(line: str) -> bool:
    """Whether a line of Markdown begins with a link to a site, or is but a link: an entry of a list, not a statement.

    >>> is_reference("- [data sheet](https://example.org/sheet.pdf): memory and power")
    True
    >>> is_reference("- The card draws 300 W ([data sheet](https://example.org/sheet.pdf)), as much as its neighbour.")
    False
    """
    return _REFERENCE.match(line) is not None


def _scope(query: Query) -> Callable[[Chunk], bool]:
    names = [key(product) for product in (*query.products, *query.companions)]
    topics = set(query.topics)
    sides = argument_sides(query)

    def inside(chunk: Chunk) -> bool:
        trail = key(chunk.trail)
        return (
            chunk.path in topics
            or any(name in trail for name in names)
            or any(key(heading) in query.headings for heading in chunk.heading_path)
            or any(argues(chunk.heading_path, side) for side in sides)
        )

    return inside


def _is_about(chunk: Chunk, name: str) -> bool:
    return name in key(chunk.trail)


def _spread(groups: list[list[Chunk]], products: Sequence[str]) -> list[list[Chunk]]:
    """The groups reordered so that each product's best one stands before any product's second."""
    first: list[list[Chunk]] = []
    for name in map(key, products):
        own = next((group for group in groups if _is_about(group[0], name) and group not in first), None)
        if own is not None:
            first.append(own)
    first.sort(key=groups.index)
    return first + [group for group in groups if group not in first]
