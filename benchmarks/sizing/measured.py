"""Published speeds beside the ranges that sizing gives for them."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwqa.errors import SizingError
from hwqa.sizing import PRECISIONS, Range, Request, Sizer, Step

DATA = Path(__file__).parent / "measurements.jsonl"
WIDEST = 4.0
"""Times that the low end of a range may go into the high one."""
SERVER, SINGLE, BATCH = "server", "single", "batch"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A published speed and what is known of the run."""

    kind: str
    """`server` for MLPerf Inference v5.1, `single` for one request, `batch` for a vendor's run with a stated batch."""
    device: str
    model: str
    precision: str
    kv_precision: str
    devices: int
    prompt: int
    measured: float
    scenario: str
    submission: str
    output: int | None = None
    batch: int = 1
    speed: float | None = None
    """Tokens a second that each user must see by the rules of the scenario."""
    prompt_assumed: bool = False
    """Whether no source gives the mean length of the prompts."""
    where: str = ""
    note: str = ""
    url: str = ""
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A measurement with the range that sizing gives, or why it gives none."""

    measurement: Measurement
    expected: Range | None
    bound: float
    half: str
    """`fit` or `held out`, by device."""
    missing: str = ""

    @property
    def inside(self) -> bool:
        return self.expected is not None and self.expected.low <= self.measurement.measured <= self.expected.high


def load() -> list[Measurement]:
    """Every measurement of the file."""
    rows = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    return [Measurement(**{"model": "", "precision": "", **row}) for row in rows]


def compare(sizer: Sizer, measurements: Sequence[Measurement], prompts: float = 1.0) -> list[Compared]:
    """Each measurement with its range; `prompts` scales the lengths of prompts that had to be assumed."""
    halves = _halves(measurements)
    return [_compared(sizer, one, halves[one.device], prompts) for one in measurements]


def _halves(measurements: Sequence[Measurement]) -> dict[str, str]:
    """Device → half; the two kinds of measurement are halved each for itself."""
    found: dict[str, str] = {}
    for kind in (SERVER, SINGLE):
        devices = sorted({one.device for one in measurements if one.kind == kind} - set(found))
        found |= {device: ("fit", "held out")[at % 2] for at, device in enumerate(devices)}
    # No share was chosen on runs with a stated batch.
    return {one.device: "held out" for one in measurements} | found


def _compared(sizer: Sizer, one: Measurement, half: str, prompts: float) -> Compared:
    if not one.model or not one.precision:
        return Compared(one, None, 0.0, half, "model or precision not stated")
    prompt = round(one.prompt * prompts) if one.prompt_assumed else one.prompt
    request = Request(
        model=one.model,
        precision=PRECISIONS[one.precision],
        kv_precision=PRECISIONS[one.kv_precision],
        context=prompt + (one.output or 0),
        output=one.output,
        concurrency=one.batch,
        devices=(one.device,),
        count=one.devices,
        speed=one.speed,
    )
    try:
        placement = sizer.size(request).placements[0]
    except SizingError as error:
        return Compared(one, None, 0.0, half, str(error).partition(":")[0])
    name = "throughput of a full memory" if one.kind == SERVER else "decode of one request"
    step = placement.step("throughput" if one.batch > 1 else name)
    if step is None:
        return Compared(one, None, 0.0, half, "the documents give no bandwidth, or the model does not fit")
    return Compared(one, step.result, _bound(step), half)


def _bound(step: Step) -> float:
    """The bound that the step's text names."""
    return float(step.text.rpartition("(bound ")[2].split()[0].replace(",", ""))


def coverage(rows: Sequence[Compared]) -> str:
    """How many of the reckoned measurements lie inside, and how wide the ranges are."""
    reckoned = [row for row in rows if row.expected is not None]
    if not reckoned:
        return "0 of 0"
    inside = sum(row.inside for row in reckoned)
    widest = max(row.expected.width for row in reckoned if row.expected)
    return f"{inside} of {len(reckoned)} ({inside / len(reckoned):.0%}), ranges at most {widest:.2f} times wide"


def groups(rows: Sequence[Compared]) -> dict[str, list[Compared]]:
    """The comparisons by scenario, and those of servers by model as well."""
    found: dict[str, list[Compared]] = defaultdict(list)
    for row in rows:
        one = row.measurement
        scenario = f"MLPerf {one.scenario}"
        if one.kind == SINGLE:
            scenario = f"one request, on {one.where or 'GPU or not stated'}"
        elif one.kind == BATCH:
            scenario = f"stated batch, {one.device}"
        found[scenario].append(row)
        if one.kind == SERVER:
            found[f"MLPerf, {one.model}"].append(row)
    return dict(sorted(found.items()))


def fit(sizer: Sizer, measurements: Sequence[Measurement]) -> str:
    """The shares of bounds that the first half of the devices gives, as text."""
    rows = [row for row in compare(sizer, measurements) if row.expected is not None and row.half == "fit"]
    lines = []
    for kind in (SERVER, SINGLE):
        shares = sorted(row.measurement.measured / row.bound for row in rows if row.measurement.kind == kind)
        lines.append(f"{kind}: {len(shares)} measurements, shares {', '.join(f'{share:.3f}' for share in shares)}")
        for width in (2.25, 3.0, 3.5, WIDEST):
            held, low = max((sum(low <= share <= low * width for share in shares), low) for low in shares)
            within = [share for share in shares if low <= share <= low * width]
            middle = math.sqrt(within[0] * within[-1])
            low_end, high_end = middle / math.sqrt(width), middle * math.sqrt(width)
            lines.append(f"  {width} times wide: {low_end:.3f} to {high_end:.3f} holds {held / len(shares):.0%}")
    return "\n".join(lines)
