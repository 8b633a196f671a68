"""A reverse proxy that serves a server under a path of its own, as nginx with `proxy_pass http://…/;` does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit


@contextlib.contextmanager
def proxied(address: str, path: str) -> Iterator[str]:
    """The address under which the proxy serves `address`."""
    target = urlsplit(address)
    prefix = path.encode()
    still_open: set[socket.socket] = set()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.pass_on(self.request)

        def pass_on(self, client: socket.socket) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65_536)
                if not piece:
                    return
                head += piece
            method, asked, rest = head.split(b" ", 2)
            if not asked.startswith(prefix + b"/"):
                # a browser asks for the icon of the host before it has read the page: other sites have one
                status = b"204 No Content" if asked == b"/favicon.ico" else b"404 Not Found"
                client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            top, _, body = rest.partition(b"\r\n\r\n")
            lines = [line for line in top.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            lines.insert(1, b"Connection: close")  # so that each connection has one request
            with socket.create_connection((target.hostname, target.port)) as server:
                still_open.update((client, server))
                server.sendall(
                    b" ".join([method, asked.removeprefix(prefix), b"\r\n".join(lines)]) + b"\r\n\r\n" + body
                )
                upwards = threading.Thread(target=passed, args=(client, server))
                upwards.start()
                passed(server, client)
                # the answer is whole, or whoever asked has gone
                for end in (client, server):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                upwards.join()
                still_open.difference_update((client, server))

    def passed(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            # who stops listening is told on: the other side stops writing
            sink.shutdown(socket.SHUT_RDWR)

    class Server(ThreadingTCPServer):
        allow_reuse_address = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{path}/"
        finally:
            server.shutdown()
            thread.join()
            for each in list(still_open):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
