"""How a model stands on one kind of device: does it fit, how many are needed, and how fast they are at most."""

from __future__ import annotations

from dataclasses import dataclass

from hwqa.sizing.contexts import longest_context
from hwqa.sizing.device import Device, capacity_text, rate_text
from hwqa.sizing.memory import (
    cache_share,
    divides,
    evenness,
    least_by_capacity,
    least_tensor_parallel,
    most_sequences,
)
from hwqa.sizing.model import Shape
from hwqa.sizing.request import Request
from hwqa.sizing.roofs import roofline
from hwqa.sizing.shares import Planning
from hwqa.sizing.speed import (
    Load,
    Machine,
    Throughput,
    batch_within,
    critical_batch,
    decode_step,
    prefill_seconds,
    throughput,
)
from hwqa.sizing.values import Fit, Given, Placement, Range, Roofline, Step, bytes_text, figure, range_text

PRICE = "price in sum"
"""Name of the step."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model takes of memory, in bytes."""

    shape: Shape
    weights: float
    cache: float
    """Of one sequence."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Where the speeds are reckoned: the devices, and how they share the model."""

    device: Device
    devices: int
    tensor: int
    """Devices that share each layer of one copy."""


def place(needs: Needs, device: Device, request: Request, planning: Planning) -> Placement:
    """The placement of a model on a device, with its bounds where the documents give bandwidth and peak."""
    total = needs.weights + needs.cache * request.concurrency
    full = device.capacity.value * planning.memory[1].value
    usable = device.capacity.value * planning.memory[0].value
    fits: Fit = "yes" if total <= usable else "tight" if total <= full else "no"
    caches = needs.cache * request.concurrency
    layers = needs.shape.layers.value if needs.shape.layers else None
    least = least_by_capacity(needs.weights, caches, usable, layers)
    least_full = least_by_capacity(needs.weights, caches, full, layers)
    tensor = least_tensor_parallel(needs.shape, needs.weights, caches, usable, request.concurrency)
    # One device that was asked for and holds it only on paper is still the one to tell of.
    paper = 1 if fits == "tight" and (request.devices or device.capacity.fact is None) else None
    count = request.count or paper or tensor or least
    steps = [
        Step(
            "memory",
            "memory capacity × usable share",
            f"{device.capacity.text} × {planning.memory[0].text}",
            Range(usable, usable),
            "B",
            f"{bytes_text(usable)} of {capacity_text(device)}",
            (device.capacity, planning.memory[0]),
            device.name,
        )
    ]
    steps += _room(needs, device, request, planning)
    roofs = None
    if count is not None and device.bandwidth is not None:
        # Whoever names a number may have software that pads the heads; else they are divided evenly.
        site = _Site(device, count, request.count or _sharing(needs.shape, count))
        speeds, roofs = _speeds(needs, site, request, planning)
        steps += speeds
    if device.bought is not None and count:
        total = count * device.bought.value
        paid = f"${figure(total, 6)}"
        numbers = f"{count} × {device.bought.text}"
        formula = "devices × price of one"
        steps.append(Step(PRICE, formula, numbers, Range(total, total), "$", paid, (device.bought,), device.name))
    warnings = _warnings(needs, device, request, count, (least, tensor))
    return Placement(
        device.name,
        fits,
        count,
        least,
        least_full,
        tensor,
        tuple(steps),
        warnings,
        roofs,
        asked=request.count,
        price=device.bought,
        price_by_hour=device.price,
    )


def _room(needs: Needs, device: Device, request: Request, planning: Planning) -> list[Step]:
    """What the weights leave of the devices that were asked for, and how many sequences that holds."""
    devices = request.count or 1
    ends = [device.capacity.value * devices * given.value - needs.weights for given in planning.memory]
    if ends[1] <= 0:
        return []
    low, high = max(ends[0], 0.0), ends[1]
    times = f"{devices} × " if devices > 1 else ""
    inputs = (device.capacity, *planning.memory)
    steps = [
        Step(
            "room for the cache",
            "devices × memory capacity × usable share − weights",
            f"{times}{device.capacity.text} × {planning.memory[0].text}–{planning.memory[1].text} − "
            f"{bytes_text(needs.weights)}",
            Range(low, high),
            "B",
            f"{bytes_text(high)} of all memory, {bytes_text(low)} of what a server may fill",
            inputs,
            device.name,
        )
    ]
    room = Range(low, high)
    longest = longest_context(needs.shape, room, request.concurrency, request.kv_precision, device.capacity)
    if longest is not None:
        steps.append(longest)
    if needs.cache > 0:
        fewest, most = int(low / needs.cache + 1e-9), int(high / needs.cache + 1e-9)
        steps.append(
            Step(
                "sequences that fit",
                "room for the cache / KV cache of a sequence",
                f"{bytes_text(low)}–{bytes_text(high)} / {bytes_text(needs.cache)}",
                Range(fewest, most),
                "sequences",
                f"{most:,} in all memory, {fewest:,} in what a server may fill",
                inputs,
                device.name,
            )
        )
    return steps


def _warnings(
    needs: Needs, device: Device, request: Request, count: int | None, fewest: tuple[int | None, int | None]
) -> tuple[str, ...]:
    """What the reader must know of the figures."""
    least, tensor = fewest
    warnings = list(device.warnings)
    stated = device.capacity.fact is not None  # else it is a size of memory, of which documents say nothing
    if stated and device.bandwidth is None:
        warnings.append("the documents give no memory bandwidth: no speed is reckoned")
    if stated and device.peak is None:
        warnings.append(
            f"the documents give no peak for arithmetic with {request.precision.name}: bounds of compute are left out"
        )
    if stated and (count or 0) > 1:
        experts = ", nor the way of tokens to their experts" if needs.shape.experts is not None else ""
        warnings.append(f"the bounds do not count what the links between {count} devices cost{experts}")
    if tensor is None and count is not None:
        warnings.append("its heads divide over no number of these devices that holds it: layers must stand in stages")
    if request.count is not None and (least is None or request.count < least):
        warnings.append(f"{request.count} of these devices do not hold it")
    elif request.count is not None and not divides(needs.shape, request.count):
        uneven = f"the heads of {needs.shape.name} do not divide evenly over {request.count} devices"
        warnings.append(f"{uneven}: many servers refuse that")
    return tuple(warnings)


def _speeds(needs: Needs, site: _Site, request: Request, planning: Planning) -> tuple[list[Step], Roofline | None]:
    """Bounds and ranges of decode, prefill and throughput, and where they stand under the roofline."""
    device = site.device
    of_one = needs.weights / needs.shape.parameters.value
    load = Load(needs.shape, of_one, request.kv_precision.bytes)
    # Stages of layers work one after the other: one request decodes no faster than on the devices of one stage.
    whole = _machine(needs.shape, device, site.tensor)
    steps = [_decode(needs, load, whole, request, site, planning)]
    prompt = request.context - (request.output or 0)
    seconds = prefill_seconds(load, whole, prompt)
    if seconds and device.peak is not None:
        share = planning.shares.prefill
        result = Range(seconds / share.high, seconds / share.low)
        steps.append(
            Step(
                "prefill",
                "prompt × (2 × active parameters + attention) / (devices × peak), divided by the share of the peak",
                f"{prompt:,} × {figure(seconds * whole.devices * (whole.peak or 0.0) / prompt / 1e9)} billion / "
                f"({whole.devices} × {device.peak_text}), {share.low}–{share.high}",
                result,
                "s",
                f"{range_text(result, 's')} to the first token of {prompt:,} (bound {figure(seconds)} s)",
                (needs.shape.active or needs.shape.parameters, device.peak, *planning.prefill),
                device.name,
            )
        )
    steps += _critical(load, whole, request, site)
    served, rates = _served(needs, load, request, site, planning)
    prefilled = prompt if seconds else 0
    return steps + served, roofline(load, whole, request.context, prefilled, rates, planning.shares, device.arithmetic)


def _machine(shape: Shape, device: Device, devices: int) -> Machine:
    """So many devices that share each layer, as fast as the one with the most heads lets them be."""
    assert device.bandwidth is not None  # noqa: S101 - callers have looked
    part = evenness(shape, devices)
    peak = None if device.peak is None else device.peak.value * part
    return Machine(devices, device.bandwidth.value * part, peak)


def _sharing(shape: Shape, devices: int) -> int:
    """How many of the devices can share each layer: the most that divide their number and the heads evenly."""
    return max(count for count in range(1, devices + 1) if devices % count == 0 and divides(shape, count))


def _decode(needs: Needs, load: Load, machine: Machine, request: Request, site: _Site, planning: Planning) -> Step:
    """The speed that one user sees when no other is served."""
    device = site.device
    step = decode_step(load, machine, 1, request.context)
    share = planning.shares.decode
    bound = 1 / step.bound
    result = Range(bound * share.low, bound * share.high)
    assert device.bandwidth is not None  # noqa: S101 - the caller has looked
    weights = bytes_text(needs.shape.working * load.weight_bytes)
    cache = bytes_text(needs.cache * cache_share(needs.shape, machine.devices, 1))
    return Step(
        "decode of one request",
        "bandwidth / (bytes of active weights / devices + KV cache on a device), times the share that is reached",
        f"{device.bandwidth.text} / ({weights} / {machine.devices} + {cache}), {share.low}–{share.high}",
        result,
        "tokens/s",
        f"{range_text(result, 'tokens/s')} (bound {figure(bound)} tokens/s)",
        (needs.shape.active or needs.shape.parameters, device.bandwidth, *planning.decode),
        device.name,
    )


def _critical(load: Load, machine: Machine, request: Request, site: _Site) -> list[Step]:
    """From which batch arithmetic is the limit."""
    device = site.device
    if machine.peak is None or device.peak is None or device.bandwidth is None:
        return []
    alone = critical_batch(load, machine, 0)
    with_cache = critical_batch(load, machine, request.context)
    if alone is None:
        return []
    text = f"{figure(alone)} sequences by the weights alone"
    if with_cache is None:
        text += f"; at {request.context:,} tokens of context reading the cache always takes longer"
    else:
        text += f", {figure(with_cache)} with {request.context:,} tokens of cache each"
    high = with_cache if with_cache is not None else float("inf")
    return [
        Step(
            "batch at which compute takes over",
            "peak × bytes of the weights read / (bandwidth × operations of a token)",
            f"{device.peak_text} in {device.arithmetic} against {rate_text(device.bandwidth.value)}",
            Range(alone, max(alone, high) if high != float("inf") else alone),
            "sequences",
            text,
            (device.peak, device.bandwidth),
            device.name,
        )
    ]


def _served(
    needs: Needs, load: Load, request: Request, site: _Site, planning: Planning
) -> tuple[list[Step], dict[str, Throughput]]:
    """Throughput and cost of the sequences that were asked for, and of a full memory; and each by its name."""
    found: dict[str, tuple[Throughput, int, int]] = {}
    if request.concurrency > 1 and (asked := _best(needs, load, request, site, planning, request.concurrency)):
        found["throughput"] = asked
    filled = _best(needs, load, request, site, planning, None)
    if filled is not None and filled[0].batch > 1:
        found["throughput of a full memory"] = filled
    steps = [step for name, best in found.items() for step in _rated(name, best, request, site, planning)]
    return steps, {name: best[0] for name, best in found.items()}


def _best(
    needs: Needs, load: Load, request: Request, site: _Site, planning: Planning, batch: int | None
) -> tuple[Throughput, int, int] | None:
    """The highest throughput over the ways to split: tokens of one copy, copies, and devices of a copy.

    With a `batch` it is divided over the copies; without, each copy takes as many sequences as its memory holds, or as
    the asked speed of a user allows.
    """
    device = site.device
    assert device.bandwidth is not None  # noqa: S101 - the caller has looked
    usable = device.capacity.value * planning.memory[0].value
    prompt = request.context - (request.output or 0)
    # Sequences grow until they end: on average a prompt and half of the answer stand in the cache.
    filled = 1.0 if request.output is None else (prompt + request.output / 2) / request.context
    found: list[tuple[float, Throughput, int, int]] = []
    for of_copy in range(1, site.devices + 1):
        if site.devices % of_copy or not (divides(needs.shape, of_copy) or of_copy == request.count):
            continue
        room = most_sequences(needs.shape, needs.weights, needs.cache * filled, usable, of_copy)
        copies = site.devices // of_copy
        wanted = float(room) if batch is None else batch / copies
        if room < 1 or wanted > room or wanted < 1:
            continue
        machine = _machine(needs.shape, device, of_copy)
        if batch is None and request.speed:
            context = prompt if request.output is None else prompt + request.output / 2

            def seconds(size: float, machine: Machine = machine, context: float = context) -> float:
                step = decode_step(load, machine, size, context)
                share = planning.shares.at(step.arithmetic, step.reading)
                middle: float = (share.low * share.high) ** 0.5
                return step.bound / middle

            wanted = batch_within(seconds, 1 / request.speed, wanted)
        rate = throughput(load, machine, wanted, prompt, request.output, planning.shares)
        found.append((rate.bound * copies, rate, copies, of_copy))
    if not found:
        return None
    _, rate, copies, of_copy = max(found, key=lambda item: (item[0], -item[3]))
    return rate, copies, of_copy


def _rated(
    name: str, best: tuple[Throughput, int, int], request: Request, site: _Site, planning: Planning
) -> list[Step]:
    """The throughput as a step, and what a million tokens cost where a price is known."""
    rate, copies, of_copy = best
    device = site.device
    result = Range(rate.expected.low * copies, rate.expected.high * copies)
    sequences = int(rate.batch * copies)
    each = Range(result.low / sequences, result.high / sequences)
    split = f"{copies} {'copies' if copies > 1 else 'copy'} on {of_copy} each" if site.devices > 1 else "one device"
    seconds = f"a step reads for {figure(rate.step.reading * 1e3)} ms and calculates for "
    seconds += f"{figure(rate.step.arithmetic * 1e3)} ms"
    if request.output is None:
        what, formula = (
            "tokens decoded",
            "sequences / longer of the two times of a step, times the share that is reached",
        )
    else:
        what = "tokens of answers, prompts read as well"
        formula = "sequences × answer / (time of the prompts + answer × longer time of a step), times the share"
        seconds += f", prompts take {figure(rate.prompts)} s, answers have {request.output:,} tokens"
    inputs: tuple[Given, ...] = tuple(given for given in (device.bandwidth, device.peak) if given is not None)
    steps = [
        Step(
            name,
            formula,
            f"{sequences:,} sequences, {split}; {seconds}",
            result,
            "tokens/s",
            f"{range_text(result, 'tokens/s')} in sum ({what}), {range_text(each, 'tokens/s')} for each of "
            f"{sequences:,} (bound {figure(rate.bound * copies)} tokens/s)",
            (*inputs, *planning.decode, *planning.serving),
            device.name,
        )
    ]
    if device.price is not None:
        hourly = device.price.value * site.devices
        cost = Range(hourly / (result.high * 3600) * 1e6, hourly / (result.low * 3600) * 1e6)
        steps.append(
            Step(
                f"cost of a million tokens, {name}",
                "devices × price by the hour / (tokens a second × 3,600) × 1,000,000",
                f"{site.devices} × {device.price.text} / ({range_text(result, 'tokens/s')} × 3,600) × 1,000,000",
                cost,
                "$/Mtoken",
                f"${figure(cost.low)}–{figure(cost.high)} for a million tokens",
                (device.price,),
                device.name,
            )
        )
    return steps
