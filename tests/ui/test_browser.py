"""The chat as a reader uses it: real assistant, real server, real browser."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect
from tests.chat_server import Slow, error
from tests.ui.conftest import PHONE, Open, Talking

from hwqa.assistant import Assistant
from hwqa.markdown import plain_text

pytestmark = pytest.mark.browser


def test_ask_read_click_a_mark_and_see_the_marked_line(address: str, open_tab: Open, assistant: Assistant) -> None:
    tab = open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    assert "96 GB" in tab.answer

    tab.page.locator(".hw-answer a.hw-mark").first.click()
    row = tab.page.locator("#hw-panel tr.hw-cited")
    expect(row).to_have_count(1)
    citation = assistant.ask("How much memory does the Alpha X2 have?").citations[0]
    assert citation.quote.startswith("| Memory capacity | 96 GB")
    assert tab.marked().split() == plain_text(f"|a|b|c|d|e|\n|-|-|-|-|-|\n{citation.quote}").split()[5:]
    expect(tab.page.locator("#hw-panel .hw-source-head")).to_contain_text(f"{citation.path}, line {citation.lines[0]}")
    expect(tab.page.locator("#hw-panel .hw-trail").first).to_have_text(" › ".join(citation.heading_path[:-1]))
    expect(tab.page.locator("#hw-source-title")).to_be_focused()


def test_marks_belong_to_their_own_answer(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    tab.ask("What speaks against the Beta B7?")
    assert "compiler" in tab.marked()  # the panel is that of the new answer

    first, second = tab.page.locator(".hw-turn").all()
    first.locator("a.hw-mark").first.click()
    expect(tab.page.locator("#hw-panel tr.hw-cited")).to_contain_text("96 GB")
    expect(first.locator("a.hw-mark.hw-on")).to_have_count(1)
    expect(second.locator("a.hw-mark.hw-on")).to_have_count(0)
    second.locator("a.hw-mark").first.click()
    expect(tab.page.locator("#hw-panel mark").first).to_contain_text("Young")


def test_a_follow_up_refers_to_this_browsers_conversation(address: str, open_tab: Open) -> None:
    tab, other = open_tab(address), open_tab(address)
    tab.ask("How much memory does the Alpha X2 have?")
    other.ask("How much memory does the Alpha X1 have?")
    tab.ask("And its power?")
    assert "450 W" in tab.answer
    assert "300 W" not in tab.answer
    other.ask("And its power?")
    assert "300 W" in other.answer
    assert "450 W" not in other.answer


def test_prices_stay_text(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("What does the Beta B7 cost in $ and $$?")
    assert re.search(r"\$30,000 and \$40,000", tab.answer)
    assert tab.page.locator(".katex, math").count() == 0
    expect(tab.page.locator(".hw-question")).to_contain_text("$ and $$?")


def test_the_keyboard_is_enough(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    expect(tab.page.get_by_label("Your question")).to_be_editable()
    tab.page.get_by_label("Your question").focus()
    tab.page.keyboard.type("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Enter")
    mark = tab.page.locator(".hw-answer a.hw-mark").first
    mark.wait_for()
    tab.page.locator(".hw-foot").wait_for()
    expect(tab.page.locator("#hw-columns > [role=status]")).to_contain_text("Answer: The memory capacity")
    assert mark.get_attribute("aria-label") == "Source 1: Alpha accelerators › Alpha X2"
    mark.focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#hw-source-title")).to_be_focused()


def test_an_example_is_one_click(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.page.get_by_role("button", name="What is the memory capacity of the Alpha X1?").click()
    tab.page.locator(".hw-foot").wait_for()
    assert "48 GB" in tab.answer


def test_an_empty_question_is_pointed_out_and_a_new_conversation_is_empty(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.page.get_by_label("Your question").fill("   ")
    tab.page.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.page.get_by_text("Type a question first.")).to_be_visible()
    assert tab.page.locator(".hw-turn").count() == 0
    tab.page.get_by_label("Your question").fill("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Enter")
    tab.page.locator(".hw-foot").wait_for()
    expect(tab.page.get_by_text("Type a question first.")).to_be_hidden()
    expect(tab.page.get_by_text("Nothing leaves this machine.")).to_be_visible()
    tab.page.get_by_role("button", name="New conversation").click()
    expect(tab.page.locator(".hw-welcome")).to_be_visible()
    expect(tab.page.locator("#hw-panel .hw-source")).to_have_count(0)
    tab.ask("And its power?")
    assert "450 W" not in tab.answer or "300 W" in tab.answer  # it no longer knows of the X2


def test_a_question_that_is_too_long_is_one_line(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("x" * 100_000)
    error = tab.page.get_by_role("alert")
    expect(error).to_contain_text("100,000 characters")
    assert "\n" not in error.inner_text()
    tab.ask("How much memory does the Alpha X2 have?")
    assert "96 GB" in tab.answer


HOSTILE = (
    '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'"> ${document.title="owned"}'
)


SENTENCES = " ".join(
    f"The Alpha X2 has 96 GB of memory, {word} [1]." for word in "really indeed surely truly".split() * 20
)


def test_stop_stops_the_model(talking: Talking, open_tab: Open) -> None:
    talking.reply = Slow(SENTENCES, 0.03)
    tab = open_tab(talking.url)
    tab.page.get_by_label("Your question").fill("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".hw-stages .hw-now")).to_be_visible()
    expect(tab.page.locator(".hw-prose a.hw-mark").first).to_be_visible()
    tab.page.get_by_role("button", name="Stop").click()
    expect(tab.page.locator(".hw-note")).to_have_text("Stopped.")
    assert talking.model.requests[0].disconnected.wait(10)
    # A step that was under way when Stop was clicked may still be drawn; the page then settles without stages.
    tab.page.wait_for_timeout(500)
    expect(tab.page.locator(".hw-stages")).to_have_count(0)
    expect(tab.page.locator(".hw-note")).to_have_text("Stopped.")
    before = tab.answer
    assert "96 GB" in before
    tab.page.wait_for_timeout(1_000)
    assert tab.answer == before
    expect(tab.page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    tab.page.get_by_role("button", name="New conversation").click()
    expect(tab.page.locator(".hw-welcome")).to_be_visible()


def test_a_failing_model_is_reported_below_the_answer(talking: Talking, open_tab: Open) -> None:
    talking.reply = error(401)
    tab = open_tab(talking.url)
    expect(tab.page.locator("#hw-note")).to_contain_text("127.0.0.1")
    tab.ask("How much memory does the Alpha X2 have?")
    assert "96 GB" in tab.answer
    expect(tab.page.locator(".hw-foot li").first).to_contain_text(talking.model.base_url)


def test_what_was_removed_is_told_and_opens_without_its_figures(talking: Talking, open_tab: Open) -> None:
    talking.reply = "The Alpha X2 has 96 GB of memory [1]. The Alpha X2 has 46,809 GB of cache [1]."
    tab = open_tab(talking.url)
    tab.ask("What memory has the Alpha X2?")
    assert tab.answer.startswith("The Alpha X2 has 96 GB of memory")
    removed = tab.page.locator(".hw-removed")
    expect(removed.locator("li")).to_be_hidden()
    removed.get_by_text("1 sentence was removed").focus()
    tab.page.keyboard.press("Enter")
    expect(removed.locator("li")).to_contain_text("The Alpha X2 has figure withheld of cache.")
    expect(removed.locator("li")).to_contain_text("is not in the cited source")
    assert "46,809" not in tab.page.content()


def test_no_width_scrolls_sideways(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.ask("Compare the Alpha X1 and the Alpha X2. " + "x" * 300)
    wide = "[...document.querySelectorAll('#hw-turns, #hw-sources')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    for width in (320, 360, 768, 1360, 2560):
        tab.page.set_viewport_size({"width": width, "height": 800})
        for action in (lambda: None, tab.page.locator(".hw-answer a[data-cite]").first.click):
            action()
            tab.page.locator("#hw-panel .hw-source").wait_for(state="attached")
            assert tab.page.evaluate("document.scrollingElement.scrollWidth") <= width
            assert tab.page.evaluate(f"{wide}.length") == 0, width
        if (back := tab.page.get_by_role("button", name="Back to the answer")).is_visible():
            back.click()


def test_a_new_question_stands_at_the_top(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    for question in ("Compare the Alpha X1 and the Alpha X2.", "What speaks against it?", "And the power?"):
        tab.ask(question)
        below = (
            "() => { const turns = document.getElementById('hw-turns').getBoundingClientRect().top;"
            " const last = [...document.querySelectorAll('.hw-turn')].pop().getBoundingClientRect().top;"
            " return Math.abs(last - turns - 24) < 30; }"
        )
        tab.page.wait_for_function(below)


def test_what_was_typed_outlasts_a_reload_and_goes_when_it_was_asked(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.page.get_by_label("Your question").fill("How much memory does the Alpha X2 have?")
    tab.page.reload()
    expect(tab.page.get_by_label("Your question")).to_have_value("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Tab")
    tab.page.get_by_role("button", name="Ask", exact=True).click()
    tab.page.locator(".hw-foot").wait_for()
    tab.page.reload()
    tab.page.locator(".hw-foot").wait_for()
    expect(tab.page.get_by_label("Your question")).to_have_value("")


def test_on_a_phone_a_mark_opens_the_sources_over_the_chat(address: str, open_tab: Open) -> None:
    tab = open_tab(address, viewport=PHONE, is_mobile=True, has_touch=True)
    tab.ask("How much memory does the Alpha X2 have?")
    expect(tab.page.locator("#hw-sources")).to_be_hidden()
    tab.page.locator(".hw-answer a.hw-mark").first.tap()
    expect(tab.page.locator("#hw-panel tr.hw-cited")).to_be_in_viewport()
    tab.page.get_by_role("button", name="Back to the answer").tap()
    expect(tab.page.locator("#hw-sources")).to_be_hidden()
    expect(tab.page.locator(".hw-answer a.hw-mark").first).to_be_focused()


def test_the_stage_shows_at_once(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    tab.page.evaluate("""() => {
        window.seen = null;
        new MutationObserver(() => {
            if (document.querySelector(".hw-stages") && window.seen === null) window.seen = performance.now();
        }).observe(document.body, { childList: true, subtree: true });
        document.addEventListener("keydown", () => { window.began = performance.now(); }, true);
    }""")
    tab.page.get_by_label("Your question").fill("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Enter")
    tab.page.locator(".hw-foot").wait_for()
    waited = tab.page.evaluate("window.seen - window.began")
    assert 0 < waited < 2_000  # milliseconds; below 300 on an idle machine


def test_closing_the_tab_stops_the_model(talking: Talking, open_tab: Open) -> None:
    talking.reply = Slow(SENTENCES, 0.05)
    tab = open_tab(talking.url)
    tab.page.get_by_label("Your question").fill("How much memory does the Alpha X2 have?")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(".hw-prose a.hw-mark").first).to_be_visible()
    tab.page.close()
    assert talking.model.requests[0].disconnected.wait(15)


def test_only_steps_that_change_what_is_shown_are_sent(talking: Talking) -> None:
    talking.reply = Slow("The Alpha X2 has 96 GB of memory [1]. The Alpha X2 draws 450 W [2].", 0.01)  # some 25 pieces
    with httpx.Client(base_url=talking.url, timeout=60) as client:
        client.get("/")
        names = {each.get("api_name"): each["id"] for each in client.get("config").json()["dependencies"]}
        for path, name, data in (
            ("run/predict", "begun", ["How much memory and power does the Alpha X2 have?", "openai:test"]),
            ("queue/join", "answered", ["openai:test"]),
        ):
            sent = {"data": data, "fn_index": names[name], "session_hash": "steps"}
            client.post(f"gradio_api/{path}", json=sent).raise_for_status()
        with client.stream("GET", "gradio_api/queue/data?session_hash=steps") as events:
            told = "".join(events.iter_text())
    assert "96 GB" in told
    assert len(talking.model.requests) == 1
    assert 3 <= told.count('"process_generating"') <= 7
