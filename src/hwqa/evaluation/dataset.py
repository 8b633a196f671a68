"""A run as the dataset that tools with a judge model read: question, answer, contexts and ground truth of each case.

The names are those of RAGAS (Es et al., EACL 2024); LangSmith takes the same file with `question` as its input and
`ground_truth` as its reference output.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwqa.evaluation.asking import reader
from hwqa.evaluation.claims import ReadText
from hwqa.evaluation.golden import Case
from hwqa.evaluation.run import Run
from hwqa.evaluation.writing import write

NOT_IN_DOCUMENTS = "The documents do not hold the answer."


def rows(run: Run, read: ReadText) -> Iterator[dict[str, Any]]:
    """A row for each case, in their order.

    `contexts` are the lines of the passages that were found, best first, as the documents hold them now; `answer` is
    empty where asking raised; `ground_truth` is the first phrasing of each fact.
    """
    for result in run.results:
        case = result.case
        row = {
            "id": case.id,
            "question": case.question,
            "answer": "" if result.answer is None else result.answer["answer"],
            "contexts": [text for each in result.retrieved if (text := _lines(read(each["path"]), *each["lines"]))],
            "ground_truth": _truth(case),
            "category": case.category,
        }
        if case.history:
            row["history"] = [{"role": turn.role, "content": turn.content} for turn in case.history]
        yield row


def write_dataset(run: Run, corpus: Path, file: Path) -> Path:
    """The file holds a JSON object for each case, a line each.

    Raises:
        ConfigError: It cannot be written.
    """
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows(run, reader(corpus)))
    return write(file, "".join(lines))


def _lines(text: str | None, first: int, last: int) -> str:
    return "\n".join((text or "").split("\n")[first - 1 : last]).strip()


def _truth(case: Case) -> str:
    return "; ".join(fact[0] for fact in case.facts) if case.answerable else NOT_IN_DOCUMENTS
