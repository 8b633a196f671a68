"""Bounds of speed, their ranges, and the figures that they rest on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sizing.conftest import sizer_of, texts

from hwqa.sizing import PRECISIONS, Placement, Range, Request, Sizer
from hwqa.sizing.speed import Load, Machine, Shares, critical_batch, decode_step, prefill_seconds

FP8 = PRECISIONS["fp8"]
SIZER = sizer_of(texts())
SHARES = Shares(Range(0.4, 0.9), Range(0.5, 0.9), Range(0.16, 0.58))


def place(sizer: Sizer, **asked: object) -> Placement:
    request = Request(**{"model": "Nimbus 70", "precision": FP8, "devices": ("Z1",), **asked})  # type: ignore[arg-type]
    return sizer.size(request).placements[0]


def result(placement: Placement, name: str) -> Range:
    step = placement.step(name)
    assert step is not None, name
    return step.result


def test_decode_of_one_request_is_bandwidth_by_bytes(sizer: Sizer) -> None:
    bound = 4.8e12 / (70e9 + 327_680 * 32_768)
    decode = result(place(sizer, context=32_768), "decode of one request")
    assert decode.low == pytest.approx(0.5 * bound)
    assert decode.high == pytest.approx(0.8 * bound)


def test_tensor_parallel_devices_add_their_bandwidths(sizer: Sizer) -> None:
    bound = 2 * 4.8e12 / (70e9 + 327_680 * 8192)
    assert result(place(sizer, count=2), "decode of one request").high == pytest.approx(0.8 * bound)


def test_a_number_that_does_not_divide_the_heads_works_as_its_fullest_device(sizer: Sizer) -> None:
    # 64 heads on 12 devices: six on the fullest, so 64 / 72 of their bandwidth counts.
    placement = place(sizer, context=8192, count=12)
    cache = 327_680 * 8192 / 8
    bound = 4.8e12 * 64 / 72 / (70e9 / 12 + cache)
    assert result(placement, "decode of one request").high == pytest.approx(0.8 * bound)
    assert any("do not divide evenly over 12" in warning for warning in placement.warnings)


def test_prefill_is_operations_by_the_dense_peak(sizer: Sizer) -> None:
    prompt = 2048
    operations = prompt * (2 * 70e9 + 4 * 80 * 64 * 128 * prompt / 2)
    prefill = result(place(sizer, context=prompt), "prefill")
    assert prefill.low == pytest.approx(operations / 2e15 / 0.8)
    assert prefill.high == pytest.approx(operations / 2e15 / 0.5)


def test_the_figures_of_prefill_give_its_bound(sizer: Sizer) -> None:
    step = place(sizer, context=2048).step("prefill")
    assert step is not None
    # 2 × 70 billion for the weights, and 4 × 80 × 64 × 128 × 1,024 (half of the prompt) for attention.
    assert step.numbers == "2,048 × 143 billion / (1 × 2,000 TFLOPS), 0.5–0.8"


def test_compute_takes_over_at_peak_by_bandwidth_without_cache() -> None:
    shape = SIZER.models["Nimbus 70"]
    assert critical_batch(Load(shape, 2.0, 2.0), Machine(1, 4.8e12, 1e15), 0) == pytest.approx(1e15 / 4.8e12)
    # With long contexts the cache of a sequence takes longer to read than its arithmetic.
    assert critical_batch(Load(shape, 2.0, 2.0), Machine(1, 4.8e12, 1e15), 65_536) is None


def test_a_sparse_peak_counts_half(sizer: Sizer) -> None:
    placement = place(sizer, devices=("Z2",), precision=PRECISIONS["fp16"], count=8, context=2048)
    operations = 2048 * (2 * 70e9 + 4 * 80 * 64 * 128 * 1024)
    assert result(placement, "prefill").low == pytest.approx(operations / (8 * 400e12) / 0.8)
    assert any("half of the sparse peak" in warning for warning in placement.warnings)


def test_without_bandwidth_and_peak_memory_is_still_reckoned(sizer: Sizer) -> None:
    placement = place(sizer, devices=("Z3",))
    assert [step.name for step in placement.steps] == [
        "memory",
        "room for the cache",
        "longest context",
        "sequences that fit",
    ]
    assert any("no memory bandwidth" in warning for warning in placement.warnings)
    assert any("96 GB" in warning for warning in placement.warnings)


def test_cost_is_price_by_throughput(sizer: Sizer) -> None:
    placement = place(sizer, context=8192, concurrency=8)
    speed, cost = result(placement, "throughput"), result(placement, "cost of a million tokens, throughput")
    assert cost.low == pytest.approx(3.60 / 3600 / speed.high * 1e6)
    assert cost.high == pytest.approx(3.60 / 3600 / speed.low * 1e6)


def test_throughput_with_answers_counts_the_prompts(sizer: Sizer) -> None:
    decoded = result(place(sizer, context=4096, concurrency=8), "throughput")
    served = result(place(sizer, context=4096, output=512, concurrency=8), "throughput")
    assert served.high < decoded.high


def test_throughput_is_the_time_of_prompts_and_steps(sizer: Sizer) -> None:
    prompt, output, batch = 3584, 512, 8
    cached = prompt + output / 2
    attention = 4 * 80 * 64 * 128
    reading = (70e9 + batch * 327_680 * cached) / 4.8e12
    arithmetic = batch * (140e9 + attention * cached) / 2e15
    prompts = batch * prompt * (140e9 + attention * prompt / 2) / 2e15
    step = place(sizer, context=prompt + output, output=output, concurrency=batch).step("throughput")
    assert step is not None
    bound = batch * output / (prompts + output * max(reading, arithmetic))
    assert f"(bound {bound:,.0f} tokens/s)" in step.text


def test_a_full_memory_holds_the_prompts_and_half_of_the_answers(sizer: Sizer) -> None:
    step = place(sizer, context=4096, output=512).step("throughput of a full memory")
    assert step is not None
    room = (0.9 * 141e9 - 70e9) / (327_680 * (3584 + 256))
    assert step.numbers.startswith(f"{int(room)} sequences")


def test_a_wanted_speed_bounds_the_batch(sizer: Sizer) -> None:
    free = place(sizer, context=2048, output=1024).step("throughput of a full memory")
    held = place(sizer, context=2048, output=1024, speed=40.0).step("throughput of a full memory")
    assert free is not None
    assert held is not None
    sequences = [int(step.numbers.split()[0].replace(",", "")) for step in (held, free)]
    assert sequences[0] < sequences[1]


def test_shares_of_the_documents_are_cited(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus 70", precision=FP8, devices=("Z1",)))
    share = next(given for given in calculation.inputs if given.name == "lowest decode share")
    assert (share.value, share.text) == (0.5, "50%")
    assert share.fact is not None
    assert share.fact.path == "shares.md"


def test_without_documents_shares_are_said_to_be_assumed() -> None:
    alone = {name: text for name, text in texts().items() if name != "shares.md"}
    calculation = sizer_of(alone).size(Request(model="Nimbus 70", precision=FP8, devices=("Z1",)))
    share = next(given for given in calculation.inputs if given.name == "lowest decode share")
    assert share.fact is None
    assert "assumed" in share.assumption


def test_every_input_is_cited_asked_for_or_assumed(sizer: Sizer) -> None:
    calculation = sizer.size(Request(parameters=70e9, precision=FP8, concurrency=4, output=256))
    assert calculation.placements
    assert all(given.fact is not None or given.assumption for given in calculation.inputs)
    lines = texts()
    for fact in calculation.facts:
        assert fact.quote in lines[fact.path].split("\n")[fact.lines[0] - 1]


@settings(deadline=None)
@given(st.integers(1, 4096), st.integers(1, 100_000), st.sampled_from(["Nimbus 70", "Nimbus Latent", "Nimbus Mix"]))
def test_a_step_takes_longer_with_more_work(batch: int, context: int, model: str) -> None:
    load, machine = Load(SIZER.models[model], 1.0, 2.0), Machine(1, 4.8e12, 2e15)
    step, larger = decode_step(load, machine, batch, context), decode_step(load, machine, batch + 1, context + 1)
    assert larger.reading > step.reading
    assert larger.arithmetic > step.arithmetic


@settings(deadline=None)
@given(st.floats(0, 1e3), st.floats(1e-6, 1e3))
def test_a_share_lies_between_those_of_one_request_and_of_a_server(arithmetic: float, reading: float) -> None:
    share = SHARES.at(arithmetic, reading)
    assert SHARES.serving.low - 1e-9 <= share.low <= SHARES.decode.low + 1e-9
    assert SHARES.serving.high - 1e-9 <= share.high <= SHARES.decode.high + 1e-9
    assert share.width <= 4


@settings(deadline=None)
@given(st.integers(1, 8))
def test_prefill_time_falls_with_devices(devices: int) -> None:
    load = Load(SIZER.models["Nimbus 70"], 1.0, 2.0)
    one, many = (prefill_seconds(load, Machine(count, 1e12, 1e15), 4096) for count in (1, devices))
    assert one is not None
    assert many == pytest.approx(one / devices)
