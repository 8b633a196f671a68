"""What a question asks of a sizing, over the made-up documents: each figure worked out by hand."""

from __future__ import annotations

import pytest
from tests.sizing.conftest import sizer_of, texts

from hwqa.sizing import Calculation, Sizer, asks_for_sizing, sized
from hwqa.sizing.contexts import tokens_in
from hwqa.sizing.memory import cache_bytes
from hwqa.sizing.telling import rows, tell


def answered(sizer: Sizer, question: str) -> Calculation | None:
    named = [value for _, values in sizer.mentions(question) for value in values]
    return sized(question, named, sizer)


def text(sizer: Sizer, question: str) -> str:
    calculation = answered(sizer, question)
    assert calculation is not None
    return " ".join(each.text for each in tell(calculation, question))


@pytest.mark.parametrize(
    ("question", "says"),
    [
        # 24 × 8 / 4 = 48 billion; nine tenths of it for a server
        ("How big a model fits on a 24 GB card at 4 bit?", "up to 48 billion parameters in int4, 43.2 billion"),
        ("What is the largest model that a Zephyr Z1 can hold in FP8?", "One Zephyr Z1 with 141 GB holds the weights"),
        ("What is the largest model that a Zephyr Z1 can hold in FP8?", "up to 141 billion parameters in fp8"),
        ("How many parameters fit on one Zephyr Z1 in BF16?", "up to 70.5 billion parameters in bf16"),
        (
            "What size of model can I run on a 16 GB GPU at 8 bit if a fifth stays free?",
            "up to 12.8 billion parameters",
        ),
        ("How large a model fits on a 16 GB GPU at 8 bit with 25% headroom?", "up to 12 billion parameters"),
    ],
)
def test_the_largest_model_for_a_memory(sizer: Sizer, question: str, says: str) -> None:
    assert says in text(sizer, question)


def test_without_a_format_the_largest_model_is_told_at_three_widths(sizer: Sizer) -> None:
    told = text(sizer, "How big a model fits on a 24 GB card?")
    for width in ("12 billion parameters in fp16", "24 billion parameters in fp8", "48 billion parameters in int4"):
        assert width in told
    assert "Nimbus" in told  # the largest of the documents that fits


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many Zephyr Z1 for Nimbus 70 in FP16?", "Nimbus 70 in fp16 needs 140.0 GB"),
        ("Minimum number of Zephyr Z1 for Nimbus 70 in FP16?", "Nimbus 70 in fp16 needs 140.0 GB"),
        ("How much VRAM for a 70B model in FP8?", "A model of 70B parameters in fp8 needs 70.0 GB"),
        (
            "Can 2 x Zephyr Z1 hold Nimbus 70 in FP16?",
            "Yes: 2 × Zephyr Z1, 141 GB each, hold what it needs: Nimbus 70 in fp16 takes 140.0 GB",
        ),
        (
            "Can I run Nimbus 70 in FP16 on two Zephyr Z2?",
            "No: 2 × Zephyr Z2, 32 GiB each, do not hold what it needs",
        ),
        ("Does Nimbus 70 in FP16 run on a Zephyr Z1?", "Only on paper: Nimbus 70"),
    ],
)
def test_how_many_devices_and_whether_so_many_do(sizer: Sizer, question: str, first: str) -> None:
    assert text(sizer, question).startswith(first)


def test_the_longest_context_for_the_room_that_the_weights_leave(sizer: Sizer) -> None:
    # 141 GB − 70 GB = 71 GB; 2 × 80 layers × 8 KV heads × 128 × 2 bytes = 327,680 bytes of a token
    told = text(sizer, "How much context fits with Nimbus 70 in FP8 on a Zephyr Z1?")
    assert "Longest context: 216,674 tokens in all memory" in told
    assert "131,072 tokens as the longest of Nimbus 70" in told
    # 72 GB − 70 GB
    assert "6,103 tokens in all memory" in text(sizer, "Longest context for Nimbus 70 in FP8 on a 72 GB card?")


def test_a_window_lets_the_context_grow(sizer: Sizer) -> None:
    shape = sizer.models["Nimbus Window"]
    tokens = tokens_in(shape, 1e9, 2)
    assert (cache_bytes(shape, tokens, 2) or 0) <= 1e9 < (cache_bytes(shape, tokens + 1, 2) or 0)


def test_cost_and_prefill_take_a_usual_context_where_none_is_named(sizer: Sizer) -> None:
    calculation = answered(sizer, "How long does a Zephyr Z1 take to prefill with Nimbus 70 in FP8?")
    assert calculation is not None
    assert calculation.context == 8192
    assert calculation.placements[0].step("prefill") is not None
    told = text(sizer, "What does a million tokens of Nimbus 70 in FP8 cost on a Zephyr Z1?")
    assert (
        "Cost with a memory full of requests: $" in told or "do not give the price by the hour of the Zephyr Z1" in told
    )


@pytest.mark.parametrize(
    "question",
    [
        "How many tokens per second does Nimbus 70 reach on a Zephyr Z1?",
        "How many layers does Nimbus 70 have?",
        "How many Zephyr Z1 were needed for Nimbus 70?",
        "Which hardware runs Nimbus 70 fastest?",
        "What does a million tokens of Nimbus 70 cost?",
    ],
)
def test_what_the_documents_tell_is_not_reckoned(sizer: Sizer, question: str) -> None:
    assert answered(sizer, question) is None


PRICES = """---
title: Prices
aliases:
  Zephyr P1: [P1]
  Zephyr P2: [P2]
  Zephyr P3: [P3]
---
# Prices

## Zephyr P1

| Attribute | Value | Note |
|---|---|---|
| Memory capacity | 24 GB | |
| Form factor | PCIe card | |
| Price | $900 | |

## Zephyr P2

| Attribute | Value | Note |
|---|---|---|
| Memory capacity | 40 GB | |
| Form factor | module | |
| Price | $700 | |

## Zephyr P3

| Attribute | Value | Note |
|---|---|---|
| Memory capacity | 8 GB | |
| Form factor | PCIe card | |
| Price | $100 | |
"""


def test_the_cheapest_that_holds_it_comes_first() -> None:
    sizer = sizer_of({**texts(), "prices.md": PRICES})
    question = "What is the cheapest single device that holds a 20B model at 4 bit?"
    calculation = answered(sizer, question)
    assert calculation is not None
    assert [placement.device for placement in calculation.placements] == ["Zephyr P2", "Zephyr P1"]
    assert "The cheapest that holds it is one Zephyr P2, with 40 GB, at $700 each." in text(sizer, question)
    assert [row["Price of one"][0] for row in rows(calculation)] == ["$700", "$900"]


def test_a_card_is_no_module_and_several_may_be_cheaper() -> None:
    sizer = sizer_of({**texts(), "prices.md": PRICES})
    one = answered(sizer, "What is the cheapest single card that holds a 20B model at 4 bit?")
    assert one is not None
    assert [placement.device for placement in one.placements] == ["Zephyr P1"]
    several = answered(sizer, "What are the cheapest cards that hold a 20B model at 4 bit?")
    assert several is not None
    # 10 GB: two of 8 GB at $100
    assert [(each.device, each.devices) for each in several.placements] == [("Zephyr P3", 2), ("Zephyr P1", 1)]


def test_without_prices_those_that_need_the_fewest_come_first(sizer: Sizer) -> None:
    calculation = answered(sizer, "What is the cheapest single device that holds a 20B model at 4 bit?")
    assert calculation is not None
    assert calculation.placements
    assert not calculation.cheapest


def test_a_question_that_may_ask_for_a_calculation_is_told_from_others() -> None:
    assert asks_for_sizing("How many X9 for a 70B model?")
    assert not asks_for_sizing("What is the power of the X9?")


@pytest.mark.parametrize(
    "question",
    [
        "What do I need for Nimbus 70?",
        "what would we need to host Nimbus 70",
        "I want to run Nimbus 70 locally. What should I buy?",
        "We want to host Nimbus 70",
        "What is required to run Nimbus 70?",
        "what is needed for Nimbus 70",
        "what does Nimbus 70 need",
        "What does it take to serve Nimbus 70?",
        "Hardware requirements of Nimbus 70",
        "requirements for running Nimbus 70",
        "hardware for Nimbus 70",
        "minimum GPU for Nimbus 70",
        "VRAM for Nimbus 70",
        "setup for Nimbus 70",
        "Recommend a machine for Nimbus 70",
        "What can I run Nimbus 70 on?",
        "what do I need to run a 70B model?",
    ],
)
def test_what_a_model_needs_in_the_words_of_users(sizer: Sizer, question: str) -> None:
    calculation = answered(sizer, question)
    assert calculation is not None
    assert "140.0 GB" in text(sizer, question)
    assert len(calculation.placements) > 1


def test_who_serves_many_needs_room_for_their_contexts(sizer: Sizer) -> None:
    assert "with 8,192 tokens of context for 20 sequences" in text(
        sizer, "What do I need to host Nimbus 70 for 20 users?"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What do I need to know about Nimbus 70?",
        "What licence do I need for Nimbus 70?",
        "What do I need for the Zephyr Z1?",
        "I want to run Nimbus 70: who makes it?",
        "What was needed for Nimbus 70?",
    ],
)
def test_a_need_of_something_else_is_no_sizing(sizer: Sizer, question: str) -> None:
    assert answered(sizer, question) is None


def test_the_largest_of_a_family_on_several_devices_and_the_next() -> None:
    family = {
        "cumulus.md": "---\ntitle: Cumulus models\naliases:\n  Cumulus 9: []\n  Cumulus 300: []\n---\n"
        + "".join(
            f"## {name}\n\n| Attribute | Value |\n|---|---|\n| Parameters | {size} billion |\n| Layers | 10 |\n"
            "| Hidden size | 64 |\n| Attention heads | 8 |\n\n"
            for name, size in (("Cumulus 9", 9), ("Cumulus 300", 300))
        )
    }
    sizer = sizer_of({**texts(), **family})
    told = text(sizer, "the largest Cumulus that fits two Zephyr Z1 in FP8")
    assert "The largest Cumulus model of the documents whose weights fit is Cumulus 9" in told
    assert "The next larger does not fit: Cumulus 300" in told
    # two times 141 GB at 8 bits
    assert "2 × Zephyr Z1, 141 GB each, hold the weights of a model of up to 282 billion parameters" in told


def test_devices_are_ordered_by_what_tokens_cost_on_them(sizer: Sizer) -> None:
    by_cost = answered(sizer, "Which device makes the cheapest tokens with Nimbus 70 in FP8?")
    assert by_cost is not None
    assert by_cost.by_cost
    costs = [each.step("cost of a million tokens, throughput of a full memory") for each in by_cost.placements]
    middles = [step.result.low * step.result.high for step in costs if step is not None]
    assert middles
    assert middles == sorted(middles)
