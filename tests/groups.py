"""Runs the tests in groups, as many side by side as there are cores: what waits for a browser leaves time to the rest.

    python -m tests.groups              # all tests
    python -m tests.groups -x -k gate   # with options of pytest

A group is a folder of tests; short ones share a process, the longest begin. What they share on disk, the exported
encoder and the index of the corpus, is made before any of them begins. Tests that failed beside other groups are run
once more when nothing else runs: what fails then fails the run, what passes then is named at the end.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.cores import usable_cores
from tests.conftest import CACHE, ROOT

TESTS = ROOT / "tests"
LONGEST_FIRST = ("ui", "", "evaluation", "models", "index")
"""Folders with a process of their own; empty for the files beside them. All others share one, new ones among them."""
TESTS_FAILED = 1
"""Exit code of pytest where tests ran and some failed."""
NOTHING_CHOSEN = 5
"""Exit code of pytest where options leave no test of a group."""
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.M)
"""A test that failed, in pytest's summary."""


@dataclass(frozen=True)
class Group:
    """Tests that one process runs."""

    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How a group ended."""

    group: Group
    code: int
    seconds: float
    said: str

    @property
    def is_good(self) -> bool:
        """Whether no test failed."""
        return self.code in (0, NOTHING_CHOSEN)

    @property
    def failed(self) -> list[str]:
        """The tests that failed."""
        return list(dict.fromkeys(_FAILED.findall(self.said)))


def groups(tests: Path = TESTS) -> list[Group]:
    """Every test file in one group, the groups in the order in which they begin."""
    of_folder: dict[str, list[str]] = {}
    for file in sorted(tests.rglob("test_*.py")):
        place = file.relative_to(tests)
        of_folder.setdefault(place.parts[0] if len(place.parts) > 1 else "", []).append(str(file))
    own = [Group(folder or "top", tuple(of_folder.pop(folder))) for folder in LONGEST_FIRST if folder in of_folder]
    rest = tuple(file for files in of_folder.values() for file in files)
    return [*own, Group("rest", rest)] if rest else own


def run(group: Group, options: Sequence[str]) -> Outcome:
    """The group's tests have run."""
    began = time.monotonic()
    print(f"=== {group.name}: {len(group.paths)} files", flush=True)  # noqa: T201 - what a test run says
    # what failed last is noted for each group: two processes would overwrite each other's notes
    notes = f"cache_dir={ROOT / '.pytest_cache' / group.name}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--durations=5", "-o", notes, *options, *group.paths],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(group, done.returncode, time.monotonic() - began, done.stdout)


def prepare() -> None:
    """What the groups share lies on disk: the exported encoder and the index of the corpus."""
    Assistant.open(ROOT / "corpus", ROOT / ".cache" / "index", settings=Settings.load(cache=CACHE, model="none"))


def run_all(chosen: Iterable[Group], options: Sequence[str], processes: int) -> Iterator[Outcome]:
    """How each group ended, as they end."""
    with ThreadPoolExecutor(processes) as pool:
        for future in as_completed([pool.submit(run, group, options) for group in chosen]):
            yield future.result()


def main() -> int:
    """All groups have run and their output stands on stdout, what failed last; 1 where any failed."""
    began = time.monotonic()
    prepare()
    print(f"the index is ready after {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201 - what a test run says
    failed = []
    for outcome in run_all(groups(), sys.argv[1:], usable_cores()):
        if outcome.is_good:
            tell(outcome)
        else:
            failed.append(outcome)
    for outcome in failed:
        tell(outcome)
    again = [run(each.group, [*sys.argv[1:], "--last-failed"]) for each in failed if each.code == TESTS_FAILED]
    lasting = [each.group.name for each in failed if each.code != TESTS_FAILED]
    for first, second in zip((each for each in failed if each.code == TESTS_FAILED), again, strict=True):
        print("\n=== once more, with nothing beside it", flush=True)  # noqa: T201 - likewise
        tell(second)
        if second.is_good:
            print(f"failed beside other tests, passed alone: {', '.join(first.failed)}")  # noqa: T201 - likewise
        else:
            lasting.append(first.group.name)
    verdict = f"failed: {', '.join(lasting)}" if lasting else "all passed"
    print(f"=== {time.monotonic() - began:.0f} s, {verdict}")  # noqa: T201 - likewise
    return 1 if lasting else 0


def tell(outcome: Outcome) -> None:
    """The group's output stands on stdout."""
    name, seconds = outcome.group.name, outcome.seconds
    print(f"\n=== {name}: {seconds:.0f} s\n{outcome.said}", flush=True)  # noqa: T201 - what a test run says


if __name__ == "__main__":
    sys.exit(main())
