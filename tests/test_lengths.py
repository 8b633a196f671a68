"""How much an answer tells is up to the reader; what it tells is checked all the same."""

from __future__ import annotations

import pytest

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import ConfigError
from hwqa.lengths import LENGTHS
from hwqa.prompts import render
from hwqa.schema import Evidence


def test_a_longer_answer_quotes_more_and_begins_alike(assistant: Assistant) -> None:
    question = "What does the Beta B7 run?"
    short, normal, long = (assistant.with_model("none", length=length).ask(question) for length in LENGTHS)
    assert len(short.citations) == 1
    assert len(short.citations) < len(normal.citations) < len(long.citations)
    assert short.text.rstrip(".") in normal.text
    assert assistant.ask(question).text == normal.text


def test_figures_that_were_asked_for_are_given_at_any_length(assistant: Assistant) -> None:
    short = assistant.with_model("none", length="short").ask("How much memory and power does the Alpha X2 have?")
    assert "96 GB" in short.text
    assert "450 W" in short.text


@pytest.mark.parametrize("length", LENGTHS.values(), ids=list(LENGTHS))
def test_a_chat_model_is_asked_for_as_much(length) -> None:
    evidence = Evidence(1, "a.md", ("A",), "a", (1, 1), "It has 5 GB.", "It has 5 GB.")
    system, _ = render("How much?", [evidence], sentences=length.sentences)
    assert f"in at most {length.sentences} of plain Markdown" in str(system.text)


def test_the_settings_name_a_length_that_there_is() -> None:
    assert Settings.load(answer_length="long").answer_length in LENGTHS
    with pytest.raises(ConfigError, match="answer_length"):
        Settings.load(answer_length="endless")
