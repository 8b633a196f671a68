"""Checks of pages and products as wholes: parts, tables of products, names over the whole corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hwqa.checking.expectations import Expectations
from hwqa.checking.findings import Finding
from hwqa.checking.pages import Page
from hwqa.names import key
from hwqa.schema import TRAIL_SEPARATOR


def is_family_page(page: Page, asked: Expectations) -> bool:
    """Whether a page has specification tables in a section that the list of parts names."""
    names = {part[0].casefold() for part in asked.parts}
    return any(names & {name.casefold() for name in table.section.heading_path} for table in page.specifications)


def check_parts(page: Page, asked: Expectations) -> Iterator[Finding]:
    """Parts that a family page lacks or has in another order."""
    if not is_family_page(page, asked):
        return
    trails = [tuple(name.casefold() for name in section.heading_path) for section in page.headings]
    before, part_before = 0, ""
    for part in asked.parts:
        trail = tuple(name.casefold() for name in part)
        at = next((number for number, path in enumerate(trails) if path[-len(trail) :] == trail), None)
        name = TRAIL_SEPARATOR.join(part)
        if at is None:
            yield Finding(page.path, 1, "error", "part", f"the page has no section {name!r}", "write it")
        elif at < before:
            line = page.headings[at].lines[0]
            yield Finding(
                page.path,
                line,
                "warning",
                "part",
                f"{name!r} stands before {part_before!r}",
                "keep README.md's order",
            )
        if at is not None:
            before, part_before = at, name


def check_product_tables(page: Page, asked: Expectations) -> Iterator[Finding]:
    """Specification tables whose product is not the one of their heading, and products without a table."""
    if not is_family_page(page, asked):
        return
    names = {key(name): product for product, others in page.document.aliases.items() for name in (product, *others)}
    described: dict[str, int] = {}
    for table in page.specifications:
        first = table.rows[0]
        heading = table.section.heading_path[-1] if table.section.heading_path else page.document.title
        product = names.get(key(heading))
        read = next((row.product for row in table.rows if row.product), heading)
        if product is None:
            yield Finding(
                page.path,
                first.line,
                "warning",
                "product",
                f"{heading!r} has a specification table and is no product of the front matter",
                "add it to the aliases, or head the table with a product's name",
            )
        elif read != product:
            yield Finding(
                page.path,
                first.line,
                "error",
                "product",
                f"the figures under {heading!r} are read as those of {read!r}",
                "head the table with a name that the front matter gives and no outer heading has, without brackets",
            )
        if read in described and described[read] != table.section.lines[0]:
            yield Finding(
                page.path,
                first.line,
                "error",
                "product-twice",
                f"{read!r} has a specification table at line {described[read]} already",
                "join the tables",
            )
        described.setdefault(read, table.section.lines[0])
    for product in page.document.aliases:
        if product not in described:
            line = page.alias_line(product)
            message = f"{product!r} has no specification table on this page"
            yield Finding(page.path, line, "warning", "product", message, "add one, or remove it from the aliases")


def check_names(pages: Sequence[Page]) -> Iterator[Finding]:
    """Products that two pages describe, and names that two products share."""
    first: dict[str, tuple[Page, str]] = {}
    owners: dict[str, dict[str, tuple[Page, str]]] = defaultdict(dict)
    for page in pages:
        for product, names in page.document.aliases.items():
            if key(product) in first and first[key(product)][0] is not page:
                other, spelt = first[key(product)]
                yield Finding(
                    page.path,
                    page.alias_line(product),
                    "error",
                    "product-twice",
                    f"product {product!r} is given by {other.path}:{other.alias_line(spelt)} already",
                    "keep it on one page",
                )
            first.setdefault(key(product), (page, product))
            for name in (product, *names):
                owners[key(name)].setdefault(key(product), (page, name))
    for claims in owners.values():
        (other, _), *more = claims.values()
        other_product = first[next(iter(claims))][1]
        for product, (page, name) in list(claims.items())[1:] if more else ():
            line = page.alias_line(first[product][1])
            yield Finding(
                page.path,
                line,
                "warning",
                "alias-twice",
                f"{name!r} names {first[product][1]!r} and {other_product!r} ({other.path})",
                "a question that uses it is answered for both: keep it where it is the usual name",
            )
