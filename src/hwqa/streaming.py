"""The text of a chat model as it streams in, its tokens counted; each failure becomes one clear line."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from hwqa.errors import ModelError
from hwqa.model_failures import explain, failures
from hwqa.models import asked_of, label, provider_of
from hwqa.schema import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

MOST_CHARACTERS = 20_000
"""Longest text that is read of a model: one that does not stop is cut here."""
RETRY_PAUSE = 0.5
"""Seconds before the one retry of a request that a busy server turned away."""


_BUSY = frozenset({429, 502, 503, 529})
_ENDINGS = frozenset({"finish_reason", "stop_reason", "done_reason", "status"})
"""What the last chunk of a whole answer carries, by provider."""
_CHARACTERS = 4
"""Characters of a token, about, in English: https://platform.openai.com/tokenizer."""
_THINK, _THINK_END = "<think>", "</think>"


class Meter:
    """Counts the tokens of a model's answers."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        """Of all answers so far; None before the first."""

    def add(self, prompt_tokens: int, completion_tokens: int, *, estimated: bool) -> None:
        """One more answer took these."""
        before = self.usage or Usage(0, 0)
        self.usage = Usage(
            before.prompt_tokens + prompt_tokens,
            before.completion_tokens + completion_tokens,
            before.estimated or estimated,
        )


def stream_text(model: BaseChatModel, messages: Sequence[BaseMessage], meter: Meter | None = None) -> Iterator[str]:
    """The text of the model's answer as it comes, without the thoughts that some models put before it.

    Closing the iterator closes the connection. A busy server is asked once more, after `RETRY_PAUSE`, as long as
    nothing has come. LangChain's tracing is off: nothing goes anywhere but to the model.

    Args:
        model: Is asked.
        messages: What it reads.
        meter: Is told the tokens: as the provider counts them, or at four characters a token where it does not.

    Raises:
        ModelError: The model failed, fell silent, stopped before its end or wrote nothing.
    """
    deltas = _without_thoughts(_deltas(model, messages, meter))
    characters = 0
    try:
        for delta in deltas:
            # An answer of white space alone is none.
            text = delta if characters else delta.lstrip()
            if not text:
                continue
            yield text
            characters += len(text)
            if characters > MOST_CHARACTERS:
                return
    finally:
        deltas.close()
    if not characters:
        raise ModelError(f"model {label(model)} wrote nothing; ask again or take another model")


def _deltas(model: BaseChatModel, messages: Sequence[BaseMessage], meter: Meter | None) -> Generator[str]:
    """The text of the chunks as they come; a busy server is asked once more."""
    asked = asked_of(model)
    characters = read = wrote = 0
    for attempt in (1, 2):
        chunks = cast("Generator[AIMessageChunk]", model.stream(list(messages)))
        ended = started = False
        try:
            while True:
                try:
                    # LangChain settles whether it traces when the first chunk is asked for.
                    chunk = next(chunks, None) if started else _untraced(chunks)
                except failures() as error:
                    if attempt == 1 and not started and getattr(error, "status_code", None) in _BUSY:
                        time.sleep(RETRY_PAUSE)
                        break
                    raise ModelError(explain(error, asked)) from error
                if chunk is None:
                    if started and not ended and provider_of(model) is not None:
                        raise ModelError(
                            f"model {asked.model}{asked.place} broke off before the end of its answer; ask again"
                        )
                    return
                started = True
                ended = ended or not _ENDINGS.isdisjoint(chunk.response_metadata)
                if chunk.usage_metadata:
                    read += chunk.usage_metadata["input_tokens"]
                    wrote += chunk.usage_metadata["output_tokens"]
                if text := str(chunk.text):
                    characters += len(text)
                    yield text
        finally:
            chunks.close()
            if meter is not None and started:
                given = sum(len(str(message.text)) for message in messages)
                meter.add(
                    read or -(-given // _CHARACTERS),
                    wrote or -(-characters // _CHARACTERS),
                    estimated=not (read and wrote),
                )


def _untraced(chunks: Iterator[AIMessageChunk]) -> AIMessageChunk | None:
    from langsmith.run_helpers import tracing_context  # noqa: PLC0415 - LangChain is loaded for chat models only

    for variable in ("LANGCHAIN_TRACING", "LANGCHAIN_HANDLER"):
        # They ask for a tracer that LangChain no longer has; it refuses every call while one is set and tracing is off.
        os.environ.pop(variable, None)
    with tracing_context(enabled=False):
        return next(chunks, None)


def _without_thoughts(deltas: Generator[str]) -> Generator[str]:
    """The deltas without a `<think>…</think>` at the start, which servers leave in that do not know the model."""
    held = ""
    thinking: bool | None = None
    for delta in deltas:
        if thinking is False:
            yield delta
            continue
        held += delta
        if thinking is None:
            start = held.lstrip()
            if _THINK.startswith(start[: len(_THINK)]) and len(start) < len(_THINK):
                continue
            thinking = start.startswith(_THINK)
        if thinking:
            _, end, after = held.partition(_THINK_END)
            if not end:
                continue
            thinking = False
            held = after.lstrip()
        if held:
            yield held
            held = ""
    if held and not thinking:
        yield held
