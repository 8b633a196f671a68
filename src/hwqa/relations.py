"""Which product follows another, or is its smaller or larger sibling, as the documents' sentences say it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hwqa.names import key
from hwqa.schema import Chunk, Mention, Passage, Statement
from hwqa.statements import statements
from hwqa.words import content_words

Relation = Literal["later", "earlier", "larger", "smaller"]
"""What the relative is: the later or earlier one of a line, the larger or smaller one of siblings."""

_INVERSE: Mapping[Relation, Relation] = {
    "later": "earlier",
    "earlier": "later",
    "larger": "smaller",
    "smaller": "larger",
}
_SIZED = r"(?:siblings?|brothers?|sisters?|cousins?|versions?|variants?)"
_THING = r"(?:generations?|versions?|models?|releases?|ones?)"
_WORDS: tuple[tuple[Relation, str], ...] = (
    ("later", rf"successors?|replacements?|follow-ups?|(?:next|newer|later|following) {_THING}"),
    ("earlier", rf"predecessors?|forerunners?|(?:previous|preceding|older|earlier|prior) {_THING}"),
    ("larger", rf"(?:larger|bigger|big) {_SIZED}|(?:larger|bigger) (?:models?|ones?)"),
    ("smaller", rf"(?:smaller|little|small) {_SIZED}|smaller (?:models?|ones?)"),
)
_ANY = "|".join(words for _, words in _WORDS)
RELATIVE = re.compile(
    rf"(?:(?:its|their|the|an?)\s+)?(?:direct\s+|immediate\s+|announced\s+)?(?:{_ANY})|"
    rf"the {_THING} (?:after|before)(?: (?:it|that|this)(?: one)?)?",
    re.I,
)
"""A relative of what was spoken of, named by the relation alone."""
RELATIVE_ONE = re.compile(
    r"\bthe (?:next|previous|newer|older|bigger|larger|smaller) (?:generation|version|model|one)\b|"
    r"\bthe (?:generation|version|model|one) (?:after|before)(?: (?:it|that|this)(?: one)?)?\b",
    re.I,
)
"""A relative in a question that says more of it."""
_ASKED = tuple(
    (relation, re.compile(rf"['’]s? (?:[a-z]+ ){{0,2}}?(?:{words})\b|\b(?:{words}) (?:of|to) (?:the )?(?=\W*\w)", re.I))
    for relation, words in _WORDS
)
_ASKED_BY_VERB: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    (
        "earlier",
        re.compile(
            r"\b(?:what|who|which) (?:\w+ )?(?:came|was there|existed|preceded)\b|"
            r"\bwhat (?:did|does) .{1,50} (?:replace|succeed|supersede|follow)\b",
            re.I,
        ),
    ),
    (
        "later",
        re.compile(
            r"\b(?:what|who|which) (?:\w+ )?(?:comes|came|follows|followed|replaces|replaced|"
            r"succeeds|succeeded|supersedes|superseded)\b|"
            r"\b(?:replaced|succeeded|superseded|followed) by\b",
            re.I,
        ),
    ),
)
_NOUN = tuple((relation, re.compile(rf"\b(?:{words})\b", re.I)) for relation, words in _WORDS)
_POSSESSOR = re.compile(r"\s+(?:of|to)\s+(?:both\s+)?(?:the\s+)?$", re.I)
_OWN = re.compile(r"\b(?:its|their|whose)\s+(?:[\w-]+\s+){0,3}$", re.I)
_LINKED = re.compile(
    r"^(?:,|:|\s+(?:is|are|was|were|will be|being|called|named)\b)?(?:\s+(?:the|an?|both|called|named))*\s*$", re.I
)
_JOINT = re.compile(r"^\s*(?:,|and|or|and the|, the|, and the)\s*(?:the\s+)?$", re.I)
_VERB: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    # what stands in front of the verb is this to what stands behind it
    (
        "later",
        re.compile(
            r"\b(?:replaces|replaced|supersedes|superseded|succeeds|succeeded|takes the place of|took the place of|"
            r"came after|comes after)\b(?! by)",
            re.I,
        ),
    ),
    (
        "earlier",
        re.compile(
            r"\b(?:came before|comes before|preceded|precedes|"
            r"(?:was|is|were|are|been) (?:replaced|superseded|succeeded|followed) by|gave way to)\b",
            re.I,
        ),
    ),
)
_TOOK_ITS_PLACE = re.compile(r"\b(?:took|takes|taking) (?:its|their) place\b", re.I)
_TELLS = re.compile(
    rf"\b(?:{_ANY})\b|" + "|".join(pattern.pattern for _, pattern in _VERB) + f"|{_TOOK_ITS_PLACE.pattern}", re.I
)
_SEARCHED = (
    "successor predecessor replaces replaced superseded succeeded follows came before after place next previous "
    "generation newer older larger smaller sibling version"
)
"""What sentences on relatives are searched by, beside the product."""
_ASKS_WHO = frozenset(
    ("name", "call", "called", "came", "come", "before", "after", "replace", "replaced", "follow", "followed")
)
"""Words of meaning that a question for nothing but the relative may have."""
_CANDIDATES = 40
"""Chunks among which the sentences are looked for."""


@dataclass(frozen=True, slots=True)
class Related:
    """What the documents say of the relative of a product."""

    relation: Relation
    product: str
    relatives: tuple[str, ...] = ()
    """Empty where no sentence says which they are."""
    passages: tuple[Passage, ...] = ()
    """The sentences that say it, as passages of their own."""
    is_asked: bool = False
    """Whether nothing but who the relative is is asked."""
    is_untold: bool = False
    """Whether the question is on the relative and no sentence speaks of one."""


@dataclass(frozen=True, slots=True)
class Link:
    """One product is a relative of another."""

    relation: Relation
    of: str
    relative: str


def relation_asked(question: str) -> Relation | None:
    """The relative of a named product that the question asks for, or asks something about; None for none.

    >>> relation_asked("How much memory does the X1's successor have?")
    'later'
    >>> relation_asked("What came before the X1?")
    'earlier'
    """
    for relation, pattern in _ASKED:
        if pattern.search(question):
            return relation
    for relation, pattern in _ASKED_BY_VERB:
        match = pattern.search(question)
        if match is not None:
            behind = question[match.start() :]
            if re.search(r"\bbefore\b", behind, re.I) and re.search(r"\bc(?:ame|omes)\b|\bwas there\b", behind, re.I):
                return "earlier"
            if re.search(r"\bcame\b|\bcomes\b", match.group(), re.I) and not re.search(r"\bafter\b", behind, re.I):
                continue
            return relation
    return None


def with_relative(question: str, spoken: str, relatives: Sequence[str]) -> str:
    """The question about the relatives themselves, in place of their relation to the product that is called `spoken`.

    >>> with_relative("How much memory does the X1's successor have?", "X1", ["Y2"])
    'How much memory does the Y2 have?'
    """
    name = re.escape(spoken)
    named = " and ".join(relatives)
    patterns = (
        rf"{name}['’]s? (?:[a-z]+ ){{0,2}}?(?:{_ANY})\b",
        rf"(?:{_ANY}) (?:of|to) (?:the )?{name}",
    )
    for pattern in patterns:
        changed, count = re.subn(pattern, lambda _: named, question, count=1, flags=re.I)
        if count:
            return changed
    return question


def links(statement: str, subject: str, mentions: Callable[[str], Sequence[Mention]]) -> Iterator[Link]:
    """What a sentence says of relatives; `subject` is the product that its section is about, or empty.

    >>> def mentions(text):
    ...     return [Mention(name, text.index(name), text.index(name) + 2) for name in ("X1", "Y2") if name in text]
    >>> list(links("The Y2 is the successor of the X1.", "Y2", mentions))
    [Link(relation='later', of='X1', relative='Y2')]
    >>> list(links("The Y2 came before it.", "X1", mentions))
    [Link(relation='earlier', of='X1', relative='Y2')]
    """
    named = list(mentions(statement))
    for relation, pattern in _NOUN:
        for match in pattern.finditer(statement):
            yield from _by_noun(relation, match, statement, subject, named)
    for relation, pattern in _VERB:
        for match in pattern.finditer(statement):
            before = _subject_of(statement[: match.start()], subject, named)
            behind = _first_group(statement, match.end(), named)
            if not behind and re.match(r"\s+(?:it|them|this|that)\b", statement[match.end() :], re.I) and subject:
                behind = [subject]
            yield from _all(relation, behind, before)
    for match in _TOOK_ITS_PLACE.finditer(statement):
        if subject:
            yield from _all("later", [subject], _last_group(statement[: match.start()], named))


def _by_noun(
    relation: Relation, match: re.Match[str], statement: str, subject: str, named: Sequence[Mention]
) -> Iterator[Link]:
    """`A is the successor of B`, `its successor is A`, `A is its successor`, `the successor A` in B's section."""
    front = statement[: match.start()]
    possessors = _first_group(statement, match.end(), named, _POSSESSOR)
    if possessors:
        yield from _all(relation, possessors, _subject_of(front, subject, named))
        return
    behind = _first_group(statement, match.end(), named, _LINKED)
    owned = _OWN.search(front)
    genitive = next((name for name in named if re.fullmatch(r"['’]s?\s+(?:[a-z-]+\s+){0,2}", front[name.end :])), None)
    if genitive is not None:
        yield from _all(relation, [genitive.product], behind)
    elif owned:
        before = [name.product for name in named if name.end <= owned.start()]
        if behind:
            # "It" is what the sentence began with, else what the section is about.
            yield from _all(relation, before[:1] or ([subject] if subject else []), behind)
        elif re.search(r"\b(?:is|are|was|were|as|became|be)\s+$", front[: owned.start()], re.I):
            yield from _all(relation, [subject] if subject else [], _last_group(front, named))
        elif before and subject:
            yield from _all(relation, [subject], _linked_before(front, owned.start(), named))


def _subject_of(front: str, subject: str, named: Sequence[Mention]) -> list[str]:
    """What a predicate at the end of `front` is said of: of the section's subject or the first name, where others
    stand between them (`A, a box with four B, the successor of`), else of the names in front of it.
    """
    clause = max(front.rfind(";"), front.rfind(": ")) + 1
    before = [name for name in named if clause <= name.start and name.end <= len(front)]
    if not before or re.match(r"\s*(?:it|they|this|these)\b", front[clause:], re.I):
        return [subject] if subject else []
    if any(name.product == subject for name in before):
        return [subject]
    if re.search(r"\b(?:that|which|who)\s+$", front):
        return [before[0].product]
    if re.search(r",\s+(?:the|an?)?\s*(?:[\w-]+\s+){0,2}$", front[clause:]):
        return _last_group(front, named)
    if re.search(r"\b(?:and|or)\s+(?:the\s+)?$", front[clause : before[-1].start], re.I):
        return _last_group(front, named)
    return [before[0].product]


def _linked_before(front: str, place: int, named: Sequence[Mention]) -> list[str]:
    """The name in front of an elliptic `its successor`, as in `and the A its successor`."""
    last = [name for name in named if name.end <= place]
    return [last[-1].product] if last and not front[last[-1].end : place].strip() else []


def _first_group(
    statement: str, start: int, named: Sequence[Mention], link: re.Pattern[str] | None = None
) -> list[str]:
    """The names that are listed first behind a place, if no more than `link`, or an article, stands between."""
    group: list[str] = []
    end = start
    for name in named:
        if name.start < end:
            continue
        between = statement[end : name.start]
        allowed = _JOINT if group else link or re.compile(r"^\s*(?:both\s+)?(?:the\s+|an?\s+)?$", re.I)
        if not allowed.match(between):
            break
        group.append(name.product)
        end = name.end
    return group


def _last_group(front: str, named: Sequence[Mention]) -> list[str]:
    """The names that are listed last in front of a place."""
    group: list[str] = []
    begin = -1
    for name in reversed([name for name in named if name.end <= len(front)]):
        if group and not _JOINT.match(front[name.end : begin]):
            break
        group.insert(0, name.product)
        begin = name.start
    return group


def _all(relation: Relation, of: Iterable[str], relatives: Iterable[str]) -> Iterator[Link]:
    others = list(relatives)
    for one in of:
        for other in others:
            if one != other:
                yield Link(relation, one, other)


def related(
    question: str,
    relation: Relation,
    product: str,
    spoken: str,
    chunks: Iterable[Chunk],
    mentions: Callable[[str], Sequence[Mention]],
) -> Related:
    """What the chunks say of the product's relative, which the question asks for or asks something about.

    `spoken` is the product's name in the question; `mentions` finds the products that a text names.
    """
    found: dict[str, list[tuple[bool, Passage]]] = defaultdict(list)
    spoken_of = False
    wanted = dict(_NOUN)[relation]
    for chunk in chunks:
        if not _TELLS.search(chunk.own_text):
            continue
        subject = _subject(chunk, mentions)
        for statement in statements(chunk.own_text, chunk.lines[0], context=chunk.context):
            if not _TELLS.search(statement.text):
                continue
            names_it = any(mention.product == product for mention in mentions(statement.text))
            spoken_of = spoken_of or ((names_it or subject == product) and bool(wanted.search(statement.text)))
            for link in links(statement.text, subject, mentions):
                turned = link.relation == _INVERSE[relation] and link.relative == product
                if turned or (link.relation == relation and link.of == product):
                    found[link.of if turned else link.relative].append((names_it, _passage(chunk, statement)))
    # A sentence that names both is plain without its section.
    told = [max(each, key=lambda pair: pair[0])[1] for each in found.values()]
    passages = tuple({(each.path, each.lines, each.text): each for each in told}.values())
    noun = with_relative(question, spoken, ["."])
    beside = re.sub(re.escape(spoken), " ", noun, flags=re.I)
    is_asked = not set(content_words(beside)) - _ASKS_WHO
    return Related(
        relation,
        product,
        tuple(found),
        passages,
        is_asked=is_asked,
        # what a figure is asked of has to be known; of a relative there may be something else to tell
        is_untold=not found and noun != question and not (is_asked and spoken_of),
    )


def searched_for(product: str) -> tuple[str, int]:
    """What to search the words of the documents by for the relatives of a product, and how many chunks are enough."""
    return f"{product} {_SEARCHED}", _CANDIDATES


def _subject(chunk: Chunk, mentions: Callable[[str], Sequence[Mention]]) -> str:
    """The product that the section is about: the one that its heading names whole, the nearest heading first."""
    for heading in reversed(chunk.heading_path):
        for mention in mentions(heading):
            if key(heading[mention.start : mention.end]) == key(heading) or key(mention.product) == key(heading):
                return mention.product
    return ""


def _passage(chunk: Chunk, statement: Statement) -> Passage:
    return Passage(
        rank=0,
        score=1.0,
        path=chunk.path,
        heading_path=chunk.heading_path,
        anchor=chunk.anchor,
        lines=statement.lines,
        text=statement.quote,
        chunk_ids=(chunk.id,),
    )
