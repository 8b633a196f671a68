"""The chat in the browser: a Gradio app with an answer on one side and the cited documents on the other.

Gradio takes seconds to load: it is imported when a name of this package that needs it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwqa.ui.app import build
    from hwqa.ui.server import launch, launch_options, serve

__all__ = ["build", "launch", "launch_options", "serve"]

_HOME = {
    "build": "hwqa.ui.app",
    "launch": "hwqa.ui.server",
    "launch_options": "hwqa.ui.server",
    "serve": "hwqa.ui.server",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _HOME:
        from importlib import import_module  # noqa: PLC0415 - the point of this function is to import late

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'hwqa.ui' has no attribute {name!r}")
