"""A chat model's server on loopback that speaks the protocols of OpenAI, Ollama and Anthropic and misbehaves on demand.

A script turns the messages of a request into text, or into `Misbehaviour`; the server sends it in the frames of the
protocol that the request came in, so the real clients run against it.

>>> with ChatServer(lambda messages: "The H200 has 141 GB [1].") as server:
...     model = open_chat_model("openai:test", base_url=server.base_url)
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, Literal, Self

Messages = Sequence[Mapping[str, Any]]
"""Of a request: `role` and `content` (text) of each; Anthropic's system prompt comes first."""


@dataclass(frozen=True)
class Misbehaviour:
    """How the server fails, after the text that it still sends."""

    kind: Literal["status", "die", "cut", "hang", "garbage", "shape", "error_frame", "not_found_html"]
    """`status`: an HTTP error. `die`: the connection breaks within the body. `cut`: the body ends well formed but
    without the protocol's end. `hang`: silence for `seconds`. `garbage`: frames that are no JSON. `shape`: JSON of
    another shape. `error_frame`: the protocol's own report of a failure amid the answer.
    `not_found_html`: another program's page."""
    text: str = ""
    status: int = 500
    body: Mapping[str, Any] | None = None
    seconds: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Slow:
    """Text that comes with a pause after each token."""

    text: str
    pause: float


Reply = str | Slow | Misbehaviour
Script = Callable[[Messages], Reply]


@dataclass
class Request:
    """What the server was asked, and how the client left."""

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    """By name in lower case."""
    messages: Messages = ()
    disconnected: threading.Event = field(default_factory=threading.Event)
    """Set when the client closed before the answer was whole."""
    finished: threading.Event = field(default_factory=threading.Event)


def error(status: int, message: str = "failed", code: str = "error", **headers: str) -> Misbehaviour:
    """An HTTP error with the body that OpenAI gives it."""
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return Misbehaviour("status", status=status, body=body, headers=headers)


def context_too_long() -> Misbehaviour:
    """OpenAI's answer to a prompt beyond the model's context."""
    return error(
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
        "context_length_exceeded",
    )


# What misbehaving models write; each goes with evidence of any content.
SCRIPTS: dict[str, Script] = {
    "invents": lambda messages: "The device has 123,456 GB of memory and costs $7 [1].",
    "cites beyond": lambda messages: "The device has memory [9].",
    "no citations": lambda messages: "The device is fast. It has much memory.",
    "html": lambda messages: "<script>alert(1)</script><b>The device</b> is fast [1]. <img src=x onerror=alert(1)>",
    "empty": lambda messages: "",
    "blank": lambda messages: " \n ",
    "dies": lambda messages: Misbehaviour("die", "The device has 1"),
    "cut": lambda messages: Misbehaviour("cut", "The device has 1"),
    "hangs": lambda messages: Misbehaviour("hang", "The device"),
    "garbage": lambda messages: Misbehaviour("garbage", "The device"),
    "shape": lambda messages: Misbehaviour("shape", "The device"),
    "error frame": lambda messages: Misbehaviour("error_frame", "The device"),
    "html page": lambda messages: Misbehaviour("not_found_html"),
    "401": lambda messages: error(401, "Incorrect API key provided: sk-secret-123456.", "invalid_api_key"),
    "403": lambda messages: error(403, "Not allowed."),
    "404": lambda messages: error(404, "The model does not exist.", "model_not_found"),
    "429": lambda messages: error(429, "Rate limit reached.", "rate_limit_exceeded", **{"Retry-After": "50"}),
    "quota": lambda messages: error(429, "You exceeded your current quota.", "insufficient_quota"),
    "500": lambda messages: error(500, "The server had an error."),
    "529": lambda messages: error(529, "Overloaded.", "overloaded_error"),
    "too long": lambda messages: context_too_long(),
}


def cite_first_line(messages: Messages) -> str:
    """What an obedient model might write: the first line of item 1 of the evidence, cited."""
    match = re.search(r"^\[1\].*\n> (.*)", str(messages[-1]["content"]), re.MULTILINE)
    return f"{match.group(1).strip()} [1]" if match else "The evidence does not hold the answer."


class ChatServer:
    """Serves while its context is open; `requests` grows with each chat request."""

    def __init__(self, script: Script, models: Sequence[str] = ("test",)) -> None:
        self.script = script
        self.models = tuple(models)
        self.requests: list[Request] = []
        self.touched = 0
        """Requests of any kind, also to paths that the server does not serve."""
        self._closing = threading.Event()
        owner = self

        class Handler(_Handler):
            server_of = owner

        self._http = _HttpServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def base_url(self) -> str:
        """The address for OpenAI's clients; Ollama's and Anthropic's take `host`."""
        return f"{self.host}/v1"

    @property
    def closing(self) -> threading.Event:
        return self._closing

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what the tests are about; anything else is printed as ever."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server_of: ChatServer
    protocol_version = "HTTP/1.1"

    def parse_request(self) -> bool:
        self.server_of.touched += 1
        return super().parse_request()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Stay silent."""

    def do_GET(self) -> None:
        names = self.server_of.models
        if self.path == "/v1/models":
            self._json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
        elif self.path == "/api/tags":
            self._json(200, {"models": [{"name": name, "model": name} for name in names]})
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        protocol = _PROTOCOLS.get(self.path)
        if protocol is None:
            self._json(404, {"error": {"message": "not found"}})
            return
        request = Request(
            self.path, body, {name.lower(): value for name, value in self.headers.items()}, _plain_messages(body)
        )
        self.server_of.requests.append(request)
        reply = self.server_of.script(request.messages)
        try:
            self._answer(protocol, request, reply)
            request.finished.set()
        except OSError:
            request.disconnected.set()
            self.close_connection = True

    def _answer(self, protocol: _Protocol, request: Request, reply: Reply) -> None:
        if isinstance(reply, Misbehaviour) and reply.kind == "status":
            self._json(reply.status, dict(reply.body or {}), reply.headers)
            return
        if isinstance(reply, Misbehaviour) and reply.kind == "not_found_html":
            self._send(200, "text/html", b"<html><body>It works!</body></html>")
            return
        text = reply if isinstance(reply, str) else reply.text
        model = str(request.body.get("model", "test"))
        if not request.body.get("stream", protocol.streams_by_default):
            self._json(200, protocol.whole(text, model))
            return
        self.send_response(200)
        self.send_header("Content-Type", protocol.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        start, deltas, end = protocol.frames(text, model)
        self._chunk(start)
        for delta in deltas:
            self._chunk(delta)
            if isinstance(reply, Slow):
                self._wait(reply.pause)
        if isinstance(reply, Misbehaviour):
            if reply.kind == "die":
                self.wfile.flush()
                self.connection.close()
                self.close_connection = True
                return
            if reply.kind == "hang":
                self._wait(reply.seconds)
                self.close_connection = True
                return
            if reply.kind == "garbage":
                self._chunk(protocol.frame("{not json <<<"))
            if reply.kind == "shape":
                self._chunk(protocol.frame('[1, "two", null]'))
            if reply.kind == "error_frame":
                self._chunk(protocol.frame(json.dumps(dict(protocol.error))))
            end = ""
        self._chunk(end)
        self.wfile.write(b"0\r\n\r\n")

    def _wait(self, seconds: float) -> None:
        """Wait, but no longer than the client stays and the server lives."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.server_of.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.01)
            if readable and not self.connection.recv(1):
                raise ConnectionResetError

    def _chunk(self, text: str) -> None:
        """Send a chunk of the body; an empty text sends nothing, for it would end the body."""
        if not text:
            return
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(body).encode(), headers)

    def _send(self, status: int, content_type: str, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _plain_messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = [{"role": "system", "content": body["system"]}] if body.get("system") else []
    messages += [dict(message) for message in body["messages"]]
    for message in messages:
        if not isinstance(message["content"], str):
            message["content"] = "".join(part.get("text", "") for part in message["content"])
    return messages


def _tokens(text: str) -> Iterator[str]:
    """Pieces of a few characters that split words, numbers and marks, as models' tokens do."""
    return (match.group() for match in re.finditer(r"\s*\S{1,3}|\s+", text))


class _Protocol:
    content_type = "text/event-stream"
    streams_by_default = False
    error: Mapping[str, Any] = MappingProxyType(
        {"error": {"message": "out of memory", "type": "server_error", "code": 500}}
    )

    def frame(self, data: str) -> str:
        return f"data: {data}\n\n"

    def frames(self, text: str, model: str) -> tuple[str, Iterator[str], str]:
        raise NotImplementedError

    def whole(self, text: str, model: str) -> dict[str, Any]:
        raise NotImplementedError


class _OpenAI(_Protocol):
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}  # noqa: RUF012 - never written to

    def frames(self, text: str, model: str) -> tuple[str, Iterator[str], str]:
        def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return self.frame(json.dumps({**head, "choices": [choice]}))

        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": model}
        usage = self.frame(json.dumps({**head, "choices": [], "usage": self.usage}))
        start = chunk({"role": "assistant", "content": ""})
        return (
            start,
            (chunk({"content": token}) for token in _tokens(text)),
            chunk({}, "stop") + usage + self.frame("[DONE]"),
        )

    def whole(self, text: str, model: str) -> dict[str, Any]:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": model}
        return {**head, "choices": [choice], "usage": self.usage}


class _Ollama(_Protocol):
    content_type = "application/x-ndjson"
    streams_by_default = True
    error: Mapping[str, Any] = MappingProxyType({"error": "out of memory"})

    def frame(self, data: str) -> str:
        return f"{data}\n"

    def frames(self, text: str, model: str) -> tuple[str, Iterator[str], str]:
        tokens = (self.frame(json.dumps(self._part(token, model))) for token in _tokens(text))
        return "", tokens, self.frame(json.dumps(self.whole("", model)))

    def whole(self, text: str, model: str) -> dict[str, Any]:
        counts = {"total_duration": 5, "load_duration": 1, "prompt_eval_count": 10, "eval_count": 5, "eval_duration": 3}
        return {**self._part(text, model), "done": True, "done_reason": "stop", **counts}

    def _part(self, text: str, model: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        return {"model": model, "created_at": "2026-01-01T00:00:00.000000Z", "message": message, "done": False}


class _Anthropic(_Protocol):
    error: Mapping[str, Any] = MappingProxyType(
        {"type": "error", "error": {"type": "api_error", "message": "out of memory"}}
    )

    def frame(self, data: str) -> str:
        kind = "content_block_delta"
        with contextlib.suppress(ValueError, TypeError, KeyError):
            kind = json.loads(data)["type"]
        return f"event: {kind}\ndata: {data}\n\n"

    def frames(self, text: str, model: str) -> tuple[str, Iterator[str], str]:
        message = {**self.whole("", model), "content": [], "stop_reason": None}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        start = self.frame(json.dumps({"type": "message_start", "message": message})) + self.frame(json.dumps(block))
        tokens = (
            self.frame(
                json.dumps({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": token}})
            )
            for token in _tokens(text)
        )
        ending = {"stop_reason": "end_turn", "stop_sequence": None}
        end = [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ending, "usage": {"input_tokens": 10, "output_tokens": 5}},
            {"type": "message_stop"},
        ]
        return start, tokens, "".join(self.frame(json.dumps(event)) for event in end)

    def whole(self, text: str, model: str) -> dict[str, Any]:
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": model}
        content = [{"type": "text", "text": text}]
        ending = {"stop_reason": "end_turn", "stop_sequence": None}
        return {**head, "content": content, **ending, "usage": {"input_tokens": 10, "output_tokens": 5}}


_PROTOCOLS: dict[str, _Protocol] = {
    "/v1/chat/completions": _OpenAI(),
    "/api/chat": _Ollama(),
    "/v1/messages": _Anthropic(),
}
