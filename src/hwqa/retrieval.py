"""A query → all that an answer may rest on: the facts it asks for, the arguments, and the chunks that may answer it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from hwqa.arguments import SIDES, argues, argument_sides
from hwqa.intents import asks_why
from hwqa.names import key
from hwqa.question import Query, ranked_attribute
from hwqa.relations import Related, related, relation_asked, searched_for
from hwqa.schema import Chunk, Fact, Mention, Passage
from hwqa.search import WEIGHTS, Scored, Weights, passage_of, score
from hwqa.selection.book import FactBook
from hwqa.selection.choosing import choose
from hwqa.selection.chosen import Selection
from hwqa.selection.columns import Column, ranked_column
from hwqa.selection.figures import quantity_of
from hwqa.selection.prose import told_in_prose
from hwqa.selection.requirements import Requirements
from hwqa.selection.telling import system_figures
from hwqa.units import Quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwqa.index import Index
    from hwqa.index.snapshot import Snapshot
    from hwqa.sizing import Calculation

Mentions = Callable[[str], Sequence[Mention]]
"""A text → the products that it names."""

_HOLDING = 24
"""Chunks that are read for what they say of a feature: those that have most of its words."""
_USUAL = 3
"""Figures by which leaders are told where a question asks for advice alone."""
_COSTS = frozenset({"W", "kW", "nm", "mm²"})
"""Units of which nobody wants the most."""
_LEADERS = 3
"""Products at the head of a ranking whose figures count as what the question asks for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a question for the most or least, or for products that meet conditions, is answered with."""

    selection: Selection | None = None
    """Which products meet the question's wish; None where the question is about a column."""
    systems: tuple[Fact, ...] = ()
    """Figures of systems, beside a ranking of single devices."""
    leaders: tuple[Selection, ...] = ()
    """Of a question for advice that says nothing of what is needed: who leads by each of the usual figures."""
    column: Column | None = None
    """The column of a table that the question's superlative is about."""

    @property
    def is_settled(self) -> bool:
        """Whether the figures say all that was asked for, so that sentences would only add to it."""
        if self.selection is None or self.selection.unclear:
            return False
        wish = self.selection.requirements
        return bool(wish.bounds or wish.features or wish.ratio or wish.ranked)

    @property
    def leading(self) -> list[Fact]:
        """The figures of the products that lead, or come nearest."""
        if self.column is not None:
            return list(self.column.facts[:_LEADERS])
        if self.leaders:
            return [each.candidates[0].ranked for each in self.leaders if each.candidates[0].ranked is not None]
        if self.selection is None:
            return []
        leaders = self.selection.candidates[:_LEADERS] or self.selection.dropped[:_LEADERS]
        facts = [
            fact
            for each in leaders
            for fact in (
                each.ranked,
                *(each.quotient.facts if each.quotient else ()),
                *(verdict.fact for verdict in each.verdicts),
            )
        ]
        return list(dict.fromkeys(fact for fact in facts if fact is not None))


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was retrieved for a query."""

    query: Query
    facts: tuple[Fact, ...]
    arguments: tuple[Passage, ...]
    """Sections that list what speaks for or against, when the question asks for it."""
    scored: Scored
    vector: NDArray[np.float32]
    """The query's embedding."""
    choice: Choice | None = None
    """What was chosen, where the question asks for a ranking."""
    calculation: Calculation | None = None
    """What was reckoned, where the question asks what a model needs."""
    sides: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    """Product that is compared as a whole → sections of its own pages that list what speaks for and against it."""
    related: Related | None = None
    """What the documents say of the relative that the question asks about, as in `its successor`."""

    @property
    def stated(self) -> bool:
        """Whether the documents list just what is asked for: facts, arguments, or who is related to whom."""
        told = self.related is not None and self.related.is_asked and self.related.passages
        return bool(self.facts or self.arguments or self.calculation or told)


def retrieve(
    index: Index,
    query: Query,
    vector: NDArray[np.float32],
    weights: Weights = WEIGHTS,
    calculation: Calculation | None = None,
    mentions: Mentions = lambda text: (),  # noqa: ARG005
) -> Retrieved:
    """What the index holds for the query, whose embedding is `vector`, and for the `calculation` that it asks for.

    `mentions` finds the products that a text names: by it sentences say what the chosen products have.
    """
    choice = None if calculation else _choice(index, query, mentions)
    facts = list(calculation.asked_facts) if calculation else choice.leading if choice else _facts(index, query)
    sections = argument_sections(index, query)
    scored = score(
        index,
        query,
        vector,
        facts=facts,
        chosen=choice is not None,
        arguments=[chunk for chunks in sections for chunk in chunks],
        weights=weights,
    )
    arguments = [passage_of(chunks, rank, {}, {}) for rank, chunks in enumerate(sections, start=1)]
    sides: dict[str, tuple[Passage, ...]] = {}
    if query.intent == "compare" and len(query.products) > 1 and not query.attributes and not calculation:
        for product in query.products:
            # an advantage that another page lists is one of that page's products
            own = Query(query.text, products=(product,), intent="for and against")
            sections = argument_sections(index, own)
            sides[product] = tuple(passage_of(chunks, rank, {}, {}) for rank, chunks in enumerate(sections, start=1))
    return Retrieved(query, tuple(facts), tuple(arguments), scored, vector, choice, calculation, sides)


def relatives(index: Index, query: Query, mentions: Callable[[str], Sequence[Mention]]) -> Related | None:
    """What the documents say of the relative of the one product that the query names; None where it asks for none.

    A relative is the successor of a product, what came before it, or its smaller or larger sibling.
    """
    relation = relation_asked(query.text)
    if relation is None or not query.spoken or len({*query.products}) != 1:
        return None
    product = query.products[0]
    chunks = [chunk for chunk, _ in index.lexical(*searched_for(product))]
    return related(query.text, relation, product, query.spoken[0], chunks, mentions)


def _facts(index: Index, query: Query) -> list[Fact]:
    """The facts that the query asks for by product and attribute, in the order of the documents."""
    if asks_why(query.text):
        return []
    if query.products and query.attributes:
        found = index.facts(products=query.products, attributes=query.attributes)
        holders = {fact.product for fact in found}
        if len(query.products) == 1 or len(holders) > 1:
            return found
        # What is asked for stands for one of the products only: they are compared by what stands for both.
        return index.facts(products=query.products)
    if query.intent in ("compare", "specifications") and query.products:
        return index.facts(products=query.products)
    return []


def fact_book(index: Index) -> FactBook:
    """The facts of the index, arranged once for each of its states."""
    return index.once(_arranged)


def _arranged(snapshot: Snapshot) -> FactBook:
    return FactBook(snapshot.facts)


def chosen(index: Index, wish: Requirements, mentions: Mentions) -> Selection:
    """The products that meet the wish by the facts of the index, and by its sentences where no fact tells of it."""
    book = fact_book(index)

    def holding(term: str) -> list[Chunk]:
        return [chunk for chunk, _ in index.lexical(term, _HOLDING)]

    return choose(wish, book, told_in_prose(wish.features, holding, mentions, wish.called, book.homes))


def _choice(index: Index, query: Query, mentions: Mentions) -> Choice | None:
    """The column that the query's superlative is about, else the products that meet its wish."""
    book = fact_book(index)
    # A column answers a bare superlative: bounds and quotients are met by the products' own figures.
    bare = query.direction and not (query.products or query.conditions or (query.wish and query.wish.ratio))
    column = ranked_column(query.text, book, query.listed) if bare else None
    if column is not None:
        return Choice(column=column)
    if query.wish is None:
        return None
    if query.advice:
        leaders = _leaders(index, query, query.wish, mentions)
        return Choice(leaders=leaders) if leaders else None
    wish = query.wish if query.wish.ranked else replace(query.wish, ranked=_superlative(query))
    selection = chosen(index, wish, mentions)
    if wish.ratio is not None:
        return Choice(selection) if selection.candidates else None
    if query.intent != "rank" and (not wish.features or not selection.candidates or selection.unclear):
        # what is no attribute or feature of the tables is told by sentences
        return None
    return Choice(selection, tuple(system_figures(selection, book)))


def _leaders(index: Index, query: Query, wish: Requirements, mentions: Mentions) -> tuple[Selection, ...]:
    """Who leads by each of the usual figures among what can be bought, and by the lowest price."""
    units = {name: quantity.unit for name in query.usual if (quantity := _first_quantity(index, name)) is not None}
    prices = [name for name, unit in units.items() if unit == "$"]
    amounts = [name for name, unit in units.items() if not (unit in _COSTS or "token" in unit or unit.startswith("$"))]
    found = []
    for name in (*amounts[:_USUAL], *prices[:1]):
        direction: Literal["most", "least"] = "least" if name in prices else "most"
        asked = replace(wish, ranked=name, direction=direction, availability="bought", features=(), not_understood=())
        found.append(chosen(index, asked, mentions))
    return tuple(each for each in found if each.candidates)


def _first_quantity(index: Index, attribute: str) -> Quantity | None:
    """The first quantity that the documents give for the attribute."""
    facts = index.facts(attributes=[attribute])
    return next((quantity for fact in facts if (quantity := quantity_of(fact)) is not None and quantity.unit), None)


def _superlative(query: Query) -> str:
    """The attribute of a question for the most or least whose words part it from its superlative."""
    return ranked_attribute(query) if query.direction and query.attributes else ""


def argument_sections(index: Index, query: Query) -> list[list[Chunk]]:
    """The sections that list what speaks for or against the query's products or topics."""
    sides = argument_sides(query)
    if not sides:
        return []
    names = {*map(key, query.products), *query.headings}
    listed = index.once(_arguments)
    on_topic = {path for name in map(key, query.products) for path in listed.homes.get(name, ())}.union(query.topics)
    places = {place for path in on_topic for place in listed.of_path.get(path, ())}
    places.update(place for name in names for place in listed.under.get(name, ()))
    found = (listed.headings[place] for place in sorted(places))
    sections = [index.under(*place) for place in found if any(argues(place[1], side) for side in sides)]
    return [chunks for chunks in sections if chunks]


@dataclass(frozen=True, slots=True)
class _Arguments:
    """The headings of an index under which arguments are listed."""

    headings: Sequence[tuple[str, tuple[str, ...]]]
    """Path and heading path of each, in the order of the documents."""
    of_path: Mapping[str, Sequence[int]]
    """Document → places of its own among them."""
    under: Mapping[str, Sequence[int]]
    """Key of a heading → places of those that are it or stand under it."""
    homes: Mapping[str, Sequence[str]]
    """Key of a product → documents that give names for it."""


def _arguments(snapshot: Snapshot) -> _Arguments:
    headings: list[tuple[str, tuple[str, ...]]] = []
    of_path: dict[str, list[int]] = defaultdict(list)
    under: dict[str, list[int]] = defaultdict(list)
    homes: dict[str, list[str]] = defaultdict(list)
    for record in snapshot.documents:
        for product in record.aliases:
            homes[key(product)].append(record.path)
        for heading_path in record.headings:
            if any(argues(heading_path, side) for side in SIDES):
                of_path[record.path].append(len(headings))
                for name in {key(heading) for heading in heading_path}:
                    under[name].append(len(headings))
                headings.append((record.path, heading_path))
    return _Arguments(headings, dict(of_path), dict(under), dict(homes))
