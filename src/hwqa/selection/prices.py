"""Which price is meant: what one costs to buy, or to rent by the hour."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hwqa.units import conversion

_RENTED = re.compile(r"\b(?:rent(?:s|al|als|ed|ing)?|(?:per|an|by the|a) hour|hourly|/h(?:r|our)?\b)", re.I)
_MUCH = re.compile(
    r"\bhow much (?:is|are|does|do|for)\b|\bwhat (?:is|are|does|do)\b.{0,30}\b(?:per|an|by the) hour", re.I
)
_BOUGHT = re.compile(r"\b(?:buy(?:s|ing)?|bought|purchas\w*|list price|street price)\b", re.I)


def meant_prices(text: str, attributes: Sequence[str], units: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The attributes with the price that is meant in place of the other one; unchanged where the text leaves it open.

    Args:
        text: A question, as `What does it cost to rent an X1?`: the verb says which price, whatever names it.
        attributes: Those that the text names.
        units: Attribute → units of its figures, the attribute with most figures first; a price by the hour is one of
            a unit that `$/h` can be converted to.

    >>> units = {"Price": ("$",), "Cloud price": ("$/h",)}
    >>> meant_prices("What does it cost to rent one?", ["Price"], units)
    ('Cloud price',)
    >>> meant_prices("What does one cost?", ["Price"], units)
    ('Price',)
    >>> meant_prices("How much is one by the hour?", [], units)
    ('Cloud price',)
    """
    rented, bought = bool(_RENTED.search(text)), bool(_BOUGHT.search(text))
    if rented == bought:
        return tuple(attributes)
    other, wanted = ("$", "$/h") if rented else ("$/h", "$")
    meant = _in_unit(wanted, units)
    if rented and not attributes and meant and _MUCH.search(text):
        return (meant[0],)
    replaced = dict.fromkeys(_in_unit(other, units), meant[0]) if meant else {}
    return tuple(dict.fromkeys(replaced.get(name, name) for name in attributes))


def _in_unit(unit: str, units: Mapping[str, Sequence[str]]) -> list[str]:
    return [name for name, own in units.items() if own and conversion(own[0], unit) is not None]
