"""What the speed benchmarks share: contestants in processes of their own that take turns, and tables on one page.

The machine may be busy with other things: contestants take turns, so that it troubles them alike, and tables give
medians. Processor time and peak memory are the operating system's account of the whole process with its threads.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks" / "speed.md"
HWQA = str(Path(sys.executable).parent / "hwqa")
PLAIN = [sys.executable, str(HERE / "plain_langchain.py")]


@dataclass(frozen=True, slots=True)
class Run:
    """A process that has ended."""

    seconds: float
    """From its start to its end."""
    processor: float
    """Seconds of processor time, of all its threads."""
    peak: float
    """Most memory that it held at a time, in MB."""
    output: str

    @property
    def said(self) -> dict[str, Any]:
        """The last line of its output, which is JSON."""
        said: dict[str, Any] = json.loads(self.output.strip().rpartition("\n")[2])
        return said


def run(command: Sequence[str]) -> Run:
    """The command has run to its end; a failure ends the benchmark."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env={**os.environ, "COLUMNS": "120"})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command[:4])} failed:\n{errors.read()[-2000:]}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, megabytes(usage), output.read())


def megabytes(usage: resource.struct_rusage) -> float:
    """The most memory that a process held at a time."""
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes elsewhere


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Within it, what is started has so many of this process's cores and counts no others; 0 means all."""
    if not count:
        yield
        return
    if not hasattr(os, "sched_setaffinity"):
        raise SystemExit("cores can only be chosen on Linux: leave --cores out")
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def in_turns(contestants: Mapping[str, Callable[[], Run]], runs: int) -> dict[str, list[Run]]:
    """The runs of each contestant; one has its second turn after all had their first."""
    done: dict[str, list[Run]] = {name: [] for name in contestants}
    for turn in range(runs):
        for name, contestant in contestants.items():
            print(f"… {name}, {turn + 1} of {runs}", file=sys.stderr, flush=True)
            done[name].append(contestant())
    return done


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first hold figures."""
    rules = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rules, *rows))


# --- the page ---------------------------------------------------------------------------------------------------


def add_page_options(parser: argparse.ArgumentParser, **quick: object) -> None:
    """The parser knows where tables go, and `--quick`, which sets the options named here to these values."""

    class Quick(argparse.Action):
        def __call__(self, _parser: object, namespace: argparse.Namespace, *_: object) -> None:
            vars(namespace).update(quick, quick=True)

    parser.add_argument("--write", action="store_true", help="put the tables on the page, in place of those it has")
    parser.add_argument("--page", type=Path, default=PAGE, help="docs/benchmarks/speed.md unless another is named")
    parser.add_argument(
        "--quick", action=Quick, nargs=0, default=False, help="a size that shows that all works, and nothing else"
    )


def show(arguments: argparse.Namespace, section: str, how_often: str, tables: str) -> None:
    """The tables are printed and, if they are to be written, stand on the page in place of those it had."""
    quick = " Quick size: the figures say nothing." if arguments.quick else ""
    text = f"{machine()}. {how_often}{quick}\n\n{tables}"
    print(text)
    if arguments.write:
        page = arguments.page.read_text("utf-8") if arguments.page.exists() else "# Speed\n"
        arguments.page.write_text(insert(page, section, text), "utf-8")


def insert(page: str, section: str, text: str) -> str:
    """The page with the text between the section's marks, which are put at the end of a page that has none."""
    begin = f"<!-- begin {section}: written by `make bench`; what stands outside is kept -->"
    end = f"<!-- end {section} -->"
    if begin not in page:
        page = f"{page.rstrip()}\n\n## {section.capitalize()}\n\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}"


def machine() -> str:
    """The machine and the version of Python."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, Python {platform.python_version()}"
