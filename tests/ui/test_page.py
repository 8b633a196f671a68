"""What a turn shows, whatever words it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.hostile import HOSTILE

from hwqa.schema import Answer, Citation, Removed, Timings
from hwqa.ui.conversation import Turn
from hwqa.ui.page import render_turns, render_welcome
from hwqa.ui.sources import render_panel
from hwqa.withholding import BLANK


def turn(text: str = "It has 5 GB [1].", **changes: object) -> Turn:
    citation = Citation(1, "a.md", ("A",), "a", (1, 1), "It has 5 GB.")
    answer = Answer(**{"question": "Q", "standalone_question": "Q", "status": "answered", "text": text, **changes})
    return Turn("Q", "done", text, (citation,), answer)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_word_of_others_becomes_a_tag(tmp_path: Path, text: str) -> None:
    citation = Citation(1, text, (text, text), "", (1, 1), text)
    hostile = Turn(text, "failed", "Plain [1].", (citation,), None, text)
    noted = turn(warnings=(text,), standalone_question=text, model=text)
    html = render_turns([hostile, noted]) + render_welcome([text]) + render_panel(tmp_path, (citation,), 0, 1)
    for tag in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<form",
        "<svg/",
        "<a href='",
        "<div style",
        "javascript:alert(1)<",
    ):
        assert tag not in html.replace("[x](javascript:alert(1))", "").lower()
    assert 'onerror="' not in html
    assert 'onmouseover="' not in html


def test_warnings_removals_and_what_was_understood_stand_below() -> None:
    html = render_turns(
        [turn(warnings=("a.md is not searched: it is no text",), removed_sentences=2, standalone_question="Whole?")]
    )
    assert "Understood as: Whole?" in html
    assert "a.md is not searched" in html
    assert "2 sentences were removed because the cited sources do not support them." in html


def test_a_removal_that_a_warning_tells_is_told_once() -> None:
    told = "1 sentence was removed because the cited sources do not support it."
    assert render_turns([turn(warnings=(told,), removed_sentences=1)]).count(told) == 1


def test_which_sentences_were_removed_and_why_opens_on_a_click() -> None:
    removed = Removed(f"It has {BLANK} of <b>.", (f"'{BLANK}' is not in the cited source",))
    html = render_turns([turn(removed_sentences=1, removed=(removed,))])
    assert "<details" in html
    assert "<details open" not in html
    assert BLANK not in html
    assert 'It has <span class="hw-blank"><span class="hw-unseen">figure withheld</span></span> of &lt;b&gt;.' in html
    assert html.count("figure withheld") == 2


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("answered", None),
        ("partial", "The documents answer a part of this"),
        ("not_in_docs", "Not in the documents"),
        ("clarify", "A question back"),
    ],
)
def test_the_status_is_said_where_it_is_not_plain(status: str, shown: str | None) -> None:
    html = render_turns([turn(status=status)])
    assert ("hw-status" in html) == (shown is not None)
    assert shown is None or shown in html


def test_who_wrote_it_and_how_long_it_took() -> None:
    html = render_turns([turn(model="openai:small", timings=Timings(total=1_234))])
    assert "written by openai:small · 1.2 s" in html


def test_only_the_present_stage_is_told_to_screen_readers() -> None:
    html = render_turns([Turn("Q", "searching")])
    assert html.count('aria-current="step"') == 1
    assert '<li class="hw-now" aria-current="step">Searching the documents</li>' in html
    assert html.count('aria-hidden="true"') == 3


def test_turns_keep_their_place_in_the_conversation() -> None:
    assert 'data-turn="5"' in render_turns([turn()], first=5)
    assert 'data-cite="5.1"' in render_turns([turn()], first=5)
