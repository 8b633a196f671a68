"""Memory that sizing reckons beside real weight files, and the KV cache beside papers and logs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from hwqa.sizing import PRECISIONS, Calculation, Request, Sizer

HERE = Path(__file__).parent
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure of sizing beside the one of a source."""

    model: str
    what: str
    reckoned: float
    stated: float
    note: str
    source: str

    @property
    def off(self) -> float:
        """By how much the reckoned figure differs, as a share of the stated one."""
        return self.reckoned / self.stated - 1


def weight_files(sizer: Sizer) -> list[Reckoned]:
    """The weights of each model beside the size of its files, in bytes."""
    found = []
    for row in tomllib.loads((HERE / "weight_files.toml").read_text("utf-8"))["file"]:
        request = Request(model=row["model"], precision=PRECISIONS[row["precision"]], most_devices=1)
        reckoned = _figure(sizer.size(request), "weights")
        stated = row["bytes"] if "bytes" in row else row["gib"] * GIB
        found.append(Reckoned(row["model"], row["precision"], reckoned, stated, row["note"], row["source"]))
    return found


def caches(sizer: Sizer) -> list[Reckoned]:
    """The cache of each model beside what its source states, in bytes or in values."""
    found = []
    for row in tomllib.loads((HERE / "caches.toml").read_text("utf-8"))["cache"]:
        model, kind, source = row["model"], row["kind"], row["source"]
        shape = sizer.models[model]
        token = _figure(sizer.size(Request(model=model, most_devices=1)), "KV cache for a token")
        if "values" in row:
            # The paper rounds to hundreds of values.
            values = round(token / 2, -2)
            found.append(Reckoned(model, f"{kind}, values of a token", values, row["values"], "", source))
        elif shape.window_layers is None or shape.layers is None:
            found.append(Reckoned(model, f"{kind}, bytes of a token", token, row["bytes"], "", source))
        else:
            layer = token / shape.layers.value
            full = (shape.layers.value - shape.window_layers.value) * layer * row["tokens"]
            window = shape.window_layers.value * layer * row["window_cells"]
            what = f"{kind}, bytes of {row['tokens']:,} tokens in the layers without one"
            found.append(Reckoned(model, what, full, row["bytes"], "", source))
            what = f"{kind}, bytes of {row['window_cells']:,} tokens in the layers with one"
            found.append(Reckoned(model, what, window, row["window_bytes"], "", source))
    return found


def _figure(calculation: Calculation, name: str) -> float:
    """The result of a step that must be there."""
    return next(step.result.low for step in calculation.steps if step.name == name)
