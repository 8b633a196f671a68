"""The order of products that meet a wish, what would change it, and what to ask back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwqa.selection.bounds import bound_text
from hwqa.selection.chosen import Change, Considered
from hwqa.selection.figures import Condition, ordered, quantity_of
from hwqa.selection.requirements import Requirements
from hwqa.units import convert


def in_order(products: Sequence[Considered], wish: Requirements) -> list[Considered]:
    """The products that have what orders them, from the one that comes first."""
    if not wish.ranked:
        return list(products)
    if wish.ratio is not None:
        sign = -1 if wish.direction == "most" else 1
        divided = [(each.quotient.value, each) for each in products if each.quotient is not None]
        return [each for _, each in sorted(divided, key=lambda pair: sign * pair[0])]
    of_product: Mapping[str, Considered] = {each.product: each for each in products}
    places = ordered([each.ranked for each in products if each.ranked], wish.direction)
    return [of_product[fact.product] for fact, _ in places]


def changes_of(wish: Requirements, candidates: Sequence[Considered], dropped: Sequence[Considered]) -> list[Change]:
    """For each requirement, who would come first without it, else who misses it by least."""
    changes = []
    for place, name in enumerate(_names_of(wish)):
        alone = [each for each in dropped if [verdict.requirement for verdict in each.failed] == [name]]
        alone = [each for each in alone if each.failed[0].outcome == "fails"]
        if wish.ranked:
            before = in_order([*alone, *candidates[:1]], wish)
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
    names += [feature.text for feature in wish.features]
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


def question_back(wish: Requirements, candidates: Sequence[Considered]) -> str:
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
