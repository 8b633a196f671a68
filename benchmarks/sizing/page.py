"""The page with the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.sizing.measured import BATCH, SERVER, SINGLE, WIDEST, Compared, coverage, groups
from benchmarks.sizing.memory import Reckoned

from hwqa.sizing import Sizer

_TOLERANCE = 0.05
_INTRODUCTION = """# Sizing against what was measured

What `hwqa size` reckons, beside published speeds, real weight files, and the KV cache that papers and logs give.
Written by `python -m benchmarks.sizing --write docs/benchmarks/sizing.md`; the data stands beside it in
`benchmarks/sizing/`.
"""
_METHOD = """A range is a bound times two shares of it. The shares come from the guide on peak and measured performance
in the corpus ("Shares for planning"). The serving share was chosen on one half of the devices (every second one by
name; `--fit` prints what that half gives); the other half is counted for itself. The form of the bound was settled
with all measurements in sight, and was not changed after the devices were halved. The shares for one request stood in
the guide before.

What is known of a run and what is not:

- Precision of weights: from the files of each MLPerf submission. That of the cache: FP8 where the weights are in FP8 or
  in 4-bit floating point, as NVIDIA's and AMD's configurations say, else 16 bits. The 13 runs of one submitter in the
  open division leave the precision empty; the names of their folders say FP8, and for 12 of them Llama 3.1 70B instead
  of Llama 2 70B.
- Length of answers: tokens per second by samples per second in the logs of MLPerf, a mean for each model.
- Length of prompts: the rules do not print the mean. Llama 2 70B 221 tokens (counted by a third party on the prompts of
  MLPerf), Llama 3.1 8B 778 and Llama 3.1 405B 9,400 (as quoted from MLCommons). Mixtral (300) and DeepSeek-R1 (800) are
  assumed; the table has half and double of these two.
- Batch: not published. It is what the memory holds, and in Server and Interactive at most what keeps the time for a
  token of the rules (`loadgen/mlperf.conf`).
- Ways to split: the best of those that divide the heads evenly, with copies on the other devices.
- One request: the context is taken as 1,024 tokens. Where the source names no precision, the default of its tool is
  taken (4 bits, Q4_K_M).
"""
_WHY = """## What lies outside, and why

- **DeepSeek-R1 in MLPerf** (all of it): 0.04 to 0.09 of the bound. The bound knows memory and arithmetic. A mixture of
  256 experts spends its time on what the bound leaves out: tokens travel to the devices of their experts and back in
  each of 58 layers, the fullest expert sets the time of a layer, and the submissions keep the batch far below what the
  memory holds (512 for each device). One range for these and for dense models would be 15 times wide, so no share can
  hold both within the bar. The calculation warns of it for mixtures on several devices.
- **Intel Arc Pro B60**: the documents give no peak at 16 bits, so half of the INT8 peak is taken. The runs come up to
  1.05 of that bound: the real peak of the arithmetic they use must be higher. The documents lack the figure.
- **Interactive**: the rules limit the time to the first token as well. That limit is not part of the reckoning, so two
  runs stay below.
- **One request of a small 4-bit model on a device with very fast memory**: 0.33 to 0.39 of the bound (A100, H100, and
  an M3 Ultra). A step then takes a few milliseconds, of which starting the kernels is a good part.
- **Runs with a stated batch over 12 or 16 chips**: small batches on many chips wait for links, which the bound leaves
  out, so most lie a little below.
- **One request on the CPU cores of a chip with a GPU**: the cores alone do not reach the bandwidth of the memory, which
  the documents give for the chip.
"""


def page(
    sizer: Sizer, prompts: Mapping[float, Sequence[Compared]], files: Sequence[Reckoned], caches: Sequence[Reckoned]
) -> str:
    """The whole page as Markdown."""
    rows = prompts[1.0]
    parts = [_INTRODUCTION, "## Speeds\n", _METHOD, _summary(prompts)]
    parts.append("### By kind of run\n")
    parts.append(
        _table(
            ("runs", "all devices", "devices the share was chosen on", "held-out devices"),
            [
                (name, *(coverage(_half(group, half)) for half in ("", "fit", "held out")))
                for name, group in groups(rows).items()
            ],
        )
    )
    parts += [_WHY, _memory(files), _caches(caches), "## Every speed\n", _every(rows), _not_reckoned(rows)]
    shares = ", ".join(f"{given.name} {given.text}" for given in sizer.planning.all)
    parts.append(f"Shares used: {shares}.\n")
    return "\n".join(parts)


def _summary(prompts: Mapping[float, Sequence[Compared]]) -> str:
    lines = []
    for factor, rows in prompts.items():
        what = {1.0: "prompts as above", 0.5: "half of these prompts", 2.0: "double of these prompts"}[factor]
        for kind, name in (
            (SERVER, "MLPerf Inference v5.1"),
            (SINGLE, "one request"),
            (SERVER + SINGLE, "both"),
            (BATCH, "vendors' runs with a stated batch, beyond the bar"),
        ):
            if factor != 1.0 and kind != SERVER:
                continue
            chosen = [row for row in rows if row.measurement.kind in kind]
            halves = (coverage(_half(chosen, half)) for half in ("", "fit", "held out"))
            lines.append((name, what if kind == SERVER else "", *halves))
    header = ("measurements", "with", "all devices", "devices the share was chosen on", "held-out devices")
    all_rows = [row for row in prompts[1.0] if row.measurement.kind != BATCH]
    reckoned = [row for row in all_rows if row.expected is not None]
    inside = sum(row.inside for row in reckoned)
    bar = (
        f"Measured inside the range; the bar is 80% with ranges at most {WIDEST:.0f} times wide. Of {len(all_rows)} "
        f"measurements {len(reckoned)} could be reckoned; the others (listed at the end) lack a figure of the device "
        f"or of the run. With these counted as misses, {inside / len(all_rows):.0%} lie inside.\n"
    )
    return bar + "\n" + _table(header, lines)


def _half(rows: Iterable[Compared], half: str) -> list[Compared]:
    return [row for row in rows if half in ("", row.half)]


def _memory(files: Sequence[Reckoned]) -> str:
    good = sum(abs(row.off) <= _TOLERANCE for row in files)
    table = _table(
        ("model", "format", "reckoned", "files", "off", "source"),
        [
            (
                row.model,
                row.what,
                f"{row.reckoned / 1e9:.2f} GB",
                f"{row.stated / 1e9:.2f} GB",
                f"{row.off:+.1%}",
                f"[{row.note}]({row.source})",
            )
            for row in files
        ],
    )
    return f"## Weights against real files\n\n{good} of {len(files)} within {_TOLERANCE:.0%}.\n\n{table}"


def _caches(caches: Sequence[Reckoned]) -> str:
    equal = sum(row.off == 0 for row in caches)
    table = _table(
        ("model", "kind", "reckoned", "source says", "source"),
        [(row.model, row.what, f"{row.reckoned:,.0f}", f"{row.stated:,.0f}", row.source) for row in caches],
    )
    return f"## KV cache against papers and logs\n\n{equal} of {len(caches)} equal; 16-bit values.\n\n{table}"


def _every(rows: Sequence[Compared]) -> str:
    return _table(
        ("device", "model", "precision", "devices", "run", "measured", "range", "of the bound", "inside", "half"),
        [
            (
                row.measurement.device,
                row.measurement.model,
                row.measurement.precision,
                str(row.measurement.devices),
                " ".join(part for part in (row.measurement.scenario, row.measurement.where) if part),
                f"{row.measurement.measured:,}",
                f"{row.expected.low:,.3g}–{row.expected.high:,.3g}"
                if row.expected.high < 1000
                else f"{row.expected.low:,.0f}–{row.expected.high:,.0f}",
                f"{row.measurement.measured / row.bound:.2f}",
                "yes" if row.inside else "**no**",
                row.half,
            )
            for row in rows
            if row.expected is not None
        ],
    )


def _not_reckoned(rows: Sequence[Compared]) -> str:
    missing = [row for row in rows if row.expected is None]
    table = _table(
        ("device", "model", "measured", "why"),
        [
            (row.measurement.device, row.measurement.model, f"{row.measurement.measured:,}", row.missing)
            for row in missing
        ],
    )
    return f"### Not reckoned\n\n{table}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
