"""Documents → facts: what tables and labelled items say of which product, with the line that says it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from hwqa.names import NameFinder, key
from hwqa.schema import Document, Fact, Section, Statement
from hwqa.statements import statements
from hwqa.units import canonical_unit, find_quantities

_ROLES = {
    "value": "value",
    "unit": "unit",
    "units": "unit",
    "basis": "basis",
    "note": "note",
    "notes": "note",
    "comment": "note",
    "remark": "note",
    "remarks": "note",
    "conditions": "note",
    "source": "source",
    "sources": "source",
    "reference": "source",
    "references": "source",
    "ref": "source",
    "refs": "source",
    "link": "source",
    "links": "source",
}
"""What the columns of a table of attributes hold, by the words that their headers use."""
_OF_ATTRIBUTES = re.compile(
    r"(attribute|property|propert(?:y|ies)|parameter|argument|field|option|setting|spec|specification|characteristic|"
    r"item|key|variable|detail)s?",
    re.I,
)
"""Headers of a first column that lists attributes of what the heading names."""
_OF_VALUES = re.compile(r"(value|setting|description|meaning|details?|explanation|definition|default)s?|", re.I)
"""Headers, or none, of a second column that says what the attribute beside it is, and is no attribute itself."""
_ADMONITION = re.compile(
    r"(note|notice|tip|hint|warning|caution|important|attention|danger|info|example|remember|update|edit|todo)s?\b.*",
    re.I,
)
"""Labels that say how a sentence is meant, and not what of."""

_MODEL = re.compile(r"\b(?=\w*\d)(?=\w*[^\W\d_])\w+")
"""A word of letters and digits, as names of products have: such a heading is the subject of those beneath it."""
_LONGEST_ITEM = 80
"""Characters of the longest `**Label**: text` item that is read as a fact."""
_LONGEST_CONDITION = 120
"""Characters of the longest cell that is repeated as a condition of the figures beside it."""
_MOST = 0.5
"""Share of the names in a header or first column from which it counts as one of products."""
_WORDS_AROUND = 2
"""Words that a figure may have around it, as in `up to 80 GB`."""
_EMPTY = re.compile(r"[\s?–—.…-]*|n/?a\.?", re.I)
"""Cells that say nothing; `none` says that there is none."""
_MAY_STATE = re.compile(r"\||\*\*|__|<tr", re.IGNORECASE)
"""What a row or a labelled item is written with."""
_NAME = re.compile(r"(?=.*[^\W\d_])(?=.*\d)[\w][\w .+/-]*")
"""Looks like the name of a product: letters and digits in one."""
_TEMPLATE_LINK = re.compile(r"\[([^\[\]]+)\]\(\{[{%].*?[}%]\}[^()\s]*\)")
"""A link whose address a site generator fills in, which is no link to a Markdown parser."""
_LINKED_LABEL = re.compile(r"\s*(?:\*\*|__)\[[^\[\]]*\]\(|\s*\[(?:\*\*|__)")
"""A label that is a link: an entry of a list of pages, not an attribute."""
_BASES = {
    "dense": re.compile(r"\bdense\b|(?:\bwithout|\bno|\bw/o) sparsity\b", re.I),
    "sparse": re.compile(r"\bsparse\b|\b(?<!without )(?<!no )(?<!w/o )sparsity\b", re.I),
}
"""How the name of an attribute says on which basis its figures stand."""


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
            elif product and (value := _labelled(statement)):
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
        roles = {role: column for column, name in enumerate(header) if (role := _role(name)) and column}
        if "value" in roles or (len(header) == 2 and _lists_attributes(rows)):
            yield from self._attribute_rows(section, product, rows, roles)
            return
        by_column = self._columns_are_products(rows)
        subjects = [self._canonical(name) for name in header] if by_column else self._subjects(rows)
        conditions = () if by_column else _condition_columns(rows, set(roles.values()))
        for place, row in enumerate(rows):
            for column in range(1, len(header)):
                cell = _cell(row, column)
                if column in roles.values() or _EMPTY.fullmatch(cell) or not header[column]:
                    continue
                name = subjects[column] if by_column else subjects[place]
                attribute = _plain(row.cells[0] if by_column else header[column])
                if not (name and attribute):
                    continue
                of_column = [] if by_column else [_beside(header, column)]
                if column not in conditions and (by_column or _is_figure(cell)):
                    of_column += [text for other in conditions if not name.endswith(text := _cell(row, other))]
                yield self._fact(
                    section,
                    row,
                    name,
                    attribute,
                    cell,
                    basis=_basis(row, roles, attribute),
                    note="; ".join(filter(None, [*of_column, _cell(row, roles.get("note", -1))])),
                )

    def _attribute_rows(
        self, section: Section, product: str, rows: Sequence[Statement], roles: dict[str, int]
    ) -> Iterator[Fact]:
        value_column = roles.get("value", 1)
        for row in rows:
            value = _cell(row, value_column)
            if _EMPTY.fullmatch(value) or not row.cells[0]:
                continue
            unit = _cell(row, roles.get("unit", -1))
            yield self._fact(
                section,
                row,
                product,
                _plain(row.cells[0]),
                f"{value} {unit}" if unit and _is_number(value) else value,
                basis=_basis(row, roles, row.cells[0]),
                note=_cell(row, roles.get("note", -1)),
            )

    def _subjects(self, rows: Sequence[Statement]) -> list[str]:
        """What each row is about: its first cell, with what tells it from others where that is a number or recurs.

        Empty where the first cell is a number of nothing: then the row's meaning is not clear.
        """
        header, firsts = rows[0].header, [_plain(row.cells[0]) for row in rows]
        seconds = [_cell(row, 1) for row in rows]
        pairs = [pair for pair in zip(firsts, seconds, strict=True) if pair[0]]
        recurs = len({first for first, _ in pairs}) < len(pairs) == len(set(pairs))
        told_apart = recurs and not any(map(_is_figure, seconds))
        subjects = []
        for first, second in zip(firsts, seconds, strict=True):
            if _is_number(first):
                subjects.append(f"{header[0]} {first}" if header[0] else "")
            elif self._known(first) or _NAME.fullmatch(first):
                subjects.append(self._canonical(first))
            elif told_apart and first and not _EMPTY.fullmatch(second):
                subjects.append(f"{first} {second}")
            else:
                subjects.append(self._canonical(first))
        return subjects

    def _columns_are_products(self, rows: Sequence[Statement]) -> bool:
        """Whether the header names products and the first column attributes, rather than the other way round."""
        header, first = rows[0].header[1:], [row.cells[0] for row in rows]
        known_above = sum(bool(self._known(name)) for name in header) / max(len(header), 1)
        known_left = sum(bool(self._known(name)) for name in first) / max(len(first), 1)
        if known_above != known_left:
            return known_above > known_left
        open_header = [name for name in header if not _role(name)]
        named_above = sum(map(_looks_named, open_header)) / max(len(open_header), 1)
        named_left = sum(map(_looks_named, first)) / max(len(first), 1)
        # Names of formats and versions stand above columns too: rows are products unless only the header names things.
        return named_above > _MOST > named_left

    def _canonical(self, name: str) -> str:
        name = _plain(name)
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


def _labelled(statement: Statement) -> str:
    """What a `**Label**: text` item says of its label; empty where it is an argument, a remark or an entry of links."""
    label = statement.label
    if not label or not statement.text.startswith(label) or _ADMONITION.fullmatch(label):
        # A later sentence of the item is not what stands behind the label.
        return ""
    if _LINKED_LABEL.match(statement.quote):
        return ""
    value = statement.text.removeprefix(label).lstrip(" :–—-")
    # Longer ones are arguments with a heading in bold.
    return value if len(value) <= _LONGEST_ITEM else ""


def _plain(text: str) -> str:
    return _TEMPLATE_LINK.sub(r"\1", text)


def _cell(row: Statement, column: int) -> str:
    """A cell as plain text; empty where the row has none."""
    return _plain(row.cells[column]) if 0 <= column < len(row.cells) else ""


def _role(header: str) -> str:
    return _ROLES.get(header.casefold().rstrip(".:"), "")


def _lists_attributes(rows: Sequence[Statement]) -> bool:
    """Whether a table of two columns lists attributes of its heading, rather than things with one attribute each."""
    header, firsts = rows[0].header, [row.cells[0] for row in rows]
    if sum(map(_is_number, firsts)) * 2 > len(firsts):
        return False
    return bool(_OF_ATTRIBUTES.fullmatch(header[0]) or _OF_VALUES.fullmatch(header[1]) or not header[0])


def _is_number(cell: str) -> bool:
    """Whether a cell holds amounts and no word but their units."""
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, _without_quantities(cell)))


def _is_figure(cell: str) -> bool:
    """Whether a cell is an amount, with at most two words around it."""
    rest = _without_quantities(cell)
    return rest != cell and sum(any(map(str.isalpha, word)) for word in rest.split()) <= _WORDS_AROUND


def _without_quantities(cell: str) -> str:
    for quantity in reversed(find_quantities(cell)):
        cell = cell[: quantity.start] + cell[quantity.end :]
    return cell


def _condition_columns(rows: Sequence[Statement], taken: set[int]) -> tuple[int, ...]:
    """The columns whose text says under which conditions the figures of a row hold.

    Text in front of the figures qualifies them all; text behind them does where there is one column of figures.
    """
    columns = [column for column in range(1, len(rows[0].header)) if column not in taken]
    cells = {column: [cell for row in rows if not _EMPTY.fullmatch(cell := _cell(row, column))] for column in columns}
    figures = [
        column for column in columns if cells[column] and sum(map(_is_figure, cells[column])) * 2 > len(cells[column])
    ]
    if not figures:
        return ()
    return tuple(
        column
        for column in columns
        if column not in figures
        and (column < figures[0] or len(figures) == 1)
        and max(map(len, cells[column]), default=0) <= _LONGEST_CONDITION
    )


def _beside(header: Sequence[str], column: int) -> str:
    """The header of the column in front, where a header stands over several columns: `Share` of what is before it."""
    return header[column - 1] if header.count(header[column]) > 1 and column > 1 else ""


def _basis(row: Statement, roles: dict[str, int], attribute: str) -> str:
    """The basis that the row, else the name of the attribute, gives."""
    if "basis" in roles:
        return _cell(row, roles["basis"])
    found = [basis for basis, pattern in _BASES.items() if pattern.search(attribute)]
    return found[0] if len(found) == 1 else ""


def _looks_named(name: str) -> bool:
    """Whether a header or first cell looks like a product: letters and digits, and no unit among its words."""
    return bool(_NAME.fullmatch(name)) and not any(canonical_unit(word) for word in name.split())
