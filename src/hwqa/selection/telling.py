"""A choice of products as sentences and a table, each figure with the mark of the cell that holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hwqa.schema import Fact
from hwqa.selection.book import FactBook
from hwqa.selection.chosen import Change, Considered, Selection
from hwqa.selection.columns import Column
from hwqa.selection.figures import ordered, quantity_of
from hwqa.selection.ratios import Quotient
from hwqa.selection.scope import product_scope, scope_of
from hwqa.tables import Cell, Row, cell_of
from hwqa.units import compare

Mark = Callable[[Fact], str]
"""Fact → the mark that cites it."""
Divided = Callable[[str, str, str, Quotient], str]
"""A beginning, a product, what its quotient is called, and that quotient → the sentence, or without a beginning the
cell, that tells it with its mark."""

MOST_CANDIDATES = 5
MOST_LISTED = 12
MOST_CHANGES = 2
MOST_UNDECIDED = 3
_FEW = 2
"""Candidates up to which those that may be some are worth naming."""
_LONGEST_NOTE = 90
_STATES = {"announced": "announced only", "internal": "not for sale", "withdrawn": "superseded or withdrawn"}


def tell(
    selection: Selection, mark: Mark, systems: Sequence[Fact] = (), divided: Divided | None = None
) -> tuple[str, tuple[Row, ...]]:
    """The choice as Markdown, and its table; empty where no product meets the wish and none comes near.

    `systems` are figures of the ranked attribute of systems, named beside a ranking of single devices; `divided` tells
    quotients, where the wish asks for them.
    """
    if not selection.candidates:
        return _none(selection, mark), ()
    if selection.requirements.ratio is not None and divided is not None:
        return tell_quotients(selection, mark, divided)
    asides = _asides(selection, mark, systems)
    outside = _outside(selection, mark)
    lines, table = _table(selection, mark)
    lead = _lead(selection, mark, scope=scope_text(selection, systems), alone=not asides and not outside)
    parts = [" ".join(filter(None, [lead, *asides])), "\n".join(lines), _others(selection, mark), *outside]
    parts.append(_left_aside(selection))
    return "\n\n".join(filter(None, parts)), tuple(table)


def tell_column(column: Column, mark: Mark) -> tuple[str, tuple[Row, ...]]:
    """The head of a table's column as Markdown, in the order that is asked for, and as rows."""
    first = column.facts[0]
    word = "highest" if column.direction == "most" else "lowest"
    place = first.heading_path[-1] if first.heading_path else first.path
    header = ["Product", first.attribute, "Note"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    table: list[Row] = []
    for fact in column.facts[:MOST_CANDIDATES]:
        note = fact.note if len(fact.note) <= _LONGEST_NOTE else ""
        lines.append(f"| {fact.product} | {_cell(fact)} {mark(fact)} | {note} |")
        table.append(Row("product", fact.product, (cell_of(first.attribute, [fact]), Cell("Note", note))))
    figure = f"{first.value} {mark(first)}"
    lead = f"In the table of “{place}”, the {first.product} comes first by {word} {lower(first.attribute)}: {figure}."
    return f"{lead}\n\n" + "\n".join(lines), tuple(table)


def tell_quotients(selection: Selection, mark: Mark, divided: Divided) -> tuple[str, tuple[Row, ...]]:
    """A choice by one attribute for each unit of another as Markdown and as rows, each quotient with its division."""
    wish, first = selection.requirements, selection.candidates[0]
    ratio = wish.ratio
    assert ratio is not None and first.quotient is not None  # noqa: S101 - the caller has looked
    word = "highest" if wish.direction == "most" else "lowest"
    scope = "Of these" if len(wish.products) > 1 else scope_text(selection, (), single=True)
    subject = f"{scope}, the {first.product} has the {word} {lower(ratio.name)}"
    if len(selection.candidates) == 1:
        subject = f"The {lower(ratio.name)} of the {first.product} is"
    lead = f"{subject}:" if len(selection.candidates) > 1 else subject
    parts = [divided(lead, first.product, ratio.name, first.quotient)]
    state = _STATES.get(first.standing.state)
    if state and first.standing.fact:
        why = first.standing.fact
        parts.append(f"The {first.product} is {state}: {lower(why.attribute)} “{why.value}” {mark(why)}.")
        had = next((each for each in selection.candidates if each.standing.state not in _STATES), None)
        if had is not None and had.quotient is not None:
            leads = f"Of those that can be had, the {had.product} leads:"
            parts.append(divided(leads, had.product, ratio.name, had.quotient))
    noted = any(_quotient_note(each) for each in selection.candidates[:MOST_CANDIDATES])
    header = ["Product", ratio.name, ratio.over, ratio.under, *(["Note"] if noted else [])]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    table: list[Row] = []
    for each in selection.candidates[:MOST_CANDIDATES]:
        if each.quotient is None:
            continue
        facts = each.quotient.facts
        text = each.quotient.text
        cells = [divided("", each.product, ratio.name, each.quotient)]
        cells += [f"{_cell(fact)} {mark(fact)}" for fact in facts]
        note = [_quotient_note(each)] if noted else []
        lines.append("| " + " | ".join([each.product, *cells, *note]) + " |")
        held = [Cell(ratio.name, text, facts, derived=True), *(cell_of(fact.attribute, [fact]) for fact in facts)]
        table.append(Row("product", each.product, (*held, *(Cell("Note", words) for words in note))))
    without = [each for each in selection.dropped if wish.products or each.ranked is None]
    if wish.products and without:
        parts.append(f"The documents do not give both figures of the {_listed([each.product for each in without])}.")
    told = "\n".join(lines) if len(selection.candidates) > 1 else ""
    return "\n\n".join(filter(None, [" ".join(parts), told, *_outside(selection, mark)])), tuple(table)


def _quotient_note(each: Considered) -> str:
    """Basis and conditions of both figures."""
    facts = each.quotient.facts if each.quotient else ()
    parts = [part for fact in facts for part in (_basis(fact).removeprefix(", "), fact.note)]
    return "; ".join(part for part in dict.fromkeys(parts) if part and len(part) <= _LONGEST_NOTE)


def scope_text(selection: Selection, systems: Sequence[Fact] = (), *, single: bool = False) -> str:
    """Among what the products were compared, as the beginning of a sentence; `single` where no system was."""
    if _conditional(selection):
        return "Of the products that meet the conditions"
    named = {"card": "Of single cards", "system": "Of systems"}.get(selection.requirements.scope or "")
    return named or ("Of single devices" if systems or single else "In the documents")


def lead(selection: Selection, mark: Mark) -> str:
    """The sentence that names the first of a ranking, and how it can be had."""
    return _lead(selection, mark, scope="Of those that can be bought", alone=False)


def _lead(selection: Selection, mark: Mark, *, scope: str, alone: bool) -> str:
    """The sentence that names the first; `alone` where the answer names nothing that goes beyond it."""
    wish, first = selection.requirements, selection.candidates[0]
    fact = first.ranked
    if fact is None or not wish.ranked:
        named = [_with_figures(each, selection, mark) for each in selection.candidates[:_FEW]]
        if len(selection.candidates) == 1:
            return f"The {named[0]}, alone meets the conditions."
        if len(selection.candidates) > _FEW or _is_list(selection):
            # the table says the rest
            # an amount that the reader named is no figure of the documents
            nearest = selection.assumed.startswith("nearest to")
            order = f", {'the nearest first' if nearest else selection.assumed}" if selection.assumed else ""
            which = "the first of those" if len(selection.candidates) > MOST_LISTED else "the products"
            return f"Here are {which} that meet the conditions{order}:"
        order = f" ({selection.assumed})" if selection.assumed else ""
        return f"These meet the conditions{order}: the {'; the '.join(named)}."
    word = "highest" if wish.direction == "most" else "lowest"
    figure = f"{fact.value}{_basis(fact)} {mark(fact)}"
    if len(selection.candidates) == 1:
        return f"The documents give such figures for the {first.product} alone: {lower(fact.attribute)} {figure}."
    quantity = quantity_of(fact)
    if alone and quantity is not None and quantity.unit:
        # A superlative that the figures of the answer bear out; of counts the gate knows too little to say so.
        lead = f"{scope}, the {first.product} has the {word} {lower(fact.attribute)}: {figure}"
    else:
        lead = f"{scope}, the {first.product} comes first by {word} {lower(fact.attribute)}: {figure}"
    ties = [f"{each.product} {mark(each.ranked)}" for each in _ties(selection) if each.ranked]
    return f"{lead}, and beside it the {_listed(ties)}." if ties else f"{lead}."


def _left_aside(selection: Selection) -> str:
    """What the wish asks for and no document tells of any product."""
    terms = [f"“{term}”" for term in selection.unclear if len(term) <= _LONGEST_NOTE]
    return f"The documents say nothing of {' and '.join(terms)} of these products." if terms else ""


def _others(selection: Selection, mark: Mark) -> str:
    """The names of further candidates, each with the source of what it was chosen by."""
    if selection.requirements.ranked:
        return ""
    further = []
    for each in selection.candidates[_shown(selection) : _shown(selection) + MOST_LISTED]:
        facts = [each.ranked, *(verdict.fact for verdict in each.verdicts)]
        fact = next((fact for fact in facts if fact is not None and quantity_of(fact) is not None), None)
        if fact is not None:
            further.append(f"{each.product}, {_named(fact)} {mark(fact)}")
    return f"Others that meet them: the {'; the '.join(further)}." if further else ""


def _shown(selection: Selection) -> int:
    """How many candidates the table has: all of a short list, the head of a ranking."""
    return MOST_CANDIDATES if selection.requirements.ranked else MOST_LISTED


def _is_list(selection: Selection) -> bool:
    """Whether the choice is all that have something, in no order."""
    return not selection.requirements.bounds and not selection.requirements.ranked and not selection.assumed


def _with_figures(each: Considered, selection: Selection, mark: Mark) -> str:
    """A product with the figures that decide."""
    facts = [fact for fact in _columns(each, selection, [each]).values() if fact]
    return f"{each.product}, " + ", ".join(f"{_named(fact)} {mark(fact)}" for fact in facts)


def _ties(selection: Selection) -> list[Considered]:
    """The candidates behind the first whose figure equals its."""
    first = selection.candidates[0].ranked
    quantity = quantity_of(first) if first else None
    ties = []
    for each in selection.candidates[1:4]:
        other = quantity_of(each.ranked) if each.ranked else None
        if quantity is None or other is None or compare(quantity, other) != 0:
            break
        ties.append(each)
    return ties


def _asides(selection: Selection, mark: Mark, systems: Sequence[Fact]) -> list[str]:
    """What the reader must know of the first: that it cannot be had, or that systems have more."""
    wish, first = selection.requirements, selection.candidates[0]
    asides = []
    state = _STATES.get(first.standing.state)
    if state and first.standing.fact and wish.ranked:
        told = first.standing.fact
        asides.append(f"The {first.product} is {state}: {lower(told.attribute)} “{told.value}” {mark(told)}.")
        had = next((each for each in selection.candidates if each.standing.state not in _STATES), None)
        if had is not None and had.ranked is not None:
            asides.append(f"Of those that can be had, the {had.product} leads: {had.ranked.value} {mark(had.ranked)}.")
    if systems and first.ranked is not None:
        places = ordered([first.ranked, *systems], wish.direction)
        if places and places[0][0] is not first.ranked:
            system = places[0][0]
            figure = f"{system.value} {mark(system)}"
            asides.append(f"Systems of several devices are left aside, such as the {system.product}: {figure}.")
    if selection.other_basis:
        fact = selection.other_basis[0]
        asides.append(
            f"Left out is the {fact.product}, whose {lower(fact.attribute)} the documents give on another basis: "
            f"{fact.value}{_basis(fact)} {mark(fact)}."
        )
    return asides


def _table(selection: Selection, mark: Mark) -> tuple[list[str], list[Row]]:
    """The candidates with the figures that decide, in Markdown and as rows."""
    shown = selection.candidates[: _shown(selection)]
    columns = {each.product: _columns(each, selection, shown) for each in shown}
    stated = next(
        (each.standing.fact.attribute for each in shown if each.standing.state in _STATES and each.standing.fact), ""
    )
    for each in shown if stated else ():
        # Where one cannot be had, the reader wants to know it of each.
        told = each.standing.fact
        columns[each.product].setdefault(stated, told if told and told.attribute == stated else None)
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    noted = any(_note(each) for each in shown)
    header = ["Product", *names, *(["Note"] if noted else [])]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    table: list[Row] = []
    for each in shown:
        facts = [columns[each.product].get(name) for name in names]
        note = [_note(each)] if noted else []
        # the basis of the figure that decides the place stands in the note
        based = ["" if fact is each.ranked else _bracketed(fact) for fact in facts]
        cells = [
            f"{_cell(fact)}{basis} {mark(fact)}" if fact else "not in the documents"
            for fact, basis in zip(facts, based, strict=True)
        ]
        lines.append("| " + " | ".join([each.product, *cells, *note]) + " |")
        held = [cell_of(name, [fact] if fact else []) for name, fact in zip(names, facts, strict=True)]
        table.append(Row("product", each.product, (*held, *(Cell("Note", text) for text in note))))
    return lines, table


def _columns(each: Considered, selection: Selection, shown: Sequence[Considered]) -> dict[str, Fact | None]:
    """Name of a column → the fact that a candidate has there; `shown` are all candidates of the table."""
    wish = selection.requirements
    columns: dict[str, Fact | None] = {each.ranked.attribute: each.ranked} if each.ranked else {}
    bounds, rest = each.verdicts[: len(wish.bounds)], each.verdicts[len(wish.bounds) :]
    for bound, verdict in zip(wish.bounds, bounds, strict=True):
        columns.setdefault(bound.attribute, verdict.fact)
    for place, (feature, verdict) in enumerate(zip(wish.features, rest, strict=False), start=len(wish.bounds)):
        # what a product must be without is shown by what it has instead
        name = feature.attributes[0] if feature.unwanted and feature.attributes else feature.term
        told = {fact.attribute for other in shown if (fact := other.verdicts[place].fact) is not None}
        columns.setdefault(told.pop() if len(told) == 1 else name, verdict.fact)
    if wish.availability == "rented" and (rent := each.standing.rent or each.standing.rented) is not None:
        columns.setdefault(rent.attribute, rent)
    for name, fact in zip(wish.shown, each.shown, strict=True):
        columns.setdefault(name, fact)
    return columns


def _note(each: Considered) -> str:
    fact = each.ranked
    parts = [_basis(fact).removeprefix(", "), fact.note if len(fact.note) <= _LONGEST_NOTE else ""] if fact else []
    return ", ".join(filter(None, parts))


def _outside(selection: Selection, mark: Mark) -> list[str]:
    """The products nearest outside of the conditions, with the figure that keeps each out."""
    told = [change for change in selection.changes if change.verdict.fact is not None][:MOST_CHANGES]
    parts = []
    if told:
        parts.append("Just outside of the conditions:\n\n" + "\n".join(f"- {_change(change, mark)}" for change in told))
    if len(selection.candidates) <= _FEW and (undecided := _undecided(selection)):
        lines = (f"- the {each.product}: {_named(fact)} {mark(fact)}." for each, fact in undecided)
        parts.append("Undecided by the documents:\n\n" + "\n".join(lines))
    return parts


def _undecided(selection: Selection) -> list[tuple[Considered, Fact]]:
    """Products that fail nothing and of which the documents are silent on a feature, with a figure that they meet."""
    wish, silent = selection.requirements, []
    features = slice(len(wish.bounds), len(wish.bounds) + len(wish.features))
    for each in selection.dropped:
        met = [verdict.fact for verdict in each.verdicts if verdict.outcome == "meets" and verdict.fact is not None]
        only = each.failed[0] in each.verdicts[features] and len(each.failed) == 1
        if only and each.failed[0].outcome == "unknown" and met and wish.bounds:
            silent.append((each, met[0]))
    return silent[:MOST_UNDECIDED]


def _change(change: Change, mark: Mark) -> str:
    fact = change.verdict.fact
    assert fact is not None  # noqa: S101 - the caller takes only such changes
    would = ", which would come first" if change.first else ""
    return f"the {change.product}{would}: {_named(fact)} {mark(fact)}."


def _none(selection: Selection, mark: Mark) -> str:
    """That nothing meets the wish, and what comes nearest."""
    near = [each for each in selection.dropped if any(verdict.fact for verdict in each.failed)]
    told = [change for change in selection.changes if change.verdict.fact is not None]
    if not near:
        return ""
    lead = "The documents give no product that meets all of the conditions."
    undecided = _undecided(selection)
    silent = "\n".join(f"- the {each.product}: {_named(fact)} {mark(fact)}." for each, fact in undecided)
    aside = [f"Undecided by the documents:\n\n{silent}"] if undecided else []
    if told:
        nearest = "\n".join(f"- {_change(change, mark)}" for change in told[:3])
        return "\n\n".join([f"{lead} Nearest come:\n\n{nearest}", *aside])
    lines = [
        f"- the {each.product}: "
        + "; ".join(f"{_named(verdict.fact)} {mark(verdict.fact)}" for verdict in each.failed if verdict.fact)
        + "."
        for each in near[:3]
    ]
    return f"{lead} Nearest come:\n\n" + "\n".join(lines)


def system_figures(selection: Selection, book: FactBook) -> list[Fact]:
    """The figures of the ranked attribute that belong to systems, where single devices are compared."""
    wish = selection.requirements
    if wish.scope is not None or not wish.ranked:
        return []
    figures: dict[str, list[Fact]] = {}
    for fact in book.with_attributes([wish.ranked]):
        if fact.product in selection.members and (not wish.paths or fact.path in wish.paths) and quantity_of(fact):
            figures.setdefault(fact.product, []).append(fact)
    found = []
    for product in (name for name in book.products if name in figures):
        given = book.given(product)
        scope = given.scope
        if wish.paths:
            scope = product_scope(product, [fact for fact in given.facts if fact.path in wish.paths])
        found += [fact for fact in figures[product] if scope_of(fact, scope) == "system"]
    return found


def _conditional(selection: Selection) -> bool:
    wish = selection.requirements
    return bool(wish.bounds or wish.features or wish.availability)


def _named(fact: Fact) -> str:
    return f"{lower(fact.attribute)} {fact.value}" if quantity_of(fact) else f"{lower(fact.attribute)}: {fact.value}"


def _basis(fact: Fact | None) -> str:
    basis = fact.basis.casefold() if fact else ""
    return f", {'basis not stated' if basis == 'not stated' else basis}" if basis else ""


def _bracketed(fact: Fact | None) -> str:
    basis = _basis(fact).removeprefix(", ")
    return f" ({basis})" if basis else ""


def _cell(fact: Fact) -> str:
    return fact.value.replace("|", "\\|")


def lower(attribute: str) -> str:
    """An attribute's name within a sentence: `Memory capacity` loses its capital, `FP16 peak` keeps it."""
    first = attribute.partition(" ")[0]
    return attribute[0].lower() + attribute[1:] if first[1:].replace("-", "").islower() else attribute


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and the " + names[-1]
