"""What an attribute of the documents means for a sizing, by the field's own words for it.

The documents choose the names of their attributes; a name counts where it, or another word that the documents list for
it, is one of the usual terms below. Nothing here names a product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from hwqa.names import key
from hwqa.schema import Fact
from hwqa.selection.figures import best_fact, is_settled, quantity_of, stands_at_home
from hwqa.sizing.precision import WIDTHS
from hwqa.units import conversion

TERMS: Mapping[str, tuple[str, ...]] = {
    "parameters": ("parameters", "parameter count", "number of parameters", "total parameters"),
    "active parameters": ("active parameters", "activated parameters"),
    "layers": ("layers", "number of layers", "transformer layers", "num_hidden_layers"),
    "hidden size": ("hidden size", "hidden dimension", "model dimension", "d_model"),
    "attention heads": ("attention heads", "query heads", "number of heads", "num_attention_heads"),
    "KV heads": ("KV heads", "key-value heads", "KV head count", "num_key_value_heads"),
    "head size": ("head size", "head dimension", "head_dim"),
    "attention kind": ("attention kind", "attention type", "kind of attention", "attention mechanism"),
    "latent rank": ("KV LoRA rank", "latent rank", "latent dimension", "kv_lora_rank"),
    "rope size": ("RoPE head size", "rotary head size", "qk_rope_head_dim"),
    "window": ("sliding window", "attention window", "window size"),
    "window layers": ("sliding-window layers", "layers with a window", "local layers"),
    "linear layers": (
        "linear-attention layers",
        "linear layers",
        "recurrent layers",
        "state-space layers",
        "SSM layers",
        "layers without KV cache",
    ),
    "experts": ("experts", "routed experts", "number of experts"),
    "experts per token": ("experts per token", "active experts"),
    "context length": ("context length", "context window", "context size", "maximum context"),
    "file size": ("weight file size", "file size", "checkpoint size", "download size"),
    "memory capacity": ("memory capacity", "memory size", "memory", "VRAM"),
    "memory bandwidth": ("memory bandwidth", "DRAM bandwidth", "HBM bandwidth"),
    "price": ("price", "list price", "street price", "purchase price"),
    "hourly price": ("cloud price", "price per hour", "hourly price", "rental price"),
    "decode share": ("decode share", "share of bandwidth in decode"),
    "prefill share": ("prefill share", "share of the peak in prefill"),
    "serving share": ("serving share", "share of the bound with many requests"),
    "usable memory share": ("usable memory share", "share of memory that may be filled"),
}
"""Role → the terms for it, the usual one first."""

_ROLE_OF = {key(term): role for role, terms in TERMS.items() for term in terms}
_PEAK_WORDS = {"peak", "dense", "tensor", "matrix", "performance", "compute", "throughput", "rate", "tflops", "tops"}
_WORDS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=8192)
def role_of(attribute: str, others: tuple[str, ...] = ()) -> str:
    """The role of an attribute: a key of `TERMS`, `peak FORMAT`, or empty; `others` are further words for it."""
    for name in (attribute, *others):
        if (role := _ROLE_OF.get(key(name))) is not None:
            return role
        words = {word.casefold() for word in _WORDS.findall(name)}
        formats = words & set(WIDTHS)
        if len(formats) == 1 and words - formats <= _PEAK_WORDS:
            return f"peak {formats.pop()}"
    return ""


class Roles:
    """Facts of one product by the role that their attributes play."""

    def __init__(self, facts: Iterable[Fact], names: Mapping[str, tuple[str, ...]]) -> None:
        """Take the facts of one product, and `names`: attribute → all the words that the documents have for it."""
        self._facts: dict[str, list[Fact]] = {}
        for fact in facts:
            if role := role_of(fact.attribute, names.get(fact.attribute, ())):
                self._facts.setdefault(role, []).append(fact)
        for found in self._facts.values():
            found.sort(key=lambda fact: not stands_at_home(fact))

    def __contains__(self, role: str) -> bool:
        return role in self._facts

    def all(self, role: str) -> list[Fact]:
        """The facts of a role, in the order of the documents; those under the product's own heading first."""
        return self._facts.get(role, [])

    def best(self, role: str, unit: str = "", basis: str | None = None) -> tuple[Fact, float] | None:
        """The fact to use with its figure in `unit`; None where none has one.

        With a `basis`, only facts of that basis count.
        """
        measured = [
            (fact, number)
            for fact in self.all(role)
            if (basis is None or fact.basis.casefold() == basis) and (number := number_of(fact, unit)) is not None
        ]
        if not measured:
            return None
        chosen = best_fact([fact for fact, _ in measured])
        return next(pair for pair in measured if pair[0] is chosen)

    def rivals(self, role: str, unit: str, chosen: Fact) -> list[Fact]:
        """Other plainly stated figures of the same role and basis that differ from the chosen one."""
        figure = number_of(chosen, unit)
        rivals: dict[float, Fact] = {}
        for fact in self.all(role):
            other = number_of(fact, unit)
            if stands_at_home(fact) and is_settled(fact) and fact.basis == chosen.basis and other not in (None, figure):
                rivals.setdefault(other or 0.0, fact)
        return list(rivals.values())


def number_of(fact: Fact, unit: str = "") -> float | None:
    """The fact's figure in `unit` (its lower end where it is a range), or None when it has none of that kind."""
    quantity = quantity_of(fact)
    if quantity is None:
        return None
    if not unit:
        return float(quantity.low)
    if unit in ("TFLOPS", "TOPS") and quantity.unit.endswith("OPS"):
        unit = "TFLOPS" if quantity.unit.endswith("FLOPS") else "TOPS"
    factor = conversion(quantity.unit, unit)
    return None if factor is None else float(quantity.low * factor)
