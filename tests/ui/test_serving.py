"""How the chat is started, and what programs can ask it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from tests.conftest import CACHE, ROOT, SMALL_CORPUS, Run

from hwqa.assistant import Assistant

COMMANDS = Path(sys.executable).parent


@contextlib.contextmanager
def started(folder: Path, index: Path, *command: str | Path) -> Iterator[str]:
    """The address at which a copy of `app.py` answers."""
    shutil.copy(ROOT / "app.py", folder)
    environment = {**os.environ, "HWQA_CACHE": str(CACHE), "HWQA_CORPUS": str(SMALL_CORPUS), "HWQA_INDEX": str(index)}
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "HWQA_PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield next(line.split()[3] for line in process.stdout if line.startswith("hwqa answers at "))
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # `gradio app.py` runs the app in a process of its own


@pytest.mark.parametrize("command", [["python", "app.py"], ["gradio", "app.py"]], ids=" ".join)
def test_app_py_serves_the_chat(tmp_path: Path, small_index: Path, command: list[str]) -> None:
    with started(tmp_path, small_index, COMMANDS / command[0], *command[1:]) as url:
        page = httpx.get(url).text
    assert "<title>" not in page or "hwqa" in page
    assert "--hw-ground" in page


def test_the_page_names_no_other_host_to_load_from(address: str) -> None:
    page = httpx.get(address).text
    loaded = re.findall(r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"']?(https?:)?//([^\"'>/]+)", page)
    assert loaded == []
    assert "fonts.g" not in page


def test_a_port_that_is_taken_is_one_line(hwqa: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = hwqa("serve", "--port", port)
    assert result.returncode == 1
    assert result.stdout == ""
    line = result.stderr.strip().split("\n")[-1]
    assert f"port {port}" in line
    assert "--port" in line


def test_importing_the_package_loads_no_gradio() -> None:
    code = "import sys, hwqa.ui, hwqa.ui.sources, hwqa.ui.chat; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


PROGRAM = """
import json, sys
from gradio_client import Client
from gradio_client.exceptions import AppError
client = Client(sys.argv[1], verbose=False)
for question in json.loads(sys.argv[2]):
    try:
        print(client.predict(**question, api_name="/ask"))
    except AppError as error:
        print(json.dumps({"error": str(error)}))
"""


def test_a_program_asks_over_http(address: str, assistant: Assistant) -> None:
    said = [{"role": "user", "content": "How much memory does the Alpha X2 have?"}]
    questions = [
        {"question": said[0]["content"]},
        {"question": "And its power?", "history": said},
        {"question": " "},
        {"question": "x", "model": "openai:secret"},
        {"question": "x", "history": [{"role": "nobody"}]},
    ]
    command = [sys.executable, "-c", PROGRAM, address, json.dumps(questions)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    expected = assistant.ask(said[0]["content"]).to_json()
    assert {**answers[0], "timings_ms": None} == {**expected, "timings_ms": None}
    assert "450 W" in answers[1]["answer"]
    assert "empty" in answers[2]["error"]
    assert "not offered" in answers[3]["error"]
    assert "each item" in answers[4]["error"]


QUESTIONS = ("How much memory does the Alpha X{} have?", "And its power?", "And its bandwidth?")
FIGURES = {1: ("48 GB", "300 W", "864 GB/s"), 2: ("96 GB", "450 W", "2.4 TB/s")}
"""Of each product, what answers the questions."""


def test_twenty_readers_over_http_are_not_mixed_up(address: str) -> None:
    """Twenty browsers speak the page's own protocol at once; each sees its own questions, answers and sources."""
    config = httpx.get(f"{address}config").json()
    names = {item.get("api_name"): item["id"] for item in config["dependencies"]}

    def reader(number: int) -> tuple[str, str]:
        with httpx.Client(base_url=address, timeout=60) as client:
            client.get("/")  # gives the browser its name
            session = f"reader{number}"
            for step, question in enumerate(QUESTIONS):
                asked = ("" if step else f"Reader {number}: ") + question.format(1 + number % 2)
                begun = client.post(
                    "gradio_api/run/predict",
                    json={"data": [asked, "none"], "fn_index": names["begun"], "session_hash": session},
                )
                assert asked in begun.text
                joined = client.post(
                    "gradio_api/queue/join",
                    json={"data": ["none"], "fn_index": names["answered"], "session_hash": session},
                )
                joined.raise_for_status()
                with client.stream("GET", f"gradio_api/queue/data?session_hash={session}") as events:
                    assert "process_completed" in "".join(events.iter_text())
            (kept,) = client.get("chat/conversations").json()["conversations"]
            return kept["title"], client.get(f"chat/conversations/{kept['id']}/export").text

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(reader, range(20)))
    for number, (title, text) in enumerate(results):
        assert title.startswith(f"Reader {number}:")
        assert all(figure in text for figure in FIGURES[1 + number % 2]), text
        assert not any(figure in text for figure in FIGURES[2 - number % 2])
        assert text.count("\n## ") == len(QUESTIONS)
