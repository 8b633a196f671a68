"""The inverse of a sizing: the largest model whose weights a memory holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.sizing.device import Device, device_of_size
from hwqa.sizing.memory import weight_bytes
from hwqa.sizing.precision import PRECISIONS, Precision, precision_in
from hwqa.sizing.request import SIZE_IN, memory_in
from hwqa.sizing.sizer import Sizer
from hwqa.sizing.values import Calculation, Given, Range, Step, figure

LARGEST = "parameters that fit"
"""Name of the steps that say how large a model may be."""
EXAMPLE = "largest model of the documents"
"""Name of the steps that name a model of the documents."""
_WIDTHS = ("fp16", "fp8", "int4")
"""Formats to tell of where none is asked for."""
_ASKS = re.compile(
    r"\bhow (?:big|large)\b.{0,30}\b(?:models?|llms?|networks?)\b|"
    r"\b(?:what|which) sizes?\b.{0,30}\b(?:models?|llms?|networks?)\b|\b(?:what|which) (?:model|llm) sizes?\b|"
    r"\b(?:largest|biggest)\b.{0,20}\b(?:models?|llms?|networks?)\b.{0,60}\b(?:fits?|hold|run|load|on|in)\b|"
    r"\bhow many (?:billions? (?:of )?)?parameters\b.{0,40}\b(?:fits?|hold|run|load|on|into?)\b|"
    r"\bhow (?:big|large)\b.{0,20}\bcan (?:a|the|my|it)\b.{0,10}\bmodel\b",
    re.I,
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_FREE = re.compile(
    rf"(?:\b(?:a|one)[ -](?P<part>{'|'.join(_PARTS)})|(?P<percent>\d{{1,2}}(?:\.\d+)?) ?(?:%|percent)).{{0,30}}"
    r"\b(?:free|spare|unused|empty|headroom|reserved?)\b",
    re.I,
)
"""A share of the memory that is to stay free."""
_MOST_DEVICES = 3


def asks_for_size(question: str) -> bool:
    """Whether a question that names no model asks how large one may be for a memory or device.

    >>> asks_for_size("How big a model fits on a 24 GB card?"), asks_for_size("Does a 70B model fit on it?")
    (True, False)
    """
    return _ASKS.search(question) is not None and SIZE_IN.search(question) is None


def largest_model(question: str, devices: Sequence[str], sizer: Sizer) -> Calculation | None:
    """How many parameters the memory of the devices, or that which the question names, holds; None without any."""
    named = precision_in(question)
    formats = [named] if named is not None else [PRECISIONS[name] for name in _WIDTHS]
    memory = None if devices else memory_in(question)
    found: list[Device] = [] if memory is None else [device_of_size(memory)]
    found += [device for name in devices[:_MOST_DEVICES] if (device := sizer.device(name, formats[0])) is not None]
    if not found:
        return None
    steps = [step for device in found for step in _steps(device, formats, sizer, _kept_free(question))]
    return Calculation(
        model="",
        precision=named.name if named else "",
        kv_precision="",
        context=0,
        output=None,
        concurrency=1,
        steps=tuple(steps),
        placements=(),
    )


def _kept_free(question: str) -> Given | None:
    """The share of the memory that may be filled, where the question says which is to stay free."""
    found = _FREE.search(question)
    if found is None:
        return None
    free = float(found["percent"]) / 100 if found["percent"] else 1 / _PARTS[found["part"].casefold()]
    if not 0 < free < 1:
        return None
    return Given("usable memory share", 1 - free, figure(1 - free), assumption="as asked for")


def _steps(device: Device, formats: Sequence[Precision], sizer: Sizer, usable: Given | None) -> Iterator[Step]:
    """For each format how many parameters fit, and the largest model of the documents among those that do."""
    low, high = sizer.planning.memory if usable is None else (usable, usable)
    for precision in formats:
        ends = [device.capacity.value * share.value * 8 / precision.bits for share in (low, high)]
        most, safe = (f"{figure(end / 1e9)} billion" for end in reversed(ends))
        yield Step(
            LARGEST,
            "memory capacity × usable share × 8 / bits",
            f"{device.capacity.text}{f' × {usable.text}' if usable else ''} × 8 / {figure(precision.bits)} bits",
            Range(*ends),
            "parameters",
            f"{most} parameters in {precision.name}"
            + ("" if usable else f", {safe} where a server leaves some memory free"),
            (device.capacity, *((usable,) if usable else (low, high))),
            device.name,
        )
        if (example := _largest_known(device.capacity.value * low.value, precision, sizer)) is not None:
            yield Step(
                EXAMPLE,
                "parameters × bits / 8 ≤ memory capacity × usable share",
                f"{example.text} × {figure(precision.bits)} bits / 8",
                Range(*(weight_bytes(example.value, precision.bits),) * 2),
                "B",
                f"{example.of} with {example.text} parameters in {precision.name}",
                (example, device.capacity),
                device.name,
            )


def _largest_known(usable: float, precision: Precision, sizer: Sizer) -> Given | None:
    """The parameters of the largest model of the documents whose weights a memory holds in a format."""
    fitting = [
        shape.parameters
        for shape in sizer.models.values()
        if weight_bytes(shape.parameters.value, precision.bits) <= usable
    ]
    return max(fitting, key=lambda given: given.value, default=None)
