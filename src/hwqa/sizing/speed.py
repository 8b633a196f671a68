"""Bounds on speed: the roofline of one decode step, of prefill, and of a server that does both.

A step takes at least the time to read its bytes and at least the time of its arithmetic (the scaling book, chapter on
inference, https://jax-ml.github.io/scaling-book/inference/). Devices in parallel add their bandwidths and peaks; what
links cost is part of the share of the bound that is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hwqa.sizing.memory import cache_bytes, cache_share, experts_read
from hwqa.sizing.model import Shape
from hwqa.sizing.values import Range


@dataclass(frozen=True, slots=True)
class Machine:
    """Devices that work on one copy of a model."""

    devices: int
    bandwidth: float
    """Bytes a second of one device."""
    peak: float | None
    """Dense operations a second of one device in the arithmetic that is used; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one copy of a model works on."""

    shape: Shape
    weight_bytes: float
    """Bytes of one parameter."""
    cache_value_bytes: float
    """Bytes of one cached value."""


def attention_operations(shape: Shape) -> float:
    """Operations of attention for one token and each token before it, in all layers.

    Scores and weighted sum take 4 × heads × head size in a layer. Latent attention works on the compressed vector:
    2 × heads × (2 × rank + position part).
    """
    if shape.layers is None or shape.heads is None:
        return 0.0
    layers = shape.layers.value - (shape.linear_layers.value if shape.linear_layers else 0)
    if shape.latent is not None:
        rope = shape.rope.value if shape.rope else 0.0
        return 2 * layers * shape.heads.value * (2 * shape.latent.value + rope)
    return 4 * layers * shape.heads.value * shape.head_size.value if shape.head_size else 0.0


def attended(shape: Shape, tokens: float) -> float:
    """Tokens that a layer attends to on average over the layers, with windows."""
    if shape.window is None or shape.window_layers is None or shape.layers is None:
        return tokens
    share = shape.window_layers.value / shape.layers.value
    return (1 - share) * tokens + share * min(tokens, shape.window.value)


@dataclass(frozen=True, slots=True)
class StepTime:
    """Least seconds of one decode step for memory and for arithmetic."""

    reading: float
    arithmetic: float

    @property
    def bound(self) -> float:
        """The least time: reading and arithmetic overlap fully."""
        return max(self.reading, self.arithmetic)


def decode_step(load: Load, machine: Machine, batch: float, context: float) -> StepTime:
    """Least time of a decode step of `batch` sequences that each have `context` tokens behind them."""
    shape = load.shape
    weights = experts_read(shape, batch) * load.weight_bytes
    cache = batch * (cache_bytes(shape, context, load.cache_value_bytes) or 0.0)
    # Each device reads its part of the weights, and of the cache what it holds, which may be a copy.
    read = weights / machine.devices + cache * cache_share(shape, machine.devices, batch)
    operations = batch * (2 * shape.working + attention_operations(shape) * attended(shape, context))
    arithmetic = 0.0 if machine.peak is None else operations / (machine.devices * machine.peak)
    return StepTime(read / machine.bandwidth, arithmetic)


def prefill_seconds(load: Load, machine: Machine, prompt: float) -> float | None:
    """Least seconds of arithmetic for a prompt: 2 × active parameters for a token, and attention to half of them."""
    if machine.peak is None:
        return None
    shape = load.shape
    attention = attention_operations(shape) * attended(shape, prompt) / 2
    return prompt * (2 * shape.working + attention) / (machine.devices * machine.peak)


def critical_batch(load: Load, machine: Machine, context: float) -> float | None:
    """Sequences from which arithmetic takes longer than reading; None where reading always does.

    For a dense model without cache this is peak / bandwidth × bytes of a parameter / 2.
    """
    if machine.peak is None:
        return None
    low, high = 1.0, 2.0
    while not _compute_bound(load, machine, high, context):
        low, high = high, high * 2
        if high > 1e7:
            return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _compute_bound(load, machine, middle, context) else (middle, high)
    return high


def _compute_bound(load: Load, machine: Machine, batch: float, context: float) -> bool:
    step = decode_step(load, machine, batch, context)
    return step.arithmetic >= step.reading


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of a bound that are reached, each from the least to the most."""

    decode: Range
    """Of the bandwidth bound, by one request."""
    prefill: Range
    """Of the dense peak, while prompts are read."""
    serving: Range
    """Of the bound, by a server that is busy with arithmetic for many requests."""

    def at(self, arithmetic: float, reading: float) -> Range:
        """The share for a load: that of one request where reading rules, that of a busy server where arithmetic does.

        In between it is interpolated by how much of the reading time the arithmetic takes.
        """
        busy = 1.0 if reading <= 0 else min(1.0, arithmetic / reading)
        low = self.decode.low + busy * (self.serving.low - self.decode.low)
        high = self.decode.high + busy * (self.serving.high - self.decode.high)
        return Range(low, high)


@dataclass(frozen=True, slots=True)
class Throughput:
    """Tokens a second of one copy of a model."""

    bound: float
    expected: Range
    batch: float
    step: StepTime
    prompts: float
    """Least seconds to read the prompts of all sequences; 0 where they are not counted."""


def throughput(
    load: Load, machine: Machine, batch: float, prompt: float, output: float | None, shares: Shares
) -> Throughput:
    """Tokens that `batch` sequences gain in a second in sum.

    With `output`, every sequence is a prompt that is read and an answer of that many tokens, as a busy server has them;
    the cache then counts with half of the answer. Without, only decode counts, with `prompt` tokens in the cache.
    """
    context = prompt if output is None else prompt + output / 2
    step = decode_step(load, machine, batch, context)
    prompts = 0.0
    if output is None:
        share = shares.at(step.arithmetic, step.reading)
        bound = batch / step.bound
    else:
        prompts = batch * (prefill_seconds(load, machine, prompt) or 0.0)
        share = shares.at(step.arithmetic * output + prompts, step.reading * output)
        bound = batch * output / (prompts + output * step.bound)
    return Throughput(bound, Range(bound * share.low, bound * share.high), batch, step, prompts)


def batch_within(step: Callable[[float], float], seconds: float, most: float) -> float:
    """The largest batch up to `most` for which `step` (batch → seconds) takes at most `seconds`; at least 1."""
    if most <= 1 or step(most) <= seconds:
        return max(1.0, most)
    low, high = 1.0, most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if step(middle) <= seconds else (low, middle)
    return low
