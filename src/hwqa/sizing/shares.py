"""The shares of a bound that are reached, as the documents plan with them.

A document may have a table whose rows are such shares and whose columns give the lowest and the highest:

    | Share | Lowest | Highest | Rests on |
    |---|---|---|---|
    | Decode share | 0.4 | 0.9 | … |

Where no document has it, shares of this module are taken, and the calculation says that they are assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwqa.schema import Fact
from hwqa.sizing.speed import Shares
from hwqa.sizing.terms import role_of
from hwqa.sizing.values import Given, Range
from hwqa.units import find_quantities

_ENDS = {"lowest": 0, "low": 0, "least": 0, "highest": 1, "high": 1, "most": 1}
_ASSUMED = {
    # Single requests in llama.cpp reached 0.42 to 0.87 of the bandwidth bound, matrix multiplications 0.51 to 0.97 of
    # the dense peak, and servers in MLPerf Inference v5.1 mostly 0.16 to 0.58 of the roofline: the measurements stand
    # in docs/benchmarks/sizing.md.
    "decode share": (0.4, 0.9),
    "prefill share": (0.5, 0.9),
    "serving share": (0.16, 0.58),
    "usable memory share": (0.9, 1.0),
}


@dataclass(frozen=True, slots=True)
class Planning:
    """Shares with where each end comes from."""

    decode: tuple[Given, Given]
    prefill: tuple[Given, Given]
    serving: tuple[Given, Given]
    memory: tuple[Given, Given]
    """Part of a device's memory that a server may fill, and that it can fill at most."""

    @property
    def shares(self) -> Shares:
        """The shares that the speeds need."""
        return Shares(_range(self.decode), _range(self.prefill), _range(self.serving))

    @property
    def all(self) -> tuple[Given, ...]:
        """Every end."""
        return (*self.decode, *self.prefill, *self.serving, *self.memory)


def read_planning(facts: Iterable[Fact]) -> Planning:
    """The shares that the documents plan with; those of this module where they have none."""
    found: dict[tuple[str, int], Given] = {}
    for fact in facts:
        role, end = role_of(fact.product), _ENDS.get(fact.attribute.casefold())
        if role in _ASSUMED and end is not None and (value := _share(fact.value)) is not None:
            name = f"{'lowest' if end == 0 else 'highest'} {role}"
            found.setdefault((role, end), Given(name, value, fact.value, fact=fact))
    for role, ends in _ASSUMED.items():
        if (role, 0) in found and (role, 1) in found and found[role, 0].value <= found[role, 1].value:
            continue
        for end, value in enumerate(ends):
            name = f"{'lowest' if end == 0 else 'highest'} {role}"
            found[role, end] = Given(name, value, str(value), assumption="assumed: the documents state no such share")

    def both(role: str) -> tuple[Given, Given]:
        return found[role, 0], found[role, 1]

    return Planning(both("decode share"), both("prefill share"), both("serving share"), both("usable memory share"))


def _share(text: str) -> float | None:
    """The share that a cell states, as 0.6 or as 60%; None for anything that is no share."""
    found = find_quantities(text)
    if len(found) != 1 or found[0].kind not in ("count", "percent"):
        return None
    value = float(found[0].low) / (100 if found[0].kind == "percent" else 1)
    return value if 0 < value <= 1 else None


def _range(ends: tuple[Given, Given]) -> Range:
    return Range(ends[0].value, ends[1].value)
