"""The nearest of many words to one that may be misspelt."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

_OTHER_THAN_DIGITS = re.compile(r"\D")


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
