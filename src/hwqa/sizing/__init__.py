"""Sizing: what a model needs, on which and how many devices it runs, and how fast they are at most.

>>> sizer = Sizer(index.facts(), vocabulary)  # doctest: +SKIP
>>> sizer.size(read_request("Does a 70B model in FP8 with a 32k context fit?"))  # doctest: +SKIP
"""

from hwqa.sizing.asked import asks_for_sizing, sized
from hwqa.sizing.options import requested
from hwqa.sizing.precision import PRECISIONS, Precision, find_precision
from hwqa.sizing.request import Request, parameters, read_request, tokens
from hwqa.sizing.sizer import Sizer
from hwqa.sizing.values import Calculation, Given, Placement, Range, Step

__all__ = [
    "PRECISIONS",
    "Calculation",
    "Given",
    "Placement",
    "Precision",
    "Range",
    "Request",
    "Sizer",
    "Step",
    "asks_for_sizing",
    "find_precision",
    "parameters",
    "read_request",
    "requested",
    "sized",
    "tokens",
]
