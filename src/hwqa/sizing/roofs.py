"""Where the loads of a sizing stand under the roofline of one of its devices."""

from __future__ import annotations

from collections.abc import Mapping

from hwqa.sizing.memory import cache_bytes, cache_share
from hwqa.sizing.speed import Load, Machine, Shares, StepTime, Throughput, decode_step, prefill_seconds
from hwqa.sizing.values import Range, Roofline, Work


def roofline(
    load: Load,
    machine: Machine,
    context: int,
    prompt: int,
    rates: Mapping[str, Throughput],
    shares: Shares,
    arithmetic: str,
) -> Roofline | None:
    """The roofline of one device with its loads: decode of one request, prefill, and the decode steps of `rates`.

    Args:
        load: The model on the machine.
        machine: The devices that share each layer.
        context: Tokens behind a sequence that is decoded.
        prompt: Tokens of a prompt that is read; 0 where that is not reckoned.
        rates: Name → throughput of many sequences.
        shares: What is reached of the bounds.
        arithmetic: The format of the machine's peak.

    Returns:
        None where the peak is not known.
    """
    if machine.peak is None:
        return None
    points = [_decoded("decode of one request", decode_step(load, machine, 1, context), machine, shares)]
    points += [_decoded(name, rate.step, machine, shares) for name, rate in rates.items()]
    if prompt and (seconds := prefill_seconds(load, machine, prompt)):
        weights = load.shape.parameters.value * load.weight_bytes / machine.devices
        cache = (cache_bytes(load.shape, prompt, load.cache_value_bytes) or 0.0) * cache_share(
            load.shape, machine.devices, 1
        )
        reading = (weights + cache) / machine.bandwidth
        points.append(_work("prefill", seconds, reading, machine, shares.prefill))
    return Roofline(machine.bandwidth, machine.peak, arithmetic, tuple(points))


def _decoded(name: str, step: StepTime, machine: Machine, shares: Shares) -> Work:
    return _work(name, step.arithmetic, step.reading, machine, shares.at(step.arithmetic, step.reading))


def _work(name: str, arithmetic: float, reading: float, machine: Machine, share: Range) -> Work:
    """A load that takes at least so many seconds for its arithmetic and for its reading, on each device at once."""
    assert machine.peak is not None  # noqa: S101 - the caller has looked
    operations, read = arithmetic * machine.peak, reading * machine.bandwidth
    bound = operations / max(arithmetic, reading)
    return Work(name, operations / read, Range(bound * share.low, bound * share.high))
