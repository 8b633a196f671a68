"""Weights, cache and least devices, against figures worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sizing.conftest import sizer_of, texts

from hwqa.sizing import PRECISIONS, Calculation, Request, Sizer
from hwqa.sizing.memory import cache_bytes, divides, experts_read, least_tensor_parallel, weight_bytes

FP8, FP16 = PRECISIONS["fp8"], PRECISIONS["fp16"]
SIZER = sizer_of(texts())
MODELS = ["Nimbus 70", "Nimbus Mix", "Nimbus Latent", "Nimbus Window", "Nimbus Hybrid", "Nimbus One"]


def value(calculation: Calculation, name: str) -> float:
    step = calculation.step(name)
    assert step is not None, name
    return step.result.low


@pytest.mark.parametrize(
    ("precision", "gigabytes"),
    [("fp16", 140), ("fp8", 70), ("int4", 35), ("mxfp4", 37.1875), ("nvfp4", 39.375), ("q8_0", 74.382)],
)
def test_weights_are_parameters_times_bits(sizer: Sizer, precision: str, gigabytes: float) -> None:
    calculation = sizer.size(Request(model="Nimbus 70", precision=PRECISIONS[precision]))
    assert value(calculation, "weights") == pytest.approx(gigabytes * 1e9)


@pytest.mark.parametrize(
    ("model", "for_a_token"),
    [
        ("Nimbus 70", 2 * 80 * 8 * 128 * 2),
        ("Nimbus Latent", 61 * (512 + 64) * 2),
        ("Nimbus Window", 2 * 62 * 16 * 128 * 2),
        ("Nimbus Hybrid", 2 * (40 - 30) * 4 * 128 * 2),
        ("Nimbus One", 2 * 32 * 1 * 128 * 2),
    ],
    ids=["grouped", "latent", "window", "linear layers", "one KV head, size from the hidden size"],
)
def test_cache_of_a_token(sizer: Sizer, model: str, for_a_token: int) -> None:
    assert value(sizer.size(Request(model=model)), "KV cache for a token") == for_a_token


def test_a_window_bounds_the_cache(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus Window", context=32_768))
    layer = 2 * 16 * 128 * 2
    assert value(calculation, "KV cache of a sequence") == layer * (10 * 32_768 + 52 * 1024)


def test_sequences_multiply_the_cache(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus 70", precision=FP8, context=1024, concurrency=20))
    assert value(calculation, "KV cache of all sequences") == 20 * 327_680 * 1024
    assert value(calculation, "weights and cache") == 70e9 + 20 * 327_680 * 1024


def test_a_window_of_some_version_only_is_named_and_not_counted(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus One", context=8192))
    assert value(calculation, "KV cache of a sequence") == 2 * 32 * 128 * 2 * 8192
    assert any("first version only" in warning for warning in calculation.warnings)


def test_parameters_alone_take_the_cache_of_models_of_that_size(sizer: Sizer) -> None:
    calculation = sizer.size(Request(parameters=72e9, precision=FP8, context=32_768))
    assert value(calculation, "weights") == 72e9
    assert value(calculation, "KV cache of a sequence") == 327_680 * 32_768
    assert "Nimbus 70" in " ".join(calculation.warnings)


def test_parameters_without_a_like_model_leave_the_cache_out(sizer: Sizer) -> None:
    calculation = sizer.size(Request(parameters=200e9))
    assert calculation.step("KV cache for a token") is None
    assert any("KV cache is not known" in warning for warning in calculation.warnings)


def test_a_sum_in_gigabytes_is_given_in_gibibytes_too(sizer: Sizer) -> None:
    step = sizer.size(Request(model="Nimbus 70", precision=FP8, context=32_768)).step("weights and cache")
    assert step is not None
    assert step.text == "80.7 GB (75.2 GiB)"


def test_capacity_in_gibibytes_is_not_taken_for_gigabytes(sizer: Sizer) -> None:
    # 33 GB fit into 32 GiB (34.36 GB), which 32 GB would not hold.
    placement = sizer.size(Request(parameters=33e9, precision=FP8, devices=("Z2",))).placements[0]
    assert placement.fits == "tight"
    larger = sizer.size(Request(parameters=34.5e9, precision=FP8, devices=("Z2",))).placements[0]
    assert larger.fits == "no"


@pytest.mark.parametrize(
    ("precision", "fits", "least", "tensor"),
    [("fp8", "yes", 1, 1), ("fp16", "no", 2, 2), ("fp32", "no", 3, 4)],
)
def test_fit_and_least_devices(sizer: Sizer, precision: str, fits: str, least: int, tensor: int) -> None:
    request = Request(model="Nimbus 70", precision=PRECISIONS[precision], context=8192, devices=("Z1",))
    placement = sizer.size(request).placements[0]
    # 64 heads do not divide by three, so four devices are needed where three would hold it.
    assert (placement.fits, placement.least, placement.least_tensor) == (fits, least, tensor)


def test_kv_heads_below_one_for_a_device_are_copied() -> None:
    shape = SIZER.models["Nimbus 70"]
    assert [count for count in range(1, 65) if divides(shape, count)] == [1, 2, 4, 8, 16, 32, 64]
    # 8 KV heads: beyond eight devices the cache of a device no longer shrinks.
    assert least_tensor_parallel(shape, 0.0, 80.0, 10.0, 1) == 8
    assert least_tensor_parallel(shape, 0.0, 80.0, 9.0, 1) is None


def test_a_mixture_reads_the_experts_that_were_chosen() -> None:
    shape = SIZER.models["Nimbus Mix"]
    # (46 − 16) / (8 − 2) = 5 billion for an expert, 6 for the rest.
    assert experts_read(shape, 1) == pytest.approx(16e9)
    assert experts_read(shape, 2) == pytest.approx(6e9 + 40e9 * (1 - 0.75**2))
    assert experts_read(shape, 1000) == pytest.approx(46e9)


def test_formats_for_experts_leave_the_rest_in_16_bits(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus Mix", precision=PRECISIONS["mxfp4"]))
    assert value(calculation, "weights") == pytest.approx(40e9 * 4.25 / 8 + 6e9 * 2)


@settings(deadline=None)
@given(st.sampled_from(MODELS), st.integers(1, 10**6), st.integers(1, 10**6))
def test_cache_never_shrinks_with_the_context(model: str, first: int, second: int) -> None:
    few, many = sorted((first, second))
    shape = SIZER.models[model]
    assert (cache_bytes(shape, few, 2.0) or 0) <= (cache_bytes(shape, many, 2.0) or 0)


@settings(deadline=None)
@given(st.sampled_from(MODELS), st.integers(1, 200_000), st.integers(1, 200_000), st.integers(1, 64))
def test_devices_are_never_fewer_with_more_context(model: str, first: int, second: int, sequences: int) -> None:
    few, many = sorted((first, second))
    shape = SIZER.models[model]
    weights = weight_bytes(shape.parameters.value, 8)

    def least(tokens: int) -> float:
        cache = (cache_bytes(shape, tokens, 2.0) or 0) * sequences
        return least_tensor_parallel(shape, weights, cache, 72e9, sequences) or float("inf")

    assert least(few) <= least(many)


@settings(deadline=None)
@given(st.floats(1e6, 1e13), st.sampled_from(sorted(PRECISIONS)))
def test_weights_grow_with_bits_and_parameters(parameters: float, name: str) -> None:
    bits = PRECISIONS[name].bits
    assert weight_bytes(parameters, bits) < weight_bytes(parameters, bits + 1)
    assert weight_bytes(parameters, bits) < weight_bytes(parameters * 1.01, bits)
