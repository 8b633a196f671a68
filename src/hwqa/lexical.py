"""Search by words: BM25 over tokens that keep product names and quantities findable.

The index is built once, stored as arrays and opened memory-mapped; a query reads only the rows of its own words.
BM25 is Robertson's with Lucene's idf, as bm25s implements it (k1 = 1.5, b = 0.75).
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import Stemmer  # type: ignore[import-not-found]

from hwqa.errors import IndexingError
from hwqa.names import singular
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
    """BM25 over a fixed set of texts."""

    def __init__(self, ids: NDArray[np.bytes_], scorer: Any) -> None:
        self._ids = ids
        self._scorer = scorer

    @classmethod
    def build(cls, ids: Sequence[str], texts: Iterable[str]) -> LexicalIndex:
        """The texts can be searched; `ids` are ASCII and name them in order."""
        return cls.from_tokens(ids, [tokenize(text) for text in texts])

    @classmethod
    def from_tokens(cls, ids: Sequence[str], tokens: Sequence[Sequence[str]]) -> LexicalIndex:
        """The texts that gave these tokens can be searched."""
        scorer = _bm25s().BM25()
        if any(tokens):
            scorer.index([list(text) for text in tokens], show_progress=False, create_empty_token=False)
        else:
            scorer = None
        return cls(np.array([name.encode("ascii") for name in ids], dtype=np.bytes_), scorer)

    def save(self, folder: Path) -> None:
        """The index stands in the folder, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "ids.npy", self._ids)
        if self._scorer is not None:
            self._scorer.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path) -> LexicalIndex:
        """The saved index can be searched; its arrays stay on disk until a query needs them.

        Raises:
            IndexingError: The folder holds no readable index.
        """
        try:
            ids = np.load(folder / "ids.npy")
            known = (folder / "params.index.json").is_file()
            scorer = _bm25s().BM25.load(folder, mmap=True, load_vocab=True) if known else None
        except (OSError, ValueError, KeyError) as error:
            raise IndexingError(
                f"the lexical index {folder} cannot be read: delete the index folder and run `hwqa index`"
            ) from error
        return cls(ids, scorer)

    def frequency(self, word: str) -> int:
        """Number of texts that hold the word, in any spelling that gives the same token; 0 for an unknown word."""
        tokens = tokenize(word)
        return self._held(tokens[0]) if tokens else 0

    def terms(self, query: str) -> list[Term]:
        """What the query is searched for, each once: its tokens without function words, known or not."""
        tokens = dict.fromkeys(_telling(query))
        return [Term(token, held, self._weight(held)) for token in tokens for held in (self._held(token),)]

    def _weight(self, held: int) -> float:
        return math.log(1 + (len(self) - held + 0.5) / (held + 0.5))

    def _held(self, token: str) -> int:
        """Number of texts that hold the token."""
        row = self._scorer.vocab_dict.get(token) if self._scorer is not None else None
        if row is None:
            return 0
        starts = self._scorer.scores["indptr"]
        return int(starts[row + 1] - starts[row])

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._ids)

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """Ids and scores of the texts that share a token with the query, best first; ties in the order of the texts.

        Function words count only in a query of nothing else: beside others they find texts that ask alike.
        """
        if self._scorer is None:
            return []
        vocabulary = self._scorer.vocab_dict
        words = [vocabulary[token] for token in _telling(query) if token in vocabulary]
        if not words:
            return []
        scores = self._scorer.get_scores_from_ids(words)
        limit = min(limit, len(scores))
        # as many as asked for, and all that tie with the last of them, so that the order does not depend on chance
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        found = np.flatnonzero((scores >= least) & (scores > 0))
        best = found[np.argsort(-scores[found], kind="stable")][:limit]
        return [(self._ids[row].decode("ascii"), float(scores[row])) for row in best]


def _bm25s() -> Any:
    import bm25s  # type: ignore[import-untyped] # noqa: PLC0415 - 0.2 s that a command without a search saves

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s
