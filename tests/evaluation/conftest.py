"""The document of the tests, its golden set, and an assistant that answers as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.evaluation.cards import DOCUMENT, GOLDEN, RIGHT, Scripted, passage

from hwqa.evaluation import Case, load_cases
from hwqa.schema import Answer


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "cards.md").write_text(DOCUMENT, encoding="utf-8")
    return folder


@pytest.fixture
def cases(tmp_path: Path) -> list[Case]:
    file = tmp_path / "golden.yaml"
    file.write_text(GOLDEN, encoding="utf-8")
    return load_cases([file])


@pytest.fixture
def scripted(corpus: Path) -> Callable[..., Scripted]:
    """An assistant that answers rightly but for what the test changes."""

    def build(changes: Mapping[str, Answer | Exception] | None = None) -> Scripted:
        passages = [passage("Cards", "Y4"), passage("Cards", "X9", rank=2)]
        return Scripted(corpus, {**RIGHT, **(changes or {})}, passages)

    return build
