"""How well a ranked list of spans answers a question: pure functions over lines and spans.

Two rules say when an item of evidence is found in the first k results. An item is a list of alternatives, any of
which suffices; an alternative is a run of lines in a file.

- evidence (strict): the first k results together show every character of the alternative, white space aside. A
  paragraph that is cut in two is found when both parts are.
- section (lenient): one of the first k results shows a character of the alternative, or of another line of an
  innermost section that the alternative stands in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.retrieval.corpora import Evidence
from benchmarks.retrieval.spans import Span

Rule = Literal["evidence", "section"]
RULES: tuple[Rule, ...] = ("evidence", "section")
DEPTHS = (1, 3, 5, 10)
BUDGET = 6_000
"""Characters that the results may show together, for recall at an equal budget."""

Extent = tuple[int, int]
"""Offsets of a line's first character that is not white space, and behind its last."""


@dataclass(frozen=True, slots=True)
class Page:
    """A document as the measures see it."""

    text: str
    extents: tuple[Extent | None, ...]
    """Of each line; None where it is blank."""
    sections: tuple[tuple[int, int], ...]
    """First and last line of each section in order, 1-based; together they cover the document."""

    @classmethod
    def of(cls, text: str, sections: Sequence[tuple[int, int]]) -> Page:
        """The page with the extents of its lines."""
        return cls(text, tuple(_extents(text)), tuple(sections))

    def shown(self, first: int, last: int) -> list[Extent]:
        """The extents of the lines that are not blank."""
        return [extent for extent in self.extents[first - 1 : last] if extent]

    def around(self, first: int, last: int) -> list[Extent]:
        """The extents of the sections that the lines reach into, and of the lines themselves."""
        touched = [(begin, end) for begin, end in self.sections if begin <= last and first <= end]
        return [extent for begin, end in [(first, last), *touched] for extent in self.shown(begin, end)]


def _extents(text: str) -> Iterator[Extent | None]:
    start = 0
    for line in text.split("\n"):
        stripped = line.strip()
        begin = start + line.find(stripped)
        yield (begin, begin + len(stripped)) if stripped else None
        start += len(line) + 1


def rank_found(alternatives: Sequence[Evidence], spans: Sequence[Span], pages: Mapping[str, Page], rule: Rule) -> float:
    """The first k such that the item is found in the first k spans; infinite when it is in none."""
    return min((_rank_of(place, spans, pages[place[0]], rule) for place in alternatives), default=math.inf)


def _rank_of(place: Evidence, spans: Sequence[Span], page: Page, rule: Rule) -> float:
    path, first, last = place
    if rule == "section":
        wanted = page.around(first, last)
        for rank, span in enumerate(spans, start=1):
            if span.path == path and any(span.start < end and start < span.end for start, end in wanted):
                return rank
        return math.inf
    missing = page.shown(first, last)
    for rank, span in enumerate(spans, start=1):
        if span.path == path and span.end > span.start:
            rests = (rest for part in missing for rest in _without(part, span))
            # where a line was cut at a space, nobody shows the space
            missing = [(start, end) for start, end in rests if page.text[start:end].strip()]
            if not missing:
                return rank
    return math.inf


def _without(part: Extent, span: Span) -> Iterator[Extent]:
    """What is left of a part of a line when the span is taken from it."""
    start, end = part
    if span.end <= start or end <= span.start:
        yield part
        return
    if start < span.start:
        yield start, span.start
    if span.end < end:
        yield span.end, end


def recall_at(k: int, ranks: Sequence[float]) -> float:
    """Share of the items that are found in the first k results; `ranks` has the rank of each item.

    >>> recall_at(3, [1, 4])
    0.5
    """
    return sum(rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Sequence[float]) -> float:
    """One divided by the rank at which the first item is found, 0 when none is.

    >>> reciprocal_rank([4, 2]), reciprocal_rank([math.inf])
    (0.5, 0.0)
    """
    return 1 / min(ranks)


def ndcg_at(k: int, ranks: Sequence[float]) -> float:
    """Normalised discounted cumulative gain: each item gains 1 / log2(1 + rank) at the rank where it is found.

    The ideal finds one more item at every rank from the first; results that find several at once do not gain more
    than it (Järvelin and Kekäläinen, ACM TOIS 2002).

    >>> ndcg_at(10, [1]), round(ndcg_at(10, [3]), 3), round(ndcg_at(10, [1, math.inf]), 3)
    (1.0, 0.5, 0.613)
    """
    gained = sum(1 / math.log2(1 + rank) for rank in ranks if rank <= k)
    ideal = sum(1 / math.log2(1 + rank) for rank in range(1, min(k, len(ranks)) + 1))
    return min(1.0, gained / ideal)


def reading_gain(patience: int, ranks: Sequence[float], shown: Sequence[int]) -> float:
    """The U-measure: each item gains what is left of the reader's patience when its result has been read to the end.

    `shown` are the characters of the results in order; an item that is found after `read` of them gains
    1 − read / patience, at least 0; the mean over the items (Sakai and Dou, SIGIR 2013, with binary gains). Unlike a
    rank, it does not reward whoever puts a whole document into one result.

    >>> reading_gain(1000, [1, 2], [250, 250]), reading_gain(1000, [1, math.inf], [2000])
    (0.625, 0.0)
    """
    gains = [max(0.0, 1 - sum(shown[: int(rank)]) / patience) if rank < math.inf else 0.0 for rank in ranks]
    return sum(gains) / len(gains)


def within(budget: int, spans: Sequence[Span]) -> list[Span]:
    """The spans in order until they have shown so many characters; the last is cut where the budget ends."""
    taken: list[Span] = []
    left = budget
    for span in spans:
        if left <= 0:
            break
        taken.append(span.cut(left))
        left -= span.characters
    return taken


def scores(needs: Sequence[Sequence[Evidence]], spans: Sequence[Span], pages: Mapping[str, Page]) -> dict[str, float]:
    """All measures of one answerable question, by name: `evidence recall@5`, `section mrr`, …, `characters@5`."""
    result: dict[str, float] = {}
    for rule in RULES:
        ranks = [rank_found(item, spans, pages, rule) for item in needs]
        result |= {f"{rule} recall@{k}": recall_at(k, ranks) for k in DEPTHS}
        result[f"{rule} mrr"] = reciprocal_rank(ranks)
        result[f"{rule} ndcg@10"] = ndcg_at(10, ranks)
        result[f"{rule} U@{BUDGET} characters"] = reading_gain(BUDGET, ranks, [span.characters for span in spans])
        bought = within(BUDGET, spans)
        result[f"{rule} recall@{BUDGET} characters"] = recall_at(
            len(bought), [rank_found(item, bought, pages, rule) for item in needs]
        )
    result["characters@5"] = float(sum(span.characters for span in spans[:5]))
    return result
