"""`docs/evaluation.md` keeps its word: the gate that it tells owners of documents to copy passes, and fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.conftest import CACHE, ROOT, SMALL_CORPUS
from typer.testing import CliRunner

from hwqa.cli import app
from hwqa.evaluation import MEASURES

DOCUMENT = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
GOLDEN = {
    "How much memory does the Alpha X1 have?": "48 GB",
    "What is the memory capacity of the X1?": "48 GB",
    "How much VRAM has the X1 card?": "48 GB",
    "Memory of the Alpha X1?": "48 GB",
    "How much power does the Alpha X2 draw?": "450 W",
}
"""The question → its fact; four of five hang on one line of the documents."""


@pytest.fixture
def project(tmp_path: Path, small_index: Path) -> Path:
    """Documents with their index, golden questions about them and the gate of the document."""
    shutil.copytree(SMALL_CORPUS, tmp_path / "corpus")
    shutil.copytree(small_index, tmp_path / "index")
    (tmp_path / "golden").mkdir()
    cases = [
        {
            "id": f"case-{number}",
            "question": question,
            "answerable": True,
            "category": "lookup",
            "facts": [fact],
            "sources": ["alpha.md"],
        }
        for number, (question, fact) in enumerate(GOLDEN.items())
    ]
    (tmp_path / "golden" / "cards.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    found = re.search(r"<!-- run as a test: gate -->\n *```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    (tmp_path / "test_gate.py").write_text(textwrap.dedent(found[1]), encoding="utf-8")
    return tmp_path


def gate(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_gate.py"],
        cwd=project,
        # the plugins that are installed take longer to load than the gate takes
        env={**os.environ, "HWQA_CACHE": str(CACHE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_gate_of_the_document_passes_and_fails_with_an_edit_that_loses_a_figure(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    written = CliRunner().invoke(app, "eval golden --model none --scores golden/baseline.json")
    assert written.exit_code == 0, written.output
    passed = gate(project)
    assert passed.returncode == 0, passed.stdout
    page = project / "corpus" / "alpha.md"
    page.write_text(page.read_text("utf-8").replace("| 48 GB |", "| 84 GB |"), encoding="utf-8")
    failed = gate(project)
    assert failed.returncode == 1
    assert "fact_coverage is 0.200" in failed.stdout
    told = CliRunner().invoke(
        app, "eval golden --model none --baseline golden/baseline.json --fail-on fact_coverage<0.5"
    )
    assert told.exit_code == 1
    assert "the mean over n = 5 is 0.200" in told.stderr


def test_the_document_has_each_measure_as_the_code_defines_it() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| (higher|lower) \| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    said = [(each.name, each.title, each.better, each.definition, each.reference) for each in MEASURES]
    assert rows == said


def test_the_commands_and_options_of_the_document_exist() -> None:
    told = "".join(
        CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "300"}).output
        for command in (("eval",), *(("golden", name) for name in re.findall(r"hwqa golden (\w+)", DOCUMENT)))
    )
    assert "Usage" in told
    assert "No such command" not in told
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCUMENT)):
        assert option in told, option
