"""Superlatives over a column of one table: `the lowest share of the peak`, where `Share` is only a header."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hwqa.names import key
from hwqa.schema import Fact
from hwqa.selection.book import FactBook
from hwqa.selection.figures import ordered
from hwqa.words import content_words

_SUPERLATIVE = re.compile(
    r"(?<!\bat )\b(?:(?P<most>most|highest|largest|biggest|greatest|fastest|longest|best)"
    r"|(?P<least>least|lowest|smallest|fewest|slowest|shortest))\b"
    r"(?P<of>(?:\s+[\w-]+){1,4})",
    re.I,
)
_ENDS = re.compile(r"\s+(?:of|in|for|among|on|at|with|per|by|from|does|do|is|are|has|have)\b.*", re.I | re.S)
_ALONE = re.compile(r"(?<!\bat )\b(?:most|highest|fastest|longest|best|least|lowest|slowest|shortest)\b", re.I)
_LEAST_ROWS = 3
_THINGS = frozenset(
    "device card chip gpu cpu accelerator system machine server product model each one single all".split()
)
"""Words of headers that name no figure by themselves, as in `For each device`."""


@dataclass(frozen=True, slots=True)
class Column:
    """The figures of a column, from the one that is asked for."""

    facts: tuple[Fact, ...]
    direction: str
    """`most` or `least`."""


def ranked_column(text: str, book: FactBook, attributes: Collection[str]) -> Column | None:
    """The column that the question's superlative is about; None where it names an attribute or no column.

    `attributes` are the keys of names that are attributes. Of several such columns, that is taken whose table and
    neighbouring header share most words with the question.
    """
    asked = set(content_words(text))
    for match in _SUPERLATIVE.finditer(text):
        phrase = set(content_words(_ENDS.sub("", match["of"])))
        headers = [
            name
            for name, words in book.headers.items()
            if words - _THINGS and words <= phrase and key(name) not in attributes
        ]
        columns: dict[tuple[str, tuple[str, ...], str, str], list[Fact]] = defaultdict(list)
        for fact in book.with_attributes(headers):
            columns[fact.path, fact.heading_path, fact.attribute, _beside(fact)].append(fact)
        direction = "most" if match["most"] else "least"
        kept = {label: found for label, found in columns.items() if len(ordered(found, direction)) >= _LEAST_ROWS}
        if kept:
            best = max(kept, key=lambda label: _near(label, asked))
            return Column(tuple(fact for fact, _ in ordered(kept[best], direction)), direction)
    return None


def _beside(fact: Fact) -> str:
    """What tells columns of one header apart: the header in front, which stands first in the note."""
    return fact.note.partition(";")[0]


def _near(label: tuple[str, Sequence[str], str, str], asked: set[str]) -> int:
    path, heading_path, attribute, beside = label
    own = set(content_words(" ".join((*heading_path, attribute, path))))
    return len(own & asked) + 2 * len(set(content_words(beside)) & asked)


def meant_attribute(text: str, measured: Collection[str], attributes: Collection[str]) -> str:
    """The attribute that a superlative means without its full name; empty where none or several fit.

    `measured` are the attributes whose figures have units: one of them may also be meant by a verb.

    >>> meant_attribute("Which has the longest context?", ["Memory"], ["Context length", "Memory"])
    'Context length'
    >>> meant_attribute("Which one decodes fastest?", ["Decode rate"], ["Decode rate", "Decode kind"])
    'Decode rate'
    """
    match = _SUPERLATIVE.search(text)
    phrase = set(content_words(_ENDS.sub("", match["of"]))) if match else set()
    if not phrase and not _ALONE.search(text):
        return ""
    for words in [phrase] if phrase else [{word} for word in content_words(text)]:
        fitting = [name for name in (attributes if phrase else measured) if words <= set(content_words(name))]
        if len(fitting) == 1:
            return fitting[0]
    return ""
