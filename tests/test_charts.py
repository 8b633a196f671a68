"""Charts: what is drawn is what the result says, on any ground, and a file that needs nothing else."""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect, sync_playwright

from hwqa.assistant import Assistant
from hwqa.charts import answer_chart, comparison_chart, save_chart, selection_chart, sizing_chart
from hwqa.charts.look import COLOURS, GREY, template
from hwqa.comparison.like_for_like import Comparison, like_for_like
from hwqa.errors import ChartError
from hwqa.question import Reader
from hwqa.schema import Answer, Fact
from hwqa.selection.book import FactBook
from hwqa.selection.choosing import choose
from hwqa.sizing import Sizer, requested
from hwqa.vocabulary import Vocabulary
from tests.conftest import Run
from tests.hardware_facts import ALIASES, fact
from tests.sizing.conftest import sizer_of, texts
from tests.ui.conftest import ARGUMENTS, CHROMIUM

SHELF = [
    fact("Onyx 1", "Memory", "48 GB"),
    fact("Onyx 1", "Bandwidth", "900 GB/s"),
    fact("Onyx 1", "Price", "$4,000"),
    fact("Onyx 2", "Memory", "96 GB"),
    fact("Onyx 2", "Bandwidth", "1.8 TB/s", path="b.md"),
    fact("Onyx 2", "Price", "$9,000"),
    fact("Flint", "Memory", "24 GB"),
    fact("Flint", "Bandwidth", "450 GB/s"),
    fact("Flint", "Price", "$800–1,200"),
]
NAMES = {**ALIASES, "Bandwidth": ("Bandwidth", "memory bandwidth")}
PRODUCTS = ("Onyx 1", "Onyx 2", "Flint")
UNITS = {"Memory": ("GB",), "Price": ("$",), "Bandwidth": ("GB/s",)}


def compared(*facts: Fact, products: tuple[str, ...] = ("Onyx 1", "Onyx 2")) -> Any:
    return comparison_chart(Comparison(products, tuple(like_for_like(products, facts)), (), {}, {}))


def bars(figure: Any) -> list[tuple[float, str]]:
    return [(bar.x[0], bar.text[0].strip()) for bar in figure.data if bar.type == "bar"]


def chosen(wish: str, need: dict[str, Any] | None = None, facts: list[Fact] = SHELF) -> Any:
    reader = Reader(Vocabulary({name: (name,) for name in PRODUCTS}, NAMES, {"Attributes": PRODUCTS}, UNITS, {}, {}))
    return selection_chart(choose(reader.requirements(wish), FactBook(facts)), facts, NAMES, need)


def drawn(figure: Any) -> str:
    return str(figure.to_dict())


@pytest.fixture(scope="module")
def sizer() -> Sizer:
    return sizer_of(texts())


def sized(sizer: Sizer, **given: Any) -> dict[str, Any]:
    options = {"model": "Nimbus 70", "model_params": None, "precision": "fp8", "kv_precision": "fp16", "context": "8k"}
    options |= {"output": None, "concurrency": 32, "devices": (), "device_count": None, "speed": None, "limit": 3}
    return sizer.size(requested(**{**options, **given})).to_json()


def test_bars_stand_in_the_unit_of_the_greatest_and_say_what_the_documents_say() -> None:
    figure = compared(*SHELF)
    assert bars(figure) == [
        (48, "48 GB"), (96, "96 GB"), (0.9, "900 GB/s"), (1.8, "1.8 TB/s"), (4000, "$4,000"), (9000, "$9,000"),
    ]  # fmt: skip
    assert [figure.layout[axis].title.text for axis in ("xaxis", "xaxis2", "xaxis3")] == ["GB", "TB/s", "$"]
    assert "Onyx 1 and Onyx 2" in figure.layout.title.text
    assert "Source: a.md, b.md" in drawn(figure)


def test_a_range_is_a_bar_to_its_middle_with_both_ends() -> None:
    figure = compared(*SHELF, products=("Onyx 1", "Flint"))
    flint = next(bar for bar in figure.data if bar.type == "bar" and "800" in bar.text[0])
    assert (flint.x[0], flint.error_x.array[0], flint.error_x.arrayminus[0]) == (1000, 200, 200)


def test_what_the_documents_do_not_give_is_said_in_its_panel() -> None:
    facts = [each for each in SHELF if (each.product, each.attribute) != ("Onyx 2", "Price")]
    figure = compared(*facts, products=PRODUCTS)
    assert (0, "not in the documents") in bars(figure)


def test_nothing_is_drawn_of_what_may_not_be_compared() -> None:
    assert compared(fact("Onyx 1", "Node", "5 nm"), fact("Onyx 2", "Node", "4 nm")) is None
    assert compared(fact("Onyx 1", "Maker", "Loom"), fact("Onyx 2", "Maker", "Spindle")) is None
    rates = [fact("Onyx 1", "Decode", "50 tokens/s", "Bard 8B"), fact("Onyx 2", "Decode", "9 tokens/s", "Bard 70B")]
    assert compared(*rates) is None


def test_text_of_a_document_is_no_markup() -> None:
    figure = compared(
        fact("Onyx <b>1</b>", "Memory", "48 GB", "<img src=x>"), fact("Onyx 2", "Memory", "96 GB"),
        products=("Onyx <b>1</b>", "Onyx 2"),
    )  # fmt: skip
    assert "Onyx &lt;b>1" not in drawn(figure)
    assert "Onyx &lt;b&gt;1" in drawn(figure)
    assert "<img" not in drawn(figure)


def test_candidates_stand_in_the_plane_with_the_bound_as_a_line() -> None:
    figure = chosen("at least 40 GB, cheapest first")
    spots = {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in figure.data}
    assert spots == {"meets the conditions (2)": [(48, 0.9), (96, 1.8)], "left out (1)": [(24, 0.45)]}
    assert [line.x0 for line in figure.layout.shapes] == [40]
    assert {note.text for note in figure.layout.annotations} >= {"Memory at least 40 GB", "<b>Onyx 1</b>", "Onyx 2"}
    assert "fails" not in drawn(figure)
    assert "Memory at least 40 GB: 24 GB" in drawn(figure)  # why the grey one is out


def test_the_need_of_a_model_is_a_line(sizer: Sizer) -> None:
    need = sized(sizer, concurrency=1)
    figure = chosen("most memory", need)
    total = next(step for step in need["steps"] if step["name"] == "weights and cache")
    assert [line.x0 for line in figure.layout.shapes] == [pytest.approx(total["low"] / 1e9)]


def test_without_bandwidth_the_ranked_figure_is_drawn() -> None:
    facts = [each for each in SHELF if each.attribute != "Bandwidth"]
    assert bars(chosen("most memory", facts=facts)) == [(96, "96 GB"), (48, "48 GB"), (24, "24 GB")]


def test_a_sizing_shows_memory_and_each_load_below_the_roof(sizer: Sizer) -> None:
    calculation = sized(sizer)
    figure = sizing_chart(calculation)
    assert figure is not None
    needed = {bar.name: bar.x[0] for bar in figure.data if bar.type == "bar" and bar.y[0] == 0}
    steps = {step["name"]: step["low"] for step in calculation["steps"]}
    assert needed["weights"] == pytest.approx(steps["weights"] / 1e9)
    assert sum(needed.values()) == pytest.approx(steps["weights and cache"] / 1e9)
    roofs = [device["roofline"] for device in calculation["devices"] if device["roofline"]]
    assert roofs
    for roof in roofs:
        assert {point["name"] for point in roof["points"]} >= {"decode of one request", "throughput", "prefill"}
        for point in roof["points"]:
            least_of = min(roof["peak"], roof["bandwidth"] * point["operations_per_byte"])
            assert 0 < point["low"] < point["high"] <= least_of * 1.0001


def test_the_intensity_of_one_dense_decode_without_cache_is_two_operations_a_parameter(sizer: Sizer) -> None:
    devices = sized(sizer, context="1", concurrency=1)["devices"]
    roof = next(device["roofline"] for device in devices if device["roofline"])
    decode = next(point for point in roof["points"] if point["name"] == "decode of one request")
    assert decode["operations_per_byte"] == pytest.approx(2, rel=0.01)  # one byte for a parameter


def test_the_chart_of_an_answer_is_drawn_from_its_table(assistant: Assistant) -> None:
    answer = assistant.ask("Compare the memory of the Alpha X1 and the Alpha X2.")
    figure = answer_chart(answer)
    cells = [cell for row in answer.table or () for cell in row["cells"]]
    assert cells
    assert {text for _, text in bars(figure)} == {figure["text"] for cell in cells for figure in cell["figures"]}
    assert answer_chart(Answer("", "", "answered", "")) is None


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["#ffffff", "#0b0f19"])
def test_charts_are_readable_on_light_and_dark(ground: str) -> None:
    ink = template("any").layout.font.color
    assert contrast(ink, ground) > 4
    assert all(contrast(colour, ground) > 3 for colour in (*COLOURS, GREY))
    for name in ("light", "dark"):
        look = template(name).layout
        assert contrast(look.font.color, look.paper_bgcolor) > 7
        assert all(contrast(colour, look.paper_bgcolor) > 3 for colour in COLOURS)


def test_a_page_needs_nothing_else(tmp_path: Path) -> None:
    save_chart(compared(*SHELF), tmp_path / "chart.html")
    page = (tmp_path / "chart.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>Onyx 1 and Onyx 2 side by side</title>" in page
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="http', page)


@pytest.mark.browser
def test_a_page_follows_light_and_dark(tmp_path: Path) -> None:
    save_chart(compared(*SHELF), tmp_path / "chart.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(color_scheme="dark")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "chart.html").as_uri())
        title = page.locator(".gtitle").first
        expect(title).to_have_css("fill", "rgb(230, 232, 235)")
        page.emulate_media(color_scheme="light")
        expect(title).to_have_css("fill", "rgb(36, 41, 47)")
        expect(page.get_by_text("1.8 TB/s")).to_be_visible()
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        browser.close()


def test_a_picture_is_drawn_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: Any) -> None:
        raise AssertionError("a chart spoke to the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    save_chart(compared(*SHELF), tmp_path / "chart.svg")
    drawing = ET.parse(tmp_path / "chart.svg").getroot()  # noqa: S314 - the test wrote it
    assert drawing.tag.endswith("svg")
    assert "1.8 TB/s" in "".join(drawing.itertext())


@pytest.mark.parametrize(
    ("figure", "name", "says"),
    [(False, "chart.jpg", "end its name with"), (True, "chart.html", "nothing to draw"), (False, "a/b.html", "folder")],
)
def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path, figure: bool, name: str, says: str) -> None:
    with pytest.raises(ChartError, match=says) as caught:
        save_chart(None if figure else compared(*SHELF), tmp_path / name)
    assert "\n" not in str(caught.value)


def test_without_a_browser_the_page_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(ChartError, match=r"\.html"):
        save_chart(compared(*SHELF), tmp_path / "chart.png")


def test_the_commands_draw(hwqa: Run, tmp_path: Path) -> None:
    done = hwqa("compare", "X1", "Alpha X2", "--chart", "chart.png", "--json")
    assert done.returncode == 0, done.stderr
    assert "chart.png" in done.stderr
    assert done.stdout.startswith("{")
    content = (tmp_path / "chart.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", content[16:20])[0] > 1000  # pixels across
    refused = hwqa("select", "most memory", "--chart", "chart.pdf")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "chart.pdf" in refused.stderr
