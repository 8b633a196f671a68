"""The chat models that a reader may choose from, and the assistant that answers with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, get_args

from hwqa.automatic import resolve
from hwqa.config import Settings
from hwqa.errors import ModelError
from hwqa.models import describe, find_models

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


LENGTHS = get_args(Settings.model_fields["answer_length"].annotation)
"""How much an answer may tell, from the least on."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A chat model that can be chosen."""

    spec: str
    """`provider:name`, or `none`."""
    label: str
    note: str
    """What leaves the machine, in one sentence."""


def model_choices(settings: Settings, found: Sequence[str] = ()) -> tuple[ModelChoice, ...]:
    """The model of the settings, no model, and the models found, in this order, each once.

    Raises:
        ModelError: The settings name a model that cannot be.
    """
    settings, _ = resolve(settings)
    specs = dict.fromkeys([settings.model, "none", *found])
    return tuple(ModelChoice(spec, _label(spec), describe(spec, settings.base_url)) for spec in specs)


def found_models(settings: Settings) -> tuple[str, ...]:
    """What this machine can ask besides the model of the settings, as `provider:name`; takes up to half a second.

    With a `base_url` in the settings these are models of that server alone, for it would be asked for all of them.
    """
    settings, _ = resolve(settings)
    specs = [found.spec for found in find_models(settings.base_url) if found.is_named]
    if settings.base_url:
        provider = "openai:" if settings.model == "none" else settings.model.partition(":")[0] + ":"
        specs = [spec for spec in specs if spec.startswith(provider)]
    return tuple(specs)


def _label(spec: str) -> str:
    provider, _, name = spec.partition(":")
    return f"{name} ({provider})" if name else "No model, only sentences of the documents"


class Assistants:
    """An assistant for each choice, made when it is first used; safe to use from many threads."""

    def __init__(self, assistant: Assistant, choices: Sequence[ModelChoice], chosen: str) -> None:
        """Answer with `assistant` for the choice `chosen`, and with its likes for the others."""
        self._assistant = assistant
        self._offered = frozenset(choice.spec for choice in choices)
        settings = getattr(assistant, "settings", None)
        self.length: str = settings.answer_length if settings else LENGTHS[0]
        """How much answers tell where a reader does not choose."""
        self._made: dict[tuple[str, str], Assistant] = {(chosen, self.length): assistant}
        self._lock = Lock()

    def answering(self, spec: str, length: str = "") -> Assistant:
        """The assistant that answers with a model, at a length of `LENGTHS`; at the usual one when that is empty.

        Raises:
            ModelError: The model is not offered, or cannot be used.
        """
        if spec not in self._offered:
            raise ModelError(
                f"model {spec[:80]!r} is not offered here: choose one of {', '.join(sorted(self._offered))}"
            )
        length = length if length in LENGTHS else self.length
        with self._lock:
            if (spec, length) not in self._made:
                self._made[spec, length] = self._assistant.with_model(spec, length=length)
            return self._made[spec, length]
