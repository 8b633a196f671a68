import pytest

from hwqa.assistant import Assistant
from hwqa.question import Query
from hwqa.schema import Message


def read(assistant: Assistant, question: str) -> Query:
    return assistant.reader.read(question)


@pytest.mark.parametrize(
    ("question", "products", "attributes", "intent"),
    [
        ("How much memory does the X1 have?", ("Alpha X1",), ("Memory capacity",), "lookup"),
        ("tdp x2", ("Alpha X2",), ("Power",), "lookup"),
        ("X1 vs X2", ("Alpha X1", "Alpha X2"), (), "compare"),
        ("X1 or X2 for FP16?", ("Alpha X1", "Alpha X2"), ("FP16 peak",), "compare"),
        ("Which card has the most bandwidth?", (), ("Memory bandwidth",), "rank"),
        ("specs of the X1", ("Alpha X1",), (), "specifications"),
        ("What speaks against the X1?", ("Alpha X1",), (), "against"),
        ("pros and cons of Alpha", (), (), "for and against"),
        ("How does the Beta stack run models?", (), (), "explain"),
    ],
)
def test_what_a_question_names(
    assistant: Assistant, question: str, products: tuple[str, ...], attributes: tuple[str, ...], intent: str
) -> None:
    query = read(assistant, question)
    assert (query.products, query.attributes, query.intent) == (products, attributes, intent)


def test_a_bound_is_a_condition_on_the_attribute_with_that_unit(assistant: Assistant) -> None:
    (condition,) = read(assistant, "cheapest card with at least 48 GB").conditions
    assert condition.attribute == "Memory capacity"
    assert (condition.quantity.relation, str(condition.quantity.low), condition.quantity.unit) == ("≥", "48", "GB")


def test_a_misspelt_name_is_mended_but_its_digits_never(assistant: Assistant) -> None:
    assert assistant.reader.mend("the Alpah card") == "the alpha card"
    assert read(assistant, "memory of the X3").products == ()
    assert read(assistant, "memory of the X3").names == ("X3",)


def test_an_unknown_name_is_noticed(assistant: Assistant) -> None:
    assert read(assistant, "Does the Foobar Z900 run llama.cpp?").names == ("Foobar Z900",)
    assert read(assistant, "Does the X1 have 48 GB?").names == ()


@pytest.mark.parametrize(
    ("history", "question", "standalone"),
    [
        (["How much memory does the X1 have?"], "And its TDP?", "the X1's TDP?"),
        (["What is the TDP of the X1?"], "what about the X2?", "What is the TDP of the X2?"),
        (["X1 or X2?"], "which draws less?", "which of the X1 and X2 draws less?"),
        (["What is the TDP of the X1?", "and the X2?"], "and its price", "the X2's price"),
        (["What is the TDP of the X1?"], "Does the B7 run llama.cpp?", "Does the B7 run llama.cpp?"),
        (["X1 or B7?"], "What does the Alpha cost then?", "What does the X1 cost then?"),
        (["X1 or X2?"], "How much memory does the Zorgon 9000 have?", "How much memory does the Zorgon 9000 have?"),
        (["X1 or X2?"], "What is the population of Atlantis?", "What is the population of Atlantis?"),
        (["X1 or X2?"], "Which is the cheapest card?", "Which is the cheapest card?"),
        (["X1 or X2?"], "Which is cheaper?", "which of the X1 and X2 is cheaper?"),
        (["X1 or X2?"], "What is FP8?", "What is FP8?"),
        (["X1 or X2?"], "What about FP8?", "FP8 of the X1 and X2?"),
        ([], "And its TDP?", "And its TDP?"),
    ],
)
def test_a_follow_up_stands_alone(assistant: Assistant, history: list[str], question: str, standalone: str) -> None:
    turns = [Message("user", text) for text in history]
    assert assistant.reader.stand_alone(question, turns) == standalone


@pytest.mark.parametrize(
    ("turns", "question", "standalone"),
    [
        pytest.param(
            [("Which cards draw less than 100 W?", "The Alpha X1 draws 70 W and the Alpha X2 72 W.")],
            "Which of the two has more memory?",
            "which of Alpha X1 and Alpha X2 has more memory?",
            id="both that the answer named",
        ),
        pytest.param(
            [("What is the TDP of the X1?", "75 W."), ("Is there a successor?", "Yes, the X2.")],
            "how much more is it for the newer one?",
            "how much more is it for X1 and X2 (TDP)?",
            id="compared by what was asked before",
        ),
        pytest.param(
            [("Does a second X1 double the speed?", "No.")],
            "why?",
            "Does a second X1 double the speed, why?",
            id="a reason",
        ),
        pytest.param(
            [("Cache of the X1 for one request?", "10 GB in 16 bits.")],
            "and if I keep it in 8 bits?",
            "Cache of the X1 for one request, if I keep it in 8 bits?",
            id="another condition",
        ),
        pytest.param(
            [("How much memory does the Alpha X1 have?", "48 GB.")],
            "and the 2?",
            "How much memory does the Alpha X2 have?",
            id="the end of a sibling's name",
        ),
    ],
)
def test_a_follow_up_takes_what_was_spoken_of(
    assistant: Assistant, turns: list[tuple[str, str]], question: str, standalone: str
) -> None:
    history = [message for asked, answer in turns for message in (Message("user", asked), Message("assistant", answer))]
    assert assistant.reader.stand_alone(question, history) == standalone


def test_a_number_written_together_with_a_name_is_parted_from_it(assistant: Assistant) -> None:
    assert assistant.reader.mend("Do 8xX1 hold it?") == "Do 8 × X1 hold it?"
    assert assistant.reader.mend("Is it 3xfaster?") == "Is it 3xfaster?"
