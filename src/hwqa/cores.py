"""How many cores this process may use."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """The cores that the system gives this process, but no more than `OMP_NUM_THREADS` says, which libraries heed."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    said = os.environ.get("OMP_NUM_THREADS", "")
    return min(usable, int(said)) if said.isdecimal() and int(said) else usable
