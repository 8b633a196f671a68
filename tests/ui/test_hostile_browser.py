"""Hostile text in documents, titles, products, cells, questions and file names, shown in a real browser: none runs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tests.ui.conftest import Open, Serve
from tests.ui.hostile import HOSTILE

pytestmark = pytest.mark.browser
RUNS = (
    "script, iframe, object, embed, form:not(.find, [data-size]), base, link[rel=stylesheet], svg [onload], [onerror]"
)


@pytest.fixture(scope="module")
def hostile_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document for each string: in its name, title, headings, text, product and table."""
    folder = tmp_path_factory.mktemp("hostile") / "corpus"
    folder.mkdir()
    for number, text in enumerate(HOSTILE):
        line = " ".join(text.split())
        cell = line.replace("|", "\\|")
        name = re.sub(r"[/\x00\n\t]", "_", text)[:60]
        (folder / f"{number:02d} {name}.md").write_text(
            f"---\ntitle: {quoted(line)}\naliases:\n  {quoted(f'Card Q{number} {line}')}: [Q{number}]\n---\n"
            f"# Page {number} {line}\n\n## Card Q{number} {line}\n\n{text}\n\n"
            f"The Q{number} has {number + 20} GB of memory {line}.\n\n"
            f"| Attribute | Value | Note | Source |\n|---|---|---|---|\n"
            f"| Memory capacity | {number + 20} GB | {cell} | [s](https://s.example/{number}) |\n"
            f"| Power {cell} | 300 W {cell} | | {cell} |\n\n- **Label {line}**: {line}\n",
            encoding="utf-8",
        )
    return folder


def quoted(text: str) -> str:
    """The text as a YAML string."""
    return "'" + "".join(character for character in text if character.isprintable()).replace("'", "''") + "'"


def owned(page: Page) -> list[str]:
    """What of a page is not its own."""
    found: list[str] = (
        page.locator("#hw-columns, main, .tree")
        .locator(RUNS)
        .evaluate_all("all => all.filter(each => !each.closest('.hw-chart')).map(each => each.outerHTML.slice(0, 200))")
    )
    links = page.locator("a[href]").evaluate_all("all => all.map(each => each.protocol)")
    events = page.locator("#hw-columns *, main *").evaluate_all(
        "all => all.flatMap(each => [...each.attributes].map(a => a.name).filter(name => name.startsWith('on')))"
    )
    return found + events + [scheme for scheme in links if scheme not in {"http:", "https:", "mailto:"}]


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 50


def test_no_string_runs_anywhere(hostile_corpus: Path, tmp_path: Path, open_tab: Open, serve: Serve) -> None:
    tab = open_tab(serve("--corpus", hostile_corpus, "--index", tmp_path / "index", "--model", "none"))
    shown = 0
    for number in range(0, len(HOSTILE), 10):
        several = " ".join(HOSTILE[number : number + 10])
        tab.ask(f"How much memory does the Q{number} have? {several}")
        marks = tab.page.locator(".hw-turn").last.locator(".hw-answer a.hw-mark")
        if marks.count():
            marks.first.click()
            tab.page.locator("#hw-panel .hw-source").wait_for()
            marks.first.hover()
            shown += 1
        assert owned(tab.page) == [], number
    assert shown > len(HOSTILE) / 20
    tab.page.get_by_role("button", name="Conversations").click()
    assert owned(tab.page) == []
    assert tab.page.title() == "hwqa"

    files = sorted(path.name for path in hostile_corpus.iterdir())
    for path in ["browse", "matrix", *(f"browse/{quote(name)}" for name in files)]:
        response = tab.page.goto(tab.url + path)
        assert response is not None
        assert response.status == 200, path
        assert owned(tab.page) == [], path
    expect(tab.page.locator("main h1").first).to_contain_text(f"Page {len(HOSTILE) - 1}")
    for text in HOSTILE[::6]:
        tab.page.goto(f"{tab.url}browse?q={quote(text)}")
        assert owned(tab.page) == [], text
