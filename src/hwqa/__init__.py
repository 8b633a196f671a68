"""hwqa answers questions about inference hardware from Markdown documents, with the line that each number comes from.

>>> from hwqa import Assistant
>>> assistant = Assistant.open(corpus="corpus", index="index")  # doctest: +SKIP
>>> print(assistant.ask("How much memory does the H200 have?").text)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.retriever import HardwareRetriever
    from hwqa.schema import Answer, Citation

__version__ = "0.1.0"

__all__ = ["Answer", "Assistant", "Citation", "HardwareRetriever", "__version__"]

_HOME = {
    "Answer": "hwqa.schema",
    "Assistant": "hwqa.assistant",
    "Citation": "hwqa.schema",
    "HardwareRetriever": "hwqa.retriever",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import hwqa` costs nothing."""
    if name in _HOME:
        from importlib import import_module  # noqa: PLC0415 - the point of this function is to import late

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'hwqa' has no attribute {name!r}")
