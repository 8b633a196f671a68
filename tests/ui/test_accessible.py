"""What axe-core finds in each state of the page: nothing that is serious, in light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.ui.conftest import DESKTOP, PHONE, Open, Tab

pytestmark = pytest.mark.browser

LOOKS = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
}


TOP = "for (const each of document.querySelectorAll('*')) if (each.scrollTop || each.scrollLeft) each.scrollTo(0, 0)"
"""Of what is scrolled out of a box, axe-core cannot tell the contrast, and then it tells that of nothing."""


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical, and what it could not look at."""
    page.wait_for_timeout(300)  # colours fade in
    page.evaluate(TOP)
    found = Axe().run(page, options={"resultTypes": ["violations", "incomplete"]}).response
    looked_at = sum(len(each["nodes"]) for each in found["passes"] if each["id"] == "color-contrast")
    issues = [] if looked_at else ["no contrast was measured"]
    issues += [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]
    return issues + [each["id"] for each in found["incomplete"] if "error-occurred" in str(each)]


def test_a_lack_of_contrast_is_found(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    _asked(tab)
    tab.page.add_style_tag(content="#hw-columns .hw-prose p { color: #aaaaaa !important; }")
    assert any(issue.startswith("color-contrast") for issue in serious(tab.page))


def _asked(tab: Tab) -> None:
    tab.ask("Compare the Alpha X1 and the Alpha X2.")


def _cited(tab: Tab) -> None:
    tab.page.locator(".hw-answer a.hw-mark").first.click()
    tab.page.locator("#hw-panel .hw-source").wait_for()


def _back(tab: Tab) -> None:
    if (close := tab.page.get_by_role("button", name="Back to the answer")).is_visible():
        close.click()


def _formed(tab: Tab) -> None:
    _back(tab)
    tab.page.get_by_role("button", name="Size a model").click()


def _unformed(tab: Tab) -> None:
    tab.page.keyboard.press("Escape")
    tab.ask("How much memory does a 7B model in fp16 with 8k tokens of context need?")


def _at(path: str) -> Callable[[Tab], None]:
    def go(tab: Tab) -> None:
        tab.page.goto(tab.url + path)

    return go


EVERYWHERE = ("source", "form", "document", "facts")
"""States that are looked at in dark and on a phone, too."""
STATES: dict[str, Callable[[Tab], None]] = {
    "answer": _asked,
    "source": _cited,
    "form": _formed,
    "calculation": _unformed,
    "search": _at("browse?q=memory"),
    "document": _at("browse/alpha.md?lines=35-35&cells=1#L35"),
    "facts": _at("matrix"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious(address: str, open_tab: Open, look: str) -> None:
    tab = open_tab(address, **LOOKS[look])
    found: dict[str, list[str]] = {}
    for state, reach in STATES.items():
        if look != "light" and state not in (*EVERYWHERE, "answer"):
            continue
        reach(tab)
        if (look == "light" or state in EVERYWHERE) and (issues := serious(tab.page)):
            found[state] = issues
    assert found == {}
