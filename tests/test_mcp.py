"""`hwqa mcp` as other programs use it: the official client against real processes, over stdio and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters  # noqa: TID251 - the other end
from mcp.types import CallToolResult  # noqa: TID251 - likewise

from tests.conftest import CACHE, SMALL_CORPUS, Run
from tests.test_offline import GUARD

COMMAND = Path(sys.executable).parent / "hwqa"
ANSWERS = "hwqa answers MCP at "


def over_stdio(corpus: Path, index: Path) -> StdioServerParameters:
    arguments = ["mcp", "--corpus", str(corpus), "--index", str(index), "--model", "none"]
    return StdioServerParameters(command=str(COMMAND), args=arguments, env={**os.environ, "HWQA_CACHE": str(CACHE)})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, small_index: Path) -> Path:
    """A folder with a copy of the small corpus and its index."""
    folder = tmp_path_factory.mktemp("mcp")
    shutil.copytree(SMALL_CORPUS, folder / "corpus")
    shutil.copytree(small_index, folder / "index")
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """Where `hwqa mcp --http` serves the small corpus."""
    command = [COMMAND, "mcp", "--http", "--port", "0", "--model", "none"]
    environment = {**os.environ, "HWQA_CACHE": str(CACHE)}
    with subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith(ANSWERS)
            yield line.removeprefix(ANSWERS).split()[0]
        finally:
            process.terminate()


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, place: Path) -> StdioServerParameters | str:
    """What the client connects to."""
    if request.param == "stdio":
        return over_stdio(place / "corpus", place / "index")
    return str(request.getfixturevalue("address"))


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert block.type == "text"
    return block.text


def without_timings(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "timings_ms"}


SIZED = {"model_params": "70B", "precision": "int4", "context": 8192, "devices": ["X1", "Alpha X2"]}
SIZED_OPTIONS = ("--model-params", "70B", "--precision", "int4", "--context", "8k", "--device", "X1", "--device", "X2")
CALLS = {
    "ask": ({"question": "How much memory does the X1 have?"}, ("ask", "How much memory does the X1 have?")),
    "search": ({"query": "liquid cooling", "limit": 2}, ("search", "-k", "2", "liquid cooling")),
    "compare": ({"products": ["X1", "Alpha X2"]}, ("compare", "X1", "Alpha X2")),
    "select": ({"constraints": "at least 64 GB of memory"}, ("select", "at least 64 GB of memory")),
    "size": (SIZED, ("size", *SIZED_OPTIONS)),
}
"""Tool → its arguments, and the same on the command line."""
SAYS = {
    "ask": ("48 GB", "alpha.md:", "| Memory capacity | 48 GB |"),
    "search": ("liquid cooling above 400 W", "alpha.md:"),
    "compare": ("| 864 GB/s [", "Against the Alpha X1:", "Sources", "alpha.md:"),
    "select": ("Alpha X2", "96 GB (HBM3) [1]", "| Memory capacity | 96 GB |"),
    "size": ("- weights: 35.0 GB", "Alpha X1: fits one:", "memory capacity of Alpha X1: 48 GB (alpha.md:"),
}
"""Tool → what its text must hold: the result, and the source of its figures."""


async def test_every_tool_gives_what_the_command_line_prints(server: StdioServerParameters | str, hwqa: Run) -> None:
    assert set(CALLS) == set(SAYS)
    async with Client(server) as client:
        for tool, (arguments, command) in CALLS.items():
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, text_of(result)
            expected = json.loads(hwqa(*command, "--json").stdout)
            assert without_timings(result.structured_content) == without_timings(expected)
            for said in SAYS[tool]:
                assert said in text_of(result), tool


async def test_a_client_learns_what_the_tools_are_for_and_what_they_take(server: StdioServerParameters | str) -> None:
    async with Client(server) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert client.server_info is not None
        assert client.server_info.name == "hwqa"
        assert "citation" in (client.instructions or "")
    assert set(tools) == set(CALLS)
    for name, tool in tools.items():
        assert tool.description is not None
        assert len(tool.description) > 200, name
        assert "\n    " not in tool.description
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        for argument, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), f"{name}: {argument}"
            assert "type" in schema or "anyOf" in schema, f"{name}: {argument}"
    required = {name: tool.input_schema.get("required", []) for name, tool in tools.items()}
    assert required == {
        "ask": ["question"],
        "search": ["query"],
        "compare": ["products"],
        "select": ["constraints"],
        "size": [],
    }
    role = tools["ask"].input_schema["$defs"]["Message"]["properties"]["role"]
    assert role["enum"] == ["user", "assistant"]
    assert tools["search"].input_schema["properties"]["limit"]["maximum"] == 100


async def test_what_cannot_be_done_is_the_one_line_of_the_command_line(address: str, hwqa: Run) -> None:
    calls: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("compare", {"products": ["X1", "Gamma 9"]}, ("compare", "X1", "Gamma 9")),
        ("compare", {"products": ["X1"]}, ("compare", "X1")),
        ("select", {"constraints": "purple and round"}, ("select", "purple and round")),
        ("size", {"model": "Nimbus 70"}, ("size", "--model", "Nimbus 70")),
        ("size", {"model_params": "70B", "precision": "fp9"}, ("size", "--model-params", "70B", "--precision", "fp9")),
        ("search", {"query": " "}, ("search", " ")),
    ]
    async with Client(address) as client:
        for tool, arguments, command in calls:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert f"hwqa: {text_of(result)}\n" == hwqa(*command).stderr
        neither = await client.call_tool("size", {})
        assert neither.is_error
        assert "not both" in text_of(neither)


async def test_arguments_of_another_type_are_refused_by_name(address: str) -> None:
    async with Client(address) as client:
        for tool, arguments, named in [
            ("search", {"query": "memory", "limit": 0}, "limit"),
            ("compare", {"products": "X1"}, "products"),
            ("ask", {"question": "x", "history": [{"role": "system", "content": "y"}]}, "role"),
        ]:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert named in text_of(result)


async def test_a_question_may_refer_to_the_conversation(address: str) -> None:
    said = [{"role": "user", "content": "How much memory does the Alpha X2 have?"}]
    async with Client(address) as client:
        result = await client.call_tool("ask", {"question": "And its power?", "history": said})
    assert "450 W" in text_of(result)


async def test_calls_at_the_same_time_are_not_mixed_up(address: str) -> None:
    async def ask(number: int) -> None:
        question = f"How much memory does the Alpha X{1 + number % 2} have?"
        async with Client(address) as client:
            result = await client.call_tool("ask", {"question": question})
        assert result.structured_content["question"] == question
        assert ("48 GB", "96 GB")[number % 2] in result.structured_content["answer"]

    await asyncio.gather(*(ask(number) for number in range(12)))


async def test_a_running_server_follows_the_index(place: Path, address: str) -> None:
    question = {"question": "How much memory does the Gamma 9 have?"}
    row = "| Attribute | Value |\n|---|---|\n| Memory capacity | 77 GB |\n"
    added = place / "corpus" / "gamma.md"
    async with Client(address) as client:
        assert "77 GB" not in text_of(await client.call_tool("ask", question))
        added.write_text(f"---\naliases:\n  Gamma 9: [G9]\n---\n# Gamma\n\n## Gamma 9\n\n{row}", "utf-8")
        environment = {**os.environ, "HWQA_CACHE": str(CACHE)}
        try:
            await asyncio.to_thread(subprocess.run, [COMMAND, "index"], cwd=place, env=environment, check=True)
            assert "77 GB" in text_of(await client.call_tool("ask", question))
        finally:
            added.unlink()
            await asyncio.to_thread(subprocess.run, [COMMAND, "index"], cwd=place, env=environment, check=True)
        assert "77 GB" not in text_of(await client.call_tool("ask", question))


async def test_documents_that_are_missing_are_named_and_found_once_they_are_there(
    tmp_path: Path,
) -> None:
    async with Client(over_stdio(tmp_path / "corpus", tmp_path / "index")) as client:
        missing = await client.call_tool("search", {"query": "memory"})
        assert missing.is_error
        assert str(tmp_path / "corpus") in text_of(missing)
        assert "\n" not in text_of(missing)
        shutil.copytree(SMALL_CORPUS, tmp_path / "corpus")
        assert not (await client.call_tool("search", {"query": "memory"})).is_error


async def test_serving_reaches_no_other_machine(place: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    environment = {**os.environ, "HWQA_CACHE": str(CACHE), "NOTES": str(notes)}
    guarded = StdioServerParameters(command=sys.executable, args=["-c", GUARD, "mcp"], env=environment, cwd=place)
    async with Client(guarded) as client:
        assert "48 GB" in text_of(await client.call_tool("ask", CALLS["ask"][0]))
    assert not notes.exists(), notes.read_text()


def test_a_page_of_another_site_cannot_call_the_tools(address: str) -> None:
    """A name that another site points at this machine, or a page of another origin, is refused."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accepts = {"Accept": "application/json, text/event-stream"}
    assert httpx.post(address, json=call, headers=accepts).status_code == 200
    for header in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert httpx.post(address, json=call, headers={**accepts, **header}).status_code in (403, 421)


def test_the_server_ends_with_its_client_and_says_nothing_of_its_own(hwqa: Run) -> None:
    done = hwqa("mcp", stdin="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_port_that_is_taken_is_one_line(hwqa: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = hwqa("mcp", "--http", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"hwqa: port {port} of 127.0.0.1")
    assert done.stderr.count("\n") == 1


def test_without_the_package_the_remedy_is_named(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None\nfrom hwqa.cli import main\nsys.argv = ['hwqa', 'mcp']\nmain()"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hwqa: serving MCP needs the package mcp, which is not installed: pip install 'hwqa[mcp]'\n"
