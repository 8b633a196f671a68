"""A chat model from a GGUF file, run in this process by xllamacpp (llama.cpp): nothing leaves the machine."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from hwqa.cores import usable_cores
from hwqa.errors import ModelError
from hwqa.gguf import check_file

if TYPE_CHECKING:
    from langchain_core.callbacks import CallbackManagerForLLMRun

MOST_CONTEXT = 8192
"""Tokens of context at most: what a model offers beyond it costs memory that the prompts never use."""


class LocalChatModel(BaseChatModel):
    """A GGUF file answers in this process; it is loaded at the first question and stays loaded.

    Closing the stream stops the model at its next token. A model reads a prompt without stopping, so a question that
    is closed while its prompt is read holds the model until the prompt is read.

    >>> model = LocalChatModel(path=Path("model.gguf"))  # doctest: +SKIP
    >>> for chunk in model.stream("Say hello."):  # doctest: +SKIP
    ...     print(chunk.text, end="")
    """

    path: Path
    sha256: str = ""
    """Expected hash of the file; empty when none is known."""
    temperature: float = 0.0
    timeout: float = 120.0
    """Seconds that the model may be silent."""
    context: int = Field(default=MOST_CONTEXT, gt=0)
    """Tokens of prompt and answer; a model trained for fewer takes its own."""
    max_tokens: int = Field(default=768, gt=0)
    """Longest answer, in tokens."""

    @property
    def model_name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def _llm_type(self) -> str:
        return "hwqa-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": str(self.path), "temperature": self.temperature}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain gives the signature
        **kwargs: Any,  # noqa: ARG002 - likewise
    ) -> ChatResult:
        text = "".join(chunk.text for chunk in self._stream(messages, stop))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ARG002 - LangChain gives the signature
    ) -> Iterator[ChatGenerationChunk]:
        server = load(self.path, self.context, self.sha256)
        request = {
            "messages": [{"role": _role(message), "content": str(message.text)} for message in messages],
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "stream": True,
            "stop": stop or [],
            # Reasoning models would spend the whole answer on thoughts that nobody reads.
            "chat_template_kwargs": {"enable_thinking": False},
        }
        for event in _events(server.handle_chat_completions, request, self.timeout, self.model_name):
            for choice in event.get("choices", ()):
                delta = choice.get("delta", {}).get("content") or ""
                finish = choice.get("finish_reason")
                if delta or finish:
                    chunk = ChatGenerationChunk(
                        message=AIMessageChunk(content=delta),
                        generation_info={"finish_reason": finish} if finish else None,
                    )
                    if run_manager:
                        run_manager.on_llm_new_token(delta, chunk=chunk)
                    yield chunk


_LOADING = threading.Lock()


def load(path: Path, context: int, sha256: str = "") -> Any:
    """The xllamacpp server that runs the file; the last one loaded is kept, so a second call returns at once.

    Raises:
        ModelError: The file is missing, is no GGUF file, is not the one expected, needs more memory than is free, or
            xllamacpp is missing or cannot load it.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise ModelError(f"model file {path} cannot be read: {error.strerror}; give the path of a GGUF file") from error
    with _LOADING:
        return _loaded(path, context, sha256, changed)


@lru_cache(maxsize=1)
def _loaded(path: Path, context: int, sha256: str, changed: int) -> Any:  # noqa: ARG001 - a changed file is another key
    check_file(path, sha256)
    try:
        import xllamacpp  # type: ignore[import-untyped]  # noqa: PLC0415 - a native library of 100 MB, loaded for local models only
    except ImportError as error:
        raise ModelError(
            f"model {path.stem} needs xllamacpp, which is not installed: pip install 'hwqa[local]'"
        ) from error
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {path.stem}
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads()
    parameters.verbosity = -1
    parameters.cache_ram_mib = 256
    # The library opens a port beside the calls that are used here: on loopback, behind a key that nobody has.
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [secrets.token_urlsafe(32)]
    parameters.ui = parameters.endpoint_slots = False
    try:
        return xllamacpp.Server(parameters)
    except (RuntimeError, MemoryError) as error:
        raise ModelError(
            f"model file {path} cannot be loaded: it is damaged, of a kind that xllamacpp does not know, or needs more "
            "memory than is free; fetch it again or take a smaller model"
        ) from error


def threads() -> int:
    """How many threads compute: one fewer than the processors this process may use.

    The threads wait for each other at every layer, so one that shares its processor holds up all: on two busy
    processors, SmolLM2-135M wrote 45 tokens a second with one thread and 4 with two.
    """
    return max(1, usable_cores() - 1)


def _events(
    complete: Callable[[dict[str, Any], Callable[[dict[str, Any]], bool]], object],
    request: dict[str, Any],
    timeout: float,
    name: str,
) -> Iterator[dict[str, Any]]:
    """The events of a completion as they come; closing the iterator stops it at the next one.

    `complete` blocks until the answer is whole, so it runs in a thread of its own. That is no daemon: a process that
    ends while the library works would tear it down under its feet.
    """
    events: queue.SimpleQueue[dict[str, Any] | Exception | None] = queue.SimpleQueue()
    closed = threading.Event()

    def receive(event: dict[str, Any]) -> bool:
        events.put(event)
        return closed.is_set()

    def run() -> None:
        try:
            complete(request, receive)
        except (RuntimeError, ValueError, TypeError, MemoryError) as error:
            events.put(error)
        events.put(None)

    threading.Thread(target=run, name="hwqa-local-model").start()
    try:
        while True:
            try:
                event = events.get(timeout=timeout)
            except queue.Empty as error:
                raise ModelError(
                    f"model local:{name} was silent for {timeout:g} s; take a smaller model or raise HWQA_MODEL_TIMEOUT"
                ) from error
            if event is None:
                return
            if isinstance(event, Exception):
                raise ModelError(f"model local:{name} failed: {_first_line(event)}; take another model") from event
            if "error" in event or "code" in event:
                raise ModelError(_refusal(name, event.get("error", event)))
            yield event
    finally:
        closed.set()


def _refusal(name: str, error: dict[str, Any]) -> str:
    if error.get("type") == "exceed_context_size_error":
        return (
            f"model local:{name} reads {error.get('n_ctx')} tokens and question and evidence have "
            f"{error.get('n_prompt_tokens')}; ask for fewer passages (HWQA_PASSAGES) or take a model with more context"
        )
    return f"model local:{name} refused the question: {_first_line(error.get('message', 'no reason given'))}"


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0][:200]


def _role(message: BaseMessage) -> str:
    return {"human": "user", "ai": "assistant"}.get(message.type, message.type)
