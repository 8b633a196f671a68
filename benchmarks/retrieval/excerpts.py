"""How much of the excerpts that answer a question was retrieved, and how much besides, by characters.

The measures of "Evaluating Chunking Strategies for Retrieval" (Smith and Troynikov, Chroma, July 2024). They are
defined on tokens; the report's own program counts characters, and so is it done here, so that its figures can be
compared. Pure functions over ranges of characters: start, and the offset behind the last character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.retrieval.spans import Span

Range = tuple[int, int]


def union(ranges: Iterable[Range]) -> list[Range]:
    """The characters of all ranges, in order, as ranges that neither overlap nor touch.

    >>> union([(5, 9), (0, 3), (2, 5), (12, 13)])
    [(0, 9), (12, 13)]
    """
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return merged


def common(some: Iterable[Range], others: Iterable[Range]) -> list[Range]:
    """The characters that stand in a range of both.

    >>> common([(0, 5), (7, 9)], [(3, 8)])
    [(3, 5), (7, 8)]
    """
    others = list(others)
    return union((max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d))


def length(ranges: Iterable[Range]) -> int:
    """The sum of the ranges' lengths; what stands in two of them counts twice."""
    return sum(end - start for start, end in ranges)


def scores(path: str, excerpts: Sequence[Range], retrieved: Sequence[Span]) -> dict[str, float]:
    """Recall, precision and IoU of what was retrieved for a question whose excerpts stand in one file.

    - recall: share of the excerpts' characters that were retrieved
    - precision: share of the retrieved characters that are the excerpts'; what is retrieved twice counts once as found
      and twice as retrieved
    - iou (intersection over union): the characters found, divided by all that were retrieved and those that were missed
    """
    found = length(common(excerpts, [(span.start, span.end) for span in retrieved if span.path == path]))
    wanted = length(excerpts)
    shown = length((span.start, span.end) for span in retrieved)
    return {
        "recall": found / wanted,
        "precision": found / shown if shown else 0.0,
        "iou": found / (shown + length(union(excerpts)) - found),
    }


def precision_omega(path: str, excerpts: Sequence[Range], chunks: Iterable[Span]) -> float:
    """The highest IoU that any search over the chunks could reach while it finds all there is.

    `chunks` are all chunks of all files; those that hold something of an excerpt are taken, and what several of them
    hold counts once.
    """
    places = [(chunk.start, chunk.end) for chunk in chunks if chunk.path == path]
    touching = [place for place in places if common([place], excerpts)]
    found = length(common(excerpts, touching))
    return found / length(union([*touching, *excerpts]))
