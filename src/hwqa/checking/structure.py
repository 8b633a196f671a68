"""Checks that any corpus passes when its Markdown is sound: front matter, tables, links and anchors."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from urllib.parse import unquote

import yaml
from markdown_it.token import Token

from hwqa.checking.findings import Finding
from hwqa.checking.pages import Page
from hwqa.names import key
from hwqa.units import canonical_unit

_KNOWN = ("title", "vendor", "aliases", "as_of")
"""The keys of the front matter that are read (see `schema.Document`)."""
_FIELD = re.compile(r"[A-Za-z_][\w-]*:(?:\s|$)")
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_HTML_LINK = re.compile(r"<(?:a|img)\b[^<>]*?\b(?:href|src)\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_HTML_ANCHOR = re.compile(r"<[a-z]+\b[^<>]*?\b(?:id|name)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
_FIGURE = re.compile(r"[~≈<>≤≥]?\s*[$€£¥]?\d[\d,.]*\s?(?P<unit>[A-Za-z]{3,}(?:/[A-Za-z]+)?)")


# --- front matter -----------------------------------------------------------------------------------------------


def check_front_matter(page: Page) -> Iterator[Finding]:
    """What is wrong with the YAML in front of a page."""

    def finding(line: int, message: str, remedy: str, *, warning: bool = False) -> Finding:
        return Finding(page.path, line, "warning" if warning else "error", "front-matter", message, remedy)

    content, taken = page.front_matter
    if not taken:
        opens = len(page.lines) > 1 and page.lines[0].rstrip() == "---" and _FIELD.match(page.lines[1])
        if opens:
            yield finding(1, "the front matter is not closed", "end it with a line ---")
        return
    try:
        root = yaml.compose(content, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 2
        yield finding(line, f"the front matter is no valid YAML: {error.problem}", "write `key: value` lines")
        return
    except (yaml.YAMLError, RecursionError) as error:
        yield finding(1, f"the front matter is no valid YAML: {error}", "write `key: value` lines")
        return
    if not isinstance(root, yaml.MappingNode):
        return  # two rules with text between them, which is Markdown like any other
    seen: set[str] = set()
    for name_node, value in root.value:
        name, line = str(name_node.value), name_node.start_mark.line + 2
        if name in seen:
            yield finding(line, f"key {name!r} is given twice; the last one counts", "keep one")
        seen.add(name)
        if name not in _KNOWN:
            meant = next((known for known in _KNOWN if _similar(name, known)), "")
            yield finding(
                line,
                f"key {name!r} is not read" + (f"; {meant!r} is meant?" if meant else ""),
                f"use {', '.join(_KNOWN)}" if not meant else f"write {meant}",
                warning=not meant,
            )
        elif name == "aliases":
            yield from _aliases(value, finding)
        elif not isinstance(value, yaml.ScalarNode):
            yield finding(line, f"{name} is no text", "write it in one line")
        elif name == "as_of" and not _is_date(value.value):
            yield finding(line, f"as_of {value.value!r} is no date", "write 2026-01-31, 2026-01 or 2026")
        elif name == "title" and not value.value.strip():
            yield finding(line, "title is empty", "write one, or leave the key out: the first heading takes its place")


def _aliases(node: yaml.Node, finding: Callable[..., Finding]) -> Iterator[Finding]:
    form = "write `Product: [Name, Other name]`, a line each"
    if not isinstance(node, yaml.MappingNode):
        if not (isinstance(node, yaml.ScalarNode) and not node.value):
            yield finding(node.start_mark.line + 2, "aliases is no mapping of products to names", form)
        return
    products: set[str] = set()
    for product_node, names in node.value:
        line = product_node.start_mark.line + 2
        if not isinstance(product_node, yaml.ScalarNode) or not key(product_node.value):
            yield finding(line, "a product of the aliases has no name", form)
            continue
        product = product_node.value
        if key(product) in products:
            yield finding(line, f"product {product!r} is given twice; the last one counts", "join their names")
        products.add(key(product))
        if isinstance(names, yaml.ScalarNode):
            if "," in names.value:
                yield finding(line, f"the names of {product!r} are one text with commas", form, warning=True)
            continue
        if not isinstance(names, yaml.SequenceNode):
            yield finding(line, f"the names of {product!r} are no list", form)
            continue
        taken: set[str] = set()
        for name in names.value:
            at = name.start_mark.line + 2
            if not isinstance(name, yaml.ScalarNode) or not key(name.value):
                yield finding(at, f"a name of {product!r} is no text with letters or digits", form)
            elif name.value in taken:
                yield finding(at, f"name {name.value!r} of {product!r} is given twice", "keep one", warning=True)
            else:
                taken.add(name.value)


def _similar(name: str, known: str) -> bool:
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - needed for keys that are not known only

    return OSA.distance(name.casefold().replace("-", "_"), known) <= 2


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return True


# --- tables -----------------------------------------------------------------------------------------------------


def check_tables(page: Page) -> Iterator[Finding]:
    """Rows with too many or too few cells, tables that no parser reads as such, and misspelt units."""
    for table in page.tables:
        if not table.header:
            yield Finding(
                page.path,
                table.rows[0].line,
                "error",
                "table",
                "rows that belong to no table",
                "begin the table with a header row and a rule | --- | of as many cells, and leave no blank line in it",
            )
            continue
        for row in table.rows:
            if row.raw and len(row.raw) != len(table.header):
                yield Finding(
                    page.path,
                    row.line,
                    "error",
                    "table",
                    f"row of {len(row.raw)} cells in a table of {len(table.header)}",
                    "add the cells that are missing"
                    if len(row.raw) < len(table.header)
                    else r"write | in a cell as \|",
                )
            for cell in row.cells:
                match = _FIGURE.fullmatch(cell)
                if match and (meant := _misspelt(match["unit"])):
                    yield Finding(
                        page.path,
                        row.line,
                        "warning",
                        "unit",
                        f"{cell!r} has no known unit; {meant} is meant?",
                        f"write {meant}",
                    )


@cache
def _misspelt(word: str) -> str:
    """The unit that a word is one slip away from; empty when it is a unit, or like none."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - needed for words that are no units only

    from hwqa.units.symbols import SYMBOLS  # noqa: PLC0415 - likewise

    above, _, below = word.partition("/")
    if canonical_unit(word) or (canonical_unit(above) and (not below or canonical_unit(below))):
        return ""
    if below and canonical_unit(below) and (meant := _misspelt(above)):
        return f"{meant}/{below}"
    if len(above) < 4 or below:
        return ""
    near = [name for name in SYMBOLS if len(name) >= 4 and OSA.distance(above, name) == 1]
    return near[0] if near else ""


# --- links ------------------------------------------------------------------------------------------------------


def anchors(page: Page) -> frozenset[str]:
    """What a link into the page may name after `#`: GitHub's slugs of its headings, and ids in its HTML."""
    written = (name for token in page.blocks.tokens for name in _html_anchors(token))
    return frozenset({section.anchor for section in page.headings} | {"", "top"} | set(written))


def _html_anchors(token: Token) -> list[str]:
    return _HTML_ANCHOR.findall(token.content) if token.type in {"html_block", "inline"} else []


def check_links(
    page: Page, anchors_of: Mapping[str, frozenset[str]], exists: Callable[[str], bool]
) -> Iterator[Finding]:
    """Links of a page that lead nowhere within the corpus.

    Args:
        page: The page.
        anchors_of: Path of every page of the corpus → its anchors.
        exists: Whether there is a file or folder at a path relative to the corpus root.
    """
    for line, target in _links(page):
        if _SCHEME.match(target):
            continue
        location, _, fragment = target.partition("#")
        location = unquote(location.partition("?")[0])
        if location.startswith("/"):
            path = posixpath.normpath(location.lstrip("/") or ".")
        elif location:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), location))
        else:
            path = page.path
        if path not in anchors_of and not exists(path):
            yield Finding(
                page.path,
                line,
                "error",
                "link",
                f"link to {target!r}, which does not exist",
                "name an existing file, relative to this one",
            )
        elif fragment and path in anchors_of and unquote(fragment) not in anchors_of[path]:
            near = next((name for name in anchors_of[path] if key(name) == key(unquote(fragment))), "")
            yield Finding(
                page.path,
                line,
                "error",
                "anchor",
                f"link to {target!r}, but {path} has no heading of this anchor",
                f"write #{near}" if near else "use the heading in lower case, without punctuation, hyphens for spaces",
            )


def _links(page: Page) -> Iterator[tuple[int, str]]:
    """Line and target of every link and picture."""
    for token in page.blocks.tokens:
        first = (token.map or (0, 0))[0] + 1
        if token.type == "html_block":
            for match in _HTML_LINK.finditer(token.content):
                yield first + token.content.count("\n", 0, match.start()), match[1]
        elif token.type == "inline":
            line = first
            for child in page.blocks.inline(token.content):
                if child.type in {"softbreak", "hardbreak"}:
                    line += 1
                elif child.type == "link_open":
                    yield line, str(child.attrGet("href") or "")
                elif child.type == "image":
                    yield line, str(child.attrGet("src") or "")
                elif child.type == "html_inline":
                    yield from ((line, target) for target in _HTML_LINK.findall(child.content))
