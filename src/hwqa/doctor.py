"""What works on this machine, what does not, and the remedy."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from hwqa.automatic import resolve
from hwqa.config import Settings
from hwqa.errors import HwqaError

_PACKAGES = ("chromadb", "onnxruntime", "sentence-transformers", "langchain-core", "gradio", "markdown-it-py")
_SQLITE = (3, 35, 0)
"""What Chroma asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    works: bool
    says: str
    """What was found; if it does not work, with the remedy."""
    needed: bool = True
    """Whether hwqa cannot answer without it."""


def examine(settings: Settings) -> list[Finding]:
    """What was found, in the order in which hwqa needs it; nothing is changed but the cache of exported encoders."""
    settings, choice = resolve(settings)
    return [
        Finding("Python", works=True, says=platform.python_version()),
        *_packages(),
        _sqlite(),
        _checked("documents", lambda: _documents(settings)),
        _checked("embedding model", lambda: _embedder(settings)),
        _checked("index", lambda: _index(settings)),
        _checked("chat model", lambda: choice.says if choice else _model(settings), needed=settings.model != "none"),
        *_models(settings),
    ]


def _checked(what: str, act: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(what, works=True, says=act(), needed=needed)
    except HwqaError as error:
        return Finding(what, works=False, says=str(error), needed=needed)


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, works=True, says=version(name))
        except PackageNotFoundError:
            yield Finding(name, works=False, says="not installed: pip install hwqa")


def _sqlite() -> Finding:
    found = sqlite3.sqlite_version
    works = sqlite3.sqlite_version_info >= _SQLITE
    return Finding("SQLite", works=works, says=found if works else f"{found}: 3.35 or later is needed; update Python")


def _documents(settings: Settings) -> str:
    from hwqa.corpus import scan  # noqa: PLC0415 - looked at in its turn, so that its errors are its own

    return f"{len(scan(settings.corpus))} Markdown files in {settings.corpus}"


def _embedder(settings: Settings) -> str:
    from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise

    embedder = open_embedder(settings.embedder, settings.cache)
    embedder.encode_query("ready")
    return f"{settings.embedder}, {embedder.dimension} dimensions, {embedder.max_tokens} tokens"


def _index(settings: Settings) -> str:
    from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise
    from hwqa.index import Index  # noqa: PLC0415 - likewise

    index = Index.open(settings.index, open_embedder(settings.embedder, settings.cache))
    if not index.count:
        return f"{settings.index} is empty; the first question or `hwqa index` fills it"
    stale = index.is_stale(settings.corpus)
    return f"{index.count} chunks in {settings.index}, " + ("stale: `hwqa index` updates it" if stale else "up to date")


def _model(settings: Settings) -> str:
    if settings.model == "none":
        return "none: answers are composed from the documents"
    from hwqa.models import open_chat_model  # noqa: PLC0415 - LangChain is loaded for chat models only

    open_chat_model(settings.model, base_url=settings.base_url, timeout=settings.model_timeout)
    return f"{settings.model} is configured (no request was sent)"


def _models(settings: Settings) -> Iterator[Finding]:
    from hwqa.models import find_models  # noqa: PLC0415 - likewise

    found = [model.spec for model in find_models(settings.base_url)]
    says = ", ".join(found) if found else "none found: set a provider's key, start Ollama, or use a local model"
    yield Finding("chat models here", works=bool(found), says=says, needed=False)
