"""Follow-ups over documents of another subject: kettles and the stoves that they stand on."""

from __future__ import annotations

import pytest

from hwqa.question import Reader
from hwqa.schema import Message
from hwqa.vocabulary import Vocabulary

KETTLES = ("Kelda K10", "Kelda K20", "Brann B3", "Brann B5")
STOVES = ("Ildur 700", "Ildur 900")


@pytest.fixture(scope="module")
def reader() -> Reader:
    vocabulary = Vocabulary(
        products={name: (name, name.split()[1]) for name in KETTLES} | {name: (name,) for name in STOVES},
        attributes={
            "Volume": ("Volume", "capacity"),
            "Weight": ("Weight", "weigh"),
            "Price": ("Price", "cost", "cheaper"),
            "Rental price": ("Rental price",),
        },
        kinds={"Kettles": KETTLES, "Stoves": STOVES},
        units={"Volume": ("L",), "Weight": ("kg",), "Price": ("$",)},
        topics={"kelda": ("kelda.md",), "brann": ("brann.md",), "kettle": ("kelda.md", "brann.md")},
        headings={},
    )
    known = {"spout", "handle", "lid", "whistle", "copper", "steel"}
    return Reader(vocabulary, lambda word: int(word in known))


def asked(reader: Reader, turns: list[str | tuple[str, str]], question: str) -> str:
    history: list[Message] = []
    for turn in turns:
        said, answer = (turn, "") if isinstance(turn, str) else turn
        history += [Message("user", said), Message("assistant", answer)]
    return reader.stand_alone(question, history)


@pytest.mark.parametrize(
    ("turns", "question", "standalone"),
    [
        pytest.param(
            ["What is the volume of the K10?"],
            "how does that compare with the B3?",
            "What is the volume of the K10 and B3?",
            id="F1 compared by what was asked",
        ),
        pytest.param(
            ["What is the volume of the K10?"],
            "is it more than the B5 has?",
            "What is the volume of the K10 and B5?",
            id="F1 more of it",
        ),
        pytest.param(
            ["What is the volume of the K10?"],
            "is it cheaper than the B5?",
            "is the K10 cheaper than the B5?",
            id="F1 a comparison that says by what",
        ),
        pytest.param(
            ["What does the K10 cost?"],
            "is it cheaper than the B5?",
            "What does the K10 and B5 cost?",
            id="F1 the same measure",
        ),
        pytest.param(
            ["Weight of the K10?", "and of the B3?"],
            "and the volume of both?",
            "the volume of the K10 and B3?",
            id="F2 both, named one after the other",
        ),
        pytest.param(
            ["Weight of the K10?", "and of the K20?", "and the B3?"],
            "which of the two holds more?",
            "which of K20 and B3 holds more?",
            id="F2 the last two",
        ),
        pytest.param(
            ["Compare the K10 and the B3"], "what does the latter cost?", "what does the B3 cost?", id="F3 the latter"
        ),
        pytest.param(
            ["Compare the K10, the K20 and the B3"],
            "what does the second one cost?",
            "what does the K20 cost?",
            id="F3 the second one",
        ),
        pytest.param(
            ["Compare the K10 and the B3", "Volume of the K10?"],
            "and of the other one?",
            "Volume of the B3?",
            id="F3 the other one",
        ),
        pytest.param(
            ["Which kettle has the most volume?"],
            "what about weight?",
            "Which kettle has the most weight?",
            id="F4 another attribute",
        ),
        pytest.param(
            ["Which kettle has the most volume?"],
            "and the least?",
            "Which kettle has the least volume?",
            id="F4 the other end",
        ),
        pytest.param(
            ["Which kettle has the most volume?"],
            "without Kelda please",
            "Which kettle has the most volume, without Kelda?",
            id="F4 narrowed",
        ),
        pytest.param(
            ["Which kettle has the most volume?"],
            "which of them can be rented?",
            "Which kettle has the most volume, can be rented?",
            id="F4 a further condition",
        ),
        pytest.param(
            ["How fast does the K10 boil on an Ildur 700?"],
            "and on the Ildur 900?",
            "How fast does the K10 boil on an Ildur 900?",
            id="F5 in place of the same preposition",
        ),
        pytest.param(
            ["How fast does the K10 boil on an Ildur 700?"],
            "on a Zorn 5?",
            "How fast does the K10 boil on a Zorn 5?",
            id="F5 a name that nobody knows",
        ),
        pytest.param(
            ["How fast does the K10 boil on an Ildur 700?"],
            "with the lid off?",
            "How fast does the K10 boil on an Ildur 700, with the lid off?",
            id="F5 added",
        ),
        pytest.param(
            ["What does the K10 cost for 4 guests?"],
            "for 8 guests?",
            "What does the K10 cost for 8 guests?",
            id="F5 another number",
        ),
        pytest.param(
            ["How fast does the K10 boil on an Ildur 700?"],
            "and the B3?",
            "How fast does the B3 boil on an Ildur 700?",
            id="F6 one of the same kind",
        ),
        pytest.param(["Compare the K10 and the B3"], "and the B5?", "Compare the K10 and the B3 and B5", id="F6 joins"),
        pytest.param(
            ["Compare the K10 and the B3"],
            "which one should I buy for a large family with guests?",
            "which of the K10 and B3 should I buy for a large family with guests?",
            id="F7 a choice among the two",
        ),
        pytest.param(
            ["Volume of the K10?"],
            "how many would I need for the Ildur 900?",
            "how many K10 would I need for the Ildur 900?",
            id="F8 how many of it",
        ),
        pytest.param(["Volume of the K10?"], "are you sure?", "Volume of the K10?", id="F9 a doubt"),
        pytest.param(["Volume of the K10?"], "where is that from?", "Volume of the K10?", id="F9 a source"),
        pytest.param(["Volume of the K10?"], "say that shorter", "Volume of the K10?", id="F9 shorter"),
        pytest.param(
            ["What is the volume of the K10?"],
            "is that with or without the spout?",
            "is the volume of the K10 with or without the spout?",
            id="F10 that figure",
        ),
        pytest.param(["Weight of the K10?"], "why so much?", "Weight of the K10, why?", id="F11 a reason"),
        pytest.param(
            ["What does renting a K10 cost?"], "and buying it?", "What does buying a K10 cost?", id="F12 done otherwise"
        ),
        pytest.param(
            ["What does renting a K10 cost?"],
            "which shop is cheapest?",
            "What does renting a K10 cost, which shop is cheapest?",
            id="F13 the end of what was asked",
        ),
        pytest.param(
            [("Does the Quirl Q1 whistle?", "The B5 whistles.")],
            "how much does it weigh?",
            "how much does the Quirl Q1 weigh?",
            id="F14 not what only the answer names",
        ),
        pytest.param(
            [("Which kettle whistles?", "The B5 whistles.")],
            "how much does it weigh?",
            "how much does the B5 weigh?",
            id="F14 what was chosen",
        ),
        pytest.param(
            ["Volume of the K10?"], "and its successor?", "Volume of the K10's successor?", id="F15 the successor"
        ),
        pytest.param(
            ["Volume of the K10?"],
            "what does the next generation cost?",
            "what does the K10's next generation cost?",
            id="F15 the next one",
        ),
        pytest.param(
            ["How do I descale a spout?"],
            "without vinegar?",
            "How do I descale a spout, without vinegar?",
            id="no product at all",
        ),
        pytest.param(
            ["Volume of the K10?"],
            "Does a copper handle get hot on a gas flame?",
            "Does a copper handle get hot on a gas flame?",
            id="a question of its own",
        ),
    ],
)
def test_a_follow_up_takes_what_it_leaves_out(
    reader: Reader, turns: list[str | tuple[str, str]], question: str, standalone: str
) -> None:
    assert asked(reader, turns, question) == standalone
