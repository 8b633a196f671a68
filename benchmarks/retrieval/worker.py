"""One system over one corpus, in a process of its own: `python -m benchmarks.retrieval.worker`, started by `runs.py`.

Reads `{"system", "folder", "questions", "depth"}` as JSON from standard input; writes the spans of each question as
JSON to the file named in the argument. Needs nothing but the system's own packages.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.retrieval.systems import SYSTEMS


def main() -> None:
    task = json.load(sys.stdin)
    system = SYSTEMS[task["system"]]
    began = time.perf_counter()
    found = system.retrieve(Path(task["folder"]), task["questions"], task["depth"], system.variant)
    result = {"seconds": time.perf_counter() - began, "spans": [[span.to_json() for span in row] for row in found]}
    Path(sys.argv[1]).write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main()
