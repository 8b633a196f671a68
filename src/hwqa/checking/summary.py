"""How much the documents hold: products, figures, how they are sourced, and what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hwqa.checking.expectations import Expectations
from hwqa.checking.figures import Figure
from hwqa.checking.pages import Page
from hwqa.markdown import plain_text

PRIMARY = "primary"
UNSOURCED = "no source"


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """An attribute that counts and that a product lacks."""

    path: str
    product: str
    attribute: str
    state: Literal["not published", "missing"]


@dataclass(frozen=True, slots=True)
class Summary:
    """The corpus in numbers."""

    files: int
    products: int
    """Products with a specification table."""
    rows: int
    """Rows of specification tables, figures or not."""
    figures: int
    """Rows whose value is a figure: a quantity in an attribute that has a unit."""
    sources: Mapping[str, int]
    """How many of the figures rest on a primary source, on each of the lesser kinds that the corpus marks, on none."""
    expected: Mapping[str, int]
    """Attribute that counts → products that should have it."""
    gaps: tuple[Gap, ...]
    """What is not published or missing, in order."""

    def share(self, kind: str) -> float:
        """The share of the figures that rest on one kind of source, 0 to 1."""
        return self.sources.get(kind, 0) / self.figures if self.figures else 0.0

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def summarize(read: Sequence[tuple[Page, Sequence[Figure]]], asked: Expectations) -> Summary:
    """The corpus in numbers.

    Args:
        read: Every page with its figures.
        asked: What the corpus asks: the marks of sources, and the attributes that count.
    """
    sources: Counter[str] = Counter({PRIMARY: 0})
    marks = asked.words.get("source", ())
    products: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    rows = 0
    for page, found in read:
        for figure in found:
            rows += 1
            stated = figure.value.casefold() not in ("", asked.unpublished)
            trail = figure.table.section.heading_path
            product = figure.row.product or (trail[-1] if trail else page.document.title)
            held = products[page.path, product]
            held[figure.attribute] = held.get(figure.attribute, False) or stated
            has_unit = bool(asked.units.get(figure.attribute)) if asked.units else figure.quantity is not None
            if has_unit and figure.quantity is not None:
                sources[_kind(page, figure, marks)] += 1
    expected: Counter[str] = Counter()
    gaps: list[Gap] = []
    for (path, product), held in products.items():
        for attribute in asked.counted(path):
            expected[attribute] += 1
            if not held.get(attribute):
                gaps.append(Gap(path, product, attribute, "not published" if attribute in held else "missing"))
    return Summary(
        files=len(read),
        products=len(products),
        rows=rows,
        figures=sources.total(),
        sources=dict(sources),
        expected=dict(expected),
        gaps=tuple(sorted(gaps)),
    )


def _kind(page: Page, figure: Figure, marks: Sequence[str]) -> str:
    if not page.has_link(figure.source):
        return UNSOURCED
    said = plain_text(figure.source).casefold()
    return next((mark for mark in reversed(marks) if mark in said), PRIMARY)
