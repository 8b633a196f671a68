"""Which of a case's facts an answer gives."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hwqa.evaluation.claims import is_denied, without_marks
from hwqa.markdown import plain_text
from hwqa.sentences import sentence_spans
from hwqa.units import Quantity, find_quantities, same

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*\+*")
_WORD_OR_BREAK = re.compile(rf"{_WORD.pattern}|[,;:]")


def gives(text: str, fact: Sequence[str]) -> bool:
    """Whether the text says the fact in one of its phrasings.

    A phrasing that is a quantity (`192 GB`, `up to 5.3 TB/s`, `$6,400`) is found by value: units are converted, and
    either side may be the correctly rounded other; `not 192 GB` does not give it. Any other phrasing, and a number
    without unit, is found as whole words, whatever case, Markdown, hyphens and punctuation: `PCIe 5.0` in
    `**PCIe-5.0** x16`.
    """
    return any(not (spot.denied and spot.is_quantity) for spot in _spots(text, fact))


def asserts(text: str, fact: Sequence[str]) -> bool:
    """Whether the text says the fact, as `gives` finds it, at a place where it does not deny it."""
    return any(not spot.denied for spot in _spots(text, fact))


@dataclass(frozen=True, slots=True)
class _Spot:
    denied: bool
    is_quantity: bool


def _spots(text: str, fact: Sequence[str]) -> Iterator[_Spot]:
    """The places at which a text has one of the fact's phrasings."""
    said, quantities, sentences = _read(text)
    for phrasing in fact:
        wanted = whole_quantity(phrasing)
        if wanted is not None:
            for each in quantities:
                if same(each, wanted) or same(wanted, each):
                    yield _Spot(is_denied(said, each.start), is_quantity=True)
            if wanted.unit:
                continue
        words_of = normalise(phrasing).split()
        if words_of:
            pattern = re.compile(rf"(?<!\S){'(?: [,;:])? '.join(map(re.escape, words_of))}(?!\S)")
            for sentence in sentences:
                for match in pattern.finditer(sentence):
                    yield _Spot(is_denied(sentence, match.start()), is_quantity=False)


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[str, tuple[Quantity, ...], tuple[str, ...]]:
    """Plain text, its quantities, and its sentences as words and breaks: one text is asked for many facts."""
    said = without_marks(plain_text(text))
    sentences = (_normalise(said[start:end], _WORD_OR_BREAK) for start, end in sentence_spans(said))
    return said, tuple(find_quantities(said)), tuple(sentences)


def whole_quantity(phrasing: str) -> Quantity | None:
    """The quantity that a phrasing is, or None when it is or holds something else.

    >>> whole_quantity("about 5 TB/s").unit, whole_quantity("PCIe 5.0"), whole_quantity("80 GB of HBM3")
    ('TB/s', None, None)
    """
    found = find_quantities(phrasing)
    if len(found) != 1 or found[0].kind == "version":
        return None
    rest = phrasing[: found[0].start] + phrasing[found[0].end :]
    limited = bool(found[0].relation) or found[0].approximate
    return found[0] if not re.search(r"\w", rest) or (limited and not phrasing[found[0].end :].strip(" .")) else None


def normalise(text: str) -> str:
    """Lower-case words parted by single spaces; a full stop, plus or apostrophe between characters stays.

    >>> normalise("The **TensorRT-LLM** 1.2, PCIe 5.0!")
    'the tensorrt llm 1.2 pcie 5.0'
    """
    return _normalise(text, _WORD)


def _normalise(text: str, kept: re.Pattern[str]) -> str:
    return " ".join(kept.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'")))


def fact_coverage(facts: Sequence[Sequence[str]], text: str) -> float | None:
    """Share of the facts that the text gives; None without facts."""
    return sum(gives(text, fact) for fact in facts) / len(facts) if facts else None


def all_facts(facts: Sequence[Sequence[str]], text: str) -> float | None:
    """1 if the text gives every fact, else 0; None without facts."""
    coverage = fact_coverage(facts, text)
    return None if coverage is None else float(coverage == 1)


def wrong_facts(not_facts: Sequence[Sequence[str]], text: str) -> float | None:
    """Share of the wrong facts that the text gives, those that it denies aside; None without wrong facts."""
    return sum(asserts(text, fact) for fact in not_facts) / len(not_facts) if not_facts else None
