"""Tables, the sizing form and the documents' pages, as a reader clicks through them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.conftest import ROOT
from tests.ui.conftest import PHONE, Open, Serve, Tab

pytestmark = pytest.mark.browser
COMPARISON = "Compare the Alpha X1 and the Alpha X2."


def column(page: Page, place: int) -> list[str]:
    """The texts of a column of the last answer's table, without marks."""
    script = "cells => cells.map(cell => cell.textContent.replace(/\\[\\d+\\]/g, '').trim())"
    return page.locator(f".hw-answer table tbody td:nth-child({place})").evaluate_all(script)


def copied(tab: Tab, button: str) -> str:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.get_by_role("button", name=button).click()
    expect(tab.page.get_by_text("Copied.")).to_be_visible()
    return str(tab.page.evaluate("navigator.clipboard.readText()"))


def test_a_comparison_is_turned_and_sorted_and_its_marks_still_open(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(COMPARISON)
    attributes = column(tab.page, 1)
    assert "Memory capacity" in attributes
    tab.page.get_by_role("button", name="Attribute").click()
    assert column(tab.page, 1) == sorted(attributes, key=str.casefold)

    tab.page.get_by_role("button", name="Swap rows and columns").click()
    assert column(tab.page, 1) == ["Alpha X1", "Alpha X2"]
    power = tab.page.get_by_role("button", name="Power")
    place = sorted(attributes, key=str.casefold).index("Power") + 2
    power.click()
    assert column(tab.page, place) == ["450 W", "300 W"]
    expect(tab.page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    power.click()
    assert column(tab.page, place) == ["300 W", "450 W"]

    tab.page.locator(".hw-answer tbody tr").first.locator(f"td:nth-child({place}) a.hw-mark").click()
    expect(tab.page.locator("#hw-panel td.hw-cell")).to_have_text("300 W")
    tab.page.get_by_role("button", name="Swap rows and columns").click()
    assert "Power" in column(tab.page, 1)


def test_a_table_is_copied_with_its_sources(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(COMPARISON)
    markdown = copied(tab, "Copy as Markdown").splitlines()
    assert markdown[0] == "| Attribute | Alpha X1 | Alpha X2 |"
    assert set(markdown[1]) == {"|", "-"}
    row = next(line for line in markdown if line.startswith("| Memory capacity"))
    number = row.partition("96 GB [")[2].partition("]")[0]
    assert f"[{number}] Alpha accelerators › Alpha X2 (alpha.md:35)" in markdown

    rows = list(csv.reader(io.StringIO(copied(tab, "Copy as CSV"))))
    assert rows[0] == ["Attribute", "Alpha X1", "Alpha X2", "Sources"]
    assert next(row for row in rows if row[0] == "Memory capacity") == [
        "Memory capacity",
        "48 GB",
        "96 GB",
        "alpha.md:22; alpha.md:35",
    ]


@pytest.fixture(scope="module")
def whole(serve: Serve, corpus_index: Path) -> str:
    """The chat about the project's own corpus."""
    return serve("--corpus", ROOT / "corpus", "--index", corpus_index, "--model", "none")


def test_a_model_is_sized_in_a_form_and_the_talk_goes_on(whole: str, open_tab: Open) -> None:
    tab = open_tab(whole)
    tab.page.get_by_role("button", name="Size a model").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.get_by_label("Model, or its number")).to_be_focused()
    dialog.get_by_role("button", name="Calculate").click()
    expect(dialog).to_be_visible()  # a model is needed
    dialog.get_by_label("Model, or its number").fill("70B")
    dialog.get_by_label("Weights in").select_option("fp8")
    dialog.get_by_label("Context").fill("32k")
    dialog.get_by_label("Device").fill("NVIDIA H200 SXM")
    dialog.get_by_role("button", name="Calculate").click()
    tab.page.locator(".hw-foot").wait_for()
    expect(dialog).to_be_hidden()
    assert "needs 80.7 GB" in tab.answer
    tab.page.get_by_text("How this was calculated").click()
    calculation = tab.page.locator(".hw-calculation")
    expect(calculation).to_contain_text("70 billion × 8 bits / 8")
    source = calculation.locator("a").first
    with tab.page.expect_popup() as opened:
        source.click()
    expect(opened.value.locator("mark").first).to_be_visible()
    opened.value.close()

    tab.ask("How much power does it draw?")
    assert "700 W" in tab.answer


def test_a_field_of_the_form_that_cannot_be_read_is_said(whole: str, open_tab: Open) -> None:
    tab = open_tab(whole)
    tab.page.get_by_role("button", name="Size a model").click()
    tab.page.get_by_label("Model, or its number").fill("No <b>Such</b> Model")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#hw-note")).to_contain_text("know no model 'No <b>Such</b> Model'")
    assert tab.page.locator(".hw-turn").count() == 0
    tab.page.get_by_role("button", name="Size a model").click()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_be_hidden()


# --- the documents' pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def page(open_tab: Open, address: str) -> Iterator[Page]:
    """A tab on the documents, reached from the chat."""
    tab = open_tab(address)
    with tab.page.expect_popup() as opened:
        tab.page.get_by_role("link", name="Documents").click()
    page = opened.value
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.wait_for_load_state()
    yield page
    assert complaints == []


def test_through_the_tree_to_a_section_and_its_address(page: Page) -> None:
    page.get_by_role("navigation", name="Documents").get_by_role("link", name="Alpha accelerators").click()
    page.get_by_role("list", name="Sections").get_by_role("link", name="Alpha X2").click()
    section = page.get_by_role("heading", name="Alpha X2")
    expect(section).to_be_in_viewport()
    section.hover()
    section.get_by_role("link", name="Address of this section").click()
    assert page.url.endswith("/browse/alpha.md#alpha-x2")
    other = page.context.new_page()  # the address alone leads there
    other.goto(page.url)
    expect(other.get_by_role("heading", name="Alpha X2")).to_be_in_viewport()
    other.goto(page.url.replace("alpha-x2", "gone"))
    other.reload()
    expect(other.get_by_text("This section is not in the document")).to_be_visible()
    other.close()


def test_search_and_read_the_lines(page: Page) -> None:
    page.get_by_role("searchbox").fill("liquid cooling")
    page.keyboard.press("Enter")
    page.locator(".found a").first.click()
    expect(page.locator("mark").first).to_be_in_viewport()
    assert "liquid cooling" in " ".join(page.locator("mark").all_inner_texts())


def test_the_matrix_is_filtered_sorted_and_leads_to_cells_and_to_the_chat(page: Page) -> None:
    page.get_by_role("link", name="Facts").click()
    names = page.locator("tbody th a")
    expect(names).to_have_text(["Alpha X1", "Alpha X2"])
    page.get_by_role("button", name="Memory capacity").click()
    expect(names).to_have_text(["Alpha X2", "Alpha X1"])  # the greatest first
    page.get_by_label("Filter products").fill("x2")
    expect(names.filter(visible=True)).to_have_count(1)
    page.get_by_label("Filter attributes").fill("memory cap")
    expect(page.locator("thead th").filter(visible=True)).to_have_count(2)
    expect(page.get_by_text("1 products, 1 attributes shown")).to_be_visible()
    page.get_by_label("Filter products").fill("nothing of that name")
    expect(page.get_by_text("No product or attribute has this in its name.")).to_be_visible()
    page.get_by_label("Filter products").fill("")
    page.get_by_label("Filter attributes").fill("")

    expect(page.get_by_role("link", name="Compare in the chat")).to_be_hidden()
    page.get_by_label("Compare Alpha X1").check()
    page.get_by_label("Compare Alpha X2").check()
    compare = page.get_by_role("link", name="Compare in the chat")
    expect(compare).to_be_visible()
    page.get_by_role("link", name="96 GB").click()
    expect(page.locator("td.hw-cell")).to_have_text("96 GB")
    expect(page.locator("td.hw-cell")).to_be_in_viewport()
    page.go_back()
    page.get_by_label("Compare Alpha X1").check()  # if the browser did not
    page.get_by_label("Compare Alpha X2").check()
    compare.click()
    expect(page.get_by_label("Your question")).to_have_value("Compare the Alpha X1 and the Alpha X2.")
    assert "ask=" not in page.url


def test_no_page_scrolls_sideways(whole: str, open_tab: Open) -> None:
    # not by way of the chat, which complains when it is left while it still loads
    tab = open_tab(whole, path="browse", at_once=False)
    for path in ("browse", "browse?q=memory", "browse/gpu/intel-gpu.md", "matrix", "browse/gone.md"):
        with_errors = len(tab.complaints)
        tab.page.goto(tab.url + path)
        for width in (320, 360, 768, 2560):
            tab.page.set_viewport_size({"width": width, "height": 800})
            assert tab.page.evaluate("document.scrollingElement.scrollWidth") <= width, (path, width)
        if path == "browse/gone.md":  # that it is not there is what the console says of it
            del tab.complaints[with_errors:]


def test_on_a_phone_the_form_fits(whole: str, open_tab: Open) -> None:
    tab = open_tab(whole, viewport=PHONE, is_mobile=True, has_touch=True)
    tab.page.get_by_role("button", name="Size a model").tap()
    expect(tab.page.get_by_role("button", name="Calculate")).to_be_in_viewport()
    assert tab.page.get_by_role("dialog").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_chart_is_drawn_and_downloaded(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(COMPARISON)
    tab.page.get_by_role("button", name="Show as a chart").click()
    chart = tab.page.get_by_role("img", name="Chart: Compare the Alpha X1")
    expect(chart.locator("svg").first).to_be_visible()
    expect(chart).to_contain_text("96 GB")
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="Download PNG").click()
    assert download.value.suggested_filename == "hwqa-chart.png"
    picture = Path(download.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 1920  # pixels across, for dense screens
    tab.page.get_by_role("button", name="Hide the chart").click()
    expect(chart).to_be_hidden()


def test_a_server_that_is_gone_is_said_and_what_is_shown_stays(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    before = len(tab.complaints)
    tab.page.context.set_offline(True)
    expect(tab.page.get_by_role("alert")).to_contain_text("hwqa does not answer")
    assert "96 GB" in tab.answer
    tab.page.context.set_offline(False)
    expect(tab.page.get_by_text("hwqa does not answer")).to_be_hidden()
    assert all("ERR_" in complaint for complaint in tab.complaints[before:])
    del tab.complaints[before:]
    tab.ask("And its power?")
    assert "450 W" in tab.answer


def test_a_server_that_was_started_anew_asks_for_a_reload(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.page.route("**/hwqa-assets/alive", lambda route: route.fulfill(body="another"))
    with tab.page.expect_response("**/hwqa-assets/alive"):
        tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.page.get_by_role("alert")).to_contain_text("started anew")
    tab.page.unroute("**/hwqa-assets/alive")
    tab.page.get_by_role("button", name="Reload").click()
    expect(tab.page.locator(".hw-welcome")).to_be_visible()
    expect(tab.page.get_by_role("alert")).to_have_count(0)
