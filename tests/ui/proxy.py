"""A reverse proxy that serves a server under a path of its own, as nginx with `proxy_pass http://…/;` does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from urllib.parse import urlsplit


@contextlib.contextmanager
def proxied(address: str, path: str) -> Iterator[str]:
    """The address under which the proxy serves `address`."""
    target = urlsplit(address)
    prefix = path.encode()
    ready: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, asked, rest = head.split(b" ", 2)
            if not asked.startswith(prefix + b"/"):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                writer.close()
                return
            lines = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            lines.insert(1, b"Connection: close")  # so that each connection has one request
            there, back = await asyncio.open_connection(target.hostname, target.port)
            back.write(b" ".join([method, asked.removeprefix(prefix), b"\r\n".join(lines)]))
            await asyncio.wait(
                [asyncio.create_task(passed(reader, back)), asyncio.create_task(passed(there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
            back.close()
        writer.close()

    async def passed(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65_536):
                sink.write(piece)
                await sink.drain()

    async def run() -> None:
        over = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ready.set_result((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), over))
        await over.wait()
        server.close()

    # a thread of its own, because the browser's loop runs in that of the tests; its end cancels what is still open
    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    port, loop, over = ready.result(10)
    try:
        yield f"http://127.0.0.1:{port}{path}/"
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
