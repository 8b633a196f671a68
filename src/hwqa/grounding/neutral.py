"""Text of a model made harmless: HTML shows as text, links keep their words and lose their targets."""

from __future__ import annotations

import re
import unicodedata

_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*(?:\([^()]*\)[^()]*)*\)|!\[[^\[\]]*\]\[[^\[\]]*\]")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_REFERENCE_LINK = re.compile(r"\[([^\[\]\n]*[^\[\]\d\s,;–-][^\[\]\n]*)\]\[[^\[\]\n]*\]")
_DEFINITION = re.compile(r"(?m)^[ \t>]*\[[^\[\]\n]+\]:[ \t]*\S*.*$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_TAG = re.compile(r"&(?:lt|#0*60|#x0*3c);?(?=[A-Za-z/!?])", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:https?|ftp|javascript|data|vbscript|file):[^\s<>\])\"']+|\bwww\.[^\s<>\])\"']+", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")

_SET_OFF = re.compile(r"(?<![\w)\]])[⁰¹²³⁴-⁹₀-₉①-⓿❶-➓㉑-㊿Ⅰ-ↈ]+")
"""Digits in another position or a ring, at the start of a word: `⁵⁹⁹ GB/s` is read as the number that it shows."""


def neutralised(text: str, known: str = "") -> str:
    """The text without HTML, images, link targets, invisible characters and addresses that `known` does not hold.

    >>> neutralised("See [the page](http://x.test/?q=1) <img src=x onerror=alert(1)>.")
    'See the page &lt;img src=x onerror=alert(1)>.'
    """
    text = _SET_OFF.sub(lambda match: unicodedata.normalize("NFKC", match[0]), _CONTROL.sub("", text))
    text = _IMAGE.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _REFERENCE_LINK.sub(r"\1", text)
    text = _DEFINITION.sub("", text)
    text = _BREAK.sub(" ", text)
    text = _ADDRESS.sub(
        lambda match: match[0] if match[0].rstrip(".,;:") in known and match[0][:4] in ("http", "www.") else "", text
    )
    return _TAG.sub("&lt;", _ENTITY_TAG.sub("&lt;", text))
