"""Short forms that documents define beside their long forms: `key-value (KV) cache`, `KVC (key-value cache)`.

After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text", Pacific
Symposium on Biocomputing 2003: each letter of the short form is found in the long form from right to left, the first
one at the beginning of a word.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from hwqa.names import NameFinder, key, singular
from hwqa.words import STOP_WORDS

_SHORT = r"[^\W_][^\W_&/.-]*(?:[&/.-][^\W_]+)*"
_BRACKETED = re.compile(r"([^\n()|:;.!?]{3,120})\(([^()\n|]{2,80})\)")
_WORDS = re.compile(r"\S+")
_SHAPE = re.compile(rf"{_SHORT}s?")
_LONGEST_SHORT = 10
"""Characters in the longest short form."""
_SAFE = 2
"""Characters up to which a short form is taken for one only in capitals."""


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Short form and long form of each definition in the text, in order.

    >>> list(definitions("Decoding reads the key-value cache (KV cache) of the mixture of experts (MoE)."))
    [('MoE', 'mixture of experts')]
    """
    for match in _BRACKETED.finditer(text):
        before, inside = match.group(1).rstrip(), match.group(2).strip(" \"'`*_")
        if _is_short(inside):
            words = _WORDS.findall(before)
            long = _long_form(inside.removesuffix("s") if inside[:-1].isupper() else inside, words)
            if long:
                yield inside, long.casefold()
        elif before and _is_short(before.split()[-1].strip("*_`")):
            short = before.split()[-1].strip("*_`")
            if _long_form(short, inside.split()) == inside:
                yield short, inside.casefold()


class Abbreviations:
    """The short and long forms that documents define, found in questions in any spelling."""

    def __init__(
        self,
        known: Mapping[str, Sequence[str]],
        frequency: Callable[[str], int] = lambda word: 1,  # noqa: ARG005 - takes a word
    ) -> None:
        """Take `known`: short form → its long forms, the commonest first; `frequency`: texts that hold a word."""
        self._frequency = frequency
        self._known = {short: forms for short, forms in known.items() if short.casefold() not in STOP_WORDS}
        self._finder = NameFinder({short: (short, *forms) for short, forms in self._known.items()})

    def expanded(self, question: str) -> str:
        """The question with the other form behind it of each short or long form that it uses, unless that is rarer.

        >>> Abbreviations({"MoE": ("mixture of experts",)}).expanded("memory of a MoE")
        'memory of a MoE mixture of experts'
        """
        more: dict[str, None] = {}
        for found in self._finder(question):
            said = question[found.start : found.end]
            for short in found.values:
                long = self._known[short][0]
                if key(singular(said)) != key(singular(short)):
                    other = short
                elif len(short) > _SAFE or said.isupper():  # two letters may be a word of the language
                    other = long
                else:
                    continue
                if self._common(other) >= self._common(said):
                    more[other] = None
        return " ".join((question, *more))

    def _common(self, form: str) -> int:
        return min(self._frequency(word) for word in form.split())


def count(definitions: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Short form → its long forms, by how often they are defined, then in order."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for short, long in definitions:
        counts[short][long] += 1
    return {short: tuple(form for form, _ in forms.most_common()) for short, forms in counts.items()}


def _is_short(text: str) -> bool:
    return (
        2 <= len(text) <= _LONGEST_SHORT
        and _SHAPE.fullmatch(text) is not None
        and sum(map(str.isupper, text)) >= 2
        and not text[0].isdigit()
    )


def _long_form(short: str, words: list[str]) -> str:
    """The words at the end of a text that the short form stands for; empty where it fits none."""
    letters = [letter.casefold() for letter in short if letter.isalnum()]
    most = min(len(letters) + 5, 2 * len(letters))
    text = " ".join(words[-most:])
    position = len(text)
    for place in range(len(letters) - 1, -1, -1):
        position -= 1
        while position >= 0 and (
            text[position].casefold() != letters[place]
            or (place == 0 and position > 0 and text[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return ""
    long = text[position:].strip("*_`,\"' ")
    enough = len(long.split()) > 1 and len(long) > len(short)
    return long if enough and short.casefold() not in long.casefold().split() else ""
