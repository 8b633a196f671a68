"""Superlatives over a column of one table: `the lowest share of the peak`, where `Share` is only a header."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hwqa.names import key
from hwqa.schema import Fact
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
_FAST = re.compile(r"\b(?:fast(?:er|est)?|slow(?:er|est)?|quick(?:er|est)?|speeds?)\b", re.I)
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


def ranked_column(text: str, facts: Iterable[Fact], attributes: Collection[str]) -> Column | None:
    """The column that the question's superlative is about; None where it names an attribute or no column.

    `attributes` are the keys of names that are attributes. Of several such columns, that is taken whose table and
    neighbouring header share most words with the question.
    """
    asked = set(content_words(text))
    for match in _SUPERLATIVE.finditer(text):
        phrase = set(content_words(_ENDS.sub("", match["of"])))
        columns: dict[tuple[str, tuple[str, ...], str, str], list[Fact]] = defaultdict(list)
        for fact in facts if phrase else ():
            words = set(content_words(fact.attribute))
            if words - _THINGS and words <= phrase and key(fact.attribute) not in attributes:
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


def meant_rates(
    text: str,
    spoken: Iterable[tuple[str, Sequence[str]]],
    attributes: Sequence[str],
    units: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The attributes, with the rate that is meant in place of an amount where the text asks how fast a thing is.

    Args:
        text: A question, as `Whose memory is faster?`.
        spoken: Names of attributes as the text has them, with the attributes that they may stand for.
        attributes: Those that the text names.
        units: Attribute → units of its figures, the attribute with most figures first.

    >>> units = {"Store size": ("GB",), "Store speed": ("TB/s",)}
    >>> meant_rates("Whose store is faster?", [("store", ["Store size"])], ["Store size"], units)
    ('Store speed',)
    """
    if not _FAST.search(text):
        return tuple(attributes)
    replaced: dict[str, tuple[str, ...]] = {}
    for name, values in spoken:
        words = set(content_words(name))
        rates = [
            other
            for other, own in units.items()
            if own and "/" in own[0] and "token" not in own[0] and words and words < set(content_words(other))
        ]
        amounts = [value for value in values if value in units and "/" not in units[value][0]]
        # `the slower store` is one of several: its size may be meant as well
        one_of = re.search(rf"\bthe (?:fast|slow|quick)\w* {re.escape(name)}\b", text, re.I)
        for amount in amounts if rates else ():
            replaced[amount] = (amount, rates[0]) if one_of else (rates[0],)
    return tuple(dict.fromkeys(meant for name in attributes for meant in replaced.get(name, (name,))))


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
