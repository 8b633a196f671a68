"""The real embedder, exported once per checkout; a real Chroma server; small corpora."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import URLError

import pytest
from index_checks import wait_for

from hwqa.embedding import Embedder, open_embedder

CACHE = Path(__file__).parents[2] / ".cache" / "hwqa"

PAGES = {
    "gpu/h200.md": """---
title: NVIDIA H200
vendor: NVIDIA
aliases:
  H200: [H200 SXM]
as_of: 2025-01
---
# Hopper GPUs

## NVIDIA H200

| Attribute | Value | Basis |
|---|---|---|
| Memory | 141 GB | |
| Memory bandwidth | 4.8 TB/s | |
| FP8 peak | 1,979 TFLOPS | dense |

## Software

vLLM, TensorRT-LLM and llama.cpp run on it.
""",
    "gpu/mi300x.md": """# Instinct GPUs

## AMD MI300X

| Attribute | Value |
|---|---|
| Memory | 192 GB |
| Memory bandwidth | 5.3 TB/s |

## Software

ROCm 6 is needed; vLLM has wheels for it.
""",
    "guide.md": """# Guide

Decoding is bound by memory bandwidth.

## Power

Air cooling ends near 1,000 W per board.
""",
}


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return open_embedder(cache=CACHE)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    for name, text in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Chroma server that runs for the session."""
    yield from run_server(tmp_path_factory.mktemp("server"))


def run_server(folder: Path) -> Iterator[str]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder), "--port", str(port)]
    process = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(url), "the server")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
