"""What a wish for hardware asks for: `at least 100 GB, under 400 W, FP8, runs vLLM, can be bought, cheapest first`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hwqa.selection.figures import Condition
from hwqa.selection.ratios import Ratio
from hwqa.selection.scope import Scope
from hwqa.units import find_quantities
from hwqa.words import content_words

Direction = Literal["most", "least"]
Availability = Literal["bought", "rented", "had"]
Basis = Literal["dense", "sparse", ""]

_CLAUSE = re.compile(
    r"\s*(?:[;,](?!\d)|\band\b|\bthat\b|\bwhich\b(?!\s+\w+ (?:has|have)\b)|\bwith\b|(?=\bwithout\b)|\bbut\b|[?!]"
    r"|\.(?:\s|$))\s*",
    re.I,
)
"""What parts one wish from the next."""
_BOUNDING = re.compile(r"\bat (?:least|most)\b|\b(?:no|not) (?:more|less) than\b", re.I)
_BOUGHT = re.compile(r"\b(buy|bought|buyable|purchas\w+|for sale|on sale|in shops?)\b", re.I)
_RENTED = re.compile(r"\b(rent|rented|rentable|for rent|cloud)\b", re.I)
_HAD = re.compile(
    r"\b(released|already (?:get|have|ship\w*|out)|can (?:\w+ )?get|available|on the market|in stock|shipping)\b",
    re.I,
)
_SYSTEM = re.compile(r"\b(racks?|systems?|servers?|clusters?|pods?|machines?|nodes?)\b", re.I)
_ONE = re.compile(r"\b(?:single|one|per|each) \w+|\bfor one \w+", re.I)
_CARD = re.compile(r"\b(?:graphics )?cards?\b", re.I)
_UNWANTED = re.compile(r"^\s*(?:without|no|not|non)\b\s*", re.I)
_FEW = 2
"""Words of a clause that is a feature by itself, as `passively cooled`."""
_FEATURE = re.compile(
    r"\b(?:runs?|running|supports?|supporting|works? (?:with|on)|compatible with|speaks?|understands?|has|have|with|"
    r"in|offers?|knows?|can do|does)\s+(?P<term>.+)$",
    re.I,
)
_FILLER = frozenset(
    "at least most under over above below than more less one single all any gpu card chip device accelerator system "
    "processor hardware product memory model first last sort sorted order ordered rank ranked support supported "
    "supporting run running want need must should have can data center centre type kind something anything "
    "stay stays inference serving server servers rack racks cluster pod machine list name find best top among "
    "datacenter datacentre between from within exactly about around roughly nearly exist exists there show give tell "
    "me i we you my our for today now currently options option choices choice candidates smaller larger bigger lower "
    "higher better faster both also too anywhere per budget price cost ai ml llm llms new newer modern good decent "
    "great suitable dedicated discrete dense sparse certain other another same different various multiple several "
    "inference".split()
)
"""Words of a wish that ask for nothing by themselves."""
_BEFORE_THINGS = re.compile(
    r"(?P<words>(?:[^\W\d][\w-]*\s+){1,3})(?:cards?|chips?|gpus?|accelerators?|devices?|processors?|boards?|modules?|"
    r"hardware|products?|parts?|servers?|systems?)\b",
    re.I,
)
_SUPERLATIVE = re.compile(
    r"\b(most|highest|largest|biggest|greatest|fastest|longest|maximum|max|best|least|lowest|smallest|fewest|cheapest|slowest|"
    r"minimum|dearest|priciest|widest|shortest|newest|first|descending|ascending|(?:sort|order|rank)(?:ed)?\b.{0,10}\bby)\b",
    re.I,
)
_LOWEST = re.compile(
    r"\b(least|lowest|smallest|fewest|cheapest|cheap|slowest|minimum|shortest|ascending|frugal\w*)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a product must have or do, by a word that the documents use."""

    term: str
    """As the wish has it."""
    attributes: tuple[str, ...] = ()
    """Attributes that go by the term: having a figure for one is having the feature."""
    unwanted: bool = False
    """Whether the product must be without it."""

    @property
    def text(self) -> str:
        """The feature as a requirement: `no liquid cooling`."""
        return f"no {self.term}" if self.unwanted else self.term


@dataclass(frozen=True, slots=True)
class Requirements:
    """What products must be, and how they are ordered."""

    text: str
    bounds: tuple[Condition, ...] = ()
    features: tuple[Feature, ...] = ()
    availability: Availability | None = None
    scope: Scope | None = None
    """`None` where the wish does not say: then devices are compared, and systems are named beside them."""
    basis: Basis = ""
    ranked: str = ""
    """The attribute that orders what is left; empty where the wish names none."""
    direction: Direction = "most"
    paths: tuple[str, ...] = ()
    """Documents that the wish restricts to, by a vendor or topic; empty for all."""
    excluded: tuple[str, ...] = ()
    """Documents whose products the wish leaves out, as `not from` a vendor does."""
    products: frozenset[str] = frozenset()
    """The only products that are considered; empty for all."""
    ratio: Ratio | None = None
    """The quotient that orders them, where the wish asks for one attribute for each unit of another."""
    lists: bool = False
    """Whether all that meet the wish are asked for, so that nothing has to decide between them."""
    not_understood: tuple[str, ...] = ()
    """Clauses that ask for the most or least of something that is no attribute."""
    shown: tuple[str, ...] = ()
    """Attributes that are asked for beside, and decide nothing."""
    kinds: tuple[tuple[str, ...], ...] = ()
    """Products by their kind; those of the kind that has what is asked for are considered. Empty for all."""
    conditions: frozenset[str] = frozenset()
    """Words with digits, as of a model or a format: rates of work are taken under conditions that have them."""
    families: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False, compare=False)
    """Word of a title, vendor or folder → documents: by these words tables name families."""
    called: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False, compare=False)
    """The same the other way round: document → the words by which its sentences may name its family."""

    @property
    def asks(self) -> bool:
        """Whether the wish asks for anything that can be held against facts."""
        return bool(self.bounds or self.features or self.ranked or self.availability or self.scope or self.excluded)


@dataclass(frozen=True, slots=True)
class Understood:
    """What the names in a wish stand for."""

    conditions: tuple[Condition, ...]
    topics: tuple[str, ...]
    attributes_of: Callable[[str], Sequence[str]]
    """A clause → the attributes that it names, in order."""
    known: Callable[[str], bool]
    """Whether a word is the name of a topic or product."""
    kinds: tuple[tuple[str, ...], ...] = ()
    meant: tuple[str, ...] = ()
    """Attributes that the wish as a whole means."""
    families: Mapping[str, Sequence[str]] = field(default_factory=dict)
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)
    measured: frozenset[str] = frozenset()
    """Attributes that have figures."""
    measured_of: Callable[[str], str] = str
    """An attribute → the one whose name goes on from it and that has more figures, if any."""
    excluded: tuple[str, ...] = ()
    """Documents of the topics that the wish is not to be from."""
    ratio: Ratio | None = None


def requirements(text: str, names: Understood) -> Requirements:
    """What `text` asks for, clause by clause."""
    ranked, direction = "", "most"
    features: list[Feature] = []
    left: list[str] = []
    bounded = {condition.attribute for condition in names.conditions}
    for clause in filter(None, _CLAUSE.split(_without_bounds(text, names.conditions))):
        attributes = list(names.attributes_of(clause))
        if _SUPERLATIVE.search(clause) or (attributes and _LOWEST.search(clause)):
            if attributes and not ranked:
                # An attribute that is only a bound, or one without figures, orders nothing if there is another.
                ranked = min(attributes, key=lambda name: (name in bounded, name not in names.measured))
                ranked = names.measured_of(ranked)
                direction = "least" if _LOWEST.search(clause) else "most"
            elif not attributes and names.meant and not ranked:
                ranked, direction = names.meant[0], "least" if _LOWEST.search(clause) else "most"
            elif not attributes:
                left.append(clause.strip())
            continue
        features += [each for each in _features(clause, attributes, names) if not _is_bounded(each, bounded)]
    features += _adjectives(text, features, names)
    if names.ratio is not None:
        ranked, direction = names.ratio.over, names.ratio.direction
        features = [each for each in features if not {*each.attributes} & {names.ratio.over, names.ratio.under}]
    bases = [basis for basis in ("dense", "sparse") if re.search(rf"\b{basis}\b", text, re.I)]
    return Requirements(
        text=text,
        bounds=names.conditions,
        features=tuple(features),
        availability="bought" if _BOUGHT.search(text) else "rented" if _RENTED.search(text) else _had(text),
        scope=_scope(text),
        basis=bases[0] if len(bases) == 1 else "",  # type: ignore[arg-type]
        ranked=ranked,
        direction=direction,  # type: ignore[arg-type]
        paths=names.topics,
        excluded=names.excluded,
        ratio=names.ratio,
        not_understood=tuple(left),
        kinds=names.kinds,
        conditions=frozenset(word for word in content_words(text) if any(map(str.isdigit, word))),
        families=names.families,
        called=names.called,
    )


def _adjectives(text: str, features: Sequence[Feature], names: Understood) -> list[Feature]:
    """What stands in front of the things that are asked for: the `water-cooled` of `water-cooled cards`."""
    said = {word for feature in features for word in content_words(feature.term)}
    found = []
    for match in _BEFORE_THINGS.finditer(text):
        words = match["words"].split()
        for place, word in enumerate(words):
            if place and words[place - 1].casefold().endswith("ly"):
                continue
            term = f"{word} {words[place + 1]}" if word.endswith("ly") and place + 1 < len(words) else word
            if _asks_of(term, names) and not said & set(content_words(term)):
                found.append(Feature(term))
    return found


def _asks_of(term: str, names: Understood) -> bool:
    """Whether a word in front of a thing asks for anything of it: it is no function word, attribute or known name."""
    words = content_words(term)
    return (
        bool(words)
        and not set(words) <= _FILLER
        and not any(map(str.isdigit, term))
        and not any(quantity.unit for quantity in find_quantities(f"1 {term}"))
        and not (names.known(term) or names.attributes_of(term))
        and not any(pattern.search(term) for pattern in (_BOUGHT, _RENTED, _HAD, _SUPERLATIVE, _LOWEST, _SYSTEM, _CARD))
    )


def _features(clause: str, attributes: Sequence[str], names: Understood) -> list[Feature]:
    """The features of a clause: one, or where an attribute stands in front of a thing also what stands before it.

    `water-cooled PCIe cards` asks for the cooling and for the interface.
    """
    found = _feature(clause, attributes, names)
    if found is None or found.unwanted or not attributes:
        return [found] if found else []
    words = found.term.split()
    own = [word for word in words if names.attributes_of(word)]
    others = [word for word in words if word not in own]
    if len(others) < _FEW or not own or not _BEFORE_THINGS.search(clause):
        return [found]
    return [Feature(" ".join(own), tuple(attributes)), Feature(" ".join(others))]


def _is_bounded(feature: Feature, bounded: Collection[str]) -> bool:
    """Whether a feature only names the attribute of a bound once more, as in `more than 100 MB of SRAM`."""
    words = set(content_words(feature.term))
    return not feature.unwanted and any(words <= set(content_words(name)) for name in bounded)


def _had(text: str) -> Availability | None:
    return "had" if _HAD.search(text) else None


def _scope(text: str) -> Scope | None:
    if _CARD.search(text):
        return "card"
    if _SYSTEM.search(text) and not _ONE.search(text):
        return "system"
    return None


def _without_bounds(text: str, conditions: Sequence[Condition]) -> str:
    """The text without its amounts and the words that make bounds of them."""
    for condition in conditions:
        start, end = condition.quantity.start, condition.quantity.end
        text = text[:start] + " " * (end - start) + text[end:]
    return _BOUNDING.sub(" ", text)


def _feature(clause: str, attributes: Sequence[str], names: Understood) -> Feature | None:
    """The feature that a clause without bound and ranking asks for."""
    unwanted = _UNWANTED.match(clause)
    clause = clause[unwanted.end() :] if unwanted else clause
    match = _FEATURE.search(clause)
    term = (match["term"] if match else clause).strip(" .")
    words = [
        word
        for word in re.findall(r"[^\s,()]+", term)
        if word.casefold() not in _FILLER
        and content_words(word)
        and not names.known(word)
        and not (_BOUGHT.search(word) or _RENTED.search(word) or _HAD.search(word))
    ]
    words = [word for word in words if not set(content_words(word)) <= _FILLER]
    named = bool(match or unwanted or attributes)
    if not any(map(str.isalpha, "".join(words))) or (not named and len(words) > _FEW):
        return None
    return Feature(" ".join(words), tuple(attributes), unwanted=bool(unwanted))
