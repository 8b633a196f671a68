"""Sizing with the project's own documents: the worked examples of its guides come out the same."""

import json
from pathlib import Path

import pytest

from hwqa.assistant import Assistant
from hwqa.sizing import PRECISIONS, Request, Sizer, read_request

RANGES = ("decode of one request", "prefill", "throughput", "throughput of a full memory")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def own(corpus_assistant: Assistant) -> Sizer:
    return Sizer(corpus_assistant.index.facts(), corpus_assistant.reader.vocabulary)


def test_the_cache_tables_of_the_model_pages_come_out_the_same(own: Sizer, corpus_assistant: Assistant) -> None:
    stated = {
        fact.product: int(fact.value.replace(",", ""))
        for fact in corpus_assistant.index.facts(attributes=["Bytes per token"])
        if fact.path.startswith("models/")
    }
    assert len(stated) > 50
    for model, expected in stated.items():
        step = own.size(Request(model=model, devices=("AMD Instinct MI300X",))).step("KV cache for a token")
        assert step is not None, model
        assert step.result.low == expected, model


@pytest.mark.parametrize(
    ("question", "total"),
    [
        ("Which single accelerator holds a 70B model in FP8 with a 32k context?", "80.7 GB (75.2 GiB)"),
        ("Does a 70B model in 16 bit with 32k tokens of context fit on one MI300X?", "150.7 GB (140.4 GiB)"),
    ],
)
def test_worked_examples_of_the_guide(own: Sizer, question: str, total: str) -> None:
    request = read_request(question)
    assert request is not None
    step = own.size(request).step("weights and cache")
    assert step is not None
    assert step.text == total


def test_one_device_of_the_documents_holds_it_or_not_as_the_guide_says(own: Sizer) -> None:
    devices = ("NVIDIA H100 SXM", "NVIDIA H200 SXM", "AMD Instinct MI300X")
    request = Request(parameters=70e9, precision=PRECISIONS["fp8"], context=32_768, devices=devices)
    assert [placement.fits for placement in own.size(request).placements] == ["no", "yes", "yes"]


def test_the_bound_of_the_guide_for_one_user(own: Sizer) -> None:
    # 4.8 TB/s / 70 GB = 68.6 tokens/s, with no cache to read.
    request = Request(parameters=70e9, precision=PRECISIONS["fp8"], context=0, devices=("NVIDIA H200 SXM",))
    step = own.size(request).placements[0].step("decode of one request")
    assert step is not None
    assert "bound 68.6 tokens/s" in step.text


def test_the_planning_shares_stand_in_the_documents(own: Sizer) -> None:
    assert all(given.fact is not None for given in own.planning.all)


def test_every_device_can_be_sized(own: Sizer) -> None:
    request = Request(model="Llama 3.1 8B", precision=PRECISIONS["int4"], concurrency=4, most_devices=1000)
    calculation = own.size(request)
    assert len(calculation.placements) > 100
    for placement in calculation.placements:
        for step in placement.steps:
            assert 0 <= step.result.low <= step.result.high, (placement.device, step.name)
            assert step.result.width <= 4 or step.name not in RANGES, step.name


def test_measurements_of_the_benchmark_name_models_and_devices_of_the_documents(own: Sizer) -> None:
    lines = (ROOT / "benchmarks" / "sizing" / "measurements.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["model"] for row in rows if "model" in row} <= set(own.models)
    assert {row["precision"] for row in rows if "precision" in row} <= set(PRECISIONS)
