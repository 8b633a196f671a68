"""A sizer over made-up models and devices, so that every expected figure can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwqa.facts import facts
from hwqa.markdown import read_document
from hwqa.schema import Fact
from hwqa.sizing import Sizer
from hwqa.vocabulary import Vocabulary

CORPUS = Path(__file__).parent / "corpus"


def sizer_of(texts: dict[str, str]) -> Sizer:
    """A sizer that knows what these documents (path → text) say."""
    documents = [read_document(path, text) for path, text in texts.items()]
    found: list[Fact] = [fact for document in documents for fact in facts(document)]
    told = [(document.path, document.title, document.vendor, document.aliases) for document in documents]
    return Sizer(found, Vocabulary.build(told, found))


def texts() -> dict[str, str]:
    """The made-up documents."""
    return {path.name: path.read_text("utf-8") for path in sorted(CORPUS.glob("*.md"))}


@pytest.fixture(scope="session")
def sizer() -> Sizer:
    return sizer_of(texts())
