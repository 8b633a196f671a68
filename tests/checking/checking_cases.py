"""A case is a file: a line that says what it shows, files after `=== path`, and the findings after `=== findings`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.txt"))
_MARK = re.compile(r"(?m)^=== (.+)\n")


@dataclass(frozen=True)
class Case:
    about: str
    files: dict[str, str]
    findings: list[str]
    """`path:line severity rule message`, in order."""


def read_case(path: Path) -> Case:
    """The case of a file; `=== contract` stands for the README in contract.md."""
    about, *parts = _MARK.split(path.read_text("utf-8", errors="surrogateescape"))
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    findings = [line for line in files.pop("findings").splitlines() if line]
    if files.pop("contract", None) is not None:
        files["README.md"] = (HERE / "contract.md").read_text("utf-8")
    return Case(about.strip(), files, findings)


def lay_out(case: Case, folder: Path) -> Path:
    """The folder, with the files of the case in it."""
    for name, text in case.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder
