"""One frozen `Settings`, read from arguments, `HWQA_*` variables and `hwqa.toml`, and passed on explicitly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from hwqa.errors import ConfigError

SERVED = frozenset(
    {"host", "port", "root_path", "auth", "rate_limit", "request_limit", "concurrency", "embedded", "reindex", "data"}
)
"""Settings of the web server: they change no answer."""


class Settings(BaseSettings):
    """What hwqa can be told; arguments win over the environment, the environment over `hwqa.toml`.

    >>> Settings.load(corpus="docs").corpus
    PosixPath('docs')
    """

    model_config = SettingsConfigDict(
        env_prefix="HWQA_", env_ignore_empty=True, toml_file="hwqa.toml", frozen=True, extra="forbid"
    )

    corpus: Path = Field(Path("corpus"), description="folder of the Markdown documents")
    index: str = Field("index", description="folder of the index, or the URL of a Chroma server")
    embedder: str = Field(
        "all-MiniLM-L6-v2", description="the bundled embedding model, or a folder in sentence-transformers' format"
    )
    reranker: str = Field("", description="folder of a cross-encoder that reorders what was found; none by default")
    cache: Path | None = Field(None, description="folder for exported encoders; the user's cache folder by default")
    model: str = Field(
        "auto", description="chat model as provider:name, none, or auto: a local model that was pulled, else none"
    )
    model_mirror: str = Field("", description="address of a host that model files are pulled from instead of the hub")
    base_url: str | None = Field(None, description="URL of an OpenAI-compatible server")
    temperature: float = Field(0.0, ge=0, le=2, description="sampling temperature of the chat model")
    model_timeout: float = Field(120.0, gt=0, description="seconds that the chat model may be silent")
    answer_cache: bool = Field(True, description="whether answers of chat models are kept on disk and given again")
    answer_length: Literal["short", "normal", "long"] = Field("normal", description="how much an answer tells")
    unsupported: Literal["drop", "mark"] = Field(
        "drop", description="what becomes of a model's sentence without numbers that its sources do not say"
    )
    passages: int = Field(8, ge=1, le=100, description="passages that an answer may draw on")
    question_limit: int = Field(8_000, ge=1, description="longest question, in characters")
    host: str = Field("127.0.0.1", description="address of the web server")
    port: int = Field(7860, ge=0, le=65_535, description="port of the web server")
    root_path: str = Field("", description="path under which a proxy serves the chat, such as /hwqa")
    auth: SecretStr | None = Field(None, description="who may use the chat: name:password, or a file with one a line")
    embedded: bool = Field(False, description="whether pages of other sites show the chat in a frame")
    rate_limit: int = Field(0, ge=0, description="questions a minute that a client may ask; 0 for any number")
    request_limit: int = Field(1_000_000, ge=1_000, description="largest request that the chat takes, in bytes")
    concurrency: int = Field(8, ge=1, le=1_000, description="answers that the chat writes at once; others wait in line")
    reindex: bool = Field(False, description="whether readers of the chat may bring the index up to date")
    data: Path | None = Field(
        None, description="folder of the chat's conversations and feedback; the user's data folder by default"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings gives the signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources in order of precedence."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **arguments: Any) -> Settings:
        """Settings from all sources; an argument that is None counts as not given.

        Raises:
            ConfigError: A value cannot be used, or `hwqa.toml` cannot be read.
        """
        try:
            return cls(**{name: value for name, value in arguments.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "settings"
            raise ConfigError(
                f"setting {name!r}: {first['msg']} (mend the option, HWQA_{name.upper()} or hwqa.toml)"
            ) from error
        except (OSError, ValueError) as error:
            raise ConfigError(f"hwqa.toml cannot be read: {error}") from error
