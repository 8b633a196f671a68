"""The routes of the documents' pages, for the server of the chat."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from hwqa.corpus import read_text
from hwqa.errors import CorpusError, HwqaError
from hwqa.ui.addresses import ASSETS, BROWSE, MATRIX, line_address
from hwqa.ui.browse.document import parse_place, show
from hwqa.ui.browse.excerpt import excerpt
from hwqa.ui.browse.matrix import build_matrix
from hwqa.ui.browse.tree import Folder, tree
from hwqa.ui.drawing import SCRIPT

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.schema import Passage

_FOUND = 12
"""Passages that a search shows."""
_EXCERPT = 260
"""Characters of a passage that are shown."""
_STYLES = ("ui/colours.css", "ui/prose.css", "ui/browse/pages.css")
_SCRIPTS = ("ui/sorting.js", "ui/browse/pages.js")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KEPT = {"Cache-Control": "max-age=86400"}
T = TypeVar("T")


def routes(assistant: Assistant) -> list[Route]:
    """The routes of the pages; who may read them is for the server to ask."""
    pages = _Pages(assistant)
    return [
        Route(f"/{BROWSE}", pages.browse),
        Route(f"/{BROWSE}/", pages.browse),
        Route(f"/{BROWSE}/{{path:path}}", pages.document),
        Route(f"/{MATRIX}", pages.matrix),
        Route(f"/{ASSETS}/{{name}}", pages.asset),
    ]


class _Pages:
    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._started = secrets.token_hex(8)
        """Tells a server that was started anew from the one before."""
        self._lock = threading.Lock()
        self._kept: dict[object, tuple[str, Any]] = {}

    def browse(self, request: Request) -> Response:
        """All documents, or what a search finds in them."""
        query = request.query_params.get("q", "").strip()
        values: dict[str, Any] = {"title": "Documents", "here": "browse", "query": query}
        try:
            folders = self._tree()
            if query:
                values["passages"] = [_found(passage, query) for passage in self._assistant.search(query, _FOUND)]
                values["title"] = f"Found for “{query}”"
        except HwqaError as error:
            return self._problem(request, str(error), 400 if query else 503)
        documents = [document for folder in folders for document in folder.documents]
        sections = sum(document.sections for document in documents)
        return _page("browse", request, folders=folders, count=len(documents), sections=sections, **values)

    def document(self, request: Request) -> Response:
        """A document, the lines that its address names marked."""
        path = request.path_params["path"]
        try:
            folders = self._tree()
            known = {document.path: document for folder in folders for document in folder.documents}
            if path not in known:
                return self._problem(request, f"There is no document {path[:200]!r} here.", 404)
            text = read_text(self._assistant.corpus, path)
        except CorpusError:
            return self._problem(request, f"The document {path!r} was indexed, but is not there any more.", 404)
        except HwqaError as error:
            return self._problem(request, str(error), 503)
        query = request.query_params
        place = parse_place(query.get("lines", ""), query.getlist("cells"), query.get("of", ""))
        shown = show(path, text, _root(request), known, place)
        return _page(
            "document",
            request,
            title=known[path].title,
            here="browse",
            folders=folders,
            current=path,
            current_folder=path.rpartition("/")[0],
            as_of=known[path].as_of,
            html=shown.html,
            outline=shown.outline,
            notice=shown.notice,
        )

    def matrix(self, request: Request) -> Response:
        """Products × attributes."""
        folder = request.query_params.get("folder")
        whole = request.query_params.get("whole") == "1"
        index = self._assistant.index
        try:
            matrix = self._keep(
                ("matrix", folder, whole),
                lambda: build_matrix(index.facts(), index.documents(), folder, whole=whole),
            )
        except HwqaError as error:
            return self._problem(request, str(error), 503)
        total = sum(count for _, count in matrix.folders)
        return _page(
            "matrix",
            request,
            title="What is known",
            here="matrix",
            matrix=matrix,
            folder=folder,
            whole=whole,
            total=total,
        )

    def asset(self, request: Request) -> Response:
        """A style sheet or script of the pages; or what this run of the server is called."""
        if request.path_params["name"] == "alive":
            return PlainTextResponse(self._started, headers={"Cache-Control": "no-store"})
        if request.path_params["name"] == SCRIPT:  # four megabytes, which only charts need
            from hwqa.charts.files import plotly_script  # noqa: PLC0415 - plotly takes 200 ms to load

            return Response(plotly_script(), media_type="text/javascript", headers={**_HEADERS, **_KEPT})
        content = _assets().get(request.path_params["name"])
        if content is None:
            return PlainTextResponse("not found", 404)
        media, text = content
        return Response(text, media_type=media, headers={**_HEADERS, **_KEPT})

    def _tree(self) -> tuple[Folder, ...]:
        index = self._assistant.index
        return self._keep(("tree",), lambda: tree(index.documents()))

    def _keep(self, name: object, build: Callable[[], T]) -> T:
        """What was built for the present state of the index; the pages of an earlier state are forgotten."""
        state = self._assistant.index.state
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or kept[0] != state:
            kept = (state, build())
            with self._lock:
                self._kept = {key: value for key, value in self._kept.items() if value[0] == state}
                self._kept[name] = kept
        value: T = kept[1]
        return value

    def _problem(self, request: Request, problem: str, status: int) -> Response:
        try:
            folders = self._tree()
        except HwqaError:
            folders = ()
        return _page(
            "browse", request, status=status, title="Not here" if status == 404 else "Not now", here="browse",
            folders=folders, problem=problem,
        )  # fmt: skip


def _root(request: Request) -> str:
    """The relative address of the chat: it holds behind any proxy."""
    path = request.scope.get("path", "/").removeprefix(request.scope.get("root_path", "")).lstrip("/")
    return "../" * path.count("/") or "./"


def _found(passage: Passage, query: str) -> dict[str, Any]:
    *above, title = passage.heading_path or (passage.path,)
    first, last = passage.lines
    return {
        "title": title,
        "above": " › ".join(above),
        "lines": excerpt(passage.text, passage.heading_path, query, _EXCERPT),
        "place": f"{passage.path}, lines {first}–{last}",
        "address": line_address(passage.path, passage.lines),
    }


def _page(template: str, request: Request, *, status: int = 200, **values: Any) -> Response:
    html = (
        _templates()
        .get_template(f"{template}.html.jinja")
        .render(root=_root(request), assets=ASSETS, version=_version(), **values)
    )
    return HTMLResponse(html, status, headers={**_HEADERS, "Cache-Control": "no-cache"})


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("hwqa.ui.browse"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


@cache
def _assets() -> dict[str, tuple[str, str]]:
    """Name → media type and text of what the pages load."""
    folder = files("hwqa")

    def joined(names: tuple[str, ...]) -> str:
        return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)

    return {
        "pages.css": ("text/css", _for_system(joined(_STYLES))),
        "pages.js": ("text/javascript", joined(_SCRIPTS)),
    }


def _for_system(style: str) -> str:
    """The style sheet with the dark colours where the system is dark: there is no Gradio here to say so."""
    start = style.index(".dark {") + len(".dark {")
    end = style.index("}", start)
    dark = style[start:end]
    return f"{style}\n@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n"


@cache
def _version() -> str:
    content = "".join(text for _, text in _assets().values())
    return hashlib.sha256(content.encode()).hexdigest()[:10]
