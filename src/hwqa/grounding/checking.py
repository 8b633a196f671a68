"""Whether the evidence that a sentence cites supports it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hwqa.grounding.carrying import Carrier
from hwqa.grounding.clauses import is_denied, said_of
from hwqa.grounding.comparing import comparisons
from hwqa.grounding.comparing import objection as comparison_objection
from hwqa.grounding.conditions import (
    clause_objections,
    companion_objections,
    condition_objections,
    repetition_objections,
)
from hwqa.grounding.entailing import Encode, heavy_stems, unsaid_words
from hwqa.grounding.figures import Figure, figures_of, outside_brackets
from hwqa.grounding.names import (
    Mentions,
    Named,
    Subject,
    compatible,
    coordinated,
    mentions_of,
    named,
    remembered,
)
from hwqa.grounding.pieces import MARK, marks_of
from hwqa.grounding.presence import absent_names, absent_products
from hwqa.grounding.relations import WORDS as SUCCESSION_WORDS
from hwqa.grounding.relations import succession_verdict, successions
from hwqa.grounding.scope import (
    count_objection,
    counted_devices,
    scope_objections,
    superlatives_in,
    unsaid_rates,
    unsaid_superlatives,
)
from hwqa.grounding.sources import Reading, Source, read
from hwqa.grounding.terms import content_words
from hwqa.grounding.verbatim import is_verbatim, plain
from hwqa.grounding.wording import is_abstention, is_connective, says_comparison, wording_objection
from hwqa.schema import Evidence
from hwqa.units import find_quantities

_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|them|the (?:card|chip|part|device|gpu|accelerator|board|former|latter))\b", re.IGNORECASE
)
_AMONG_THESE = re.compile(
    r"\b(?:among|of|between)\s+(?:these|those|them|the (?:two|three|four|five|\d+))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence is supported, and if not, why."""

    supported: bool
    objections: tuple[str, ...] = ()
    """Short English sentences that a model can act on."""
    used: tuple[int, ...] = ()
    """Numbers of the cited evidence that carry a part of the sentence."""
    refuted: bool = False
    """Whether the evidence says otherwise, or a figure or name is not in it: more than words that nobody says."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sentence is checked against."""

    readings: Sequence[Reading]
    """The cited evidence."""
    mentions: Mentions
    known: Callable[[], Sequence[Reading]]
    """Reads all evidence of the answer: superlatives must hold among all of it."""
    about: tuple[Subject, ...] = ()
    """The products that the text before the sentence spoke of."""
    encode: Encode | None = None
    """Vectors of texts, to find words with the same meaning; without it, what is said beside figures is not checked."""
    is_about: bool = False
    """Whether a sentence that names no product speaks of `about` even without `it`: in its list or section."""


def check(
    sentence: str,
    cited: Sequence[Evidence],
    *,
    mentions: Mentions | None = None,
    known: Sequence[Evidence] = (),
    about: Sequence[str] = (),
    encode: Encode | None = None,
) -> Verdict:
    """Whether the cited evidence supports the sentence.

    Args:
        sentence: One sentence, list item or `label: cell`, Markdown, with or without marks.
        cited: The evidence that it cites. Marks in the sentence tell which part rests on which item.
        mentions: Finds the products that a text names; by default the names with a digit in the evidence's headings.
        known: All evidence of the answer, by which superlatives are judged.
        about: Products that the text before spoke of, for `it` and `its`.
        encode: Vectors of texts, by which words of other spelling and one meaning are found.

    >>> row = Evidence(1, "a.md", ("X100",), "", (1, 1), "", "Attribute: Memory; Value: 80 GB")
    >>> check("The X100 has 80 GB [1].", [row]).supported, check("The X100 has 96 GB [1].", [row]).objections
    (True, ("'96 GB' is not in [1]",))
    """
    finder = remembered(mentions or mentions_of([*cited, *known]))
    readings = [read(item, finder) for item in cited]
    ground = Ground(
        readings,
        finder,
        lambda: [read(item, finder) for item in known] if known else readings,
        tuple(frozenset({product}) for product in about),
        encode,
    )
    return check_on(sentence, ground)


def check_on(sentence: str, ground: Ground) -> Verdict:
    """`check` against evidence that was already read."""
    marked = plain(sentence)
    cites_unknown = [
        number for number in marks_of(marked) if number not in {reading.evidence.number for reading in ground.readings}
    ]
    text = MARK.sub(lambda match: " " * len(match[0]), marked)
    places = named(text, ground.mentions)
    spans = [(place.start, place.end) for place in places]
    has_quantity = bool(find_quantities(text, spans))
    if not has_quantity and (is_abstention(text) or is_connective(text) or not content_words(text)):
        return Verdict(True)
    if cites_unknown:
        return Verdict(False, tuple(f"[{number}] does not exist" for number in cites_unknown))
    if not ground.readings:
        return Verdict(False, ("it cites nothing",))
    cites = "".join(f"[{reading.evidence.number}]" for reading in ground.readings)
    if is_verbatim(text, places, ground.readings, ground.about if ground.is_about and not places else ()):
        return Verdict(True, (), tuple(reading.evidence.number for reading in ground.readings))
    checker = _Checker(text, marked, places, cites, ground)
    objections = checker.objections()
    return Verdict(
        not objections, tuple(dict.fromkeys(objections)), tuple(sorted(checker.carrier.used)), checker.refuted
    )


class _Checker:
    def __init__(self, text: str, marked: str, places: Sequence[Named], cites: str, ground: Ground) -> None:
        self.text = text
        self.places = places
        self.cites = cites
        self.ground = ground
        self.refuted = False
        self.heavy: frozenset[str] | None = None
        """The stems that carry the meaning, when each is known to be in the evidence; else None."""
        self.sources = [source for reading in ground.readings for source in reading.sources]
        self.figures = [figure for source in self.sources for figure in source.figures]
        self.texts = [reading.text for reading in ground.readings]
        outside = outside_brackets(text, [[place] for place in places])
        spoken = ground.about if not outside and (ground.is_about or _PRONOUN.search(text)) else ()
        self.claims = figures_of(text, ground.mentions, spoken)
        self.spoken = spoken
        self.subjects = [*(place.subject for place in places), *spoken]
        self.carrier = Carrier(
            marked, self.claims, places, spoken, ground.readings, ground.known, ground.mentions, cites
        )

    def objections(self) -> list[str]:
        """Everything that the evidence does not carry."""
        spans = [(claim.quantity.start, claim.quantity.end) for claim in self.claims]
        names = absent_names(self.text, self.places, spans, self._texts_of_products())
        products = absent_products(self.text, self.places, self.sources, self.texts, self.ground.mentions)
        found = [f"'{name}' is not in {self.cites}" for name in names]
        found += [f"{self.cites} does not speak of the {product}" for product in products]
        carried: list[Figure] = []
        for claim in self.claims:
            objection, figures = self.carrier.carry(claim)
            if objection:
                found.append(objection)
            carried += figures
        related = self._succession()
        if related is False:
            found.append(f"{self.cites} says it the other way round")
        if related:
            spans = [*spans, *(match.span() for match in SUCCESSION_WORDS.finditer(self.text))]
        self.refuted = bool(found)
        unsaid = self._unsaid(spans)
        self.heavy = None if unsaid is None or unsaid else heavy_stems(self.text, self._taken(spans))
        found += [f"'{word}' is not in {self.cites}" for word in unsaid or ()]
        compared = self._compared(carried)
        denied = [objection for objection in compared if objection]
        denied += self._reaches_too_far(spans, carried, compared)
        if is_denied(self.text, self._relevant(), self.ground.mentions, self.spoken, self._ignored()):
            denied.append(f"{self.cites} says the opposite")
        self.refuted = self.refuted or bool(denied)
        found += denied
        if not self.claims and not compared and not related and self._relates_products():
            found.append(f"{self.cites} does not relate these products")
        if not self.claims and not related and not (compared and not any(compared)):
            objection = self._wording()
            found += [objection] if objection else []
        if not self.carrier.used and not found:
            self.carrier.used = {reading.evidence.number for reading in self.ground.readings}
        return found

    def _succession(self) -> bool | None:
        """Whether the evidence bears out who replaced whom; None when the sentence does not say, or the evidence."""
        said = list(successions(self.text, self.places, self.spoken))
        if not said:
            return None
        statements = [(source.text, source.subjects) for source in self.sources]
        return succession_verdict(said, statements, self.ground.mentions)

    def _wording(self) -> str:
        """Why the words are in no statement of the evidence on the sentence's products; empty when they are."""
        said = list(dict.fromkeys(self.subjects))
        own = [replace(source, text=said_of(source, said, self.ground.mentions)) for source in self._relevant()]
        return wording_objection(self.text, own, self.cites, ignore=self._names(), heavy=self.heavy)

    def _ignored(self) -> frozenset[str]:
        """The words that names are made of."""
        return content_words(" ".join(self._names()))

    def _unsaid(self, spans: Sequence[tuple[int, int]]) -> list[str] | None:
        """The words that nothing in the evidence says; None when there is nothing to find out by."""
        if self.ground.encode is None:
            return None
        said = list(dict.fromkeys(self.subjects))
        held, others = [], []
        for source in self._relevant():
            own = said_of(source, said, self.ground.mentions)
            held.append(f"{source.trail} {own}")
            others += [source.text] if own != source.text else []
        figures = [(claim.quantity.start, claim.quantity.end) for claim in self.claims]
        return unsaid_words(self.text, self._taken(spans), held, self.ground.encode, others=others, figures=figures)

    def _taken(self, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where figures and names of products stand."""
        return [*spans, *((place.start, place.end) for place in self.places)]

    def _reaches_too_far(
        self, spans: Sequence[tuple[int, int]], carried: Sequence[Figure], compared: Sequence[str]
    ) -> Iterator[str]:
        """An objection for each word that widens what the evidence says, and for another number of devices."""
        carrying = [figure.statement for figure in carried if figure.statement]
        yield from scope_objections(self.text, self.texts, self.cites, self.places, carrying)
        yield from unsaid_rates(self.text, spans, self.texts, self.cites)
        if not compared:
            yield from unsaid_superlatives(self.text, self.texts, self.cites)
        said = counted_devices(self.text, self.places)
        measured = [figure for figure in carried if figure.quantity.unit and figure.statement]
        counted = [
            counted_devices(figure.clause, named(figure.clause, self.ground.mentions))
            or counted_devices(figure.statement, named(figure.statement, self.ground.mentions))
            for figure in measured
        ]
        objection = count_objection(said, measured, counted, self.cites)
        if objection:
            yield objection
        yield from condition_objections(self.text, self.claims, self.figures, self.cites)
        yield from repetition_objections(self.claims, self.figures, self.cites)
        yield from companion_objections(self.text, self.places, carried, self.claims, self.cites)
        if not self.claims:
            yield from clause_objections(self.text, self.places, self.sources, self.ground.mentions, self.cites)

    def _relates_products(self) -> bool:
        """Whether the sentence sets products in a relation that no single statement of the evidence speaks of.

        `A and B run vLLM` says the same of both and may rest on two statements.
        """
        groups = coordinated(self.text, self.places)
        if len({place.subject for place in self.places}) < 2 or len(groups) < 2:
            return False
        said = list(dict.fromkeys(place.subject for place in self.places))
        for source in self.sources:
            present = {product for place in named(source.text, self.ground.mentions) for product in place.subject}
            present |= {product for subject in source.subjects for product in subject}
            present |= {product for place in named(source.trail, self.ground.mentions) for product in place.subject}
            if all(compatible(subject, present) for subject in said):
                return False
        return True

    def _texts_of_products(self) -> list[str]:
        """What the evidence says of the sentence's products; a row of a table speaks of its own only."""
        if not self.places or self.claims:
            return self.texts
        return [f"{source.trail}\n{source.text}" for source in self._relevant()] or self.texts

    def _names(self) -> list[str]:
        """The products' names as the sentence writes them."""
        return [self.text[place.start : place.end] for place in self.places]

    def _relevant(self) -> list[Source]:
        """The statements that speak of the sentence's products; all when it names none."""
        if not self.places:
            return self.sources
        said = [place.subject for place in self.places]
        return [
            source
            for source in self.sources
            if not source.subjects
            or any(compatible(subject, other) for subject in said for other in source.subjects)
            or any(
                compatible(subject, place.subject)
                for place in named(source.text, self.ground.mentions)
                for subject in said
            )
        ]

    def _uses_superlative(self, is_superlative: bool) -> bool:
        """Whether the evidence itself has the superlative of the sentence."""
        used = superlatives_in(self.text) if is_superlative else frozenset()
        return bool(used) and used <= superlatives_in("\n".join(source.text for source in self._relevant()))

    def _compared(self, carried: Sequence[Figure]) -> list[str]:
        """An objection or an empty text for each comparison in words."""
        found = []
        known = [figure for reading in self.ground.known() for source in reading.sources for figure in source.figures]
        if _AMONG_THESE.search(self.text) and len({subject for f in self.figures for subject in f.subjects}) > 1:
            known = self.figures
        cited = {subject for figure in self.figures for subject in figure.subjects}
        for comparison in comparisons(self.text, self.places, self.spoken, cited):
            result = comparison_objection(comparison, carried, self.figures, known, self.text)
            if result is None and (self.carrier.derived or self._uses_superlative(comparison.second is None)):
                result = ""
            if result is None:
                result = self._wording()
                if not result and not says_comparison(self.text, self._relevant(), self._names()):
                    result = f"{self.cites} does not compare them"
            found.append(result)
        return found
