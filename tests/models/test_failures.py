"""Whatever fails about a chat model: one clear line, exit code 1, and still the composed answer with its citations."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from tests.chat_server import SCRIPTS, ChatServer, Messages
from tests.conftest import CACHE, SMALL_CORPUS, Run

from hwqa.assistant import Assistant
from hwqa.config import Settings

QUESTION = "How much memory does the X1 have?"
TRUE = "The Alpha X1 holds 48 GB [1]."


def asked(server_url: str, small_index: Path, model: str = "openai:test", timeout: float = 5) -> Assistant:
    settings = Settings.load(cache=CACHE, model=model, base_url=server_url, model_timeout=timeout)
    return Assistant.open(SMALL_CORPUS, small_index, settings=settings, sync=False)


def composed(assistant: Assistant) -> str:
    """Why the model did not write, after all else was found as it must be."""
    answer = assistant.ask(QUESTION)
    assert (answer.status, answer.model) == ("answered", "none")
    assert "48 GB" in answer.text
    assert answer.citations[0].lines == (22, 22)
    assert answer.warnings == (answer.failure,)
    assert answer.failure
    assert "\n" not in answer.failure
    return answer.failure


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("401", "refused the key"),
        ("404", "does not know it"),
        ("429", "too often"),
        ("quota", "no quota"),
        ("500", "failed on its side"),
        ("too long", "longer than its context"),
        ("hangs", "silent for too long"),
        ("dies", "broke off"),
        ("garbage", "cannot be read"),
        ("error frame", "out of memory"),
        ("blank", "wrote nothing"),
    ],
)
def test_a_server_that_fails(small_index: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-verysecret")
    with ChatServer(SCRIPTS[script]) as server:
        assert says in composed(asked(server.base_url, small_index, timeout=0.5))


def test_a_server_that_is_down(small_index: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        assert "cannot be reached" in composed(asked(url, small_index))


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("local:nobody", "not known"),
        ("local:missing.gguf", "no such file"),
        ("anthropic:test", "set ANTHROPIC_API_KEY"),
        ("nobody:test", "provider 'nobody' is not known"),
        ("local:large.gguf", "of memory and"),
        ("local:damaged.gguf", "cannot be loaded"),
    ],
)
def test_a_model_that_cannot_be_had(
    small_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF and no more")
    (tmp_path / "large.gguf").write_bytes(b"GGUF")
    os.truncate(tmp_path / "large.gguf", 2**42)
    assert says in composed(asked("", small_index, model))


def test_the_command_says_it_in_one_line_and_prints_the_composed_answer(hwqa: Run) -> None:
    with ChatServer(SCRIPTS["too long"]) as server:
        done = hwqa("ask", "--json", "--model", "openai:test", "--base-url", server.base_url, QUESTION)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "HWQA_PASSAGES" in done.stderr
    assert json.loads(done.stdout)["citations"][0]["lines"] == [22, 22]


# How a draft becomes an answer --------------------------------------------------------------------------------------


def test_a_refused_draft_is_asked_for_once_more_with_the_objections(small_index: Path) -> None:
    replies = iter(["The Alpha X1 has 64 GB of memory [1].", TRUE])
    with ChatServer(lambda messages: next(replies)) as server:
        answer = asked(server.base_url, small_index).ask(QUESTION)
    first, second = (str(request.messages[-1]["content"]) for request in server.requests)
    assert "refused" not in first
    assert "Your previous draft was refused:\n- '64 GB' is not in (1)" in second
    assert (answer.text, answer.model, answer.removed_sentences) == (TRUE, "openai:test", 1)


def test_a_draft_refused_twice_gives_way_to_the_composed_answer(small_index: Path) -> None:
    with ChatServer(lambda messages: "The Alpha X1 has 64 GB of memory [1].") as server:
        answer = asked(server.base_url, small_index).ask(QUESTION)
        assert len(server.requests) == 2
    assert (answer.model, answer.failure, answer.removed_sentences) == ("none", "", 2)
    assert "48 GB" in answer.text
    assert answer.citations


@pytest.mark.parametrize(
    "draft",
    [
        f"{TRUE} The Alpha X1 draws 300 W [{{tdp}}]. It is blue [9].",
        "The Alpha X1 holds 48 GB [ 1 ] [9][99].",
        "The Alpha X1 holds 48 GB【1†source】【9】. The Alpha X1 holds 48 GB [1, 9].",
        "The Alpha X1 holds 48 GB [1",
        "The Alpha X1 holds 48 GB [^1][^9]. [9]",
    ],
)
def test_nothing_half_or_unknown_is_ever_shown(small_index: Path, draft: str) -> None:
    def script(messages: Messages) -> str:
        return draft.replace("{tdp}", "2")

    with ChatServer(script) as server:
        updates = list(asked(server.base_url, small_index).stream(QUESTION))
    for update in updates:
        text = update.text
        numbers = {citation.number for citation in update.citations}
        for part in text.split("[")[1:]:
            number, closed, _ = part.partition("]")
            assert closed, text
            assert int(number) in numbers, text
        assert "【" not in text
        assert "†" not in text
        assert "[9" not in text
    assert updates[-1].answer is not None
    assert "48 GB" in updates[-1].text
