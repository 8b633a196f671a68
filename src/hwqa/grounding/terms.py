"""The words of a text: stems, number formats, dense or sparse, denial."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from hwqa.names import singular

NUMBER_FORMAT = re.compile(r"\b(?:MX|NV)?(?:FP|BF|TF|INT|UINT|F)-?\d{1,2}\b|\bBFLOAT-?16\b|\bMXINT\d\b", re.IGNORECASE)
DENSE = re.compile(r"\b(?:dense|densely|without (?:structured )?sparsity|no sparsity|non-sparse)\b", re.IGNORECASE)
SPARSE = re.compile(
    r"\b(?:sparse|(?<!without )(?<!no )(?<!structured )(?:structured )?sparsity|2:4)\b(?! (?:is|was) not)",
    re.IGNORECASE,
)
NEGATION = re.compile(
    r"\b(?:not(?! only| just| counting| including| stated| quite| even)"
    r"|no(?! (?:more|less|fewer) than| sparsity|\.)|never|without|lacks?|lacking|cannot|neither|nor|none"
    r"|unsupported|unable|fails? to|absent|missing|omits?|unavailable|drops?|dropped|excludes?"
    r"|\w+n't)\b",
    re.IGNORECASE,
)
_STEM = 4
"""Letters that two words must begin with to count as one."""
_MOST_ENDING = 2
"""Letters by which one of them may be longer."""
_WORD = re.compile(r"[^\W_][\w'’-]*")
STOP_WORDS = frozenset(
    "a about above after all also am an and any are as at be because been being both but by can could did do does doing"
    " during each for from had has have having he her here his how i if in into is it its itself just may me might more"
    " most my of off on once only or other our out over per same she should so some such than that the their them"
    " then there these they this those through to too under until up upon us very was we were what when where which"
    " while who whom why will with within would you your vs versus against around roughly approximately nearly least"
    " e.g i.e etc respectively according document documents source sources give gives given say says state states"
    " stated list lists listed value note attribute support supports supported supporting offer offers offered provide"
    " not no nor never without lack lacks lacking none cannot doesn't don't isn't"
    " must shall whereas since although though unless however therefore thus whose thanks"
    " besides despite instead itself themselves"
    " provides provided feature features come comes use uses used using get gets there's".split()
)


@lru_cache(maxsize=16_384)
def content_words(text: str) -> frozenset[str]:
    """The words that carry meaning, case-folded, without endings that inflection adds."""
    words = set()
    for match in _WORD.finditer(text):
        for part in re.split(r"[-/]", match[0].casefold().replace("’", "'").removesuffix("'s")):
            if len(part) > 1 and part not in STOP_WORDS and not part[0].isdigit():
                words.add(stem(part))
    return frozenset(words)


def stem(word: str) -> str:
    """The word without common endings: equal for `supports`, `supported` and `supporting`."""
    word = singular(word)
    for ending in ("able", "ible", "ations", "ation", "ings", "ing", "edly", "ed", "ly", "er", "es", "e", "ment", "al"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


def is_among(word: str, words: Iterable[str]) -> bool:
    """Whether one of the stems is the word's, or begins like it: `weigh` and `weight`.

    >>> is_among("weigh", ["weight"]), is_among("low", ["lower"])
    (True, False)
    """
    return any(
        word == other
        or (
            min(len(word), len(other)) >= _STEM
            and abs(len(word) - len(other)) <= _MOST_ENDING
            and (word.startswith(other) or other.startswith(word))
        )
        for other in words
    )


def formats_in(text: str) -> frozenset[str]:
    """The number formats that a text names."""
    return frozenset(
        match[0].casefold().replace("-", "").replace("bfloat", "bf").replace("uint", "int")
        for match in NUMBER_FORMAT.finditer(text)
    )


def basis_in(text: str) -> str:
    """`dense`, `sparse`, `both` or empty, as the words of a text say."""
    dense, sparse = DENSE.search(text) is not None, SPARSE.search(text) is not None
    return "both" if dense and sparse else "dense" if dense else "sparse" if sparse else ""
