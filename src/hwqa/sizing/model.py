"""The shape of a model, from the facts of its page or from the number of its parameters alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from hwqa.schema import Fact
from hwqa.sizing.terms import TERMS, Roles
from hwqa.sizing.values import Given, figure

_NEAR = 0.15
"""How far the parameters of a model may be from those asked for, as a share, to lend its cache."""
_WINDOW = re.compile(r"window", re.I)
_SINGLE = re.compile(r"\b(MQA|multi-query)\b", re.I)


@dataclass(frozen=True, slots=True)
class Shape:
    """What memory and speed of a model depend on; a part that is None is not known."""

    name: str
    parameters: Given
    active: Given | None = None
    """Parameters that work on one token, where not all do."""
    layers: Given | None = None
    heads: Given | None = None
    kv_heads: Given | None = None
    head_size: Given | None = None
    latent: Given | None = None
    """Length of the compressed vector that latent attention keeps for a token and layer."""
    rope: Given | None = None
    """Length of the part with position beside it."""
    window: Given | None = None
    """Tokens that a layer with a window keeps."""
    window_layers: Given | None = None
    linear_layers: Given | None = None
    """Layers whose state does not grow with the context."""
    experts: Given | None = None
    used_experts: Given | None = None
    limit: Given | None = None
    """Longest context."""
    file_size: Given | None = None
    borrowed_cache: tuple[float, float, float] | None = None
    """Least, middle and greatest number of cached values for a token among models of about this size."""
    lenders: tuple[Given, ...] = ()
    """The parameters of those models."""
    warnings: tuple[str, ...] = ()

    @property
    def working(self) -> float:
        """Parameters that work on one token."""
        return self.active.value if self.active else self.parameters.value


def read_shape(name: str, facts: Sequence[Fact], names: Mapping[str, tuple[str, ...]]) -> Shape | None:
    """The shape that the facts of a model give, or None where they do not say how many parameters it has."""
    roles = Roles(facts, names)
    if (parameters := _given(roles, "parameters", name)) is None:
        return None
    window, window_layers, warnings = _window(roles, name)
    longest = max(
        (given for fact in roles.all("context length") if (given := _read(fact, "context length", name)) is not None),
        key=lambda given: given.value,
        default=None,
    )
    shape = Shape(
        name,
        parameters,
        active=_given(roles, "active parameters", name),
        layers=_given(roles, "layers", name),
        heads=_given(roles, "attention heads", name),
        kv_heads=_given(roles, "KV heads", name),
        head_size=_given(roles, "head size", name),
        latent=_given(roles, "latent rank", name),
        rope=_given(roles, "rope size", name),
        window=window,
        window_layers=window_layers,
        linear_layers=_given(roles, "linear layers", name),
        experts=_given(roles, "experts", name),
        used_experts=_given(roles, "experts per token", name),
        limit=longest,
        file_size=_given(roles, "file size", name, "B"),
        warnings=warnings,
    )
    return _completed(shape, roles)


def _completed(shape: Shape, roles: Roles) -> Shape:
    """The shape with what follows from its other parts: heads of keys and values, and their size."""
    kind = next(iter(roles.all("attention kind")), None)
    heads = shape.heads
    if shape.kv_heads is None and shape.latent is None and heads is not None:
        if kind is not None and _SINGLE.search(kind.value):
            shape = replace(shape, kv_heads=Given("KV heads", 1, "1", shape.name, kind))
        elif kind is not None and re.search(r"\bMHA\b|multi-head attention", kind.value, re.I):
            shape = replace(shape, kv_heads=Given("KV heads", heads.value, heads.text, shape.name, heads.fact))
    hidden = _given(roles, "hidden size", shape.name)
    if shape.head_size is None and hidden is not None and heads is not None:
        size = hidden.value / heads.value
        why = f"hidden size {hidden.text} / {heads.text} attention heads"
        shape = replace(shape, head_size=Given("head size", size, figure(size), shape.name, hidden.fact, why))
    return shape


def _window(roles: Roles, name: str) -> tuple[Given | None, Given | None, tuple[str, ...]]:
    """Window and layers with it, where the documents say that the attention of this model uses them.

    A window that only some version of the model has is not counted: the cache would come out too small for the others.
    """
    window, layers = _given(roles, "window", name), _given(roles, "window layers", name)
    if window is None:
        return None, None, ()
    kind = next(iter(roles.all("attention kind")), None)
    if layers is not None and (kind is None or _WINDOW.search(kind.value + kind.note)):
        return window, layers, ()
    note = window.fact.note if window.fact else ""
    because = f" ({note})" if note else ""
    return None, None, (f"a sliding window of {window.text} is not counted{because}: the cache may be smaller",)


def _given(roles: Roles, role: str, of: str, unit: str = "") -> Given | None:
    best = roles.best(role, unit)
    return None if best is None else Given(TERMS[role][0], best[1], best[0].value, of, best[0])


def _read(fact: Fact, role: str, of: str) -> Given | None:
    best = Roles([fact], {fact.attribute: (TERMS[role][0],)}).best(role)
    return None if best is None else Given(TERMS[role][0], best[1], fact.value, of, fact)


def cached_values(shape: Shape) -> float | None:
    """Values that the cache gains with a token while no window is full; None where the shape is not known."""
    if shape.borrowed_cache is not None:
        return shape.borrowed_cache[1]
    per_layer = values_per_layer(shape)
    if per_layer is None or shape.layers is None:
        return None
    growing = shape.layers.value - (shape.linear_layers.value if shape.linear_layers else 0)
    return growing * per_layer


def values_per_layer(shape: Shape) -> float | None:
    """Values that one layer keeps for a token: keys and values of the KV heads, or the compressed vector."""
    if shape.latent is not None:
        return shape.latent.value + (shape.rope.value if shape.rope else 0)
    if shape.kv_heads is None or shape.head_size is None:
        return None
    return 2 * shape.kv_heads.value * shape.head_size.value


def shape_by_parameters(parameters: float, known: Sequence[Shape]) -> Shape:
    """A dense model of so many parameters, whose cache is that of the documents' dense models of about this size."""
    name = f"{figure(parameters / 1e9)}B model" if parameters >= 1e9 else f"{figure(parameters / 1e6)}M model"
    text = f"{figure(parameters / 1e9)} billion" if parameters >= 1e9 else f"{figure(parameters / 1e6)} million"
    asked = Given("parameters", parameters, text, name, assumption="as asked for")
    near = [
        (shape, values)
        for shape in known
        if shape.active is None
        and abs(shape.parameters.value - parameters) <= _NEAR * parameters
        and (values := cached_values(shape)) is not None
        and shape.window is None
    ]
    if not near:
        why = "the documents have no dense model of about this size: the KV cache is not known"
        return Shape(name, asked, warnings=(why,))
    amounts = [values for _, values in near]
    lenders = tuple(shape.parameters for shape, _ in near)
    heads = {shape.kv_heads.value for shape, _ in near if shape.kv_heads}
    middle = median_low(amounts)
    typical = next(shape for shape, values in near if values == middle)
    warning = (
        f"the KV cache is that of the documents' dense models of about this size ({', '.join(g.of for g in lenders)})"
    )
    return Shape(
        name,
        asked,
        kv_heads=typical.kv_heads if len(heads) == 1 else None,
        heads=typical.heads if len(heads) == 1 else None,
        borrowed_cache=(min(amounts), middle, max(amounts)),
        lenders=lenders,
        warnings=(warning,),
    )
