from dataclasses import replace

import pytest

from hwqa.assistant import Assistant
from hwqa.schema import Chunk
from hwqa.search import fuse, join_neighbours, joined_text


def chunk(
    identifier: str, ordinal: int, *, section: int = 0, lines: tuple[int, int] = (1, 1), text: str = "x"
) -> Chunk:
    return Chunk(identifier, "a.md", ("A",), "a", lines, text, ordinal=ordinal, section=section)


def test_fusion_adds_reciprocal_ranks() -> None:
    scores = fuse({"dense": ["a", "b"], "lexical": ["b"]})
    assert list(scores) == ["b", "a"]
    assert scores["b"] == pytest.approx(1 / 62 + 1 / 61)


def test_a_weight_scales_a_ranking() -> None:
    assert list(fuse({"dense": ["a"], "lexical": ["b"]}, {"lexical": 2.0})) == ["b", "a"]


def test_neighbours_of_one_section_are_joined_and_the_best_group_comes_first() -> None:
    chunks = [chunk("c", 5), chunk("b", 2), chunk("a", 1), chunk("d", 3, section=1)]
    assert [[member.id for member in group] for group in join_neighbours(chunks)] == [["c"], ["a", "b"], ["d"]]


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
