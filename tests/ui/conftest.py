"""What the tests of the chat share: the real server, a real browser, and a record of all that the browser does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.chat_server import ChatServer, Messages, Reply
from tests.conftest import CACHE, SMALL_CORPUS

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-quic --no-first-run "
    "--disable-component-update --disable-sync"
).split()
DESKTOP = {"width": 1360, "height": 850}
PHONE = {"width": 360, "height": 740}

_LEFT = re.compile("ERR_ABORTED|AbortError: signal is aborted")
"""What a browser says of a request that was under way when its page was left."""
expect.set_options(timeout=90_000)  # the first answer of a chat model loads LangChain, slowly on a busy machine


@dataclass
class Tab:
    """A browser tab on the chat, and what it asked of which host and reported as wrong."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    under_way: set[object] = field(default_factory=set)
    """Requests for the results of what a click set off."""

    def settle(self) -> None:
        """Nothing that a click set off is under way: Gradio calls it an error when its page is left before the end."""
        for _ in range(200):
            if not self.under_way or self.page.is_closed():
                return
            self.page.wait_for_timeout(50)

    def ask(self, question: str) -> None:
        """The question is asked, and its answer is whole."""
        turns = self.page.locator(".hw-turn").count()
        self.page.get_by_label("Your question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        self.page.locator(".hw-turn").nth(turns).wait_for()
        self.page.locator('.hw-turn[aria-busy="true"]').wait_for(state="detached")
        self.page.locator(f'.hw-turn[data-turn="{turns}"]').wait_for()

    @property
    def answer(self) -> str:
        """The text of the last answer."""
        return self.page.locator(".hw-turn").last.locator(".hw-answer").inner_text()

    def marked(self) -> str:
        """What the panel marks, its white space collapsed."""
        return " ".join(" ".join(self.page.locator("#hw-panel mark").all_inner_texts()).split())

    def foreign(self) -> list[str]:
        """Requests to anything but the chat's own server."""
        return [url for url in self.requests if not url.startswith((self.url, "data:", "blob:"))]


Serve = Callable[..., str]
Open = Callable[..., Tab]


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Runs `hwqa serve` with options and returns the address that it names."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str | Path, errors: IO[str] | None = None, **variables: str) -> str:
        command = [Path(sys.executable).parent / "hwqa", "serve", "--port", "0", *options]
        environment = {**os.environ, "HWQA_CACHE": str(CACHE), **variables}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=SMALL_CORPUS.parent
        )
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("hwqa answers at http://127.0.0.1:"), line
        return line.split()[3]

    yield start
    for process in running:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="session")
def address(small_index: Path, serve: Serve) -> str:
    """The chat about the small corpus, without a chat model."""
    return serve("--corpus", SMALL_CORPUS, "--index", small_index)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Talking:
    """The chat about the small corpus with a chat model that says what a test makes it say."""

    url: str
    model: ChatServer
    reply: Reply = ""


@pytest.fixture(scope="session")
def talking_server(small_index: Path, serve: Serve) -> Iterator[Talking]:
    def reply(_: Messages) -> Reply:
        return talking.reply

    with ChatServer(reply) as model:
        options = ("--model", "openai:test", "--base-url", model.base_url)
        talking = Talking(serve("--corpus", SMALL_CORPUS, "--index", small_index, *options), model)
        yield talking


@pytest.fixture
def talking(talking_server: Talking) -> Talking:
    talking_server.model.requests.clear()
    return talking_server


class Contexts:
    """Browser contexts that are used again, wiped: one that is new loads and compiles the whole page anew."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, list[BrowserContext]] = {}

    def take(self, options: dict[str, object]) -> tuple[str, BrowserContext]:
        """A context that looks like this, without a trace of who used it before; and what to give it back under."""
        look = repr(sorted(options.items()))
        idle = self._idle.setdefault(look, [])
        if not idle:
            return look, self._browser.new_context(**options)
        context = idle.pop()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        return look, context

    def give_back(self, look: str, context: BrowserContext) -> None:
        """The context is idle; its pages are closed."""
        for page in context.pages:
            page.close()
        self._idle[look].append(context)


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture
def open_tab(contexts: Contexts) -> Iterator[Open]:
    """Opens the chat as a reader of its own; afterwards, nothing may have gone elsewhere, failed or complained."""
    tabs: list[tuple[Tab, str, BrowserContext]] = []

    def open_(url: str, *, at_once: bool = True, path: str = "", **options: object) -> Tab:
        viewport = options.pop("viewport", DESKTOP)
        look, context = contexts.take(options)
        tab = Tab(context.new_page(), url)
        tab.page.set_viewport_size(viewport)
        storage = {"origin": url.rstrip("/"), "storageTypes": "local_storage"}
        context.new_cdp_session(tab.page).send("Storage.clearDataForOrigin", storage)
        tab.page.set_default_timeout(90_000)
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        tab.page.on("request", lambda request: tab.under_way.add(request) if "/queue/data" in request.url else None)
        for ended in ("requestfinished", "requestfailed"):
            tab.page.on(ended, lambda request: tab.under_way.discard(request))  # noqa: PLW0108 - builtins are not taken
        tab.page.on("requestfailed", lambda request: tab.complaints.append(f"{request.url}: {request.failure}"))
        tab.page.on(
            "console",
            lambda message: (
                tab.complaints.append(f"{message.text} {message.location['url']}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.on("dialog", lambda dialog: (tab.complaints.append(dialog.message), dialog.dismiss()))
        tab.page.goto(url + path)
        tabs.append((tab, look, context))
        if at_once:  # who has to sign in first does not see the chat yet
            tab.page.get_by_label("Your question").wait_for()
            tab.page.locator(".hw-welcome").wait_for()
        return tab

    yield open_
    wrong = []
    for tab, look, context in tabs:
        tab.settle()
        wrong += tab.foreign() + [text for text in tab.complaints if not _LEFT.search(text)]
        contexts.give_back(look, context)
    assert wrong == []


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the small corpus, to be changed."""
    return Path(shutil.copytree(SMALL_CORPUS, tmp_path / "corpus"))
