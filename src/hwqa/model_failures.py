"""What the failure of a chat model means to the user: one line that names the model, the cause and the remedy."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass

_FAMILIES = {
    "openai": ("OpenAIError",),
    "anthropic": ("AnthropicError",),
    "ollama": ("ResponseError", "RequestError"),
    "httpx": ("HTTPError", "StreamError", "InvalidURL"),
    "httpx2": ("HTTPError", "StreamError", "InvalidURL"),
    "langchain_core.exceptions": ("LangChainException",),
}
"""Root classes of what the providers' packages raise, by module."""

_ANSWER_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
"""What the clients raise over frames that are not the protocol: they parse JSON and take it for the shape expected."""

_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|(?:prompt|input) is too long|too many tokens|exceeds? .{0,40}context",
    re.IGNORECASE | re.DOTALL,
)
_SECRET = re.compile(r"\b(?:sk|key|lsv2|Bearer)[-_ ][\w*.-]{6,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, as far as a message may say it."""

    model: str
    """As `provider:name`."""
    provider: str = ""
    key: str = ""
    """Environment variable of the key."""
    url: str = ""

    @property
    def place(self) -> str:
        """` at URL`, or nothing when the address is not known."""
        return f" at {self.url}" if self.url else ""


def failures() -> tuple[type[Exception], ...]:
    """The exceptions with which a chat model's client fails, of the packages that are in use.

    A package that was not imported cannot have raised anything, so none is imported for this.
    """
    known = [
        getattr(sys.modules[module], name)
        for module, names in _FAMILIES.items()
        if module in sys.modules
        for name in names
        if hasattr(sys.modules[module], name)
    ]
    return (OSError, *_ANSWER_UNREADABLE, *known)


def explain(error: Exception, asked: Asked) -> str:
    """One line on what failed and what to do about it; it holds no key."""
    status = getattr(error, "status_code", None)
    said = one_line(error)
    start = f"model {asked.model}{asked.place}"
    if _TOO_LONG.search(said):
        return f"{start}: question and evidence are longer than its context; ask for fewer passages (HWQA_PASSAGES)"
    if isinstance(status, int) and status > 0:
        return f"{start} {_of_status(status, said, asked)}"
    if _is_timeout(error):
        return f"{start} was silent for too long; ask again, take another model or raise HWQA_MODEL_TIMEOUT"
    if _is_broken_off(error):
        return f"{start} broke off before the end of its answer; ask again"
    if _is_connection(error):
        remedy = "start it with `ollama serve`" if asked.provider == "ollama" else "check its address and that it runs"
        return f"{start} cannot be reached; {remedy}"
    if isinstance(error, _ANSWER_UNREADABLE):
        return f"{start} sent an answer that cannot be read; check that the server speaks this provider's protocol"
    return f"{start} failed: {said}; ask again or take another model"


def one_line(error: object) -> str:
    """The first line of what an error says, cut to 200 characters, without anything that looks like a key."""
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    for name, value in os.environ.items():
        if name.endswith("_API_KEY") and len(value) > 5:
            text = text.replace(value, "…")
    return _SECRET.sub("…", text)[:200]


def _of_status(status: int, said: str, asked: Asked) -> str:
    if status == 401:
        return f"refused the key; check {asked.key}" if asked.key else "asks for a key; check OLLAMA_API_KEY"
    if status == 403:
        return f"forbids this model to the key (403); check the rights of {asked.key or 'the account'}"
    if status == 404:
        if asked.provider == "ollama":
            return f"does not have it; fetch it with `ollama pull {asked.model.partition(':')[2]}`"
        return "does not know it (404); check the model's name and the server's path, which often ends in /v1"
    if status == 413:
        return "finds the question too long (413); ask for fewer passages (HWQA_PASSAGES)"
    if status == 429:
        if "quota" in said or "billing" in said or "credit" in said:
            return "has no quota left for this key (429); check the account"
        return "is asked too often (429); wait a minute or take another model"
    if status >= 500:
        return f"failed on its side ({status}); ask again later or take another model"
    if "temperature" in said:
        return f"refused the temperature ({status}); set HWQA_TEMPERATURE to what it takes, often 1"
    return f"refused the question ({status}: {said}); take another model"


def _names(error: Exception) -> set[str]:
    """Names of the error's classes and of those of the errors that caused it."""
    names: set[str] = set()
    cause: BaseException | None = error
    while cause is not None:
        names |= {kind.__name__ for kind in type(cause).__mro__}
        cause = cause.__cause__
    return names


def _is_timeout(error: Exception) -> bool:
    names = _names(error)
    return bool(names & {"TimeoutException", "APITimeoutError", "TimeoutError"}) and "ConnectTimeout" not in names


def _is_broken_off(error: Exception) -> bool:
    return bool(_names(error) & {"RemoteProtocolError", "ReadError", "IncompleteRead", "ConnectionResetError"})


def _is_connection(error: Exception) -> bool:
    return bool(_names(error) & {"APIConnectionError", "ConnectionError", "TransportError", "gaierror", "OSError"})
