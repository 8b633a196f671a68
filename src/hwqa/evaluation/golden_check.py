"""What is wrong with a golden set: questions asked twice, and facts and sources that the documents do not hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from hwqa.corpus import read_text, scan
from hwqa.errors import CorpusError
from hwqa.evaluation.fact_measures import gives, normalise
from hwqa.evaluation.golden import Case, Source
from hwqa.evaluation.ranking_measures import hits
from hwqa.markdown import read_document
from hwqa.schema import TRAIL_SEPARATOR, Document, Section

UNREVIEWED = "unreviewed"
"""The tag of a case that nobody has looked at yet; it is not asked."""
NEAR = 92.0
"""Likeness of two questions, of 100, from which on one of them may be superfluous."""
_NAME = re.compile(r"\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong with a case, or that its writer should look at."""

    place: str
    """File and line of the case."""
    severity: Literal["error", "warning"]
    """An error fails the check, a warning does not."""
    rule: str
    """`duplicate`, `near-duplicate`, `source`, `fact`, `fact-elsewhere` or `unreviewed`."""
    case: str
    message: str
    """What is wrong and what to do, in one line."""

    def to_json(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def check_cases(cases: Sequence[Case], corpus: Path) -> list[Remark]:
    """What is wrong with the cases, in their order.

    Errors: a question that is asked twice, a source that no longer exists, a fact of which no document holds a
    phrasing. Warnings: questions that are nearly alike, a fact that stands in none of the case's sources, a case that
    nobody has reviewed.

    Raises:
        CorpusError: There are no documents.
    """
    documents = _documents(corpus)
    remarks = [*_duplicates(cases), *(each for case in cases for each in _of_case(case, documents))]
    order = {case.id: number for number, case in enumerate(cases)}
    return sorted(remarks, key=lambda remark: order[remark.case])


def _documents(corpus: Path) -> list[Document]:
    found = []
    for file in scan(corpus):
        try:
            found.append(read_document(file.path, read_text(corpus, file.path)))
        except CorpusError:
            continue  # `hwqa check` tells of files that cannot be read
    return found


def _duplicates(cases: Sequence[Case]) -> Iterator[Remark]:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - loads a native library

    groups: dict[tuple[str, ...], list[tuple[Case, str]]] = defaultdict(list)
    for case in cases:
        said = normalise(case.question)
        # names and figures tell questions apart that are alike otherwise
        key = (*(message.content for message in case.history), *sorted(_NAME.findall(said)))
        known = groups[key]
        near = process.extractOne(said, [text for _, text in known], scorer=fuzz.token_sort_ratio, score_cutoff=NEAR)
        known.append((case, said))
        if near is None:
            continue
        other = known[near[2]][0]
        if said == near[0]:
            yield Remark(
                case.place, "error", "duplicate", case.id, f"the question is that of {_at(other)}; remove one of them"
            )
        else:
            yield Remark(
                case.place,
                "warning",
                "near-duplicate",
                case.id,
                f"the question is nearly that of {_at(other)}: {other.question!r}; keep both only if they differ",
            )


def _of_case(case: Case, documents: Sequence[Document]) -> Iterator[Remark]:
    own: list[Section] = []
    gone = False
    for source in (source for item in case.sources for source in item):
        sections = [
            section
            for document in documents
            for section in document.sections
            if hits(section.path, section.heading_path, source)
        ]
        own += sections
        if not sections:
            gone = True
            yield Remark(case.place, "error", "source", case.id, _missing(source, documents))
    for fact in case.facts:
        if any(gives(section.text, fact) for section in own) or gives(_asked(case), fact):
            continue
        held = (section for document in documents for section in document.sections if gives(section.text, fact))
        place = next((f"{section.path}#{TRAIL_SEPARATOR.join(section.heading_path)}" for section in held), None)
        said = " / ".join(fact)
        if place is None:
            yield Remark(
                case.place,
                "error" if _is_stated(case) else "warning",
                "fact",
                case.id,
                f"no document says {said!r}; mend the fact, or tag the case 'derived' if it is reckoned or a verdict",
            )
        elif not gone:
            yield Remark(
                case.place,
                "warning",
                "fact-elsewhere",
                case.id,
                f"none of the sources says {said!r}, {place} does; name the section that does",
            )
    if UNREVIEWED in case.tags:
        yield Remark(
            case.place, "warning", "unreviewed", case.id, f"nobody has reviewed the case; do, and remove {UNREVIEWED!r}"
        )


def _is_stated(case: Case) -> bool:
    """Whether the facts have to stand in the documents as they are written."""
    return "derived" not in case.tags


def _asked(case: Case) -> str:
    """What was said before the answer: a fact may repeat it."""
    return "\n".join((case.question, *(message.content for message in case.history)))


def _missing(source: Source, documents: Sequence[Document]) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - as above

    paths = [document.path for document in documents]
    if source.path not in paths:
        near = process.extractOne(source.path, paths, scorer=fuzz.ratio, score_cutoff=70)
        return f"source {str(source)!r}: there is no such file" + (f"; did you mean {near[0]!r}?" if near else "")
    trails = {
        TRAIL_SEPARATOR.join(section.heading_path): None
        for document in documents
        if document.path == source.path
        for section in document.sections
        if section.heading_path
    }
    wanted = TRAIL_SEPARATOR.join(source.trail)
    found = process.extractOne(wanted, list(trails), scorer=fuzz.WRatio, score_cutoff=60)
    return f"source {str(source)!r}: the file has no such heading" + (
        f"; did you mean {source.path}#{found[0]}?" if found else ""
    )


def _at(case: Case) -> str:
    return f"{case.id!r} ({case.place})" if case.place else repr(case.id)
