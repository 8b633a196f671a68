"""`--model auto`: what answers when the user named no model."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.conftest import Run

from hwqa import automatic
from hwqa.automatic import choose, resolve
from hwqa.catalogue import catalogue
from hwqa.config import Settings
from hwqa.gguf import list_gguf

QUESTION = "How much memory does the X1 have?"


def sparse(path: Path, size: int) -> Path:
    """A file of that size that takes no space."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF")
    os.truncate(path, size)
    return path


@pytest.fixture(autouse=True)
def _runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automatic, "find_spec", lambda name: object())


def test_without_a_pulled_model_none_answers(tmp_path: Path) -> None:
    choice = choose(tmp_path / "missing", free=10**12)
    assert choice.model == "none"
    assert "no chat model" in choice.says


def test_the_largest_pulled_model_that_fits_into_memory_answers(tmp_path: Path) -> None:
    for name in ("qwen2.5-0.5b", "qwen2.5-1.5b", "qwen3-8b"):
        sparse(tmp_path / f"{name}.gguf", catalogue()[name].size)
    assert choose(tmp_path, None).model == "local:qwen3-8b"
    assert choose(tmp_path, 6_600_000_000).model == "local:qwen3-8b"
    assert choose(tmp_path, 6_599_999_999).model == "local:qwen2.5-1.5b"
    assert choose(tmp_path, 10**9).model == "local:qwen2.5-0.5b"
    small = choose(tmp_path, 10**8)
    assert small.model == "none"
    assert "needs 0.9 GB of memory and 0.1 GB are free" in small.says


def test_a_file_of_ones_own_is_judged_by_its_size(tmp_path: Path) -> None:
    sparse(tmp_path / "mine.gguf", 4_000_000_000)
    assert choose(tmp_path, 5_700_000_000).model == "local:mine"
    assert choose(tmp_path, 5_500_000_000).model == "none"


def test_an_unfinished_download_is_no_model(tmp_path: Path) -> None:
    sparse(tmp_path / "qwen2.5-0.5b.gguf.part", 1000)
    assert choose(tmp_path, None).model == "none"


def test_a_missing_runtime_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automatic, "find_spec", lambda name: None)
    sparse(tmp_path / "mine.gguf", 1000)
    assert "pip install 'hwqa[local]'" in choose(tmp_path, None).says


def test_the_package_with_the_small_model_and_keys_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-0123456789")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    settings, choice = resolve(Settings.load())
    assert list_gguf(tmp_path) == ("smollm2",)
    assert settings.model == "none"
    assert choice is not None


@pytest.mark.parametrize("model", ["none", "ollama:qwen3", "local:smollm2"])
def test_what_the_user_named_is_taken(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setenv("HWQA_MODEL", model)
    settings, choice = resolve(Settings.load())
    assert (settings.model, choice) == (model, None)


def test_the_command_says_in_one_line_what_answers(hwqa: Run) -> None:
    done = hwqa("ask", QUESTION)
    assert done.returncode == 0
    assert done.stderr.startswith("hwqa: no chat model")
    assert done.stderr.count("\n") == 1
    assert hwqa("ask", "--model", "none", QUESTION).stderr == ""
    assert "no chat model" in hwqa("doctor").stdout


def test_a_pulled_model_answers_and_its_failure_is_one_line_with_the_composed_answer(hwqa: Run, tmp_path: Path) -> None:
    sparse(tmp_path / "data" / "hwqa" / "models" / "mine.gguf", 1000)
    done = hwqa("ask", "--json", QUESTION, XDG_DATA_HOME=str(tmp_path / "data"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "mine.gguf cannot be loaded" in done.stderr
    assert "48 GB" in json.loads(done.stdout)["answer"]


def test_doctor_says_which_pulled_model_answers(hwqa: Run, tmp_path: Path) -> None:
    sparse(tmp_path / "data" / "hwqa" / "models" / "mine.gguf", 1000)
    done = hwqa("doctor", XDG_DATA_HOME=str(tmp_path / "data"))
    assert "chat model: local:mine writes the answer" in done.stdout
