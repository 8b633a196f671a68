"""The checks of the documents: one defect a case, the project's own corpus as the gate, foreign folders unharmed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from checking_cases import CASES, HERE, lay_out, read_case

from hwqa.checking import check

CORPUS = HERE.parent.parent / "corpus"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_defect_is_named_with_its_line(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    report = check(lay_out(case, tmp_path))
    found = [f"{item.path}:{item.line} {item.severity} {item.rule} {item.message}" for item in report.findings]
    assert found == case.findings, case.about
    assert all(item.remedy for item in report.findings)


def test_every_rule_has_a_case() -> None:
    """A rule that no case shows may never fire."""
    source = "".join(path.read_text("utf-8") for path in (HERE.parent.parent / "src/hwqa/checking").glob("*.py"))
    shown = {line.split()[2] for path in CASES for line in read_case(path).findings}
    assert shown == {
        *("alias-twice", "anchor", "attribute", "basis", "contract", "dense-sparse", "front-matter", "link", "part"),
        *("plausible", "product", "product-twice", "row-twice", "source", "table", "unit", "unreadable", "value"),
    }
    assert all(f'"{rule}"' in source for rule in shown)


def test_the_corpus_has_no_errors() -> None:
    report = check(CORPUS)
    errors = [item for item in report.findings if item.severity == "error"]
    assert not errors, report.to_text()
    # the contract was read: what it counts and how it tells sources apart
    assert report.summary.expected
    assert report.summary.sources["primary"] > 0
    assert sum(report.summary.sources.values()) == report.summary.figures > 1000
    assert "no source" not in report.summary.sources


def test_the_summary_counts_figures_sources_and_gaps(tmp_path: Path) -> None:
    summary = check(lay_out(read_case(HERE / "cases" / "sound-page.txt"), tmp_path)).summary
    assert (summary.files, summary.products, summary.rows, summary.figures) == (2, 1, 6, 4)
    assert summary.sources == {"primary": 4}
    assert summary.share("primary") == 1.0
    assert [(gap.product, gap.attribute, gap.state) for gap in summary.gaps] == [
        ("Alpha One", "Price", "not published"),
        ("Alpha One", "Release", "missing"),
    ]


def test_marked_sources_are_no_primary_ones(tmp_path: Path) -> None:
    folder = lay_out(read_case(HERE / "cases" / "sound-page.txt"), tmp_path)
    page = folder / "gpu" / "alpha.md"
    text = page.read_text("utf-8")
    text = text.replace("| 80 GB | | | [sheet]", "| 80 GB | | | reported by [sheet]")
    text = text.replace("| 3.35 TB/s | | | [sheet]", "| 3.35 TB/s | | | unconfirmed, reported by [sheet]")
    page.write_text(text, "utf-8")
    report = check(folder)
    assert report.summary.sources == {"primary": 2, "reported by": 1, "unconfirmed": 1}
    assert "unconfirmed" in report.to_text()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("---", id="rule"),
        pytest.param("---\n---\n", id="empty-front-matter"),
        pytest.param("---\n- a\n---\n", id="list"),
        pytest.param("---\na: !!python/none x\n? [b]\n: c\n---\n", id="odd-keys"),
        pytest.param("|\n|-|\n||\n", id="bare-table"),
        pytest.param("| Attribute | Value | Unit |\n|---|---|---|\n| | | |\n||", id="empty-cells"),
        pytest.param("| a |\n|---|\n", id="header-only"),
        pytest.param("#\n\n[](#)", id="empty-heading"),
        pytest.param("\x00", id="nul"),
    ],
)
def test_odd_files_do_no_harm(text: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(text, "utf-8")
    (tmp_path / "page.md").write_text(text, "utf-8")
    assert check(tmp_path).summary.files == 2


def test_the_documents_of_other_tests_do_no_harm(tmp_path: Path) -> None:
    for number, path in enumerate(sorted(HERE.parent.glob("documents/cases/*"))):
        if path.is_file():
            (tmp_path / f"{number}.md").write_bytes(path.read_bytes())
    (tmp_path / "none.md").touch()
    assert check(tmp_path).summary.files > 1


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "hwqa", "check", "--corpus", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_prints_findings_by_file_and_fails_on_errors(tmp_path: Path) -> None:
    result = run(lay_out(read_case(HERE / "cases" / "implausible.txt"), tmp_path))
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "gpu/alpha.md"
    assert lines[1].split()[:3] == ["20", "error", "plausible"]
    assert result.stderr == "hwqa: 2 errors and 0 warnings in 1 file: mend the errors named above\n"


def test_the_command_passes_with_warnings_and_prints_json_lines(tmp_path: Path) -> None:
    result = run(lay_out(read_case(HERE / "cases" / "alias-twice.txt"), tmp_path), "--json")
    assert (result.returncode, result.stderr) == (0, "")
    finding, last = map(json.loads, result.stdout.splitlines())
    assert (finding["path"], finding["line"], finding["severity"], finding["rule"]) == (
        *("gpu/other.md", 3, "warning", "alias-twice"),
    )
    assert (last["errors"], last["warnings"]) == (0, 1)
    assert last["summary"]["products"] == 1


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "does not exist" in result.stderr
