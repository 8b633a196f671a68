"""Sections: trails, anchors, front matter and unusual input."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from invariants import check, check_sections, file_lines

from hwqa.blocks import split_lines
from hwqa.markdown import plain_text, read_document, slug
from hwqa.schema import Document

SEED = Path(__file__).parents[3] / "shared" / "seed" / "backbones.md"
NOTE = Path(__file__).parent / "cases" / "note.md"


def trail_of(document: Document, words: str) -> str:
    """The trail of the one section in which the words stand."""
    (section,) = (section for section in document.sections if words in section.text)
    return " › ".join(section.heading_path)


def trails(text: str) -> list[str]:
    return [" › ".join(section.heading_path) for section in read_document("a.md", text).sections]


@pytest.mark.parametrize(
    ("words", "trail"),
    [
        ("High power", "Kitchens › Stoves › Performance › Advantages"),
        ("Several pans", "Kitchens › Stoves › Performance › Advantages"),
        ("To compare", "Kitchens › Ovens › Steam › Performance"),
        ("Higher power", "Kitchens › Ovens › Steam › Performance › Disadvantages"),
        ("Lower pressure", "Kitchens › Ovens › Steam › Performance › Disadvantages"),
        ("pizza.club", "Kitchens › Ovens › Stone › Experience › Advantages"),
        ("#### Smoker", "Kitchens › Others › Smoker"),
    ],
)
def test_trail_in_a_note_of_nested_lists(words: str, trail: str) -> None:
    assert trail_of(read_document("note.md", NOTE.read_text(encoding="utf-8")), words) == trail


@pytest.mark.parametrize(
    ("words", "trail"),
    [
        ("Higher TDP", "Backbones › GPU › AMD › Performance › Disadvantages"),
        ("Lower TF32", "Backbones › GPU › AMD › Performance › Disadvantages"),
        ("To properly compare", "Backbones › GPU › AMD › Performance"),
        ("llama.cpp", "Backbones › GPU › Moore Threads › Experience › Advantages"),
        ("Easily scalable", "Backbones › CPU › Performance › Advantages"),
        ("Etched Sohu", "Backbones › Specilized hardware › Etched Sohu"),
    ],
)
def test_trail_in_the_seed_note(words: str, trail: str) -> None:
    if SEED.exists():  # beside the repository on some machines; the note above has the same structure
        assert trail_of(read_document("backbones.md", SEED.read_text(encoding="utf-8")), words) == trail
        check(SEED.read_text(encoding="utf-8"), 40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n## B\n### C\n## D\n# E", ["A", "A › B", "A › B › C", "A › D", "E"]),
        ("### A\n# B\n### C", ["A", "B", "B › C"]),
        ("# A\n\n- ## B\n  b\n\nback", ["A", "A › B", "A"]),
        ("# A\n\n- # B\n  b\n- c", ["A", "A › B", "A"]),
        ("- ## A\n  - # B\n    b", ["A", "A › B"]),
        ("- **A**\n  - **B**\n    b\n  - c", ["A", "A › B", "A"]),
        ("- **A**\n\n  # B\n  b", ["A", "A › B"]),
        ("- ## A\n  a\n- **B**\n  b\n- ## C\n  c", ["A", "A › B", "C"]),
        ("> # A\n> a\n\nb", ["A", ""]),
        ("# A\n\n##\n\n### B", ["A", "A › B"]),
        ("# A\n\n> ## B\n\n> ## C", ["A", "A › B", "A › C"]),
        ("Text\n====\n\n```\n# no\n```", ["Text"]),
        ("# ![logo](x.png) *A* `b` [c](d) &amp; \\* <b>e</b>", ["logo A b c & * e"]),
    ],
)
def test_nesting_ranks_before_level(text: str, expected: list[str]) -> None:
    assert trails(text) == expected


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What's new in CS-2?", "whats-new-in-cs-2"),
        ("A  B", "a--b"),
        ("snake_case & more", "snake_case--more"),
        ("Größe 10²", "größe-10"),
        ("हिन्दी", "हिन्दी"),
        ("☃ 1.2.3 (x86)", "-123-x86"),
        ("  Trimmed ", "trimmed"),
    ],
)
def test_slug_follows_githubs_rule(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_repeated_headings_are_numbered_and_labels_leave_them_their_numbers() -> None:
    text = "- **A**\n  x\n\n# A\n\n# A\n\n# A-1\n"
    assert [section.anchor for section in read_document("a.md", text).sections] == ["a-2", "a", "a-1", "a-1-1"]


def test_front_matter_is_read_as_written_and_stands_in_no_section() -> None:
    text = "---\ntitle: The  title\nvendor: 1.0\nas_of: 2024-05\naliases:\n  A: [B, 1]\n  C: D\n---\n\n# H\n\ntext\n"
    document = read_document("folder/a.md", text)
    assert (document.title, document.vendor, document.as_of) == ("The title", "1.0", "2024-05")
    assert document.aliases == {"A": ("B", "1"), "C": ("D",)}
    assert [section.lines for section in document.sections] == [(9, 12)]
    assert trails(text) == ["H"]


@pytest.mark.parametrize(
    "text",
    [
        "---\n: [\n---\n",
        "---\ntitle: {{ jinja }} x: [\n---\n\n# H\n",
        "---\n- a list\n---\n",
        "---\nonly words\n---\n",
        "---\n---\n",
        "---\ntitle: unclosed\n\n# H\n",
        "--- \n\n---\n",
        "---\n" + "[" * 600 + "\n---\n",
        "---\n? [a]\n: b\n---\n",
        "---\na: &a [*a]\n---x\n",
    ],
)
def test_front_matter_that_cannot_be_read_is_text(text: str) -> None:
    document = read_document("a.md", text)
    assert document.sections[0].lines[0] == 1
    assert document.aliases == {}
    check(text)


@pytest.mark.parametrize(
    "said",
    [
        "title: [a]",
        "title:",
        "aliases: x",
        "aliases: [a]",
        "aliases:\n  a: {b: c}\n  d: [[e]]",
        "vendor: {a: b}",
        "as_of: []",
    ],
)
def test_front_matter_of_another_shape_says_nothing(said: str) -> None:
    document = read_document("folder/name.md", f"---\n{said}\n---\n")
    assert (document.title, document.vendor, document.as_of) == ("name", "", "")
    assert not any(document.aliases.values())
    assert document.sections == ()


def test_title_is_front_matters_then_the_first_headings_then_the_files() -> None:
    assert read_document("x/y.md", "---\ntitle: T\n---\n# H").title == "T"
    assert read_document("x/y.md", "- **L**\n  a\n\n## H").title == "H"
    assert read_document("x/y.md", "text").title == "y"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\ufeff", []),
        ("a", ["a"]),
        ("a\r\nb\n", ["a", "b"]),
        ("a\rb\n\n", ["a\rb", ""]),
        ("a\u2028b\x0bc\x0cd\x85e\x1cf\ng", ["a\u2028b\x0bc\x0cd\x85e\x1cf", "g"]),
        ("\r\r\n", [""]),
    ],
)
def test_only_line_feeds_break_lines(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@pytest.mark.parametrize("separator", ["\u2028", "\x0b", "\x0c", "\x85", "\r", "\x1c"])
def test_other_separators_do_not_move_lines(separator: str) -> None:
    text = f"# A\n\none{separator}two\n\n# B\n"
    assert [section.lines for section in read_document("a.md", text).sections] == [(1, 4), (5, 5)]
    check(text)


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\ufeff", "---\na: b\n---\n"], ids=repr)
def test_a_file_that_shows_nothing_has_no_chunks(text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "> " * 500 + "x\n",
        ">" * 20_000,
        "- " * 500 + "x\n",
        "".join("  " * depth + "- x\n" for depth in range(500)),
        "".join("\t" * depth + "- **x**\n" for depth in range(300)),
        "\n".join(("> " * depth) + "- a" for depth in range(200)),
        "[" * 20_000,
        "*a " * 10_000,
        "`" * 20_000,
        "<!--" * 5_000,
        "> - <!--\n>",
        "|" * 20_000,
        "# " + "a " * 20_000,
    ],
    ids=lambda text: text[:8].encode("unicode_escape").decode(),
)
def test_monstrous_input_is_read_without_recursion_or_loss(text: str) -> None:
    limit = sys.getrecursionlimit()
    started = time.monotonic()
    check(text)
    assert time.monotonic() - started < 20
    assert sys.getrecursionlimit() == limit


@pytest.mark.slow
def test_a_megabyte_takes_a_few_seconds() -> None:
    text = NOTE.read_text(encoding="utf-8")
    text *= 1_000_000 // len(text)
    started = time.monotonic()
    document = read_document("a.md", text)
    taken = time.monotonic() - started
    check_sections(document, file_lines(text))
    assert taken < 30  # about 2 s on an idle machine


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**a** *b* `c` ~d~", "a b c ~d~"),
        ("[label](http://x.y 'title') ![alt *text*](z.png) <http://a.b>", "label alt text http://a.b"),
        ("| a | b |\n|---|---|\n| c **d** | e \\| f |", "a\tb\nc d\te | f"),
        ("- a\n  - b\n\n    c", "a\nb\nc"),
        ("            - **a**: b\n        - c", "a: b\nc"),
        ("\t\t- a\n            - b", "a\nb"),
        ("> # a\n> b", "a\nb"),
        ("```py\n# x\n```", "# x"),
        ("a  \nb\nc", "a\nb c"),
        ("<div>a<br>b</div>\n<!-- c -->", "a b"),
        ("H<sub>2</sub>O<!-- x -->&lt;5<br>6", "H2O<5 6"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("[a]: http://b.c 'd'", ""),
        ("see [the sheet][7], [x][], [1][2] and a[i][j]", "see the sheet, x, [1][2] and a[i][j]"),
        ("a \\* b \\_ c", "a * b _ c"),
    ],
)
def test_plain_text_is_what_a_reader_sees(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text
