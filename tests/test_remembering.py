from hypothesis import given
from hypothesis import strategies as st

from hwqa.assistant import Assistant
from hwqa.remembering import MOST_CHARACTERS, MOST_MESSAGES, remembered
from hwqa.schema import Message

MESSAGES = st.lists(st.builds(Message, st.sampled_from(["user", "assistant"]), st.text()), max_size=60)


@given(MESSAGES)
def test_the_newest_messages_are_remembered_in_their_order(history: list[Message]) -> None:
    kept = remembered(history)
    assert kept == history[len(history) - len(kept) :]
    assert len(kept) == min(len(history), MOST_MESSAGES)


def test_a_message_is_cut_to_its_budget_and_keeps_its_start() -> None:
    (kept,) = remembered([Message("user", "X2 " + "x" * 10_000)])
    assert len(kept.content) == MOST_CHARACTERS
    assert kept.content.startswith("X2 ")
    assert remembered(remembered([Message("user", "x" * 10_000)])) == remembered([Message("user", "x" * 10_000)])


def test_an_old_turn_is_forgotten_and_a_new_one_is_not(assistant: Assistant) -> None:
    talk = [Message("user", "Thanks."), Message("assistant", "You are welcome.")] * MOST_MESSAGES
    about = [Message("user", "How much memory does the X2 have?"), Message("assistant", "96 GB [1].")]
    assert "450 W" in assistant.ask("and its TDP?", [*talk, *about]).text
    assert "450 W" not in assistant.ask("and its TDP?", [*about, *talk]).text


def test_a_very_long_conversation_costs_no_time(assistant: Assistant) -> None:
    history = [Message("user", "How much memory does the X2 have? " * 2_000)] * 5_000
    assert assistant.ask("and its TDP?", history).timings.total < 5_000
