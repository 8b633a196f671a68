"""What a request may say, and names that are not known."""

import pytest
from tests.sizing.conftest import sizer_of, texts

from hwqa.errors import SizingError
from hwqa.sizing import PRECISIONS, Request, Sizer, find_precision, parameters, read_request, tokens


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("FP8", "fp8"),
        ("fp-16", "fp16"),
        ("BF16", "bf16"),
        ("bfloat16", "bf16"),
        ("16 bits", "fp16"),
        ("8-bit", "fp8"),
        ("4bit", "int4"),
        ("Q4_K_M", "q4_k_m"),
        ("NVFP4", "nvfp4"),
        ("fp9", None),
        ("", None),
    ],
)
def test_names_of_formats(spelling: str, name: str | None) -> None:
    found = find_precision(spelling)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("text", "number"),
    [("32k", 32_768), ("8192", 8192), ("8,192", 8192), ("1M", 1_048_576), ("0", None), ("-1", None), ("long", None)],
)
def test_numbers_of_tokens(text: str, number: int | None) -> None:
    assert tokens(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("70B", 70e9), ("1.5 billion", 1.5e9), ("135M", 135e6), ("1T", 1e12), ("0B", None), ("big", None), ("7Q", None)],
)
def test_numbers_of_parameters(text: str, number: float | None) -> None:
    assert parameters(text) == number


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which single accelerator holds a 70B model in FP8 with a 32k context?", (70e9, "fp8", 32_768, 1)),
        ("Does an 8B model at 4 bits fit for 20 users with 4,096 tokens each?", (8e9, "int4", 4096, 20)),
        ("70 billion parameters in BF16, batch size 16", (70e9, "bf16", 0, 16)),
        ("How fast is a 70B at 8 bits on an H200?", (70e9, "fp8", 0, 1)),
        ("A 70B with FP8 weights and one 32k request", (70e9, "fp8", 32_768, 1)),
        ("how many 8k-token requests with an 8B, all 16 bit", (8e9, "fp16", 8192, 1)),
    ],
)
def test_a_question_is_read(question: str, expected: tuple[float, str, int, int]) -> None:
    request = read_request(question)
    assert request is not None
    assert (request.parameters, request.precision.name, request.context, request.concurrency) == expected


@pytest.mark.parametrize(
    ("question", "memory", "count"),
    [
        ("will a 70B at 4 bits fit in 48GB", 48e9, None),
        ("Does a 70B in 16 bit fit into a box of eight GPUs with 80 GB each?", 80e9, 8),
        ("How many GPUs with 32 GiB does a 70B take?", 32 * 2**30, None),
        ("Does a 70B in 16 bit fit?", None, None),
    ],
)
def test_a_question_may_name_memory_alone(question: str, memory: float | None, count: int | None) -> None:
    request = read_request(question)
    assert request is not None
    assert (request.memory, request.count) == (memory, count)
    named = read_request(question, devices=("Zephyr Z1",))
    assert named is not None
    assert named.memory is None


def test_memory_alone_is_a_device_without_speed(sizer: Sizer) -> None:
    request = Request(parameters=70e9, precision=PRECISIONS["fp8"], context=0, memory=80e9, count=2)
    (placement,) = sizer.size(request).placements
    assert (placement.device, placement.fits, placement.least_full) == ("a device with 80 GB", "yes", 1)
    room = placement.step("room for the cache")
    assert room is not None
    assert room.text == "90.0 GB (83.8 GiB) of all memory, 74.0 GB (68.9 GiB) of what a server may fill"


def test_sequences_that_fit_are_counted(sizer: Sizer) -> None:
    request = Request(model="Nimbus 70", precision=PRECISIONS["fp8"], context=8192, devices=("Z1",))
    step = sizer.size(request).placements[0].step("sequences that fit")
    assert step is not None
    # (141 − 70) / 2.684 GB, and (126.9 − 70) / 2.684 GB
    assert (step.result.low, step.result.high) == (21, 26)


def test_a_device_asked_for_that_holds_it_on_paper_is_reckoned_alone(sizer: Sizer) -> None:
    request = Request(parameters=33e9, precision=PRECISIONS["fp8"], context=0, devices=("Z2",))
    placement = sizer.size(request).placements[0]
    assert (placement.fits, placement.devices, placement.least) == ("tight", 1, 2)


def test_the_published_format_is_taken_where_none_is_named() -> None:
    stated = texts() | {
        "models.md": texts()["models.md"].replace("| dense |", "| dense |\n| Weight file size | 38 GB | MXFP4 |")
    }
    asked = Request(model="Nimbus 70", context=0, published=True)
    assert sizer_of(stated).size(asked).precision == "mxfp4"
    assert sizer_of(texts()).size(asked).precision == "fp16"


def test_a_question_without_a_size_asks_for_no_sizing() -> None:
    assert read_request("How much memory does the H200 have?") is None
    assert read_request("Does it run in 141 GB?") is None


def test_a_named_model_goes_before_the_size_in_its_name() -> None:
    request = read_request("Does Nimbus 70B fit in FP8?", model="Nimbus 70")
    assert request is not None
    assert (request.model, request.parameters) == ("Nimbus 70", None)


@pytest.mark.parametrize("spelling", ["Nimbus 70", "nimbus-70", "NIMBUS 70B", "nimbus70b", "Acme Nimbus 70B Chat"])
def test_any_spelling_of_a_model_is_found(sizer: Sizer, spelling: str) -> None:
    assert sizer.size(Request(model=spelling, precision=PRECISIONS["fp8"])).model == "Nimbus 70"


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Request(model="Nimbus 80"), "no model 'Nimbus 80': the nearest are Nimbus 70"),
        (Request(model="Nimbus 70 v2"), "no model 'Nimbus 70 v2': the nearest are Nimbus 70"),
        (Request(model="Zephyr Z1"), "no model 'Zephyr Z1'"),
        (Request(model="Nimbus 70", devices=("Z9",)), "no device 'Z9': the nearest are Zephyr Z"),
        (Request(model="Nimbus 70", devices=("Z4",)), "no memory capacity of Zephyr Z4"),
        (Request(model="Nimbus 70", context=512, output=512), "must be shorter than the context"),
    ],
    ids=["model", "another version", "device as model", "device", "capacity missing", "answer too long"],
)
def test_what_is_not_known_is_named_in_one_line(sizer: Sizer, request_: Request, says: str) -> None:
    with pytest.raises(SizingError) as error:
        sizer.size(request_)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_without_devices_those_that_need_the_fewest_come_first(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus 70", precision=PRECISIONS["fp8"], context=2048))
    counted = [(placement.device, placement.devices) for placement in calculation.placements]
    assert counted == [("Zephyr Z3", 1), ("Zephyr Z1", 1), ("Zephyr Z2", 4)]


def test_a_context_beyond_the_model_is_warned_of(sizer: Sizer) -> None:
    calculation = sizer.size(Request(model="Nimbus 70", context=200_000))
    assert any("beyond" in warning for warning in calculation.warnings)


FOREIGN = {
    "cards.md": """# Our cards

| Card | VRAM | Memory bandwidth | FP16 |
|---|---|---|---|
| Kestrel K7 | 48 GB | 900 GB/s | 180 TFLOPS |
| Kestrel K9 | 96 GB | 1.8 TB/s | 360 TFLOPS |
""",
    "nets.md": """# Networks that we serve

| Network | Parameter count | num_hidden_layers | Query heads | num_key_value_heads | head_dim |
|---|---|---|---|---|---|
| Otter 34 | 34 billion | 60 | 56 | 8 | 128 |
| Otter 7 | 7 billion | 32 | 32 | 32 | 128 |
""",
}


def test_plain_tables_without_front_matter_or_glossary_are_enough() -> None:
    foreign = sizer_of(FOREIGN)
    assert set(foreign.models) == {"Otter 34", "Otter 7"}
    calculation = foreign.size(Request(model="otter 34", context=4096, devices=("Kestrel K7",)))
    figures = {step.name: step.result.low for step in calculation.steps}
    assert (figures["weights"], figures["KV cache for a token"]) == (68e9, 2 * 60 * 8 * 128 * 2)
    (placement,) = calculation.placements
    # 56 heads divide by 2, and 8 KV heads do.
    assert (placement.fits, placement.least_tensor) == ("no", 2)
    assert placement.step("prefill") is not None


@pytest.mark.parametrize(
    ("question", "weights", "cache"),
    [
        ("KV cache of a 70B at 32k tokens, if I keep it in 8 bits?", "fp16", "fp8"),
        ("a 70B in FP8 and a 16 bit cache", "fp8", "fp16"),
        ("a 70B in 8 bits with an FP8 KV cache", "fp8", "fp8"),
    ],
)
def test_the_cache_may_have_a_format_of_its_own(question: str, weights: str, cache: str) -> None:
    request = read_request(question)
    assert request is not None
    assert (request.precision.name, request.kv_precision.name) == (weights, cache)


@pytest.mark.parametrize(
    ("question", "before", "count"),
    [
        ("Can 8 x Zephyr Z1 hold Nimbus 70?", ["Can 8 x "], 8),
        ("Does it fit on four Zephyr Z1?", ["Does it fit on four "], 4),
        ("Does it fit on 2 of the Zephyr Z1?", ["Does it fit on 2 of the "], 2),
        ("Does Nimbus 70 fit on 1 Zephyr Z1?", ["Does Nimbus 70 fit on 1 "], None),
        ("Does it fit on the FP8 Zephyr Z1?", ["Does it fit on the FP8 "], None),
        ("Is $200 Zephyr Z1 enough?", ["Is $200 "], None),
    ],
)
def test_a_number_in_front_of_a_device_is_how_many(question: str, before: list[str], count: int | None) -> None:
    request = read_request(f"{question} 70B", "Nimbus 70", ("Zephyr Z1",), before)
    assert request is not None
    assert request.count == count
