"""The chat page as a Gradio app: its parts, and which event of the page does what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr  # noqa: TID251 - this module is the Gradio app, loaded when one is served

from hwqa.automatic import resolve
from hwqa.errors import HwqaError
from hwqa.ui.chat import Chat
from hwqa.ui.choices import model_choices
from hwqa.ui.conversation import Conversation
from hwqa.ui.page import CLOSE, HEADER, render_hint
from hwqa.ui.theme import script

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.config import Settings

AT_ONCE = 20
"""Answers that are written at the same time; further questions wait their turn."""
_EMPTY = "Type a question first."


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that events read or change."""

    clear: gr.Button
    past: gr.HTML
    """All turns but the last: they do not change while an answer is written."""
    current: gr.HTML
    """The last turn."""
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    model: gr.Dropdown
    note: gr.HTML
    panel: gr.HTML

    @property
    def view(self) -> list[Any]:
        """What `_Events.shown` gives values for."""
        return [self.past, self.current, self.panel, self.ask, self.stop]


def build(
    assistant: Assistant, *, settings: Settings, examples: Sequence[str] = (), models: Sequence[str] = ()
) -> gr.Blocks:
    """The chat page as a Gradio app, not yet served; `launch_options` says how to launch it.

    Args:
        assistant: Answers the questions, with the chat model that the settings name.
        settings: As given to the assistant.
        examples: Questions to click where none was asked yet.
        models: Further chat models to choose from, as `provider:name`.

    Raises:
        ModelError: The settings name a model that cannot be.
    """
    settings, _ = resolve(settings)
    chat = Chat(assistant, model_choices(settings, models), settings.model, examples)
    events = _Events(chat)
    demo = gr.Blocks(title="hwqa", analytics_enabled=False, fill_width=True)
    with demo:
        _connect(_lay_out(chat), events)
        demo.unload(events.left)
    demo.queue(default_concurrency_limit=AT_ONCE)
    return demo


def _html(value: str, name: str | None = None, script: str | None = None) -> gr.HTML:
    """A part that shows HTML of ours, without Gradio's styles for text."""
    return gr.HTML(value, apply_default_css=False, js_on_load=script, elem_id=name)


def _lay_out(chat: Chat) -> _Parts:
    with gr.Row(elem_id="hw-header"):
        _html(HEADER)
        clear = gr.Button("New conversation", size="sm", elem_id="hw-clear", scale=0)
    with gr.Row(elem_id="hw-columns"):
        with gr.Column(elem_id="hw-chat"):
            with gr.Column(elem_id="hw-turns"):
                past = _html("", "hw-past")
                current = _html(chat.current(()), "hw-current", script())
            with gr.Column(elem_id="hw-composer"):
                with gr.Row(elem_id="hw-ask-row"):
                    question = gr.Textbox(
                        placeholder="Ask about hardware …",
                        label="Your question",
                        show_label=False,
                        lines=1,
                        max_lines=8,
                        elem_id="hw-question",
                        html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
                    )
                    ask = gr.Button("Ask", variant="primary", elem_id="hw-ask", scale=0)
                    stop = gr.Button("Stop", variant="stop", elem_id="hw-stop", scale=0, visible=False)
                with gr.Row(elem_id="hw-model-row"):
                    model = gr.Dropdown(
                        [(choice.label, choice.spec) for choice in chat.choices],
                        value=chat.chosen,
                        label="Model",
                        filterable=False,
                        elem_id="hw-model",
                    )
                    note = _html(render_hint(chat.note(chat.chosen)), "hw-note")
        with gr.Column(elem_id="hw-sources"):
            _html(CLOSE)
            panel = _html(chat.panel(()), "hw-panel")
    return _Parts(clear, past, current, question, ask, stop, model, note, panel)


def _connect(parts: _Parts, events: _Events) -> None:
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    at_once: dict[str, Any] = {**quiet, "queue": False}
    begins = [parts.question, parts.note, *parts.view]
    starts = [
        parts.question.submit(events.begun, [parts.question, parts.model], begins, **at_once),
        parts.ask.click(events.begun, [parts.question, parts.model], begins, **at_once),
        parts.current.ask(events.picked, parts.model, begins, **at_once),
    ]
    runs = [
        start.then(
            events.answered, parts.model, parts.view, concurrency_limit=AT_ONCE, concurrency_id="answers", **quiet
        )
        for start in starts
    ]
    for button, event in ((parts.stop, events.stopped), (parts.clear, events.cleared)):
        ended = button.click(event, None, parts.view, cancels=runs, **at_once)
        # a step of the answer that was on its way may have been drawn last: draw once more what is the case
        ended.then(events.refreshed, None, parts.view, **at_once)
    parts.current.cite(events.cited, None, parts.panel, trigger_mode="always_last", **at_once)
    parts.model.change(events.noted, parts.model, parts.note, trigger_mode="always_last", **at_once)
    gr.api(  # type: ignore[attr-defined] # Gradio exports it without saying so
        events.ask, api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="answers"
    )


class _Events:
    """What happens on each event: values of parts in, values for parts out."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat

    def shown(self, turns: Conversation) -> tuple[Any, ...]:
        """Values for `_Parts.view`; the first source of an answer that is whole is open."""
        running = bool(turns) and turns[-1].running
        number = None
        if turns and turns[-1].progress == "done" and turns[-1].citations:
            number = turns[-1].citations[0].number
        return (
            self.chat.past(turns),
            self.chat.current(turns),
            self.chat.panel(turns, number=number),
            gr.update(visible=not running),
            gr.update(visible=running),
        )

    def begun(self, question: str, model: str, request: gr.Request) -> tuple[Any, ...]:
        """Values for the field of the question, the note below it and the view, once a question is asked."""
        if not question.strip():
            return (gr.skip(), render_hint(_EMPTY), *[gr.skip()] * 5)
        turns = self.chat.conversations.ask(_session(request), question)
        return ("", self.noted(model), *self.shown(turns))

    def picked(self, model: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """As `begun`, with an example."""
        return self.begun(_said(event, "question"), model, request)

    def answered(self, model: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Values for the view after each step of an answer."""
        yield (gr.skip(),) * 5  # Gradio wants at least one, and an empty question has no answer
        for turns in self.chat.answer(_session(request), model):
            yield (gr.skip(), *self.shown(turns)[1:])

    def stopped(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view when nothing is written any more."""
        return self.shown(self.chat.conversations.stop(_session(request)))

    def cleared(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view of a new conversation."""
        self.chat.conversations.clear(_session(request))
        return self.shown(())

    def refreshed(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view of the conversation as it is."""
        return self.shown(self.chat.conversations.turns(_session(request)))

    def cited(self, event: gr.EventData, request: gr.Request) -> str:
        """The panel when a mark, a card or the number of sources is clicked."""
        place, _, number = _said(event, "cite").partition(".")
        turns = self.chat.conversations.turns(_session(request))
        if not place.isdecimal():
            return self.chat.panel(turns)
        return self.chat.panel(turns, int(place), int(number) if number.isdecimal() else None)

    def noted(self, model: str) -> str:
        """The note below the question when a model is chosen."""
        return render_hint(self.chat.note(model))

    def left(self, request: gr.Request) -> None:
        """The browser is gone, and so is its conversation."""
        self.chat.conversations.clear(_session(request))

    def ask(self, question: str, history: list[dict[str, str]] | None = None, model: str = "") -> str:
        """Answer a question from the documents, with a citation for each statement, as JSON text.

        Args:
            question: The question in plain words.
            history: The conversation before it: a list of {"role": "user" or "assistant", "content": text}.
            model: The chat model as provider:name, or none; empty for the one that the server prefers.
        """
        try:
            # text, because Gradio's clients take an object with a `path`, as citations are, for a file to download
            return json.dumps(self.chat.ask(question, history or [], model), ensure_ascii=False)
        except HwqaError as error:
            raise gr.Error(str(error), print_exception=False) from error


def _session(request: gr.Request) -> str:
    return str(request.session_hash)


def _said(event: gr.EventData, name: str) -> str:
    """A text that the page sent along with an event; empty when it sent something else."""
    data = event._data  # Gradio has no other way to the data of an event
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""
