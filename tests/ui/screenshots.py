"""Pictures of the chat for the documentation: `python -m tests.ui.screenshots` writes them to `docs/images/`.

It runs `hwqa serve` on the project's own corpus, so the pictures show what the program does.
"""

from __future__ import annotations

import os
import subprocess
import sys
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
QUESTIONS = ("How much memory does the MI300X have?", "What speaks against it?")


def take(page: Page, name: str) -> None:
    """Pictures of the empty chat, of an answer with its source and, on the phone, of both."""
    page.screenshot(path=FOLDER / f"chat-{name}-welcome.png")
    for place, question in enumerate(QUESTIONS):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
        page.locator(f'.hw-turn[data-turn="{place}"] .hw-foot').wait_for()
    page.locator("#hw-panel .hw-source").wait_for(state="attached")
    page.wait_for_timeout(800)  # scrolling has come to rest
    page.screenshot(path=FOLDER / f"chat-{name}.png")
    if name == "phone":
        page.locator('.hw-turn[data-turn="0"] a.hw-mark').first.tap()
        page.locator("#hw-panel .hw-source").wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=FOLDER / f"chat-{name}-source.png")


def main() -> None:
    """All pictures are written anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [Path(sys.executable).parent / "hwqa", "serve", "--port", "0", "--index", ROOT / ".cache" / "index"]
    environment = {**os.environ, "HWQA_CACHE": str(CACHE)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().split()[3]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for name, options in PICTURES.items():
                    page = browser.new_context(**options).new_page()
                    page.goto(url)
                    page.locator(".hw-welcome").wait_for()
                    page.wait_for_timeout(500)
                    take(page, name)
                browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
