"""Finding names in text: a name is written in many ways (`MI300X`, `MI 300X`, `mi-300x`), which share one key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

_RUN = re.compile(r"[^\W\d_]+|\d+")
_GAP = re.compile(r"[\s\-_/.·'’+]{0,2}")
_PROCESSORS = re.compile(r"[^\W\d_]{1,2}[pl]us", re.I)
"""Plurals of abbreviations for a processing or logic unit; other words on -us are no plurals."""
_LONGEST = 10
"""Runs of letters or digits in the longest name that is looked for."""


@lru_cache(maxsize=1 << 16)
def key(name: str) -> str:
    """The name's letters and digits, case-folded: equal for all spellings of one name.

    >>> key("MI-300X") == key("mi 300x") == "mi300x"
    True
    """
    return "".join(_RUN.findall(name)).casefold()


def singular(word: str) -> str:
    """The word without a plural's ending, roughly: enough to match `GPUs` with `GPU` and `cores` with `core`.

    >>> [singular(word) for word in ("GPUs", "chips", "class", "status", "memories")]
    ['GPU', 'chip', 'class', 'status', 'memory']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if _PROCESSORS.fullmatch(word):
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.casefold().endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Found:
    """A name found in a text."""

    values: tuple[str, ...]
    """What the name stands for: more than one value when the name is ambiguous."""
    start: int
    end: int


class NameFinder:
    """Finds the longest names of a given set in a text, whatever the spelling of spaces, hyphens and case."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """Take `names`: value → the names it goes by."""
        self._values: dict[str, tuple[str, ...]] = {}
        self._joints: dict[str, set[int]] = {}
        for value, spellings in names.items():
            for spelling in spellings:
                name = key(spelling)
                if name and value not in self._values.get(name, ()):
                    self._values[name] = (*self._values.get(name, ()), value)
                self._joints.setdefault(name, set()).update(_joints([run.group() for run in _RUN.finditer(spelling)]))
        self._beginnings = {name[:end] for name in self._values for end in range(1, len(name))}
        """How the keys begin."""
        self._openers = self._beginnings | self._values.keys()
        """The first run of a name in a text is one of these, plurals aside: most places are left after one look."""

    def __call__(self, text: str) -> list[Found]:
        """The names in `text`, in order, none overlapping; at each place the longest wins."""
        runs = list(_RUN.finditer(text))
        found: list[Found] = []
        position = 0
        while position < len(runs):
            word = runs[position].group().casefold()
            match = self._longest(text, runs, position) if self._may_open(word) else None
            if match is None:
                position += 1
            else:
                found.append(match[0])
                position = match[1]
        return found

    def _may_open(self, word: str) -> bool:
        """Whether a name may begin with the run, or be its singular."""
        if word in self._openers:
            return True
        return word[-1] == "s" and (
            word[:-1] in self._values or (word[-3:] == "ies" and word[:-3] + "y" in self._values)
        )

    def _longest(self, text: str, runs: list[re.Match[str]], first: int) -> tuple[Found, int] | None:
        start = runs[first].start()
        possessive = runs[first].group() == "s" and text[start - 1 : start] in ("'", "’")
        if possessive or (start > 0 and text[start - 1].isalnum()):
            return None
        best: tuple[Found, int] | None = None
        joined = ""
        joints: set[int] = set()
        for last in range(first, min(first + _LONGEST, len(runs))):
            if last > first and not _GAP.fullmatch(text, runs[last - 1].end(), runs[last].start()):
                break
            run = runs[last].group().casefold()
            end, after = runs[last].end(), last + 1
            if run.isdecimal() and joined[-1:].isdecimal():
                joints.add(len(joined))
            whole = end == len(text) or not text[end].isalnum()
            values = self._named(joined + run, joints)
            if not values and run.endswith("s"):
                values = self._named(joined + singular(run), joints)
            if whole and values:
                best = Found(values, start, end), after
            elif not whole and after < len(runs) and runs[after].group().casefold() == "s":
                # A plural glued to a digit: "A100s".
                end_of_plural = runs[after].end()
                if (values := self._named(joined + run, joints)) and not text[
                    end_of_plural : end_of_plural + 1
                ].isalnum():
                    best = Found(values, start, end), after + 1
            joined += run
            if joined not in self._beginnings:
                break
        return best

    def _named(self, name: str, joints: set[int]) -> tuple[str, ...]:
        """What the key stands for; nothing where the text parts two numbers that no spelling parts: 6.4 is not 64."""
        return self._values.get(name, ()) if joints <= self._joints.get(name, set()) else ()


def _joints(runs: Iterable[str]) -> set[int]:
    """Where in the key of a name, given as its runs, a number follows a number."""
    found: set[int] = set()
    joined = ""
    for run in runs:
        if run.isdecimal() and joined[-1:].isdecimal():
            found.add(len(joined))
        joined += run
    return found
