"""Figures that an answer works out from two figures of the documents, as its JSON tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwqa.schema import Fact


@dataclass(frozen=True, slots=True)
class Derivation:
    """A quotient, with the two figures that it follows from."""

    name: str
    """What it is of, as in `Memory bandwidth per W of the X1`."""
    text: str
    """The result with its unit."""
    over: Fact
    under: Fact


def derivations_json(derived: Sequence[Derivation]) -> dict[str, Any] | None:
    """The derivations in the form of `Answer.calculation`, each figure with its citation; None without any."""
    if not derived:
        return None
    inputs = list(dict.fromkeys(fact for each in derived for fact in (each.over, each.under)))
    numbers = {fact: number for number, fact in enumerate(inputs, start=1)}
    return {
        "kind": "quotients",
        "steps": [
            {
                "name": each.name,
                "formula": f"{each.over.attribute} / {each.under.attribute}",
                "numbers": f"{each.over.value} / {each.under.value}",
                "text": each.text,
                "inputs": [numbers[each.over], numbers[each.under]],
            }
            for each in dict.fromkeys(derived)
        ],
        "devices": [],
        "inputs": [
            {
                "number": number,
                "name": fact.attribute,
                "of": fact.product,
                "text": fact.value,
                "assumption": "",
                "citation": {
                    "path": fact.path,
                    "heading_path": list(fact.heading_path),
                    "anchor": fact.anchor,
                    "lines": list(fact.lines),
                    "quote": fact.quote,
                },
            }
            for fact, number in numbers.items()
        ],
        "warnings": [],
    }
