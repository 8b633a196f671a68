"""For any Markdown: nothing is lost, nothing is doubled, every line number is right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from invariants import check, check_chunks, file_lines, letters, own_text, subwords, visible, words
from strategies import SENTENCE, documents

from hwqa.chunking import chunk_document, embedding_text
from hwqa.markdown import plain_text, read_document
from hwqa.sentences import sentence_spans
from hwqa.statements import statements

MANY = settings(
    max_examples=3 * settings.default.max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
BUDGETS = st.sampled_from([1, 5, 12, 40, 256])
COUNTS = st.sampled_from([words, letters, subwords])
PROSE = ["Memory is large.", "It costs $1,979 (e.g. here).", "See llama.cpp v1.2 now!", "*It* runs at 4.8 TB/s."]
MARKDOWN_ALPHABET = st.text(st.sampled_from("ab .#*_`~-+=>|[]()!<:\\\n\r\t1\u2028\x0c\x00\ufeff"), max_size=120)


@MANY
@given(documents(), BUDGETS, COUNTS)
def test_documents_of_blocks_keep_every_character_and_line(text: str, budget: int, count: Callable[[str], int]) -> None:
    check(text, budget, count)


@MANY
@given(MARKDOWN_ALPHABET, BUDGETS)
@example("-\n\n  - **a**\n", 5)
@example("---\na: b\n---", 5)
@example("# a\rb\r\nc", 5)
def test_marks_in_any_order_keep_every_character_and_line(text: str, budget: int) -> None:
    check(text, budget)


@MANY
@given(st.text(max_size=200), BUDGETS)
def test_any_text_keeps_every_character_and_line(text: str, budget: int) -> None:
    check(text, budget)


@MANY
@given(st.lists(st.integers(1, 30), min_size=1, max_size=25))
def test_a_section_has_as_few_chunks_as_the_budget_allows(sizes: list[int]) -> None:
    text = "# H\n\n" + "\n\n".join(" ".join(["word"] * size) for size in sizes)
    chunks = chunk_document(read_document("a.md", text), count_tokens=words, budget=42)
    room = 42 - 1  # the trail
    needed, used = 1, 1  # the heading
    for size in sizes:
        if used + size > room:
            needed, used = needed + 1, 0
        used += size
    assert len(chunks) == needed
    assert all(words(embedding_text(chunk)) <= 42 for chunk in chunks)


@MANY
@given(st.lists(SENTENCE, min_size=1, max_size=40), st.integers(20, 60))
@example(["Fig. \xa0 - Next!" + " memory" * 5, "memory" + " memory" * 4, "memory" + " memory" * 7], 20)
@example(["memory memory memory end. <!-- 4.8", "memory" + " memory" * 11], 20)
def test_prose_never_exceeds_the_budget(sentences: list[str], budget: int) -> None:
    text = "# H\n\nWords: " + " ".join(sentences)
    for chunk in chunk_document(read_document("a.md", text), count_tokens=words, budget=budget):
        assert words(embedding_text(chunk)) <= budget


@MANY
@given(documents(), st.integers(1, 5))
def test_text_moved_down_keeps_the_ids_of_its_chunks(text: str, moved: int) -> None:
    text = "# First\n\n" + text.removeprefix("\ufeff").replace("\r\n", "\n")
    before = chunk_document(read_document("a.md", text), count_tokens=words, budget=30)
    after = chunk_document(read_document("a.md", "\n" * moved + text), count_tokens=words, budget=30)
    assert [chunk.id for chunk in after] == [chunk.id for chunk in before]
    assert [chunk.lines[0] - moved for chunk in after] == [chunk.lines[0] for chunk in before]


@MANY
@given(documents())
def test_an_anchor_belongs_to_one_trail(text: str) -> None:
    trails: dict[str, tuple[str, ...]] = {}
    for section in read_document("a.md", text).sections:
        if section.anchor:  # a heading of nothing but punctuation has none
            assert trails.setdefault(section.anchor, section.heading_path) == section.heading_path


@MANY
@given(st.lists(SENTENCE, max_size=8).map(" ".join))
def test_sentences_hold_every_character_once(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join(visible(text[start:end]) for start, end in spans) == visible(text)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


@MANY
@given(st.lists(st.sampled_from(PROSE), min_size=1, max_size=9))
def test_statements_of_prose_are_its_sentences(sentences: list[str]) -> None:
    found = statements("\n".join(sentences), 7)
    assert [statement.quote for statement in found] == sentences
    assert [statement.lines for statement in found] == [(7 + n, 7 + n) for n in range(len(sentences))]


@MANY
@given(documents())
def test_plain_text_of_a_chunk_says_no_more_than_the_chunk(text: str) -> None:
    for chunk in check(text):
        assert "\r\n" not in plain_text(own_text(chunk))
        assert len(plain_text(own_text(chunk))) <= 4 * len(own_text(chunk)) + 8


def test_the_properties_can_fail() -> None:
    document = read_document("a.md", "# A\n\nOne.\n\n# B\n\nTwo.\n")
    chunks = chunk_document(document, count_tokens=words)
    with pytest.raises(AssertionError):
        check_chunks(document, chunks[:1], file_lines("# A\n\nOne.\n\n# B\n\nTwo.\n"))
