"""What stands in front of every request: who may come in, how large a request may be, and the name of the browser."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hwqa.ui.limits import network, too_often
from hwqa.ui.service import COOKIE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hwqa.ui.service import Service

_A_YEAR = 365 * 24 * 3600
_OWN_CHECK = frozenset({"/", "/config", "/favicon.ico", "/info", "/login", "/logout", "/manifest.json", "/theme.css"})
_OWN_CHECK_BELOW = ("/assets/", "/gradio_api/", "/static/", "/svelte/", "/custom_component/")
"""Paths of Gradio: it asks who comes itself, and must show its page for signing in to everybody."""
_OPEN = frozenset({"/health", "/robots.txt"})
_COUNTED = ("/mcp", "/api/", "/login")
"""Paths whose requests with a body count as questions; the page's own events count where they ask."""
_NO_UPLOADS = "/gradio_api/upload"


class TooLargeError(Exception):
    """The request is larger than it may be."""


class Guard:
    """ASGI middleware that turns away what a server of the chat does not take."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        """Guard `app` as the settings of the service say."""
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refused = self._refused(request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        most = self._service.settings.request_limit
        started = False
        taken = 0

        async def received() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLargeError
            return message

        async def sent(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if request.scope["path"].rstrip("/") == "/login" and message["status"] == 400:
                    self._service.attempts.wait(network(request.client.host if request.client else ""))
                self._named(request, MutableHeaders(scope=message))
            await send(message)

        try:
            await self._app(scope, received, sent)
        except TooLargeError:
            if not started:
                await self._too_large()(scope, receive, send)

    def _refused(self, request: Request) -> Response | None:
        path = request.scope["path"]
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._service.settings.request_limit:
            return self._too_large()
        if path.startswith(_NO_UPLOADS):
            return _refusal(404, "the chat takes no files")
        host = network(request.client.host if request.client else "")
        tries = path.rstrip("/") == "/login" or "authorization" in request.headers
        if self._service.users is not None and tries and (seconds := self._service.attempts.blocked(host)):
            # before the password is looked at, so that nobody learns that it was right
            line = f"too many wrong passwords from here: try again in {seconds} seconds"
            return _refusal(429, line, {"Retry-After": str(seconds)})
        user = signed_in(request, self._service)
        if "authorization" in request.headers and not user:
            self._service.attempts.wait(host)
        if self._service.users is not None and not user and not _is_open(path):
            # The browser asks for name and password where a page was to be opened, not where a script asked.
            asks = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
            headers = {"WWW-Authenticate": 'Basic realm="hwqa", charset="UTF-8"'} if asks else {}
            return _refusal(401, "sign in first", headers)
        if request.method == "POST" and path.startswith(_COUNTED):
            seconds = self._service.limit.wait(f"user {user}" if user else host)
            if seconds:
                return _refusal(429, too_often(seconds), {"Retry-After": str(seconds)})
        return None

    def _too_large(self) -> Response:
        return _refusal(413, f"a request may have at most {self._service.settings.request_limit:,} bytes")

    def _named(self, request: Request, headers: MutableHeaders) -> None:
        """Headers of the answer: what a page may do, and a name for a browser that has none yet."""
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        is_page = request.method == "GET" and headers.get("content-type", "").startswith("text/html")
        if is_page and not request.cookies.get(COOKIE):
            headers.append(
                "Set-Cookie",
                f"{COOKIE}={secrets.token_urlsafe(24)}; Path={self._service.path or '/'}; Max-Age={_A_YEAR}; HttpOnly; "
                + self._kind(request),
            )

    def _kind(self, request: Request) -> str:
        """Where the browser sends the cookie along."""
        if self._service.settings.embedded:
            return "SameSite=None; Secure; Partitioned"  # within a frame, known to the page around it alone
        return "SameSite=Lax; Secure" if request.url.scheme == "https" else "SameSite=Lax"


def signed_in(request: Request, service: Service) -> str | None:
    """Who sent a request: signed in on the page, or by name and password with the request itself; None for nobody."""
    if service.users is None:
        return None
    app = request.scope["app"]  # Gradio's, which keeps who signed in on its page
    token = request.cookies.get(f"access-token-{app.cookie_id}") or request.cookies.get(
        f"access-token-unsecure-{app.cookie_id}"
    )
    return app.tokens.get(token) or service.users.named_in(request.headers.get("authorization", "")) or None


def _is_open(path: str) -> bool:
    return path in _OPEN or path.rstrip("/") in _OWN_CHECK or path == "/" or path.startswith(_OWN_CHECK_BELOW)


def _refusal(status: int, line: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": line}, status, headers)
