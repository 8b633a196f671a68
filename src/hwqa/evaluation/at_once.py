"""Golden cases asked at once: in threads where a server answers, in processes where answers are composed here.

Python runs one thread at a time, so answers that are composed gain nothing from threads. Each process opens the index
for itself, which readers share.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING, Any

from hwqa.cores import usable_cores
from hwqa.errors import ConfigError
from hwqa.evaluation.asking import Asker, Result, ask_case, reader

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from hwqa.evaluation.golden import Case
    from hwqa.evaluation.journal import Kept

Outcome = tuple[Result, "Kept | None"]
Opener = Callable[[], Asker]
"""Opens the assistant in another process; can be pickled."""

_asker: Asker | None = None
"""Of a process that was started here, its own assistant."""


def ask_in_threads(
    ask: Callable[[Case], Outcome], cases: Iterable[tuple[int, Case]], jobs: int
) -> Generator[tuple[int, Outcome]]:
    """Place and outcome of each case as they come, so many asked at once; with one job in order and in this thread."""
    if jobs == 1:
        for place, case in cases:
            yield place, ask(case)
        return
    with ThreadPoolExecutor(jobs) as pool:
        yield from _as_they_come(pool, {pool.submit(ask, case): place for place, case in cases})


def ask_in_processes(opener: Opener, cases: Iterable[tuple[int, Case]], jobs: int) -> Generator[tuple[int, Outcome]]:
    """Place and outcome of each case as they come, asked by so many processes that each open the assistant.

    Raises:
        ConfigError: A process was ended from outside.
    """
    # a fork would copy locks that the encoder's threads hold
    context = multiprocessing.get_context("spawn")
    share = max(1, usable_cores() // jobs)
    with ProcessPoolExecutor(jobs, context, initializer=partial(_begin, opener, share)) as pool:
        try:
            yield from _as_they_come(pool, {pool.submit(_ask, case): place for place, case in cases})
        except BrokenProcessPool as error:
            raise ConfigError(
                "a process that asked questions was ended, perhaps for want of memory; use --jobs 1, and with --out the"
                " run goes on where it stopped"
            ) from error


def _as_they_come(pool: Executor, futures: dict[Future[Outcome], int]) -> Generator[tuple[int, Outcome]]:
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        # also when the caller stops listening: what was not begun is not asked
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _begin(opener: Opener, cores: int) -> None:
    """The process has its assistant, leaves the other cores to the others, and ends with the one that started it."""
    global _asker  # noqa: PLW0603 - a process of a pool has no other place for what it keeps
    os.environ["OMP_NUM_THREADS"] = str(cores)
    # the user's interruption is for the process that shows the progress
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _asker = opener()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _ask(case: Case) -> Outcome:
    assert _asker is not None, "the pool has begun"  # noqa: S101 - as `_begin` promises
    return ask_case(_asker, case, reader(_asker.corpus), time.perf_counter)
