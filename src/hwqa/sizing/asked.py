"""The sizing that a question asks for, with the models and devices that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hwqa.errors import SizingError
from hwqa.sizing.request import read_request
from hwqa.sizing.sizer import Sizer
from hwqa.sizing.values import Calculation

_MEMORY = r"(?:memory|vram|ram|gb|gib|gigabytes?|gpus?|cards?|chips?|devices?|accelerators?|boards?|boxes|nodes?)"
_MOST = 24
"""Devices named where the question asks which would do."""
_WHICH = re.compile(
    r"\b(?:which|what|how many|cheapest|smallest|fewest|least)\b.{0,40}"
    r"\b(?:gpus?|cards?|chips?|devices?|accelerators?|boards?|hardware|systems?|machines?)\b",
    re.I,
)
_ASKS = re.compile(
    # whether it fits
    r"\b(?:fits?|holds?|squeez\w+ .{1,60}(?:in|on)to|go(?:es)? in(?:to)?|gets? .{1,60} into)\b|"
    r"\b(?:enough for|is left|left for|room for)\b|"
    # what it takes
    rf"\b(?:needs?|requires?|takes?|uses?|occup\w+)\b.{{0,60}}\b{_MEMORY}\b|"
    rf"\b(?:how (?:many|much)|number of|least|which)\b.{{0,60}}\b{_MEMORY}\b.{{0,80}}"
    r"\b(?:needs?|requires?|takes?|hold|altogether|weights?)\b|"
    r"\b(?:kv[- ]?cache|size of the weights|(?:gb|gib|big|large) .{0,30}weights|weights? .{0,40}(?:gb|gib))\b|"
    r"\b(?:altogether|footprint)\b|"
    r"\bhow many\b.{0,80}\b(?:needs?|requires?|takes?|hold|just to)\b|"
    # how many at once, and how fast at most
    r"\bhow many\b.{0,60}\b(?:requests?|users?|sequences?|sessions?)\b|"
    r"\b(?:upper bound|ceiling|at the very most|at best)\b",
    re.I,
)


def sized(question: str, named: Sequence[str], sizer: Sizer) -> Calculation | None:
    """The calculation that answers the question; None where it asks for none, or the documents do not say enough.

    Args:
        question: It has to ask what a model needs or where it fits, not what is known of it.
        named: The products that it names, models and devices alike.
        sizer: Knows the documents.
    """
    if not asks_for_sizing(question):
        return None
    models = [name for name in named if name in sizer.model_names]
    devices = tuple(name for name in named if name in sizer.devices)
    if len(models) > 1:
        return None
    request = read_request(question, models[0] if models else "", devices)
    if request is None:
        return None
    try:
        return sizer.size(replace(request, most_devices=_MOST if _WHICH.search(question) else 0))
    except SizingError:
        return None


def asks_for_sizing(question: str) -> bool:
    """Whether a question that names a model or a size asks what it needs, rather than what is known of it."""
    return _ASKS.search(question) is not None
