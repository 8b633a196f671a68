"""The sentences of a sizing, over the made-up documents: each figure worked out by hand."""

from __future__ import annotations

import pytest

from hwqa.sizing import Sizer, asks_for_sizing, read_request
from hwqa.sizing.telling import Told, rows, tell


def told(sizer: Sizer, question: str, model: str = "", *devices: str) -> list[Told]:
    request = read_request(question, model, devices)
    assert request is not None
    return list(tell(sizer.size(request), question))


@pytest.mark.parametrize(
    ("question", "devices", "first"),
    [
        pytest.param(
            "Does Nimbus 70 in FP8 with 8k context fit on one Zephyr Z1?",
            ["Zephyr Z1"],
            # 70 GB + 2 × 80 layers × 8 KV heads × 128 × 2 bytes × 8,192 tokens
            "Yes: Nimbus 70 in fp8 with 8,192 tokens of context needs 72.7 GB (67.7 GiB) and fits one Zephyr Z1 "
            "with 141 GB.",
            id="it fits",
        ),
        pytest.param(
            "Does Nimbus 70 in FP16 fit on one Zephyr Z1?",
            ["Zephyr Z1"],
            "Only on paper: Nimbus 70 in fp16 needs 140.0 GB (130.4 GiB), nearly all of one Zephyr Z1 with 141 GB.",
            id="more than a server may fill",
        ),
        pytest.param(
            "Does Nimbus 70 in FP16 fit on one Zephyr Z2?",
            ["Zephyr Z2"],
            "No: Nimbus 70 in fp16 needs 140.0 GB (130.4 GiB) and does not fit one Zephyr Z2 with 32 GiB.",
            id="it does not",
        ),
        pytest.param(
            "KV cache of Nimbus 70 at 4k tokens?",
            [],
            "Nimbus 70 in fp16 with 4,096 tokens of context needs 141.3 GB (131.6 GiB) for weights and KV cache.",
            id="no device",
        ),
    ],
)
def test_the_answer_comes_first(sizer: Sizer, question: str, devices: list[str], first: str) -> None:
    sentences = told(sizer, question, "Nimbus 70", *devices)
    assert sentences[0].text == first
    assert {"Parameters"} <= {fact.attribute for fact in sentences[0].facts}


def test_the_fewest_devices_are_given_where_one_is_too_small(sizer: Sizer) -> None:
    sentences = told(sizer, "How many Zephyr Z2 for Nimbus 70 in 16 bit?", "Nimbus 70", "Zephyr Z2")
    # 140 GB / 34.36 GB = 4.07, and with nine tenths of the memory 4.53
    assert sentences[1].text.startswith("At least 5 of them hold it: 140.0 GB (130.4 GiB) / 32 GiB each.")


def test_the_widths_that_fit_are_told_where_they_are_asked_for(sizer: Sizer) -> None:
    sentences = told(sizer, "At how many bits does Nimbus 70 fit on a Zephyr Z3?", "Nimbus 70", "Zephyr Z3")
    assert sentences[1].text == (
        "By its weights alone, it fits at 8 bits with 70.0 GB (65.2 GiB), 4 bits with 35.0 GB (32.6 GiB), "
        "not at 16 bits with 140.0 GB (130.4 GiB)."
    )


def test_a_size_and_a_memory_need_no_document(sizer: Sizer) -> None:
    sentences = told(sizer, "Does a 7B model fit in 8 GB at 8 bits?")
    assert (
        sentences[0].text
        == "Yes: a model of 7B parameters in fp8 needs 7.00 GB (6.52 GiB) and fits a device with 8 GB."
    )


def test_several_devices_make_a_table(sizer: Sizer) -> None:
    request = read_request("Which device holds Nimbus 70 at 8 bits?", "Nimbus 70")
    assert request is not None
    table = rows(sizer.size(request))
    device, needed = table[0]["Device"][0], table[0]["Devices needed"]
    assert needed[0] == "1"
    assert {fact.product for fact in needed[1]} == {device}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Does Nimbus 70 fit on a Z1?", True),
        ("How many Z1 does Nimbus 70 need?", True),
        ("KV cache of Nimbus 70 at 32k?", True),
        ("Who made Nimbus 70?", False),
        ("When was Nimbus 70 released?", False),
    ],
)
def test_a_question_about_a_model_is_a_sizing_when_it_asks_what_it_needs(question: str, expected: bool) -> None:
    assert asks_for_sizing(question) is expected
