"""What the chat does with sessions, however the answers come and go."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import ModelError, QuestionError
from hwqa.schema import Answer, Citation, Message, Update
from hwqa.ui.chat import Chat, messages
from hwqa.ui.choices import model_choices
from hwqa.ui.conversation import Conversation, Conversations, Turn, history
from hwqa.ui.examples import suggest


@dataclass
class Scripted:
    """An assistant that answers every question with itself, sentence by sentence, and notes when it is stopped."""

    corpus: Path = Path("nowhere")
    sentences: int = 3
    fails_after: int = 100
    closed: threading.Event = field(default_factory=threading.Event)
    written: int = 0
    told: list[list[Message]] = field(default_factory=list)

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Update]:
        self.told.append(list(history))
        citation = Citation(1, "a.md", ("A",), "a", (1, 1), question)
        text = ""
        try:
            yield Update("reading")
            yield Update("searching")
            for number in range(self.sentences):
                if number >= self.fails_after:
                    raise ModelError("the model is gone: start it again")
                self.written += 1
                text += f"{question} {number} [1]. "
                yield Update("writing", text, (citation,))
            yield Update("checking", text, (citation,))
            yield Update("done", text, (citation,), Answer(question, question, "answered", text, (citation,)))
        finally:
            self.closed.set()


def chat_of(assistant: object) -> Chat:
    return Chat(assistant, model_choices(Settings()), "none")


def asked(chat: Chat, session: str, question: str) -> list[Conversation]:
    chat.conversations.ask(session, question)
    return list(chat.answer(session, "none"))


def test_an_answer_grows_and_ends() -> None:
    steps = [turns[-1] for turns in asked(chat_of(Scripted()), "a", "Q")]
    assert [turn.progress for turn in steps] == ["reading", "searching", *["writing"] * 3, "checking", "done"]
    assert [turn.running for turn in steps] == [True] * 6 + [False]
    assert steps[-1].text == "Q 0 [1]. Q 1 [1]. Q 2 [1]. "


def test_stop_keeps_what_was_written_and_stops_the_model() -> None:
    assistant = Scripted(sentences=1_000)
    chat = chat_of(assistant)
    chat.conversations.ask("a", "Q")
    steps = chat.answer("a", "none")
    for _ in range(4):
        next(steps)
    assert chat.conversations.stop("a")[-1].progress == "stopped"
    assert list(steps) == []
    assert assistant.closed.is_set()
    assert assistant.written <= 3
    assert chat.conversations.turns("a")[-1].text.startswith("Q 0 [1].")


def test_closing_the_iterator_stops_the_model() -> None:
    assistant = Scripted(sentences=1_000)
    chat = chat_of(assistant)
    chat.conversations.ask("a", "Q")
    steps = chat.answer("a", "none")
    next(steps)
    steps.close()
    assert assistant.closed.is_set()


class Held:
    """An iterator of updates that is no generator, and so does not close itself."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Held:
        return self

    def __next__(self) -> Update:
        return Update("writing")

    def close(self) -> None:
        self.closed = True


def test_any_iterator_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    assistant = Scripted()
    monkeypatch.setattr(assistant, "stream", lambda question, history: held)
    chat = chat_of(assistant)
    chat.conversations.ask("a", "Q")
    steps = chat.answer("a", "none")
    next(steps)
    assert not held.closed
    chat.conversations.stop("a")
    assert list(steps) == []
    assert held.closed


def test_a_new_question_stops_the_one_before_and_is_not_overwritten_by_it() -> None:
    chat = chat_of(Scripted(sentences=1_000))
    chat.conversations.ask("a", "first")
    late = chat.answer("a", "none")
    next(late)
    chat.conversations.ask("a", "second")
    assert list(late) == []
    assert [(turn.question, turn.progress) for turn in chat.conversations.turns("a")] == [
        ("first", "stopped"),
        ("second", "reading"),
    ]


def test_a_cleared_conversation_stays_clear() -> None:
    chat = chat_of(Scripted(sentences=1_000))
    chat.conversations.ask("a", "Q")
    late = chat.answer("a", "none")
    next(late)
    chat.conversations.clear("a")
    assert list(late) == []
    assert chat.conversations.turns("a") == ()


def test_an_error_is_one_line_and_keeps_what_was_written() -> None:
    turn = asked(chat_of(Scripted(fails_after=1)), "a", "Q")[-1][-1]
    assert (turn.progress, turn.error) == ("failed", "the model is gone: start it again")
    assert turn.text == "Q 0 [1]. "


def test_a_model_that_is_not_offered_is_refused() -> None:
    chat = chat_of(Scripted())
    chat.conversations.ask("a", "Q")
    assert "not offered" in list(chat.answer("a", "openai:anything"))[-1][-1].error


def test_a_refused_question_is_not_kept_whole(assistant: Assistant) -> None:
    turn = asked(chat_of(assistant), "a", "x" * 100_000)[-1][-1]
    assert "100,000 characters" in turn.error
    assert len(turn.question) < 3_000


def test_follow_ups_are_told_the_turns_before_that_have_an_answer() -> None:
    assistant = Scripted()
    chat = chat_of(assistant)
    asked(chat, "a", "one")
    chat.conversations.ask("a", "stopped at once")
    chat.conversations.stop("a")
    asked(chat, "a", "two")
    assert [message.content[:7] for message in assistant.told[-1]] == ["one", "one 0 ["]
    assert [message.role for message in assistant.told[-1]] == ["user", "assistant"]


def test_the_panel_is_that_of_the_turn_asked_for() -> None:
    chat = chat_of(Scripted())
    asked(chat, "a", "one")
    turns = asked(chat, "a", "two")[-1]
    assert 'data-cite="1.1"' in chat.panel(turns)
    assert ">one</mark>" in chat.panel(turns, 0, 1)
    assert ">two</mark>" in chat.panel(turns, 1, 1)
    for place, number in ((7, 1), (0, 9), (10**9, 0)):
        assert "<mark>" not in chat.panel(turns, place, number)


def test_twenty_readers_at_once_are_not_mixed_up() -> None:
    chat = chat_of(Scripted())

    def reader(name: str) -> None:
        for number in range(10):
            asked(chat, name, f"{name}-{number}")

    names = [f"reader{number}" for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(reader, names))
    for name in names:
        turns = chat.conversations.turns(name)
        assert [turn.question for turn in turns] == [f"{name}-{number}" for number in range(10)]
        assert all(turn.text.startswith(f"{turn.question} 0 [1]") for turn in turns)
        assert all(turn.citations[0].quote == turn.question for turn in turns)


def test_the_oldest_conversation_goes_when_there_are_too_many() -> None:
    conversations = Conversations(capacity=2)
    for session in "abc":
        conversations.ask(session, session)
    assert conversations.turns("a") == ()
    assert conversations.turns("c")[0].question == "c"


def test_history_keeps_the_last_turns() -> None:
    turns = [Turn(f"q{number}", "done", f"a{number}") for number in range(30)]
    assert history(turns)[-1] == Message("assistant", "a29")
    assert len(history(turns)) == 24


def test_programs_get_the_answer_as_json(assistant: Assistant) -> None:
    chat = chat_of(assistant)
    said = [{"role": "user", "content": "How much memory does the Alpha X2 have?"}]
    answer = chat.ask("And its power?", [*said, {"role": "assistant", "content": "96 GB."}])
    assert "450 W" in answer["answer"]
    assert answer["citations"][0]["path"] == "alpha.md"
    assert chat.conversations.turns("") == ()


@pytest.mark.parametrize("item", [{}, {"role": "system", "content": "x"}, {"role": "user", "content": 3}])
def test_a_history_that_is_none_is_refused(item: dict[str, object]) -> None:
    with pytest.raises(QuestionError, match="each item"):
        messages([item])


def test_examples_are_questions_that_the_documents_answer(assistant: Assistant) -> None:
    examples = suggest(assistant)
    assert len(examples) == 4
    assert {assistant.ask(example).status for example in examples} == {"answered"}


def test_choices_name_each_model_once_and_say_what_leaves_the_machine() -> None:
    settings = Settings(model="openai:gpt", base_url=None)
    choices = model_choices(settings, ["ollama:small", "openai:gpt"])
    assert [choice.spec for choice in choices] == ["openai:gpt", "none", "ollama:small"]
    assert "api.openai.com" in choices[0].note
    assert choices[1].note == "Nothing leaves this machine."
