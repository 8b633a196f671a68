"""`docs/api.md` keeps its word: its programs run against real servers and print what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CACHE, ROOT, SMALL_CORPUS

DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
PROGRAMS: list[tuple[str, str]] = re.findall(r"<!-- run as a test: (\w+) -->\n```python\n(.*?)```", DOCUMENT, re.DOTALL)
PRINTED = re.findall(r"```text\n(.*?)```", DOCUMENT, re.DOTALL)
SERVED = {"MCP": (("mcp", "--http"), "http://127.0.0.1:7861/"), "chat": (("serve",), "http://127.0.0.1:7860/")}
"""What a program needs → the command that serves it, and the address in the document."""


@pytest.fixture(scope="module", params=list(SERVED))
def served(request: pytest.FixtureRequest, small_index: Path) -> Iterator[tuple[str, str]]:
    """What is served, and where."""
    command = [Path(sys.executable).parent / "hwqa", *SERVED[request.param][0], "--port", "0", "--model", "none"]
    command += ["--corpus", SMALL_CORPUS, "--index", small_index]
    environment = {**os.environ, "HWQA_CACHE": str(CACHE)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://[\d.]+:\d+/", process.stdout.readline())
            assert address
            yield request.param, address[0]
        finally:
            process.terminate()


def test_the_programs_print_what_the_document_shows(served: tuple[str, str]) -> None:
    (printed,) = PRINTED
    needs, address = served
    programs = [code for need, code in PROGRAMS if need == needs]
    assert len(programs) == {"MCP": 1, "chat": 2}[needs]
    for code in programs:
        shown = SERVED[needs][1]
        assert shown in code
        done = subprocess.run(
            [sys.executable, "-c", code.replace(shown, address)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (done.returncode, done.stdout) == (0, printed), done.stderr
