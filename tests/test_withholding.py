"""What was removed is shown without its figures: no number that nothing bears out reaches a reader, however written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.schema import Mention, Timings
from hwqa.withholding import BLANK, blanked, withhold
from tests.conftest import CACHE, SMALL_CORPUS


def mentions(text: str) -> list[Mention]:
    at = text.find("Alpha X1")
    return [Mention("Alpha X1", at, at + 8)] if at >= 0 else []


@pytest.mark.parametrize(
    "figure",
    [
        "96 GB",
        "96GB",
        "4.8TB/s",
        "$30,000 to $40,000",
        "1.2e3 W",
        "12½ W",
        "4k tokens",
        "50 %",
        "3x",
        "５０",
        "XCVII GB",
        "五百 GB",
        "five hundred and twelve",
        "two-thirds",
        "twice",
        "hundreds",
        "2025-11-23",
        "Q4 2025",
        "1/3",
        "10⁹",
    ],
)
def test_a_figure_is_blanked_and_the_words_around_it_stay(figure: str) -> None:
    text = blanked(f"The Alpha X1 offers {figure} of what FP8 needs.", mentions, ["FP8 runs"])
    assert text.startswith(f"The Alpha X1 offers {BLANK}")
    assert text.endswith("of what FP8 needs.")
    assert not any(letter.isnumeric() for letter in text.replace("Alpha X1", "").replace("FP8", ""))


def test_a_name_with_digits_that_no_document_has_is_blanked() -> None:
    assert "9000" not in blanked("The Zorgon9000 beats the Zorgon 9000.", mentions, ["FP8 runs"])


@given(st.text(max_size=60))
def test_no_digit_outlives_the_blanks(text: str) -> None:
    assert not any(letter.isnumeric() for letter in blanked(text, lambda _: (), ()))
    removed = withhold(text, [f"'{text}' is not in [1][2]"], lambda _: (), ())
    assert not any(letter.isnumeric() for letter in removed.text + "".join(removed.reasons))


def test_marks_and_the_drafts_numbers_of_sources_are_left_out() -> None:
    removed = withhold("- **Memory**: the Alpha X1 has 96 GB [7].", ["'96 GB' is not in [7]"], mentions, [])
    assert removed.text == f"Memory: the Alpha X1 has {BLANK}."
    assert removed.reasons == (f"'{BLANK}' is not in the cited source",)
    assert withhold("It runs [9].", ["[9] does not exist"], mentions, []).reasons == (
        "it cites a source that does not exist",
    )


def test_an_answer_tells_what_was_removed_from_its_drafts_without_the_figures(small_index: Path) -> None:
    drafts = ["The Alpha X1 has 777 GB [1].", "The Alpha X1 has 48 GB [1]. The Alpha X1 has 888 GB [1]."]
    model = GenericFakeChatModel(messages=iter([AIMessage(draft) for draft in drafts]))
    assistant = Assistant.open(SMALL_CORPUS, small_index, model=model, settings=Settings.load(cache=CACHE))
    answer = assistant.ask("How much memory does the Alpha X1 have?")
    assert answer.text.startswith("The Alpha X1 has 48 GB [1].")
    assert answer.removed_sentences == 2
    assert [removed.text for removed in answer.removed] == [f"The Alpha X1 has {BLANK}."]
    assert answer.removed[0].reasons == (f"'{BLANK}' is not in the cited source",)
    shown = repr(replace(answer, timings=Timings(), confidence=None))  # whose digits are of the moment
    assert "777" not in shown
    assert "888" not in shown
