from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hwqa.assistant import Assistant
from hwqa.retrieval import retrieve
from hwqa.schema import Chunk
from hwqa.search import WEIGHTS, Scored, Weights, grown, is_reference, joined, joined_text


def chunk(
    identifier: str, ordinal: int, *, section: int = 0, lines: tuple[int, int] = (1, 1), text: str = "x"
) -> Chunk:
    return Chunk(identifier, "a.md", ("A",), "a", lines, text, ordinal=ordinal, section=section)


def groups(
    chunks: Sequence[Chunk], scores: Sequence[float], count: int = 9, compared: Sequence[str] = ()
) -> list[list[str]]:
    """The names of the chunks, joined; the scores are in falling order."""
    scored = Scored(
        {each.id: each for each in chunks}, dict(zip((each.id for each in chunks), scores, strict=True)), {}, ()
    )
    return [[member.id for member in group] for group in joined(scored, count, compared)]


def found(assistant: Assistant, question: str, weights: Weights) -> Scored:
    query = assistant.reader.read(question)
    return retrieve(assistant.index, query, assistant._embedder.encode_query(query.text), weights).scored


def test_the_score_adds_similarity_and_the_share_of_the_best_match(assistant: Assistant) -> None:
    question = "compiler problems on wafer chips"
    plain = Weights(lexical=0.0, fact=0.0, argument=0.0, scope=0.0)
    alone, both = (
        found(assistant, question, plain),
        found(assistant, question, replace(plain, lexical=0.4, matched=0.0)),
    )
    assert alone.scores == pytest.approx(alone.similarity)
    matches = dict(assistant.index.lexical(question, 50))
    best = max(matches.values())
    for chunk, value in matches.items():
        assert both.scores[chunk.id] == pytest.approx(alone.scores[chunk.id] + 0.4 * value / best)


def test_the_best_match_counts_little_when_hardly_a_word_is_shared(assistant: Assistant) -> None:
    question = "what do otters eat on cold wafer mornings in winter"
    weights = Weights(lexical=0.4, matched=0.25, fact=0.0, argument=0.0, scope=0.0)
    scored = found(assistant, question, weights)
    gain = max(scored.scores[name] - scored.similarity[name] for name in scored.chunks)
    assert 0 < gain < 0.4


def test_a_fact_that_is_asked_for_lifts_the_chunk_that_holds_it(assistant: Assistant) -> None:
    question = "How much VRAM has the X2?"
    without, scored = found(assistant, question, replace(WEIGHTS, fact=0.0)), found(assistant, question, WEIGHTS)
    lifted = {name for name in scored.chunks if scored.scores[name] > without.scores[name] + 0.1}
    assert lifted
    assert all(scored.chunks[name].heading_path[-1] == "Alpha X2" for name in lifted)


def test_chunks_stand_in_the_order_of_their_scores(assistant: Assistant) -> None:
    scored = found(assistant, "does it need a fan?", WEIGHTS)
    scores = [scored.scores[name] for name in scored.chunks]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [data sheet](https://example.org/a.pdf): memory and power", True),
        ("- <https://example.org>", True),
        ("- [other page](other.md)", True),
        ("- [script.py](script.py) - mends files that were saved with too large a storage", False),
        ("- It draws 300 W ([data sheet](https://example.org/a.pdf)).", False),
    ],
)
def test_a_reference_is_told_from_a_statement(line: str, expected: bool) -> None:
    assert is_reference(line) is expected


def test_neighbours_of_one_section_are_joined_and_the_best_group_comes_first() -> None:
    chunks = [chunk("c", 5), chunk("b", 2), chunk("a", 1), chunk("d", 3, section=1)]
    assert groups(chunks, [0.9, 0.8, 0.7, 0.6]) == [["c"], ["a", "b"], ["d"]]


def test_a_further_passage_of_a_section_gives_way_to_another_section_that_is_hardly_worse() -> None:
    chunks = [chunk("a", 1), chunk("b", 5), chunk("c", 9, section=1), chunk("d", 2)]
    assert groups(chunks, [0.9, 0.8, 0.79, 0.5]) == [["a", "d"], ["c"], ["b"]]
    assert groups(chunks, [0.9, 0.8, 0.70, 0.5]) == [["a", "d"], ["b"], ["c"]]


def test_joined_neighbours_stay_short() -> None:
    chunks = [chunk("a", 1, text="x" * 1500), chunk("b", 2, text="y" * 1500), chunk("c", 3, text="z")]
    assert groups(chunks, [0.9, 0.8, 0.7]) == [["a"], ["b", "c"]]


class Section:
    """An index of one section."""

    def __init__(self, chunks: list[Chunk]) -> None:
        self._chunks = chunks

    def section(self, path: str, section: int) -> list[Chunk]:
        return [each for each in self._chunks if (each.path, each.section) == (path, section)]


def shown(chunks: list[Chunk], groups: list[list[Chunk]], scores: dict[str, float]) -> list[list[str]]:
    index: Any = Section(chunks)
    return [[each.id for each in group] for group in grown(index, groups, scores)]


def test_the_paragraph_of_the_best_chunk_is_shown_whole_before_a_part_of_the_next() -> None:
    a, b, c, d = (
        chunk(name, ordinal, lines=(line, line), text="x" * 700)
        for ordinal, (name, line) in enumerate((("a", 1), ("b", 1), ("c", 3), ("d", 3)))
    )
    # b and c stand side by side and are halves of two paragraphs
    assert shown([a, b, c, d], [[b, c]], {"b": 0.9, "c": 0.5}) == [["a", "b"], ["c", "d"]]


def test_what_is_left_of_a_group_comes_where_its_score_puts_it() -> None:
    chunks = [
        chunk(name, ordinal, lines=(line, line), text="x" * 700)
        for ordinal, (name, line) in enumerate((("a", 1), ("b", 1), ("c", 3), ("d", 3)))
    ]
    other = chunk("other", 9, section=1, text="x" * 3000)
    scores = {"b": 0.9, "other": 0.6, "c": 0.5}
    assert shown([*chunks, other], [chunks[1:3], [other]], scores) == [["a", "b"], ["other"], ["c", "d"]]
    assert shown([*chunks, other], [chunks[1:3], [other]], {**scores, "c": 0.8})[1] == ["c", "d"]


def test_a_long_paragraph_in_one_line_is_shown_whole() -> None:
    parts = [chunk(str(number), number, lines=(1, 1), text="x" * 700) for number in range(4)]
    endless = [chunk(str(number), number, lines=(1, 1), text="x" * 700) for number in range(9)]
    assert shown(parts, [[parts[2]]], {"2": 1.0}) == [["0", "1", "2", "3"]]
    assert shown(endless, [[endless[2]]], {"2": 1.0}) == [["2"]]


def test_each_product_of_a_comparison_has_a_chunk_among_few() -> None:
    trails = [("Alpha",), ("Alpha", "Power"), ("Alpha", "Price"), ("Beta",)]
    chunks = [replace(chunk(name, 0, section=n), heading_path=trails[n]) for n, name in enumerate("abcd")]
    assert groups(chunks, [0.9, 0.8, 0.7, 0.1], 2, ["Alpha", "Beta"]) == [["a"], ["d"]]
    assert groups(chunks, [0.9, 0.8, 0.7, 0.1], 2) == [["a"], ["b"]]


def test_joined_text_keeps_the_lines_of_the_file() -> None:
    first, second = chunk("a", 0, lines=(1, 2), text="one\ntwo"), chunk("b", 1, lines=(4, 4), text="four")
    assert joined_text([first, second]) == "one\ntwo\n\nfour"


def test_a_repeated_header_stands_once() -> None:
    first = chunk("a", 0, lines=(1, 3), text="| h |\n|---|\n| 1 |")
    second = replace(chunk("b", 1, lines=(4, 4), text="| h |\n|---|\n| 2 |"), context="| h |\n|---|")
    assert joined_text([first, second]) == "| h |\n|---|\n| 1 |\n| 2 |"


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("How much VRAM has the X2?", "Alpha X2"),
        ("compiler problems on wafer chips", "Disadvantages"),
        ("does it need a fan?", "Advantages"),
    ],
)
def test_the_section_that_answers_comes_first(assistant: Assistant, question: str, heading: str) -> None:
    assert assistant.search(question, 3)[0].heading_path[-1] == heading


def test_both_products_of_a_comparison_are_found(assistant: Assistant) -> None:
    trails = [passage.heading_path[-1] for passage in assistant.search("X1 or X2?", 3)]
    assert {"Alpha X1", "Alpha X2"} <= set(trails)


def test_the_text_of_a_passage_stands_at_its_lines(corpus_assistant: Assistant) -> None:
    for question in (
        "memory bandwidth of the H200",
        "What speaks against CPUs?",
        "Trainium2 peaks",
        "Gaudi 3 software",
    ):
        for passage in corpus_assistant.search(question):
            lines = (corpus_assistant.corpus / passage.path).read_text("utf-8").split("\n")
            assert passage.own_text == "\n".join(lines[passage.lines[0] - 1 : passage.lines[1]])
