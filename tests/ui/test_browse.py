"""The documents' pages: every section at its address, cited lines marked, the matrix of what is known."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.conftest import CACHE, ROOT
from tests.ui.hostile import HOSTILE

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.index.records import DocumentRecord
from hwqa.markdown import read_document
from hwqa.schema import Fact
from hwqa.ui.addresses import digest, line_address
from hwqa.ui.browse.document import Place, parse_place, show
from hwqa.ui.browse.excerpt import excerpt
from hwqa.ui.browse.matrix import build_matrix
from hwqa.ui.browse.routes import routes


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> TestClient:
    return TestClient(Starlette(routes=routes(assistant)))


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["README.md", "gpu/intel-gpu.md", "specialized/etched-sohu.md", "models/qwen.md"])
def test_every_section_has_its_anchor_once(path: str) -> None:
    text = (ROOT / "corpus" / path).read_text(encoding="utf-8")
    html = show(path, text, "../", ()).html
    anchors = {section.anchor for section in read_document(path, text).sections if section.anchor}
    assert anchors
    for anchor in anchors:
        assert html.count(f'id="{anchor}"') == 1, anchor
        assert f'#{anchor}" aria-label="Address of this section"' in html


NESTED = "# Top\n\n- ### CPU\n\t- **Advantages**\n\t\t- cheap\n\t- **Advantages**\n\t\t- here\n\n## Top\n\nMore.\n"


def test_sections_in_lists_and_of_one_name_have_anchors_of_their_own() -> None:
    shown = show("a.md", NESTED, "../", ())
    names = ["top", "cpu", "advantages", "advantages-1", "top-1"]
    assert sorted(re.findall(r' id="([^"]+)"', shown.html)) == sorted(names)
    assert [entry.address.partition("#")[2] for entry in shown.outline] == names[1:]  # the first spans all of it
    assert re.search(r'<li id="advantages">\s*<strong>Advantages</strong>', shown.html)


def test_links_between_documents_lead_to_their_pages() -> None:
    text = "[a](../b/c.md#d-e) [b](x.md) [c](gone.md) [d](#here) [e](https://a.example/) [f](/etc/passwd) [g](//h.md)\n"
    html = show("b/a.md", text, "../../", {"b/c.md", "b/x.md", "b/a.md"}).html
    assert re.findall(r'href="([^"]*)"', html) == [
        "../../browse/b/c.md#d-e",
        "../../browse/b/x.md",
        "../../browse/b/a.md#here",
        "https://a.example/",
    ]


TABLE = "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"


def test_a_row_and_its_cell_are_marked() -> None:
    html = show("a.md", TABLE, "", (), Place((6, 6), frozenset({1}))).html
    assert re.findall(r'class="hw-cell"><mark[^>]*>(\d)', html) == ["4"]
    assert '<mark id="L6">3' in html


def test_lines_that_moved_are_found_and_lines_that_are_gone_are_said_to_be() -> None:
    place = Place((5, 5), frozenset({0}), digest(["| 3 | 4 |"]))
    moved = show("a.md", TABLE, "", (), place)
    assert "has moved" in moved.notice
    assert '<mark id="L5">3' in moved.html  # the address that names line 5 still leads to it
    gone = show("a.md", TABLE.replace("3", "9"), "", (), place)
    assert "not there any more" in gone.notice
    assert "<mark" not in gone.html
    assert not show("a.md", TABLE, "", (), Place((6, 6), frozenset(), digest(["| 3 | 4 |"]))).notice


@pytest.mark.parametrize(
    ("lines", "cells", "expected"),
    [
        ("3", [], Place((3, 3))),
        ("3-5", ["1", "x"], Place((3, 5), frozenset({1}))),
        ("5-3", [], None),
        ("0", [], None),
        ("", [], None),
        ("9" * 99, [], None),
        ("<b>", [], None),
    ],
)
def test_the_lines_of_an_address(lines: str, cells: list[str], expected: Place | None) -> None:
    assert parse_place(lines, cells, "") == expected


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_tree_lists_every_document(client: TestClient, assistant: Assistant) -> None:
    page = client.get("/browse").text
    for record in assistant.index.documents():
        assert f'href="./browse/{record.path}"' in page
        assert record.title in text_of(page)


def test_a_search_leads_to_the_lines(client: TestClient) -> None:
    page = client.get("/browse", params={"q": "liquid cooling"}).text
    assert "<mark>liquid</mark> <mark>cooling</mark>" in page
    address = unescape(re.findall(r'<ol class="found">\s*<li><a href="\./([^"]*)"', page)[0])
    found = client.get("/" + address.partition("#")[0]).text
    assert "liquid cooling" in text_of(" ".join(re.findall(r"<mark.*?</mark>", found, re.DOTALL)))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/browse/gone.md", 404),
        ("/browse/../secret.md", 404),
        ("/browse/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/browse/README.md?lines=999", 200),
        ("/browse?q=" + "x" * 9_000, 400),
        ("/hwqa-assets/../server.py", 404),
        ("/matrix?folder=gone", 200),
    ],
)
def test_an_address_that_leads_nowhere_is_answered_plainly(client: TestClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert "Traceback" not in response.text


def test_pages_allow_nothing_from_elsewhere(client: TestClient) -> None:
    for path in ("/browse", "/browse/alpha.md", "/matrix"):
        response = client.get(path)
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert not re.search(r'(?:src|action|link[^>]*href)="(?:https?:)?//', response.text)
        assert "<style" not in response.text
        assert not re.search(r'\son\w+="|style="(?!text-align)', response.text)


@pytest.mark.parametrize("path", ["/browse/alpha.md", "/browse", "/matrix"])
def test_addresses_hold_behind_a_proxy(client: TestClient, path: str) -> None:
    for address in re.findall(r'(?:href|src)="([^"]*)"', client.get(path).text):
        assert address.startswith(("./", "../", "#", "https://")), address


def test_a_new_state_of_the_index_shows_at_once(corpus: Path, tmp_path: Path) -> None:
    assistant = Assistant.open(corpus, tmp_path / "index", settings=Settings.load(cache=CACHE))
    client = TestClient(Starlette(routes=routes(assistant)))
    assert "Gamma" not in client.get("/browse").text
    (corpus / "gamma.md").write_text("# Gamma\n\nNew.\n")
    assistant.index.sync(corpus)
    assert "Gamma" in client.get("/browse").text
    (corpus / "gamma.md").unlink()
    gone = client.get("/browse/gamma.md")
    assert gone.status_code == 404
    assert "not there any more" in gone.text


# --- matrix -----------------------------------------------------------------------------------------------------------


def test_the_matrix_knows_what_the_documents_know_and_what_not(assistant: Assistant) -> None:
    facts = assistant.index.facts()
    matrix = build_matrix(facts, assistant.index.documents())
    names = [column.attribute for column in matrix.columns]
    rows = {row.product: dict(zip(names, row.cells, strict=True)) for row in matrix.rows}
    assert set(rows) == {"Alpha X1", "Alpha X2"}
    assert rows["Alpha X2"]["Memory capacity"].value == "96 GB"
    assert rows["Alpha X2"]["Price"].absent
    assert rows["Alpha X1"]["FP16 peak"].more == 1
    known = {(fact.product, fact.attribute) for fact in facts}
    for product, cells in rows.items():
        for attribute, cell in cells.items():
            assert (cell is not None) == ((product, attribute) in known)


def test_every_cell_leads_to_the_cell_that_it_comes_from(client: TestClient) -> None:
    page = client.get("/matrix").text
    cells = re.findall(r'<td[^>]*><a href="\./([^"]*)" title="[^"]*">([^<]*)</a>', page)
    assert len(cells) >= 10
    for address, value in cells:
        document = client.get("/" + unescape(address).partition("#")[0]).text
        marked = re.findall(r'class="hw-cell">(.*?)</td>', document, re.DOTALL)
        if "cells=" in address:
            assert [text_of(cell) for cell in marked] == [unescape(value)]
        else:
            assert "<mark" in document


def fact(product: str, attribute: str, value: str, path: str = "a.md", line: int = 1) -> Fact:
    return Fact(f"{product}{attribute}{value}", product, attribute, value, "", "", path, (), "", (line, line), "")


def record(path: str, **aliases: tuple[str, ...]) -> DocumentRecord:
    return DocumentRecord(path, path, "", aliases, "", ())


def test_amounts_sort_across_units_and_dates_across_forms() -> None:
    facts = [fact(name, "Memory", value) for name, value in (("A", "1 TB"), ("B", "900 GB"), ("C", "not published"))]
    facts += [fact(name, "Release", value) for name, value in (("A", "2024-03"), ("B", "2023"), ("C", "Q2 2025"))]
    aliases = dict.fromkeys("ABC", ())
    matrix = build_matrix(facts, [record("a.md", **aliases)])
    memory, release = (
        [row.cells[place].order for row in matrix.rows]
        for place in ([column.attribute for column in matrix.columns].index(name) for name in ("Memory", "Release"))
    )
    assert float(memory[0]) > float(memory[1])
    assert memory[2] == ""
    assert float(release[1]) < float(release[0]) < float(release[2])


def test_a_product_of_which_nothing_is_known_has_a_row() -> None:
    matrix = build_matrix([fact("A", "Size", "1"), fact("A", "Colour", "red")], [record("a.md", A=(), B=())])
    assert [(row.product, row.known) for row in matrix.rows] == [("A", 2), ("B", 0)]
    assert matrix.rows[1].address == "browse/a.md"
    assert matrix.share == 50


def test_documents_that_declare_nothing_have_a_matrix_too() -> None:
    facts = [fact("A", "Size", "1"), fact("A", "Colour", "red"), fact("B", "Size", "2"), fact("Notes", "About", "x")]
    matrix = build_matrix(facts, [record("a.md")])
    assert [row.product for row in matrix.rows] == ["A"]
    assert {column.attribute for column in matrix.columns} == {"Size", "Colour"}


def test_two_hundred_products_stay_usable(corpus_assistant: Assistant) -> None:
    client = TestClient(Starlette(routes=routes(corpus_assistant)))
    page = client.get("/matrix").text
    assert page.count("<tr>") > 171
    assert len(page) < 1_500_000
    gpu = client.get("/matrix", params={"folder": "gpu"}).text
    assert 40 < gpu.count("<tr>") < page.count("<tr>")


# --- hostile text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_others_becomes_a_tag(text: str) -> None:
    document = f"# {text}\n\n{text}\n\n## {text}\n\n- **{text}**\n  - {text}\n"
    name = text.replace("/", "∕").replace("\n", " ") + ".md"
    html = show(name, document, "../", {name}, Place((1, 3), frozenset(), text)).html
    assert not re.search(
        r"<(?:script|img|svg|iframe|style|form|input|math|object|embed|link|meta|base|video)\b", html, re.I
    )
    assert not re.search(r"<[^>]*\son\w+=(?![^<>]*\")", html)
    for address in re.findall(r'href="([^"]*)"', html):
        assert address.startswith(("https://", "http://", "mailto:", "../browse/")), address
    assert "<" not in line_address(name, (1, 1))
    assert '"' not in line_address(name, (1, 1))


def test_an_excerpt_begins_where_a_word_stands_and_cuts_long_lines() -> None:
    text = "# X1\n\nA card.\n\n| Power | Price |\n|-|-|\n| 300 W | $5 |\n\nLater."
    assert excerpt(text, ["X1"], "its powers?", 99)[0] == (("Power", True), (" · Price", False))
    assert excerpt(text, ["X1"], "weight", 99)[0] == (("A card.", False),)
    assert excerpt("word " * 100, (), "nothing", 20) == ((("word word word word …", False),),)
    assert excerpt("x" * 100, (), "", 20) == ((("x" * 20 + " …", False),),)
    assert excerpt("", (), "x", 20) == ()
