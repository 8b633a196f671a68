"""How words are written: the nearest to one that may be misspelt, other spellings, and what looks like a name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

from hwqa.units import canonical_unit
from hwqa.words import STOP_WORDS

_OTHER_THAN_DIGITS = re.compile(r"\D")
_NAME_SHAPED = re.compile(
    r"\b(?=[\w.+-]*[^\W\d_])(?:[A-Z][\w+-]*|[^\W\d_][\w+-]*\d[\w+-]*)(?:[ ](?:[A-Z][\w+-]*|\d+[a-z]?\b))*"
)
_SPELLINGS = (("is(?=e|ing|ation)", "iz"), ("iz(?=e|ing|ation)", "is"), ("tre(?=s?$)", "ter"), ("ter(?=s?$)", "tre"))
"""How British and American writers spell the same."""


class Spelling:
    """Words, to be found by their beginning and by a spelling that is nearly theirs."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        # looking at words of like length with the same digits takes a hundredth of the time of looking at all
        self._like: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self._words:
            self._like[_digits(word), len(word)].append(word)

    def beginning(self, start: str) -> Iterator[str]:
        """The words that begin so."""
        at = bisect_left(self._words, start)
        while at < len(self._words) and self._words[at].startswith(start):
            yield self._words[at]
            at += 1

    def nearest(self, word: str, most: int, *, swapped_only: bool = False) -> str | None:
        """The word with the same digits that the fewest slips part from `word`; None where it takes more than `most`.

        A slip is a letter too many, too few or wrong, or two neighbours swapped; with `swapped_only` the letters have
        to be the same.
        """
        from rapidfuzz import process  # noqa: PLC0415 - costs 20 ms, needed only for words the documents do not use
        from rapidfuzz.distance import OSA  # noqa: PLC0415 - likewise

        digits = _digits(word)
        candidates = [
            other
            for length in range(len(word) - most, len(word) + most + 1)
            for other in self._like.get((digits, length), ())
            if not swapped_only or sorted(other) == sorted(word)
        ]
        best = process.extractOne(word, candidates, scorer=OSA.distance, score_cutoff=most)
        return best[0] if best is not None else None


def _digits(word: str) -> str:
    return _OTHER_THAN_DIGITS.sub("", word)


def other_spellings(word: str) -> Iterator[str]:
    """The word as the other side of the Atlantic writes it.

    >>> list(other_spellings("specialised")), list(other_spellings("center"))
    (['specialized'], ['centre'])
    """
    for here, there in _SPELLINGS:
        if re.search(here, word):
            yield re.sub(here, there, word)


def names_shaped(text: str) -> Iterator[str]:
    """The parts of a question that look like names: with a capital or a digit, and no function words."""
    for match in _NAME_SHAPED.finditer(text):
        name = match.group()
        first_word = not text[: match.start()].strip(" .\"'(")
        if first_word and not any(character.isdigit() for character in name):
            # The first word of a question has a capital whether it is a name or not.
            name = name.partition(" ")[2]
        while name.partition(" ")[0].casefold() in STOP_WORDS:
            name = name.partition(" ")[2]
        if name and name.casefold() not in STOP_WORDS and len(name) > 1 and canonical_unit(name) is None:
            yield name
