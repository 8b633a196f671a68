"""How many tokens of context the room that the weights leave holds."""

from __future__ import annotations

from hwqa.sizing.memory import cache_bytes
from hwqa.sizing.model import Shape, cached_values
from hwqa.sizing.precision import Precision
from hwqa.sizing.values import Given, Range, Step, bytes_text, figure

LONGEST = "longest context"
"""Name of the step."""
_MOST = 2**40
"""Tokens beyond which no context is looked for."""


def longest_context(shape: Shape, room: Range, sequences: int, kept: Precision, device: Given) -> Step | None:
    """The step that says how long so many sequences can be; None where the cache of the model is not known.

    Args:
        shape: The model.
        room: Bytes that the weights leave of what a server may fill, and of all memory.
        sequences: Those that stand in memory at once.
        kept: The format of the cache.
        device: The memory capacity of the device.
    """
    values = cached_values(shape)
    if not values:
        return None
    low, high = (tokens_in(shape, size / sequences, kept.bytes) for size in (room.low, room.high))
    limit = shape.limit
    beyond = f"; the documents give {limit.text} as the longest of {shape.name}" if limit and high > limit.value else ""
    each = f" for each of {sequences:,} sequences" if sequences > 1 else ""
    shared = f" / {sequences:,}" if sequences > 1 else ""
    parts = (shape.layers, shape.kv_heads, shape.head_size, shape.latent, shape.rope, shape.window, limit)
    return Step(
        LONGEST,
        "room for the cache / sequences / KV cache for a token",
        f"{bytes_text(room.low)}–{bytes_text(room.high)}{shared} / {figure(values * kept.bytes, 6)} bytes",
        Range(low, high),
        "tokens",
        f"{high:,} tokens in all memory, {low:,} in what a server may fill{each}{beyond}",
        (shape.parameters, *(part for part in parts if part is not None), *shape.lenders, device),
        str(device.of),
    )


def tokens_in(shape: Shape, room: float, bytes_of_value: float) -> int:
    """The most tokens of one sequence whose cache the bytes hold; windows make it more than a plain division says."""
    low, high = 0, 1
    while high < _MOST and (cache_bytes(shape, high, bytes_of_value) or 0.0) <= room:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if (cache_bytes(shape, middle, bytes_of_value) or 0.0) <= room:
            low = middle
        else:
            high = middle
    return low
