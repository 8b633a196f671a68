"""What a question takes from the conversation before it: the things spoken of, what was asked of them, conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.names import Found
from hwqa.relations import RELATIVE, RELATIVE_ONE
from hwqa.repeating import (
    AGAIN,
    WHY,
    bounds,
    completed,
    done_otherwise,
    ended,
    for_others,
    for_relative,
    is_phrase,
    narrowed,
    of_another_sort,
    reranked,
    with_phrase,
    with_variant,
)
from hwqa.spoken import Names, Turn, asked_before, asked_phrases, blanked, listed, said, spans, subjects, together
from hwqa.words import content_words

_REFERS = re.compile(
    r"^\s*(and|but|so|or|what about|how about|also|then|ok(?:ay)?,?)\b|"
    r"\b(its|it|their|they|them|that one|this one|these|those|both|the former|the latter|the same)\b",
    re.I,
)
_LEADING = re.compile(
    r"^\s*(?:(?:and|but|so|or|then|ok(?:ay)?|also|hm+|well|now)\b[\s,]*)+(?:(?:what|how) about\b\s*)?|"
    r"^\s*(?:what|how) about\b\s*",
    re.I,
)
_IF_TAKEN = re.compile(
    r"^\W*(?:(?:and|but|so)\b\W*)?(?:what )?if (?:i|we|you) (?:take|use|get|buy|rent|have|choose|pick|want|"
    r"go (?:for|with))(?: (?:it|that) (?:on|with))?\s+",
    re.I,
)
"""The beginning of a question that puts another thing in the place of what was spoken of."""
_TRAILING = re.compile(r"[\s,]+(?:please|then|instead|though|thanks|thank you|too|as well)(?=\W*$)", re.I)
_POSSESSIVE = re.compile(r"\b(its|their)\b", re.I)
_PRONOUN = re.compile(
    r"\b(it|they|them|that one|this one|these|those|both)\b|"
    r"(?:(?<=\bbuy )|(?<=\brent )|(?<=\bget )|(?<=\buse )|(?<=\bneed )|(?<=\border )|(?<=\bhave ))one\b",
    re.I,
)
_SUBJECT = re.compile(
    r"(?<=\bis )that\b|(?<=\bwas )that\b|(?<=\bdoes )that\b|(?<=\bdo )that\b|(?<=\bwould )that\b|(?<=\bwill )that\b|"
    r"(?<=\bcan )that\b|(?<=\bcould )that\b|(?<=\bdid )that\b|(?<=\bto )that\b|(?<=\bwith )that\b|(?<=\bthan )that\b|"
    r"(?<=\bof )that\b|(?<=\bfor )that\b",
    re.I,
)
"""`That`, where it stands for what was spoken of and joins no clause."""
_HOW_MANY = re.compile(
    r"\bhow many\b(?: of (?:it|them|these|those))?(?: (?:gpus?|cards?|chips?|devices?|accelerators?|boards?|units?))?"
    r"(?= (?:would|do|does|will|should|must|can|could) (?:i|we|you|one|it|that|this|they)\b)",
    re.I,
)
_HOW_MUCH = re.compile(r"how (?:much|many) (?:(?:has|have|is|are)\b|(?:do|does) .{1,40}\bhave$)", re.I)
_SEVERAL = r"(?:the two|the three|them|these|those)"
_WHICH_OF = re.compile(rf"\b(?:which|either|each|one)(?: one)? of {_SEVERAL}\b", re.I)
_ALL = re.compile(
    rf"\b(?:both|all|any) of {_SEVERAL}\b|\bof {_SEVERAL}(?=\W*$)|\bthe (?:two|three)(?=\W|$)|\bboth\b", re.I
)
"""Words for all that was spoken of."""
_WHICH = re.compile(
    r"^\W*(?:which(?: ones?)?|what)\s+(?=(?:is|are|was|has|have|had|does|do|did|would|should|can|could|will|"
    r"draws|costs|runs|needs|uses|takes|fits|holds|supports|wins|gives|offers|reaches|comes|performs|delivers|consumes|requires)\b)",
    re.I,
)
_CHOOSES = re.compile(r"\b(?:buy|take|pick|choose|get|rent|use|recommend|prefer|suggest|go (?:for|with))\b", re.I)
_OTHER = re.compile(r"\bthe (?:newer|older|bigger|smaller|larger|faster|slower|cheaper|dearer) one\b", re.I)
"""Words for one of several that were spoken of."""
_ORDINAL = re.compile(
    rf"\bthe (?P<which>former|latter|(?:first|second|third|fourth|last|other)(?: (?:one|of {_SEVERAL})|"
    r"(?=['’]s\b|\s*(?:[?.!,;]|$))))(?=\W|$)",
    re.I,
)
_PLACES = {"former": 0, "first": 0, "second": 1, "third": 2, "fourth": 3, "latter": -1, "last": -1}
_ALIKE = re.compile(r"\b(?:with|at|of|for|in) the same [\w-]+", re.I)
"""What compared things have in common is not what they are compared by."""
_SAME = re.compile(
    r"\b(?:the same|that|this) (?:model|network|card|chip|device|gpu|accelerator|machine|system)\b", re.I
)
_SUPPOSED = re.compile(
    r"^\s*(?:(?:and|but|so|ok(?:ay)?|what)\b[\s,]*)*((?:if|when|with|without|at|in|for)\b.*)$", re.I | re.S
)
"""A condition with which the last question is asked again."""
_WHAT_IS = re.compile(r"^\s*what(?:'s| is| are) (?:an? )?(?-i:[A-Z][\w-]*[A-Z\d][\w-]*)\s*\?*\s*$", re.I)
"""A question for the meaning of an abbreviation."""
_COMPARED = re.compile(
    r"\b(faster|slower|more|less|fewer|cheaper|dearer|bigger|smaller|larger|higher|lower|better|worse|newer|older)\b",
    re.I,
)
_AGAINST = re.compile(
    r"\b(?:compared?|comparison|versus|vs|than|against|relative to|differ\w*|better|worse|match(?:es)?|beats?|"
    r"(?:fast|slow|cheap|dear|big|small|larg|high|low|new|old)e?r|more|less)\b",
    re.I,
)
_OWN_MEANING = (
    (
        re.compile(r"\b(?:cheaper|dearer|expensive)\b", re.I),
        re.compile(r"cost|pric|rent|buy|pay|cheap|expensive|[$€£]", re.I),
    ),
    (
        re.compile(r"\b(?:faster|slower|quicker)\b", re.I),
        re.compile(r"\b(?:fast|slow|speed|quick|tokens?|throughput|latency|per second|seconds?)|/s\b", re.I),
    ),
    (re.compile(r"\b(?:newer|older)\b", re.I), re.compile(r"releas|launch|when|year|date|\bold\b|\bnew", re.I)),
)
"""Comparisons that say by what, and the words of a question for that."""
_NARROWS = re.compile(r"^(?:only|just|without|no|not|except|excluding|other than)\b|\b(?:ones? )?only$", re.I)
_OF_THEM = re.compile(r"^(?:which|what|are any|is any)(?: ones?)? of (?:them|these|those)\s+(?P<rest>\S.*)$", re.I)
_NEXT = re.compile(r"^(?:the )?(?:next|second|third|next best)(?: (?:one|most|best|least|place))?$", re.I)
_MODEL = re.compile(r"\b(?:[A-Z][\w.-]*(?: \d[\w.]*)? )?\d+(?:\.\d+)?[BT]\b(?: model)?")
_FEW = 3
"""Words of meaning up to which a question that refers to nothing may be about what was spoken of."""
_MANY = 8
"""Words up to which a question that names products and nothing else asks the last question for them."""
_LONG = 60
"""Words of a question that says by itself what it is about."""
_BARE = 4
"""Words up to which a name that nothing else is said of stands for the last question about it."""


def continued(question: str, turns: Sequence[Turn], names: Names) -> str:
    """The question with what it takes from the questions before it, which stand alone, and from their answers.

    A question that names no product takes those that were spoken of last; one that names only a product, or the end
    of its name, repeats the last question for it; one that only adds or changes a condition repeats it with that; one
    that asks for a proof, a shorter form or a reason repeats it.
    """
    if not turns:
        return question
    earlier, answer = turns[-1]
    if len(question.split()) > _LONG:
        return question
    if AGAIN.match(question):
        return earlier
    if WHY.match(question):
        return f"{earlier.rstrip(' ?.!')}, why?"
    mended = names.mend(question)
    text = _in_order(with_variant(completed(mended, f"{earlier}\n{answer}", names), earlier, names), turns, names)
    if names.products(text):
        return _with_products(question if text == mended else text, text, turns, names)
    return _without_products(question, text, turns, names)


def _in_order(text: str, turns: Sequence[Turn], names: Names) -> str:
    """The text with `the former`, `the second one` and their like replaced by what they stand for."""
    match = _ORDINAL.search(text)
    group = together(turns, names) if match else []
    if match is None or not group or names.asks_for_a_set(turns[-1][0]):
        return text
    word = match["which"].split()[0].casefold()
    if word == "other":
        last = {value for name in names.products(turns[-1][0]) for value in name.values}
        rest = [name for name in group if not last & {value for each in names.products(name) for value in each.values}]
        if len(rest) != 1:
            return text
        return f"{text[: match.start()]}the {rest[0]}{text[match.end() :]}"
    place = _PLACES[word]
    if place >= len(group):
        return text
    return f"{text[: match.start()]}the {group[place]}{text[match.end() :]}"


def _with_products(question: str, text: str, turns: Sequence[Turn], names: Names) -> str:
    """The question, which names products of its own."""
    earlier, answer = turns[-1]
    if _OTHER.search(text):
        # "The older one, the X?": the name says which one is meant.
        text = _OTHER.sub("", text).strip(" ,")
    products = names.products(text)
    rest = blanked(text, spans(products))
    bare = _LEADING.sub("", _TRAILING.sub("", rest)).strip(" ?.!,")
    asks = _AGAINST.search(rest) or _HOW_MANY.search(rest)
    taken = _IF_TAKEN.match(text)
    if taken and len(content_words(rest[taken.end() :])) <= _FEW and names.kinds(earlier) & names.kinds(text):
        return for_others(earlier, text, products, names)
    if not content_words(rest) and len(content_words(text)) <= _MANY and not asks:
        named = _LEADING.sub("", _TRAILING.sub("", text))
        return for_others(earlier, named, names.products(named), names)
    if re.fullmatch(r"add(?: the)?|include(?: the)?|(?:and )?with(?: the)?", bare.strip(" ."), re.I):
        return for_others(earlier, text, products, names, joined=True)
    if compared := _compared(text, rest, products, turns, names):
        return compared
    kinds = names.kinds(text)
    several = together(turns, names)
    if len(several) > 1 and not names.kinds(" ".join(several)) & kinds and (asked := _of_several(text, several)):
        return asked
    others = [
        name for each in ([earlier], [answer]) for name in said(each[0], names) if not kinds & names.kinds(name)
    ] or [name for name in subjects(turns[-1], names) if not names.products(name)][:1]
    # "How many of them run the model X?", "what does card Y get with the same model?"
    for words, form in ((_HOW_MANY, "how many {}"), *_FORMS, (_SUBJECT, "the {}")) if others else ():
        if found := words.search(rest):
            return text[: found.start()] + form.format(others[0]) + text[found.end() :]
    return question


def _compared(text: str, rest: str, products: Sequence[Found], turns: Sequence[Turn], names: Names) -> str:
    """The comparison of the products named with one spoken of before, by what was asked of it; empty if it is none."""
    earlier, _ = turns[-1]
    known = {value for name in products for value in name.values}
    kinds = {names.kind_of(value) for value in known}
    before = [
        name
        for name in said(earlier, names)
        if names.kinds(name) & kinds and not known & {value for each in names.products(name) for value in each.values}
    ]
    refers = _POSSESSIVE.search(rest) or _PRONOUN.search(rest) or _SUBJECT.search(rest) or re.search(r"\bthat\b", rest)
    alone = len(products) == 1 and not re.search(r"\bthan\b", rest)
    rest = _ALIKE.sub(lambda alike: " " * len(alike.group()), rest)
    measures = names.attributes(_AGAINST.sub(" . ", rest))
    if not before or not _AGAINST.search(rest) or not (refers or alone):
        return ""
    own = next((field for words, field in _OWN_MEANING if words.search(rest)), None)
    words = [word for word in content_words(rest) if not _AGAINST.fullmatch(word)]
    if len(words) <= 1 and not measures and names.asked(earlier) and (own is None or own.search(earlier)):
        return for_others(earlier, text, products, names, joined=True)
    for pattern, form in (*_FORMS, (_SUBJECT, "the {}")):
        if found := pattern.search(rest):
            return text[: found.start()] + form.format(before[0]) + text[found.end() :]
    if alone and (own is not None or measures):
        return f"{text.rstrip(' ?.!')} than the {before[0]}?"
    return ""


def _of_several(text: str, several: Sequence[str]) -> str:
    """The text that asks for one of several things, with their names; empty where it does not."""
    bare = _LEADING.sub("", text)
    if found := _WHICH_OF.search(bare):
        return f"{bare[: found.start()]}which of {listed(several)}{bare[found.end() :]}"
    match = _WHICH.match(bare)
    if match and (_CHOOSES.search(bare) or _COMPARED.search(bare) or re.search(r"\b[a-z]+est\b", bare)):
        rest = re.sub(r"\s+of (?:the two|them|these|those|both)(?=\W*$)", "", bare[match.end() :])
        return f"which of the {listed(several)} {rest}"
    return ""


def _without_products(question: str, text: str, turns: Sequence[Turn], names: Names) -> str:
    """The question, which names no product."""
    earlier, _ = turns[-1]
    bare = _LEADING.sub("", _TRAILING.sub("", text)).strip(" ?.!,")
    if RELATIVE.fullmatch(bare) and (named := said(earlier, names)) and len(named) == 1:
        return for_relative(earlier, named[0], bare)
    several = together(turns, names)
    is_set = names.asks_for_a_set(earlier)
    if is_set and (asked := _of_set(earlier, bare, several, names)):
        return asked
    if len(several) > 1 and not names.asks_for_a_kind(text) and (asked := _of_several(text, several)):
        return asked
    topics = names.topics(blanked(text, spans(names.attributes(text))))
    for topic in topics:
        # "And the one of that vendor?" means the product of that vendor that was spoken of.
        of_topic = {
            earlier[name.start : name.end]
            for name in names.products(earlier)
            if any(topic.values[0] in product.casefold().split() for product in name.values)
        }
        if len(of_topic) == 1:
            return text[: topic.start] + of_topic.pop() + text[topic.end :]
    points = any(words.search(text) for words in (_PRONOUN, _POSSESSIVE, _ALL, _WHICH_OF, _OTHER, _SUBJECT, _HOW_MANY))
    if is_phrase(bare) and not _of_an_attribute(bare, earlier, names):
        return with_phrase(earlier, _without_pronouns(bare, turns, names), names)
    one_of_several = _OTHER.search(text) and len(several) > 1
    named = said(" ".join(subjects(turns[-1], names)), names)
    if len(named) == 1 and not one_of_several and (found := RELATIVE_ONE.search(text)):
        relative = for_relative(named[0], named[0], found.group())
        return _LEADING.sub("", f"{text[: found.start()]}the {relative}{text[found.end() :]}")
    if bounds(bare) and not points and not is_set and not names.attributes(bare) and not _asks(bare):
        return with_phrase(earlier, bare, names)
    if otherwise := done_otherwise(earlier, bare, names):
        return otherwise
    if again := _for_stranger(earlier, bare, names):
        return again
    refers = points or _REFERS.search(text) or _SAME.search(text)
    if topics and not refers:
        return question
    supposed = _SUPPOSED.match(text)
    if supposed and not names.attributes(text) and (_PRONOUN.search(text) or bounds(text)):
        return ended(earlier, supposed[1])
    if not refers and (len(content_words(text)) > _FEW or _is_whole(text, names)):
        return question
    if not points and is_set:
        return narrowed(earlier, bare)
    return _about(text, bare, points, turns, names) or question


def _is_whole(text: str, names: Names) -> bool:
    """Whether a question that refers to nothing has its own subject: a name, or all things of a kind."""
    return bool(_WHAT_IS.match(text)) or names.asks_for_a_kind(text) or names.has_strangers(text)


def _about(text: str, bare: str, points: bool, turns: Sequence[Turn], names: Names) -> str:
    """The text with what was spoken of filled in; empty where nothing was."""
    earlier, _ = turns[-1]
    several = together(turns, names) if _ALL.search(text) or _OTHER.search(text) else []
    spoken_of = several or subjects(turns[-1], names)
    if not spoken_of or not (points or names.products(" ".join(spoken_of)) or names.attributes(text)):
        # Nothing that it could be about: it goes on with the last question.
        return ended(earlier, bare) if bare and len(content_words(bare)) <= _FEW else ""
    if not points and _COMPARED.search(bare) is None and re.search(r"^(?:which|what)\b.*\b[a-z]+est\b", bare):
        return ended(earlier, bare)
    untold = (_COMPARED.search(text) or _HOW_MUCH.match(bare)) and not names.attributes(text)
    asked = asked_before(turns, names) if untold else []
    return _filled_in(text, listed(spoken_of), asked, turns, names)


def _of_set(earlier: str, bare: str, several: Sequence[str], names: Names) -> str:
    """The earlier question for a set, changed or narrowed as `bare` says; empty where it asks for something else."""
    if match := _OF_THEM.match(bare):
        return "" if len(several) > 1 else ended(earlier, match["rest"])
    if _NEXT.match(bare):
        return earlier
    if _NARROWS.search(bare):
        return narrowed(earlier, bare)
    return of_another_sort(earlier, bare) or reranked(earlier, bare, names)


def _asks(bare: str) -> bool:
    return bool(
        re.match(r"(?:who|what|which|when|where|why|how|is|are|was|do|does|did|can|could|would|will)\b", bare, re.I)
    )


def _of_an_attribute(bare: str, earlier: str, names: Names) -> bool:
    """Whether a phrase asks for another attribute, as `in watts` does, rather than for the same under a condition."""
    asked, before = set(names.asked(bare)), set(names.asked(earlier))
    return bool(asked) and bool(before) and not asked & before


def _without_pronouns(bare: str, turns: Sequence[Turn], names: Names) -> str:
    """A phrase with what was spoken of in place of a pronoun."""
    several = together(turns, names) if _ALL.search(bare) else []
    return _ALL.sub(listed(several), bare) if several else bare


def _for_stranger(earlier: str, bare: str, names: Names) -> str:
    """The earlier question for a name that the vocabulary does not know, where `bare` is only that; else empty."""
    name = re.sub(r"^(?:the|an?|for|of)\s+", "", bare, flags=re.I)
    if not name or len(name.split()) > _BARE or names.attributes(name) or names.topics(name):
        return ""
    strangers = names.strangers(name)
    if not (strangers and strangers[0] == name) and not re.fullmatch(r"[A-Za-z]*\d+[A-Za-z]*", name):
        return ""
    before = said(earlier, names)
    if before:
        numbered = any(map(str.isdigit, name))
        unheard = not any(names.frequency(word.casefold()) for word in name.split())
        if (numbered or unheard) and len(before) == 1:
            return earlier.replace(before[0], name, 1)
        return ""
    known = names.strangers(earlier)
    return earlier.replace(known[-1], name, 1) if known else ""


def _filled_in(text: str, spoken_of: str, asked: Sequence[str], turns: Sequence[Turn], names: Names) -> str:
    bare = _LEADING.sub("", text).strip() or text
    earlier, _ = turns[-1]
    if found := _HOW_MANY.search(bare):
        filled = f"{bare[: found.start()]}how many {spoken_of}{bare[found.end() :]}"
        model = _MODEL.search(blanked(earlier, ()))
        if model and not _MODEL.search(bare):
            filled = f"{filled.rstrip(' ?.!')} for {model.group().strip()}?"
        return filled
    for words, form in _FORMS:
        if found := words.search(bare):
            bare = bare[: found.start()] + form.format(spoken_of) + bare[found.end() :]
            return f"{bare.rstrip(' ?.!')} ({', '.join(asked)})?" if asked else bare
    if found := _SUBJECT.search(bare):
        figure = "" if _MODEL.search(bare) else " and ".join(asked_phrases(earlier, names))
        return f"{bare[: found.start()]}the {f'{figure} of the ' if figure else ''}{spoken_of}{bare[found.end() :]}"
    bare = bare.rstrip(" ?.!")
    return f"{bare} of the {spoken_of}?" if len(content_words(bare)) <= _FEW else f"{bare} for the {spoken_of}?"


_FORMS = (
    (_WHICH_OF, "which of {}"),
    (re.compile(rf"\bof (?:both(?: of {_SEVERAL})?|{_SEVERAL})(?=\W|$)", re.I), "of the {}"),
    (_ALL, "the {}"),
    (_OTHER, "{}"),
    (_POSSESSIVE, "the {}'s"),
    (_SAME, "the {}"),
    (_PRONOUN, "the {}"),
)
"""Words that stand for what was spoken of, and what takes their place."""
