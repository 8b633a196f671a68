"""Search by words: BM25 over tokens that keep product names and quantities findable.

The index is stored as arrays and opened memory-mapped; a query reads only the rows of its own words. BM25 is
Robertson's with Lucene's idf (k1 = 1.5, b = 0.75); see `postings`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import Stemmer  # type: ignore[import-not-found]

from hwqa.errors import IndexingError
from hwqa.names import singular
from hwqa.postings import Postings
from hwqa.words import STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = rf"[^\W_{_IDEOGRAPHS}]+"
_TOKEN = re.compile(
    rf"[{_IDEOGRAPHS}]+|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?!\d)|{_WORD}(?:[-._/'’&]{_WORD})*(?:\+\+?|#)?"
)
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_POSSESSIVE = re.compile(r"['’]s$")
_SEPARATORS = re.compile(r"(?<!\d)\.|\.(?!\d)|[-_/'’&]")
"""A point between digits belongs to the number."""
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([^\W\d_]+)")
_NAME = re.compile(r"([^\W\d_]+)(\d+)([^\W_]*)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PAIR_GAP = re.compile(r"[ \t\u00a0\u202f-]")
_STEMMER = Stemmer.Stemmer("english")
_LONGEST_UNIT = 6
"""Letters beside a number that are taken for a unit or a product line: `80 GB`, `RTX 4090`."""


def tokenize(text: str) -> list[str]:
    """Tokens of a text, in order, repeated as often as they occur.

    A compound gives itself and its parts, a number beside letters gives both joined and apart, so that a reader's
    spelling meets the writer's; case, width and inflection are levelled; ideographs become pairs of characters.

    >>> tokenize("80 GB on the H100-SXM5")
    ['80', 'gb', '80gb', 'on', 'the', 'h100-sxm5', 'h100', 'sxm5']
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    tokens: list[str] = []
    previous, previous_end = "", -2
    for match in _TOKEN.finditer(text):
        token = match.group()
        if _IDEOGRAPH.match(token):
            tokens.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
            previous = ""
            continue
        expanded = _expand(token)
        token = expanded[0]
        tokens.extend(expanded)
        adjacent = match.start() == previous_end + 1 and _PAIR_GAP.match(text, previous_end)
        if adjacent and _belong_together(previous, token):
            tokens.append(previous + token)
        previous, previous_end = token, match.end()
    return tokens


@lru_cache(maxsize=1 << 16)
def _expand(word: str) -> tuple[str, ...]:
    """A word as it is levelled, then its parts."""
    word = _level(word)
    return (word, *dict.fromkeys(part for part in _parts(word) if part != word))


def _level(word: str) -> str:
    """The word without thousands separators and possessive, by its stem (Porter's second algorithm for English)."""
    if word[0].isdigit():
        return word.replace(",", "")
    word = _POSSESSIVE.sub("", word)
    if len(word) < 4 or not word.isalpha():
        return word
    # the stemmer takes the plural of an abbreviation, as `gpus`, for a word like `virus`
    return str(_STEMMER.stemWord(singular(word) if word.endswith("us") else word))


def _parts(word: str) -> Iterable[str]:
    """The parts of a compound, and of letters and digits written together those that mean something alone."""
    pieces = [piece for piece in _SEPARATORS.split(word) if piece]
    if len(pieces) > 1:
        for piece in pieces:
            if len(piece) > 1 or piece.isdigit():
                yield _level(piece)
                yield from _parts(piece)
        return
    if quantity := _QUANTITY.fullmatch(word):
        yield from quantity.groups()
    elif name := _NAME.fullmatch(word):
        letters, digits, variant = name.groups()
        if variant:
            yield letters + digits  # the family: "mi300" of "mi300x"
        if len(letters) > 2:
            yield letters  # "rtx" of "rtx4090"; two letters, as in "fp8", say too little
        if len(digits) > 2:
            yield digits


def _belong_together(left: str, right: str) -> bool:
    """Whether two neighbours may be written as one: `80 GB`, `RTX 4090`, `TPU v5e`."""
    if _NUMBER.fullmatch(left):
        return right.isalpha() and len(right) <= _LONGEST_UNIT
    return left.isalpha() and 1 < len(left) <= _LONGEST_UNIT and any(map(str.isdigit, right)) and right.isalnum()


_STOP_TOKENS = frozenset(token for word in STOP_WORDS for token in tokenize(word)[:1])


@dataclass(frozen=True, slots=True)
class Term:
    """A token of a query."""

    token: str
    texts: int
    """Number of texts that hold it."""
    weight: float
    """Its inverse document frequency, as in the scores; highest for a token that no text holds."""


def _telling(query: str) -> list[str]:
    """The query's tokens without function words, unless it has no others."""
    tokens = tokenize(query)
    return [token for token in tokens if token not in _STOP_TOKENS] or tokens


class LexicalIndex:
    """BM25 over a fixed sequence of texts."""

    def __init__(self, ids: NDArray[np.bytes_], postings: Postings) -> None:
        self._ids = ids
        self._postings = postings

    @classmethod
    def build(cls, ids: Sequence[str], texts: Iterable[str]) -> LexicalIndex:
        """The texts can be searched; `ids` are ASCII and name them in order."""
        return cls.from_tokens(ids, dict(zip(ids, map(tokenize, texts), strict=True)))

    @classmethod
    def from_tokens(
        cls, ids: Sequence[str], tokens: Mapping[str, Sequence[str]], base: LexicalIndex | None = None
    ) -> LexicalIndex:
        """The texts of these ids can be searched.

        Args:
            ids: In the order of the texts.
            tokens: By id, the tokens of all texts that `base` does not hold.
            base: An index of other texts and of some of these, whose tokens it knows; work is saved on them.
        """
        known: dict[str, int] = {}
        if base is not None:
            known = {name.decode("ascii"): number for number, name in enumerate(base._ids.tolist())}
        added = {number: tokens[name] for number, name in enumerate(ids) if name not in known}
        postings = base._postings if base is not None else Postings.empty()
        return cls(
            np.array([name.encode("ascii") for name in ids], dtype=np.bytes_),
            postings.renewed([known.get(name, -1) for name in ids], added),
        )

    def save(self, folder: Path) -> None:
        """The index stands in the folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "ids.npy", self._ids)
        self._postings.save(folder)

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """The saved index can be searched; its arrays stay on disk until a query needs them.

        Raises:
            IndexingError: The folder holds no readable index.
        """
        try:
            return cls(np.load(folder / "ids.npy"), Postings.load(folder))
        except (OSError, ValueError, EOFError) as error:
            raise IndexingError(
                f"the lexical index {folder} cannot be read: delete the index folder and run `hwqa index`"
            ) from error

    def frequency(self, word: str) -> int:
        """Number of texts that hold the word, in any spelling that gives the same token; 0 for an unknown word."""
        tokens = tokenize(word)
        return self._postings.held(tokens[0]) if tokens else 0

    def terms(self, query: str) -> list[Term]:
        """What the query is searched for, each once: its tokens without function words, known or not."""
        tokens = dict.fromkeys(_telling(query))
        held = {token: self._postings.held(token) for token in tokens}
        return [Term(token, count, self._postings.weight(count)) for token, count in held.items()]

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._ids)

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """Ids and scores of the texts that share a token with the query, best first; ties in the order of the texts.

        Function words count only in a query of nothing else: beside others they find texts that ask alike.
        """
        scores = self._postings.scores(_telling(query))
        found = np.flatnonzero(scores)
        values = scores[found]
        limit = min(limit, len(found))
        if limit < 1:
            return []
        # as many as asked for, and all that tie with the last of them, so that the order does not depend on chance
        found = found[values >= np.partition(values, len(values) - limit)[len(values) - limit]]
        best = found[np.argsort(-scores[found], kind="stable")][:limit]
        return [(self._ids[row].decode("ascii"), float(scores[row])) for row in best]
