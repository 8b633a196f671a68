"""Indexing and searching need no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GUARDED = """
import ipaddress, socket, sys
from pathlib import Path

tried = []
connect, resolve = socket.socket.connect, socket.getaddrinfo


def guarded(self, address):
    if isinstance(address, tuple) and not ipaddress.ip_address(address[0]).is_loopback:
        tried.append(address)
        raise OSError("no network")
    return connect(self, address)


def guarded_resolve(host, *arguments, **named):
    if host not in ("localhost", "127.0.0.1", "::1", None):
        tried.append(host)
        raise OSError("no network")
    return resolve(host, *arguments, **named)


socket.socket.connect = guarded
socket.socket.connect_ex = guarded
socket.getaddrinfo = guarded_resolve

from hwqa.embedding import open_embedder
from hwqa.index import Index

index_folder, corpus, cache = sys.argv[1:]
embedder = open_embedder(cache=Path(cache))
index = Index.open(index_folder, embedder)
index.sync(Path(corpus))
assert index.dense(embedder.encode_query("ROCm"), 3) and index.lexical("ROCm", 3) and index.facts()
assert tried == [], tried
import chromadb
try:
    socket.create_connection(("192.0.2.1", 9), timeout=1)
except OSError:
    assert tried, "the guard guards"
"""


def test_indexing_and_searching_reach_for_no_network(tmp_path: Path, corpus: Path) -> None:
    cache = Path(__file__).parents[2] / ".cache" / "hwqa"
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(tmp_path / "index"), str(corpus), str(cache)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
