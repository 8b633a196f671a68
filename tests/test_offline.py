"""With default settings nothing reaches beyond this machine: what a process connects to or looks up is noted."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import CACHE, SMALL_CORPUS

GUARD = """
import ipaddress, os, socket, sys

def note(what):
    with open(os.environ["NOTES"], "a") as file:
        file.write(what + "\\n")

def is_here(host):
    if host in (None, "", b"", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False

def audit(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_here(address[0]):
            note(f"{event} {address}")
            raise OSError("no network in this test")
    elif event == "socket.getaddrinfo" and not is_here(arguments[0]):
        note(f"{event} {arguments[0]}")
        raise OSError("no network in this test")

sys.addaudithook(audit)
from hwqa.cli import main
main()
"""
"""Audit events come from the interpreter itself, so no library can go round them."""


class Place:
    """An empty folder with the small corpus, in which commands run under guard."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SMALL_CORPUS, folder / "corpus")
        self.folder = folder
        self.notes = folder / "notes"
        self.environment = {**os.environ, "HWQA_CACHE": str(CACHE), "NOTES": str(self.notes)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", GUARD, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_indexing_and_asking_stay_here(place: Place) -> None:
    process = place.start("ask", "How much memory does the X1 have?")
    output, errors = process.communicate(timeout=300)
    assert "48 GB" in output, errors
    assert not place.notes.exists(), place.notes.read_text()


def test_serving_stays_here(place: Place) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = place.start("serve", "--port", str(port))
    try:
        deadline = time.monotonic() + 240
        page = ""
        while not page and time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
                    page = response.read().decode()
            except OSError:
                time.sleep(0.5)
        assert "hwqa" in page
        time.sleep(2)  # what a library sends in the background after the start
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert not place.notes.exists(), place.notes.read_text()


def test_the_guard_notices_a_look_up(place: Place) -> None:
    code = GUARD.replace("main()\n", "import urllib.request\nurllib.request.urlopen('http://example.org')\n")
    done = subprocess.run([sys.executable, "-c", code], env=place.environment, capture_output=True, check=False)
    assert done.returncode != 0
    assert "example.org" in place.notes.read_text()
