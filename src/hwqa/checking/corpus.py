"""All checks over a folder of documents, and how their result is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from hwqa.checking.expectations import README, Expectations, expectations
from hwqa.checking.figures import check_figures, figures
from hwqa.checking.findings import Finding
from hwqa.checking.pages import Page
from hwqa.checking.products import check_names, check_parts, check_product_tables
from hwqa.checking.structure import anchors, check_front_matter, check_links, check_tables
from hwqa.checking.summary import Summary, summarize
from hwqa.corpus import read_text, scan
from hwqa.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found."""

    findings: tuple[Finding, ...]
    """Sorted by path, line and weight."""
    summary: Summary

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return len(self.findings) - self.errors

    def to_json(self) -> Iterator[dict[str, Any]]:
        """An object for each finding, then one with the summary."""
        for finding in self.findings:
            yield finding.to_json()
        yield {"summary": self.summary.to_json(), "errors": self.errors, "warnings": self.warnings}

    def verdict(self) -> str:
        """The result in one line."""
        files = len({finding.path for finding in self.findings})
        if not self.findings:
            return f"{self.summary.files} files, nothing to complain about"
        return f"{_count(self.errors, 'error')} and {_count(self.warnings, 'warning')} in {_count(files, 'file')}"

    def to_text(self) -> str:
        """The findings by file, then the summary."""
        lines: list[str] = []
        for path, group in groupby(self.findings, key=lambda finding: finding.path):
            lines.append(path)
            lines += [
                f"  {finding.line:>5}  {finding.severity:<7}  {finding.rule:<13}  {finding.message}: {finding.remedy}"
                for finding in group
            ]
            lines.append("")
        return "\n".join([*lines, *_summary_lines(self.summary)])


def check(folder: Path) -> Report:
    """Every file under a folder is checked; nothing is changed.

    What is asked of specification tables comes from the tables of the README.md in the folder (see
    `hwqa.checking.expectations`); without it, structure alone is checked.

    Raises:
        CorpusError: The folder is missing, or holds no Markdown.
    """
    findings: list[Finding] = []
    pages: list[Page] = []
    for file in scan(folder):
        try:
            pages.append(Page(file.path, read_text(folder, file.path)))
        except CorpusError as error:
            message, _, remedy = str(error).removeprefix(f"{file.path}: ").partition("; ")
            findings.append(Finding(file.path, 1, "error", "unreadable", message, remedy or "make it readable"))
    asked = Expectations()
    for page in pages:
        if page.path == README:
            asked, wrong = expectations(page)
            findings += wrong
    root = folder.resolve()
    anchors_of = {page.path: anchors(page) for page in pages}
    read = [(page, figures(page)) for page in pages]
    for page, found in read:
        findings += check_front_matter(page)
        findings += check_tables(page)
        findings += check_links(page, anchors_of, lambda path: (root / path).exists())
        findings += check_figures(page, found, asked)
        findings += check_parts(page, asked)
        findings += check_product_tables(page, asked)
    findings += check_names(pages)
    return Report(tuple(sorted(set(findings))), summarize(read, asked))


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _summary_lines(summary: Summary) -> list[str]:
    lines = [f"{'Files':<26}{summary.files:>7,}", f"{'Products':<26}{summary.products:>7,}"]
    lines += [f"{'Rows of specifications':<26}{summary.rows:>7,}", f"{'Figures':<26}{summary.figures:>7,}"]
    lines += [f"{'  ' + kind:<26}{number:>7,}  {summary.share(kind):>6.1%}" for kind, number in summary.sources.items()]
    if summary.expected:
        states = Counter((gap.attribute, gap.state) for gap in summary.gaps)
        lines += ["", f"{'Gaps':<26}{'products':>9}{'stated':>8}{'not published':>15}{'missing':>9}"]
        for attribute, products in summary.expected.items():
            unpublished, missing = states[attribute, "not published"], states[attribute, "missing"]
            stated = products - unpublished - missing
            lines.append(f"{'  ' + attribute:<26}{products:>9,}{stated:>8,}{unpublished:>15,}{missing:>9,}")
    return lines
