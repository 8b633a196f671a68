"""A reverse proxy that serves a server under a path of its own, as nginx with `proxy_pass http://…/;` does."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


@contextlib.contextmanager
def proxied(address: str, path: str) -> Iterator[str]:
    """The address under which the proxy serves `address`."""
    target = urlsplit(address)
    loop = asyncio.new_event_loop()
    prefix = path.encode()

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

    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def over() -> None:
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield f"http://127.0.0.1:{port}{path}/"
    finally:
        asyncio.run_coroutine_threadsafe(over(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
        asyncio.set_event_loop(None)
