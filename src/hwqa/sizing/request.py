"""What is asked of a sizing, read from options or from words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwqa.sizing.precision import PRECISIONS, Precision, precision_in
from hwqa.units import conversion, find_quantities

MOST_DEVICES = 1024
"""Devices beyond which a placement is not looked for."""

_TOKENS = re.compile(r"(\d+(?:[.,]\d+)*)\s*([kKmM]i?)?(?:\s*[- ]?tokens?)?$")
_PARAMETERS = re.compile(r"(\d+(?:\.\d+)?)\s*([kmbt]|million|billion|trillion)?$", re.I)
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "million": 1e6, "billion": 1e9, "trillion": 1e12, "": 1.0}
SIZE_IN = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*-?\s*(?:[bB](?![\w/])|billion\b)")
_CONTEXT_IN = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?([kKmM])?[- ]?(?:tokens?\b(?!/s| per)|(?:of )?context\b)"
    r"|(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?([kKmM])[- ](?:requests?|sequences?|prompts?|chats?)\b"
    r"|\bcontext(?: length| window| size)?(?: of| =|:)?\s+(\d[\d,]*(?:\.\d+)?)\s?([kKmM])?\b",
    re.I,
)
_CACHE_IN = re.compile(
    r"\b(?:cache|keep it|kept) in (?:an? )?(\d+[- ]?bits?|[a-z]+\d+)\b|"
    r"(?<![\w.])(\d+[- ]?bits?|(?!kv)[a-z]+\d+) (?:kv[- ]?)?cache\b",
    re.I,
)
"""The format of the cache, where a question gives it apart from that of the weights."""
_COUNT_IN = re.compile(
    r"(?<![\w.])(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*[x×]?\s+"
    r"(?:of them|(?:gpu|card|device|chip|accelerator|board|machine)s)\b",
    re.I,
)
_COUNT_BEFORE = re.compile(
    r"(?<![\w.$€-])(\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*[x×]?\s*"
    r"(?:of (?:the |these )?)?$",
    re.I,
)
"""A number in front of a device's name, as in `8 x H200`."""
_MANY_IN = re.compile(
    r"(?<![\w.])(\d[\d,]*)\s+(?:concurrent|parallel|simultaneous)?\s*(?:users?|requests?|sequences?|sessions?|streams?)\b"
    r"|\b(?:batch(?: size)?|concurrency)(?: of| =|:)?\s+(\d[\d,]*)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A sizing to do. Either `model` or `parameters` says of what."""

    model: str = ""
    """Name of a model of the documents, in any of its spellings."""
    parameters: float | None = None
    """Number of parameters, where no model is named."""
    precision: Precision = PRECISIONS["fp16"]
    published: bool = False
    """Whether the format of the published files goes before `precision`, where the documents name it."""
    kv_precision: Precision = PRECISIONS["fp16"]
    context: int = 8192
    """Tokens of one sequence, prompt and answer together; 0 counts the weights alone."""
    output: int | None = None
    """Tokens of the answer among them; then throughput counts the reading of the prompts as well."""
    concurrency: int = 1
    """Sequences at once."""
    devices: tuple[str, ...] = ()
    """Names of devices; every device of the documents when empty."""
    memory: float | None = None
    """Bytes of a device of which only the memory is known; reckoned instead of those of the documents."""
    count: int | None = None
    """Number of devices to reckon with; the fewest that hold the model when None."""
    speed: float | None = None
    """Tokens a second that each user must see at least; limits the batch of a full server."""
    most_devices: int = 5
    """Devices to show when none was named; none are looked for when 0."""
    single: bool = False
    """Whether one device must hold it, where none was named."""
    cards: bool = False
    """Whether only cards count, where no device was named."""
    cheapest: bool = False
    """Whether those that cost least come first, where no device was named."""


def tokens(text: str) -> int | None:
    """The number of tokens that `8192`, `32k` or `1M` mean, in thousands of 1,024; None for anything else.

    >>> tokens("32k"), tokens("8,192"), tokens("many")
    (32768, 8192, None)
    """
    match = _TOKENS.fullmatch(text.strip())
    if match is None:
        return None
    scale = {"": 1, "k": 1024, "m": 1024**2}[(match[2] or "").casefold().removesuffix("i")]
    number = round(float(match[1].replace(",", "")) * scale)
    return number if number > 0 else None


def parameters(text: str) -> float | None:
    """The number of parameters that `70B`, `1.5 billion` or `135M` mean; None for anything else."""
    match = _PARAMETERS.fullmatch(text.strip())
    if match is None:
        return None
    number = float(match[1]) * _SCALES[(match[2] or "").casefold()]
    return number if number > 0 else None


def read_request(
    question: str, model: str = "", devices: tuple[str, ...] = (), before: Sequence[str] = ()
) -> Request | None:
    """The sizing that a question asks for, or None where it names neither a model nor a size.

    Args:
        question: As the user wrote it.
        model: The model that the question names, as the vocabulary found it; the size in the question counts otherwise.
        devices: The devices that it names.
        before: What stands in front of each name of a device: a number at its end is how many there are.

    A question that says nothing of a context is taken to ask for the weights alone.
    """
    size = SIZE_IN.search(question)
    if not model and size is None:
        return None
    many = _MANY_IN.search(question)
    memory = None if devices else memory_in(question)
    cached = _CACHE_IN.search(question)
    named = precision_in(question[: cached.start()] + question[cached.end() :] if cached else question)
    asked = Request(
        model=model,
        parameters=None if model or size is None else float(size[1]) * 1e9,
        precision=named or PRECISIONS["fp16"],
        published=named is None,
        kv_precision=(precision_in(cached[1] or cached[2]) if cached else None) or PRECISIONS["fp16"],
        context=_context_in(question),
        concurrency=int((many[1] or many[2]).replace(",", "")) if many else 1,
        devices=devices,
        memory=memory,
        count=count_in(question, devices, before) if devices or memory else None,
    )
    return asked if asked.concurrency > 0 else None


def count_in(question: str, devices: Sequence[str], before: Sequence[str] = ()) -> int | None:
    """How many devices a question speaks of, where it says so; `before` stands in front of each device's name."""
    numbers = [found for text in before if (found := _COUNT_BEFORE.search(text)) and found[1] != "1"]
    number = numbers[0] if len(devices) == 1 and numbers else _COUNT_IN.search(question)
    return _count(number[1]) if number else None


def _context_in(question: str) -> int:
    """The tokens of a context that a question names; 0 where it names none."""
    match = _CONTEXT_IN.search(question)
    return tokens("".join(part for part in match.groups() if part)) or 0 if match else 0


def memory_in(question: str) -> float | None:
    """The first number of bytes that a question names, as in `a card with 48 GB`."""
    for quantity in find_quantities(question):
        # `16 bit` is the width of a number, not a memory.
        if quantity.unit.endswith("B") and (factor := conversion(quantity.unit, "B")) is not None:
            return float(quantity.low * factor)
    return None


def _count(text: str) -> int | None:
    """The number that a word or digits mean, if there can be so many devices."""
    number = int(text) if text.isdigit() else next((int(found.low) for found in find_quantities(text)), 0)
    return number if 0 < number <= MOST_DEVICES else None
