"""Sizing against published measurements, files and papers; the tables of docs/benchmarks/sizing.md.

    python -m benchmarks.sizing [--corpus corpus] [--index index] [--write docs/benchmarks/sizing.md] [--fit]

- Speeds: `measurements.jsonl` holds the published tokens per second with what is known of each run. Devices are halved
  by name, every second one: shares were chosen on the first half, and the other half is reported for itself.
- Memory: `weight_files.toml` holds sizes of real files, `caches.toml` what papers and logs say of the KV cache.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.sizing.measured import compare, fit, load
from benchmarks.sizing.memory import caches, weight_files
from benchmarks.sizing.page import page

from hwqa.assistant import Assistant
from hwqa.sizing import Sizer


def main() -> None:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--index", default="index")
    parser.add_argument("--write", type=Path, help="page to write the tables to; stdout without")
    parser.add_argument("--fit", action="store_true", help="print the shares that the first half of the devices gives")
    arguments = parser.parse_args()
    assistant = Assistant.open(arguments.corpus, arguments.index)
    sizer = Sizer(assistant.index.facts(), assistant.reader.vocabulary)
    measurements = load()
    if arguments.fit:
        print(fit(sizer, measurements))
        return
    prompts = {factor: compare(sizer, measurements, factor) for factor in (1.0, 0.5, 2.0)}
    text = page(sizer, prompts, weight_files(sizer), caches(sizer))
    if arguments.write:
        arguments.write.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
