"""A file server on loopback that serves one file as the hub does, and fails on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass
class Asked:
    """A request that the server got."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FileServer:
    """Serves `content` at every path while its context is open."""

    content: bytes
    ranges: bool = True
    """Whether `Range` is understood; else the whole file comes each time."""
    announce: bool = True
    """Whether the length of the body is said; else the connection's end is the body's end."""
    status: int = 200
    """Another status instead of the file."""
    die_after: Callable[[int], int | None] = lambda request: None
    """By the number of the request (from 1): bytes after which the connection breaks; None for never."""
    redirect_to: str = ""
    """Where the file is, when it is on another host."""
    shift: int = 0
    """By how many bytes a part begins beside the one asked for."""
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        owner = self

        class Handler(_Handler):
            server_of = owner

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server_of: FileServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Stay silent."""

    def do_GET(self) -> None:
        server = self.server_of
        server.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        if server.redirect_to:
            self.send_response(302)
            self.send_header("Location", server.redirect_to + self.path)
            self.end_headers()
            return
        if server.status != 200:
            self.send_error(server.status)
            return
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if server.ranges else None
        begin = int(match[1]) if match else 0
        if match and begin >= len(server.content):
            self.send_error(416)
            return
        body = server.content[begin:]
        self.send_response(206 if match else 200)
        if server.announce:
            self.send_header("Content-Length", str(len(body)))
        if match:
            first, last = begin + server.shift, len(server.content) - 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(server.content)}")
        self.end_headers()
        most = server.die_after(len(server.asked))
        self.wfile.write(body if most is None else body[:most])
        self.wfile.flush()
        self.close_connection = True
