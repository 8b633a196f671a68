"""What a calculation is made of: inputs with their source, steps with their formula, and the result of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hwqa.schema import Fact
from hwqa.units import conversion

Fit = Literal["yes", "tight", "no"]
GIB = float(conversion("GiB", "B") or 0)
"""Bytes of a GiB."""
GB = float(conversion("GB", "B") or 0)
"""Bytes of a GB."""


@dataclass(frozen=True, slots=True)
class Given:
    """A figure that a calculation starts from."""

    name: str
    value: float
    text: str
    """The figure as its source writes it, with its unit."""
    of: str = ""
    """The product or model that it is said of."""
    fact: Fact | None = None
    """The line of the documents that gives it; None for what was asked for or assumed."""
    assumption: str = ""
    """Why the figure is taken, where no document gives it; empty otherwise."""


@dataclass(frozen=True, slots=True)
class Range:
    """A result between two bounds, which are equal where nothing is uncertain."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How many times the low end goes into the high one."""
        return self.high / self.low if self.low else float("inf")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a calculation."""

    name: str
    formula: str
    """In words: `2 × layers × KV heads × head size × bytes of a value`."""
    numbers: str
    """The same with figures."""
    result: Range
    unit: str
    text: str
    """The result as a reader sees it."""
    inputs: tuple[Given, ...] = ()
    device: str = ""
    """The device that it is reckoned for; empty where it holds for all."""


@dataclass(frozen=True, slots=True)
class Work:
    """A load as a point under the roofline of one device."""

    name: str
    """As of the step that gives its speed."""
    intensity: float
    """Operations for each byte that is read."""
    attained: Range
    """Operations a second that are reached."""


@dataclass(frozen=True, slots=True)
class Roofline:
    """What one device can do at most for an intensity, and where the loads of a sizing stand under it.

    The least of the peak and of bandwidth × intensity (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009).
    """

    bandwidth: float
    """Bytes a second of one device."""
    peak: float
    """Dense operations a second of one device."""
    arithmetic: str
    """The format of the peak."""
    points: tuple[Work, ...]

    def to_json(self) -> dict[str, Any]:
        """The roofline within the JSON of a calculation: figures of one device, in bytes and operations a second."""
        return {
            "bandwidth": _digits(self.bandwidth),
            "peak": _digits(self.peak),
            "arithmetic": self.arithmetic,
            "points": [
                {
                    "name": point.name,
                    "operations_per_byte": _digits(point.intensity),
                    "low": _digits(point.attained.low),
                    "high": _digits(point.attained.high),
                }
                for point in self.points
            ],
        }


@dataclass(frozen=True, slots=True)
class Placement:
    """How a model stands on one kind of device."""

    device: str
    fits: Fit
    """On one device: `yes`, `tight` (more than a server may fill), or `no`."""
    devices: int | None
    """Devices that the speeds are reckoned for; None where the documents do not say enough to place the model."""
    least: int | None
    """Fewest devices by capacity, whatever the way of splitting; layers may stand in stages."""
    least_full: int | None
    """The same if every byte of their memory could be filled."""
    least_tensor: int | None
    """Fewest devices over which each layer's heads can be divided evenly; None where no number does."""
    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()
    roofline: Roofline | None = None
    """None where the documents do not give both bandwidth and peak."""
    asked: int | None = None
    """Devices that were asked for; None where the fewest are looked for."""
    price: Given | None = None
    """What one costs to buy, in dollars, where the documents say it."""
    price_by_hour: Given | None = None
    """What one costs to rent, in dollars an hour, where the documents say it."""

    def step(self, name: str) -> Step | None:
        """The step of this name."""
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class Calculation:
    """A sizing: what a model needs, and how it stands on devices, each figure with its origin."""

    model: str
    """Name of the model, or its parameters as asked for."""
    precision: str
    kv_precision: str
    context: int
    """Tokens of one sequence, prompt and answer together."""
    output: int | None
    """Tokens of the answer among them; None where it was not said."""
    concurrency: int
    """Sequences at once."""
    steps: tuple[Step, ...]
    """What holds for every device."""
    placements: tuple[Placement, ...]
    """One for each device; those that need the fewest devices first where none was asked for."""
    warnings: tuple[str, ...] = ()
    cheapest: bool = False
    """Whether the placements are ordered by what the devices cost."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Device → why it is not reckoned."""
    by_cost: bool = False
    """Whether the placements are ordered by what tokens cost on them."""
    family: str = ""
    """What the family is called whose largest model is asked for; empty for any."""

    @property
    def inputs(self) -> tuple[Given, ...]:
        """Every figure that the calculation starts from, once, in order of use; the position counts from 1."""
        found: dict[tuple[str, str, str], Given] = {}
        for step in (*self.steps, *(step for placement in self.placements for step in placement.steps)):
            for given in step.inputs:
                found.setdefault((given.name, given.of, given.text), given)
        return tuple(found.values())

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts behind the inputs, each once: what an answer built on this calculation cites."""
        return tuple({given.fact.id: given.fact for given in self.inputs if given.fact is not None}.values())

    @property
    def asked_facts(self) -> tuple[Fact, ...]:
        """The facts about the model, and about the device where one was asked for."""
        placements = self.placements if len(self.placements) == 1 else ()
        steps = (*self.steps, *(step for placement in placements for step in placement.steps if step.name == "memory"))
        # a model of which only the size was said borrows its cache from others
        about = {self.model, *(placement.device for placement in placements), *(step.device for step in self.steps)} - {
            ""
        }
        found = [given.fact for step in steps for given in step.inputs if given.fact is not None and given.of in about]
        return tuple({fact.id: fact for fact in found}.values())

    def step(self, name: str) -> Step | None:
        """The step of this name among those that hold for every device."""
        return next((step for step in self.steps if step.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """The calculation as `hwqa size --json` prints it and as `Answer.calculation` holds it."""
        numbers = {(given.name, given.of, given.text): number for number, given in enumerate(self.inputs, 1)}

        def steps(items: Iterable[Step]) -> list[dict[str, Any]]:
            return [
                {
                    "name": step.name,
                    "formula": step.formula,
                    "numbers": step.numbers,
                    "low": _digits(step.result.low),
                    "high": _digits(step.result.high),
                    "unit": step.unit,
                    "text": step.text,
                    "inputs": [numbers[(given.name, given.of, given.text)] for given in step.inputs],
                }
                for step in items
            ]

        return {
            "kind": "sizing",
            "model": self.model,
            "precision": self.precision,
            "kv_precision": self.kv_precision,
            "context_tokens": self.context,
            "output_tokens": self.output,
            "concurrency": self.concurrency,
            "steps": steps(self.steps),
            "devices": [
                {
                    "device": placement.device,
                    "fits": placement.fits,
                    "devices": placement.devices,
                    "least": placement.least,
                    "least_full": placement.least_full,
                    "least_tensor_parallel": placement.least_tensor,
                    "steps": steps(placement.steps),
                    "warnings": list(placement.warnings),
                    "roofline": None if placement.roofline is None else placement.roofline.to_json(),
                }
                for placement in self.placements
            ],
            "inputs": [
                {
                    "number": number,
                    "name": given.name,
                    "of": given.of,
                    "value": given.value,
                    "text": given.text,
                    "assumption": given.assumption,
                    "citation": None if given.fact is None else _citation(given.fact),
                }
                for number, given in enumerate(self.inputs, 1)
            ],
            "left_out": dict(self.left_out),
            "warnings": list(self.warnings),
        }


def _citation(fact: Fact) -> dict[str, Any]:
    return {
        "path": fact.path,
        "heading_path": list(fact.heading_path),
        "anchor": fact.anchor,
        "lines": list(fact.lines),
        "quote": fact.quote,
    }


def _digits(value: float) -> float:
    """The value to six digits: more would be noise of the arithmetic."""
    return float(f"{value:.6g}")


def figure(value: float, digits: int = 3) -> str:
    """The number with at least so many digits, thousands parted, and no zeros behind the point but those that count.

    >>> figure(80.737), figure(70272), figure(0.01234)
    ('80.7', '70,272', '0.0123')
    """
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if magnitude:
        return f"{value:,.{max(digits - magnitude, 0)}f}"
    return f"{value:.{digits}g}"


def bytes_text(size: float) -> str:
    """A number of bytes in GB with the same in GiB, or in MB below one GB.

    >>> bytes_text(80.737e9), bytes_text(266e6)
    ('80.7 GB (75.2 GiB)', '266 MB')
    """
    if size < GB:
        return f"{figure(size / 1e6)} MB"
    # A tenth decides whether a model fits: 80.7 GB, not 81.
    return f"{_tenths(size / GB)} GB ({_tenths(size / GIB)} GiB)"


def _tenths(value: float) -> str:
    return f"{value:,.2f}" if value < 20 else f"{value:,.1f}"


def range_text(result: Range, unit: str, digits: int = 3) -> str:
    """The range with its unit: `19.1–43.0 tokens/s`."""
    low, high = figure(result.low, digits), figure(result.high, digits)
    return f"{low} {unit}" if low == high else f"{low}–{high} {unit}"
