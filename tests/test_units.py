from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwqa.units import Quantity, compare, convert, everyday, find_names, find_quantities, format_quantity, same
from hwqa.units.symbols import COMMON_STEMS, SYMBOLS, _registry


def one(text: str) -> Quantity:
    (found,) = find_quantities(text)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("4.8 TB/s", "measure", "4.8", "TB/s"),
        ("4,800 GB/s", "measure", "4800", "GB/s"),
        ("4.8TB/s", "measure", "4.8", "TB/s"),
        ("3.35 terabytes per second", "measure", "3.35", "TB/s"),
        ("1.979 PFLOPS", "measure", "1.979", "PFLOPS"),
        ("918 BF16 TFLOPS", "measure", "918", "TFLOPS"),
        ("2.6 POPS", "measure", "2.6", "POPS"),
        ("1\u2009300 TFLOPS", "measure", "1300", "TFLOPS"),
        ("1 300 TFLOPS", "measure", "1300", "TFLOPS"),
        ("4,8 TB/s", "measure", "4.8", "TB/s"),
        ("$28k", "money", "28000", "$"),
        ("30,000 USD", "money", "30000", "$"),
        ("USD 30,000", "money", "30000", "$"),
        ("$2.69 per GPU-hour", "money", "2.69", "$/h"),
        ("$2.69/h", "money", "2.69", "$/h"),
        ("$1.50–1.85/h", "money", "1.50", "$/h"),
        ("$0.60 per million tokens", "money", "0.60", "$/Mtoken"),
        ("192GB", "measure", "192", "GB"),
        ("8 GiB", "measure", "8", "GiB"),
        ("400 Gb/s", "measure", "400", "Gbit/s"),
        ("400GbE", "measure", "400", "Gbit/s"),
        ("900 gb/s", "measure", "900", "GB/s"),
        ("814 mm²", "measure", "814", "mm²"),
        ("750-watt", "measure", "750", "W"),
        ("8-bit", "measure", "8", "bit"),
        ("1,232.9 tok/s", "measure", "1232.9", "token/s"),
        ("35 tokens per second", "measure", "35", "token/s"),
        ("16 GT/s", "measure", "16", "GT/s"),
        ("70B parameters", "count", "70000000000", ""),
        ("46 billion transistors", "count", "46000000000", ""),
        ("32k context", "count", "32000", ""),
        ("12 channels", "count", "12", ""),
        ("eight cards", "count", "8", ""),
        ("a dozen", "count", "12", ""),
        ("ninety-six GB", "measure", "96", "GB"),
        ("½", "ratio", "0.5", "×"),
        ("31 kg", "measure", "31", "kg"),
        ("42.5kg", "measure", "42.5", "kg"),
        ("25 km/h", "measure", "25", "km/h"),
        ("36 mph", "measure", "36", "mile/h"),
        ("49 dB(A)", "measure", "49", "dB"),
        ("1.2 m³", "measure", "1.2", "m³"),
        ("three litres", "measure", "3", "l"),
        ("1,200 rpm", "measure", "1200", "rev/min"),
        ("5 HA clusters", "count", "5", ""),
        ("50 %", "percent", "50", "%"),
        ("36 percent", "percent", "36", "%"),
        ("1.36 times", "ratio", "1.36", "×"),
        ("2x", "ratio", "2", "×"),
        ("twice", "ratio", "2", "×"),
        ("half the price", "ratio", "0.5", "×"),
        ("2023-11", "date", "202311", ""),
        ("13 November 2023", "date", "20231113", ""),
        ("in 2023", "date", "2023", ""),
        ("Q2 2025", "date", "20252", ""),
        ("2,048 cores", "count", "2048", ""),
        ("2048 cores", "count", "2048", ""),
        ("ROCm 6.1", "version", "6.1", ""),
        ("vLLM 0.16", "version", "0.16", ""),
        ("4th", "ordinal", "4", ""),
        ("one-year plan", "measure", "1", "year"),
    ],
)
def test_form(text: str, kind: str, value: str, unit: str) -> None:
    found = one(text)
    assert (found.kind, found.low, found.unit) == (kind, Decimal(value), unit)


@pytest.mark.parametrize(
    "text",
    [
        "H200 MI300X TPU v5e FP8 INT8 TF32 HBM3e DDR5-6400 gfx942 llama.cpp",
        "Llama-3-70B, CS-2, WSE-3, PCIe Gen5, Q4_K_M",
        "the source [3] and [1, 2] and 【4】",
        "https://x.test/8/192GB",
        "1. first item",
        "half precision and a third party",
        "3D stacking, 2:4 pattern",
    ],
)
def test_digits_of_names_links_and_marks_are_no_quantities(text: str) -> None:
    assert [found for found in find_quantities(text) if found.kind != "version"] == []


def test_given_names_are_skipped() -> None:
    assert find_quantities("RTX 4090 with 24 GB", [(0, 8)]) == find_quantities("with 24 GB")


def test_a_number_behind_a_capital_is_no_version_when_a_range_or_a_unit_follows() -> None:
    kinds = [
        [found.kind for found in find_quantities(text)] for text in ("Range 40–70 km", "Weight 42.5 kg", "Python 3.12")
    ]
    assert kinds == [["measure"], ["measure"], ["version"]]


def test_ranges_share_unit_and_scale() -> None:
    assert [(q.low, q.high, q.unit) for q in find_quantities("80–140 GB, $10-15k, between 7 and 8 W")] == [
        (80, 140, "GB"),
        (10_000, 15_000, "$"),
        (7, 8, "W"),
    ]
    assert [(q.low, q.unit) for q in find_quantities("from 450 to about 750 TFLOPS")] == [
        (450, "TFLOPS"),
        (750, "TFLOPS"),
    ]
    assert [(q.low, q.unit) for q in find_quantities("192 vs 141 GB")] == [(192, "GB"), (141, "GB")]


@pytest.mark.parametrize(
    ("text", "approximate", "relation"),
    [
        ("~$28k", True, ""),
        ("about 5 TB/s", True, ""),
        ("up to about 845 GB/s", True, "≤"),
        ("≤100", False, "≤"),
        ("at least 48 GB", False, "≥"),
        ("more than 100 tok/s", False, ">"),
        ("500,000+ tok/s", False, "≥"),
        ("5 PFLOPS or so", True, ""),
        ("more than the 48 GB", False, ""),
    ],
)
def test_markers(text: str, approximate: bool, relation: str) -> None:
    found = one(text)
    assert (found.approximate, found.relation) == (approximate, relation)


@pytest.mark.parametrize(
    ("claim", "source", "equal"),
    [
        ("4.8 TB/s", "4,800 GB/s", True),
        ("4.80 TB/s", "4.8 TB/s", True),
        ("5 TB/s", "4.8 TB/s", False),
        ("about 5 TB/s", "4.8 TB/s", True),
        ("1,300 TFLOPS", "1,307.4 TFLOPS", False),
        ("about 1,300 TFLOPS", "1,307.4 TFLOPS", True),
        ("1.3 PFLOPS", "1,307.4 TFLOPS", True),
        ("140 GB", "141 GB", False),
        ("5.3 TB/s", "5.325 TB/s", True),
        ("5.2 TB/s", "5.3 TB/s", False),
        ("80 GB", "80 GiB", False),
        ("1 GB", "1 GiB", False),
        ("1.1 GB", "1 GiB", False),
        ("400 Gb/s", "50 GB/s", True),
        ("400 GB/s", "400 Gb/s", False),
        ("1,979 TOPS", "1,979 TFLOPS", False),
        ("$28k", "$27,900", True),
        ("€1,399", "$1,399", False),
        ("$2.69/h", "$2.69 per hour", True),
        ("$2.69", "$2.69/h", False),
        ("80–140 GB", "80 to 140 GB", True),
        ("80 GB", "80–140 GB", False),
        ("up to 140 GB", "80–140 GB", True),
        ("at least 100 tok/s", "≤100 tok/s", False),
        ("more than 141 GB", "141 GB", False),
        ("more than 1,300 TFLOPS", "1,307.4 TFLOPS", True),
        ("November 2023", "2023-11-13", True),
        ("2023", "2023-11", True),
        ("2023-11-14", "2023-11", False),
        ("Q4 2023", "2023-11-13", True),
        ("Q1 2023", "2023-11-13", False),
    ],
)
def test_same(claim: str, source: str, equal: bool) -> None:
    assert same(one(claim), one(source)) is equal


def test_compare_and_convert() -> None:
    assert compare(one("4.8 TB/s"), one("5,300 GB/s")) == -1
    assert compare(one("700 W"), one("0.7 kW")) == 0
    assert compare(one("700 W"), one("141 GB")) is None
    converted = convert(one("1.5 kWh"), "J")
    assert converted is not None
    assert converted.low == 5_400_000


def test_common_stems_agree_with_pint() -> None:
    registry = _registry()
    for stem, size in COMMON_STEMS.items():
        base = "bit" if stem in ("bit", "byte") else "second"
        assert registry.Quantity(Decimal(1), stem).to(base).magnitude == size


@pytest.mark.parametrize("name", [name for name, unit in everyday.UNITS.items() if unit.stem not in ("frame", "°F")])
def test_everyday_units_agree_with_pint(name: str) -> None:
    unit = everyday.UNITS[name]
    asked = {"cm³": "cm**3", "m³": "m**3", "m²": "m**2", "km²": "km**2", "ft²": "ft**2", "nmi": "nautical_mile"}.get(
        name, {"Nm": "N*m", "MP": "megapixel", "px": "pixel", "rev": "turn", "hp": "horsepower"}.get(name, name)
    )
    measured = _registry().Quantity(Decimal(1), asked).to(unit.stem.replace("²", "**2").replace("newton_m", "newton*m"))
    assert abs(Decimal(measured.magnitude) / unit.factor - 1) < Decimal("1e-9")


@pytest.mark.parametrize(
    ("claim", "source"), [("0.72 m", "72 cm"), ("1.2 t", "1,200 kg"), ("36 km/h", "10 m/s"), ("68.3 kg", "150.6 lb")]
)
def test_everyday_units_convert(claim: str, source: str) -> None:
    assert same(one(claim), one(source))


def test_reading_and_comparing_everyday_units_loads_no_pint() -> None:
    code = (
        "import sys; from hwqa.units import *; a, b = find_quantities('400 Gb/s is 50 GB/s');"
        "assert same(a, b); assert 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


UNITS = st.sampled_from(
    [*sorted(unit for unit in SYMBOLS if len(unit) > 1 and not unit.endswith("token")), "GB/s", "W"]
)


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    digits = draw(st.integers(1, 99_999))
    value = Decimal(digits).scaleb(-draw(st.integers(0, 3)))
    kind, unit = draw(
        st.one_of(
            st.tuples(st.just("measure"), UNITS),
            st.tuples(st.just("money"), st.sampled_from(["$", "$/h", "€"])),
            st.just(("percent", "%")),
            st.just(("ratio", "×")),
        )
    )
    high = value
    if kind in ("measure", "money") and draw(st.booleans()):
        high = value + draw(st.integers(1, 500))
    return Quantity(
        kind,  # type: ignore[arg-type]
        value,
        high,
        unit,
        draw(st.booleans()),
        draw(st.sampled_from(["", "≥", "≤", ">", "<"])) if high == value else "",
    )


@given(quantities())
def test_printed_quantity_reads_back(quantity: Quantity) -> None:
    text = format_quantity(quantity)
    (found,) = find_quantities(text)
    assert found == quantity
    assert found.digits == quantity.digits
    assert text[found.start : found.end] == found.raw


@given(quantities())
def test_quantity_is_the_same_as_itself(quantity: Quantity) -> None:
    strict = quantity.relation in (">", "<")
    assert same(quantity, quantity) or strict


@given(st.text(alphabet=st.sampled_from("0123456789 .,–-/×x%$€kMBTGWs[](){}*_abcHPé²\n\u2009"), max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for found in find_quantities(text):
        assert text[found.start : found.end] == found.raw
        assert found.low <= found.high
    find_names(text)
