"""What the chat does when one asks, stops or clicks a mark: sessions and values in, conversations and HTML out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hwqa.errors import HwqaError, QuestionError
from hwqa.schema import Citation, Message
from hwqa.ui.choices import Assistants, ModelChoice
from hwqa.ui.conversation import Conversation, Conversations, history
from hwqa.ui.page import render_turns, render_welcome
from hwqa.ui.sources import render_panel

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


class Chat:
    """One chat for all browsers: each session has a conversation of its own."""

    def __init__(
        self, assistant: Assistant, choices: Sequence[ModelChoice], chosen: str, examples: Sequence[str] = ()
    ) -> None:
        """Answer with `assistant` for the choice `chosen`, and with its likes for the other choices of model."""
        self.corpus = assistant.corpus
        self.assistants = Assistants(assistant, choices, chosen)
        self.choices = tuple(choices)
        self.chosen = chosen
        self.examples = tuple(examples)
        self.conversations = Conversations()

    def past(self, turns: Conversation) -> str:
        """All turns but the last, as HTML."""
        return render_turns(turns[:-1])

    def current(self, turns: Conversation) -> str:
        """The last turn, or the welcome where there is none, as HTML."""
        return render_turns(turns[-1:], first=len(turns) - 1) if turns else render_welcome(self.examples)

    def panel(self, turns: Conversation, place: int | None = None, number: int | None = None) -> str:
        """The panel with the sources of a turn, as HTML.

        Args:
            turns: The conversation.
            place: Position of the turn, from 0; the last by default.
            number: The source to open; None for the list alone.
        """
        place = len(turns) - 1 if place is None else place
        citations: tuple[Citation, ...] = turns[place].citations if 0 <= place < len(turns) else ()
        return render_panel(self.corpus, citations, place, number)

    def note(self, spec: str) -> str:
        """What leaves the machine when a model answers."""
        return next((choice.note for choice in self.choices if choice.spec == spec), "")

    def answer(self, session: str, model: str) -> Iterator[Conversation]:
        """The conversation after each step of the answer to its last question.

        Ends when the answer is whole, has failed, or is no longer wanted; closing the iterator, too, stops the model.
        """
        turns, ticket = self.conversations.last(session)
        if not turns or not turns[-1].running:
            return
        *before, turn = turns
        try:
            updates = self.assistants.with_model(model).stream(turn.question, history(before))
            try:
                for update in updates:
                    turn = turn.updated(update)
                    if not self.conversations.advance(session, ticket, turn):
                        return
                    yield (*before, turn)
            finally:
                close = getattr(updates, "close", None)  # an iterator need not be a generator
                if close is not None:
                    close()
        except HwqaError as error:
            turn = turn.failed(str(error))
            if self.conversations.advance(session, ticket, turn):
                yield (*before, turn)

    def ask(self, question: str, said: Sequence[Mapping[str, Any]] = (), model: str = "") -> dict[str, Any]:
        """The answer as JSON, for programs; no session remembers it.

        Args:
            question: In plain words.
            said: The conversation before it: `role` and `content` of each message.
            model: One of the choices; the chosen one when empty.

        Raises:
            HwqaError: The question, the conversation or the model is none, or the answer failed.
        """
        return self.assistants.with_model(model or self.chosen).ask(question, messages(said)).to_json()


def messages(said: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The messages of a conversation that a program sent.

    Raises:
        QuestionError: An item is no message.
    """
    read = []
    for item in said:
        role, content = item.get("role"), item.get("content")
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise QuestionError('history: each item must be {"role": "user" or "assistant", "content": text}')
        read.append(Message("user" if role == "user" else "assistant", content))
    return read
