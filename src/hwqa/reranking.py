"""A cross-encoder that reads question and text together and puts the first chunks in a better order; off by default.

None with a usable licence and a safe format comes with hwqa, so whoever has one names its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwqa.encoder import one_line
from hwqa.errors import EmbedderError
from hwqa.search import Scored

DEPTH = 20
"""Chunks that are put in a new order: a cross-encoder runs once for each."""

Rerank = Callable[[str, Sequence[str]], Sequence[float]]
"""Question and texts → how well each text answers it; comparable within one call."""


def open_reranker(folder: str) -> Rerank:
    """The cross-encoder of a folder in sentence-transformers' format is loaded; nothing is fetched.

    Raises:
        EmbedderError: The folder holds no cross-encoder.
    """
    if not (Path(folder).expanduser() / "config.json").is_file():
        raise EmbedderError(
            f"reranker {folder!r} is no folder with a config.json: give the folder of a downloaded cross-encoder, "
            "or leave HWQA_RERANKER empty"
        )
    from sentence_transformers import CrossEncoder  # noqa: PLC0415, TID251 - takes seconds; the other half of it

    try:
        model: Any = CrossEncoder(str(Path(folder).expanduser()), local_files_only=True, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise EmbedderError(
            f"the reranker {folder} cannot be loaded ({one_line(error)}): give the folder of a cross-encoder"
        ) from error

    def rerank(question: str, texts: Sequence[str]) -> Sequence[float]:
        found = model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(value) for value in found]

    return rerank


def reranked(scored: Scored, question: str, rerank: Rerank) -> Scored:
    """The same chunks with the first `DEPTH` in the reranker's order.

    The scores stay on their scale: they are dealt out anew in the new order.
    """
    first = list(scored.chunks.values())[:DEPTH]
    if len(first) < 2:
        return scored
    values = rerank(question, [f"{chunk.trail}\n{chunk.text}" for chunk in first])
    better = [chunk for _, chunk in sorted(zip(values, first, strict=True), key=lambda pair: -pair[0])]
    scores = dict(scored.scores)
    scores.update((chunk.id, scored.scores[before.id]) for chunk, before in zip(better, first, strict=True))
    return replace(scored, chunks={chunk.id: chunk for chunk in better} | dict(scored.chunks), scores=scores)
