"""What tests share: the cache of the exported encoder, a small corpus, and assistants over it and over the real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hwqa.assistant import Assistant
from hwqa.config import Settings

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "hwqa"
"""Kept between runs: the export of the encoder takes 20 s."""
SMALL_CORPUS = Path(__file__).parent / "corpus"

# Whether a commit passes must not depend on luck; `make fuzz` looks for new counterexamples.
settings.register_profile("same", derandomize=True)
settings.register_profile("fuzz", max_examples=2000)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _no_pulled_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No model that the user has pulled answers in a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the user's shell changes a test."""
    for name in os.environ:
        if name.startswith(("HWQA_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HWQA_CACHE", str(CACHE))
    # The folder is kept between runs: an answer of an earlier one must not come from it.
    monkeypatch.setenv("HWQA_ANSWER_CACHE", "false")


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the small corpus."""
    folder = tmp_path_factory.mktemp("small") / "index"
    Assistant.open(SMALL_CORPUS, folder, settings=Settings.load(cache=CACHE))
    return folder


@pytest.fixture(scope="session")
def assistant(small_index: Path) -> Assistant:
    """Answers from the small corpus without a chat model."""
    return Assistant.open(SMALL_CORPUS, small_index, settings=Settings.load(cache=CACHE))


@pytest.fixture(scope="session")
def corpus_index() -> Path:
    """The index of the project's own corpus; kept between runs and brought up to date by each."""
    folder = ROOT / ".cache" / "index"
    Assistant.open(ROOT / "corpus", folder, settings=Settings.load(cache=CACHE))
    return folder


@pytest.fixture(scope="session")
def corpus_assistant(corpus_index: Path) -> Assistant:
    """Answers from the project's own corpus without a chat model."""
    return Assistant.open(ROOT / "corpus", corpus_index, settings=Settings.load(cache=CACHE))


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hwqa(tmp_path: Path, small_index: Path) -> Run:
    """Runs the installed command in an empty folder that holds a copy of the small corpus and its index."""
    shutil.copytree(SMALL_CORPUS, tmp_path / "corpus")
    shutil.copytree(small_index, tmp_path / "index")
    command = Path(sys.executable).parent / "hwqa"

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *arguments],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "200", **environment},
            timeout=300,
            check=False,
        )

    return run
