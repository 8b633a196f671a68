"""Hostile text in documents, titles, products, cells, questions and file names, shown in a real browser: none runs."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tests.ui.conftest import Open, Serve
from tests.ui.hostile import HOSTILE
from tests.ui.test_browser import HOSTILE as SHOWN

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
    (folder / "gamma <img src=x onerror=alert(1)>.md").write_text(
        f"# Gamma {SHOWN}\n\n## Gamma G9 {SHOWN}\n\nThe Gamma G9 has 17 GB of memory {SHOWN}.\n\n"
        f"![{SHOWN}](http://elsewhere.example/x.png) [link](javascript:alert(1)) `{{{{value}}}}`\n\n{SHOWN}\n"
    )
    return folder


@pytest.fixture(scope="module")
def hostile(hostile_corpus: Path, tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> str:
    """The chat about these documents."""
    index = tmp_path_factory.mktemp("hostile-index") / "index"
    return serve("--corpus", hostile_corpus, "--index", index, "--model", "none")


def quoted(text: str) -> str:
    """The text as a YAML string."""
    return "'" + "".join(character for character in text if character.isprintable()).replace("'", "''") + "'"


def owned(page: Page) -> list[str]:
    """What of a page is not its own."""
    found: list[str] = page.evaluate(
        """runs => {
            const all = [...document.querySelectorAll("#hw-columns *, main *, .tree *")];
            const running = all.filter(each => each.matches(runs) && !each.closest(".hw-chart"));
            const events = all.flatMap(each => [...each.attributes].filter(a => a.name.startsWith("on")));
            const schemes = [...document.querySelectorAll("a[href]")].map(each => each.protocol)
                .filter(scheme => !["http:", "https:", "mailto:"].includes(scheme));
            return [...running.map(each => each.outerHTML.slice(0, 200)), ...events.map(a => a.name), ...schemes];
        }""",
        RUNS,
    )
    return found


def test_what_is_not_of_the_page_is_found(address: str, open_tab: Open) -> None:
    tab = open_tab(address)
    assert owned(tab.page) == []
    made = '<a href="javascript:0">x</a><b onfocus="0">x</b><iframe></iframe>'
    tab.page.evaluate("made => document.getElementById('hw-past').insertAdjacentHTML('beforeend', made)", made)
    assert owned(tab.page) == ["<iframe></iframe>", "onfocus", "javascript:"]


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) >= 50


def test_hostile_text_shows_as_text(hostile: str, open_tab: Open) -> None:
    tab = open_tab(hostile)
    tab.ask(f"What memory has the Gamma G9? {SHOWN}")
    assert "17 GB" in tab.answer
    tab.page.locator(".hw-answer a.hw-mark").first.click()
    expect(tab.page.locator("#hw-panel mark").first).to_contain_text("17 GB")
    assert tab.page.title() == "hwqa"
    assert tab.page.locator("#hw-columns").locator("script, img, iframe, [onerror]").count() == 0
    expect(tab.page.locator(".hw-question")).to_contain_text(SHOWN)
    expect(tab.page.locator("#hw-panel .hw-place").first).to_contain_text("gamma <img src=x onerror=alert(1)>.md")
    assert tab.page.locator('a[href^="javascript"]').count() == 0


def test_no_string_runs_anywhere(hostile: str, hostile_corpus: Path, open_tab: Open) -> None:
    tab = open_tab(hostile)
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
        if path.startswith(f"browse/{len(HOSTILE) - 1}"):
            expect(tab.page.locator("main h1").first).to_contain_text(f"Page {len(HOSTILE) - 1}")
    for text in HOSTILE[::6]:
        tab.page.goto(f"{tab.url}browse?q={quote(text)}")
        assert owned(tab.page) == [], text
