"""Evidence and a finder of names that the tests of the gate share."""

from __future__ import annotations

from hwqa.names import NameFinder
from hwqa.schema import Evidence, EvidenceKind, Mention

PRODUCTS = {"Acme A100": ["A100"], "Acme B200": ["B200"], "Zeta Z9": ["Z9"]}


def item(number: int, product: str, text: str, kind: EvidenceKind = "fact") -> Evidence:
    return Evidence(number, "a.md", ("Accelerators", "Products", product), "", (1, 1), text, text, kind)


EVIDENCE = (
    item(1, "Acme A100", "Acme A100; Memory capacity: 80 GB; note: HBM2e"),
    item(2, "Acme B200", "Attribute: Memory capacity; Value: 192 GB; Note: HBM3e"),
    item(3, "Acme A100", "Acme A100; Memory bandwidth: 2.039 TB/s"),
    item(4, "Acme B200", "Acme B200; FP16 peak: 2,250 TFLOPS; basis: dense"),
    item(5, "Acme B200", "Acme B200; FP16 peak: 4,500 TFLOPS; basis: sparse"),
    item(6, "Zeta Z9", "The Z9 runs vLLM through a plugin. It does not support FP4.", "passage"),
    item(7, "Sizing", "Llama-70B on the Acme B200: 141 GB of weights, 1 device", "calculation"),
)

_find = NameFinder({product: [product, *aliases] for product, aliases in PRODUCTS.items()})


def mentions(text: str) -> list[Mention]:
    return [Mention(product, found.start, found.end) for found in _find(text) for product in found.values]
