"""Reading evidence: the figures that it holds, each with the product, label and basis that it is given for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hwqa.grounding.figures import Figure, figures_of
from hwqa.grounding.names import Mentions, Named, Subject, named
from hwqa.grounding.rates import rates_in
from hwqa.grounding.terms import basis_in, formats_in
from hwqa.schema import Evidence
from hwqa.statements import statements
from hwqa.units import dimension, find_quantities

_FIELD = re.compile(r"(?P<header>[^:;|]{1,60}):\s+(?P<cell>.*)", re.DOTALL)
_GENERIC_HEADER = re.compile(
    r"(?:value|values|figure|figures|amount|attribute|property|metric|spec(?:ification)?|feature|parameter|item)s?",
    re.I,
)
_BASIS_HEADER = re.compile(r"basis|sparsity", re.IGNORECASE)
_ASIDE_HEADER = re.compile(r"note|notes|remarks?|comments?|sources?|conditions?|basis", re.IGNORECASE)
_UNIT_OF_HEADER = re.compile(r"[(\[,]\s*(?:in\s+)?([A-Za-z$€%/²µ]{1,9}?)\s*[)\]]?$")
_SET_APART = re.compile(
    r"\b(?:unlike|than|compared (?:with|to)|in contrast to|next to|besides|against|beyond|behind|from)"
    r"\s+(?:\S+\s+){0,3}$",
    re.IGNORECASE,
)
_PRONOUN_FIRST = re.compile(r"\W*(?:it|its|they|their)\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\s*[~≈≤≥]?\s*[\d.,]+\s*(?:[–-]\s*[\d.,]+)?\s*")
_PART = re.compile(r";\s(?![^()]*\))")
"""Between the cells of a row written in one line; not inside brackets."""
_LONGEST_SUBJECT = 12
"""Words of the product or case that such a row may begin with."""
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence or row of the evidence."""

    number: int
    text: str
    """As plain text, with its label."""
    subjects: tuple[Subject, ...]
    """Products that it names, else those of its heading."""
    figures: tuple[Figure, ...]
    trail: str
    label: str = ""
    """Of a row, what it is about."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one item of evidence holds."""

    evidence: Evidence
    text: str
    """All that may be quoted from: trail, text and quote."""
    sources: tuple[Source, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures."""
        return tuple(figure for source in self.sources for figure in source.figures)


def read(evidence: Evidence, mentions: Mentions) -> Reading:
    """The statements and figures of an item of evidence."""
    heading = heading_subjects(evidence, mentions)
    sources = list(_sources(evidence, heading, mentions))
    sources = [_with_companions(source, heading, mentions) for source in sources]
    if evidence.kind == "calculation":
        sources = _calculated(evidence, sources, mentions)
    trail = evidence.trail
    if trail:
        figures = _given(figures_of(trail, mentions, heading), evidence, trail)
        sources.append(Source(evidence.number, trail, heading, figures, trail))
    return Reading(evidence, "\n".join((trail, evidence.text, _LINK.sub(r"\1", evidence.quote))), tuple(sources))


def heading_subjects(evidence: Evidence, mentions: Mentions) -> tuple[Subject, ...]:
    """The products named by the innermost heading that names any."""
    for heading in reversed(evidence.heading_path):
        found = tuple(dict.fromkeys(place.subject for place in named(heading, mentions)))
        if found:
            return found
    return ()


def table_cells(row: str) -> list[str]:
    """The cells of a Markdown table row, trimmed."""
    return [
        cell.strip().replace("\\|", "|")
        for cell in re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|"))
    ]


def with_unit_of_header(cell: str, header: str) -> str:
    """The cell with the unit that its header gives: `141` under `Memory (GB)` is `141 GB`."""
    unit = _UNIT_OF_HEADER.search(header)
    if unit is None or not _BARE_NUMBER.fullmatch(cell) or not any(letter.isdigit() for letter in cell):
        return cell
    whole = f"{cell.strip()} {unit[1]}"
    found = find_quantities(whole)
    return whole if found and found[0].unit else cell


def _sources(evidence: Evidence, heading: Sequence[Subject], mentions: Mentions) -> Iterator[Source]:
    fields = _fields(evidence.text)
    if fields is not None:
        yield from _row(evidence, fields, heading, mentions)
        return
    spoken: tuple[Subject, ...] = tuple(heading)
    for statement in statements(evidence.text):
        if statement.kind == "row" and statement.header:
            yield from _row(
                evidence, list(zip(statement.header, statement.cells, strict=False)), heading or spoken, mentions
            )
            continue
        text = statement.text
        parsed = _fields(text) if statement.kind == "row" else None
        if parsed is not None:
            yield from _row(evidence, parsed, heading or spoken, mentions)
            continue
        own = tuple(dict.fromkeys(place.subject for place in named(text, mentions)))
        label = statement.label if statement.kind == "sentence" else ""
        figures = _given(
            figures_of(text, mentions, spoken, label=label, is_source=True),
            evidence,
            f"{label}: {text}" if label else text,
        )
        of_before = spoken if own and _PRONOUN_FIRST.match(text) else ()  # "It has 192 GB; the Y has more."
        subjects = (*of_before, *own) or spoken
        yield Source(evidence.number, f"{label} {text}".strip(), subjects, figures, evidence.trail)
        if own and not (heading and len(heading) == 1):
            spoken = own


def _fields(text: str) -> list[tuple[str, str]] | None:
    """The `header: cell` pairs of a row written in one line, or None when the text is no such row.

    A part without header in front, such as the product of a fact, is the row's subject.
    """
    if "\n" in text.strip() or ";" not in text:
        return None
    fields: list[tuple[str, str]] = []
    headed = 0
    for part in _PART.split(text.strip()):
        match = _FIELD.fullmatch(part)
        if match is not None and len(match["header"].split()) <= 8:
            fields.append((match["header"].strip(), match["cell"].strip()))
            headed += 1
        elif not fields:
            if len(part.split()) > _LONGEST_SUBJECT:
                return None
            fields.append(("", part.strip()))
        else:
            header, cell = fields[-1]
            fields[-1] = (header, f"{cell}; {part.strip()}")
    return fields if headed >= 2 or (headed == 1 and fields[0][0] == "") else None


def _row(
    evidence: Evidence, fields: Sequence[tuple[str, str]], heading: Sequence[Subject], mentions: Mentions
) -> Iterator[Source]:
    """The figures of a row, each with its column's or the row's product, label and basis."""
    by_name = {header.casefold(): cell for header, cell in fields}
    first_header, first = fields[0]
    plain = first_header == "" and len(fields) > 1
    if plain:
        label = fields[1][0]
    elif _GENERIC_HEADER.fullmatch(first_header) or not first_header:
        label = first
    else:
        label = first if not named(first, mentions) and not find_quantities(first) else ""
    row = _subjects_of(first, mentions) or next(
        (found for _, cell in fields[1:3] if (found := _subjects_of(cell, mentions)) and _is_name(cell, mentions)), ()
    )
    text = "; ".join(f"{header}: {cell}" if header else cell for header, cell in fields if cell)
    basis = basis_in(next((cell for header, cell in by_name.items() if _BASIS_HEADER.search(header)), ""))
    figures: list[Figure] = []
    for at, (header, cell) in enumerate(fields):
        if plain and at == 0:
            figures += [replace(figure, subjects=row) for figure in figures_of(cell, mentions, row)]
            continue
        column = _subjects_of(header, mentions)
        subjects = column or row or tuple(heading)
        aside = _ASIDE_HEADER.fullmatch(header) is not None
        rates = rates_in(header) or rates_in(label) or rates_in(first_header)
        own_label = f"{label} {'' if _GENERIC_HEADER.fullmatch(header) or header == label else header}".strip()
        cell_text = with_unit_of_header(with_unit_of_header(cell, header), label)
        for figure in figures_of(cell_text, mentions, subjects, label=own_label, is_source=True):
            known = figure.basis or basis or basis_in(label)
            if aside and figure.basis and basis and figure.basis != basis:
                known = ""  # "twice the dense rate" in the note of a sparse figure
            formats = formats_in(own_label) or figure.formats
            own = figure.subjects or subjects
            if not aside and subjects and not named(cell, mentions):
                own = subjects
            whole = replace(
                figure,
                subjects=own,
                basis="" if known == "both" else known,
                formats=formats,
                label=own_label,
                aside=aside,
            )
            figures.append(replace(whole, rate=figure.rate or _time_of(rates)))
    note = " ".join(cell for header, cell in fields if _ASIDE_HEADER.fullmatch(header))
    if not basis and (told := basis_in(note)) in ("dense", "sparse"):
        figures = [replace(figure, basis=figure.basis or told) for figure in figures]
    yield Source(evidence.number, text, row or tuple(heading), _given(figures, evidence, text), evidence.trail, label)


def _time_of(rates: frozenset[str]) -> str:
    """The one time that a header gives its figures for."""
    return min(rates) if len(rates) == 1 else ""


def _subjects_of(text: str, mentions: Mentions) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(place.subject for place in named(text, mentions)))


def _is_name(cell: str, mentions: Mentions) -> bool:
    """Whether a cell holds nothing but a product's name."""
    places: list[Named] = named(cell, mentions)
    return bool(places) and sum(place.end - place.start for place in places) >= 0.6 * len(cell.strip())


def _given(figures: Sequence[Figure], evidence: Evidence, statement: str) -> tuple[Figure, ...]:
    return tuple(replace(figure, number=evidence.number, statement=statement) for figure in figures)


def _with_companions(source: Source, heading: Sequence[Subject], mentions: Mentions) -> Source:
    """The source, whose figures know which other products its statement and heading name."""
    present = {product for place in named(source.text, mentions) for product in place.subject}
    present |= {product for subject in heading for product in subject}
    if len(present) < 2:
        return source
    places = named(source.text, mentions)
    begun = places[0] if places and not _SET_APART.search(source.text[: places[0].start]) else None
    lead = begun.subject if begun else frozenset()
    owners: dict[str, set[str]] = {}
    for figure in source.figures:
        owned = owners.setdefault(_kind(figure), set())
        owned |= {product for subject in figure.subjects for product in subject}
    return replace(
        source,
        figures=tuple(
            replace(
                figure,
                companions=frozenset(present - owners[_kind(figure)]),
                lead=frozenset() if figure.label or lead & owners[_kind(figure)] else lead,
            )
            for figure in source.figures
        ),
    )


def _kind(figure: Figure) -> str:
    return f"{figure.quantity.kind} {dimension(figure.quantity.unit)}"


def _calculated(evidence: Evidence, sources: Sequence[Source], mentions: Mentions) -> list[Source]:
    """A calculation's figures may be said of every product that it names."""
    everyone = frozenset(
        product for place in named(f"{evidence.trail}\n{evidence.text}", mentions) for product in place.subject
    )
    subjects: tuple[Subject, ...] = (everyone,) if everyone else ()
    return [
        replace(
            source,
            subjects=subjects,
            figures=tuple(replace(figure, subjects=subjects, free=True, negated=False) for figure in source.figures),
        )
        for source in sources
    ]
