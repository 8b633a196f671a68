"""The variants whose own code could be wrong: what they read, and which words they find."""

from __future__ import annotations

from benchmarks.retrieval.variants import VARIANTS, neighbours_read, parts_of, rows_as_sentences
from tests.conftest import CACHE

from hwqa.embedding import open_embedder
from hwqa.index import default_parser
from hwqa.lexical import tokenize
from hwqa.schema import Chunk

TABLE = """Cards of a kind:

| Card | Memory | Power |
| --- | ---: | --- |
| Alpha | 8 GB | 75 W |
| Beta | 16 GB | |

Prices differ."""


def chunk(text: str, context: str = "") -> Chunk:
    return Chunk("id", "cards.md", ("Cards",), "cards", (1, 9), text, context=context)


def test_rows_are_read_as_sentences_that_name_their_columns():
    read = [line for line in rows_as_sentences(chunk(TABLE)).split("\n") if line.strip()]
    assert read == [
        "Cards",
        "Cards of a kind:",
        "Alpha: Memory 8 GB; Power 75 W.",
        "Beta: Memory 16 GB.",
        "Prices differ.",
    ]


def test_text_with_a_bar_outside_of_a_table_is_left_alone():
    assert "either | or" in rows_as_sentences(chunk("Say either | or both."))


def test_neighbours_are_read_up_to_whole_sentences_and_within_a_section():
    embedder = open_embedder(cache=CACHE)
    long = " ".join(f"Sentence number {number} says little." for number in range(40))
    text = f"# Top\n\n{long}\n\n# Next\n\nEnd."
    parser = neighbours_read(64, 16, 16)(default_parser(embedder), embedder)
    chunks = parser.chunk(parser.read("a.md", text))
    first, second, *_ = chunks
    assert chunks[-1].heading_path == ("Next",)
    assert first.own_text.rsplit(". ", 1)[-1] in parser.chunk_text(second)
    assert second.own_text.strip().split(". ")[0] in parser.chunk_text(first)
    assert embedder.count_tokens(parser.chunk_text(second)) <= 64 + 16 + 16
    assert "Sentence" not in parser.chunk_text(chunks[-1])


def test_words_are_changed_for_as_long_as_a_variant_is_measured():
    stemmed = tokenize("prices")
    with parts_of(VARIANTS["no stems"]):
        assert tokenize("prices") == ["prices"]
    assert tokenize("prices") == stemmed != ["prices"]
