"""New cases for a golden set: from a question and its answer, from what readers said of answers, from the documents.

What a program proposes is tagged `unreviewed` and is not asked until a person has looked at it and removed the tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from hwqa.errors import GoldenError
from hwqa.evaluation.claims import claims
from hwqa.evaluation.fact_measures import normalise
from hwqa.evaluation.golden import Case, Source, parse_cases
from hwqa.evaluation.golden_check import UNREVIEWED
from hwqa.evaluation.writing import write
from hwqa.schema import Message
from hwqa.words import STOP_WORDS

_WORDS_OF_ID = 8
_REPORTED = "reported"
"""The tag of a case whose answer a reader found wrong: its facts are for a person to find."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case that a person is to review, and what they should know of it."""

    case: Case
    note: str = ""
    """Stands above the case as a comment."""


def answered(question: str, history: Sequence[Message], answer: Mapping[str, Any], category: str) -> Case:
    """The case that an answer, as `Answer.to_json` gives it, would be right for; to be reviewed.

    Its facts are the figures of the answer's claims, its sources the sections that are cited.
    """
    declined = answer["status"] == "not_in_docs"
    made = [] if declined else claims(answer["answer"], question)
    figures = dict.fromkeys(figure.raw.strip() for claim in made if claim.marks for figure in claim.figures)
    cited = dict.fromkeys(
        Source(citation["path"], tuple(citation["heading_path"])) for citation in answer.get("citations", ())
    )
    return Case(
        id=name_of(question),
        question=question,
        answerable=not declined,
        category="not-in-docs" if declined else category,
        facts=tuple((figure,) for figure in figures),
        sources=() if declined else tuple((source,) for source in cited),
        history=tuple(history),
        tags=(UNREVIEWED,),
    )


def read_feedback(file: Path) -> list[Proposal]:
    """A proposal for each answer that readers judged; of one answer the last judgement counts.

    An answer that was found good gives its figures and sources. One that was found bad gives the question alone, with
    the reader's reason as a note: what is right, a person has to say.

    Raises:
        GoldenError: The file cannot be read or a line is no judgement; the message begins with `file:line:`.
    """
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    found: dict[tuple[str, tuple[Message, ...]], Proposal] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            proposal = _judged(line, f"{file}:{number}")
            found[proposal.case.question, proposal.case.history] = proposal
    if not found:
        raise GoldenError(f"{file} holds no feedback; readers leave it in the chat")
    return list(found.values())


def _judged(line: str, place: str) -> Proposal:
    try:
        said = json.loads(line)
        history = tuple(Message(turn["role"], turn["content"]) for turn in said["history"])
        answer = {"status": "answered", **said}
        good = {"up": True, "down": False}[said["rating"]]
        case = answered(said["question"], history, answer, "follow-up" if history else "feedback")
        reason = " ".join(str(said.get("reason") or "").split())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldenError(
            f"{place}: no feedback: it needs question, history, answer, citations and a rating of up or down"
        ) from error
    if good:
        return Proposal(case, f"found good by a reader{': ' + reason if reason else ''}")
    shown = " ".join(str(said["answer"]).split())
    return Proposal(
        # without a source there is nothing to measure an answerable case by
        replace(case, answerable=bool(case.sources), facts=(), tags=(UNREVIEWED, _REPORTED)),
        f"found bad by a reader{': ' + reason if reason else ''}; the answer was: {shown[:200]}",
    )


def name_of(question: str) -> str:
    """An id from the question's first words that say something.

    >>> name_of("How much memory has the X9?")
    'memory-x9'
    """
    words = re.findall(r"[^\W_]+", normalise(question))
    telling = [word for word in words if word not in STOP_WORDS] or words
    return "-".join(telling[:_WORDS_OF_ID]) or "question"


def to_yaml(proposals: Iterable[Proposal]) -> str:
    """The proposals as a golden set, each with its note above it."""
    return "\n".join(_yaml(proposal) for proposal in proposals)


def add(file: Path, proposals: Sequence[Proposal]) -> list[Case]:
    """The proposals stand at the end of the golden set, which is made if need be; the text before stays as it is.

    A question that the set holds already, with the same conversation before it, is left out; an id that is taken gets
    a number. The cases that were added are returned.

    Raises:
        GoldenError: The file is malformed, cannot be added to or cannot be written.
    """
    if file.suffix not in (".yaml", ".yml", ".jsonl"):
        raise GoldenError(f"{file} cannot be added to; name a YAML or JSONL file")
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    known = parse_cases(text, str(file)) if text.strip() else []
    asked = {(normalise(case.question), case.history) for case in known}
    fresh: list[Proposal] = []
    for proposal in proposals:
        question = (normalise(proposal.case.question), proposal.case.history)
        if question not in asked:
            asked.add(question)
            fresh.append(proposal)
    names = {case.id for case in known}
    added = apart(fresh, names)
    names |= {each.case.id for each in added}
    if not added:
        return []
    if file.suffix == ".jsonl":
        new = "".join(json.dumps(_entries(each.case), ensure_ascii=False) + "\n" for each in added)
    else:
        new = ("\n" if text.strip() else "") + to_yaml(added)
    parse_cases(new, f"the new cases, as they would stand in {file}")
    whole = (text if not text or text.endswith("\n") else text + "\n") + new
    try:
        held = {case.id for case in parse_cases(whole, str(file))}
    except GoldenError as error:
        raise GoldenError(
            f"{file} cannot be added to: its cases must be a list with the dashes at the beginning of lines; {error}"
        ) from error
    assert held == names, "what was written is what is read"  # noqa: S101 - checked before anything is written
    write(file, whole)
    return [proposal.case for proposal in added]


def _yaml(proposal: Proposal) -> str:
    dumped = yaml.safe_dump([_entries(proposal.case)], allow_unicode=True, sort_keys=False, width=110)
    note = " ".join(proposal.note.split())
    return f"# {note}\n{dumped}" if note else dumped


def _entries(case: Case) -> dict[str, Any]:
    """The case with the keys that say something, one phrasing as a text."""
    said = case.to_json()
    for name in ("facts", "not_facts", "sources"):
        said[name] = [item[0] if len(item) == 1 else item for item in said[name]]
    needed = ("id", "question", "answerable", "category", "facts", "sources")
    return {name: value for name, value in said.items() if value or name in needed}


def apart(proposals: Iterable[Proposal], taken: Iterable[str] = ()) -> list[Proposal]:
    """The proposals under ids that are not taken and differ from each other: a number goes behind those that do not."""
    names = set(taken)
    named = []
    for proposal in proposals:
        number, free = 2, proposal.case.id
        while free in names:
            free, number = f"{proposal.case.id}-{number}", number + 1
        names.add(free)
        named.append(replace(proposal, case=replace(proposal.case, id=free)))
    return named
