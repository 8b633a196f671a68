"""Whether the documents hold what a question asks for, judged from what was retrieved."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

from hwqa.evidence import passage_statements
from hwqa.lexical import Term, tokenize
from hwqa.meant import near_in_size, units_asked
from hwqa.names import NameFinder, singular
from hwqa.question import Query
from hwqa.retrieval import Retrieved
from hwqa.schema import Passage
from hwqa.units import find_quantities
from hwqa.vocabulary import Vocabulary
from hwqa.words import STOP_WORDS

BAR = 0.32
"""Questions whose probability lies below are not answered."""
_COUNT = re.compile(r"\b(?:how many|number of|count of)\s+((?:[\w'’+-]+[ ,]+){0,4}[\w'’+-]+)", re.I)
_AT_REST = re.compile(
    r"\b(?:idle|idles|idling|stand-?by|asleep|sleeping|at rest|(?:switched|powered|turned) off)\b", re.I
)
"""A state in which a thing does no work; its figures hold for work, unless they say so."""
_NUMBER = re.compile(r"\b\d[\d.,]*\w*\b")
_THING = 3
"""Words of what is counted that have to be met."""
_READ = 5
"""First passages in which the question's words are looked for."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells an answerable question from one that is not; all from 0 to 1 but the similarity."""

    similarity: float
    """Highest cosine similarity of a chunk to the question, from -1 to 1."""
    focus: float
    """Largest share, by weight, of the question's words beside the names of products that is held by one of the first
    passages that speak of these products: whether it says what is asked about them."""
    unheard: float
    """Share of the question's words, by weight, that no document holds."""
    unstated: float
    """1 when the question names a product and an attribute, and the documents state no such figure."""
    counted: float
    """Of a question that asks how many of something there are, the largest share of the thing's words in a statement
    with a number; 1 for any other question."""
    unsaid: float
    """1 when what is asked of a product is not stated, and no statement about it has a figure with the attribute's
    unit, or in the unit that the question names."""
    numbers: float
    """Share of the numbers in the question beside those of names that statements about the products hold; 1 where it
    has none: who asks about a certain year, size or count is not served by another one."""
    together: float
    """Largest share of the things named, products and others, of which one statement speaks under its headings; 1
    where a single one is named, or where they are compared."""


WEIGHTS = Signals(
    similarity=5.22,
    focus=1.52,
    unheard=-0.74,
    unstated=0.57,
    counted=1.63,
    unsaid=-2.43,
    numbers=1.0,
    together=0.86,
)
BIAS = -6.72
"""A logistic regression; benchmarks/retrieval/abstention.py fits it and shows what it is worth."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the retrieved evidence covers a question."""

    answerable: bool
    score: float
    """Probability that the evidence answers the question, from 0 to 1; 1 where just what is asked for is stated."""
    unknown: tuple[str, ...] = ()
    """Names in the question that neither the vocabulary nor the passages hold."""


def cover(
    found: Retrieved, passages: Sequence[Passage], frequency: Callable[[str], int], vocabulary: Vocabulary
) -> Coverage:
    """Judge whether what was retrieved answers the query.

    A name that nothing retrieved holds makes the question unanswerable unless it also names a product that the
    documents know, or asks for what they list. `frequency` says how many texts of the documents use a word,
    `vocabulary` how products are called and which units the figures of an attribute have.
    """
    unknown = _unknown(found.query, passages, frequency)
    if found.related is not None and found.related.is_untold:
        # What is known of the product itself is no answer on its relative.
        return Coverage(answerable=False, score=0.0, unknown=unknown)
    if found.stated and not unknown and not _at_rest(found, passages):
        return Coverage(answerable=True, score=1.0)
    score = probability(signals(found, passages, vocabulary))
    answerable = score >= BAR
    if found.stated and not unknown:
        return Coverage(answerable=False, score=min(score, BAR))
    if unknown:
        # The most of a kind is no answer on a member of it that the documents do not know.
        ranked = found.choice is not None and any(any(map(str.isdigit, name)) for name in unknown)
        answerable = (found.stated and not ranked) or (bool(found.query.products) and answerable)
    return Coverage(answerable, score, unknown)


def abstention(coverage: Coverage, passages: Sequence[Passage]) -> str:
    """What is said where the documents do not answer, with the nearest that they hold."""
    if coverage.unknown:
        lead = f"The documents hold nothing on {', '.join(coverage.unknown)}."
    else:
        lead = "The documents do not answer this question."
    nearest = list(dict.fromkeys(passage.trail for passage in passages if passage.heading_path))[:3]
    if not nearest:
        return lead
    return f"{lead} The nearest that they hold:\n\n" + "\n".join(f"- {trail}" for trail in nearest)


def signals(found: Retrieved, passages: Sequence[Passage], vocabulary: Vocabulary) -> Signals:
    """What is known of the question and of the passages that were found for it."""
    query = found.query
    terms = _words(found.scored.terms)
    texts = [f"{passage.trail} {passage.text}" for passage in passages[:_READ]]
    named = NameFinder({name: (name,) for name in (*query.products, *query.spoken)})
    names = set(tokenize(" ".join((*query.products, *query.spoken))))
    unstated = bool(query.products and query.attributes and not found.stated)
    thing = [token for token in _counted(query.text) if token not in names]
    wanting = bool(query.products) and not found.stated
    asked_in = list(units_asked(query.text))
    expected = [unit for attribute in query.attributes for unit in vocabulary.units.get(attribute, ())] + asked_in
    said = list(_said(passages, named if query.products else None))
    alone, whole = [text for _, text in said], [f"{trail} {text}" for trail, text in said]
    return Signals(
        similarity=max(found.scored.similarity.values(), default=0.0),
        focus=_held(
            [term for term in terms if term.token not in names],
            [text for text in texts if not query.products or named(text)],
        ),
        unheard=sum(term.weight for term in terms if not term.texts) / (sum(term.weight for term in terms) or 1.0),
        unstated=float(unstated),
        counted=_share_counted(thing, alone) if thing and not asked_in else 1.0,
        unsaid=float(wanting and bool(expected) and not any(_has_unit(text, expected) for text in alone)),
        numbers=_share_of_numbers(query, whole),
        together=_together(query, whole, vocabulary.products),
    )


def _at_rest(found: Retrieved, passages: Sequence[Passage]) -> bool:
    """Whether the figures are asked for a product at rest, of which no statement about it speaks."""
    query = found.query
    state = _AT_REST.search(query.text)
    if state is None or len(query.products) != 1 or not found.facts or found.choice or found.calculation:
        return False
    named = NameFinder({name: (name,) for name in (*query.products, *query.spoken)})
    return not any(_AT_REST.search(text) for _, text in _said(passages, named))


def _counted(question: str) -> list[str]:
    """The tokens of what a question asks the number of."""
    match = _COUNT.search(question)
    words: list[str] = []
    for word in match[1].split() if match else ():
        if word.casefold().strip(",.?") not in STOP_WORDS:
            words.append(word)
        elif words:
            break
    return tokenize(" ".join(words[:_THING]))


def _said(passages: Sequence[Passage], named: NameFinder | None) -> Iterator[tuple[str, str]]:
    """The statements of the passages with the headings above, of those about what is named if anything is."""
    for passage in passages:
        for statement in passage_statements(passage):
            if named is None or named(f"{passage.trail} {statement.text}"):
                yield passage.trail, statement.text


def _share_counted(thing: Sequence[str], said: Sequence[str]) -> float:
    wanted = set(thing)
    shares = (len(wanted.intersection(tokenize(text))) / len(wanted) for text in said if find_quantities(text))
    return max(shares, default=0.0)


def _share_of_numbers(query: Query, said: Sequence[str]) -> float:
    """The share of the question's numbers, those in names left out, that the statements hold."""
    named = " ".join((*query.products, *query.spoken, *query.names)).casefold()
    numbers = [number for number in _NUMBER.findall(query.text.casefold()) if number not in named]
    if not numbers:
        return 1.0
    texts = " ".join(said).casefold()
    return sum(number in texts for number in numbers) / len(numbers)


def _together(query: Query, said: Sequence[str], products: Mapping[str, Sequence[str]]) -> float:
    """The largest share of the things that the question names which one statement speaks of."""
    things = dict.fromkeys((*query.products, *query.companions, *query.names))
    if len(things) < 2 or len(query.products) == len(things) or query.intent == "compare":
        return 1.0
    finder = NameFinder({thing: products.get(thing, (thing,)) for thing in things})
    most = max((len({value for name in finder(text) for value in name.values}) for text in said), default=0)
    return most / len(things)


def _has_unit(text: str, units: Sequence[str]) -> bool:
    quantities = [quantity for quantity in find_quantities(text) if quantity.unit]
    return any(near_in_size(quantity.unit, unit) for quantity in quantities for unit in units)


def _words(terms: Sequence[Term]) -> list[Term]:
    """The terms without those that are two others written as one."""
    pairs = {first.token + second.token for first in terms for second in terms}
    return [term for term in terms if term.token not in pairs]


def _held(terms: Sequence[Term], texts: Sequence[str]) -> float:
    """The largest share of the terms, by weight, that one of the texts holds; 1 where there are none."""
    total = sum(term.weight for term in terms)
    if not total:
        return 1.0
    words = [set(tokenize(text)) for text in texts]
    return max((sum(term.weight for term in terms if term.token in each) for each in words), default=0.0) / total


def probability(given: Signals) -> float:
    """That the question can be answered, were half of such questions answerable."""
    value = BIAS + sum(weight * signal for weight, signal in zip(astuple(WEIGHTS), astuple(given), strict=True))
    return 1 / (1 + math.exp(-value))


def _unknown(query: Query, passages: Sequence[Passage], frequency: Callable[[str], int]) -> tuple[str, ...]:
    """The names that no passage holds: with a digit as a whole, otherwise if one of their words is unknown."""
    if not query.names:
        return ()
    finder = NameFinder({name: (name,) for name in query.names})
    held = {
        value
        for passage in passages
        for found in finder(f"{passage.path} {passage.trail} {passage.text}")
        for value in found.values
    }
    missing = [name for name in query.names if name not in held]
    return tuple(name for name in missing if _is_unknown(name.split(), frequency))


def _is_unknown(words: Sequence[str], frequency: Callable[[str], int]) -> bool:
    """Whether a name that no passage holds is one that the documents do not know: a word or its number is new."""
    known = all(frequency(word) or frequency(singular(word)) for word in words)
    return not known or (len(words) > 1 and any(any(map(str.isdigit, word)) for word in words))
