"""How well the passages that were found hit the sections that hold the answer."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from hwqa.evaluation.golden import Source
from hwqa.schema import Passage


def hits(path: str, heading_path: Sequence[str], source: Source) -> bool:
    """Whether a section is the source or stands under it.

    The paths are equal, and the headings of the source stand in the section's heading path, one directly after the
    other: at its end when the section is the source itself, further up when it is a part of it. Case and white space
    do not matter. A source without headings is the whole file.

    >>> hits("x9.md", ("Backbones", "X9", "Specifications", "Memory"), Source.parse("x9.md#X9 › Specifications"))
    True
    """
    if path != source.path:
        return False
    held = [_heading(heading) for heading in heading_path]
    wanted = [_heading(heading) for heading in source.trail]
    return any(held[start : start + len(wanted)] == wanted for start in range(len(held) - len(wanted) + 1))


def recall_at(k: int, sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """Share of the sources of which the first k passages hit an alternative; None without sources.

    With two sources, of which the passage at rank 2 hits one, recall at 1 is 0 and at 3 is 1/2.
    """
    if not sources:
        return None
    return sum(any(_hits_one(passage, item) for passage in passages[:k]) for item in sources) / len(sources)


def reciprocal_rank(sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """One divided by the rank of the first passage that hits a source, 0 when none does; None without sources."""
    if not sources:
        return None
    for rank, passage in enumerate(passages, start=1):
        if any(_hits_one(passage, item) for item in sources):
            return 1 / rank
    return 0.0


def _hits_one(passage: Passage, alternatives: Sequence[Source]) -> bool:
    return any(hits(passage.path, passage.heading_path, source) for source in alternatives)


def precision_at(k: int, sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """Share of the first k passages that hit a source; None without sources.

    Ranks that were left empty count as misses. Two of the first five passages hit a source: 2/5.
    """
    if not sources:
        return None
    return sum(any(_hits_one(passage, item) for item in sources) for passage in passages[:k]) / k


def ndcg_at(k: int, sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """Discounted gain of the first k passages, divided by that of the best order; None without sources.

    A passage gains the number of sources that it hits and no passage before it did; the gain at rank r is divided by
    log2(r + 1). The best order has one source at each rank, so a passage that hits two at once may exceed it: at most
    1 is given. With two sources of which ranks 1 and 3 hit one each: (1 + 1/2) / (1 + 1/log2(3)) = 0.920.
    """
    if not sources:
        return None
    left = list(sources)
    gained = 0.0
    for rank, passage in enumerate(passages[:k], start=1):
        missed = [item for item in left if not _hits_one(passage, item)]
        gained += (len(left) - len(missed)) / math.log2(rank + 1)
        left = missed
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(sources)) + 1))
    return min(1.0, gained / best)


def _heading(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
