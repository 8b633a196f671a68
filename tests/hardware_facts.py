"""Facts of products that do not exist, as tables of documents give them."""

from __future__ import annotations

from itertools import count

from hwqa.schema import Fact

_IDS = count()


def fact(product: str, attribute: str, value: str, note: str = "", *, basis: str = "", path: str = "a.md") -> Fact:
    """A fact under its product's own heading."""
    number = next(_IDS)
    quote = f"| {attribute} | {value} | {basis} | {note} |"
    return Fact(
        f"f{number}", product, attribute, value, basis, note, path, (product,), "a", (number + 1, number + 1), quote
    )


SHELF = [
    fact("Onyx 1", "Memory", "48 GB"),
    fact("Onyx 1", "Power", "300 W", "board"),
    fact("Onyx 1", "Price", "$4,000"),
    fact("Onyx 1", "FP8 peak", "400 TFLOPS", basis="dense"),
    fact("Onyx 1", "Software", "Loom, Spindle"),
    fact("Onyx 1", "Form factor", "dual-slot card"),
    fact("Onyx 1", "Cooling", "passive"),
    fact("Onyx 2", "Memory", "96 GB"),
    fact("Onyx 2", "Power", "600 W", "module"),
    fact("Onyx 2", "Price", "$9,000"),
    fact("Onyx 2", "FP8 peak", "not published"),
    fact("Onyx 2", "Precisions", "BF16, FP8"),
    fact("Onyx 2", "Software", "Loom; no Spindle"),
    fact("Onyx 2", "Form factor", "module"),
    fact("Onyx 2", "Cooling", "liquid"),
    fact("Onyx 3", "Memory", "192 GB"),
    fact("Onyx 3", "Power", "900 W", "module"),
    fact("Onyx 3", "Status", "announced for next year"),
    fact("Onyx 3", "FP8 peak", "1,800 TFLOPS", basis="sparse"),
    fact("Onyx 3", "Form factor", "module"),
    fact("Onyx 3", "Cooling", "liquid"),
    fact("Onyx Rack", "Memory", "13,824 GB", "72 modules"),
    fact("Onyx Rack", "Power", "80 kW", "whole rack"),
    fact("Onyx Rack", "Price", "$2,000,000"),
    fact("Onyx Rack", "Form factor", "rack"),
    fact("Flint", "Memory", "24 GB"),
    fact("Flint", "Power", "70–150 W", "board"),
    fact("Flint", "Price", "$800"),
    fact("Flint", "FP8 peak", "not supported"),
    fact("Flint", "Software", "Loom"),
    fact("Flint", "Form factor", "single-slot card"),
    fact("Flint", "Cooling", "air"),
]
"""Three devices of a family, a rack of them, and a small card."""

ALIASES = {
    "Memory": ("Memory", "memory", "VRAM"),
    "Power": ("Power", "TDP", "power draw"),
    "Price": ("Price", "cheapest", "cost"),
    "FP8 peak": ("FP8 peak", "FP8"),
    "Software": ("Software",),
    "Cooling": ("Cooling", "cooled"),
}
