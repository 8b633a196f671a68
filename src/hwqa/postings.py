"""Which texts hold which words, as arrays that can stay on disk, and BM25 over them.

The arrays hold counts, not scores: a score depends on how many texts there are, so stored scores would all have to be
computed again when one text changes, which for a thousand files took longer than everything else. A query reads the
rows of its own words and scores them then.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SATURATION = 1.5
"""k1 of BM25."""
_LENGTH_WEIGHT = 0.75
"""b of BM25."""
_MOST = np.iinfo(np.uint16).max
"""Highest count that is told apart: the score of a word is full long before."""
_ARRAYS = ("words", "starts", "texts", "counts", "lengths")


class Postings:
    """The words of a sequence of texts, for each word the texts that hold it."""

    def __init__(
        self,
        words: NDArray[np.uint64],
        starts: NDArray[np.int64],
        texts: NDArray[np.int32],
        counts: NDArray[np.uint16],
        lengths: NDArray[np.int32],
    ) -> None:
        """Take the arrays.

        Args:
            words: Hashes of the words, ascending. Among a million words two share one in less than one of ten million
                collections.
            starts: For each word where its row begins in `texts` and `counts`, and at last where the last one ends.
            texts: Numbers of the texts that hold the word, in no particular order.
            counts: How often each holds it.
            lengths: Words of each text.
        """
        self._words = words
        self._starts = starts
        self._texts = texts
        self._counts = counts
        self._lengths = lengths

    @classmethod
    def empty(cls) -> Self:
        """The words of no text."""
        return cls(
            np.empty(0, np.uint64), np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint16),
            np.empty(0, np.int32),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote; the arrays stay on disk until they are needed.

        Raises:
            OSError, ValueError: The files are missing or damaged.
        """
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS))

    def save(self, folder: Path) -> None:
        """The arrays stand in the folder."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._lengths)

    def renewed(self, origin: Sequence[int], added: Mapping[int, Sequence[str]]) -> Self:
        """The words of another sequence of texts, most of which are among these.

        Args:
            origin: For each text of the new sequence its number in this one; −1 where it is not.
            added: The words of each text that is not, by its number in the new sequence.
        """
        origins = np.asarray(origin, np.int64)
        stays = origins >= 0
        place = np.full(len(self), -1, np.int32)
        place[origins[stays]] = np.flatnonzero(stays)
        texts = place[self._texts]
        kept = texts >= 0
        new_words, new_texts, new_counts = _entries(added)
        words = np.concatenate((np.repeat(self._words, np.diff(self._starts))[kept], new_words))
        texts = np.concatenate((texts[kept], new_texts))
        counts = np.concatenate((self._counts[kept], new_counts))
        lengths = np.zeros(len(origins), np.int32)
        lengths[stays] = self._lengths[origins[stays]]
        lengths[list(added)] = [len(several) for several in added.values()]
        order = np.argsort(words, kind="stable")  # two ascending runs, which this kind merges
        rows, starts = np.unique(words[order], return_index=True)
        return type(self)(rows, np.append(starts, len(words)), texts[order], counts[order], lengths)

    def held(self, word: str) -> int:
        """Number of texts that hold the word."""
        row = self._row(word)
        return int(row.stop) - int(row.start)

    def weight(self, held: int) -> float:
        """Inverse document frequency, in Lucene's form, of a word that so many texts hold."""
        return math.log(1 + (len(self) - held + 0.5) / (held + 0.5))

    def scores(self, words: Iterable[str]) -> NDArray[np.float32]:
        """BM25 score of each text: 0 where it holds none of the words; a word counts as often as it is given."""
        scores = np.zeros(len(self), np.float32)
        for word, times in Counter(words).items():
            row = self._row(word)
            texts, counts = self._texts[row], self._counts[row].astype(np.float32)
            scores[texts] += times * self.weight(len(texts)) * counts / (counts + self._damping[texts])
        return scores

    @cached_property
    def _damping(self) -> NDArray[np.float32]:
        """For each text the count at which a word reaches half its score."""
        share = self._lengths * (len(self) / max(int(self._lengths.sum()), 1))
        return np.asarray(_SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * share), np.float32)

    def _row(self, word: str) -> slice:
        number = np.uint64(_hash(word))
        place = int(np.searchsorted(self._words, number))
        if place == len(self._words) or self._words[place] != number:
            return slice(0, 0)
        return slice(int(self._starts[place]), int(self._starts[place + 1]))


def _entries(
    texts: Mapping[int, Sequence[str]],
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint16]]:
    """Word, text and count of each word of each text, ascending by word."""
    words, numbers, counts = array("Q"), array("i"), array("H")
    for number, several in texts.items():
        found = Counter(several)
        words.extend(map(_hash, found))
        numbers.extend([number] * len(found))
        counts.extend(min(count, _MOST) for count in found.values())
    hashes = np.array(words, np.uint64)
    order = np.argsort(hashes)
    return hashes[order], np.array(numbers, np.int32)[order], np.array(counts, np.uint16)[order]


@lru_cache(maxsize=1 << 16)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
