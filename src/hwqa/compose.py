"""An answer from evidence alone, without a model: facts told in sentences or a table, statements quoted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwqa.arguments import argues, argument_sides
from hwqa.choosing import Selection
from hwqa.evidence import EvidenceList, passage_statements
from hwqa.names import NameFinder, key, singular
from hwqa.question import Query
from hwqa.schema import Evidence, Fact, Passage, Statement
from hwqa.search import is_reference
from hwqa.selection import best_fact, distinct, ordered, quantity_of
from hwqa.selection_text import tell
from hwqa.units import compare
from hwqa.words import content_words

Rank = Callable[[Sequence[str]], Sequence[float]]
"""Texts → how near each is to the question, from −1 to 1."""

LONGEST_NOTE = 90
"""Notes longer than this stay in the source."""
TABLE_FROM = 3
"""From this many products or figures on, a table is clearer than sentences."""
MOST_ROWS = 10
MOST_STATEMENTS = 4
MOST_RANKED = 24
"""Statements that are compared with the question by their embedding; the others share too few words with it."""
FIRST = 0.5
"""What the first argument of a list has ahead; the second has half of it, and so on."""
NAMED = 0.5
"""What an argument has ahead that names the product which the question is about."""
MOST_SUPPLEMENTS = 2
RELATED = 0.4
"""Least similarity to the question of a statement that is added to facts."""
PROSE = 0.08
"""What a sentence has ahead of a table row when no attribute is asked for."""
NEAR = 0.75
"""Share of the best statement's score that further statements must reach."""

_UNRANKED_UNITS = {"nm"}
"""Units of names rather than amounts: a process of 5 nm has no more or less of anything."""
_PRONOUN = re.compile(r"(it|its|they|their|this|these)\b", re.I)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is checked."""

    text: str
    """Markdown whose marks are numbers of `evidence`."""
    evidence: tuple[Evidence, ...]
    complete: bool
    """Whether everything that the question asks for was found."""
    table: tuple[Mapping[str, Any], ...] | None = None
    question: str = ""
    """What to ask back, where the answer depends on a wish that was not made."""


def compose(
    query: Query,
    facts: Sequence[Fact],
    passages: Sequence[Passage],
    rank: Rank,
    arguments: Sequence[Passage] = (),
    selection: Selection | None = None,
    systems: Sequence[Fact] = (),
) -> Draft:
    """The answer that the facts and passages give to the query; empty text when they give none.

    `arguments` are the sections on the query's products or topics that list what speaks for or against; `selection`
    and `systems` are what was chosen for a question that asks for a ranking.
    """
    composer = _Composer(query, rank)
    facts = _on_asked_basis(distinct(facts), query.text)
    if query.intent in ("for", "against", "for and against"):
        draft = composer.arguments(arguments or passages)
        if draft.text:
            return draft
    if not facts:
        return composer.statements(passages)
    if selection is not None:
        told = composer.ranking(selection, systems)
    elif len(query.products) > 1:
        told = composer.comparison(facts)
    else:
        told = composer.figures(facts)
    return composer.supplemented(told, passages)


def _is_entry(quote: str) -> bool:
    """Whether a quote is an entry of a list of references."""
    return is_reference(f"- {quote.lstrip('-*+ ')}")


class _Composer:
    def __init__(self, query: Query, rank: Rank) -> None:
        self._query = query
        self._rank = rank
        self._evidence = EvidenceList()

    # figures -------------------------------------------------------------------------------------------------------

    def figures(self, facts: Sequence[Fact]) -> Draft:
        """One product: each attribute that was asked for in a sentence, with all the figures given for it."""
        grouped = _by_attribute(facts)
        if len(grouped) >= TABLE_FROM:
            return self.comparison(facts)
        sentences = [self._told(group) for group in grouped.values()]
        missing = self._missing(facts)
        text = ""
        for sentence in (*sentences, *missing):
            # After a list a sentence needs a paragraph of its own.
            text += ("\n" if text.endswith("\n") else " " if text else "") + sentence
        return self._draft(text, complete=not missing)

    def _told(self, group: Sequence[Fact]) -> str:
        first = best_fact(group)
        others = [fact for fact in group if fact is not first]
        subject = f"The {_lower(first.attribute)} of the {first.product}"
        verb = "are" if singular(first.attribute) != first.attribute else "is"
        value = first.value.strip()
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

    # comparison ----------------------------------------------------------------------------------------------------

    def comparison(self, facts: Sequence[Fact]) -> Draft:
        """Several products or attributes: what differs in a sentence each, then a table, like for like."""
        products = [product for product in self._query.products if any(fact.product == product for fact in facts)]
        rows: dict[tuple[str, str], dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        for fact in facts:
            rows[fact.attribute, _basis(fact)][fact.product].append(fact)
        chosen = self._rows(rows, products)
        sentences = [sentence for cells in chosen.values() if (sentence := self._difference(cells))]
        header = ["Attribute", *products]
        lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
        table: list[dict[str, Any]] = []
        for (attribute, basis), cells in chosen.items():
            label = f"{attribute} ({basis})" if basis else attribute
            texts = [self._cell(cells.get(product, [])) for product in products]
            lines.append("| " + " | ".join([label, *texts]) + " |")
            table.append({"Attribute": label, **dict(zip(products, texts, strict=True))})
        missing = self._missing(facts)
        text = "\n\n".join([*([" ".join(sentences[:3])] if sentences else []), "\n".join(lines), *missing])
        return self._draft(text, complete=not missing, table=tuple(table))

    def _rows(
        self, rows: Mapping[tuple[str, str], Mapping[str, list[Fact]]], products: Sequence[str]
    ) -> dict[tuple[str, str], Mapping[str, list[Fact]]]:
        """The rows to show: all that were asked for, else those that most of the products have."""
        if self._query.attributes:
            return dict(list(rows.items())[: 2 * MOST_ROWS])
        shared = {
            label: cells
            for label, cells in rows.items()
            if sum(product in cells for product in products) > 1
            and any(quantity_of(fact) for group in cells.values() for fact in group)
        }
        return dict(list((shared or dict(rows)).items())[:MOST_ROWS])

    def _difference(self, cells: Mapping[str, list[Fact]]) -> str:
        best = [best_fact(group) for group in cells.values()]
        places = ordered(best, "most")
        if len(places) < 2:
            return ""
        (high, most), (low, least) = places[0], places[-1]
        if most.unit in _UNRANKED_UNITS and high.attribute not in self._query.attributes:
            return ""
        attribute = _lower(high.attribute) + (f" ({basis})" if (basis := _basis(high)) else "")
        if compare(most, least) == 0:
            marks = self._evidence.fact(high) + self._evidence.fact(low)
            return f"The {attribute} of the {high.product} equals that of the {low.product}: {high.value} {marks}."
        word = "highest" if len(places) > 2 else "higher"
        return (
            f"The {high.product} has the {word} {attribute}: {high.value} {self._evidence.fact(high)} "
            f"against {low.value} for the {low.product} {self._evidence.fact(low)}."
        )

    def _cell(self, facts: Sequence[Fact]) -> str:
        if not facts:
            return "not in the documents"
        first = best_fact(facts)
        others = [fact for fact in facts if fact is not first and key(fact.value) != key(first.value)]
        shown = [first, *others[:2]]
        return "; ".join(f"{_cell_text(fact)} {self._evidence.fact(fact)}" for fact in shown)

    # ranking -------------------------------------------------------------------------------------------------------

    def ranking(self, selection: Selection, systems: Sequence[Fact]) -> Draft:
        """The products that meet the question's wish, in its order, and who comes just outside."""
        text, table = tell(selection, self._evidence.fact, systems)
        draft = self._draft(text, complete=bool(selection.candidates), table=table or None)
        return replace(draft, question=selection.question)

    # statements ----------------------------------------------------------------------------------------------------

    def arguments(self, passages: Sequence[Passage]) -> Draft:
        """What the documents list for or against the subject."""
        sides = argument_sides(self._query)
        names = NameFinder({name: (name,) for name in (*self._query.products, *self._query.spoken)})
        parts: list[str] = []
        for side in sides:
            found = {
                (passage.path, statement.lines, statement.quote): (passage, statement)
                for passage in passages
                if argues(passage.heading_path, side)
                for statement in passage_statements(passage)
                if statement.kind != "row"
            }
            listed = list(found.values())
            if not listed:
                continue
            near = self._rank([statement.text for _, statement in listed])
            # Writers put the weightiest argument first.
            place: Counter[tuple[str, ...]] = Counter()
            scores = []
            for similarity, (passage, statement) in zip(near, listed, strict=True):
                place[passage.path, *passage.heading_path] += 1
                about = NAMED if names(statement.text) else 0.0
                scores.append(similarity + about + FIRST / place[passage.path, *passage.heading_path])
            best = sorted(zip(scores, listed, strict=True), key=lambda item: -item[0])[: MOST_STATEMENTS + 2]
            items = "\n".join(f"- {self._quoted(passage, statement)}" for _, (passage, statement) in best)
            parts.append(f"{side.capitalize()}:\n\n{items}" if len(sides) > 1 else items)
        return self._draft("\n\n".join(parts), complete=True)

    def statements(self, passages: Sequence[Passage]) -> Draft:
        """The statements nearest to the question."""
        listed = [
            (passage, statement)
            for passage in passages
            for statement in passage_statements(passage)
            if not statement.text.rstrip().endswith((":", "?")) and not _is_entry(statement.quote)
        ]
        if not listed:
            return self._draft("", complete=False)
        asked = set(content_words(self._query.text))
        shared = [asked & set(content_words(f"{passage.trail} {statement.text}")) for passage, statement in listed]
        first = sorted(range(len(listed)), key=lambda place: -len(shared[place]))[:MOST_RANKED]
        listed, shared = [listed[place] for place in first], [shared[place] for place in first]
        near = self._rank(
            [
                f"{passage.heading_path[-1] if passage.heading_path else ''}: {statement.text}"
                for passage, statement in listed
            ]
        )
        scored = []
        for similarity, words, (passage, statement) in zip(near, shared, listed, strict=True):
            overlap = len(words) / max(len(asked), 1)
            prose = PROSE if statement.kind == "sentence" else 0.0
            scored.append((0.6 * similarity + 0.4 * overlap + 0.05 / passage.rank + prose, passage, statement))
        scored.sort(key=lambda item: -item[0])
        best = scored[0][0]
        kept = [(passage, statement) for score, passage, statement in scored if score >= NEAR * best][:MOST_STATEMENTS]
        # The best first; the others as the documents tell them.
        kept = [kept[0], *sorted(kept[1:], key=lambda pair: (pair[0].rank, pair[1].lines))]
        if len(kept) == 1:
            return self._draft(self._quoted(*kept[0]), complete=True)
        return self._draft("\n".join(f"- {self._quoted(*pair)}" for pair in kept), complete=True)

    def supplemented(self, told: Draft, passages: Sequence[Passage]) -> Draft:
        """The draft with the statements that speak of what the question also asks and the facts do not say."""
        query = self._query
        said = {word for item in told.evidence for word in content_words(f"{item.trail} {item.text}")}
        said |= set(
            content_words(" ".join((told.text, *query.products, *query.spoken, *query.attributes, *query.asked)))
        )
        open_words = [word for word in dict.fromkeys(content_words(query.text)) if word not in said]
        if not open_words:
            return told
        cited = {(item.path, item.lines) for item in told.evidence}
        found = []
        for passage in passages:
            for statement in passage_statements(passage):
                held = set(content_words(statement.text))
                shared = sum(word in held for word in open_words)
                if shared * 2 >= len(open_words) and (passage.path, statement.lines) not in cited:
                    found.append((shared, passage, statement))
        found.sort(key=lambda item: (-item[0], item[1].rank))
        found = [item for item in found if not _is_entry(item[2].quote)][:MOST_RANKED]
        near = self._rank([statement.text for _, _, statement in found])
        best = sorted(zip(near, found, strict=True), key=lambda item: (-item[1][0], -item[0]))
        kept = [(passage, statement) for score, (_, passage, statement) in best if score >= RELATED][:MOST_SUPPLEMENTS]
        if not kept:
            return told
        lines = "\n".join(f"- {self._quoted(*pair)}" for pair in kept)
        text = f"{told.text}\n\n{lines}" if told.text else lines
        return replace(self._draft(text, complete=told.complete, table=told.table), question=told.question)

    def _quoted(self, passage: Passage, statement: Statement) -> str:
        text = " ".join(statement.text.split())
        mark = self._evidence.statement(passage, statement)
        if statement.kind == "row":
            return f"{_row_text(passage, statement)} {mark}."
        if _PRONOUN.match(text) and passage.heading_path:
            text = f"{passage.heading_path[-1]}: {text}"
        return f"{text.rstrip('.')} {mark}."

    # shared --------------------------------------------------------------------------------------------------------

    def _missing(self, facts: Sequence[Fact]) -> list[str]:
        """A sentence for each attribute that was asked for and that the documents do not give of a product."""
        held = {(fact.product, fact.attribute) for fact in facts}
        gone: list[str] = []
        for attribute in self._query.attributes:
            holders = [product for product in self._query.products if (product, attribute) in held]
            without = [product for product in self._query.products if product not in holders]
            if without and not (self._stands_for_another(attribute, held)):
                gone.append(f"The documents do not give the {_lower(attribute)} of the {_listed(without)}.")
        return gone

    def _stands_for_another(self, attribute: str, held: set[tuple[str, str]]) -> bool:
        """Whether a word of the question that may mean this attribute is answered by another one of them."""
        return not any(name == attribute for _, name in held) and bool(held)

    def _draft(self, text: str, *, complete: bool, table: tuple[Mapping[str, Any], ...] | None = None) -> Draft:
        return Draft(text.strip(), self._evidence.items, complete, table)


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


def _row_text(passage: Passage, statement: Statement) -> str:
    """A table row as a clause: what the section and the first cell name, then the other cells under their headers."""
    cells = dict(zip((name.casefold() for name in statement.header), statement.cells, strict=False))
    subject = passage.heading_path[-1] if passage.heading_path else ""
    if "value" in cells:
        qualifiers = [cells.get(name, "") for name in ("basis", "note")]
        qualified = f" ({'; '.join(filter(None, qualifiers))})" if any(qualifiers) else ""
        return f"{subject}: {statement.cells[0]} {cells['value']}{qualified}"
    rest = [
        f"{name} {cell}" if name else cell
        for name, cell in list(zip(statement.header, statement.cells, strict=False))[1:]
        if cell and name.casefold() not in ("source", "sources")
    ]
    return f"{statement.cells[0]}: {', '.join(rest)}"


def _lower(attribute: str) -> str:
    """The attribute's name within a sentence: `Memory capacity` loses its capital, `FP16 peak` keeps it."""
    return attribute[0].lower() + attribute[1:] if attribute[1:2].islower() else attribute


def _basis(fact: Fact) -> str:
    basis = fact.basis.casefold()
    return "basis not stated" if basis == "not stated" else basis


def _short_note(fact: Fact) -> str:
    return fact.note if len(fact.note) <= LONGEST_NOTE else ""


def _qualifiers(fact: Fact) -> str:
    parts = [part for part in (_basis(fact), _short_note(fact)) if part]
    return f" ({'; '.join(parts)})" if parts else ""


def _cell_text(fact: Fact) -> str:
    return fact.value.replace("|", "\\|")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
