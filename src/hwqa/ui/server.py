"""Serves the chat page on one port, without a word to any other host."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from hwqa.errors import ServeError
from hwqa.ui.app import build
from hwqa.ui.browse.routes import routes as document_routes
from hwqa.ui.choices import found_models
from hwqa.ui.examples import suggest
from hwqa.ui.guard import Guard
from hwqa.ui.routes import mcp_routes, routes
from hwqa.ui.theme import build_theme, stylesheet
from hwqa.ui.tools import tools_stylesheet
from hwqa.ui.waiting import WAITING

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.config import Settings
    from hwqa.ui.app import Page
    from hwqa.ui.service import Service

_ICON = Path(__file__).with_name("icon.svg")
_HEAD = (
    '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
    '<link rel="icon" href="favicon.ico">'  # behind a proxy the browser would ask for that of the whole host
)


def launch_options(settings: Settings, service: Service) -> dict[str, Any]:
    """What `Blocks.launch` must be told to serve the page as the settings say."""
    mcp, running = mcp_routes(service)
    return {
        "app_kwargs": {
            "routes": [*routes(service), *document_routes(service.assistant), *mcp],
            "middleware": [Middleware(Guard, service=service)],
            "lifespan": running,
        },
        "auth": service.users.admits if service.users else None,
        "auth_message": "Sign in to ask.",
        "root_path": settings.root_path or None,
        "max_threads": settings.concurrency + WAITING + 40,
        "server_name": settings.host,
        "server_port": settings.port or _free_port(settings.host),
        "theme": build_theme(),
        # in the head, because Gradio rewrites the selectors of `css` so that they cannot reach the page's frame
        "head": f"{_HEAD}<style>{stylesheet()}{tools_stylesheet()}</style>",
        "favicon_path": _ICON,
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "share": False,
        "ssr_mode": False,
        "pwa": False,
        "max_file_size": "1mb",
        "show_error": False,
        "inbrowser": False,
        "quiet": True,
    }


def launch(demo: Page, settings: Settings) -> None:
    """Serve a page until the process is interrupted.

    Raises:
        ServeError: The port is taken, or the host is not an address of this machine.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        _, url, _ = demo.launch(**launch_options(settings, demo.service), prevent_thread_lock=True)
    except OSError as error:
        raise ServeError(
            f"port {settings.port} of {settings.host} cannot be used: stop what uses it, or choose another with --port"
        ) from error
    if url is None:
        return  # `gradio app.py` read the file again and goes on serving it itself
    print(f"hwqa answers at {url} (Ctrl+C stops it)", flush=True)  # noqa: T201 - the address is what was asked for
    demo.block_thread()


def serve(assistant: Assistant, settings: Settings) -> None:
    """Serve the chat until the process is interrupted.

    Raises:
        ServeError: The port is taken, or the host is not an address of this machine.
        ModelError: The settings name a model that cannot be.
    """
    demo = build(assistant, settings=settings, examples=suggest(assistant), models=found_models(settings))
    launch(demo, settings)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listening:
        return int(listening.getsockname()[1])
