"""The speed benchmarks run: in a size that shows that all works, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.corpora import vary
from benchmarks.side_by_side import insert, percentile
from tests.conftest import CACHE, ROOT

TABLES = {
    "cold_start": {"plain LangChain", "hwqa as library", "hwqa search", "hwqa ask", "encoder alone"},
    "indexing": {"plain LangChain", "hwqa", "encoder alone", "nothing edited"},
    "querying": {"plain LangChain, by meaning", "hwqa, hybrid", "hwqa, by meaning alone", "encoder alone"},
}
"""Rows that each benchmark writes."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, subprocess.Popen[str]]]]:
    """Each benchmark's page, and the process that writes it: all at once, as most of the time Python starts."""
    folder = tmp_path_factory.mktemp("pages")
    running = {}
    for name in TABLES:
        page = folder / f"{name}.md"
        page.write_text("# Speed\n\nWhat was concluded.\n", "utf-8")
        command = [sys.executable, f"benchmarks/{name}.py", "--quick", "--write", "--page", str(page)]
        running[name] = (
            page,
            subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "HWQA_CACHE": str(CACHE)},
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ),
        )
    yield running
    for _, process in running.values():
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_quick_size_writes_figures_of_every_contestant(
    name: str, written: dict[str, tuple[Path, subprocess.Popen[str]]]
):
    page, process = written[name]
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    text = page.read_text("utf-8")
    assert text.startswith("# Speed\n\nWhat was concluded.\n")
    assert output.strip() in text
    rows = {cells[0]: cells[1:] for line in text.split("\n") if (cells := line.strip("| ").split(" | "))[1:]}
    assert rows.keys() >= TABLES[name]
    for row in TABLES[name]:
        figures = [float(cell.replace(",", "").removesuffix(" %")) for cell in rows[row] if cell.strip(" |")]
        assert len(figures) >= 4, row
        assert min(figures) >= 0, row
        assert max(figures) > 0, row


def test_a_section_of_the_page_is_replaced_and_everything_else_is_kept():
    first = insert("# Speed\n\nBefore.\n", "querying", "old figures")
    other = insert(first, "indexing", "figures of the other")
    concluded = other.replace("## Indexing", "So it is fast.\n\n## Indexing") + "\nBehind.\n"
    page = insert(concluded, "querying", "new figures")
    assert "old figures" not in page
    assert page == concluded.replace("old figures", "new figures")


def test_percentiles_are_values_that_were_measured():
    values = [float(number) for number in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([3.0], 0.95)) == (51.0, 96.0, 3.0)


def test_varied_corpora_have_so_many_files_and_are_made_alike(tmp_path: Path):
    one, two = (vary(ROOT / "corpus" / "guides", tmp_path / name, 7, seed=3) for name in ("one", "two"))
    texts = [[path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))] for folder in (one, two)]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) == 7


def test_varied_corpora_have_as_many_tables_as_asked_for(tmp_path: Path):
    without = vary(ROOT / "corpus" / "guides", tmp_path / "none", 20, tables=0.0)
    full = vary(ROOT / "corpus" / "guides", tmp_path / "all", 20, tables=1.0)
    assert not [path for path in without.rglob("*.md") if "\n|" in path.read_text("utf-8")]
    assert all("\n|" in path.read_text("utf-8") for path in full.rglob("*.md"))
