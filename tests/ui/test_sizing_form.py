"""The sizing form: reading the question that it makes gives the sizing that its fields mean."""

from __future__ import annotations

import pytest

from hwqa.assistant import Assistant
from hwqa.errors import SizingError
from hwqa.sizing import requested
from hwqa.ui.sizing_form import render_form, sizing_question

MODEL = "Llama 3.1 70B"


@pytest.mark.parametrize("model", [MODEL, "llama 3.1 70b", "70B", "13.5B", "405 billion", "Mixtral 8x7B"])
@pytest.mark.parametrize("precision", ["", "fp8", "int4", "q4_k_m"])
@pytest.mark.parametrize("device", ["", "NVIDIA H200 SXM"])
def test_the_chat_reckons_what_the_form_asks(
    corpus_assistant: Assistant, model: str, precision: str, device: str
) -> None:
    sizer = corpus_assistant.sizer
    fields = {"model": model, "precision": precision, "context": "32k", "users": "8", "device": device}
    question = sizing_question(fields, sizer)
    known = next((name for name in sizer.model_names if name.casefold() == model.casefold()), None)
    wanted = sizer.size(
        requested(
            model=known,
            model_params=None if known else model,
            precision=precision or None,
            context="32k",
            concurrency=8,
            devices=[device] if device else (),
            limit=24,
        )
    ).to_json()
    answered = corpus_assistant.ask(question).calculation
    assert answered == wanted


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "name a model"),
        ({"model": "No Such Model"}, "know no model 'No Such Model'"),
        ({"model": "70B", "context": "much"}, "no number of tokens"),
        ({"model": "70B", "users": "0"}, "no number of users"),
        ({"model": "70B", "users": "1e9"}, "no number of users"),
        ({"model": "70B", "precision": "fp3"}, "no number format 'fp3'"),
        ({"model": "70B", "device": "No Such Card"}, "of a device 'No Such Card'"),
        ({"model": "0B"}, "know no model '0B'"),
    ],
)
def test_a_field_that_cannot_be_read_is_said(corpus_assistant: Assistant, fields: dict[str, str], said: str) -> None:
    with pytest.raises(SizingError, match=said):
        sizing_question(fields, corpus_assistant.sizer)


def test_the_form_offers_the_models_and_devices_of_the_documents(corpus_assistant: Assistant) -> None:
    html = render_form(corpus_assistant.sizer)
    for name in (*corpus_assistant.sizer.model_names, *corpus_assistant.sizer.devices):
        assert f'<option value="{name}">' in html
