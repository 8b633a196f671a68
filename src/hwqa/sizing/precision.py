"""Number formats: how many bits a weight takes, and which arithmetic reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hwqa.names import key

WIDTHS = {
    "fp64": 64,
    "fp32": 32,
    "tf32": 32,
    "bf16": 16,
    "fp16": 16,
    "fp8": 8,
    "int8": 8,
    "fp6": 6,
    "fp4": 4,
    "int4": 4,
}
"""Formats in which matrix units calculate → bits of a value."""

_ARITHMETIC = {
    32: ("fp32", "tf32"),
    16: ("fp16", "bf16"),
    8: ("fp8", "int8"),
    6: ("fp6",),
    4: ("fp4", "int4"),
}


@dataclass(frozen=True, slots=True)
class Precision:
    """A number format that weights or a cache are kept in."""

    name: str
    bits: float
    """Bits of one value, with the scales that its blocks store."""
    arithmetic: tuple[str, ...]
    """Formats in which the matrix units calculate with it, the preferred one first."""
    blocks: str = ""
    """How the scales add to the bits; empty for a format without them."""
    experts_only: bool = False
    """Whether files of a mixture of experts keep all but the routed experts in 16 bits, as is usual in this format."""

    @property
    def bytes(self) -> float:
        """Bytes of one value."""
        return self.bits / 8


def _plain(name: str) -> Precision:
    width = WIDTHS[name]
    wider = [formats for bits, formats in sorted(_ARITHMETIC.items()) if bits > width and bits != 6]
    own = (name, *(other for other in _ARITHMETIC.get(width, ()) if other != name))
    return Precision(name, width, (*own, *(one for formats in wider for one in formats)))


_HALF = ("fp16", "bf16", "fp32", "tf32")
_FLOAT4 = ("fp4", "fp8", "int8", *_HALF)
PRECISIONS: dict[str, Precision] = {
    **{name: _plain(name) for name in ("fp32", "bf16", "fp16", "fp8", "int8", "fp6", "fp4")},
    # Weights alone are in 4-bit integers in most kernels; they are widened before the multiplication.
    "int4": Precision("int4", 4, _HALF),
    # OCP Microscaling Formats, version 1.0: one scale of 8 bits for 32 values; NVFP4: one of 8 bits for 16 values.
    "mxfp8": Precision("mxfp8", 8.25, ("fp8", "int8", *_HALF), "8 bits and a scale of 8 bits for 32 values"),
    "mxfp6": Precision("mxfp6", 6.25, ("fp6", "fp8", *_HALF), "6 bits and a scale of 8 bits for 32 values"),
    "mxfp4": Precision("mxfp4", 4.25, _FLOAT4, "4 bits and a scale of 8 bits for 32 values", experts_only=True),
    "nvfp4": Precision("nvfp4", 4.5, _FLOAT4, "4 bits and a scale of 8 bits for 16 values", experts_only=True),
} | {
    # llama.cpp, tools/quantize/README.md at 311c2c9: bits of a weight in a model of 8 billion parameters. The formats
    # whose name ends in a letter keep some tensors in more bits than others.
    name: Precision(name, bits, _HALF, "average of a GGUF file, with scales and wider tensors")
    for name, bits in {
        "q2_k": 3.1593, "q3_k_s": 3.6429, "q3_k_l": 4.2979, "q4_k_s": 4.6672, "q4_k_m": 4.8944,
        "q5_k_s": 5.5704, "q5_k_m": 5.7036, "q6_k": 6.5633, "q8_0": 8.5008,
    }.items()
} | {
    # llama.cpp, ggml-common.h: a block of 32 values and a scale of 16 bits.
    "q4_0": Precision("q4_0", 4.5, _HALF, "4 bits and a scale of 16 bits for 32 values"),
}  # fmt: skip
"""Name → format. Names are those of papers, libraries and GGUF files."""

_OTHER_NAMES = {
    "f32": "fp32", "float32": "fp32", "single": "fp32", "32bit": "fp32", "32bits": "fp32",
    "f16": "fp16", "float16": "fp16", "half": "fp16", "16bit": "fp16", "16bits": "fp16", "bfloat16": "bf16",
    "f8": "fp8", "float8": "fp8", "e4m3": "fp8", "e5m2": "fp8", "8bit": "fp8", "8bits": "fp8", "w8a8": "fp8",
    "i8": "int8", "q8": "q8_0", "float4": "fp4", "i4": "int4", "uint4": "int4", "4bit": "int4", "4bits": "int4",
    "q4": "q4_k_m", "awq": "int4", "gptq": "int4", "w4a16": "int4", "q4k": "q4_k_m", "q5": "q5_k_m", "q6": "q6_k",
}  # fmt: skip
_BY_KEY = {key(name): name for name in PRECISIONS} | _OTHER_NAMES
_WORD = re.compile(r"[^\W_]+(?:[_-][^\W_]+)*")


def find_precision(name: str) -> Precision | None:
    """The format of this name in any of its spellings, or None.

    >>> find_precision("FP-8").name, find_precision("16 bits").name, find_precision("Q4_K_M").bits
    ('fp8', 'fp16', 4.8944)
    """
    known = _BY_KEY.get(key(name))
    return PRECISIONS[known] if known else None


def precision_in(text: str) -> Precision | None:
    """The first format that a text names, such as a question or a note; None when it names none.

    >>> precision_in("a 70B model in FP8 with a 32k context").name
    'fp8'
    """
    words = list(_WORD.finditer(text))
    for at, word in enumerate(words):
        following = words[at + 1].group() if at + 1 < len(words) else ""
        joined = word.group() + following if following.casefold() in ("bit", "bits") else word.group()
        if any(map(str.isdigit, joined)) and (found := find_precision(joined)) is not None:
            return found
    return None
