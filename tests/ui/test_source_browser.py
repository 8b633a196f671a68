"""Checking a source: its preview, its cell, the way from one to the next, and where else it can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.ui.conftest import Open

pytestmark = pytest.mark.browser
QUESTION = "Compare the Alpha X1 and the Alpha X2."


def test_a_mark_shows_its_quote_under_the_pointer_and_in_focus(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    mark, preview = tab.page.locator(".hw-answer a.hw-mark").first, tab.page.get_by_role("tooltip")
    mark.hover()
    expect(preview).to_be_visible()
    expect(preview).to_contain_text("Alpha accelerators › Alpha X2")
    expect(preview).to_contain_text("Memory capacity · 96 GB · HBM3 · sheet")
    preview.hover()
    tab.page.wait_for_timeout(500)
    expect(preview).to_be_visible()  # the pointer may go into it
    tab.page.keyboard.press("Escape")
    expect(preview).to_be_hidden()

    tab.page.get_by_label("Your question").focus()
    for _ in range(30):
        tab.page.keyboard.press("Shift+Tab")
        if mark.evaluate("mark => mark === document.activeElement"):
            break
    expect(preview).to_be_visible()
    assert mark.get_attribute("aria-describedby") == preview.get_attribute("id")
    tab.page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    assert mark.get_attribute("aria-describedby") is None


def test_the_cell_that_was_said_is_set_off_and_nothing_else(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(QUESTION)
    marks = tab.page.locator(".hw-answer td a.hw-mark")
    assert marks.count() >= 6
    for mark in marks.all():
        said = mark.locator("xpath=ancestor::td").inner_text()
        before = tab.page.locator("#hw-panel").inner_html()
        mark.click()
        expect(tab.page.locator("#hw-panel .hw-card[aria-current]")).to_have_attribute(
            "data-cite", str(mark.get_attribute("data-cite"))
        )
        cell = tab.page.locator("#hw-panel td.hw-cell")
        expect(cell).to_have_count(1)
        assert cell.inner_text() in said, before
        expect(cell).to_be_in_viewport()


def test_the_keyboard_leads_from_source_to_source(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(QUESTION)
    steps = tab.page.locator("#hw-panel .hw-steps span").first
    expect(steps).to_have_text(expected := steps.inner_text())
    count = int(expected.split()[-1])
    assert count > 3
    for place in (2, 3):
        tab.page.keyboard.press("Alt+ArrowDown")
        expect(steps).to_have_text(f"Source {place} of {count}")
        expect(tab.page.locator("#hw-source-title")).to_be_focused()
    tab.page.keyboard.press("Alt+ArrowUp")
    expect(steps).to_have_text(f"Source 2 of {count}")
    for _ in range(3):  # there is nothing before the first
        tab.page.keyboard.press("Alt+ArrowUp")
        tab.page.wait_for_timeout(300)
    expect(steps).to_have_text(f"Source 1 of {count}")


def test_the_original_of_a_figure_is_one_click_away(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    original = tab.page.locator("#hw-panel a.hw-origin")
    expect(original).to_have_count(1)
    expect(original).to_contain_text("sheet (alpha.example)")
    assert original.get_attribute("href") == "https://alpha.example/x2"
    assert original.get_attribute("target") == "_blank"
    assert "noreferrer" in str(original.get_attribute("rel"))
