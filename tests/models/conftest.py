import os

import pytest


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    """No key, server or tracing of the machine reaches a test; the models folder is empty."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "ANTHROPIC_", "OLLAMA_", "LANGCHAIN_", "LANGSMITH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
