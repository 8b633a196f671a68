"""Pictures of the chat for the documentation: `python -m tests.ui.screenshots` writes them to `docs/images/`.

It runs `hwqa serve` on the project's own corpus, so the pictures show what the program does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.conftest import CACHE, ROOT
from tests.ui.conftest import ARGUMENTS, CHROMIUM, DESKTOP, PHONE

FOLDER = ROOT / "docs" / "images"
PICTURES = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
}
Take = Callable[[Page], None]


def ask(page: Page, *questions: str) -> None:
    """The questions are asked, and the answer to the last is whole."""
    for question in questions:
        turns = page.locator(".hw-turn").count()
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
        page.locator(f'.hw-turn[data-turn="{turns}"] .hw-foot').wait_for()
    page.locator("#hw-panel .hw-source").wait_for(state="attached")


def chat(page: Page) -> None:
    """An answer, and the list of what speaks against a product, with its source."""
    ask(page, "How much memory does the MI300X have?", "What speaks against it?")


def comparison(page: Page) -> None:
    """A comparison; a mark under the pointer shows its quote, and the cell of another is set off."""
    ask(page, "Compare the H100 and the MI300X.")
    marks = page.locator(".hw-answer td a.hw-mark")
    marks.nth(5).click()
    page.locator("#hw-panel td.hw-cell").first.wait_for()
    page.wait_for_timeout(300)
    marks.nth(9).hover()
    page.get_by_role("tooltip").wait_for()


def choice(page: Page) -> None:
    """A choice as a table, sorted by one of its columns."""
    ask(page, "Which card has the most memory under 300 W?")
    page.get_by_role("button", name="Power").click()


def chart(page: Page) -> None:
    """A choice as a chart."""
    ask(page, "Which card has the most memory under 300 W?")
    page.get_by_role("button", name="Show as a chart").click()
    page.locator(".hw-chart svg").first.wait_for()
    page.locator(".hw-chart").evaluate("chart => chart.scrollIntoView({ block: 'center' })")


def form(page: Page) -> None:
    """The sizing form, filled in."""
    page.get_by_role("button", name="Size a model").click()
    page.get_by_label("Model, or its number").fill("Llama 3.1 70B")
    page.get_by_label("Weights in").select_option("fp8")
    page.get_by_label("Context").fill("32k")
    page.get_by_label("Users at once").fill("8")


def sized(page: Page) -> None:
    """What the sizing form gives, with how it was calculated."""
    form(page)
    page.get_by_label("Device").fill("NVIDIA H200 SXM")
    page.get_by_role("button", name="Calculate").click()
    page.locator(".hw-foot").wait_for()
    page.get_by_text("How this was calculated").click()


def phone_source(page: Page) -> None:
    """A source over the chat."""
    ask(page, "How much memory does the MI300X have?")
    page.locator(".hw-answer a.hw-mark").first.tap()
    page.locator("#hw-panel td.hw-cell").first.wait_for()


def documents(page: Page) -> None:
    """A document with the cell that an address names."""
    page.goto(f"{page.url}matrix?folder=gpu")
    page.locator("tbody td a").first.click()
    page.locator("td.hw-cell").wait_for()


def facts(page: Page) -> None:
    """The products and what is known of them, from the greatest memory."""
    page.goto(f"{page.url}matrix?folder=gpu")
    page.get_by_role("button", name="Memory capacity").click()


STATES: dict[str, tuple[str, Take]] = {
    "chat-light-welcome": ("light", lambda page: None),
    "chat-dark-welcome": ("dark", lambda page: None),
    "chat-light": ("light", chat),
    "chat-dark": ("dark", chat),
    "comparison-light": ("light", comparison),
    "comparison-dark": ("dark", comparison),
    "choice-light": ("light", choice),
    "chart-dark": ("dark", chart),
    "sizing-form-light": ("light", form),
    "sizing-dark": ("dark", sized),
    "documents-light": ("light", documents),
    "facts-light": ("light", facts),
    "facts-dark": ("dark", facts),
    "chat-phone-welcome": ("phone", lambda page: None),
    "chat-phone": ("phone", chat),
    "chat-phone-source": ("phone", phone_source),
    "sizing-form-phone": ("phone", form),
    "facts-phone": ("phone", facts),
}
"""Name of the picture → how it looks and what it shows."""


def main(wanted: Sequence[str]) -> None:
    """The pictures of these names are written anew, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [Path(sys.executable).parent / "hwqa", "serve", "--port", "0", "--model", "none"]
    command += ["--corpus", ROOT / "corpus", "--index", ROOT / ".cache" / "index"]
    environment = {**os.environ, "HWQA_CACHE": str(CACHE), "HWQA_DATA": tempfile.mkdtemp(prefix="hwqa-pictures-")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().split()[3]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for name, (look, take) in STATES.items():
                    if wanted and name not in wanted:
                        continue
                    context = browser.new_context(**PICTURES[look])
                    page = context.new_page()
                    page.goto(url)
                    page.locator(".hw-welcome").wait_for()
                    take(page)
                    page.wait_for_timeout(800)  # scrolling has come to rest
                    page.screenshot(path=FOLDER / f"{name}.png")
                    context.close()
                browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main(sys.argv[1:])
