"""Choosing products by what they must be: who meets it, why each other does not, and what would change the choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwqa.schema import Fact
from hwqa.selection.book import FactBook, Given
from hwqa.selection.bounds import bound_text
from hwqa.selection.chosen import Considered, Selection, Verdict
from hwqa.selection.features import Sayings, told_of_families
from hwqa.selection.figures import Condition, best_fact, is_rate, ordered, quantity_of, stands_at_home
from hwqa.selection.ratios import quotient
from hwqa.selection.requirements import Feature, Requirements
from hwqa.selection.scope import Standing, is_card, product_scope, scope_of, standing, tells_standing
from hwqa.selection.sensitivity import changes_of, in_order, question_back
from hwqa.units import conversion
from hwqa.words import content_words

_LONGEST_NOTE = 90
"""Notes longer than this stay in the source."""


def choose(wish: Requirements, book: FactBook, prose: Sequence[Fact] = ()) -> Selection:
    """The products of which `book` has facts and that meet the wish, in its order, and why the others do not.

    `prose` are what sentences say of the features: they count for products of which no table tells it.
    """
    members = _kind_of(wish, book)
    told: dict[str, list[Fact]] = defaultdict(list)
    for fact in told_of_families(wish.features, book, wish.families, members):
        told[fact.product].append(fact)
    for fact in _only_told(wish.features, book, told, prose):
        told[fact.product].append(fact)
    within = _within(wish, book, members, told)
    chosen = [product for product in book.products if product in within]
    if wish.scope == "card" and book.built.isdisjoint(chosen):
        # Documents that never say how a product is built mean by a card whatever they speak of.
        wish = replace(wish, scope=None)
    sayings = {feature: Sayings(feature, book, told) for feature in wish.features}
    unclear = [feature for feature in wish.features if not any(map(sayings[feature].are_of, chosen))]
    # `48 GB, power draw?` asks for a figure of what is chosen.
    shown = [name for feature in unclear for name in feature.attributes]
    wish = replace(
        wish,
        features=tuple(feature for feature in wish.features if feature not in unclear),
        shown=tuple(dict.fromkeys(name for name in shown if name != wish.ranked)),
    )
    conditions = _conditions(wish, book, within)
    aside: dict[str, list[Fact]] = defaultdict(list)
    for fact in book.with_attributes({feature.term for feature in wish.features}):
        aside[fact.product].append(fact)
    considered: list[Considered] = []
    other_basis: list[Fact] = []
    for product in chosen:
        held = _Held(book.given(product), told[product], aside[product], wish, sayings, conditions)
        found = held.considered()
        if found is not None:
            considered.append(found)
            other_basis += held.other_basis
    meeting = [each for each in considered if not each.failed]
    assumed = ""
    if not wish.ranked and len(meeting) > 1:
        meeting, assumed = _likely_order(meeting, wish)
    candidates = in_order(meeting, wish) if wish.ranked else meeting
    dropped = sorted(
        (each for each in considered if each.failed),
        key=lambda each: (len(each.failed), any(verdict.outcome == "unknown" for verdict in each.failed)),
    )
    return Selection(
        requirements=wish,
        candidates=tuple(candidates),
        dropped=tuple(dropped),
        changes=tuple(changes_of(wish, candidates, dropped)),
        question=question_back(wish, candidates),
        assumed=assumed,
        members=members,
        unclear=(*wish.not_understood, *(feature.term for feature in unclear if not feature.attributes)),
        other_basis=tuple(other_basis),
    )


def _only_told(
    features: Sequence[Feature], book: FactBook, told: Mapping[str, Sequence[Fact]], prose: Sequence[Fact]
) -> list[Fact]:
    """What sentences say of features on which the tables are silent, once for a product and feature."""
    kept: dict[tuple[str, str], Fact] = {}
    named = frozenset(feature.term for feature in features)
    for feature in features if prose else ():
        sayings = Sayings(feature, book, told)
        for fact in prose:
            if fact.attribute != feature.term or (fact.product, fact.attribute) in kept:
                continue
            # a table that names other things of the kind says more than a sentence near the product
            if fact.product in book.products and sayings.of(book.given(fact.product), named) is None:
                kept[fact.product, fact.attribute] = fact
    return list(kept.values())


def _kind_of(wish: Requirements, book: FactBook) -> frozenset[str]:
    """The products of the kind that most often has the attributes of the wish; the first kind where none stands out."""
    if not wish.kinds:
        return book.at_home
    holders = {fact.product for fact in book.with_attributes(_figures_of(wish))}
    return frozenset(max(wish.kinds, key=lambda kind: len(holders.intersection(kind))))


def _figures_of(wish: Requirements) -> set[str]:
    """The attributes that the wish orders or bounds by."""
    under = wish.ratio.under if wish.ratio else ""
    return {wish.ranked, under, *(bound.attribute for bound in wish.bounds)} - {""}


def _within(
    wish: Requirements, book: FactBook, members: frozenset[str], told: Mapping[str, Sequence[Fact]]
) -> frozenset[str]:
    """The members of which there are facts; of the documents that the wish restricts to, where these speak of any."""
    own = members & book.products.keys()
    own -= {product for path in wish.excluded for product in book.homes.get(path, ())}
    if wish.products:
        return own & wish.products
    within = frozenset(product for path in wish.paths for product in book.homes.get(path, ()))
    if not within and not book.at_home:
        further = (product for product, facts in told.items() if any(fact.path in wish.paths for fact in facts))
        within = frozenset(product for path in wish.paths for product in book.mentioned.get(path, ())).union(further)
    # a document that speaks of no such product, as a guide, is no family to stay within
    return within & own or own


def _conditions(wish: Requirements, book: FactBook, products: frozenset[str]) -> dict[str, frozenset[str]]:
    """Attribute that the wish orders or bounds by → words of the conditions of its figures that are rates of work."""
    found: dict[str, frozenset[str]] = {}
    for fact in book.with_attributes(_figures_of(wish)) if wish.conditions else ():
        if fact.product in products and is_rate(fact):
            found[fact.attribute] = found.get(fact.attribute, frozenset()).union(content_words(fact.note))
    return found


def _likely_order(products: Sequence[Considered], wish: Requirements) -> tuple[list[Considered], str]:
    """The products in the likely order where none is asked for, and what that is.

    Nearest first to an amount that was named without `at least`; else by price, where most have one.
    """
    for place, bound in enumerate(wish.bounds):
        if not bound.quantity.relation and not bound.is_span:
            facts = {fact: each for each in products if (fact := each.verdicts[place].fact) is not None}
            places = ordered(facts, "least")
            return [replace(facts[fact], ranked=fact) for fact, _ in places], f"nearest to {bound.quantity.raw} first"
    rented = wish.availability == "rented" or any(conversion(each.quantity.unit, "$/h") for each in wish.bounds)
    costs = {each.product: each.standing.rent if rented else each.standing.price for each in products}
    priced = {product: fact for product, fact in costs.items() if fact is not None}
    if len(priced) * 2 < len(products):
        return list(products), ""
    order = [fact.product for fact, _ in ordered(priced.values(), "least")]
    by_name = {each.product: replace(each, ranked=priced.get(each.product)) for each in products}
    rest = [product for product in by_name if product not in order]
    return [by_name[product] for product in (*order, *rest)], "cheapest first"


class _Held:
    """What the documents give of one product."""

    def __init__(
        self,
        given: Given,
        told: Sequence[Fact],
        aside: Sequence[Fact],
        wish: Requirements,
        sayings: Mapping[Feature, Sayings],
        conditions: Mapping[str, frozenset[str]],
    ) -> None:
        """Take what the documents give of the product, what is `told` of its family, and facts that go by a feature."""
        self._given = given
        self._product = given.product
        self._wish = wish
        self._sayings = sayings
        self._conditions = conditions
        self._scope = product_scope(given.product, (*given.facts, *told)) if told else given.scope
        self._named = frozenset(feature.term for feature in wish.features)
        if given.stands_at_home:
            # What is said of a family stands elsewhere and is said of the product all the same.
            elsewhere = (fact for fact in (*aside, *told) if fact.attribute in self._named)
            self._beside = [fact for fact in elsewhere if not stands_at_home(fact)]
        else:
            self._beside = list(told)
        self.other_basis: list[Fact] = []

    @property
    def _standing(self) -> Standing:
        if any(tells_standing(fact.attribute) for fact in self._beside):
            return standing((*self._given.own, *self._beside))
        return self._given.standing

    def _of(self, attribute: str) -> list[Fact]:
        """The facts of the attribute: the product's own, then those that stand elsewhere."""
        beside = (fact for fact in self._beside if fact.attribute == attribute)
        return [*self._given.by_attribute.get(attribute, ()), *beside]

    def considered(self) -> Considered | None:
        """The product with its verdicts; None when it has nothing to do with the wish."""
        wish = self._wish
        attributes = _figures_of(wish) | {name for feature in wish.features for name in feature.attributes}
        stated = not attributes.isdisjoint(self._given.by_attribute)
        if attributes and not stated and not any(fact.attribute in attributes for fact in self._beside):
            return None
        verdicts = [self._bound(bound) for bound in wish.bounds]
        verdicts += [self._feature(feature) for feature in wish.features]
        if wish.availability:
            verdicts.append(self._available())
        if wish.scope == "card":
            verdicts.append(self._card())
        ranked = self._ranked()
        if wish.ranked and ranked is None:
            verdicts.append(Verdict(wish.ranked, "unknown", self._nothing(wish.ranked)))
        divided = None
        if wish.ratio is not None:
            figures = self._figures(wish.ratio.under)
            divided = quotient(wish.ratio, ranked, best_fact(figures) if figures else None)
            if divided is None and ranked is not None:
                verdicts.append(Verdict(wish.ratio.under, "unknown", self._nothing(wish.ratio.under)))
        shown = [self._of(name) for name in wish.shown]
        beside = tuple(best_fact(found) if found else None for found in shown)
        return Considered(self._product, tuple(verdicts), ranked, self._standing, beside, divided)

    def _figures(self, attribute: str) -> list[Fact]:
        """The facts with a figure for the attribute, of the scope and basis that is asked for."""
        scope = "system" if self._wish.scope == "system" else "device"
        found = [fact for fact in self._of(attribute) if quantity_of(fact) and scope_of(fact, self._scope) == scope]
        bases = {fact.basis.casefold() for fact in found} & {"dense", "sparse"}
        found = self._under_conditions(found)
        wanted = self._wish.basis or ("dense" if bases else "")
        # what has no basis at all, such as a power, is asked for on none
        if not wanted or not any(fact.basis for fact in found):
            return found
        kept = [fact for fact in found if fact.basis.casefold() == wanted]
        if not kept and not self._wish.basis:
            kept = [fact for fact in found if fact.basis.casefold() != "sparse"]
        return kept

    def _under_conditions(self, figures: Sequence[Fact]) -> list[Fact]:
        """Of rates of work, those under conditions that have what the wish names: a model, a format."""
        rates = [fact for fact in figures if is_rate(fact)]
        if not rates or not self._wish.conditions:
            return list(figures)
        known = self._wish.conditions & self._conditions.get(rates[0].attribute, frozenset())
        return [fact for fact in figures if known <= set(content_words(fact.note))]

    def _ranked(self) -> Fact | None:
        attribute = self._wish.ranked
        figures = self._figures(attribute)
        if not figures:
            scope = "system" if self._wish.scope == "system" else "device"
            others = [
                fact
                for fact in self._of(attribute)
                if fact.basis and quantity_of(fact) and scope_of(fact, self._scope) == scope
            ]
            self.other_basis += others[:1]
            return None
        return best_fact(figures)

    def _nothing(self, attribute: str) -> str:
        given = next(iter(self._of(attribute)), None)
        if given is None:
            return "not in the documents"
        if self._wish.basis and given.basis and given.basis.casefold() != self._wish.basis:
            return f"given as {given.value} ({given.basis}) only"
        return given.value if quantity_of(given) is None else "given for a system of several only"

    def _bound(self, bound: Condition) -> Verdict:
        name = bound_text(bound)
        figures = self._figures(bound.attribute)
        if not figures:
            given = next(iter(self._of(bound.attribute)), None)
            return Verdict(name, "unknown", self._nothing(bound.attribute), given)
        best = best_fact(figures)
        quantity = quantity_of(best)
        meets = quantity is not None and bound.holds(quantity)
        others = [fact for fact in figures if (held := quantity_of(fact)) and bound.holds(held) != meets]
        reason = _told(best)
        if others:
            reason += f"; another row gives {_told(others[0])}"
        return Verdict(name, "meets" if meets else "fails", reason, best)

    def _feature(self, feature: Feature) -> Verdict:
        """Whether a fact says that the product has the feature, or that it has not."""
        name = feature.text
        said = self._sayings[feature].of(self._given, self._named)
        if said is None:
            return Verdict(name, "unknown", "not in the documents")
        reason = _told(said.fact) if said.listed else f"not listed: {_told(said.fact)}"
        return Verdict(name, "meets" if said.has != feature.unwanted else "fails", reason, said.fact)

    def _available(self) -> Verdict:
        found = self._standing
        if self._wish.availability == "bought":
            return _verdict("can be bought", found.bought, found)
        if self._wish.availability == "rented":
            return _verdict("can be rented", found.rented, found)
        had = found.fact if found.state in ("sold", "rented", "released") else None
        return _verdict("can be had", had, found)

    def _card(self) -> Verdict:
        card, fact = is_card((*self._given.own, *self._beside)) if self._beside else self._given.card
        if fact is None:
            return Verdict("is a card", "unknown", "the documents do not say how it is built")
        return Verdict("is a card", "meets" if card else "fails", _told(fact), fact)


def _verdict(name: str, fact: Fact | None, found: Standing) -> Verdict:
    if fact is not None:
        return Verdict(name, "meets", _told(fact), fact)
    if found.fact is not None and found.state != "unknown":
        return Verdict(name, "fails", _told(found.fact), found.fact)
    return Verdict(name, "unknown", "not in the documents")


def _told(fact: Fact) -> str:
    """A fact in short, with what qualifies its figure."""
    named = fact.value if quantity_of(fact) is not None else f"{fact.attribute}: {fact.value}"
    basis = fact.basis if fact.basis.casefold() != "not stated" else "basis not stated"
    qualifiers = "; ".join(part for part in (basis, fact.note if len(fact.note) <= _LONGEST_NOTE else "") if part)
    return f"{named} ({qualifiers})" if qualifiers else named
