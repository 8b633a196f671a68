"""Chunks: what stays together, what is repeated, and what names them."""

from __future__ import annotations

import re

import pytest
from invariants import check, own_text, subwords, words

from hwqa.chunking import chunk_document, embedding_text
from hwqa.markdown import read_document
from hwqa.schema import Chunk


def chunked(text: str, budget: int = 30, path: str = "a.md") -> list[Chunk]:
    return chunk_document(read_document(path, text), count_tokens=words, budget=budget)


TABLE = "| Name | Value |\n|---|---|\n" + "\n".join(f"| row {number} | {number} GB |" for number in range(20))


@pytest.mark.parametrize(
    "lead", ["", "The values:\n\n", "## Deeper\n\nThe values:\n\n"], ids=["bare", "lead-in", "heading"]
)
@pytest.mark.parametrize("container", ["", "> ", "  "], ids=["top", "quote", "item"])
def test_each_part_of_a_long_table_has_trail_lead_in_and_header(lead: str, container: str) -> None:
    body = "".join(f"{container}{line}\n" for line in (lead + TABLE).split("\n"))
    if container == "  ":
        body = "- " + body.removeprefix("  ")
    text = "# Trail\n\nLong text. " + "Word " * 25 + "\n\n" + body
    check(text, 30)
    parts = [chunk for chunk in chunked(text) if "GB" in chunk.text]
    assert len(parts) > 2
    for part in parts:
        assert part.trail.startswith("Trail")
        assert "| Name | Value |" in part.text
        assert "|---|---|" in part.text
        assert ("The values:" in part.text) == bool(lead)
        assert words(embedding_text(part)) <= 30
    rows = [row for part in parts for row in re.findall(r"row \d+", own_text(part))]
    assert rows == [f"row {number}" for number in range(20)], "rows stand in one part each"
    assert parts[0].context == ""
    assert all(part.context for part in parts[1:])
    assert [line for part in parts for line in own_text(part).split("\n") if "GB" in line] == [
        line for line in text.split("\n") if "GB" in line
    ]


def test_a_table_that_fits_is_not_cut_and_keeps_its_lead_in() -> None:
    text = f"# T\n\n{'Word ' * 60}\n\nThe values:\n\n{TABLE}"
    (whole,) = (chunk for chunk in chunked(text, 90) if "GB" in chunk.text)
    assert own_text(whole).startswith("The values:")
    assert own_text(whole).endswith(TABLE)


def test_a_long_paragraph_is_no_lead_in() -> None:
    text = f"# T\n\n{'Word ' * 28}\n\n{TABLE}"
    assert all("Word" not in chunk.context for chunk in chunked(text))


def test_a_row_larger_than_the_budget_stays_whole() -> None:
    row = "| " + "word " * 80 + "| x |"
    chunks = chunked(f"# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n{row}\n| 3 | 4 |\n", 20)
    assert sum(row in chunk.text for chunk in chunks) == 1
    assert sum("| 3 | 4 |" in own_text(chunk) for chunk in chunks) == 1


def test_a_line_larger_than_the_budget_is_cut_within_and_both_parts_name_it() -> None:
    chunks = chunked("word " * 100, 30)
    assert len(chunks) > 3
    assert {chunk.lines for chunk in chunks} == {(1, 1)}


def test_a_word_larger_than_the_budget_is_cut() -> None:
    chunks = chunk_document(read_document("a.md", "x" * 5000), count_tokens=subwords, budget=100)
    assert "".join(chunk.text for chunk in chunks) == "x" * 5000
    assert all(subwords(embedding_text(chunk)) <= 100 for chunk in chunks)


def test_long_paragraphs_are_cut_at_sentence_ends() -> None:
    text = " ".join(f"Sentence number {number} has 4.8 TB/s, i.e. much." for number in range(30))
    assert all(chunk.text.endswith("much.") for chunk in chunked(text))


def test_a_paragraph_is_not_cut_once_more_to_save_a_chunk() -> None:
    long = " ".join(f"{name} is said in five." for name in ("Alpha", "Beta", "Gamma", "Delta"))
    chunks = chunked(f"Before it stand five words.\n\n{long}\n\nBehind it stand five words.", budget=11)
    # three chunks would be enough, the second and the third sentence between them
    assert [len(own_text(chunk).split()) for chunk in chunks] == [5, 10, 10, 5]


def test_long_code_is_cut_between_lines_and_still_reads_as_code() -> None:
    text = "- item\n\n  ```sh\n" + "".join(f"  # step {number} of many\n" for number in range(20)) + "  ```\n"
    chunks = chunked(text)
    assert len(chunks) > 2
    for chunk in chunks:
        assert "```sh" in chunk.text
        assert "# step" in embedding_text(chunk), "a comment is no heading"


def test_long_items_are_cut_between_children_rather_than_below_the_parent() -> None:
    children = "".join(f"  - child {number} with a few words\n" for number in range(4))
    chunks = chunked(f"- First parent leads:\n{children}- Second parent leads:\n{children}", 35)
    assert [own_text(chunk).split("\n")[0] for chunk in chunks] == ["- First parent leads:", "- Second parent leads:"]


def test_chunks_of_a_section_are_of_about_equal_size() -> None:
    text = "\n\n".join(f"Paragraph {number} of ten words is here to be balanced." for number in range(4))
    sizes = [words(embedding_text(chunk)) for chunk in chunked(text, 32)]
    assert sizes == [21, 21]


def test_bare_headings_join_what_they_head_and_a_bare_end_stands_alone() -> None:
    chunks = chunked("# A\n\n<!-- note -->\n\n## B\n\n### C\n\ntext\n\n## D\n\n## E\n")
    assert [(chunk.trail, chunk.lines) for chunk in chunks] == [
        ("A › B › C", (1, 9)),
        ("A › D", (11, 11)),
        ("A › E", (13, 13)),
    ]


def test_invisible_remains_are_no_chunk_of_their_own() -> None:
    chunks = chunked("<!-- a -->\n\n# A\n\n- **B**\n  b\n\n[x]: y\n")
    assert [(chunk.trail, chunk.lines) for chunk in chunks] == [("A › B", (1, 8))]


def test_a_heading_is_never_the_last_of_its_chunk() -> None:
    for size in range(1, 40):
        text = f"# A\n\n{'Word ' * size}\n\n## B\n\n{'Other ' * 35}\n"
        assert not any(re.search(r"## B\s*$", chunk.text) for chunk in chunked(text))


def test_one_large_piece_does_not_make_its_neighbours_small() -> None:
    text = (
        "# A\n\n| a |\n|---|\n| "
        + "word " * 90
        + "|\n\n"
        + "\n\n".join(["Ten words are in this paragraph, no more, no less."] * 9)
    )
    assert [words(embedding_text(chunk)) for chunk in chunked(text, 32)[1:]] == [31, 31, 31]


def test_a_trail_that_fills_the_budget_leaves_room_for_text() -> None:
    text = f"# {'Heading ' * 50}\n\n" + "Two words. " * 40
    assert len(chunked(text, 30)) < 20


def test_the_id_is_of_path_trail_and_text() -> None:
    text = "# A\n\none\n\n# B\n\none\n"
    ids = {chunk.id for chunk in chunked(text) + chunked(text, path="b.md") + chunked(text.replace("# A", "# C"))}
    assert len(ids) == 5  # "B, one" is the same in the first and the third
    assert all(re.fullmatch("[0-9a-f]{24}", identity) for identity in ids)


def test_repeated_content_has_ids_of_its_own_that_do_not_depend_on_lines() -> None:
    text = "# A\n\none\n\n" * 3
    ids = [chunk.id for chunk in chunked(text)]
    assert len(set(ids)) == 3
    assert [chunk.id for chunk in chunked("# Z\n\nnew\n\n" + text)][1:] == ids
    assert [chunk.id for chunk in chunked("# A\n\none\n\n")] == ids[:1]


def test_trail_is_read_by_the_embedder_and_marks_are_not() -> None:
    (chunk,) = chunked("# A\n\n## B\n\n**bold** [x](http://y.z)\n")
    assert embedding_text(chunk) == "A › B\nA\nB\nbold x"
