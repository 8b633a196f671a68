"""A run in the formats of TREC, which other tools of information retrieval read: a ranking and what is relevant.

A document of these files is one item of a case's sources, named by the first of its sections. The first passage that
hits an item stands for it; a passage that hits nothing new has a name of its own, by its lines, and is relevant to
nothing. So recall at k and reciprocal rank come out as ours. TREC has one document at each rank: where one passage
hits several items at once they take the ranks that follow, and recall between these ranks reads lower; the cases are
told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hwqa.evaluation.asking import Result
from hwqa.evaluation.golden import Case
from hwqa.evaluation.measures import DEPTHS
from hwqa.evaluation.ranking_measures import hits
from hwqa.evaluation.run import Run
from hwqa.evaluation.writing import write

RUN_FILE = "run.trec"
QRELS_FILE = "qrels.trec"
_TAG = "hwqa"
_KEPT = "/#:-"
"""Characters that stay as they are in names; white space would part the columns."""


@dataclass(frozen=True, slots=True)
class Trec:
    """The two files as text."""

    run: str
    """`topic Q0 document rank score tag` a line; the score falls by one from rank to rank."""
    qrels: str
    """`topic 0 document 1` a line."""
    shifted: tuple[str, ...]
    """Ids of the cases whose recall reads lower at some rank, because one passage hits several items at once."""


def trec(run: Run) -> Trec:
    """The rankings of the cases that have sources, and the sources; the topic is the id of the case.

    A case whose search raised or found nothing has no line in the ranking and counts with zero.
    """
    rows, judged, shifted = [], [], []
    for result in run.results:
        if not result.case.sources:
            continue
        topic = quote(result.case.id, safe=_KEPT)
        items = _items(result.case)
        ranked = _ranked(result, items)
        rows += [
            f"{topic} Q0 {name} {rank} {len(ranked) - rank + 1} {_TAG}\n" for rank, name in enumerate(ranked, start=1)
        ]
        judged += [f"{topic} 0 {name} 1\n" for name in items]
        found = {f"recall@{k}": len(set(items) & set(ranked[:k])) / len(items) for k in DEPTHS}
        if any(result.scores[name] != value for name, value in found.items()):
            shifted.append(result.case.id)
    return Trec("".join(rows), "".join(judged), tuple(shifted))


def write_trec(run: Run, folder: Path) -> Trec:
    """The folder holds `run.trec` and `qrels.trec`.

    Raises:
        ConfigError: They cannot be written.
    """
    made = trec(run)
    write(folder / RUN_FILE, made.run)
    write(folder / QRELS_FILE, made.qrels)
    return made


def _items(case: Case) -> list[str]:
    """A name for each item of the case's sources, all different."""
    names: list[str] = []
    for item in case.sources:
        names.append(_unlike(names, str(item[0])))
    return names


def _ranked(result: Result, items: Sequence[str]) -> list[str]:
    """The documents in the order of the passages."""
    ranked: list[str] = []
    for rank, passage in enumerate(result.retrieved, start=1):
        hit = [
            name
            for name, item in zip(items, result.case.sources, strict=True)
            if name not in ranked and any(hits(passage["path"], passage["heading_path"], source) for source in item)
        ]
        if not hit and len(ranked) < rank:
            first, last = passage["lines"]
            hit = [_unlike([*items, *ranked], f"{passage['path']}:{first}-{last}")]
        ranked += hit
    return ranked


def _unlike(taken: Sequence[str], text: str) -> str:
    """The text as a name of one word that is not taken."""
    name = quote(text, safe=_KEPT)
    number = 2
    while name in taken:
        name = f"{quote(text, safe=_KEPT)}~{number}"
        number += 1
    return name
