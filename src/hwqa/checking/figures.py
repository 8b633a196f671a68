"""Checks of specification tables against what the corpus asks: names, units, bases, sources, plausible values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hwqa.checking.expectations import Expectations
from hwqa.checking.findings import Finding, Severity
from hwqa.checking.pages import Page, Row, Table
from hwqa.units import Quantity, conversion, dimension, find_quantities

TOLERANCE = Decimal("0.02")
"""How far twice the dense peak may be from the sparse one, as a share of it: vendors round both."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of a specification table, read."""

    table: Table
    row: Row
    attribute: str
    value: str
    basis: str
    note: str
    source: str
    """As written."""
    quantity: Quantity | None
    """What the value says, where it is one quantity."""


def figures(page: Page) -> list[Figure]:
    """The rows of the specification tables of a page, in order."""
    read = []
    for table in page.specifications:
        for row in table.rows:
            value = table.cell(row, "Value")
            found = find_quantities(value)
            read.append(
                Figure(
                    table,
                    row,
                    table.cell(row, "Attribute"),
                    value,
                    table.cell(row, "Basis").casefold(),
                    table.cell(row, "Note"),
                    table.raw_cell(row, "Source"),
                    found[0] if len(found) == 1 else None,
                )
            )
    return read


def check_figures(page: Page, read: Sequence[Figure], asked: Expectations) -> Iterator[Finding]:
    """What is wrong with the rows of the specification tables of a page."""

    def finding(row: Row, rule: str, message: str, remedy: str, severity: Severity = "error") -> Finding:
        return Finding(page.path, row.line, severity, rule, message, remedy)

    for figure in read:
        row, name = figure.row, figure.attribute
        if asked.units and name not in asked.units:
            near = next((known for known in asked.units if known.casefold() == name.casefold()), "")
            remedy = f"write {near}" if near else "use a name of the list of attributes in README.md, or add it there"
            yield finding(row, "attribute", f"{name!r} is not in the list of attributes", remedy)
        if not figure.value:
            yield finding(row, "value", f"{name} has no value", f"write one, or {asked.unpublished or 'n/a'}")
            continue
        stated = figure.value.casefold() not in asked.words.get("value", ())
        unit = asked.units.get(name, "")
        if stated and unit:
            yield from (finding(row, "unit", *problem) for problem in _unit_problems(figure, unit))
        if stated and figure.quantity is not None:
            yield from (finding(row, "plausible", *problem) for problem in _range_problems(page, figure, asked))
        if asked.limits:
            yield from (finding(row, "basis", *problem) for problem in _basis_problems(page, figure, asked, stated))
        sourced = page.has_link(figure.source)
        if asked.units and not sourced and figure.value.casefold() != asked.unpublished:
            yield finding(row, "source", f"{name} has no link to its source", "link the page that says it")
    yield from _dense_and_sparse(page, read)
    yield from _repeated(page, read)


def _unit_problems(figure: Figure, unit: str) -> Iterator[tuple[str, str]]:
    shown = f"{figure.attribute} {figure.value!r}"
    found = find_quantities(figure.value)
    if not found:
        kind = "number" if unit == "number" else f"figure in {unit}"
        yield f"{shown} is no {kind}", "write a number with its unit; words belong in the note"
    elif len(found) > 1:
        yield f"{shown} holds {len(found)} figures", "give each a row of its own, the difference in the note"
    elif unit != "number" and not _same_kind(found[0].unit, unit):
        yield f"{shown} is not in {unit} or a multiple of it", f"write the figure in {unit}, or correct the attribute"


def _same_kind(unit: str, expected: str) -> bool:
    """Whether two units measure the same; sums of money do in any currency."""
    money = "$€£¥"
    if unit[:1] in money and expected[:1] in money and unit and expected:
        return dimension(f"${unit[1:]}") == dimension(f"${expected[1:]}")
    return dimension(unit) == dimension(expected)


def _range_problems(page: Page, figure: Figure, asked: Expectations) -> Iterator[tuple[str, str]]:
    limits, quantity = asked.limit(figure.attribute, page.path), figure.quantity
    if limits is None or quantity is None:
        return
    for end, word in ((limits.least, "below"), (limits.most, "above")):
        factor = conversion(quantity.unit, end.unit) if end is not None else None
        if end is None or factor is None:
            continue
        outside = quantity.low * factor < end.low if word == "below" else quantity.high * factor > end.high
        if outside:
            yield (
                f"{figure.attribute} {figure.value} is {word} {end.raw}, the end of what is plausible here",
                "correct the figure or its unit; if it is right, give this page a range of its own in README.md",
            )


def _basis_problems(page: Page, figure: Figure, asked: Expectations, stated: bool) -> Iterator[tuple[str, str]]:
    limits = asked.limit(figure.attribute, page.path)
    needs = limits.basis if limits is not None else ""
    words = asked.words.get("basis", ())
    if figure.basis and words and figure.basis not in words:
        yield f"basis {figure.basis!r} of {figure.attribute}", f"write one of: {', '.join(words)}"
    elif needs == "yes" and stated and not figure.basis:
        yield f"{figure.attribute} has no basis", f"write one of: {', '.join(words)}"
    elif figure.basis and not needs:
        yield f"{figure.attribute} has the basis {figure.basis!r}", "leave it empty, and say in the note what is meant"


def _dense_and_sparse(page: Page, read: Sequence[Figure]) -> Iterator[Finding]:
    """Peaks of one product and format whose dense and sparse figures do not fit and that no note explains.

    A note explains when the rows of the other basis do not have the same one: `Tensor Cores` on both says nothing.
    """
    groups: dict[tuple[str, str], dict[str, list[Figure]]] = defaultdict(lambda: {"dense": [], "sparse": []})
    for figure in read:
        if figure.basis in ("dense", "sparse") and figure.quantity is not None:
            groups[figure.row.product, figure.attribute][figure.basis].append(figure)
    for (product, attribute), sides in groups.items():
        named: set[str] = set()
        for basis, other in (("dense", "sparse"), ("sparse", "dense")):
            notes = {figure.note for figure in sides[other]}
            for figure in sides[basis]:
                if not sides[other] or any(_fit(figure, one) for one in sides[other]):
                    continue
                if figure.note and figure.note not in notes:
                    continue
                if all(one.note and one.note not in {mine.note for mine in sides[basis]} for one in sides[other]):
                    continue
                if named & {one.value for one in sides[other]}:
                    continue  # said of the other side already
                named.add(figure.value)
                against = ", ".join(one.value for one in sides[other])
                half = "half of" if basis == "dense" else "twice"
                yield Finding(
                    page.path,
                    figure.row.line,
                    "error",
                    "dense-sparse",
                    f"{attribute} of {product}: {figure.value} {basis} is not {half} {against} {other}",
                    "correct it, or say in the note why",
                )


def _fit(first: Figure, second: Figure) -> bool:
    dense, sparse = (first, second) if first.basis == "dense" else (second, first)
    assert dense.quantity is not None  # noqa: S101 - the groups hold quantities only
    assert sparse.quantity is not None  # noqa: S101
    factor = conversion(dense.quantity.unit, sparse.quantity.unit)
    if factor is None:
        return False
    return abs(2 * dense.quantity.low * factor - sparse.quantity.low) <= TOLERANCE * sparse.quantity.low


def _repeated(page: Page, read: Sequence[Figure]) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], Figure] = {}
    for figure in read:
        says = (figure.row.product, figure.attribute, figure.value, figure.basis, figure.note)
        first = seen.setdefault(says, figure)
        if first is not figure:
            same = first.source == figure.source
            yield Finding(
                page.path,
                figure.row.line,
                "error" if same else "warning",
                "row-twice",
                f"{figure.attribute} {figure.value} of {figure.row.product} stands in line {first.row.line} already",
                "remove one of the rows" if same else "join the sources in one row, or say in the note what differs",
            )
