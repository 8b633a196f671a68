"""What the chat does when one asks, stops or clicks a mark: sessions and values in, conversations and HTML out."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hwqa.errors import ChatError, HwqaError, QuestionError
from hwqa.schema import Message
from hwqa.ui.choices import LENGTHS, Assistants, ModelChoice
from hwqa.ui.claims import claims
from hwqa.ui.conversation import Conversation, Conversations, Turn, history
from hwqa.ui.kept import Preferences
from hwqa.ui.page import render_turns, render_welcome
from hwqa.ui.sources import render_panel
from hwqa.ui.store import ChatStore, new_id
from hwqa.ui.waiting import Line

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.sizing import Sizer


AT_ONCE = 20
"""Answers that are written at the same time where the settings do not say."""
_LOOK = 1.0
"""Seconds after which an answer that waits looks whether it is still wanted."""


class Chat:
    """One chat for all browsers: each session, a tab, shows a conversation of its reader, who is the owner."""

    def __init__(
        self,
        assistant: Assistant,
        choices: Sequence[ModelChoice],
        chosen: str,
        examples: Sequence[str] = (),
        *,
        store: ChatStore | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        """Answer with `assistant` for the choice `chosen`, and with its likes for the other choices of model.

        Args:
            assistant: Answers with the chosen model.
            choices: The models that readers may choose.
            chosen: The one that answers where they do not.
            examples: Questions to begin with.
            store: Keeps the conversations; without one they last as long as the process.
            at_once: Answers that are written at the same time.
        """
        self._assistant = assistant
        self.corpus = assistant.corpus
        self.assistants = Assistants(assistant, choices, chosen)
        self.choices = tuple(choices)
        self.chosen = chosen
        self.examples = tuple(examples)
        self.conversations = Conversations()
        self.store = store or ChatStore(None)
        self.line = Line(at_once)

    def past(self, turns: Conversation) -> str:
        """All turns but the last, as HTML."""
        return render_turns(turns[:-1])

    def current(self, turns: Conversation) -> str:
        """The last turn, or the welcome where there is none, as HTML."""
        return render_turns(turns[-1:], first=len(turns) - 1) if turns else render_welcome(self.examples)

    def panel(
        self, turns: Conversation, place: int | None = None, number: int | None = None, claim: int | None = None
    ) -> str:
        """The panel with the sources of a turn, as HTML.

        Args:
            turns: The conversation.
            place: Position of the turn, from 0; the last by default.
            number: The source to open; None for the list alone.
            claim: Which of the marks with that number was clicked, from 0; None for all of them.
        """
        place = len(turns) - 1 if place is None else place
        if not 0 <= place < len(turns):
            return render_panel(self.corpus, (), place)
        turn = turns[place]
        said = claims(turn.text, turn.citations).get(number, ()) if number is not None else ()
        if claim is not None and claim < len(said):
            said = said[claim : claim + 1]
        return render_panel(self.corpus, turn.citations, place, number, said)

    @property
    def sizer(self) -> Sizer:
        """Knows the models and devices of the documents as they are indexed now."""
        return self._assistant.sizer

    def note(self, spec: str) -> str:
        """What leaves the machine when a model answers."""
        return next((choice.note for choice in self.choices if choice.spec == spec), "")

    # --- asking ----------------------------------------------------------------------------------------------------

    def begin(self, session: str, owner: str, question: str, instead: str = "") -> Conversation:
        """The conversation with a new turn, whose answer `answer` gives.

        Args:
            session: The tab.
            owner: Its reader.
            question: In plain words.
            instead: A turn of the session; the question is asked in its place, as another version of it. Asked last
                when there is none such.
        """
        turns = self.stop(session)
        after = next((place for place, turn in enumerate(turns) if instead and turn.id == instead), len(turns))
        turn = Turn(
            question,
            id=new_id(),
            conversation=(turns[0].conversation if turns else "") or new_id(),
            parent=turns[after - 1].id if after else "",
        )
        with contextlib.suppress(ChatError):  # an answer that cannot be kept is worth having all the same
            turn = replace(turn, versions=self.store.add(owner, turn))
        return self.conversations.add(session, turn, after)

    def answer(self, session: str, model: str, length: str = "") -> Iterator[Conversation]:
        """The conversation after each step of the answer to its last question.

        Ends when the answer is whole, has failed, or is no longer wanted; closing the iterator, too, stops the model.
        """
        turns, ticket = self.conversations.last(session)
        if not turns or not turns[-1].running:
            return
        *before, turn = turns
        try:
            with contextlib.closing(self._steps(turn, history(before), model, length)) as steps:
                for turn in steps:
                    if not self.conversations.advance(session, ticket, turn):
                        return
                    if not turn.running:
                        self._save(turn)
                    yield (*before, turn)
        except HwqaError as error:
            turn = turn.failed(str(error))
            if self.conversations.advance(session, ticket, turn):
                self._save(turn)
                yield (*before, turn)

    def _steps(self, turn: Turn, said: Sequence[Message], model: str, length: str) -> Generator[Turn]:
        """The turn while it waits, and after each step of its answer."""
        with self.line.joined() as place:
            while ahead := place.ahead:
                yield turn.waiting(ahead)
                place.wait(_LOOK)
            turn = replace(turn, length=length or self.assistants.length)
            updates = self.assistants.answering(model, length).stream(turn.question, said)
            try:
                for update in updates:
                    turn = turn.updated(update)
                    yield turn
            finally:
                close = getattr(updates, "close", None)  # an iterator need not be a generator
                if close is not None:
                    close()

    def stop(self, session: str) -> Conversation:
        """The conversation of a session, in which nothing is written any more."""
        running = [turn.id for turn in self.conversations.turns(session) if turn.running]
        turns = self.conversations.stop(session)
        for turn in turns:
            if turn.id in running:
                self._save(turn)
        return turns

    def leave(self, session: str) -> None:
        """The session is over; what was written of its last answer is kept."""
        self.stop(session)
        self.conversations.clear(session)

    def _save(self, turn: Turn) -> None:
        with contextlib.suppress(ChatError):
            self.store.save(turn)

    # --- what is kept ----------------------------------------------------------------------------------------------

    def open(self, session: str, owner: str, conversation: str, version: str = "") -> Conversation:
        """The session shows a conversation of its reader, with a version of one of its turns if one is named.

        Raises:
            ChatError: The reader has no such conversation or turn.
        """
        turns = self.store.open(owner, conversation, version)
        self.stop(session)
        return self.conversations.show(session, turns)

    def preferences(self, owner: str) -> Preferences:
        """What answers a reader: what they chose last, where it is still offered, else what the server prefers."""
        chosen = Preferences()
        with contextlib.suppress(ChatError):
            chosen = self.store.preferences(owner)
        offered = {choice.spec for choice in self.choices}
        return Preferences(
            chosen.model if chosen.model in offered else self.chosen,
            chosen.length if chosen.length in LENGTHS else self.assistants.length,
        )

    # --- programs --------------------------------------------------------------------------------------------------

    def ask(self, question: str, said: Sequence[Mapping[str, Any]] = (), model: str = "") -> dict[str, Any]:
        """The answer as JSON, for programs; no session remembers it.

        Args:
            question: In plain words.
            said: The conversation before it: `role` and `content` of each message.
            model: One of the choices; the chosen one when empty.

        Raises:
            HwqaError: The question, the conversation or the model is none, or the answer failed.
        """
        return self.assistants.answering(model or self.chosen).ask(question, messages(said)).to_json()


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
