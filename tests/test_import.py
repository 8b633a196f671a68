"""What is loaded when: nothing heavy before it is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CACHE, SMALL_CORPUS

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "gradio",
    "langchain",
    "langchain_core",
    "onnx",
    "onnxscript",
    "mcp",
}


def loaded_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["hwqa", "hwqa.cli", "hwqa.models", "hwqa.ui"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert not loaded_after(f"import {module}") & (HEAVY | {"chromadb", "onnxruntime", "pydantic"} - {"pydantic"})


def test_asking_without_a_model_needs_neither_torch_nor_langchain(small_index: Path) -> None:
    code = (
        "from hwqa import Assistant; from hwqa.config import Settings\n"
        f"settings = Settings.load(cache={str(CACHE)!r})\n"
        f"assistant = Assistant.open({str(SMALL_CORPUS)!r}, {str(small_index)!r}, settings=settings)\n"
        "assert '48 GB' in assistant.ask('How much memory does the X1 have?').text"
    )
    assert not loaded_after(code) & HEAVY
