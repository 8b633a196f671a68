"""The project's own golden sets as questions with line spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.retrieval.corpora import Evidence, Question

from hwqa.evaluation.golden import Source, load_cases
from hwqa.evaluation.ranking_measures import hits
from hwqa.markdown import read_document
from hwqa.schema import Document


def golden_questions(folder: Path, leave_out: str | None, documents: Mapping[str, str]) -> Iterator[Question]:
    """The cases that stand alone; those with a history ask nothing that another system could understand.

    A source becomes the runs of sections that it names, each with the sections under it.
    """
    read = {path: read_document(path, text) for path, text in documents.items()}
    files = sorted(file for file in folder.rglob("*.yaml") if leave_out not in file.relative_to(folder).parts)
    for case in load_cases(files):
        if not case.history:
            needs = tuple(tuple(span for source in item for span in _spans(source, read)) for item in case.sources)
            yield Question(case.id, case.category, case.question, needs)


def _spans(source: Source, documents: Mapping[str, Document]) -> Iterator[Evidence]:
    first = last = 0
    for section in documents[source.path].sections:
        if hits(source.path, section.heading_path, source):
            if first and section.lines[0] == last + 1:
                last = section.lines[1]
            else:
                if first:
                    yield source.path, first, last
                first, last = section.lines
    if first:
        yield source.path, first, last
