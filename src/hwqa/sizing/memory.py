"""Memory: weights, cache, and over how many devices they can be spread. Bytes and tokens in, bytes and counts out."""

from __future__ import annotations

import math

from hwqa.sizing.model import Shape, values_per_layer
from hwqa.sizing.request import MOST_DEVICES


def weight_bytes(parameters: float, bits: float) -> float:
    """Bytes of the weights: parameters × bits / 8.

    >>> weight_bytes(70e9, 8) / 1e9
    70.0
    """
    return parameters * bits / 8


def routed_parameters(shape: Shape) -> float | None:
    """Parameters of all routed experts; None where the model has none or the documents do not say enough.

    Of E experts k work on a token: what does not work is E − k of them, and all of them are E / (E − k) times that.
    """
    if shape.active is None or shape.experts is None or shape.used_experts is None:
        return None
    experts, used = shape.experts.value, shape.used_experts.value
    if experts <= used:
        return None
    routed = (shape.parameters.value - shape.active.value) * experts / (experts - used)
    return routed if 0 < routed <= shape.parameters.value else None


def cache_bytes(shape: Shape, tokens: float, bytes_of_value: float) -> float | None:
    """Bytes that the cache of one sequence of so many tokens takes; None where the shape is not known.

    A layer with a window keeps at most the tokens of its window; a linear layer keeps a state of constant size, which
    is left out because it is small beside the cache of the other layers.
    """
    if shape.borrowed_cache is not None:
        return shape.borrowed_cache[1] * bytes_of_value * tokens
    per_layer = values_per_layer(shape)
    if per_layer is None or shape.layers is None:
        return None
    windowed = shape.window_layers.value if shape.window_layers else 0
    linear = shape.linear_layers.value if shape.linear_layers else 0
    within = min(tokens, shape.window.value) if shape.window else tokens
    full = shape.layers.value - windowed - linear
    return per_layer * bytes_of_value * (full * tokens + windowed * within)


def experts_read(shape: Shape, batch: float) -> float:
    """Parameters that one decode step of so many sequences reads.

    Of a mixture of experts a step reads what every token uses, and each routed expert that some token chose: of E
    experts, k for each of B tokens, E × (1 − (1 − k/E)^B) on average when the choice is even.
    """
    every = shape.parameters.value
    if shape.active is None or shape.active.value >= every:
        return every
    routed = routed_parameters(shape)
    if routed is None or shape.experts is None or shape.used_experts is None:
        return min(every, shape.active.value * batch)
    untouched: float = (1 - shape.used_experts.value / shape.experts.value) ** batch
    return every - routed * untouched


def divides(shape: Shape, devices: int) -> bool:
    """Whether the heads of a layer divide evenly over so many devices.

    Every device takes as many attention heads as the others. KV heads are divided, or each is held by as many devices
    as the others. Without known heads, powers of two are taken to divide.
    """
    if shape.heads is None:
        return devices & (devices - 1) == 0
    if shape.heads.value % devices:
        return False
    heads = shape.kv_heads.value if shape.kv_heads and shape.latent is None else 1
    return heads % devices == 0 or devices % heads == 0


def evenness(shape: Shape, devices: int) -> float:
    """The part of so many devices that works when heads stay whole and the fullest device sets the pace: 1 if even."""
    if shape.heads is None:
        return 1.0
    heads = int(shape.heads.value)
    return heads / (math.ceil(heads / devices) * devices)


def cache_share(shape: Shape, devices: int, sequences: float) -> float:
    """The part of the cache of so many sequences that the fullest of the devices holds.

    Devices divide the KV heads; below one head for a device the cache is copied. The compressed vector of latent
    attention has no heads to divide, so the devices divide the sequences: one sequence stands on one device.
    """
    if shape.latent is not None:
        return math.ceil(sequences / devices) / sequences
    heads = shape.kv_heads.value if shape.kv_heads else devices
    return 1 / min(devices, heads)


def least_by_capacity(weights: float, cache: float, usable: float, layers: float | None) -> int | None:
    """Fewest devices whose usable bytes hold weights and cache in sum; no more than there are layers to part."""
    count = max(1, math.ceil((weights + cache) / usable - 1e-9))
    return count if count <= min(MOST_DEVICES, layers or MOST_DEVICES) else None


def least_tensor_parallel(shape: Shape, weights: float, cache: float, usable: float, sequences: int) -> int | None:
    """Fewest devices that divide the heads evenly and hold their part of weights and cache; None where none do."""
    most = int(shape.heads.value) if shape.heads else MOST_DEVICES
    for devices in range(1, min(most, MOST_DEVICES) + 1):
        needed = weights / devices + cache * cache_share(shape, devices, sequences)
        if divides(shape, devices) and needed <= usable * (1 + 1e-9):
            return devices
    return None


def most_sequences(shape: Shape, weights: float, cache_of_one: float, usable: float, devices: int) -> int:
    """Sequences whose cache fits beside the weights on so many devices that share them."""
    free = usable - weights / devices
    if free <= 0 or cache_of_one <= 0:
        return 0
    if shape.latent is not None:
        return int(free / cache_of_one + 1e-9) * devices
    return int(free / (cache_of_one * cache_share(shape, devices, 1)) + 1e-9)
