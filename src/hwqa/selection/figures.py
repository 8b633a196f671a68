"""Facts as figures: what each says, which of several to name first, their order, and whether they meet a bound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key, lru_cache

from hwqa.names import key
from hwqa.schema import Fact
from hwqa.units import Quantity, compare, conversion, find_quantities

_UNSETTLED = re.compile(r"\b(unconfirmed|disputed|estimate[ds]?|derived)\b", re.I)
_UNIT_OF_NAME = re.compile(r"[(\[,]\s*(?:in )?([^()\[\],]+?)\s*[)\]]?\s*$")
"""The unit that a header names for the figures beneath it, as in `Memory (GB)`."""
_YEAR = re.compile(r"[~≈]?\d{4}")
_DATED = re.compile(
    r"\b(years?|dates?|releas\w+|launch\w*|announce\w*|introduc\w*|since|until|born|founded|available|availability|eol|"
    r"end of life|support\w*)\b",
    re.I,
)
"""Words of attributes whose figures are dates."""
_BASIS_ORDER = {"dense": 0, "": 1, "not stated": 1, "sparse": 2}


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on an attribute, as in `at least 48 GB` of memory."""

    attribute: str
    quantity: Quantity
    """Its relation says which way the bound goes; without one an amount is a lower bound, and a range holds both."""

    def holds(self, quantity: Quantity) -> bool:
        """Whether a figure meets the bound; a figure of another kind of unit does not."""
        factor = conversion(quantity.unit, self.quantity.unit)
        if factor is None:
            return False
        # Of a range, the end that is hardest to meet decides.
        low, high = quantity.low * factor, quantity.high * factor
        bound, relation = self.quantity, self.quantity.relation
        if self.is_span:
            return low >= bound.low and high <= bound.high
        holds = {"<": high < bound.low, "≤": high <= bound.high, ">": low > bound.high}
        return holds.get(relation, low >= bound.low)

    @property
    def is_span(self) -> bool:
        """Whether the bound is a range to stay within, as in `between 24 and 48 GB`."""
        return self.quantity.is_range and not self.quantity.relation

    @property
    def is_upper(self) -> bool:
        """Whether the bound is one from above."""
        return self.quantity.relation in ("<", "≤")


def quantity_of(fact: Fact) -> Quantity | None:
    """The quantity that the fact's value is; None for a text, even one with a number in it.

    A measure may have a word or two around it, as in `up to 80 GB`; a count at most one, as in `132 cores`. A bare
    number has the unit that the attribute's name ends with, as in `Memory (GB)`.
    """
    return _quantity(fact.value, fact.attribute)


@lru_cache(maxsize=1 << 17)  # a choice reads all facts one after the other: too small a cache would never hit
def _quantity(value: str, attribute: str) -> Quantity | None:
    found = find_quantities(value)
    if len(found) == 1 and found[0].kind in ("count", "date") and not any(map(str.isalpha, value)):
        named = _UNIT_OF_NAME.search(attribute)
        with_unit = find_quantities(f"{value} {named[1]}") if named else []
        if with_unit and with_unit[0].unit:
            found = with_unit
        elif found[0].kind == "date" and _YEAR.fullmatch(value) and not _DATED.search(attribute):
            # 1979 under a header that speaks of no time is an amount.
            found = [replace(found[0], kind="count")]
    if not found or found[0].kind not in ("measure", "money", "count", "percent"):
        return None
    first = found[0]
    around = value[: first.start] + " " + value[first.end :]
    words = sum(any(map(str.isalpha, word)) for word in around.split())
    return first if words <= (1 if first.kind == "count" else 2) else None


def is_settled(fact: Fact) -> bool:
    """Whether the source states a figure plainly: published, and neither estimated nor unconfirmed."""
    return not _UNSETTLED.search(fact.note) and "unconfirmed" not in fact.quote and quantity_of(fact) is not None


def is_rate(fact: Fact) -> bool:
    """Whether a figure is a rate of work, which means nothing without the work."""
    quantity = quantity_of(fact)
    return quantity is not None and "token" in quantity.unit and "/" in quantity.unit


def stands_at_home(fact: Fact) -> bool:
    """Whether the fact stands under its product's own heading, rather than in a table of several products."""
    return any(key(heading) == key(fact.product) for heading in fact.heading_path)


def best_fact(facts: Sequence[Fact]) -> Fact:
    """The fact to name first: plainly stated before doubtful, dense before unstated before sparse, then as written."""
    if len(facts) == 1:
        return facts[0]
    return min(
        facts,
        key=lambda fact: (not is_settled(fact), _BASIS_ORDER.get(fact.basis.casefold(), 1), not stands_at_home(fact)),
    )


def distinct(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those that repeat another one's figure; the one under the product's own heading is kept."""
    kept: dict[tuple[str, str, str], list[Fact]] = {}
    found = []
    for fact in sorted(facts, key=lambda fact: not stands_at_home(fact)):
        alike = kept.setdefault((fact.product, fact.attribute, fact.basis.casefold()), [])
        if not any(says_same(fact, other) for other in alike):
            alike.append(fact)
            found.append(fact)
    return found


def says_same(fact: Fact, other: Fact) -> bool:
    """Whether two values are one figure, however it is written, or one text: `$3.2/h` and `$3.20/h`.

    >>> def told(value): return Fact("", "X", "Price", value, "", "", "", (), "", (1, 1), "")
    >>> says_same(told("$3.2/h"), told("$3.20/h")), says_same(told("1.5 TB/s"), told("15 TB/s"))
    (True, False)
    """
    first, second = quantity_of(fact), quantity_of(other)
    if first is None or second is None:
        return first is second and key(fact.value) == key(other.value)
    factor = conversion(second.unit, first.unit)
    ends = (first.low, first.high, first.relation, first.approximate)
    return factor is not None and ends == (
        second.low * factor,
        second.high * factor,
        second.relation,
        second.approximate,
    )


def ordered(facts: Iterable[Fact], direction: str) -> list[tuple[Fact, Quantity]]:
    """The facts with a quantity, from the greatest (`most`) or the least; those of another kind of unit are left out.

    The kind of unit that most of the facts have decides.
    """
    measured = [(fact, quantity) for fact in facts if (quantity := quantity_of(fact)) is not None]
    if not measured:
        return []
    units = {quantity.unit: quantity for _, quantity in measured}
    kinds: list[list[tuple[Fact, Quantity]]] = [
        [pair for pair in measured if compare(pair[1], other) is not None] for other in units.values()
    ]
    alike = max(kinds, key=len)
    sign = -1 if direction == "most" else 1

    def order(first: tuple[Fact, Quantity], second: tuple[Fact, Quantity]) -> int:
        return sign * (compare(first[1], second[1]) or 0)

    return sorted(alike, key=cmp_to_key(order))
