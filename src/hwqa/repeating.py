"""A question asked again with a change: for another thing, under another condition, by another measure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwqa.names import Found, singular
from hwqa.spoken import Names, listed, said, spans
from hwqa.units import Quantity, conversion, find_quantities

AGAIN = re.compile(
    r"^\W*(?:(?:are|r) (?:you|u) (?:really |quite )?(?:sure|certain)(?: (?:about|of) (?:that|this|it))?|(?:oh )?really|"
    r"is that (?:so|true|right|correct)|"
    r"(?:what(?:'s| is) (?:the|your) |the |your )?(?:sources?|references?|citations?)|"
    r"where (?:is|does|do|did) (?:that|this|it|you) (?:come |get |have |take )?(?:that |this |it )?from|says who|"
    r"(?:who|where) (?:says|said|does it say) (?:that|so|this)|how do you know(?: that| this)?|"
    r"(?:can you |could you |please |now )*(?:say|put|explain|tell|repeat|summari[sz]e|give)(?: me)?"
    r"(?: (?:that|this|it))?(?: again)?(?: (?:much |a bit )?(?:shorter|briefly|more briefly|simpler|more simply|"
    r"in short|in brief|in (?:a|one) sentence|in (?:simple|plain|other) words|again|in (?:more )?detail))?|"
    r"(?:much |a bit )?(?:shorter|simpler|in short|in brief|in (?:one|a) sentence|again|come again|tl;?dr))"
    r"(?:[ ,]+please)?\W*$",
    re.I,
)
"""A request to prove or repeat the last answer."""
WHY = re.compile(
    r"^\s*(?:(?:and|but|so)\b[\s,]*)?(?:why|how so|how come)\s*(?:is|was|does)?\s*"
    r"(?:that|this|it|not|so (?:much|many|little|few|[a-z]+))?\s*[?.!]*\s*$",
    re.I,
)
"""A request for the reason of the last answer."""
_PREPOSITIONS = "on|at|in|with|without|for|per|under|over|from|by|via|through|using|within|during|after|before|as|to"
_PHRASE = re.compile(rf"^(?P<head>{_PREPOSITIONS})\b\s+\S", re.I)
_ASKS = re.compile(
    r"\b(?:who|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|would|should|will|has|have)\b", re.I
)
_PHRASE_END = re.compile(
    rf"[,;:?!()]|\.(?!\d)|\s(?:{_PREPOSITIONS}|of|and|or|is|are|was|does|do|did|has|have|can|could|would|will|run|runs|"
    r"reach|reaches|costs?|fits?|gives?|gets?)\b",
    re.I,
)
_LONGEST_PHRASE = 7
"""Words of a phrase that changes the last question and is none of its own."""
_LOOSE = frozenset("with without for as to by".split())
"""Prepositions that one question may have several times, for unlike things."""
_ARTICLE = re.compile(r"^(?:the|an?|one|some)\s+", re.I)
_NEUTRAL = re.compile(r"\b(most|least|highest|lowest|largest|smallest|biggest|greatest|fewest)\b", re.I)
"""Superlatives that order by whatever was named."""
_SUPERLATIVE = re.compile(r"\b(?:most|least|best|worst|[a-z]+est)\b", re.I)
_GERUND_OF = re.compile(r"^(?P<gerund>[a-z]{2,}ing)(?: (?:it|them|one|that|this))?$", re.I)
_KIND_OF_SET = re.compile(
    r"^\W*(?:which|what)\s+(?:[\w-]+\s+){0,2}?(?P<noun>[\w-]+)(?=\s+(?:has|have|is|are|can|with))", re.I
)


def ended(text: str, addition: str = "") -> str:
    """The text as a question, with the addition behind a comma.

    >>> ended("Is it fast?", "with two?")
    'Is it fast, with two?'
    """
    body = text.rstrip(" ?.!")
    return f"{body}, {addition.strip(' ?.!,')}?" if addition else f"{body}?"


def is_phrase(bare: str) -> bool:
    """Whether the text is a phrase with a preposition that asks nothing by itself: `on a laptop`."""
    return bool(_PHRASE.match(bare)) and len(bare.split()) <= _LONGEST_PHRASE and not _ASKS.search(bare)


def with_phrase(earlier: str, phrase: str, names: Names) -> str:
    """The earlier question with the phrase in place of one that says the same of it, else behind it.

    The other phrase begins with the same preposition and holds a name of the same kind, a quantity of the same unit,
    or a name where this one has a name.
    """
    # "unquantised, in 16 bits": the phrase stands behind an apposition
    phrase = phrase.strip(" ?.!,").rpartition(", ")[2]
    match = _PHRASE.match(phrase)
    if match is None:
        return ended(earlier, phrase)
    head = match["head"].casefold()
    for start in (found.start() for found in re.finditer(rf"\b{head}\b", earlier, re.I)):
        end = _end_of_phrase(earlier, start + len(head), names)
        if _alike(earlier[start:end], phrase, head, names):
            return earlier[:start] + phrase + earlier[end:]
    return ended(earlier, phrase)


def _end_of_phrase(text: str, start: int, names: Names) -> int:
    end = _PHRASE_END.search(text, start)
    last = end.start() if end else len(text)
    for name in names.products(text):
        if start <= name.start <= last:
            return max(last, name.end) if name.end > last else last
    return last


def _alike(old: str, new: str, head: str, names: Names) -> bool:
    old_kinds, new_kinds = names.kinds(old), names.kinds(new)
    if old_kinds and new_kinds:
        return bool(old_kinds & new_kinds)
    if names.attributes(old) and names.attributes(new):
        return True
    if (measures := _measures(old)) and (others := _measures(new)):
        return any(conversion(one.unit, other.unit) is not None for one in measures for other in others)
    if _noun(old) and _noun(old) == _noun(new):
        return True
    return head not in _LOOSE and _named(old, head) and _named(new, head)


def _noun(phrase: str) -> str:
    """The last word behind a number: `users` of `for 8 users`."""
    match = re.search(r"\b(?:\d[\d.,]*k?|one|two|three|four|eight|an?)\s+([a-z]{3,})\W*$", phrase, re.I)
    return singular(match[1].casefold()) if match else ""


def _named(phrase: str, head: str) -> bool:
    rest = phrase.strip()[len(head) :]
    return any(character.isupper() or character.isdigit() for character in rest)


def _measures(text: str) -> list[Quantity]:
    return [quantity for quantity in find_quantities(text) if quantity.unit]


def for_others(earlier: str, text: str, products: Sequence[Found], names: Names, *, joined: bool = False) -> str:
    """The earlier question for the products, found in `text`, in place of those of their kind, or `joined` to them.

    One that is named after several were compared joins them. Where the question names none of their kind, `text` is
    added to it.
    """
    new = list(dict.fromkeys(text[name.start : name.end] for name in products))
    kinds = {names.kind_of(product) for name in products for product in name.values}
    old = [name for name in names.products(earlier) if kinds & {names.kind_of(product) for product in name.values}]
    if not old:
        bare = text.strip(" ?.!")
        return ended(earlier, bare) if is_phrase(bare) else f"{earlier.rstrip(' ?.!')} for the {listed(new)}?"
    first, last = old[0], old[-1]
    between = _others_between(earlier, old, names)
    if between:
        first = last
    known = {value for name in old for value in name.values}
    if joined or (len(old) > 1 and not between and len(products) == 1 and not known & set(products[0].values)):
        # "A or B?" then "and C?": the new product joins the comparison.
        fresh = [text[name.start : name.end] for name in products if not known & set(name.values)]
        return (
            f"{earlier[: last.end]} and {listed(list(dict.fromkeys(fresh)))}{earlier[last.end :]}" if fresh else earlier
        )
    return f"{earlier[: first.start]}{listed(new)}{earlier[last.end :]}"


def for_relative(earlier: str, name: str, relative: str) -> str:
    """The earlier question for a relative of the thing that it names: its successor, the next one."""
    words = re.sub(r"^(?:its|their|the|an?|that|this)\s+", "", relative, flags=re.I)
    if after := re.fullmatch(r"([\w-]+) (after|before)\b.*", words, re.I):
        words = f"{'next' if after[2].casefold() == 'after' else 'previous'} {after[1]}"
    words = re.sub(r"\bones?\b", "version", words, flags=re.I)
    start = earlier.find(name)
    return f"{earlier[:start]}{name}'s {words}{earlier[start + len(name) :]}"


def _others_between(earlier: str, old: Sequence[Found], names: Names) -> bool:
    """Whether names of another kind stand between those to be replaced."""
    return any(
        old[0].end <= name.start and name.end <= old[-1].start and name not in old for name in names.products(earlier)
    )


def narrowed(earlier: str, condition: str) -> str:
    """The earlier question with a further condition, or with another bound in place of its own."""
    bare = condition.strip(" ?.!")
    new = bounds(bare)
    for quantity in bounds(earlier):
        same = [bound for bound in new if conversion(bound.unit, quantity.unit) is not None]
        if len(same) == 1 and not same[0].relation:
            return earlier[: quantity.start] + bare[same[0].start : same[0].end] + earlier[quantity.end :]
    return ended(earlier, bare)


def bounds(text: str) -> list[Quantity]:
    """The quantities in the text that may bound a choice."""
    return [quantity for quantity in find_quantities(text) if quantity.kind in ("measure", "money")]


def reranked(earlier: str, bare: str, names: Names) -> str:
    """The earlier question for a set, ordered by another attribute or from the other end; empty where `bare` asks
    for neither.
    """
    attributes, words = names.attributes(bare), re.findall(r"[^\W_]+", bare)
    word = _NEUTRAL.search(bare)
    old_word, old = _NEUTRAL.search(earlier), names.attributes_in(earlier)
    few = {each.casefold() for each in words} - {"the", "one", "of", "by", "with", "all", "them", "has", "have"}
    said_words = {
        each.casefold() for name in attributes for each in re.findall(r"[^\W_]+", bare[name.start : name.end])
    }
    further = few - said_words - ({word[1].casefold()} if word else set())
    if further or not (attributes or word) or not (old_word or (attributes and _SUPERLATIVE.search(earlier))):
        return ""
    changed = earlier
    if attributes:
        first = attributes[0]
        if old:
            near = old_word.end() if old_word else 0
            place = min(old, key=lambda name: abs(name.start - near))
            changed = earlier[: place.start] + bare[first.start : first.end] + earlier[place.end :]
        else:
            return ended(earlier, f"by {bare[first.start : first.end]}")
    if word and (old_word := _NEUTRAL.search(changed)):
        changed = changed[: old_word.start()] + word[1] + changed[old_word.end() :]
    return changed


def of_another_sort(earlier: str, bare: str) -> str:
    """The earlier question for a set of the things that `bare` calls by one word in the plural; empty if it does not.

    >>> of_another_sort("Which laptop has the most memory?", "desktops")
    'Which desktop has the most memory?'
    """
    noun = _KIND_OF_SET.match(earlier)
    word = _ARTICLE.sub("", bare)
    if noun is None or not re.fullmatch(r"[\w-]+s", word) or word.isupper():
        return ""
    plural = singular(noun["noun"]) != noun["noun"]
    return earlier[: noun.start("noun")] + (word if plural else singular(word)) + earlier[noun.end("noun") :]


def done_otherwise(earlier: str, bare: str, names: Names) -> str:
    """The earlier question for another thing done with what it names: `buying it` after `renting an X`; else empty."""
    match = _GERUND_OF.match(bare)
    for name in names.products(earlier) if match else ():
        before = re.search(r"\b[a-z]{2,}ing(?=\s+(?:(?:an?|the|one|some)\s+)?$)", earlier[: name.start], re.I)
        if match and before:
            return earlier[: before.start()] + match["gerund"] + earlier[before.end() :]
    return ""


def completed(text: str, before: str, names: Names) -> str:
    """The text with the end of a name written out that names a sibling of what was spoken of: `B3` after `910B2`."""
    taken = spans(names.products(text))
    for match in _PART.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            for whole in _siblings(match.group(), before, names):
                return text[: match.start()] + whole + text[match.end() :]
    return text


def with_variant(text: str, before: str, names: Names) -> str:
    """The text with the variant of a thing spoken of `before` named that it calls by one word: `the PCIe one`."""
    for match in _VARIANT.finditer(text):
        for name in said(before, names):
            head, _, last = name.rpartition(" ")
            for whole in (f"{name} {match[1]}", f"{head} {match[1]}" if head else ""):
                found = names.products(whole)
                known = found and (found[0].start, found[0].end) == (0, len(whole))
                if known and last.casefold() != match[1].casefold():
                    return text[: match.start()] + f"the {whole}" + text[match.end() :]
    return text


_VARIANT = re.compile(r"\bthe ([\w.-]+) (?:one|version|variant|edition|module|card|model)\b", re.I)
_PART = re.compile(r"(?<![\w.-])[A-Za-z]{0,3}\d+[A-Za-z]{0,3}(?![\w.])")
"""What may be the end of a name."""


def _siblings(part: str, before: str, names: Names) -> Iterator[str]:
    """Known names that a name said before becomes when its end gives way to `part`, which has the same form."""
    for name in said(before, names):
        head, _, last = name.rpartition(" ")
        for size in range(1, len(last) + 1):
            rest = last[:-size]
            # a run of letters or of digits is not cut
            if _form(last[-size:]) != _form(part) or (rest and rest[-1].isdigit() == part[0].isdigit()):
                continue
            whole = f"{head} {rest}{part}".strip()
            found = names.products(whole)
            if whole.casefold() != name.casefold() and found and (found[0].start, found[0].end) == (0, len(whole)):
                yield whole


def _form(text: str) -> str:
    """The form of a name's end: `B2` has `A0`."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "A", text))
