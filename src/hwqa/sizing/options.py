"""A sizing as options ask for it: texts such as `70B`, `fp8` and `32k` in, a request out."""

from __future__ import annotations

from collections.abc import Sequence

from hwqa.errors import SizingError
from hwqa.sizing.precision import PRECISIONS, Precision, find_precision
from hwqa.sizing.request import Request, parameters, tokens

_NEAREST = 3


def requested(
    *,
    model: str | None = None,
    model_params: str | None = None,
    precision: str | None = None,
    kv_precision: str = "fp16",
    context: str = "8k",
    output: str | None = None,
    concurrency: int = 1,
    devices: Sequence[str] = (),
    device_count: int | None = None,
    speed: float | None = None,
    limit: int = 5,
) -> Request:
    """The request that the options make; the fields of `Request` say what each means.

    Raises:
        SizingError: Not exactly one of model and number of parameters is given, or a text cannot be read.
    """
    if (model is None) == (model_params is None):
        raise SizingError("name a model, or its number of parameters, and not both")
    count = None if model_params is None else parameters(model_params)
    if model_params is not None and count is None:
        raise SizingError(f"{model_params!r} is no number of parameters: write, for example, 70B or 1.5 billion")
    return Request(
        model=model or "",
        parameters=count,
        precision=_precision(precision or "fp16"),
        published=precision is None,
        kv_precision=_precision(kv_precision),
        context=_tokens(context),
        output=None if output is None else _tokens(output),
        concurrency=concurrency,
        devices=tuple(devices),
        count=device_count,
        speed=speed,
        most_devices=limit,
    )


def _precision(name: str) -> Precision:
    found = find_precision(name)
    if found is None:
        from rapidfuzz import process  # noqa: PLC0415 - needed only for formats that are not known

        nearest = ", ".join(match[0] for match in process.extract(name.casefold(), list(PRECISIONS), limit=_NEAREST))
        raise SizingError(f"there is no number format {name!r}: the nearest are {nearest}")
    return found


def _tokens(text: str) -> int:
    number = tokens(text)
    if number is None:
        raise SizingError(f"{text!r} is no number of tokens: write, for example, 8192 or 32k")
    return number
