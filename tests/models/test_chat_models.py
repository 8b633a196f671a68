"""Chat models through their real clients against a real server on loopback."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from chat_server import SCRIPTS, ChatServer, Slow, error
from hwqa.errors import ModelError
from hwqa.models import describe, find_models, open_chat_model
from hwqa.schema import Usage
from hwqa.streaming import Meter, stream_text

QUESTION = [SystemMessage("Answer from the evidence."), HumanMessage("How much memory?")]
PROVIDERS = ("openai", "anthropic", "ollama")
KEY = "sk-verysecret-0123456789"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def open_at(server, provider="openai", **options):
    base_url = server.base_url if provider == "openai" else server.host
    return open_chat_model(f"{provider}:test", base_url=base_url, **options)


def failure(server, provider="openai", **options) -> ModelError:
    with pytest.raises(ModelError) as caught:
        list(stream_text(open_at(server, provider, **options), QUESTION))
    assert "\n" not in str(caught.value)
    assert "test" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("provider", PROVIDERS)
def test_text_streams_token_by_token_and_whole(provider):
    text = "The H200 SXM has 141 GB of HBM3e [1]. Its bandwidth is 4.8 TB/s [2]."
    with ChatServer(lambda messages: text) as server:
        deltas = list(stream_text(open_at(server, provider), QUESTION))
    assert "".join(deltas) == text
    assert len(deltas) > 10
    assert [(message["role"], message["content"]) for message in server.requests[0].messages] == [
        ("system", "Answer from the evidence."),
        ("user", "How much memory?"),
    ]
    body = server.requests[0].body
    assert body.get("options", body)["temperature"] == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_tokens_are_those_that_the_provider_counts(provider):
    meter = Meter()
    with ChatServer(lambda messages: "141 GB [1].") as server:
        for _ in range(2):
            list(stream_text(open_at(server, provider), QUESTION, meter))
    assert meter.usage == Usage(20, 10)


def test_tokens_that_nobody_counts_are_taken_at_four_characters():
    meter = Meter()
    model = GenericFakeChatModel(messages=iter([AIMessage("<think>four</think>141 GB [1].")]))
    list(stream_text(model, QUESTION, meter))
    # 25 + 16 characters read; what was thought was written, too
    assert meter.usage == Usage(11, 8, estimated=True)


def test_an_answer_that_is_left_costs_what_was_written_of_it():
    meter = Meter()
    with ChatServer(lambda messages: Slow("141 GB [1]. " * 9, 0.01)) as server:
        deltas = stream_text(open_at(server), QUESTION, meter)
        next(deltas)
        deltas.close()
    assert meter.usage is not None
    assert meter.usage.estimated
    assert (meter.usage.prompt_tokens, meter.usage.completion_tokens) == (11, 1)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_whole_answers_come_as_well(provider):
    with ChatServer(lambda messages: "141 GB [1].") as server:
        assert open_at(server, provider).invoke(QUESTION).text == "141 GB [1]."


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("script", "cause", "remedy"),
    [
        ("empty", "wrote nothing", "ask again"),
        ("blank", "wrote nothing", "ask again"),
        ("dies", "broke off", "ask again"),
        ("cut", "broke off", "ask again"),
        ("hangs", "silent", "HWQA_MODEL_TIMEOUT"),
        ("garbage", "cannot be read", "protocol"),
        ("shape", "cannot be read", "protocol"),
        ("error frame", "out of memory", "another model"),
        ("html page", "cannot be read", "protocol"),
        ("401", "key", "_API_KEY"),
        ("403", "403", "rights"),
        ("404", "does not", ""),
        ("429", "too often", "wait"),
        ("quota", "quota", "account"),
        ("500", "500", "later"),
        ("529", "529", "later"),
        ("too long", "longer than its context", "HWQA_PASSAGES"),
    ],
)
def test_each_failure_is_one_line_with_cause_and_remedy(provider, script, cause, remedy):
    with ChatServer(SCRIPTS[script]) as server:
        started = time.monotonic()
        raised = failure(server, provider, timeout=0.5)
        assert time.monotonic() - started < 5
        assert len(server.requests) <= 2
        if "nothing" not in cause:
            assert server.host in str(raised)
    assert cause in str(raised)
    assert remedy in str(raised)
    assert f"{provider}:test" in str(raised)
    assert "sk-" not in str(raised)
    if script not in ("empty", "blank", "cut"):
        assert raised.__cause__ is not None


def test_text_before_a_failure_still_arrives():
    with ChatServer(SCRIPTS["dies"]) as server:
        deltas = stream_text(open_at(server), QUESTION)
        received = []
        with pytest.raises(ModelError):
            for delta in deltas:
                received.append(delta)  # noqa: PERF402 - the list must hold what came before the error
    assert "".join(received) == "The device has 1"


def test_a_missing_model_of_ollama_is_to_be_pulled():
    with ChatServer(lambda messages: error(404)) as server:
        assert "`ollama pull test`" in str(failure(server, "ollama"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_server_down(provider):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ModelError, match=r"cannot be reached; .*(ollama serve|runs)"):
            list(stream_text(open_chat_model(f"{provider}:test", base_url=url), QUESTION))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_server_that_accepts_and_says_nothing_times_out(provider):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ModelError, match="silent"):
            list(stream_text(open_chat_model(f"{provider}:test", base_url=url, timeout=0.4), QUESTION))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_closing_the_iterator_disconnects(provider):
    with ChatServer(lambda messages: Slow("word " * 2000, 0.01)) as server:
        deltas = stream_text(open_at(server, provider), QUESTION)
        next(deltas)
        deltas.close()
        assert server.requests[0].disconnected.wait(3)
        assert not server.requests[0].finished.is_set()


def test_the_iterator_may_be_closed_in_another_thread():
    with ChatServer(lambda messages: Slow("word " * 2000, 0.01)) as server:
        deltas = stream_text(open_at(server), QUESTION)
        next(deltas)
        closer = threading.Thread(target=deltas.close)
        closer.start()
        closer.join()
        assert server.requests[0].disconnected.wait(3)


def test_a_busy_server_is_asked_once_more():
    replies = iter([error(503), "141 GB [1]."])
    with ChatServer(lambda messages: next(replies)) as server:
        assert "".join(stream_text(open_at(server), QUESTION)) == "141 GB [1]."
    assert len(server.requests) == 2


def test_a_model_that_does_not_stop_is_cut():
    with ChatServer(lambda messages: "word " * 20_000) as server:
        assert 20_000 <= len("".join(stream_text(open_at(server), QUESTION))) < 20_100


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<think>It has 99 GB.</think>\n\n141 GB [1].", "141 GB [1]."),
        ("\n<think>a</think>b</think>", "b</think>"),
        ("<thinner> is 3 mm", "<thinner> is 3 mm"),
        ("<", "<"),
        ("a <think>b</think>", "a <think>b</think>"),
    ],
)
def test_thoughts_before_the_answer_are_left_out(written, read):
    with ChatServer(lambda messages: written) as server:
        assert "".join(stream_text(open_at(server), QUESTION)) == read


def test_thoughts_alone_are_no_answer():
    with ChatServer(lambda messages: "<think>What now?") as server:
        assert "wrote nothing" in str(failure(server))


def test_ollama_is_asked_to_read_the_whole_prompt():
    with ChatServer(lambda messages: "ok") as server:
        list(stream_text(open_at(server, "ollama"), QUESTION))
    assert server.requests[0].body["options"]["num_ctx"] >= 8192


TRACED = """
import sys, time
from hwqa.models import open_chat_model
from hwqa.streaming import stream_text
print("".join(stream_text(open_chat_model("openai:test", base_url=sys.argv[1]), [("human", "How much memory?")])))
time.sleep(1.5)  # LangSmith sends in the background, several times a second
"""


@pytest.mark.parametrize("variable", ["LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING"])
def test_tracing_sends_nothing(variable):
    """In a process of its own: LangSmith reads its variables once."""
    with ChatServer(lambda messages: "ok") as server, ChatServer(lambda messages: "") as tracer:
        tracing = {variable: "true", "LANGSMITH_ENDPOINT": tracer.host, "LANGSMITH_API_KEY": "lsv2_test"}
        command = [sys.executable, "-c", TRACED, server.base_url]
        done = subprocess.run(command, env={**os.environ, **tracing}, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("ok\n", "")
        assert tracer.touched == 0


def test_the_gateway_of_langsmith_is_not_taken(monkeypatch):
    with ChatServer(lambda messages: "ok") as server, ChatServer(lambda messages: "detour") as gateway:
        monkeypatch.setenv("LANGSMITH_GATEWAY", gateway.host)
        monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "lsv2_test")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.host)
        for spec in ("openai:test", "anthropic:test"):
            assert "".join(stream_text(open_chat_model(spec), QUESTION)) == "ok"
        assert gateway.touched == 0
    assert "lsv2_test" not in str([request.headers for request in server.requests])


def test_a_server_without_keys_gets_a_placeholder_and_one_with_keys_the_key(monkeypatch):
    with ChatServer(lambda messages: "ok") as server:
        list(stream_text(open_at(server), QUESTION))
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        list(stream_text(open_at(server), QUESTION))
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent[1] == f"Bearer {KEY}"
    assert sent[0] != sent[1]


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "form provider:name"),
        ("gpt", "form provider:name"),
        ("openai:", "form provider:name"),
        (":x", "form provider:name"),
        ("none", "form provider:name"),
        ("nobody:x", "'nobody' is not known; take one of openai, anthropic, ollama, local"),
        ("openai:x", "set OPENAI_API_KEY"),
        ("local:missing", "not known; take one of smollm2"),
        ("local:/missing/model.gguf", "no such file"),
    ],
)
def test_a_spec_that_cannot_be_used_says_why(spec, says):
    with pytest.raises(ModelError) as caught:
        open_chat_model(spec)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["nonsense", "ftp://host/", "http://", "http://host:port/v1", "http://host:99999"])
def test_a_base_url_that_is_none_is_named(base_url):
    with pytest.raises(ModelError, match="--base-url"):
        open_chat_model("openai:x", base_url=base_url)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama", "local"])
def test_a_missing_package_names_the_extra(monkeypatch, provider):
    monkeypatch.setattr("hwqa.models.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=rf"pip install 'hwqa\[{provider}\]'"):
        open_chat_model(f"{provider}:x")


def test_a_missing_key_of_anthropic_is_named(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(ModelError, match="set ANTHROPIC_API_KEY"):
        open_chat_model("anthropic:x")


def test_any_langchain_model_streams():
    assert "".join(stream_text(GenericFakeChatModel(messages=iter([AIMessage("one two")])), QUESTION)) == "one two"
    assert "".join(stream_text(FakeListChatModel(responses=["one two"]), QUESTION)) == "one two"


@pytest.mark.parametrize(
    ("spec", "base_url", "host", "text"),
    [
        ("none", None, "", "Nothing leaves this machine."),
        ("local:smollm2", None, "", "Nothing leaves this machine."),
        ("openai:x", None, "", "go to api.openai.com."),
        ("openai:x", "https://llm.example.com/v1", "", "go to llm.example.com."),
        ("openai:x", "http://localhost:8000/v1", "", "on this machine"),
        ("anthropic:x", None, "", "go to api.anthropic.com."),
        ("ollama:x", None, "", "on this machine"),
        ("ollama:x", None, "gpu-box:11434", "go to gpu-box."),
        ("ollama:x", None, ":9000", "on this machine"),
        ("ollama:big:120b-cloud", None, "", "go to ollama.com."),
        ("openai:x", "http://127.0.0.1.example.com/v1", "", "go to 127.0.0.1.example.com."),
    ],
)
def test_the_reader_is_told_what_leaves_the_machine(monkeypatch, spec, base_url, host, text):
    if host:
        monkeypatch.setenv("OLLAMA_HOST", host)
    assert text in describe(spec, base_url)


def test_models_are_found_quickly_and_without_their_keys(monkeypatch, tmp_path):
    folder = tmp_path / "data" / "hwqa" / "models"
    folder.mkdir(parents=True)
    (folder / "my-model.gguf").write_bytes(b"GGUF")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ChatServer(lambda messages: "ok", models=("qwen3:8b", "llama3")) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        started = time.monotonic()
        found = find_models()
        assert time.monotonic() - started < 5  # 0.2 s for each server and what a busy machine adds; else for ever
    assert [(model.spec, model.is_named) for model in found] == [
        ("openai:NAME", False),
        ("anthropic:NAME", False),
        ("ollama:qwen3:8b", True),
        ("ollama:llama3", True),
        ("local:smollm2", True),
        ("local:my-model", True),
    ]
    assert KEY not in str(found)


def test_a_server_that_hangs_does_not_hold_up_the_search(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
        started = time.monotonic()
        find_models()
        assert time.monotonic() - started < 0.5


def test_an_openai_compatible_server_here_lists_its_models():
    with ChatServer(lambda messages: "ok", models=("a", "b")) as server:
        assert {"openai:a", "openai:b"} < {model.spec for model in find_models(server.base_url)}
