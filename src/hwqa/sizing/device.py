"""A device as the documents give it: memory, bandwidth, peaks and price by the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hwqa.schema import Fact
from hwqa.selection.figures import best_fact
from hwqa.selection.scope import is_card, product_scope, scope_of
from hwqa.sizing.precision import WIDTHS, Precision
from hwqa.sizing.terms import Roles, number_of
from hwqa.sizing.values import GB, Given, bytes_text, figure

Scope = Literal["device", "system"]
_MATRIX = 16
"""Bits of the widest format that the fast matrix units share their peak figures with."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device, with the line of the documents for each figure."""

    name: str
    capacity: Given
    """Bytes."""
    bandwidth: Given | None
    """Bytes a second."""
    peak: Given | None
    """Dense operations a second in the arithmetic that reads the weights."""
    arithmetic: str
    """The format of that arithmetic."""
    peak_text: str
    """The peak as it is reckoned with: that of the documents, or what was worked out from it."""
    price: Given | None
    """Lowest price by the hour, in dollars."""
    warnings: tuple[str, ...] = ()
    bought: Given | None = None
    """Price of one, in dollars."""
    is_card: bool = False
    """Whether the documents say that it is a card."""


def read_device(
    name: str, facts: Sequence[Fact], names: Mapping[str, tuple[str, ...]], precision: Precision
) -> Device | None:
    """The device that the facts give, or None where they do not say how much memory it has."""
    roles = Roles(facts, names)
    best = roles.best("memory capacity", "B")
    if best is None:
        return None
    capacity = Given("memory capacity", best[1], best[0].value, name, best[0])
    warnings = _rivals(roles, "memory capacity", "B", best[0])
    bandwidth = None
    if (found := roles.best("memory bandwidth", "B/s")) is not None:
        bandwidth = Given("memory bandwidth", found[1], found[0].value, name, found[0])
        warnings += _rivals(roles, "memory bandwidth", "B/s", found[0])
    peak, arithmetic = _peak(roles, name, precision)
    if peak is not None and (peak.assumption or arithmetic not in (precision.name, *_same(precision))):
        why = peak.assumption or f"arithmetic in {arithmetic}, the nearest format for which the documents give a peak"
        warnings.append(why)
    text = "" if peak is None else peak.text
    if peak is not None and peak.fact is not None and number_of(peak.fact, "TFLOPS") != peak.value / 1e12:
        text = f"{figure(peak.value / 1e12)} TFLOPS (from {peak.text})"
    return Device(
        name,
        capacity,
        bandwidth,
        peak,
        arithmetic,
        text,
        _price(roles, name),
        tuple(warnings),
        _bought(roles, name, product_scope(name, facts)),
        is_card(facts)[0],
    )


def device_of_size(memory: float) -> Device:
    """A device of which only the memory is known, as it was asked for."""
    text = f"{figure(memory / GB)} GB"
    capacity = Given("memory capacity", memory, text, assumption="as asked for")
    return Device(f"a device with {text}", capacity, None, None, "", "", None)


def _same(precision: Precision) -> tuple[str, ...]:
    """Formats of the arithmetic that go without saying: 16 bits are 16 bits, and 4-bit weights are widened."""
    first = precision.arithmetic[0]
    return tuple(other for other in precision.arithmetic if WIDTHS[other] == WIDTHS[first])


def _rivals(roles: Roles, role: str, unit: str, chosen: Fact) -> list[str]:
    """What the reader must know of other figures for the same."""
    return [
        f"the documents also give {fact.value} of {role}{f' ({fact.note})' if fact.note else ''}"
        for fact in roles.rivals(role, unit, chosen)
    ]


def _peak(roles: Roles, name: str, precision: Precision) -> tuple[Given | None, str]:
    """The dense peak to reckon with and the format that it is of: stated, else half of a sparse one, else narrower.

    A peak with sparsity is never used as it stands: twice the operations are counted, half of them with zeros.
    """
    wanted = WIDTHS[precision.arithmetic[0]]
    # Units for wide formats are often separate and much slower: they come last, after what narrower formats tell.
    near = [arithmetic for arithmetic in precision.arithmetic if WIDTHS[arithmetic] <= max(wanted, _MATRIX)]
    far = [arithmetic for arithmetic in precision.arithmetic if arithmetic not in near]
    narrower = [name for name, width in sorted(WIDTHS.items(), key=lambda item: -item[1]) if width < wanted]
    for arithmetic in (*near, *narrower, *far):
        for basis, part in (("dense", 1.0), ("", 1.0), ("not stated", 1.0), ("sparse", 0.5)):
            if (found := roles.best(f"peak {arithmetic}", "TFLOPS", basis)) is None:
                continue
            scale = min(1.0, WIDTHS[arithmetic] / wanted)
            value = found[1] * 1e12 * part * scale
            why = _assumed(arithmetic, basis, scale, wanted)
            return Given(f"peak in {arithmetic}", value, found[0].value, name, found[0], why), arithmetic
    return None, ""


def _assumed(arithmetic: str, basis: str, scale: float, wanted: int) -> str:
    """What is assumed of a peak that is not the dense one of the wanted width; empty where nothing is."""
    parts = []
    if scale < 1:
        parts.append(f"the peak at {wanted} bits is reckoned from the one in {arithmetic}: rates halve as bits double")
    if basis == "sparse":
        parts.append(f"half of the sparse peak in {arithmetic} is taken, as the documents give no dense one")
    elif basis != "dense":
        parts.append(f"the peak in {arithmetic} is taken for dense: its basis is not stated")
    return "; ".join(parts)


def _price(roles: Roles, name: str) -> Given | None:
    """The lowest price by the hour that the documents give for one device."""
    priced = [(number, fact) for fact in roles.all("hourly price") if (number := number_of(fact, "$/h")) is not None]
    if not priced:
        return None
    number, fact = min(priced, key=lambda pair: pair[0])
    highest = max(priced, key=lambda pair: pair[0])[1]
    different = len({figure for figure, _ in priced})
    among = f"the lowest of {different} in the documents, which reach {highest.value}" if different > 1 else ""
    return Given("price by the hour", number, fact.value, name, fact, among)


def _bought(roles: Roles, name: str, scope: Scope) -> Given | None:
    """The price of one device; that of a system of several is none."""
    prices = [fact for fact in roles.all("price") if scope_of(fact, scope) == "device" and number_of(fact, "$")]
    if not prices:
        return None
    fact = best_fact(prices)
    return Given("price", number_of(fact, "$") or 0.0, fact.value, name, fact)


def capacity_text(device: Device) -> str:
    """The capacity as a reader sees it."""
    return bytes_text(device.capacity.value)


def rate_text(value: float) -> str:
    """Bytes a second in TB/s or GB/s."""
    return f"{figure(value / 1e12)} TB/s" if value >= 1e12 else f"{figure(value / 1e9)} GB/s"
