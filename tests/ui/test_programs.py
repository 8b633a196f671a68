"""What the server of the chat offers programs: endpoints, MCP tools, and the example in a page."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import Client as McpClient  # noqa: TID251 - the other end
from tests.conftest import ROOT
from tests.ui.conftest import Open

from hwqa.assistant import Assistant
from hwqa.schema import search_json
from hwqa.sizing import requested

SIZED = {"model_params": "70B", "precision": "int4", "devices": ["X1", "Alpha X2"]}


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def expected(assistant: Assistant) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Endpoint → its arguments and its JSON."""
    sizing = assistant.sizer.size(
        requested(model=None, kv_precision="fp16", context="8k", output=None, concurrency=1, limit=5, **SIZED)
    )
    return {
        "search": (
            {"query": "liquid cooling", "limit": 2},
            search_json("liquid cooling", assistant.search("liquid cooling", 2)),
        ),
        "compare": ({"products": ["X1", "X2"]}, assistant.compare(["X1", "X2"]).to_json()),
        "select": ({"constraints": "at least 64 GB of memory"}, assistant.select("at least 64 GB of memory").to_json()),
        "size": (SIZED, sizing.to_json()),
    }


def test_every_endpoint_gives_the_json_of_its_command(client: Client, assistant: Assistant) -> None:
    for name, (arguments, content) in expected(assistant).items():
        told = json.loads(client.predict(**arguments, api_name=f"/{name}"))
        assert told == json.loads(json.dumps(content)), name


def test_the_endpoints_describe_themselves_and_are_the_only_ones(address: str) -> None:
    endpoints = httpx.get(f"{address}gradio_api/info").json()["named_endpoints"]
    assert set(endpoints) == {"/ask", "/search", "/compare", "/select", "/size"}
    for name, endpoint in endpoints.items():
        assert endpoint["description"], name
        assert "request" not in [parameter["parameter_name"] for parameter in endpoint["parameters"]]
    assert [each["parameter_name"] for each in endpoints["/ask"]["parameters"]] == ["question", "history", "model"]


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("compare", {"products": ["X1"]}, "two"),
        ("compare", {"products": ["X1", "Nothing Y9"]}, "Nothing Y9"),
        ("select", {"constraints": "pretty"}, "names nothing"),
        ("size", {"model_params": "many"}, "many"),
        ("search", {"query": " "}, "empty"),
    ],
)
def test_what_cannot_be_done_is_one_line(client: Client, name: str, arguments: dict[str, Any], line: str) -> None:
    with pytest.raises(AppError) as raised:
        client.predict(**arguments, api_name=f"/{name}")
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_official_client_calls_every_tool_of_the_server(address: str, assistant: Assistant) -> None:
    calls = expected(assistant)

    async def call() -> dict[str, Any]:
        async with McpClient(f"{address}mcp") as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"ask", *calls}
            results = {name: await client.call_tool(name, given) for name, (given, _) in calls.items()}
            results["ask"] = await client.call_tool("ask", {"question": "How much memory does the X1 have?"})
            return {name: result.structured_content for name, result in results.items()}

    with ThreadPoolExecutor(1) as pool:  # the browser's own loop runs in this thread
        told = pool.submit(asyncio.run, call()).result(60)
    assert "48 GB" in told.pop("ask")["answer"]
    for name, content in told.items():
        assert content == json.loads(json.dumps(calls[name][1])), name


def test_no_page_of_another_name_reaches_the_tools(address: str) -> None:
    refused = httpx.post(f"{address}mcp", json={}, headers={"Host": "evil.example"})
    assert refused.status_code == 421


@pytest.mark.browser
def test_the_example_in_javascript_logs_what_the_document_says(address: str, open_tab: Open) -> None:
    document = (ROOT / "docs" / "api.md").read_text("utf-8")
    (code,) = re.findall(r"<!-- run in a page -->\n```javascript\n(.*?)```", document, re.DOTALL)
    (printed,) = re.findall(r"It logs `(.*?)`", document)
    assert "http://127.0.0.1:7860/" in code
    tab = open_tab(address)
    with tab.page.expect_console_message() as message:
        tab.page.evaluate(f"async () => {{ {code.replace('http://127.0.0.1:7860/', address)} }}")
    assert message.value.text == printed
