"""An answer from evidence alone, without a model: facts told in sentences or a table, statements quoted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hwqa.comparison.telling import tell_comparison
from hwqa.derivations import Derivation, derivations_json
from hwqa.evidence import EvidenceList
from hwqa.lengths import NORMAL, Length
from hwqa.meant import units_asked
from hwqa.names import singular
from hwqa.question import Query
from hwqa.quoting import Quotes, Rank
from hwqa.relations import Related
from hwqa.retrieval import Choice
from hwqa.schema import Evidence, Fact, Passage
from hwqa.selection.figures import best_fact, distinct, ordered, quantity_of
from hwqa.selection.ratios import Quotient
from hwqa.selection.telling import lead, lower, tell, tell_column
from hwqa.sizing import telling
from hwqa.sizing.values import Calculation
from hwqa.tables import Cell, Row
from hwqa.units import convert, format_quantity

LONGEST_NOTE = 90
"""Notes longer than this stay in the source."""
TABLE_FROM = 3
"""From this many products or figures on, a table is clearer than sentences."""
MOST_ROWS = 10
ADVICE = "What must it hold (which model, at how many bits, with how long a context), and what may it cost?"
"""What is asked back where nothing is said of what is needed."""
MOST_ARGUED = 3
"""Compared products of which is told what speaks for and against each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is checked."""

    text: str
    """Markdown whose marks are numbers of `evidence`."""
    evidence: tuple[Evidence, ...]
    complete: bool
    """Whether everything that the question asks for was found."""
    table: tuple[Row, ...] | None = None
    calculation: Mapping[str, Any] | None = None
    """What was reckoned, with its steps and inputs."""
    question: str = ""
    """What to ask back, where the answer depends on a wish that was not made."""


def compose(
    query: Query,
    facts: Sequence[Fact],
    passages: Sequence[Passage],
    rank: Rank,
    arguments: Sequence[Passage] = (),
    choice: Choice | None = None,
    calculation: Calculation | None = None,
    length: Length = NORMAL,
    sides: Mapping[str, Sequence[Passage]] = MappingProxyType({}),
    related: Related | None = None,
) -> Draft:
    """The answer that the facts and passages give to the query; empty text when they give none.

    `arguments` are the sections on the query's products or topics that list what speaks for or against; `choice` is
    what was chosen where the query asks for a ranking, `calculation` what was reckoned where it asks what a model
    needs. `length` says how much is quoted; figures that were asked for are all given. `sides` are, by product that is
    compared as a whole, the sections of its pages that list what speaks for and against it. `related` is what the
    documents say of the relative that the question asks about: it is told first, and alone where nothing else is asked.
    """
    composer = _Composer(query, rank, length)
    if related is not None and related.passages:
        lead = composer.told(related.passages)
        if related.is_asked:
            return lead
        return composer.led_by(lead, _composed(composer, query, facts, passages, arguments, choice, calculation, sides))
    return _composed(composer, query, facts, passages, arguments, choice, calculation, sides)


def _composed(
    composer: _Composer,
    query: Query,
    facts: Sequence[Fact],
    passages: Sequence[Passage],
    arguments: Sequence[Passage],
    choice: Choice | None,
    calculation: Calculation | None,
    sides: Mapping[str, Sequence[Passage]],
) -> Draft:
    facts = _on_asked_basis(distinct(facts), query.text)
    if calculation is not None:
        return composer.sizing(calculation, passages)
    if query.intent in ("for", "against", "for and against"):
        draft = composer.arguments(arguments or passages)
        if draft.text:
            return draft
    if not facts:
        return composer.statements(passages)
    if choice is not None:
        told = composer.ranking(choice)
        if told.complete and (choice.is_settled or choice.leaders):
            return told
    elif len(query.products) > 1:
        told = composer.comparison(facts, sides)
    else:
        told = composer.figures(facts)
    return composer.supplemented(told, passages)


class _Composer:
    def __init__(self, query: Query, rank: Rank, length: Length) -> None:
        self._query = query
        self._evidence = EvidenceList()
        self._quotes = Quotes(query, rank, self._evidence, length)
        self._derived: list[Derivation] = []

    # figures -------------------------------------------------------------------------------------------------------

    def figures(self, facts: Sequence[Fact]) -> Draft:
        """One product: each attribute that was asked for in a sentence, with all the figures given for it."""
        grouped = _by_attribute(facts)
        if len(grouped) >= TABLE_FROM:
            return self.comparison(facts)
        extremes = [sentence for group in grouped.values() if (sentence := self._extremes(group))]
        sentences = [*extremes, *(self._told(group) for group in grouped.values())]
        missing = self._missing(facts)
        text = ""
        for sentence in (*sentences, *missing):
            # After a list a sentence needs a paragraph of its own.
            text += ("\n" if text.endswith("\n") else " " if text else "") + sentence
        return self._draft(text, complete=not missing)

    def _extremes(self, group: Sequence[Fact]) -> str:
        """The least and the greatest of many figures for one thing, where the question asks for an end of them."""
        places = ordered(group, "least") if self._query.direction else []
        if len(places) < TABLE_FROM:
            return ""
        (low, _), (high, _) = places[0], places[-1]
        return (
            f"The {lower(low.attribute)} of the {low.product} goes from {low.value}{_qualifiers(low)} "
            f"{self._evidence.fact(low)} to {high.value}{_qualifiers(high)} {self._evidence.fact(high)}."
        )

    def _told(self, group: Sequence[Fact]) -> str:
        first = best_fact(group)
        others = [fact for fact in group if fact is not first]
        subject = f"The {lower(first.attribute)} of the {first.product}"
        verb = "are" if singular(first.attribute) != first.attribute else "is"
        value = f"{first.value.strip()}{self._in_asked_unit(first)}"
        if value.casefold().startswith("not ") or (quantity_of(first) is not None and not others):
            lead = f"{subject} {verb} {value}{_qualifiers(first)} {self._evidence.fact(first)}."
        elif not others:
            return f"{subject}: {value.rstrip('.')}{_qualifiers(first)} {self._evidence.fact(first)}."
        else:
            lead = f"{subject} {verb} {value}{_qualifiers(first)} {self._evidence.fact(first)}."
        if not others:
            return lead
        listed = "\n".join(
            f"- {fact.value}{_qualifiers(fact)} {self._evidence.fact(fact)}" for fact in others[:MOST_ROWS]
        )
        return f"{lead} The documents also give:\n\n{listed}\n"

    def _in_asked_unit(self, fact: Fact) -> str:
        """The figure in the unit that the question names, where the documents give it in another."""
        quantity = quantity_of(fact)
        if quantity is None:
            return ""
        for unit in units_asked(self._query.text):
            converted = convert(quantity, unit) if unit != quantity.unit else None
            if converted is not None:
                low, high = (
                    end.normalize() if end % 1 else end.quantize(Decimal(1)) for end in (converted.low, converted.high)
                )
                return f" = {format_quantity(replace(converted, low=low, high=high))}"
        return ""

    # sizing --------------------------------------------------------------------------------------------------------

    def sizing(self, calculation: Calculation, passages: Sequence[Passage]) -> Draft:
        """What was reckoned: the answer, what it is made of, and the devices where none was named."""
        told = telling.tell(calculation, self._query.text)
        sentences = [_marked(each.text, self._evidence.calculation(each.text, each.facts)) for each in told]
        lead = " ".join(text for each, text in zip(told, sentences, strict=True) if not each.is_item)
        items = "\n".join(f"- {text}" for each, text in zip(told, sentences, strict=True) if each.is_item)
        rows = telling.rows(calculation)
        parts = [lead, items, self._device_table(rows)]
        if not any(each.facts for each in told):
            parts.append(self._quotes.statements(passages[:3], most=1))
        table = tuple(map(_device_row, rows)) or None
        draft = self._draft("\n\n".join(filter(None, parts)), complete=True, table=table)
        if len(calculation.placements) > 1 or calculation.family:
            return replace(draft, calculation=calculation.to_json())
        # of a device that was named something may have been measured; else only what was asked beside is added
        supplemented = self.supplemented(draft, passages, nearer=bool(calculation.placements))
        return replace(supplemented, calculation=calculation.to_json())

    def _device_table(self, rows: Sequence[Mapping[str, telling.Cell]]) -> str:
        if not rows:
            return ""
        lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
        for row in rows:
            said = "; ".join(f"{name}: {text}" for name, (text, _) in row.items())
            marks = [self._evidence.calculation(said, facts) if facts else "" for _, facts in row.values()]
            cells = [f"{text} {mark}".strip() for (text, _), mark in zip(row.values(), marks, strict=True)]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines)

    # comparison ----------------------------------------------------------------------------------------------------

    def comparison(self, facts: Sequence[Fact], sides: Mapping[str, Sequence[Passage]] = MappingProxyType({})) -> Draft:
        """Several products or attributes: what differs in a sentence each, a table, like for like, and the arguments.

        What speaks for and against each product is taken from `sides`.
        """
        text, table = tell_comparison(self._query, facts, self._evidence.fact, self._derived.append)
        missing = self._missing(facts)
        said = [self._quotes.sides(passages, product) for product, passages in list(sides.items())[:MOST_ARGUED]]
        return self._draft("\n\n".join(filter(None, [text, *missing, *said])), complete=not missing, table=table)

    # relatives -----------------------------------------------------------------------------------------------------

    def told(self, passages: Sequence[Passage]) -> Draft:
        """The statements of the passages."""
        return self._draft(self._quotes.told(passages), complete=True)

    def led_by(self, lead: Draft, draft: Draft) -> Draft:
        """The draft behind the lead, whose sentence it does not repeat."""
        lines = draft.text.split("\n")
        rest = "\n".join(line for line in lines if line.removeprefix("- ").strip() not in lead.text)
        return replace(draft, text=f"{lead.text}\n\n{rest.strip()}".strip(), evidence=self._evidence.items)

    # quotes --------------------------------------------------------------------------------------------------------

    def arguments(self, passages: Sequence[Passage]) -> Draft:
        """What the documents list for or against the subject."""
        return self._draft(self._quotes.arguments(passages), complete=True)

    def statements(self, passages: Sequence[Passage]) -> Draft:
        """The statements nearest to the question."""
        text = self._quotes.statements(passages)
        return self._draft(text, complete=bool(text))

    def supplemented(self, told: Draft, passages: Sequence[Passage], *, nearer: bool = True) -> Draft:
        """The draft with the statements that speak of what the question also asks and the draft does not say.

        With `nearer` also those that stand nearer to the question than what the draft cites.
        """
        lines = self._quotes.supplement(told.text, passages, nearer=nearer)
        if not lines:
            return told
        text = f"{told.text}\n\n{lines}" if told.text else lines
        return replace(told, text=text, evidence=self._evidence.items)

    # ranking -------------------------------------------------------------------------------------------------------

    def _divided(self, lead: str, product: str, name: str, quotient: Quotient) -> str:
        """The sentence or cell that tells a quotient, with the mark of what it follows from."""
        text = f"{lead} {quotient.text}".strip()
        self._derived.append(Derivation(f"{name} of the {product}", quotient.text, *quotient.facts))
        if not lead:
            return f"{text} {self._evidence.calculation(f'{product}; {name}: {text}', quotient.facts)}"
        text = f"{text} ({quotient.reckoned})"
        return f"{text} {self._evidence.calculation(text, quotient.facts)}."

    def ranking(self, choice: Choice) -> Draft:
        """The products that meet the question's wish, in its order, or the head of the column that it is about."""
        if choice.column is not None:
            text, table = tell_column(choice.column, self._evidence.fact)
            return self._draft(text, complete=True, table=table)
        if choice.leaders:
            told = "\n".join(f"- {lead(each, self._evidence.fact)}" for each in choice.leaders)
            draft = self._draft(f"Here is what leads among those that can be bought:\n\n{told}", complete=True)
            return replace(draft, question=ADVICE)
        if choice.selection is None:
            return self._draft("", complete=False)
        text, table = tell(choice.selection, self._evidence.fact, choice.systems, self._divided)
        draft = self._draft(text, complete=bool(choice.selection.candidates), table=table or None)
        return replace(draft, question=choice.selection.question)

    # shared --------------------------------------------------------------------------------------------------------

    def _missing(self, facts: Sequence[Fact]) -> list[str]:
        """A sentence for each attribute that was asked for and that the documents do not give of a product."""
        held = {(fact.product, fact.attribute) for fact in facts}
        gone: list[str] = []
        for attribute in self._query.attributes:
            holders = [product for product in self._query.products if (product, attribute) in held]
            without = [product for product in self._query.products if product not in holders]
            if without and not (self._stands_for_another(attribute, held)):
                gone.append(f"The documents do not give the {lower(attribute)} of the {_listed(without)}.")
        return gone

    def _stands_for_another(self, attribute: str, held: set[tuple[str, str]]) -> bool:
        """Whether a word of the question that may mean this attribute is answered by another one of them."""
        return not any(name == attribute for _, name in held) and bool(held)

    def _draft(self, text: str, *, complete: bool, table: tuple[Row, ...] | None = None) -> Draft:
        reckoned = derivations_json(self._derived)
        return Draft(text.strip(), self._evidence.items, complete, table, calculation=reckoned)


def _device_row(row: Mapping[str, telling.Cell]) -> Row:
    """A device of a calculation as a row of the answer's table."""
    (_, (device, _)), *others = row.items()
    return Row("product", device, tuple(Cell(name, text, facts, derived=True) for name, (text, facts) in others))


def _marked(sentence: str, mark: str) -> str:
    return f"{sentence.rstrip('.')} {mark}."


def _by_attribute(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.attribute].append(fact)
    return dict(grouped)


def _on_asked_basis(facts: Sequence[Fact], question: str) -> list[Fact]:
    """The facts without those on the other basis, where the question names one and the documents have it."""
    bases = {basis for basis in ("dense", "sparse") if re.search(rf"\b{basis}\b", question, re.I)}
    if len(bases) != 1:
        return list(facts)
    asked = {(fact.product, fact.attribute) for fact in facts if fact.basis.casefold() in bases}
    return [fact for fact in facts if (fact.product, fact.attribute) not in asked or fact.basis.casefold() in bases]


def _basis(fact: Fact) -> str:
    basis = fact.basis.casefold()
    return "basis not stated" if basis == "not stated" else basis


def _short_note(fact: Fact) -> str:
    return fact.note if len(fact.note) <= LONGEST_NOTE else ""


def _qualifiers(fact: Fact) -> str:
    parts = [part for part in (_basis(fact), _short_note(fact)) if part]
    return f" ({'; '.join(parts)})" if parts else ""


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
