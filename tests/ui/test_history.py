"""Conversations that stay: the list, versions, export, links and feedback, as a reader uses them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.conftest import SMALL_CORPUS
from tests.ui.conftest import PHONE, Open, Tab, Talking
from tests.ui.test_browser import HOSTILE

pytestmark = pytest.mark.browser

X1, X2 = "How much memory does the Alpha X1 have?", "How much memory does the Alpha X2 have?"


def act(tab: Tab, name: str, place: int = -1) -> None:
    """A button below an answer is clicked."""
    tab.page.get_by_role("button", name=name, exact=True).nth(place).click()


def listed(tab: Tab) -> list[str]:
    """The titles in the list of conversations, which is open."""
    return tab.page.locator(".hw-history-title").all_inner_texts()


def whole(tab: Tab, text: str) -> None:
    """The last answer is whole and holds the text."""
    expect(tab.page.locator(".hw-turn").last.locator(".hw-prose")).to_contain_text(text)
    tab.page.locator('.hw-turn[aria-busy="true"]').wait_for(state="detached")


def test_a_conversation_survives_reload_and_restart(address: str, open_tab: Open, talking: Talking) -> None:
    tab = open_tab(address)
    tab.ask(X2)
    tab.ask("And its power?")
    tab.page.reload()
    expect(tab.page.locator(".hw-turn")).to_have_count(2)
    assert "450 W" in tab.answer
    tab.ask("And its memory?")  # the conversation goes on where it was
    assert "96 GB" in tab.answer
    tab.page.locator('.hw-turn[data-turn="0"] a.hw-mark').first.click()
    expect(tab.page.locator("#hw-panel mark").first).to_be_visible()

    again = talking.url  # another process with the same data folder
    tab.url, first = again, tab.url
    tab.page.goto(tab.page.url.replace(first, again))
    expect(tab.page.locator(".hw-turn")).to_have_count(3)
    tab.requests[:] = [asked for asked in tab.requests if not asked.startswith(first)]


def test_the_list_opens_renames_exports_and_deletes(address: str, open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab(address)
    tab.page.get_by_role("button", name="Conversations", exact=True).click()
    expect(tab.page.get_by_text("Your conversations are kept here")).to_be_visible()
    tab.ask(X2)
    tab.page.get_by_role("button", name="New conversation").click()
    expect(tab.page).to_have_url(address)
    tab.ask(X1)
    expect(tab.page.locator(".hw-history-title")).to_have_text([X1, X2])
    expect(tab.page.locator('.hw-history-item [aria-current="true"]')).to_contain_text(X1)

    tab.page.locator(".hw-history-item").nth(1).locator(".hw-history-title").click()
    whole(tab, "96 GB")
    expect(tab.page.locator('.hw-history-item [aria-current="true"]')).to_contain_text(X2)
    tab.ask("And its power?")
    assert "450 W" in tab.answer  # and not that of the X1

    first = tab.page.locator(".hw-history-item").first
    expect(first).to_contain_text(X2)  # used last
    first.hover()
    first.get_by_role("button", name="Rename").click()
    tab.page.get_by_label("Title").fill(f"Memory {HOSTILE}")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".hw-history-title").first).to_contain_text("Memory <script>")
    assert tab.page.title() == "hwqa"

    first.hover()
    with tab.page.expect_download() as download:
        first.get_by_role("button", name="Export as Markdown").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md")
    assert text.startswith("# Memory <script>")
    for said in (
        f"## {X2}",
        "96 GB",
        "## And its power?",
        "450 W",
        "- \\[1\\] `alpha.md`, line ",
        "| Memory capacity | 96 GB",
    ):
        assert said in text

    first.hover()
    first.get_by_role("button", name="Delete").click()
    tab.page.get_by_role("button", name="Keep", exact=True).click()
    first.hover()
    first.get_by_role("button", name="Delete").click()
    tab.page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(tab.page.locator(".hw-history-title")).to_have_text([X1])
    expect(tab.page.locator(".hw-welcome")).to_be_visible()  # it was the one that was shown


def test_ask_again_edit_and_go_back_to_the_version_before(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(X2)
    tab.ask("And its power?")
    act(tab, "Ask again")
    expect(tab.page.get_by_text("2 of 2")).to_be_visible()
    whole(tab, "450 W")
    expect(tab.page.locator(".hw-turn")).to_have_count(2)

    act(tab, "Edit the question", 0)
    field = tab.page.get_by_role("textbox", name="The question")
    expect(field).to_have_value(X2)
    field.fill(X1)
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".hw-turn")).to_have_count(1)
    whole(tab, "48 GB")
    tab.ask("And its power?")
    assert "300 W" in tab.answer  # the branch has a memory of its own
    act(tab, "Earlier version")
    expect(tab.page.locator(".hw-turn")).to_have_count(2)
    whole(tab, "450 W")
    expect(tab.page.locator(".hw-question").first).to_contain_text(X2)
    tab.page.reload()
    expect(tab.page.locator(".hw-turn")).to_have_count(2)
    whole(tab, "450 W")
    act(tab, "Edit the question", 0)
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator(".hw-question").first).to_contain_text(X2)


def test_a_shared_answer_is_a_page_that_anyone_reads_and_nothing_runs_on(address: str, open_tab: Open) -> None:
    tab, stranger = open_tab(address), open_tab(address)
    tab.ask(f"{X2} {HOSTILE}")
    act(tab, "Share")
    link = tab.page.get_by_label("Link to this answer").input_value()
    tab.page.get_by_role("button", name="Copy link").click()
    expect(tab.page.get_by_text("Copied.")).to_be_visible()
    stranger.page.goto(link)
    expect(stranger.page.get_by_role("heading", level=1)).to_contain_text(X2)
    stranger.page.locator("a.hw-mark").first.click()
    expect(stranger.page.locator(".hw-shared-list li:target")).to_contain_text("alpha.md, line")
    assert stranger.page.locator("script, img, iframe, form, [onerror]").count() == 0
    stranger.page.get_by_role("link", name="the document today").first.click()
    expect(stranger.page.locator("mark", has_text="96 GB").first).to_be_visible()
    assert "script" not in httpx.get(link).headers["content-security-policy"]
    assert httpx.get(f"{address}answers/nothing").status_code == 404


def feedback() -> list[dict[str, object]]:
    """What the server of `address` has stored."""
    file = Path(os.environ["XDG_DATA_HOME"]) / "hwqa" / "chat" / "feedback.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_judgement_is_stored_with_all_that_it_takes_to_learn_from_it(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask(X2)
    tab.ask("And its power?")
    act(tab, "Bad answer")
    tab.page.get_by_role("button", name="The source does not say that").click()
    tab.page.get_by_label("What is wrong").fill("  It is 460 W. ")
    tab.page.get_by_role("button", name="Send").click()
    expect(tab.page.get_by_text("Thank you.")).to_be_visible()
    expect(tab.page.get_by_role("button", name="Bad answer").last).to_have_attribute("aria-pressed", "true")
    bare, last = feedback()[-2:]
    assert (bare["rating"], bare["reason"]) == ("down", "")  # a thumb alone counts
    assert last["id"] == bare["id"]
    assert (last["rating"], last["reason"]) == ("down", "The source does not say that; It is 460 W.")
    assert last["question"] == "And its power?"
    assert "Alpha X2" in str(last["standalone_question"])
    assert [said["role"] for said in last["history"]] == ["user", "assistant"]
    assert last["history"][0]["content"] == X2
    assert "450 W" in str(last["answer"])
    assert last["citations"][0]["quote"] in (SMALL_CORPUS / last["citations"][0]["path"]).read_text()
    assert last["settings"]["model"] == "none"
    assert last["settings"]["answer_length"] == "normal"
    assert last["settings"]["index"]
    assert str(last["time"]).endswith("Z")


def test_settings_are_remembered_and_change_the_answer(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("What does the Beta B7 run?")
    normal = tab.answer
    tab.page.get_by_role("button", name="Settings").click()
    expect(tab.page.get_by_role("dialog")).to_contain_text("3 documents")
    expect(tab.page.get_by_role("dialog")).to_contain_text("Up to date.")
    expect(tab.page.get_by_role("dialog")).to_contain_text("Nothing leaves this machine.")
    tab.page.get_by_role("radio", name="Short").check()
    tab.page.keyboard.press("Escape")
    tab.page.reload()
    tab.page.get_by_role("button", name="Settings").click()
    expect(tab.page.get_by_role("radio", name="Short")).to_be_checked()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="New conversation").click()
    tab.page.locator(".hw-welcome").wait_for()
    tab.ask("What does the Beta B7 run?")
    assert 0 < len(tab.answer) < len(normal)


def test_on_a_phone_the_list_lies_over_the_chat(address: str, open_tab: Open) -> None:
    tab = open_tab(address, viewport=PHONE, is_mobile=True, has_touch=True)
    tab.ask(X2)
    tab.page.get_by_role("button", name="Conversations", exact=True).tap()
    expect(tab.page.locator(".hw-history-title")).to_have_text([X2])
    tab.page.locator(".hw-history-title").tap()
    expect(tab.page.locator(".hw-history-list")).to_be_hidden()
    whole(tab, "96 GB")
    assert tab.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    tab.page.get_by_role("button", name="Settings").tap()
    expect(tab.page.get_by_role("dialog")).to_be_in_viewport()


def test_another_browser_sees_none_of_it(address: str, open_tab: Open) -> None:
    tab, stranger = open_tab(address), open_tab(address)
    tab.ask(X2)
    stranger.page.goto(tab.page.url)
    expect(stranger.page.get_by_role("alert")).to_contain_text("not there")
    assert stranger.page.locator(".hw-turn").count() == 0
    name = tab.page.url.partition("?c=")[2]
    turn = tab.page.locator(".hw-actions").get_attribute("data-id")
    cookies = {cookie["name"]: cookie["value"] for cookie in stranger.page.context.cookies()}
    with httpx.Client(base_url=address, cookies=cookies) as client:
        for answer in (
            client.get(f"chat/conversations/{name}/export"),
            client.get(f"chat/turns/{turn}"),
            client.post(f"chat/conversations/{name}", json={"title": "mine"}),
            client.delete(f"chat/conversations/{name}"),
            client.post("chat/share", json={"turn": turn}),
            client.post("chat/feedback", json={"turn": turn, "rating": "up"}),
        ):
            assert answer.status_code in (400, 404), answer.text
            assert "96 GB" not in answer.text
        assert client.post("chat/share", content="{}").status_code == 415  # no form of another site does anything
