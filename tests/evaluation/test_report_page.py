"""The HTML report: its charts, its questions with marked citations, its filters in a browser."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.evaluation.cards import RIGHT, Scripted, answer, citation
from tests.ui.conftest import ARGUMENTS, CHROMIUM

from hwqa.evaluation import Case, Result, run_eval
from hwqa.evaluation.charts import calibration, calibration_error, histogram
from hwqa.evaluation.page import questions

Build = Callable[..., Scripted]
MEMORY = "How much memory has the X9?"
WRONG = answer("The X9 has 80 GB [1].", citation(1, "The X9 holds 192 GB of HBM3 memory."))


def test_a_calibration_curve_by_hand(cases: list[Case]) -> None:
    answerable, _, unanswerable = cases
    said = [(answerable, 0.92), (answerable, 0.98), (unanswerable, 0.95), (unanswerable, 0.2), (answerable, None)]
    bins = calibration([Result(case, {}, confidence=confidence) for case, confidence in said])
    assert [(each.low, each.n, each.share) for each in bins] == [(0.2, 1, 0), (0.9, 3, 2 / 3)]
    assert bins[1].mean == pytest.approx(0.95)
    assert calibration_error(bins) == pytest.approx((1 * 0.2 + 3 * (0.95 - 2 / 3)) / 4)
    assert calibration([Result(answerable, {}, confidence=1.0)])[0].low == 0.9
    assert calibration_error([]) is None


def test_a_histogram_doubles_from_bar_to_bar() -> None:
    assert [(each.low, each.high, each.n) for each in histogram([3, 2, 9, 15.9])] == [(2, 4, 2), (4, 8, 0), (8, 16, 2)]
    assert histogram([]) == []
    assert histogram([0.2])[0].n == 1
    assert math.isfinite(histogram([1e6])[0].high)


def test_questions_say_what_is_amiss_and_what_changed(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    run_eval(cases, scripted(), out=tmp_path / "before")
    broken = scripted({MEMORY: WRONG, "And its power?": RuntimeError("lost")})
    report = run_eval(cases, broken, baseline=tmp_path / "before")
    memory, power, price = questions(report)
    # the passages of the tests hit nothing at the first rank, so `source not found` is not among them
    assert memory.labels == ("facts missing", "wrong facts", "unsupported", "worse")
    assert {"raised", "facts missing", "refused"} <= set(power.labels)
    assert price.labels == ("fine",)
    assert ("fact_coverage", 1, 0) in [(measure.name, *scores) for measure, *scores in memory.changes]
    assert memory.earlier is not None
    assert "192 GB" in memory.before


def test_the_figures_that_an_answer_took_are_marked_in_the_quote(scripted: Build, cases: list[Case]) -> None:
    memory = next(iter(questions(run_eval(cases, scripted()))))
    assert '<button type="button" class="mark" data-cite="1">1</button>' in memory.answer
    ((_, quote),) = memory.quotes
    assert quote == "The X9 holds <mark>192 GB</mark> of HBM3 memory."


def test_what_an_answer_or_a_quote_smuggles_in_is_text(scripted: Build, cases: list[Case], corpus: Path) -> None:
    text = '[1](javascript:alert(1)) ![x](//evil.example/x.png) <b onclick="x">192 GB</b> [9] [1] &lt;i&gt;'
    hostile = answer(text, replace(RIGHT[MEMORY].citations[0], quote="<script>192 GB</script>"))
    page = run_eval(cases, scripted({MEMORY: hostile})).to_html()
    assert not re.search(r"(?:src|href)\s*=", page)
    assert "<b onclick" not in page
    assert "<script>192" not in page
    assert "&lt;script&gt;" in page
    assert "[9]" in page  # a mark without a citation is no button


@pytest.mark.browser
def test_the_page_filters_searches_and_shows_what_is_cited(scripted: Build, cases: list[Case], tmp_path: Path) -> None:
    confident = {question: replace(given, confidence=0.9) for question, given in RIGHT.items()}
    run_eval(cases, scripted(confident), out=tmp_path / "before")
    wrong = confident | {MEMORY: replace(WRONG, confidence=0.9)}
    run_eval(cases, scripted(wrong), out=tmp_path / "after", baseline=tmp_path / "before")
    noticed: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("console", lambda message: noticed.append(message.text))
        page.on("pageerror", lambda error: noticed.append(str(error)))
        page.on("request", lambda request: noticed.append(request.url) if request.url.startswith("http") else None)
        page.goto((tmp_path / "after" / "report.html").as_uri())
        assert page.inner_text("#shown") == "3 of 3 shown"
        assert page.locator("#calibration circle").count() == 1
        assert page.locator("#latency rect").count() >= 1
        page.select_option("#label", "worse")
        assert page.inner_text("#shown") == "1 of 3 shown"
        case = page.locator(".case:visible")
        case.locator("summary").click()
        assert "missed: 192 GB" in case.inner_text()
        assert "IN THE BASELINE" in case.inner_text().upper()
        case.locator(".mark").first.click()
        assert case.locator(".cite.lit").get_attribute("data-number") == "1"
        page.select_option("#label", "")
        page.fill("#search", "Y4 cost")
        assert page.inner_text("#shown") == "1 of 3 shown"
        page.fill("#search", "")
        page.select_option("#category", "follow-up")
        assert page.inner_text("#shown") == "1 of 3 shown"
        # a case that the comparison names opens, whatever is filtered; a category's name shows its questions
        page.locator("#comparison summary", has_text="1 worse").first.click()
        page.locator("#comparison .to:visible").first.click()
        assert page.inner_text("#shown") == "3 of 3 shown"
        assert page.locator(".case[open]").get_attribute("data-id") == "memory"
        page.locator("#categories .to", has_text="not-in-docs").click()
        assert page.inner_text("#shown") == "1 of 3 shown"
        assert page.input_value("#category") == "not-in-docs"
        page.select_option("#category", "")
        page.select_option("#order", "faults")
        assert page.locator(".case").first.get_attribute("data-id") == "memory"
        page.select_option("#order", "place")
        assert [each.get_attribute("data-place") for each in page.locator(".case").all()] == ["1", "2", "3"]
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert noticed == []
