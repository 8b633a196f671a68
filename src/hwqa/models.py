"""Chat models: `provider:name` becomes a LangChain `BaseChatModel`, and what can be asked here is found."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from hwqa.errors import ModelError
from hwqa.gguf import find_gguf, list_gguf, models_folder
from hwqa.model_failures import Asked, one_line

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CONNECT_TIMEOUT = 5.0
"""Seconds until a server that does not answer at all counts as not reachable."""
OLLAMA_CONTEXT = 8192
"""Tokens that Ollama is asked to read; its own default silently cuts the evidence off."""
_URL_FIELDS = ("openai_api_base", "anthropic_api_url", "base_url")
_ANY = "NAME"
_PLACEHOLDER_KEY = "not-needed"
_LOOPBACK = re.compile(r"localhost|127(?:\.\d+){3}|::1|0\.0\.0\.0")


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves chat models, and what it takes to ask there."""

    name: str
    package: str
    """What LangChain needs to be installed; hwqa's extra of the provider's name brings it."""
    key: str = ""
    """Environment variable of the key; empty when none is needed."""
    urls: tuple[str, ...] = ()
    """Environment variables that name another server, the first that is set counts."""
    url: str = ""
    """The provider's own server."""


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            "langchain_openai",
            "OPENAI_API_KEY",
            ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
            "https://api.openai.com/v1",
        ),
        Provider(
            "anthropic",
            "langchain_anthropic",
            "ANTHROPIC_API_KEY",
            ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"),
            "https://api.anthropic.com",
        ),
        Provider("ollama", "langchain_ollama", "", ("OLLAMA_HOST",), "http://127.0.0.1:11434"),
        Provider("local", "xllamacpp"),
    )
}


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that this machine can ask, or could with one step more."""

    spec: str
    """`provider:name`; `provider:NAME` when only the provider knows the names of its models."""
    note: str
    """Where it comes from, and the step that is missing, if any; never a key."""

    @property
    def is_named(self) -> bool:
        """Whether `spec` can be asked as it stands."""
        return not self.spec.endswith(f":{_ANY}")


def open_chat_model(
    spec: str, *, base_url: str | None = None, temperature: float = 0.0, timeout: float = 120.0
) -> BaseChatModel:
    """The chat model that `provider:name` stands for; nothing is sent or loaded yet.

    Args:
        spec: `openai:NAME`, `anthropic:NAME`, `ollama:NAME`, `local:NAME` or `local:FILE.gguf`.
        base_url: Server to ask instead of the provider's own; `openai:` then speaks to any OpenAI-compatible server,
            with a key or without.
        temperature: Of sampling; 0 takes the likeliest token.
        timeout: Seconds that the model may be silent.

    Raises:
        ModelError: The spec is malformed, or a package, a key or a file is missing.
    """
    provider, name = _parse(spec)
    if find_spec(provider.package) is None:
        raise ModelError(
            f"model {spec} needs {provider.package.replace('_', '-')}, which is not installed: "
            f"pip install 'hwqa[{provider.name}]'"
        )
    if provider.name == "local":
        from hwqa.local import LocalChatModel  # noqa: PLC0415 - LangChain is loaded for chat models only

        path, sha256 = find_gguf(name, models_folder())
        return LocalChatModel(path=path, sha256=sha256, temperature=temperature, timeout=timeout)

    from langchain.chat_models import init_chat_model  # noqa: PLC0415, TID251 - likewise; this is the module that may

    options: dict[str, Any] = {"temperature": temperature}
    # One question, one connection: nobody closes the client, so none may stay open in it.
    headers = {"Connection": "close"}
    # Address and key are always given: LangChain would else take them from LANGSMITH_GATEWAY, if that is set.
    url = _url(provider, base_url)
    key = os.environ.get(provider.key, "") if provider.key else ""
    if provider.key and not key:
        if url == provider.url or provider.name != "openai":
            raise ModelError(f"model {spec} needs a key: set {provider.key}")
        key = _PLACEHOLDER_KEY
    if provider.name == "openai":
        from openai import Timeout as OpenAITimeout  # noqa: PLC0415 - loaded for this provider only

        options |= {
            "api_key": key,
            "timeout": OpenAITimeout(timeout, connect=CONNECT_TIMEOUT),
            "max_retries": 0,
            "default_headers": headers,
        }
    elif provider.name == "anthropic":
        options |= {"api_key": key, "timeout": timeout, "max_retries": 0, "default_headers": headers}
    else:
        from httpx import Timeout  # noqa: PLC0415 - loaded for this provider only

        options |= {
            "client_kwargs": {"timeout": Timeout(timeout, connect=CONNECT_TIMEOUT), "headers": headers},
            "num_ctx": OLLAMA_CONTEXT,
        }
    try:
        model = cast("BaseChatModel", init_chat_model(name, model_provider=provider.name, base_url=url, **options))
    except ValueError as error:
        raise ModelError(f"model {spec} cannot be set up: {one_line(error)}") from error
    if provider.name == "anthropic":
        from anthropic import Timeout as AnthropicTimeout  # noqa: PLC0415 - loaded for this provider only

        # ChatAnthropic's own setting takes seconds only and would wait as long for a connection as for a word.
        cast("Any", model)._client.timeout = AnthropicTimeout(timeout, connect=CONNECT_TIMEOUT)
    return model


def describe(spec: str, base_url: str | None = None) -> str:
    """A short sentence on what leaves this machine when the model answers."""
    if spec == "none":
        return "Nothing leaves this machine."
    provider, name = _parse(spec)
    if provider.name == "local":
        return "Nothing leaves this machine."
    host = urlsplit(_url(provider, base_url)).hostname or ""
    if provider.name == "ollama" and re.search(r"[:-]cloud$", name):
        return "Questions and the evidence shown with them go to ollama.com."
    if _LOOPBACK.fullmatch(host):
        return f"Questions and evidence go to a server on this machine ({host}), nowhere else."
    return f"Questions and the evidence shown with them go to {host}."


def identity(spec: str, base_url: str | None = None) -> str:
    """What tells a model from another one of the same name: its server, or path, size and date of its file.

    Empty when the spec stands for no model, or its file is missing.
    """
    try:
        provider, name = _parse(spec)
        if provider.name != "local":
            return f"{spec} {_url(provider, base_url)}"
        path, _ = find_gguf(name, models_folder())
        status = path.stat()
    except (ModelError, OSError):
        return ""
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def find_models(base_url: str | None = None) -> list[FoundModel]:
    """What can be asked here, found within half a second: keys, servers on this machine, GGUF files.

    Args:
        base_url: As for `open_chat_model` with `openai:`; asked for its models when it lies on this machine.
    """
    openai, anthropic, ollama = (PROVIDERS[name] for name in ("openai", "anthropic", "ollama"))
    found = []
    url = _url(openai, base_url)
    if url != openai.url:
        found += _found(openai, _listed(url, "/models", "data", "id"), f"server {url}")
    elif os.environ.get(openai.key):
        found += _found(openai, None, f"{openai.key} is set")
    if os.environ.get(anthropic.key):
        found += _found(anthropic, None, f"{anthropic.key} is set")
    url = _url(ollama, None)
    names = _listed(url, "/api/tags", "models", "name")
    if names is not None or os.environ.get("OLLAMA_HOST"):
        found += _found(ollama, names, f"server {url}")
    if names := list_gguf(models_folder()):
        found += _found(PROVIDERS["local"], names, "runs in this process")
    return found


def label(model: BaseChatModel) -> str:
    """`provider:name` of a model that `open_chat_model` opened; of another, the name that it or its class has."""
    name = getattr(model, "model_name", None) or getattr(model, "model", None) or type(model).__name__
    provider = provider_of(model)
    return f"{provider.name}:{name}" if provider else str(name)


def provider_of(model: BaseChatModel) -> Provider | None:
    """Who serves the model; None for one that `open_chat_model` did not open."""
    package = type(model).__module__.partition(".")[0]
    if type(model).__module__ == "hwqa.local":
        return PROVIDERS["local"]
    return next((provider for provider in PROVIDERS.values() if provider.package == package), None)


def asked_of(model: BaseChatModel) -> Asked:
    """What a message about a failure of the model may name."""
    provider = provider_of(model)
    url = next((url for name in _URL_FIELDS if (url := getattr(model, name, None))), "")
    return Asked(label(model), provider.name if provider else "", provider.key if provider else "", str(url))


def _parse(spec: str) -> tuple[Provider, str]:
    provider, colon, name = spec.strip().partition(":")
    if not colon or not name.strip() or not provider:
        raise ModelError(f"model {spec!r} is not of the form provider:name, such as ollama:NAME or local:FILE.gguf")
    if provider not in PROVIDERS:
        raise ModelError(f"model {spec}: provider {provider!r} is not known; take one of {', '.join(PROVIDERS)}")
    return PROVIDERS[provider], name.strip()


def _url(provider: Provider, base_url: str | None) -> str:
    url = base_url or next((os.environ[name] for name in provider.urls if os.environ.get(name)), provider.url)
    if provider.name == "ollama" and "://" not in url:
        host, _, port = url.rpartition(":") if re.search(r":\d+$", url) else (url, "", "11434")
        url = f"http://{host or '127.0.0.1'}:{port}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ModelError(f"the model server {url!r} is no URL such as http://127.0.0.1:8080/v1; mend --base-url")
    return url.rstrip("/")


def _found(provider: Provider, names: Sequence[str] | None, note: str) -> list[FoundModel]:
    missing = find_spec(provider.package) is None
    step = f"; to use it: pip install 'hwqa[{provider.name}]'" if missing else ""
    return [FoundModel(f"{provider.name}:{name}", note + step) for name in (names or (_ANY,))]


def _listed(url: str, path: str, key: str, field: str) -> tuple[str, ...] | None:
    """The names that a server on this machine lists; None when it lies elsewhere or does not answer at once."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not _LOOPBACK.fullmatch(parts.hostname or ""):
        return None
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=0.2)
    try:
        connection.request("GET", parts.path + path)
        listed = json.loads(connection.getresponse().read())[key]
        return tuple(str(item[field]) for item in listed)
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()
