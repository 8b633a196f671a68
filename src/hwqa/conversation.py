"""What a question takes from the conversation before it: the things spoken of, what was asked of them, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hwqa.names import Found, NameFinder
from hwqa.units import Quantity, conversion, find_quantities
from hwqa.words import content_words

_REFERS = re.compile(
    r"^\s*(and|but|so|or|what about|how about|also|then|ok(?:ay)?,?)\b|"
    r"\b(its|it|their|they|them|that one|this one|these|those|both|the former|the latter|the same)\b",
    re.I,
)
_LEADING = re.compile(
    r"^\s*(?:(?:and|but|so|or|then|ok(?:ay)?|also)\b[\s,]*)+(?:(?:what|how) about\b\s*)?|^\s*(?:what|how) about\b\s*",
    re.I,
)
_POSSESSIVE = re.compile(r"\b(its|their)\b", re.I)
_PRONOUN = re.compile(r"\b(it|they|them|that one|this one|these|those|both)\b", re.I)
_ALL = re.compile(
    r"\b(?:which|either|each|both|one) of (?:the two|the three|them|these|those)\b|\bthe two\b|\bboth\b", re.I
)
"""Words for all that was spoken of."""
_OTHER = re.compile(
    r"\bthe (?:newer|older|other|bigger|smaller|larger|faster|slower|cheaper|former|latter|first|second) one\b", re.I
)
"""Words for one of several that were spoken of."""
_SAME = re.compile(
    r"\b(?:the same|that|this) (?:model|network|card|chip|device|gpu|accelerator|machine|system)\b", re.I
)
_WHY = re.compile(r"^\s*(?:(?:and|but|so)\b[\s,]*)?(?:why|how so|how come)\s*(?:is that|not)?\s*[?.!]*\s*$", re.I)
_SUPPOSED = re.compile(
    r"^\s*(?:(?:and|but|so|ok(?:ay)?|what)\b[\s,]*)*((?:if|when|with|without|at|in|for)\b.*)$", re.I | re.S
)
"""A condition with which the last question is asked again."""
_WHAT_IS = re.compile(r"^\s*what(?:'s| is| are) (?:an? )?(?-i:[A-Z][\w-]*[A-Z\d][\w-]*)\s*\?*\s*$", re.I)
"""A question for the meaning of an abbreviation."""
_COMPARED = re.compile(r"\b(faster|slower|more|less|cheaper|bigger|smaller|larger|higher|lower|better|worse)\b", re.I)
_PART = re.compile(r"(?<![\w.-])[A-Za-z]{0,3}\d+[A-Za-z]{0,3}(?![\w.])")
"""What may be the end of a name."""
_FEW = 3
"""Words of meaning up to which a question that refers to nothing may be about what was spoken of."""
_MANY = 8
"""Words up to which a question that names products and nothing else asks the last question for them."""
_TOGETHER = 4
"""Products up to which a question may refer to all that were spoken of."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the documents' vocabulary knows of names in a text."""

    mend: Callable[[str], str]
    products: NameFinder
    attributes: NameFinder
    topics: NameFinder
    kind_of: Callable[[str], str]
    """Kind of a product; empty where kinds are not told apart."""
    asks_for_a_set: Callable[[str], bool]
    """Whether a question asks which products are the most or least of something, or meet conditions."""
    asks_for_a_kind: Callable[[str], bool]
    """Whether it asks for the most or least of all things of a kind."""
    has_strangers: Callable[[str], bool]
    """Whether a text has a name that no document has."""


def continued(question: str, turns: Sequence[tuple[str, str]], names: Names) -> str:
    """The question with what it takes from the questions before it, which stand alone, and from their answers.

    A question that names no product takes those that were spoken of last; one that names only a product, or the end
    of its name, repeats the last question for it; one that only adds a condition repeats it with that.
    """
    if not turns:
        return question
    earlier, answer = turns[-1]
    text = _completed(names.mend(question), f"{earlier}\n{answer}", names)
    if _WHY.match(text):
        return f"{earlier.rstrip(' ?.!')}, why?"
    products = names.products(text)
    if products:
        return _with_products(question, text, products, earlier, answer, names)
    without_attributes = blanked(text, _spans(names.attributes(text)))
    topics = names.topics(without_attributes)
    for topic in topics:
        # "And the one of that vendor?" means the product of that vendor that was spoken of.
        of_topic = {
            earlier[name.start : name.end]
            for name in names.products(earlier)
            if any(topic.values[0] in product.casefold().split() for product in name.values)
        }
        if len(of_topic) == 1:
            return text[: topic.start] + of_topic.pop() + text[topic.end :]
    refers = any(words.search(text) for words in (_REFERS, _ALL, _OTHER, _SAME))
    if topics and not refers:
        return question
    supposed = _SUPPOSED.match(text)
    if supposed and not names.attributes(text) and (_PRONOUN.search(text) or _bounds(text)):
        return f"{earlier.rstrip(' ?.!')}, {supposed[1].rstrip(' ?.!')}?"
    if not refers and (len(content_words(text)) > _FEW or _is_whole(text, names)):
        return question
    points = any(words.search(text) for words in (_PRONOUN, _POSSESSIVE, _ALL, _OTHER))
    if not points and names.asks_for_a_set(earlier):
        return _narrowed(earlier, text)
    spoken_of = _spoken_of(text, earlier, answer, names)
    if not spoken_of:
        return question
    return _filled_in(text, " and ".join(spoken_of), _asked_before(text, [each for each, _ in turns], names))


def _is_whole(text: str, names: Names) -> bool:
    """Whether a question that refers to nothing has its own subject: a name, or all things of a kind."""
    return bool(_WHAT_IS.match(text)) or names.asks_for_a_kind(text) or names.has_strangers(text)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with the spans overwritten by a full stop each, so that nothing joins across them."""
    for start, end in spans:
        text = text[:start] + "." + " " * (end - start - 1) + text[end:]
    return text


def _spans(found: Iterable[Found]) -> list[tuple[int, int]]:
    return [(name.start, name.end) for name in found]


def _said(text: str, names: Names) -> list[str]:
    """The products' names as the text has them, each product once."""
    return list({name.values: text[name.start : name.end] for name in names.products(text)}.values())


def _spoken_of(text: str, earlier: str, answer: str, names: Names) -> list[str]:
    """The names of what the question is about."""
    in_question, in_answer = _said(earlier, names), _said(answer, names)
    if _ALL.search(text) or _OTHER.search(text):
        together = _said("; ".join([*in_question, *in_answer]), names)
        if 1 < len(together) <= _TOGETHER:
            return together
    # What a question that named nothing was answered with is what the answer names first.
    return in_question or in_answer[:1] or [earlier[name.start : name.end] for name in names.topics(earlier)[:1]]


def _asked_before(text: str, earlier: Sequence[str], names: Names) -> list[str]:
    """What was last asked for, where the question compares and does not say by what."""
    if not _COMPARED.search(text) or names.attributes(text):
        return []
    for question in reversed(earlier):
        rest = blanked(question, _spans(names.products(question)))
        if asked := [question[name.start : name.end] for name in names.attributes(rest)]:
            return asked
    return []


def _filled_in(text: str, spoken_of: str, asked: Sequence[str]) -> str:
    bare = _LEADING.sub("", text).strip() or text
    for words, form in _FORMS:
        if found := words.search(bare):
            bare = bare[: found.start()] + form.format(spoken_of) + bare[found.end() :]
            return f"{bare.rstrip(' ?.!')} ({', '.join(asked)})?" if asked else bare
    bare = bare.rstrip(" ?.!")
    return f"{bare} of the {spoken_of}?" if len(content_words(bare)) <= _FEW else f"{bare} for the {spoken_of}?"


_FORMS = (
    (_ALL, "which of {}"),
    (_OTHER, "{}"),
    (_POSSESSIVE, "the {}'s"),
    (_SAME, "the {}"),
    (_PRONOUN, "the {}"),
)
"""Words that stand for what was spoken of, and what takes their place."""


def _with_products(question: str, text: str, products: Sequence[Found], earlier: str, answer: str, names: Names) -> str:
    """The question, which names products of its own."""
    rest = blanked(text, _spans(products))
    if not content_words(rest) and len(content_words(text)) <= _MANY:
        return _for_others(earlier, text, products, names)
    kinds = {names.kind_of(product) for name in products for product in name.values}
    others = [
        name
        for name in (*_said(earlier, names), *_said(answer, names))
        if not kinds & {names.kind_of(product) for found in names.products(name) for product in found.values}
    ]
    # "How many of them run the model X?", "what does card Y get with the same model?"
    for words, form in _FORMS[2:] if others else ():
        if found := words.search(rest):
            return text[: found.start()] + form.format(others[0]) + text[found.end() :]
    return question if text == names.mend(question) else text


def _for_others(earlier: str, text: str, products: Sequence[Found], names: Names) -> str:
    """The last question for other products."""
    old = names.products(earlier)
    new = " and ".join(dict.fromkeys(text[name.start : name.end] for name in products))
    if not old:
        return f"{earlier.rstrip(' ?.!')} for the {new}?"
    first, last = old[0], old[-1]
    if len(old) > 1 and len(products) == 1:
        # "A or B?" then "and C?": the new product joins the comparison.
        return f"{earlier[: last.end]} and {new}{earlier[last.end :]}"
    return f"{earlier[: first.start]}{new}{earlier[last.end :]}"


def _narrowed(earlier: str, text: str) -> str:
    """The earlier question with a further condition, or with another bound in place of its own."""
    bare = _LEADING.sub("", text).strip(" ?.!")
    bounds = _bounds(bare)
    for quantity in _bounds(earlier):
        same = [bound for bound in bounds if conversion(bound.unit, quantity.unit) is not None]
        if len(same) == 1 and not same[0].relation:
            return earlier[: quantity.start] + bare[same[0].start : same[0].end] + earlier[quantity.end :]
    return f"{earlier.rstrip(' ?.!')}, {bare}?"


def _bounds(text: str) -> list[Quantity]:
    return [quantity for quantity in find_quantities(text) if quantity.kind in ("measure", "money")]


def _completed(text: str, before: str, names: Names) -> str:
    """The text with the end of a name written out that names a sibling of what was spoken of: `B3` after `910B2`."""
    taken = _spans(names.products(text))
    for match in _PART.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            for whole in _siblings(match.group(), before, names):
                return text[: match.start()] + whole + text[match.end() :]
    return text


def _siblings(part: str, before: str, names: Names) -> Iterator[str]:
    """Known names that a name said before becomes when its end gives way to `part`, which has the same form."""
    for said in _said(before, names):
        head, _, last = said.rpartition(" ")
        for size in range(1, len(last) + 1):
            rest = last[:-size]
            # a run of letters or of digits is not cut
            if _form(last[-size:]) != _form(part) or (rest and rest[-1].isdigit() == part[0].isdigit()):
                continue
            whole = f"{head} {rest}{part}".strip()
            found = names.products(whole)
            if whole.casefold() != said.casefold() and found and (found[0].start, found[0].end) == (0, len(whole)):
                yield whole


def _form(text: str) -> str:
    """The form of a name's end: `B2` has `A0`."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", text))
