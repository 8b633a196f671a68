"""What several tests of the index look at."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from hwqa.embedding import Embedder
from hwqa.index import Index


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.02)


def texts_found(index: Index, embedder: Embedder, query: str) -> str:
    """Everything that a search by meaning and by words returns, as one text."""
    found = [*index.dense(embedder.encode_query(query), 20), *index.lexical(query, 20)]
    return "\n".join(chunk.text for chunk, _ in found)


def lines_are_true(index: Index, corpus: Path) -> bool:
    """Whether every chunk stands in its file at the lines it names."""
    for chunk in index.all_chunks():
        lines = (corpus / chunk.path).read_text("utf-8").split("\n")[chunk.lines[0] - 1 : chunk.lines[1]]
        if chunk.text.removeprefix(chunk.context).strip() not in "\n".join(lines):
            return False
    return True
