"""The chat page as a Gradio app: its parts, and which event of the page does what."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr  # noqa: TID251 - this module is the Gradio app, loaded when one is served

from hwqa.automatic import resolve
from hwqa.errors import ChatError, HwqaError
from hwqa.ui.conversation import Conversation
from hwqa.ui.drawing import chart_data
from hwqa.ui.kept import Preferences
from hwqa.ui.limits import too_often
from hwqa.ui.page import CLOSE, HEADER, NAVIGATION, render_error, render_hint
from hwqa.ui.programs import Programs
from hwqa.ui.service import TAB, Client, Service
from hwqa.ui.sizing_form import render_form, sizing_question
from hwqa.ui.theme import script
from hwqa.ui.tools import HEAD, HISTORY, TOOLS, tools_script
from hwqa.ui.waiting import WAITING

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.config import Settings
    from hwqa.ui.chat import Chat

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
    tools: gr.HTML
    """The list of conversations and the dialogs, whose script sends what is done there."""
    chart: gr.HTML
    """What the page draws the chart of an answer from; nobody sees it."""

    @property
    def view(self) -> list[Any]:
        """What `_Events.shown` gives values for."""
        return [self.past, self.current, self.panel, self.ask, self.stop]


class Page(gr.Blocks):
    """The chat page, and what is served beside it."""

    service: Service


def build(
    assistant: Assistant, *, settings: Settings, examples: Sequence[str] = (), models: Sequence[str] = ()
) -> Page:
    """The chat page as a Gradio app, not yet served; `launch_options` says how to launch it.

    Args:
        assistant: Answers the questions, with the chat model that the settings name.
        settings: As given to the assistant.
        examples: Questions to click where none was asked yet.
        models: Further chat models to choose from, as `provider:name`.

    Raises:
        ModelError: The settings name a model that cannot be.
        ConfigError: The settings name users that cannot be read.
        ChatError: The data folder cannot be written.
    """
    settings, _ = resolve(settings)
    demo = Page(title="hwqa", analytics_enabled=False, fill_width=True)
    demo.service = Service(assistant, settings, examples, models)
    events = _Events(demo.service)
    with demo:
        parts = _lay_out(demo.service.chat)
        _connect(parts, events, at_once=settings.concurrency + WAITING)
        demo.load(events.loaded, None, [parts.model, parts.note], show_progress="hidden", api_visibility="private")
        demo.unload(events.left)
    demo.queue(default_concurrency_limit=settings.concurrency + WAITING)
    return demo


def _html(value: str, name: str | None = None, script: str | None = None) -> gr.HTML:
    """A part that shows HTML of ours, without Gradio's styles for text."""
    return gr.HTML(value, apply_default_css=False, js_on_load=script, elem_id=name)


def _lay_out(chat: Chat) -> _Parts:
    with gr.Row(elem_id="hw-header"):
        _html(f'<div class="hw-head">{HISTORY}{HEADER}</div>')
        _html(NAVIGATION, "hw-places")
        _html(HEAD, "hw-head-buttons")
        clear = gr.Button("New conversation", size="sm", elem_id="hw-clear", scale=0)
    with gr.Row(elem_id="hw-columns"):
        tools = _html(TOOLS, "hw-tools", tools_script())
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
                    _html(render_form(chat.sizer))
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
        chart = _html("", "hw-chart-data")
    return _Parts(clear, past, current, question, ask, stop, model, note, panel, tools, chart)


def _connect(parts: _Parts, events: _Events, at_once: int) -> None:
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    unqueued: dict[str, Any] = {**quiet, "queue": False}
    begins = [parts.question, parts.note, *parts.view]
    starts = [
        parts.question.submit(events.begun, [parts.question, parts.model], begins, **unqueued),
        parts.ask.click(events.begun, [parts.question, parts.model], begins, **unqueued),
        parts.current.ask(events.picked, parts.model, begins, **unqueued),
        parts.tools.again(events.again, parts.model, begins, **unqueued),
        parts.current.size(events.sized, parts.model, begins, **unqueued),
    ]
    runs = [
        start.then(
            events.answered, parts.model, parts.view, concurrency_limit=at_once, concurrency_id="answers", **quiet
        )
        for start in starts
    ]
    for button, event in ((parts.stop, events.stopped), (parts.clear, events.cleared)):
        ended = button.click(event, None, parts.view, cancels=runs, **unqueued)
        # a step of the answer that was on its way may have been drawn last: draw once more what is the case
        ended.then(events.refreshed, None, parts.view, **unqueued)
    shown = parts.tools.show(events.opened, None, [parts.note, *parts.view], cancels=runs, **unqueued)
    shown.then(events.settled, None, parts.view, **unqueued)
    parts.current.chart(events.charted, None, parts.chart, trigger_mode="always_last", **unqueued)
    parts.current.cite(events.cited, None, parts.panel, trigger_mode="always_last", **unqueued)
    parts.tools.prefer(events.loaded, None, [parts.model, parts.note], trigger_mode="always_last", **unqueued)
    parts.model.input(events.chosen, parts.model, parts.note, trigger_mode="always_last", **unqueued)
    programs = Programs(events.service)
    for act in (programs.ask, programs.search, programs.compare, programs.select, programs.size):
        gr.api(  # type: ignore[attr-defined] # Gradio exports it without saying so
            act, api_name=act.__name__, concurrency_limit=at_once, concurrency_id="answers"
        )


class _Events:
    """What happens on each event: values of parts in, values for parts out."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.chat = service.chat

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

    def begun(self, question: str, model: str, request: gr.Request, instead: str = "") -> tuple[Any, ...]:
        """Values for the field of the question, the note below it and the view, once a question is asked."""
        if not question.strip():
            return (gr.skip(), render_hint(_EMPTY), *[gr.skip()] * 5)
        client = self._client(request)
        if seconds := self.service.limit.wait(client.name):
            return (gr.skip(), render_hint(too_often(seconds).capitalize() + "."), *[gr.skip()] * 5)
        turns = self.chat.begin(_session(request), client.owner, question, instead)
        return (gr.skip() if instead else "", self.noted(model), *self.shown(turns))

    def picked(self, model: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """As `begun`, with an example."""
        return self.begun(_said(event, "question"), model, request)

    def again(self, model: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """As `begun`, in place of a turn: with its own question, or with one that was edited."""
        instead = _said(event, "turn")
        turns = self.chat.conversations.turns(_session(request))
        asked = next((turn.question for turn in turns if turn.id == instead), "")
        return self.begun(_said(event, "question") or asked, model, request, instead)

    def sized(self, model: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """As `begun`, with the question that the sizing form makes."""
        fields = {name: _said(event, name) for name in ("model", "precision", "context", "users", "device")}
        try:
            question = sizing_question(fields, self.chat.sizer)
        except HwqaError as error:
            return (gr.skip(), render_hint(str(error)), *[gr.skip()] * 5)
        return self.begun(question, model, request)

    def answered(self, model: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Values for the view after each step of an answer that changes what is shown: a model's next word need not."""
        session = _session(request)
        length = self.chat.preferences(self._client(request).owner).length
        begun = drawn = _drawn(self.chat.conversations.turns(session))
        for turns in self.chat.answer(session, model, length):
            if drawn != (drawn := _drawn(turns)):
                yield (gr.skip(), *self.shown(turns)[1:])
        if drawn == begun:
            yield (gr.skip(),) * 5  # Gradio wants at least one, and an empty question has no answer

    def stopped(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view when nothing is written any more."""
        return self.shown(self.chat.stop(_session(request)))

    def opened(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Values for the note and the view of a conversation of the reader's list, or of another version of a turn."""
        session, owner = _session(request), self._client(request).owner
        conversation, version = _said(event, "conversation"), _said(event, "version")
        if version:
            turns = self.chat.conversations.turns(session)
            conversation = turns[0].conversation if turns else ""
        try:
            return (gr.skip(), *self.shown(self.chat.open(session, owner, conversation, version)))
        except ChatError as error:
            line = f"{str(error).capitalize()}."
            if self.chat.conversations.turns(session):
                return (render_hint(line), *[gr.skip()] * 5)
            return (gr.skip(), gr.skip(), render_error(line) + self.chat.current(()), *[gr.skip()] * 3)

    def cleared(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view of a new conversation."""
        self.chat.leave(_session(request))
        return self.shown(())

    def refreshed(self, request: gr.Request) -> tuple[Any, ...]:
        """Values for the view of the conversation as it is."""
        return self.shown(self.chat.conversations.turns(_session(request)))

    def settled(self, request: gr.Request) -> tuple[Any, ...]:
        """As `refreshed`; where there is no conversation, what is shown stays, for it says why."""
        turns = self.chat.conversations.turns(_session(request))
        return self.shown(turns) if turns else (gr.skip(),) * 5

    def cited(self, event: gr.EventData, request: gr.Request) -> str:
        """The panel when a mark, a card or the number of sources is clicked."""
        place, _, number = _said(event, "cite").partition(".")
        turns = self.chat.conversations.turns(_session(request))
        if not place.isdecimal():
            return self.chat.panel(turns)
        claim = _said(event, "claim")
        return self.chat.panel(
            turns,
            int(place),
            int(number) if number.isdecimal() else None,
            int(claim) if claim.isdecimal() else None,
        )

    def charted(self, event: gr.EventData, request: gr.Request) -> str:
        """What the chart of an answer is drawn from, when it is asked for."""
        place = _said(event, "turn")
        turns = self.chat.conversations.turns(_session(request))
        answer = turns[int(place)].answer if place.isdecimal() and int(place) < len(turns) else None
        return chart_data(answer, int(place) if place.isdecimal() else 0)

    def noted(self, model: str) -> str:
        """The note below the question when a model is chosen."""
        return render_hint(self.chat.note(model))

    def loaded(self, request: gr.Request) -> tuple[Any, ...]:
        """The model that the reader chose last, and the note on it."""
        chosen = self.chat.preferences(self._client(request).owner).model
        return gr.update(value=chosen), self.noted(chosen)

    def chosen(self, model: str, request: gr.Request) -> str:
        """The note on the model that the reader chooses, which is remembered."""
        owner = self._client(request).owner
        with contextlib.suppress(ChatError):
            self.service.store.prefer(owner, Preferences(model, self.service.store.preferences(owner).length))
        return self.noted(model)

    def left(self, request: gr.Request) -> None:
        """The tab is gone; a browser that keeps no cookies leaves nothing behind."""
        self.chat.leave(_session(request))
        owner = self._client(request).owner
        if owner.startswith(TAB):
            with contextlib.suppress(ChatError):
                self.service.store.forget(owner)

    def _client(self, request: gr.Request) -> Client:
        host = request.client.host if request.client else ""
        return self.service.client(dict(request.cookies), host, request.username, _session(request))


def _drawn(turns: Conversation) -> tuple[Any, ...]:
    """What the view of a conversation depends on while its last answer is written."""
    last = turns[-1:]
    return (len(turns), *((turn.progress, turn.text, turn.citations, turn.ahead, turn.error) for turn in last))


def _session(request: gr.Request) -> str:
    return str(request.session_hash)


def _said(event: gr.EventData, name: str) -> str:
    """A text that the page sent along with an event; empty when it sent something else."""
    data = event._data  # Gradio has no other way to the data of an event
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""
