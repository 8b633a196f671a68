"""The inverse of a sizing: the largest model whose weights a memory holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwqa.sizing.device import Device, device_of_size
from hwqa.sizing.memory import weight_bytes
from hwqa.sizing.model import Shape
from hwqa.sizing.precision import PRECISIONS, Precision, precision_in
from hwqa.sizing.request import SIZE_IN, count_in, memory_in
from hwqa.sizing.sizer import Sizer
from hwqa.sizing.values import Calculation, Given, Range, Step, bytes_text, figure

LARGEST = "parameters that fit"
"""Name of the steps that say how large a model may be."""
EXAMPLE = "largest model of the documents"
"""Name of the steps that name a model of the documents."""
BEYOND = "next larger model of the documents"
"""Name of the steps that name one that does not fit."""
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


_OF_FAMILY = re.compile(
    r"\b(?:largest|biggest|how (?:big|large) an?|best)\b.{1,80}"
    r"\b(?:fits?|hold|run|load|serve|host|on|in|into|for|with)\b",
    re.I,
)
"""A question for the largest of something in or on something: of a family of models, where it names one."""


def may_ask_for_size(question: str) -> bool:
    """Whether a question may ask for the largest model of a family for a memory or device."""
    return _OF_FAMILY.search(question) is not None and SIZE_IN.search(question) is None


def asks_for_size(question: str) -> bool:
    """Whether a question that names no model asks how large one may be for a memory or device.

    >>> asks_for_size("How big a model fits on a 24 GB card?"), asks_for_size("Does a 70B model fit on it?")
    (True, False)
    """
    return _ASKS.search(question) is not None and SIZE_IN.search(question) is None


def largest_model(
    question: str, devices: Sequence[str], sizer: Sizer, before: Sequence[str] = ()
) -> Calculation | None:
    """How many parameters the memory of the devices, or that which the question names, holds; None without any.

    `before` stands in front of each name of a device. Where the question names a family, the models are of that.
    """
    named = precision_in(question)
    formats = [named] if named is not None else [PRECISIONS[name] for name in _WIDTHS]
    memory = None if devices else memory_in(question)
    found: list[Device] = [] if memory is None else [device_of_size(memory)]
    found += [device for name in devices[:_MOST_DEVICES] if (device := sizer.device(name, formats[0])) is not None]
    if not found:
        return None
    count = count_in(question, devices, before) or 1
    word, members = sizer.family(question)
    known = [shape for name, shape in sizer.models.items() if not members or name in members]
    steps = [
        step
        for device in found
        for precision in formats
        for step in _Room(device, count, precision, sizer, _kept_free(question)).steps(known)
    ]
    return Calculation(
        model="",
        precision=named.name if named else "",
        kv_precision="",
        context=0,
        output=None,
        concurrency=1,
        steps=tuple(steps),
        placements=(),
        family=word,
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


@dataclass(frozen=True, slots=True)
class _Room:
    """So many devices, to be filled with a model in a format."""

    device: Device
    count: int
    precision: Precision
    sizer: Sizer
    usable: Given | None
    """The share of the memory that may be filled, where the question says it."""

    def steps(self, known: Sequence[Shape]) -> Iterator[Step]:
        """How many parameters fit, the largest of the known models that does, and the next larger that does not."""
        low, high = self._shares
        capacity = self.device.capacity
        bits = figure(self.precision.bits)
        ends = [self._bytes(share) * 8 / self.precision.bits for share in (low, high)]
        most, safe = (f"{figure(end / 1e9)} billion" for end in reversed(ends))
        share = f" × {self.usable.text}" if self.usable else ""
        times = f"{self.count} × " if self.count > 1 else ""
        yield Step(
            LARGEST,
            "devices × memory capacity × usable share × 8 / bits",
            f"{times}{capacity.text}{share} × 8 / {bits} bits",
            Range(*ends),
            "parameters",
            f"{most} parameters in {self.precision.name}"
            + ("" if self.usable else f", {safe} where a server leaves some memory free"),
            (capacity, *((self.usable,) if self.usable else (low, high))),
            self.device.name,
        )
        sizes = sorted(known, key=lambda shape: shape.parameters.value)
        fitting = [shape for shape in sizes if self._weights(shape) <= self._bytes(low)]
        others = [shape for shape in sizes if self._weights(shape) > self._bytes(high)]
        if fitting:
            yield self._named(EXAMPLE, fitting[-1].parameters)
        if fitting and others:
            yield self._named(BEYOND, others[0].parameters)

    def _named(self, name: str, parameters: Given) -> Step:
        """The weights of a model of the documents."""
        size = weight_bytes(parameters.value, self.precision.bits)
        return Step(
            name,
            "parameters × bits / 8 against devices × memory capacity × usable share",
            f"{parameters.text} × {figure(self.precision.bits)} bits / 8 = {bytes_text(size)}",
            Range(size, size),
            "B",
            f"{parameters.of} with {parameters.text} parameters in {self.precision.name}",
            (parameters, self.device.capacity),
            self.device.name,
        )

    @property
    def _shares(self) -> tuple[Given, Given]:
        return self.sizer.planning.memory if self.usable is None else (self.usable, self.usable)

    def _bytes(self, share: Given) -> float:
        return self.device.capacity.value * self.count * share.value

    def _weights(self, shape: Shape) -> float:
        return weight_bytes(shape.parameters.value, self.precision.bits)
