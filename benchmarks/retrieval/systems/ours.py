"""hwqa: `Assistant.search`, and simpler searches over the same index for comparison."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from benchmarks.retrieval.corpora import DATA, ROOT, fingerprint, read_documents
from benchmarks.retrieval.spans import Locator, Span
from numpy.typing import NDArray

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.embedding import Embedder, open_embedder
from hwqa.encoder import Encoder
from hwqa.index import Index
from hwqa.retrieval import retrieve as retrieve_for
from hwqa.schema import Passage
from hwqa.search import CANDIDATES, WEIGHTS, Weights, passage_of, search

PACKAGE = ROOT / "src" / "hwqa"
AFTER_INDEXING = {
    *("assistant", "cli", "compose", "coverage", "doctor", "evidence", "gguf", "local", "model_failures", "models"),
    *("prompts", "question", "retrieval", "retriever", "search", "selection"),
    *("answer_cache", "automatic", "conversation", "drafting", "mcp_server", "pulling", "quoting", "relations"),
    *("remembering", "repeating", "reranking", "spoken", "streaming", "withholding", "writing"),
    *("charts", "checking", "comparison", "evaluation", "grounding", "sizing", "ui"),
}
"""Modules and packages of hwqa that no index depends on; a change in any other makes a new one."""
Search = Callable[[Assistant, str, int], list[Passage]]
"""Assistant, question and depth → passages, best first."""


def retrieve(folder: Path, questions: Sequence[str], depth: int, variant: str) -> list[list[Span]]:
    """The passages that hwqa finds, or the ranking of the variant."""
    return spans_of(open_assistant(folder), folder, questions, depth, VARIANTS[variant])


def spans_of(
    assistant: Assistant, folder: Path, questions: Sequence[str], depth: int, search: Search
) -> list[list[Span]]:
    """What the search finds for each question."""
    locators = {path: Locator(text) for path, text in read_documents(folder).items()}
    starts = {path: _line_starts(locator.text) for path, locator in locators.items()}
    return [
        [_span(passage, locators[passage.path], starts[passage.path]) for passage in search(assistant, question, depth)]
        for question in questions
    ]


def version() -> str:
    """Hash of hwqa's source."""
    return _hash_of(file for file in sorted(PACKAGE.rglob("*.py")))


def open_assistant(folder: Path) -> Assistant:
    """An assistant over an index of the folder that the present source would build.

    Vectors are kept by text, so that an index after a change of the source costs seconds.
    """
    name = folder.relative_to(ROOT).as_posix().replace("/", "-")
    code = _hash_of(
        file
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.relative_to(PACKAGE).parts[0].removesuffix(".py") not in AFTER_INDEXING
    )
    place = DATA / "indexes" / f"{name}-{fingerprint(read_documents(folder), code)}"
    embedder = remembering_embedder()
    index = Index.open(place, embedder)
    if not place.exists():
        for old in place.parent.glob(f"{name}-{'?' * 16}"):
            shutil.rmtree(old)
        print(f"indexing {folder}", file=sys.stderr)
        index.sync(folder)
    settings = Settings.load(corpus=folder, index=str(place))
    return Assistant(index, embedder, settings)


def remembering_embedder() -> Embedder:
    """The model, with the vectors of all texts that it has read before."""
    embedder = open_embedder()
    embedder._encoder = _Remembering(embedder._encoder, embedder.fingerprint)
    return embedder


class _Remembering:
    """An encoder that encodes no text twice."""

    def __init__(self, encoder: Encoder, model: str) -> None:
        DATA.mkdir(exist_ok=True)
        self._encoder = encoder
        self._model = model
        self._store = sqlite3.connect(DATA / "vectors.sqlite", timeout=60, check_same_thread=False)
        self._store.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def encode(self, texts: list[str], *, apart: bool = False) -> NDArray[np.float32]:
        """The vectors of the texts, in their order."""
        keys = [hashlib.sha256(f"{self._model}\n{text}".encode()).hexdigest() for text in texts]
        known: dict[str, bytes] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            rows = self._store.execute(f"SELECT * FROM vectors WHERE key IN ({','.join('?' * len(part))})", part)  # noqa: S608 - question marks
            known.update(rows)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            vectors = self._encoder.encode(list(new.values()), apart=apart)
            added = [(key, vector.tobytes()) for key, vector in zip(new, vectors, strict=True)]
            with self._store:
                self._store.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", added)
            known.update(added)
        return np.stack([np.frombuffer(known[key], np.float32) for key in keys])


RANK_CONSTANT = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


def _as_it_answers(assistant: Assistant, question: str, depth: int) -> list[Passage]:
    return assistant.search(question, limit=depth)


def _weighted(weights: Weights) -> Search:
    """hwqa with other weights."""

    def searched(assistant: Assistant, question: str, depth: int) -> list[Passage]:
        query = assistant.reader.read(question)
        found = retrieve_for(assistant.index, query, assistant._embedder.encode_query(query.text), weights)
        return search(assistant.index, found.scored, query, depth)

    return searched


def _unjoined(assistant: Assistant, question: str, depth: int) -> list[Passage]:
    """hwqa's ranking of single chunks."""
    query = assistant.reader.read(question)
    scored = retrieve_for(assistant.index, query, assistant._embedder.encode_query(query.text)).scored
    best = list(scored.chunks.values())[:depth]
    return [passage_of([chunk], rank, scored.scores, scored.similarity) for rank, chunk in enumerate(best, start=1)]


def _single(*names: str) -> Search:
    """Single chunks by the rankings that are named, fused by reciprocal ranks when they are several."""

    def searched(assistant: Assistant, question: str, depth: int) -> list[Passage]:
        index = assistant.index
        rankings = []
        if "dense" in names:
            rankings.append(index.dense(assistant._embedder.encode_query(question), CANDIDATES))
        if "lexical" in names:
            rankings.append(index.lexical(question, CANDIDATES))
        scores: dict[str, float] = defaultdict(float)
        for ranking in rankings:
            for rank, (chunk, _) in enumerate(ranking, start=1):
                scores[chunk.id] += 1 / (RANK_CONSTANT + rank)
        best = index.chunks(sorted(scores, key=lambda name: -scores[name])[:depth])
        return [passage_of([chunk], rank, scores, {}) for rank, chunk in enumerate(best, start=1)]

    return searched


VARIANTS: dict[str, Search] = {
    "": _as_it_answers,
    "chunks": _unjoined,
    "dense": _single("dense"),
    "lexical": _single("lexical"),
    "fused": _single("dense", "lexical"),
    "no-lexical": _weighted(replace(WEIGHTS, lexical=0)),
    "no-names": _weighted(replace(WEIGHTS, fact=0, argument=0, scope=0)),
    "any-match": _weighted(replace(WEIGHTS, matched=0)),
    "lexical-20": _weighted(replace(WEIGHTS, lexical=0.2)),
    "lexical-60": _weighted(replace(WEIGHTS, lexical=0.6)),
    "no-scope": _weighted(replace(WEIGHTS, scope=0)),
    "no-facts": _weighted(replace(WEIGHTS, fact=0)),
    "no-arguments": _weighted(replace(WEIGHTS, argument=0)),
}
"""Name of the variant → how it searches; a system of `OURS` names one."""


def _span(passage: Passage, locator: Locator, starts: Sequence[int]) -> Span:
    """Where a passage's own text stands; a table's header that is repeated in front counts as shown only."""
    first, last = passage.lines
    own = passage.text.removeprefix(passage.context)
    begin, end = starts[first - 1], starts[last] - 1
    found = locator.find(own, begin)
    if found is None or not begin <= found[0] < found[1] <= end:
        raise SystemExit(f"{passage.path}: the passage of lines {first} to {last} does not stand there")
    return Span(passage.path, *found, len(passage.text))


def _line_starts(text: str) -> list[int]:
    """The offset of each line, and one behind the last."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _hash_of(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:16]
