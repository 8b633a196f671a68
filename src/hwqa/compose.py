"""An answer from evidence alone, without a model: facts told in sentences or a table, statements quoted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwqa.arguments import argues, argument_sides
from hwqa.comparison.telling import tell_comparison
from hwqa.evidence import EvidenceList, passage_statements
from hwqa.lexical import tokenize
from hwqa.names import NameFinder, key, singular
from hwqa.question import Query
from hwqa.retrieval import Choice
from hwqa.schema import Evidence, Fact, Passage, Statement
from hwqa.search import is_reference
from hwqa.selection.figures import best_fact, distinct, ordered, quantity_of
from hwqa.selection.telling import lower, tell, tell_column
from hwqa.sizing import telling
from hwqa.sizing.values import Calculation
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
) -> Draft:
    """The answer that the facts and passages give to the query; empty text when they give none.

    `arguments` are the sections on the query's products or topics that list what speaks for or against; `choice` is
    what was chosen where the query asks for a ranking, `calculation` what was reckoned where it asks what a model
    needs.
    """
    composer = _Composer(query, rank)
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
            parts.append(self.statements(passages[:3], most=1).text)
        table = tuple({name: text for name, (text, _) in row.items()} for row in rows) or None
        draft = self._draft("\n\n".join(filter(None, parts)), complete=True, table=table)
        return replace(self.supplemented(draft, passages), calculation=calculation.to_json())

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

    def comparison(self, facts: Sequence[Fact]) -> Draft:
        """Several products or attributes: what differs in a sentence each, then a table, like for like."""
        text, table = tell_comparison(self._query, facts, self._evidence.fact)
        missing = self._missing(facts)
        return self._draft("\n\n".join(filter(None, [text, *missing])), complete=not missing, table=table)

    # ranking -------------------------------------------------------------------------------------------------------

    def ranking(self, choice: Choice) -> Draft:
        """The products that meet the question's wish, in its order, or the head of the column that it is about."""
        if choice.column is not None:
            text, table = tell_column(choice.column, self._evidence.fact)
            return self._draft(text, complete=True, table=table)
        if choice.selection is None:
            return self._draft("", complete=False)
        text, table = tell(choice.selection, self._evidence.fact, choice.systems)
        draft = self._draft(text, complete=bool(choice.selection.candidates), table=table or None)
        return replace(draft, question=choice.selection.question)

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

    def statements(self, passages: Sequence[Passage], most: int = MOST_STATEMENTS) -> Draft:
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
        kept = [(passage, statement) for score, passage, statement in scored if score >= NEAR * best][:most]
        # The best first; the others as the documents tell them.
        kept = [kept[0], *sorted(kept[1:], key=lambda pair: (pair[0].rank, pair[1].lines))]
        if len(kept) == 1:
            return self._draft(self._quoted(*kept[0]), complete=True)
        return self._draft("\n".join(f"- {self._quoted(*pair)}" for pair in kept), complete=True)

    def supplemented(self, told: Draft, passages: Sequence[Passage]) -> Draft:
        """The draft with the statements that speak of what the question also asks and the facts do not say."""
        query = self._query
        known = (told.text, *query.products, *query.spoken, *query.attributes, *query.asked)
        said = {token for item in told.evidence for token in tokenize(f"{item.trail} {item.text}")}
        said |= set(tokenize(" ".join(known)))
        # a compound counts as said, or as held, when a part of it is: `dual-slot` holds `slots`
        words = {word: set(tokenize(word)) for word in content_words(query.text)}
        open_words = [tokens for tokens in words.values() if not tokens & said]
        if not open_words and len(query.products) < 2:
            return told
        cited = {(item.path, item.lines) for item in told.evidence}
        named = self._named()
        found = []
        between = self._between(passages, cited)
        for passage in passages if open_words else ():
            for statement in passage_statements(passage):
                if (passage.path, statement.lines) in cited or not named(f"{passage.trail} {statement.text}"):
                    continue
                held = set(tokenize(statement.text))
                shared = sum(bool(tokens & held) for tokens in open_words)
                if shared * 2 >= len(open_words):
                    found.append((shared, passage, statement))
        found.sort(key=lambda item: (-item[0], item[1].rank))
        found = [item for item in found if not _is_entry(item[2].quote)][:MOST_RANKED]
        near = self._rank([statement.text for _, _, statement in found])
        best = sorted(zip(near, found, strict=True), key=lambda item: (-item[1][0], -item[0]))
        kept = [(passage, statement) for score, (_, passage, statement) in best if score >= RELATED]
        kept = [*between, *(pair for pair in kept if pair not in between)][:MOST_SUPPLEMENTS]
        if not kept:
            return told
        lines = "\n".join(f"- {self._quoted(*pair)}" for pair in kept)
        text = f"{told.text}\n\n{lines}" if told.text else lines
        return replace(self._draft(text, complete=told.complete, table=told.table), question=told.question)

    def _between(
        self, passages: Sequence[Passage], cited: set[tuple[str, tuple[int, int]]]
    ) -> list[tuple[Passage, Statement]]:
        """The statement that names several of the compared products and has most of what is asked about them."""
        products = self._query.products
        asked = set(content_words(self._query.text)) - set(content_words(" ".join((*products, *self._query.spoken))))
        names = NameFinder({name: (name,) for name in (*products, *self._query.spoken)})
        found = []
        for passage in passages if len(products) > 1 else ():
            for statement in passage_statements(passage):
                named = {
                    product
                    for name in names(statement.text)
                    for product in products
                    if key(statement.text[name.start : name.end]) in key(product)
                }
                shared = len(asked & set(content_words(statement.text)))
                if len(named) > 1 and shared and (passage.path, statement.lines) not in cited:
                    found.append((shared, passage, statement))
        found.sort(key=lambda item: -item[0])
        return [(passage, statement) for _, passage, statement in found[:1]]

    def _named(self) -> Callable[[str], bool]:
        """Whether a text is about what the question names; any text is where it names nothing."""
        names = (*self._query.products, *self._query.companions, *self._query.spoken)
        finder = NameFinder({name: (name,) for name in names})
        return (lambda text: bool(finder(text))) if names else (lambda _: True)

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
                gone.append(f"The documents do not give the {lower(attribute)} of the {_listed(without)}.")
        return gone

    def _stands_for_another(self, attribute: str, held: set[tuple[str, str]]) -> bool:
        """Whether a word of the question that may mean this attribute is answered by another one of them."""
        return not any(name == attribute for _, name in held) and bool(held)

    def _draft(self, text: str, *, complete: bool, table: tuple[Mapping[str, Any], ...] | None = None) -> Draft:
        return Draft(text.strip(), self._evidence.items, complete, table)


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
