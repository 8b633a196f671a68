"""`hwqa serve` for a team: users, a path behind a proxy, limits, a line with places, keys that nobody sees."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import Client as McpClient  # noqa: TID251 - the other end
from mcp.client.streamable_http import streamable_http_client  # noqa: TID251 - likewise
from mcp.types import CallToolResult  # noqa: TID251 - likewise
from playwright.sync_api import Page, expect
from tests.chat_server import ChatServer, Messages, Reply, Slow
from tests.conftest import SMALL_CORPUS
from tests.ui.conftest import Open, Serve
from tests.ui.proxy import proxied

KEY = "sk-never-to-be-seen-4711"
PASSWORDS = {"ann": "first-secret", "bob": "second-secret", "eve": "third-secret"}
QUESTION = "How much memory does the Alpha X2 have?"
DRAFT = "The Alpha X2 has 96 GB of memory [1]."


@dataclass
class Team:
    """The server, what it was started with, and what it wrote."""

    address: str
    """Of the server itself."""
    proxy: str
    """Of the proxy in front of it."""
    folder: Path
    model: ChatServer
    pause: list[float] = field(default_factory=lambda: [0.0])
    """Seconds between the words of the chat model."""

    @property
    def written(self) -> str:
        """All that lies in the data folder and on stderr."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and "corpus" not in path.parts]
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files if path.name != "users")


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, small_index: Path, serve: Serve) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    (folder / "users").write_text("".join(f"{name}:{password}\n" for name, password in PASSWORDS.items()))
    shutil.copytree(SMALL_CORPUS, folder / "corpus")
    shutil.copytree(small_index, folder / "index")
    pause = [0.0]

    def reply(messages: Messages) -> Reply:
        return Slow(DRAFT, pause[0])

    with ChatServer(reply) as model, (folder / "stderr").open("w") as errors:
        address = serve(
            *("--corpus", folder / "corpus", "--index", folder / "index", "--auth", folder / "users"),
            *("--model", "openai:test", "--base-url", model.base_url, "--root-path", "/hwqa", "--reindex"),
            *("--rate-limit", "80", "--request-limit", "20000", "--concurrency", "1"),
            errors=errors,
            OPENAI_API_KEY=KEY,
            HWQA_DATA=str(folder / "data"),
        )
        address = re.sub(r"(:\d+)/.*", r"\1/", address)
        with proxied(address, "/hwqa") as proxy:
            yield Team(address, proxy, folder, model, pause)


def signed(name: str) -> tuple[str, str]:
    return name, PASSWORDS[name]


def in_thread(given: Coroutine[object, object, CallToolResult]) -> CallToolResult:
    """What a coroutine gives; the browser's own loop runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, given).result(60)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("username").fill(name)
    page.get_by_label("password").fill(PASSWORDS[name])
    page.get_by_role("button", name="Login").click()
    page.locator(".hw-welcome").wait_for()


CLOSED = [
    ("GET", "chat/conversations"),
    ("GET", "chat/settings"),
    ("POST", "chat/index"),
    ("POST", "chat/feedback"),
    ("GET", "answers/any"),
    ("POST", "mcp"),
    ("GET", "config"),
    ("POST", "gradio_api/queue/join"),
    ("POST", "gradio_api/call/ask"),
    ("GET", "gradio_api/info"),
    ("GET", "anything/else"),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_who_is_not_signed_in_gets_nothing(team: Team, method: str, path: str) -> None:
    sent = {} if method == "GET" else {"json": {"data": [QUESTION], "fn_index": 0, "session_hash": "s"}}
    answer = httpx.request(method, team.address + path, **sent)
    assert answer.status_code == 401, answer.text
    assert "memory" not in answer.text


def test_who_guesses_passwords_is_slowed_down(team: Team) -> None:
    def listed(auth: tuple[str, str]) -> int:
        return httpx.get(f"{team.address}chat/conversations", auth=auth).status_code

    assert listed(("ann", "wrong")) == 401
    assert listed(("nobody", PASSWORDS["ann"])) == 401
    form = {"username": "ann", "password": "wrong"}
    assert httpx.post(f"{team.address}login", data=form).status_code == 400
    guesses = [listed(("ann", f"guess {number}")) for number in range(10)]
    assert 429 in guesses
    refused = httpx.get(f"{team.address}chat/conversations", auth=signed("ann"))
    assert refused.status_code == 429  # nor does the right one tell that it is right
    assert httpx.post(f"{team.address}login", data=form).status_code == 429
    time.sleep(int(refused.headers["retry-after"]) + 0.5)
    assert listed(signed("ann")) == 200


def test_health_is_open_to_all(team: Team) -> None:
    assert httpx.get(f"{team.address}health").json() == {"status": "ok"}


def test_programs_sign_in_with_the_request_or_as_gradio_does(team: Team) -> None:
    listed = httpx.get(f"{team.address}chat/conversations", auth=signed("ann"))
    assert listed.json() == {"conversations": []}
    client = Client(team.proxy, auth=signed("ann"), verbose=False)
    found = json.loads(client.predict(query="liquid cooling", limit=1, api_name="/search"))
    assert found["results"][0]["path"] == "alpha.md"


def test_the_tools_of_mcp_ask_for_name_and_password(team: Team) -> None:
    async def call() -> CallToolResult:
        async with (
            httpx.AsyncClient(auth=signed("ann")) as http,
            McpClient(streamable_http_client(f"{team.address}mcp", http_client=http)) as client,
        ):
            return await client.call_tool("search", {"query": "liquid cooling", "limit": 1})

    result = in_thread(call())
    assert result.structured_content["results"][0]["path"] == "alpha.md"


def test_a_request_that_is_too_large_is_refused(team: Team) -> None:
    long = {"turn": "x" * 30_000}
    refused = httpx.post(f"{team.address}chat/share", json=long, auth=signed("ann"))
    assert (refused.status_code, refused.json()["error"]) == (413, "a request may have at most 20,000 bytes")
    pieces = (b"x" * 1_000 for _ in range(30))  # no length is announced
    headers = {"Content-Type": "application/json"}
    refused = httpx.post(f"{team.address}chat/share", content=pieces, headers=headers, auth=signed("ann"))
    assert refused.status_code == 413
    assert httpx.post(f"{team.address}gradio_api/upload", auth=signed("ann")).status_code == 404


def test_who_asks_too_often_is_told_when_to_ask_again(team: Team) -> None:
    client = Client(team.address, auth=signed("eve"), verbose=False)
    client.predict(query="memory", limit=1, api_name="/search")
    with httpx.Client(auth=signed("eve")) as http:
        answers = [http.post(f"{team.address}mcp", json={}) for _ in range(60)]  # quicker than one may ask
    refused = answers[-1]
    assert [answer.status_code == 429 for answer in answers[:19]] == [False] * 19
    assert refused.status_code == 429
    with pytest.raises(AppError, match=r"ask again in \d+ second"):
        for _ in range(3):
            client.predict(query="memory", limit=1, api_name="/search")
    assert int(refused.headers["retry-after"]) >= 1
    assert Client(team.address, auth=signed("bob"), verbose=False).predict(query="memory", limit=1, api_name="/search")


@pytest.mark.browser
def test_the_chat_behind_a_proxy_with_users(team: Team, open_tab: Open) -> None:
    tab = open_tab(team.proxy, at_once=False)
    sign_in(tab.page, "ann")
    tab.ask(QUESTION)
    assert "96 GB" in tab.answer
    assert tab.page.url.startswith(f"{team.proxy}?c=")
    tab.page.get_by_role("button", name="Share").click()
    link = tab.page.get_by_label("Link to this answer").input_value()
    assert link.startswith(f"{team.proxy}answers/")
    tab.page.get_by_role("button", name="Close", exact=True).click()

    other = open_tab(team.proxy, at_once=False)
    sign_in(other.page, "bob")
    other.page.get_by_role("button", name="Conversations").click()
    expect(other.page.get_by_text("Your conversations are kept here")).to_be_visible()
    other.settle()
    other.page.goto(link)
    expect(other.page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    other.page.get_by_role("link", name="Ask a question").click()
    other.page.locator(".hw-welcome").wait_for()


@pytest.mark.browser
def test_who_waits_sees_the_place_in_the_line(team: Team, open_tab: Open) -> None:
    team.pause[0] = 0.4
    try:
        tabs = [open_tab(team.proxy, at_once=False) for _ in range(3)]
        for tab in tabs:
            sign_in(tab.page, "ann")
        for tab in tabs:
            tab.page.get_by_label("Your question").fill(f"{QUESTION} {tabs.index(tab)}")
            tab.page.keyboard.press("Enter")
            tab.page.locator(".hw-turn").wait_for()
            time.sleep(0.3)
        expect(tabs[2].page.locator(".hw-waiting")).to_contain_text("2 questions are answered before yours")
        expect(tabs[1].page.locator(".hw-waiting")).to_contain_text("1 question is answered before yours")
        team.pause[0] = 0.0  # for the last
        tabs[1].page.get_by_role("button", name="Stop").click()  # whoever leaves the line moves the others up
        expect(tabs[1].page.locator(".hw-note")).to_have_text("Stopped.")
        for tab in (tabs[0], tabs[2]):
            tab.page.locator(".hw-foot").wait_for()
            assert "96 GB" in tab.answer
        assert len([asked for asked in team.model.requests if QUESTION in str(asked.messages)]) >= 2
    finally:
        team.pause[0] = 0.0


@pytest.mark.browser
def test_a_key_is_seen_nowhere(team: Team, open_tab: Open) -> None:
    tab = open_tab(team.proxy, at_once=False)
    sign_in(tab.page, "ann")
    tab.page.get_by_role("button", name="Settings").click()
    expect(tab.page.get_by_text("Keys stay in the environment of the server")).to_be_visible()
    expect(tab.page.get_by_role("dialog")).to_contain_text("a server on this machine (127.0.0.1)")
    tab.page.get_by_role("radio", name="No model").check()
    tab.page.keyboard.press("Escape")
    tab.ask(QUESTION)
    assert any(f"Bearer {KEY}" == asked.headers.get("authorization") for asked in team.model.requests)
    stored = tab.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    seen = [tab.page.content(), stored]
    fetched = ("config", "gradio_api/info", "theme.css", "chat/settings", "chat/index", "chat/conversations")
    get = "path => fetch(path).then(answer => answer.text())"
    seen += [tab.page.evaluate(get, team.proxy + path) for path in fetched]
    assert "127.0.0.1" in seen[5]
    secrets = [KEY, *PASSWORDS.values()]
    assert not [secret for secret in secrets for text in [*seen, team.written] if secret in text]
    assert "hwqa-reader" not in stored  # no script reads who the browser is


def test_readers_who_may_bring_the_index_up_to_date(team: Team) -> None:
    def state() -> dict[str, object]:
        return dict(httpx.get(f"{team.address}chat/index", auth=signed("bob")).json())

    assert (state()["stale"], state()["may_reindex"]) == (False, True)
    (team.folder / "corpus" / "gamma.md").write_text("# Gamma\n\n## Gamma G9\n\nThe Gamma G9 has 17 GB of memory.\n")
    assert state()["stale"] is True
    before = state()["documents"]
    started = httpx.post(f"{team.address}chat/index", json={}, auth=signed("bob"))
    assert started.json()["running"] in (True, False)
    for _ in range(600):
        now = state()
        if not now["running"]:
            break
        time.sleep(0.1)
    assert (now["error"], now["stale"], now["documents"]) == ("", False, before + 1)
    assert "1 added" in now["said"]
    client = Client(team.address, auth=signed("bob"), verbose=False)
    found = json.loads(client.predict(query="memory of the Gamma G9", limit=1, api_name="/search"))
    assert "17 GB" in found["results"][0]["text"]


def test_others_may_not(address: str) -> None:
    refused = httpx.post(f"{address}chat/index", json={})
    assert (refused.status_code, "--reindex" in refused.json()["error"]) == (403, True)
