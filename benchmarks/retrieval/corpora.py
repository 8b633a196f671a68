"""The corpora of `corpora.toml`, their questions, and where everything lies."""

from __future__ import annotations

import hashlib
import json
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DATA = HERE / ".data"
SAMPLE_SEED = 4

Evidence = tuple[str, int, int]
"""Path, first and last line (1-based, both included) of a place that holds an answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and where the documents answer it."""

    id: str
    kind: str
    text: str
    needs: tuple[tuple[Evidence, ...], ...]
    """What has to be found; of each item the places that hold it, any of which suffices. Empty: there is no answer."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of Markdown and where it comes from."""

    name: str
    role: Literal["tune", "held-out"]
    licence: str
    source: dict[str, Any]
    """The other keys of its table in `corpora.toml`."""

    @property
    def folder(self) -> Path:
        """Where the documents lie."""
        return ROOT / self.source["path"] if "path" in self.source else DATA / "corpora" / self.name

    @property
    def origin(self) -> str:
        """Where the documents come from, for the report."""
        if "npm" in self.source:
            return str(self.source["npm"])
        return f"{self.source['git']}@{self.source['commit'][:12]}" if "git" in self.source else self.source["path"]

    def documents(self) -> dict[str, str]:
        """POSIX path → text of every Markdown file, by path.

        Raises:
            SystemExit: The corpus has not been fetched.
        """
        return read_documents(self.folder)

    def questions(self) -> list[Question]:
        """The questions over the corpus, each checked against the documents.

        Raises:
            SystemExit: There are none, or one names a place that the documents do not have.
        """
        documents = self.documents()
        if "golden" in self.source:
            from benchmarks.retrieval.golden import golden_questions  # noqa: PLC0415 - it needs hwqa

            leave_out = self.source.get("golden_leave_out")
            questions = list(golden_questions(ROOT / self.source["golden"], leave_out, documents))
        else:
            file = (self.folder if "squad" in self.source else HERE / "questions") / f"{self.name}.jsonl"
            if not file.exists():
                raise SystemExit(f"{file} does not exist")
            questions = [_question(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        problems = list(check(questions, documents))
        if problems:
            raise SystemExit(f"questions of {self.name}:\n  " + "\n  ".join(problems))
        sample = self.source.get("sample", len(questions))
        return random.Random(SAMPLE_SEED).sample(questions, sample) if sample < len(questions) else questions  # noqa: S311


def load_corpora() -> dict[str, Corpus]:
    """Name → corpus, in the order of the file."""
    tables = tomllib.loads((HERE / "corpora.toml").read_text("utf-8"))
    return {name: Corpus(name, table.pop("role"), table.pop("licence"), table) for name, table in list(tables.items())}


def read_documents(folder: Path) -> dict[str, str]:
    """POSIX path → text of every Markdown file under the folder, by path."""
    files = sorted(file for file in folder.rglob("*.md") if file.is_file())
    if not files:
        raise SystemExit(f"{folder} holds no Markdown: run `python -m benchmarks.retrieval.fetch` first")
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8-sig") for file in files}


def fingerprint(documents: dict[str, str], *more: str) -> str:
    """Hash of the documents and of whatever else a result depends on."""
    digest = hashlib.sha256()
    for text in (*(part for item in documents.items() for part in item), *more):
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:16]


def check(questions: Sequence[Question], documents: dict[str, str]) -> Iterator[str]:
    """What is wrong with the questions: ids used twice, places that do not exist or hold nothing."""
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            yield f"{question.id}: the id is used twice"
        seen.add(question.id)
        for path, first, last in (place for item in question.needs for place in item):
            if path not in documents:
                yield f"{question.id}: there is no {path}"
                continue
            lines = documents[path].split("\n")
            if not 1 <= first <= last <= len(lines):
                yield f"{question.id}: {path} has no lines {first} to {last}"
            elif not any(line.strip() for line in lines[first - 1 : last]):
                yield f"{question.id}: lines {first} to {last} of {path} are blank"


def _question(line: str) -> Question:
    said = json.loads(line)
    needs = tuple(tuple((each["path"], *each["lines"]) for each in item) for item in said["needs"])
    return Question(said["id"], said["kind"], said["question"], needs)
