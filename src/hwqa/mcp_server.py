"""hwqa as tools of the Model Context Protocol (MCP), for assistants that call tools, over stdio or HTTP.

Loaded by the command that serves it: the `mcp` package is an extra.
"""

from __future__ import annotations

import inspect
import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import uvicorn
from mcp.server.mcpserver import MCPServer  # noqa: TID251 - this module serves the tools
from mcp.server.transport_security import TransportSecuritySettings  # noqa: TID251 - likewise
from mcp.types import CallToolResult, TextContent, ToolAnnotations  # noqa: TID251 - likewise
from pydantic import Field

from hwqa import __version__
from hwqa.errors import HwqaError, ServeError
from hwqa.schema import Message, search_json
from hwqa.sizing import requested
from hwqa.texts import answer_text, calculation_text, comparison_text, passage_text, shown_citations, sources_text

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from hwqa.assistant import Assistant

HOST = "127.0.0.1"
"""The only address that HTTP is served at: the tools know no users, so they are for programs of this machine."""

_LOOPBACK = (HOST, "localhost", "[::1]")

_INSTRUCTIONS = (
    "These tools answer questions about hardware for neural-network inference from a fixed set of Markdown documents. "
    "Every figure in a result has a mark such as [1], and the citation of that number gives the file, the line and the "
    "verbatim quote. Pass marks on, and do not add figures that no result contains. Use `compare`, `select` and `size` "
    "where the task is one of these, `ask` for any other question, and `search` to read the documents themselves. "
    "What the documents do not say is said so; it is not a failure of the tool."
)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
"""A hint to the caller: nothing is changed, and nothing but the documents is read."""


def build_server(
    open_assistant: Callable[[], Assistant], around: Callable[[], AbstractContextManager[object]] = nullcontext
) -> MCPServer:
    """A server with the tools `ask`, `search`, `compare`, `select` and `size`, not yet running.

    Args:
        open_assistant: Gives the assistant; called once, when the first tool is. When it fails, the tool does, and
            the next call tries again.
        around: What each call runs within, such as a line in which it waits for its turn.
    """
    server = MCPServer(
        "hwqa",
        title="Inference hardware, answered with sources",
        instructions=_INSTRUCTIONS,
        version=__version__,
        # what a tool was asked wrongly is told to its caller, and not to the terminal
        log_level="WARNING",
    )
    tools = _Tools(Opening(open_assistant), around)
    titled: dict[Callable[..., CallToolResult], str] = {
        tools.ask: "Answer a question",
        tools.search: "Search the documents",
        tools.compare: "Compare products",
        tools.select: "Choose products",
        tools.size: "Size a model on devices",
    }
    for tool, title in titled.items():
        server.add_tool(tool, title=title, description=inspect.getdoc(tool), annotations=_READS)
    return server


def serve_stdio(server: MCPServer) -> None:
    """Serve a client over stdin and stdout until it closes them."""
    server.run("stdio")


def serve_http(server: MCPServer, port: int) -> None:
    """Serve clients of this machine over streamable HTTP until the process is interrupted.

    Args:
        server: As `build_server` made it.
        port: The port to listen on; 0 takes a free one.

    Raises:
        ServeError: The port cannot be used.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise ServeError(
            f"port {port} of {HOST} cannot be used: stop what uses it, or choose another with --port"
        ) from error
    app = http_app(server, [])
    with listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/mcp"
        print(f"hwqa answers MCP at {address} (Ctrl+C stops it)", flush=True)  # noqa: T201 - this was asked for
        uvicorn.Server(uvicorn.Config(app, log_level=logging.WARNING)).run(sockets=[listening])


def http_app(server: MCPServer, hosts: Sequence[str] | None) -> Starlette:
    """The tools at `/mcp`.

    Args:
        server: As `build_server` made it.
        hosts: Names that clients may call this machine by besides those of loopback, so that no page in a browser
            reaches it under a name of its own; None for any name.
    """
    allowed = [*(f"{name}:*" for name in _LOOPBACK), *(hosts or ())]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=hosts is not None,
        allowed_hosts=allowed,
        allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in allowed],
    )
    # Each call stands for itself, so that no client depends on a session that a restart would end.
    return server.streamable_http_app(stateless_http=True, transport_security=security)


class Opening:
    """An assistant that is opened when it is first needed, and then kept."""

    def __init__(self, open_assistant: Callable[[], Assistant]) -> None:
        self._open = open_assistant
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None

    def assistant(self) -> Assistant:
        """The assistant; whoever comes while it is being opened waits.

        Raises:
            HwqaError: It cannot be opened.
        """
        with self._lock:
            if self._assistant is None:
                self._assistant = self._open()
            return self._assistant


class _Tools:
    """What the tools do: the docstring of each is its description to the caller."""

    def __init__(self, opening: Opening, around: Callable[[], AbstractContextManager[object]]) -> None:
        self._opening = opening
        self._around = around

    def ask(
        self,
        question: Annotated[str, Field(description="The question, in plain words and in full sentences.")],
        history: Annotated[
            list[Message] | None,
            Field(description="The conversation before it, oldest first, where the question refers to it."),
        ] = None,
    ) -> CallToolResult:
        """Answer a question about inference hardware from the documents, with the source of every figure.

        Good for figures, facts, reasons, advantages and disadvantages, software support and availability. The result
        has `status` (answered, partial, not_in_docs, or clarify where it asks back), `answer` as Markdown with marks
        such as [1], and `citations` with file, lines and verbatim quote for each mark. It never guesses: where the
        documents do not hold the answer, it says so and names what they hold nearest.
        """

        def run(assistant: Assistant) -> tuple[Mapping[str, Any], str]:
            answer = assistant.ask(question, history or ())
            return answer.to_json(), answer_text(answer)

        return self._result(run)

    def search(
        self,
        query: Annotated[str, Field(description="What to look for: a question or a few words.")],
        limit: Annotated[int, Field(ge=1, le=100, description="At most this many passages.")] = 8,
    ) -> CallToolResult:
        """Find the passages of the documents that answer a query, best first, as they are written.

        Use it to read the source text itself, where `ask` is too short or a matter needs its context. Each result has
        file, heading trail, first and last line, and the text.
        """

        def run(assistant: Assistant) -> tuple[Mapping[str, Any], str]:
            passages = assistant.search(query, limit)
            text = "\n".join(map(passage_text, passages)) or "Nothing was found."
            return search_json(query, passages), text

        return self._result(run)

    def compare(
        self,
        products: Annotated[
            list[str], Field(description="Names of two or more products, by any of the names that the documents use.")
        ],
    ) -> CallToolResult:
        """Put products side by side, like for like, each figure with its source; then what speaks for and against each.

        Dense figures stand against dense ones, single devices against single devices, and measured rates only under
        one condition; the greatest over the least is given where it may be drawn. A cell without a figure means that
        the documents give none. The result has `products`, `rows`, `arguments` and `citations`.
        """

        def run(assistant: Assistant) -> tuple[Mapping[str, Any], str]:
            comparison = assistant.compare(products)
            return comparison.to_json(), comparison_text(comparison) + sources_text(comparison.citations)

        return self._result(run)

    def select(
        self,
        constraints: Annotated[
            str,
            Field(
                description="What the hardware must be and what orders it, in words: "
                "'at least 48 GB, under 300 W, can be bought, cheapest first'."
            ),
        ],
    ) -> CallToolResult:
        """Choose products by constraints: who meets them, in order, why each other does not, and what would change it.

        Constraints may be bounds on figures (memory, bandwidth, power, price, …), features such as a number format or
        a framework, availability, and a wish for an order. The result has `candidates`, `dropped` with reasons,
        `not_understood`, `sensitivity` (near misses), `question` where a wish is missing, and `citations`.
        """

        def run(assistant: Assistant) -> tuple[Mapping[str, Any], str]:
            chosen = assistant.select(constraints)
            text = chosen.to_text()
            return chosen.to_json(), text + sources_text(shown_citations(chosen, text))

        return self._result(run)

    def size(
        self,
        model: Annotated[
            str | None, Field(description="A model that the documents describe. Give this or model_params.")
        ] = None,
        model_params: Annotated[
            str | None,
            Field(description="Number of parameters instead, as in '70B'; the model is then taken to be dense."),
        ] = None,
        precision: Annotated[
            str | None,
            Field(description="Format of the weights: bf16, fp8, int4, …; as published, else fp16, where not given."),
        ] = None,
        kv_precision: Annotated[str, Field(description="Format of the KV cache.")] = "fp16",
        context: Annotated[
            str | int, Field(description="Tokens of a sequence, prompt and answer together: 8192 or '32k'.")
        ] = "8k",
        output: Annotated[
            str | int | None,
            Field(description="Tokens of the answer among them; throughput then includes reading the prompts."),
        ] = None,
        concurrency: Annotated[int, Field(ge=1, description="Sequences at once.")] = 1,
        devices: Annotated[
            list[str] | None,
            Field(description="Devices of the documents; where none is named, those of which the fewest are needed."),
        ] = None,
        device_count: Annotated[
            int | None, Field(ge=1, le=1024, description="Number of devices; the fewest that hold the model otherwise.")
        ] = None,
        speed: Annotated[
            float | None, Field(gt=0, description="Tokens a second that each user of a full server must see.")
        ] = None,
        limit: Annotated[int, Field(ge=1, le=100, description="Devices to give where none is named.")] = 5,
    ) -> CallToolResult:
        """Reckon what memory a model needs, whether it fits a device, how many it takes, and how fast they are at most.

        The result has `steps` (weights, KV cache, their sum) and `devices` with their own steps, each step with its
        formula and figures, and `inputs`: every figure that was started from, with the citation of its source or the
        assumption. Speeds are ranges below a bound that the hardware cannot exceed, and no measurements.
        """

        def run(assistant: Assistant) -> tuple[Mapping[str, Any], str]:
            calculation = assistant.sizer.size(
                requested(
                    model=model,
                    model_params=model_params,
                    precision=precision,
                    kv_precision=kv_precision,
                    context=str(context),
                    output=None if output is None else str(output),
                    concurrency=concurrency,
                    devices=devices or (),
                    device_count=device_count,
                    speed=speed,
                    limit=limit,
                )
            )
            return calculation.to_json(), calculation_text(calculation)

        return self._result(run)

    def _result(self, run: Callable[[Assistant], tuple[Mapping[str, Any], str]]) -> CallToolResult:
        """What a tool gives: the JSON of the command line and the same as text; its one line where it fails."""
        try:
            with self._around():
                content, text = run(self._opening.assistant())
        except HwqaError as error:
            # Returned rather than raised, because the server would put words of its own in front of the line.
            line = " ".join(str(error).split())
            return CallToolResult(content=[TextContent(type="text", text=line)], is_error=True)
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=dict(content))
