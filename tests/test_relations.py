"""Who follows whom, read from sentences of a subject of its own."""

from __future__ import annotations

import pytest

from hwqa.relations import Link, links, related, relation_asked, with_relative
from hwqa.schema import Chunk, Mention

NAMES = ("Kelda", "Brann", "Ildur")


def mentions(text: str) -> list[Mention]:
    found = [Mention(name, text.index(name), text.index(name) + len(name)) for name in NAMES if name in text]
    return sorted(found, key=lambda mention: mention.start)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The Brann is a kettle with a lid, the successor of the Kelda.", ("later", "Kelda", "Brann")),
        ("It is the successor to the Brann.", ("later", "Brann", "Kelda")),
        ("Its announced successor is the Brann, which whistles.", ("later", "Kelda", "Brann")),
        ("The Brann is its far lighter successor.", ("later", "Kelda", "Brann")),
        ("The Brann replaces it with a larger spout.", ("later", "Kelda", "Brann")),
        ("It was replaced by the Brann.", ("earlier", "Brann", "Kelda")),
        ("It is out of print, and the Brann took its place.", ("later", "Kelda", "Brann")),
        ("The Brann boils faster than its predecessor Kelda.", ("earlier", "Brann", "Kelda")),
        ("The Brann came before it.", ("earlier", "Kelda", "Brann")),
        ("The Brann is its smaller sibling for camping.", ("smaller", "Kelda", "Brann")),
        ("The Brann with a lid of the Ildur, that came before the Kelda.", ("earlier", "Kelda", "Brann")),
        ("Kelda's successor is the Brann.", ("later", "Kelda", "Brann")),
    ],
)
def test_a_sentence_says_who_follows_whom(sentence: str, expected: tuple[str, str, str]) -> None:
    assert list(links(sentence, "Kelda", mentions)) == [Link(*expected)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sentence",
    ["The Brann has no successor.", "The Brann and the Kelda whistle.", "A successor of the spout is the Brann's lid."],
)
def test_a_sentence_on_something_else_says_nothing(sentence: str) -> None:
    assert list(links(sentence, "Kelda", mentions)) == []


@pytest.mark.parametrize(
    ("question", "relation"),
    [
        ("What does the Kelda's successor cost?", "later"),
        ("Volume of the successor of the Kelda?", "later"),
        ("What came before the Kelda?", "earlier"),
        ("Who replaced the Kelda?", "later"),
        ("Weight of the Kelda's smaller sibling?", "smaller"),
        ("Is the Kelda larger than the Brann?", None),
        ("What comes with the Kelda?", None),
    ],
)
def test_a_question_asks_for_a_relative(question: str, relation: str | None) -> None:
    assert relation_asked(question) == relation


def chunk(text: str) -> Chunk:
    return Chunk("1", "kettles.md", ("Kettles", "Brann"), "brann", (7, 7), text)


def test_the_relative_is_found_from_either_side() -> None:
    said = chunk("The Brann is the successor of the Kelda.")
    found = related("Volume of the Kelda's successor?", "later", "Kelda", "Kelda", [said], mentions)
    assert (found.relatives, found.is_asked, found.is_untold) == (("Brann",), False, False)
    assert [(each.path, each.lines, each.text) for each in found.passages] == [("kettles.md", (7, 7), said.text)]
    assert with_relative("Volume of the Kelda's successor?", "Kelda", found.relatives) == "Volume of the Brann?"
    before = related("What came before the Brann?", "earlier", "Brann", "Brann", [said], mentions)
    assert (before.relatives, before.is_asked) == (("Kelda",), True)


def test_a_relative_of_which_nothing_is_said_is_untold() -> None:
    said = chunk("The Brann is the successor of the Kelda.")
    assert related("Volume of the Brann's successor?", "later", "Brann", "Brann", [said], mentions).is_untold
    assert related("What is the Ildur's successor?", "later", "Ildur", "Ildur", [said], mentions).is_untold
