"""What programs can ask the server of the chat: the commands of the command line, and their JSON as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr  # noqa: TID251 - these are endpoints of the Gradio app

from hwqa.errors import HwqaError
from hwqa.schema import search_json
from hwqa.sizing import requested
from hwqa.ui.limits import too_often

if TYPE_CHECKING:
    from hwqa.ui.service import Service


class Programs:
    """The endpoints; each gives text, because Gradio's clients take an object with a `path`, as citations are, for a
    file to download.
    """

    def __init__(self, service: Service) -> None:
        """Answer with what the service holds, and count questions as it does."""
        self._service = service

    def ask(
        self,
        question: str,
        history: list[dict[str, str]] | None = None,
        model: str = "",
        request: gr.Request | None = None,
    ) -> str:
        """Answer a question from the documents, with a citation for each statement, as JSON text.

        Args:
            question: The question in plain words.
            history: The conversation before it: a list of {"role": "user" or "assistant", "content": text}.
            model: The chat model as provider:name, or none; empty for the one that the server prefers.
            request: Who asks.
        """
        return self._told(request, lambda: self._service.chat.ask(question, history or [], model))

    def search(self, query: str, limit: int = 8, request: gr.Request | None = None) -> str:
        """Find the passages of the documents for a query, best first, as JSON text.

        Args:
            query: A question or a few words.
            limit: At most this many passages, up to 100.
            request: Who asks.
        """
        most = min(max(int(limit), 1), 100)
        return self._told(request, lambda: search_json(query, self._service.assistant.search(query, most)))

    def compare(self, products: list[str], request: gr.Request | None = None) -> str:
        """Put products side by side, like for like, with the source of each figure, as JSON text.

        Args:
            products: Names of two or more products.
            request: Who asks.
        """
        return self._told(request, lambda: self._service.assistant.compare(products).to_json())

    def select(self, constraints: str, request: gr.Request | None = None) -> str:
        """Choose products by constraints, with the reason for each that was dropped, as JSON text.

        Args:
            constraints: In words: "at least 48 GB, under 300 W, cheapest first".
            request: Who asks.
        """
        return self._told(request, lambda: self._service.assistant.select(constraints).to_json())

    def size(
        self,
        model: str = "",
        model_params: str = "",
        precision: str = "",
        kv_precision: str = "fp16",
        context: str = "8k",
        output: str = "",
        concurrency: int = 1,
        devices: list[str] | None = None,
        device_count: int = 0,
        speed: float = 0.0,
        limit: int = 5,
        request: gr.Request | None = None,
    ) -> str:
        """Reckon what memory a model needs, how many devices it takes and how fast they are at most, as JSON text.

        Args:
            model: A model that the documents describe; this or model_params.
            model_params: Number of parameters, as in 70B.
            precision: Format of the weights; as published, else fp16, where empty.
            kv_precision: Format of the KV cache.
            context: Tokens of a sequence: 8192 or 32k.
            output: Tokens of the answer among them; empty where prompts need not be counted.
            concurrency: Sequences at once.
            devices: Devices of the documents; those of which the fewest are needed where none is named.
            device_count: Number of devices; 0 for the fewest that hold the model.
            speed: Tokens a second that each user must see; 0 for any.
            limit: Devices to give where none is named.
            request: Who asks.
        """
        return self._told(
            request,
            lambda: self._service.assistant.sizer.size(
                requested(
                    model=model or None,
                    model_params=model_params or None,
                    precision=precision or None,
                    kv_precision=kv_precision,
                    context=str(context),
                    output=str(output) or None,
                    concurrency=concurrency,
                    devices=devices or (),
                    device_count=device_count or None,
                    speed=speed or None,
                    limit=limit,
                )
            ).to_json(),
        )

    def _told(self, request: gr.Request | None, act: Callable[[], dict[str, Any]]) -> str:
        if request is not None:
            host = request.client.host if request.client else ""
            client = self._service.client({}, host, request.username)
            if seconds := self._service.limit.wait(client.name):
                raise gr.Error(too_often(seconds), print_exception=False)
        try:
            with self._service.chat.line.passed():
                return json.dumps(act(), ensure_ascii=False)
        except HwqaError as error:
            raise gr.Error(" ".join(str(error).split()), print_exception=False) from error
