"""Choosing products by what they must be: who meets it, why each other does not, and what would change the choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from hwqa.schema import Fact
from hwqa.selection.chosen import Change, Considered, Selection, Verdict
from hwqa.selection.features import says, speaking_attributes, told_of_families
from hwqa.selection.figures import Condition, best_fact, is_rate, ordered, quantity_of, stands_at_home
from hwqa.selection.ratios import quotient
from hwqa.selection.requirements import Feature, Requirements
from hwqa.selection.scope import Standing, form_facts, is_card, product_scope, scope_of, standing
from hwqa.units import Quantity, conversion, convert, format_quantity
from hwqa.words import content_words

_LONGEST_NOTE = 90
"""Notes longer than this stay in the source."""


def choose(wish: Requirements, facts: Iterable[Fact], told: Sequence[Fact] = ()) -> Selection:
    """The products of `facts` that meet the wish, in its order, and why the others do not.

    `told` are what sentences say of the features: they count for products of which no table tells it.
    """
    facts = list(facts)
    members = _kind_of(wish, facts)
    facts += told_of_families(wish.features, facts, wish.families, members)
    facts += _only_told(wish.features, facts, told)
    own: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.product in members:
            own[fact.product].append(fact)
    if wish.paths:
        within = {fact.product for fact in facts if fact.path in wish.paths and stands_at_home(fact)}
        if not any(stands_at_home(fact) for given in own.values() for fact in given):
            within = {fact.product for fact in facts if fact.path in wish.paths}
        # a document that speaks of no such product, as a guide, is no family to stay within
        within = within & own.keys() or set(own)
        own = defaultdict(list, {product: given for product, given in own.items() if product in within})
    if wish.excluded:
        without = {fact.product for fact in facts if fact.path in wish.excluded and stands_at_home(fact)}
        own = defaultdict(list, {product: given for product, given in own.items() if product not in without})
    if wish.products:
        own = defaultdict(list, {product: given for product, given in own.items() if product in wish.products})
    if wish.scope == "card" and not any(form_facts(given) for given in own.values()):
        # Documents that never say how a product is built mean by a card whatever they speak of.
        wish = replace(wish, scope=None)
    speaking = {feature: speaking_attributes(feature, facts) for feature in wish.features}
    unclear = [feature for feature in wish.features if not any(says(feature, given) for given in own.values())]
    # `48 GB, power draw?` asks for a figure of what is chosen.
    shown = [name for feature in unclear for name in feature.attributes]
    wish = replace(
        wish,
        features=tuple(feature for feature in wish.features if feature not in unclear),
        shown=tuple(dict.fromkeys(name for name in shown if name != wish.ranked)),
    )
    conditions: dict[str, frozenset[str]] = {}
    for fact in (each for given in own.values() for each in given if wish.conditions and is_rate(each)):
        conditions[fact.attribute] = conditions.get(fact.attribute, frozenset()) | set(content_words(fact.note))
    considered: list[Considered] = []
    other_basis: list[Fact] = []
    for product, given in own.items():
        held = _Held(product, given, wish, speaking, conditions)
        found = held.considered()
        if found is not None:
            considered.append(found)
            other_basis += held.other_basis
    meeting = [each for each in considered if not each.failed]
    assumed = ""
    if not wish.ranked and len(meeting) > 1:
        meeting, assumed = _likely_order(meeting, wish)
    candidates = _in_order(meeting, wish) if wish.ranked else meeting
    dropped = sorted(
        (each for each in considered if each.failed),
        key=lambda each: (len(each.failed), any(verdict.outcome == "unknown" for verdict in each.failed)),
    )
    return Selection(
        requirements=wish,
        candidates=tuple(candidates),
        dropped=tuple(dropped),
        changes=tuple(_changes(wish, candidates, dropped)),
        question=_question(wish, candidates),
        assumed=assumed,
        members=members,
        unclear=(*wish.not_understood, *(feature.term for feature in unclear if not feature.attributes)),
        other_basis=tuple(other_basis),
    )


def _only_told(features: Sequence[Feature], facts: Sequence[Fact], told: Sequence[Fact]) -> list[Fact]:
    """What sentences say of features on which the tables are silent, once for a product and feature."""
    wanted = {fact.product for fact in told}
    own: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts if wanted else ():
        if fact.product in wanted:
            own[fact.product].append(fact)
    kept: dict[tuple[str, str], Fact] = {}
    for feature in features if told else ():
        speaking = speaking_attributes(feature, facts)
        for fact in told:
            if fact.attribute != feature.term or (fact.product, fact.attribute) in kept:
                continue
            held = own.get(fact.product)
            # a table that names other things of the kind says more than a sentence near the product
            if held and says(feature, held, speaking) is None:
                kept[fact.product, fact.attribute] = fact
    return list(kept.values())


def _kind_of(wish: Requirements, facts: Sequence[Fact]) -> frozenset[str]:
    """The products of the kind that most often has the attributes of the wish; the first kind where none stands out."""
    if not wish.kinds:
        return frozenset(fact.product for fact in facts if stands_at_home(fact))
    asked = {wish.ranked, wish.ratio.under if wish.ratio else "", *(bound.attribute for bound in wish.bounds)} - {""}
    holders = {fact.product for fact in facts if fact.attribute in asked}
    return frozenset(max(wish.kinds, key=lambda kind: len(holders.intersection(kind))))


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
        product: str,
        facts: Sequence[Fact],
        wish: Requirements,
        speaking: Mapping[Feature, frozenset[str]],
        conditions: Mapping[str, frozenset[str]],
    ) -> None:
        self._speaking = speaking
        self._conditions = conditions
        self._product = product
        home = [fact for fact in facts if stands_at_home(fact)]
        # What is said of a family stands elsewhere and is said of the product all the same.
        named = {feature.term for feature in wish.features}
        self._facts = [*home, *(fact for fact in facts if fact.attribute in named and fact not in home)] or list(facts)
        self._facts = self._facts if home else list(facts)
        self._wish = wish
        self._scope = product_scope(product, facts)
        self._standing = standing(self._facts)
        self.other_basis: list[Fact] = []

    def considered(self) -> Considered | None:
        """The product with its verdicts; None when it has nothing to do with the wish."""
        wish = self._wish
        attributes = {wish.ranked, *(bound.attribute for bound in wish.bounds)} - {""}
        attributes |= {wish.ratio.under} if wish.ratio else set()
        attributes |= {name for feature in wish.features for name in feature.attributes}
        if attributes and not any(fact.attribute in attributes for fact in self._facts):
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
        shown = [[fact for fact in self._facts if fact.attribute == name] for name in wish.shown]
        beside = tuple(best_fact(found) if found else None for found in shown)
        return Considered(self._product, tuple(verdicts), ranked, self._standing, beside, divided)

    def _figures(self, attribute: str) -> list[Fact]:
        """The facts with a figure for the attribute, of the scope and basis that is asked for."""
        scope = "system" if self._wish.scope == "system" else "device"
        found = [
            fact
            for fact in self._facts
            if fact.attribute == attribute and quantity_of(fact) and scope_of(fact, self._scope) == scope
        ]
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
                for fact in self._facts
                if fact.attribute == attribute
                and fact.basis
                and quantity_of(fact)
                and scope_of(fact, self._scope) == scope
            ]
            self.other_basis += others[:1]
            return None
        return best_fact(figures)

    def _nothing(self, attribute: str) -> str:
        given = next((fact for fact in self._facts if fact.attribute == attribute), None)
        if given is None:
            return "not in the documents"
        if self._wish.basis and given.basis and given.basis.casefold() != self._wish.basis:
            return f"given as {given.value} ({given.basis}) only"
        return given.value if quantity_of(given) is None else "given for a system of several only"

    def _bound(self, bound: Condition) -> Verdict:
        name = bound_text(bound)
        figures = self._figures(bound.attribute)
        if not figures:
            given = next((fact for fact in self._facts if fact.attribute == bound.attribute), None)
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
        name = _feature_text(feature)
        said = says(feature, self._facts, self._speaking[feature])
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
        card, fact = is_card(self._facts)
        if fact is None:
            return Verdict("is a card", "unknown", "the documents do not say how it is built")
        return Verdict("is a card", "meets" if card else "fails", _told(fact), fact)


def _feature_text(feature: Feature) -> str:
    return f"no {feature.term}" if feature.unwanted else feature.term


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


def bound_text(bound: Condition, quantity: Quantity | None = None) -> str:
    """A bound as words: `Power under 400 W`."""
    least = "within" if bound.is_span and quantity is None else "at least"
    words = {"<": "under", "≤": "at most", ">": "over"}.get(bound.quantity.relation, least)
    amount = replace(quantity or bound.quantity, relation="", approximate=False)
    return f"{bound.attribute} {words} {format_quantity(amount)}"


# order and what would change it --------------------------------------------------------------------------------------


def _in_order(products: Sequence[Considered], wish: Requirements) -> list[Considered]:
    if not wish.ranked:
        return list(products)
    if wish.ratio is not None:
        sign = -1 if wish.direction == "most" else 1
        divided = [(each.quotient.value, each) for each in products if each.quotient is not None]
        return [each for _, each in sorted(divided, key=lambda pair: sign * pair[0])]
    of_product: Mapping[str, Considered] = {each.product: each for each in products}
    places = ordered([each.ranked for each in products if each.ranked], wish.direction)
    return [of_product[fact.product] for fact, _ in places]


def _changes(wish: Requirements, candidates: Sequence[Considered], dropped: Sequence[Considered]) -> list[Change]:
    """For each requirement, who would come first without it, else who misses it by least."""
    changes = []
    for place, name in enumerate(_names_of(wish)):
        alone = [each for each in dropped if [verdict.requirement for verdict in each.failed] == [name]]
        alone = [each for each in alone if each.failed[0].outcome == "fails"]
        if wish.ranked:
            before = _in_order([*alone, *candidates[:1]], wish)
            leaders = [each for each in before[: _place_of(before, candidates)] if each in alone]
        else:
            leaders = []
        bound = wish.bounds[place] if place < len(wish.bounds) else None
        near = _nearest(leaders or alone, bound)
        if near is None:
            continue
        verdict = near.failed[0]
        changes.append(Change(_loosened(near, bound, first=bool(leaders)), near.product, verdict, bool(leaders)))
    return sorted(changes, key=lambda change: not change.first)


def _names_of(wish: Requirements) -> list[str]:
    names = [bound_text(bound) for bound in wish.bounds]
    names += [_feature_text(feature) for feature in wish.features]
    if wish.availability:
        names.append({"bought": "can be bought", "rented": "can be rented", "had": "can be had"}[wish.availability])
    return [*names, "is a card"] if wish.scope == "card" else names


def _place_of(order: Sequence[Considered], candidates: Sequence[Considered]) -> int:
    return next((place for place, each in enumerate(order) if each in candidates[:1]), len(order))


def _nearest(products: Sequence[Considered], bound: Condition | None) -> Considered | None:
    """The product that misses the bound by least; without a bound, the first of the order."""
    if not products:
        return None
    if bound is not None and bound.is_span:
        return min(products, key=lambda each: _beyond(bound, each))
    if bound is None:
        return next((each for each in products if each.standing.state in ("sold", "rented", "released")), products[0])
    facts = {each.failed[0].fact: each for each in products if each.failed[0].fact is not None}
    places = ordered(facts, "least" if bound.is_upper else "most")
    return facts[places[0][0]] if places else products[0]


def _beyond(bound: Condition, each: Considered) -> float:
    """How many times the figure of a product is beyond the ends of a range."""
    fact = each.failed[0].fact
    quantity = quantity_of(fact) if fact is not None else None
    held = convert(quantity, bound.quantity.unit) if quantity is not None else None
    if held is None or held.low <= 0 or bound.quantity.low <= 0:
        return float("inf")
    return float(max(held.high / bound.quantity.high, bound.quantity.low / held.low))


def _loosened(near: Considered, bound: Condition | None, *, first: bool) -> str:
    verdict = near.failed[0]
    what = "would come first" if first else "would join"
    if bound is None:
        return f"without “{verdict.requirement}”, the {near.product} {what}: {verdict.reason}"
    if bound.is_span:
        return f"without “{verdict.requirement}”, the {near.product} {what}: {verdict.reason}"
    quantity = quantity_of(verdict.fact) if verdict.fact is not None else None
    needed = convert(quantity, bound.quantity.unit) if quantity is not None else None
    loose = replace(bound, quantity=replace(bound.quantity, relation="≤")) if bound.is_upper else bound
    ends = bound_text(loose, replace(needed, low=needed.high) if needed and bound.is_upper else needed)
    return f"with {ends} instead of {bound_text(bound).removeprefix(bound.attribute + ' ')}, the {near.product} {what}"


def _question(wish: Requirements, candidates: Sequence[Considered]) -> str:
    """What to ask back: a wish that was not made and that would change which product comes first."""
    if len(candidates) < 2 or wish.lists or wish.products:
        return ""
    if not wish.ranked and not any(not bound.quantity.relation and not bound.is_span for bound in wish.bounds):
        return "What should decide between them: the price, or which figure?"
    first = candidates[0]
    if wish.ranked and wish.availability is None and first.standing.state in ("announced", "internal", "withdrawn"):
        had = next((each for each in candidates if each.standing.state in ("sold", "rented", "released")), None)
        if had is not None:
            return "Must it be one that can be had today?"
    return ""
