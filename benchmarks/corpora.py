"""Corpora of any size for the speed benchmarks: sections of a real one, shuffled, with other figures in them."""

from __future__ import annotations

import random
import re
from pathlib import Path

from hwqa.corpus import read_text, scan
from hwqa.markdown import read_document

_DIGIT = re.compile(r"[1-9]")
_SHORTEST, _LONGEST = 200, 6000
"""Characters of a section that is taken: a bare heading says nothing, and a page is not a section."""
_SECTIONS = 3
"""Most sections of a file."""


def vary(source: Path, folder: Path, files: int, *, tables: float | None = None, seed: int = 7) -> Path:
    """The folder, which is returned, holds so many files of one to three sections; every call gives the same.

    Args:
        source: The corpus whose sections are taken.
        folder: Where the files go.
        files: How many.
        tables: Share of sections with a table, whose rows become facts; as in the source when None.
        seed: Another one gives other files.
    """
    chance = random.Random(seed)  # noqa: S311 - texts, not secrets
    texts = [
        section.text
        for file in scan(source)
        for section in read_document(file.path, read_text(source, file.path)).sections
        if _SHORTEST < len(section.text) < _LONGEST
    ]
    tabular = [text for text in texts if "\n|" in text]
    prose = [text for text in texts if "\n|" not in text]
    share = len(tabular) / len(texts) if tables is None else tables
    for number in range(files):
        parts = []
        for _ in range(chance.randint(1, _SECTIONS)):
            text = chance.choice((chance.random() < share and tabular) or prose or tabular)
            parts.append(_DIGIT.sub(lambda _: str(chance.randint(1, 9)), text))
        path = folder / f"{number // 100:03d}" / f"page-{number:05d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Page {number}\n\n" + "\n\n".join(parts) + "\n", "utf-8")
    return folder
