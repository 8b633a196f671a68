"""The chat's own addresses beside Gradio's: conversations, shared answers, feedback, settings, index, and MCP."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from hwqa.errors import ChatError, HwqaError
from hwqa.models import find_models
from hwqa.ui.choices import LENGTHS
from hwqa.ui.exporting import conversation_markdown, turn_markdown
from hwqa.ui.feedback import feedback
from hwqa.ui.guard import signed_in
from hwqa.ui.kept import Preferences
from hwqa.ui.shared import POLICY, render_shared

if TYPE_CHECKING:
    from hwqa.ui.service import Client, Service

_LENGTH_NAMES = {"short": "Short", "normal": "Normal", "long": "Long"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read."""

    client: Client
    name: str
    """The last part of the address, where it names something."""
    body: Mapping[str, Any]

    def text(self, field: str) -> str:
        """A field of the body that is to be text; empty when it is something else."""
        value = self.body.get(field)
        return value if isinstance(value, str) else ""


def routes(service: Service) -> list[BaseRoute]:
    """The addresses, to be served beside those of Gradio."""
    own = _Own(service)

    def route(path: str, method: str, act: Callable[[Asked], Response]) -> Route:
        return Route(path, _endpoint(service, act), methods=[method])

    return [
        Route("/health", lambda _: JSONResponse({"status": "ok"})),
        route("/chat/conversations", "GET", own.conversations),
        route("/chat/conversations/{name}", "POST", own.rename),
        route("/chat/conversations/{name}", "DELETE", own.delete),
        route("/chat/conversations/{name}/export", "GET", own.export),
        route("/chat/turns/{name}", "GET", own.turn),
        route("/chat/share", "POST", own.share),
        route("/chat/feedback", "POST", own.judge),
        route("/chat/settings", "GET", own.settings),
        route("/chat/settings", "POST", own.choose),
        route("/chat/index", "GET", own.index),
        route("/chat/index", "POST", own.reindex),
        route("/answers/{name}", "GET", own.shared),
    ]


def _endpoint(service: Service, act: Callable[[Asked], Response]) -> Callable[[Request], Awaitable[Response]]:
    """What Starlette calls: the request is read, and the work done beside the event loop."""

    async def endpoint(request: Request) -> Response:
        body: Any = {}
        if request.method == "POST":
            # No other site's form can send JSON without being asked for it first.
            if not request.headers.get("content-type", "").startswith("application/json"):
                return _failed(ChatError("send JSON, with the header Content-Type: application/json"), 415)
            try:
                body = await request.json()
            except ValueError:
                body = None
            if not isinstance(body, dict):
                return _failed(ChatError("the request is no JSON object"), 400)
        host = request.client.host if request.client else ""
        client = service.client(request.cookies, host, signed_in(request, service))
        try:
            return await run_in_threadpool(act, Asked(client, request.path_params.get("name", ""), body))
        except HwqaError as error:
            return _failed(error, 404 if request.method == "GET" else 400)

    return endpoint


class _Own:
    """What is done at each address: a request in, its answer out."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def conversations(self, asked: Asked) -> Response:
        """The reader's conversations, the one used last first."""
        listed = self._service.store.conversations(asked.client.owner)
        return JSONResponse(
            {"conversations": [{"id": each.id, "title": each.title, "changed": each.changed} for each in listed]}
        )

    def rename(self, asked: Asked) -> Response:
        """A conversation has another title."""
        self._service.store.rename(asked.client.owner, asked.name, asked.text("title"))
        return JSONResponse({})

    def delete(self, asked: Asked) -> Response:
        """A conversation is gone."""
        self._service.store.delete(asked.client.owner, asked.name)
        return JSONResponse({})

    def export(self, asked: Asked) -> Response:
        """A conversation as a Markdown file."""
        store, owner = self._service.store, asked.client.owner
        shown = store.open(owner, asked.name)
        turns = store.upto(owner, shown[-1].id) if shown else []
        title = store.title(owner, asked.name)
        plain = re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-")[:60] or "conversation"
        return Response(
            conversation_markdown(title, turns),
            media_type="text/markdown; charset=utf-8",
            headers={
                "Content-Disposition": f"attachment; filename=\"{plain}.md\"; filename*=UTF-8''{quote(title, '')}.md"
            },
        )

    def turn(self, asked: Asked) -> Response:
        """A question with its answer and sources as Markdown."""
        return PlainTextResponse(turn_markdown(self._service.store.upto(asked.client.owner, asked.name)[-1]))

    def share(self, asked: Asked) -> Response:
        """The address at which anyone can read an answer."""
        name = self._service.store.share(asked.client.owner, asked.text("turn"))
        return JSONResponse({"path": f"answers/{name}"})

    def shared(self, asked: Asked) -> Response:
        """The page of an answer that was shared."""
        try:
            kept = self._service.store.shared(asked.name)
        except ChatError as error:
            return PlainTextResponse(f"{error}\n", 404)
        return HTMLResponse(render_shared(kept, f"{self._service.path}/"), headers={"Content-Security-Policy": POLICY})

    def judge(self, asked: Asked) -> Response:
        """A judgement on an answer is stored."""
        turns = self._service.store.upto(asked.client.owner, asked.text("turn"))
        judgement = feedback(turns, asked.text("rating"), asked.text("reason"), self._service.circumstances())
        self._service.feedback.add(judgement)
        return JSONResponse({})

    def settings(self, asked: Asked) -> Response:
        """What the reader can choose from, and what they chose; never a key."""
        chat = self._service.chat
        chosen = chat.preferences(asked.client.owner)
        return JSONResponse(
            {
                "models": [{"spec": each.spec, "label": each.label, "note": each.note} for each in chat.choices],
                "model": chosen.model,
                "others": list(self._others()),
                "lengths": [{"name": name, "label": _LENGTH_NAMES[name]} for name in LENGTHS],
                "length": chosen.length,
                "may_reindex": self._service.settings.reindex,
            }
        )

    def _others(self) -> Iterator[str]:
        """A line on each provider that a key was set for and that is not offered; the key stays where it is."""
        offered = {choice.spec.partition(":")[0] for choice in self._service.chat.choices}
        for found in find_models(self._service.settings.base_url):
            provider = found.spec.partition(":")[0]
            if not found.is_named and provider not in offered:
                yield (
                    f"The server also has access to {provider}: whoever runs it can offer it with "
                    f"--model {provider}:NAME."
                )

    def choose(self, asked: Asked) -> Response:
        """The reader's choice is kept."""
        chat, owner = self._service.chat, asked.client.owner
        before = chat.preferences(owner)
        model, length = asked.text("model") or before.model, asked.text("length") or before.length
        if model not in {choice.spec for choice in chat.choices}:
            raise ChatError(f"model {model[:80]!r} is not offered here")
        if length not in LENGTHS:
            raise ChatError(f"the length of answers is one of {', '.join(LENGTHS)}")
        self._service.store.prefer(owner, Preferences(model, length))
        return JSONResponse({"model": model, "length": length, "note": chat.note(model)})

    def index(self, asked: Asked) -> Response:  # noqa: ARG002 - each address gives its act the request
        """The state of the index."""
        return JSONResponse({**self._service.indexing.state(), "may_reindex": self._service.settings.reindex})

    def reindex(self, asked: Asked) -> Response:
        """A sync of the index is running."""
        if not self._service.settings.reindex:
            return _failed(ChatError("readers may not index anew here: start the server with --reindex"), 403)
        self._service.indexing.start()
        return self.index(asked)


def _failed(error: HwqaError, status: int) -> Response:
    return JSONResponse({"error": " ".join(str(error).split())}, status)


# --- MCP ----------------------------------------------------------------------------------------------------------


def mcp_routes(
    service: Service,
) -> tuple[list[BaseRoute], Callable[[Any], contextlib.AbstractAsyncContextManager[None]]]:
    """The address of the MCP tools, and what must run while it is served; neither where `mcp` is not installed."""
    try:
        from hwqa.mcp_server import build_server, http_app  # noqa: PLC0415 - an extra, and slow to load
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        return [], _nothing
    settings = service.settings
    server = build_server(lambda: service.assistant, around=service.chat.line.passed)
    own_host = urlsplit(settings.root_path).netloc
    open_to_all = service.users is not None or settings.host not in ("127.0.0.1", "localhost", "::1")
    app = http_app(server, None if open_to_all else [own_host] if own_host else [])

    @contextlib.asynccontextmanager
    async def running(_: Any) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    return list(app.routes), running


@contextlib.asynccontextmanager
async def _nothing(_: Any) -> AsyncIterator[None]:
    yield
