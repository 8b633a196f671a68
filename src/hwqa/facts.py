"""Documents → facts: what tables and labelled items say of which product, with the line that says it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from hwqa.names import NameFinder, key
from hwqa.schema import Document, Fact, Section, Statement
from hwqa.statements import statements

_ROLES = {
    "value": "value",
    "basis": "basis",
    "note": "note",
    "notes": "note",
    "comment": "note",
    "conditions": "note",
    "source": "source",
    "sources": "source",
    "reference": "source",
}
"""What the columns of a table of attributes hold, by the words that their headers use."""

_MODEL = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d_])\w+")
"""A word of letters and digits, as names of products have: such a heading is the subject of those beneath it."""
_LONGEST_ITEM = 80
"""Characters of the longest `**Label**: text` item that is read as a fact."""
_EMPTY = {"", "-", "–", "—", "n/a", "na", "none", "?"}
_MAY_STATE = re.compile(r"\||\*\*|__|<tr", re.IGNORECASE)
"""What a row or a labelled item is written with."""
_NAME = re.compile(r"(?=.*[^\W\d_])(?=.*\d)[\w][\w .+/-]*")
"""Looks like the name of a product: letters and digits in one."""


def facts(document: Document) -> list[Fact]:
    """The facts of a document in the order of its lines.

    Three forms of table are read: a row per attribute with its value beside it (the product is the heading), a row
    per attribute with a column per product, and a row per product with a column per attribute. An item
    `**Label**: text` states the attribute Label of its heading.
    """
    reader = _Reader(document)
    return [fact for section in document.sections for fact in reader.read(section)]


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._known = NameFinder({name: (name, *others) for name, others in document.aliases.items()})
        self._repeats = Counter(
            section.heading_path[-1].casefold() for section in document.sections if section.heading_path
        )
        self._seen: Counter[str] = Counter()

    def read(self, section: Section) -> Iterator[Fact]:
        if not _MAY_STATE.search(section.text):
            return  # prose: taking its sentences apart would give nothing
        product = self._subject(section.heading_path)
        rows: list[Statement] = []
        for statement in statements(section.text, section.lines[0]):
            if statement.kind == "row":
                if rows and rows[-1].header != statement.header:
                    yield from self._table(section, product, rows)
                    rows = []
                rows.append(statement)
            elif statement.label and product:
                value = statement.text.removeprefix(statement.label).lstrip(" :–—-")
                if len(value) > _LONGEST_ITEM:
                    # A heading in bold before an argument, not an attribute with its value.
                    continue
                yield self._fact(section, statement, product, statement.label, value)
        if rows:
            yield from self._table(section, product, rows)

    def _subject(self, heading_path: Sequence[str]) -> str:
        """The product that a section speaks of: the innermost heading that names one or looks so, else its own."""
        for heading in reversed(heading_path):
            found = self._known(heading)
            if found and key(heading) == key(heading[found[0].start : found[0].end]):
                return found[0].values[0]
        own = [heading for heading in reversed(heading_path) if self._repeats[heading.casefold()] == 1]
        for heading in [heading for heading in own if _MODEL.search(heading)] or own:
            return heading
        return heading_path[-1] if heading_path else self._document.title

    def _table(self, section: Section, product: str, rows: Sequence[Statement]) -> Iterator[Fact]:
        header = rows[0].header
        roles = {_ROLES[name.casefold()]: column for column, name in enumerate(header) if name.casefold() in _ROLES}
        if "value" in roles or len(header) == 2:
            yield from self._attribute_rows(section, product, rows, roles)
            return
        by_column = self._columns_are_products(rows)
        roles_taken = set(roles.values())
        for row in rows:
            for column in range(1, len(header)):
                if column in roles_taken or row.cells[column].casefold() in _EMPTY or not header[column]:
                    continue
                name, attribute = (header[column], row.cells[0]) if by_column else (row.cells[0], header[column])
                if name and attribute:
                    yield self._fact(
                        section,
                        row,
                        self._canonical(name),
                        attribute,
                        row.cells[column],
                        basis=row.cells[roles["basis"]] if "basis" in roles else "",
                        note=row.cells[roles["note"]] if "note" in roles else "",
                    )

    def _attribute_rows(
        self, section: Section, product: str, rows: Sequence[Statement], roles: dict[str, int]
    ) -> Iterator[Fact]:
        value_column = roles.get("value", 1)
        for row in rows:
            if len(row.cells) <= value_column or row.cells[value_column].casefold() in _EMPTY or not row.cells[0]:
                continue
            yield self._fact(
                section,
                row,
                product,
                row.cells[0],
                row.cells[value_column],
                basis=row.cells[roles["basis"]] if "basis" in roles else "",
                note=row.cells[roles["note"]] if "note" in roles else "",
            )

    def _columns_are_products(self, rows: Sequence[Statement]) -> bool:
        """Whether the header names products and the first column attributes, rather than the other way round."""
        header, first = rows[0].header[1:], [row.cells[0] for row in rows]
        known_above = sum(bool(self._known(name)) for name in header) / max(len(header), 1)
        known_left = sum(bool(self._known(name)) for name in first) / max(len(first), 1)
        if known_above != known_left:
            return known_above > known_left
        named_above = sum(bool(_NAME.fullmatch(name)) for name in header) / max(len(header), 1)
        named_left = sum(bool(_NAME.fullmatch(name)) for name in first) / max(len(first), 1)
        return named_above > named_left

    def _canonical(self, name: str) -> str:
        found = self._known(name)
        return found[0].values[0] if len(found) == 1 else name

    def _fact(
        self,
        section: Section,
        statement: Statement,
        product: str,
        attribute: str,
        value: str,
        *,
        basis: str = "",
        note: str = "",
    ) -> Fact:
        content = "\0".join((section.path, *section.heading_path, product, attribute, statement.quote))
        digest = hashlib.sha256(content.encode()).hexdigest()[:24]
        self._seen[digest] += 1
        return Fact(
            id=digest if self._seen[digest] == 1 else f"{digest}-{self._seen[digest]}",
            product=product,
            attribute=attribute,
            value=value,
            basis=basis,
            note=note,
            path=section.path,
            heading_path=section.heading_path,
            anchor=section.anchor,
            lines=statement.lines,
            quote=statement.quote,
        )
