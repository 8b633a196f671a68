"""Whether the evidence that a sentence cites supports it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hwqa.grounding.clauses import is_denied, said_of
from hwqa.grounding.comparing import comparisons
from hwqa.grounding.comparing import objection as comparison_objection
from hwqa.grounding.conditions import clause_objections, companion_objections, condition_objections
from hwqa.grounding.derived import derive, is_derived_shape, shifted
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
from hwqa.grounding.pieces import MARK, marks_of, numbers_of
from hwqa.grounding.presence import absent_names, absent_products
from hwqa.grounding.scope import (
    count_objection,
    counted_devices,
    counts_named,
    scope_objections,
    unsaid_rates,
    unsaid_superlatives,
)
from hwqa.grounding.sides import sides
from hwqa.grounding.sources import Reading, Source, read
from hwqa.grounding.support import Support, support
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
    return Verdict(not objections, tuple(dict.fromkeys(objections)), tuple(sorted(checker.used)))


class _Checker:
    def __init__(self, text: str, marked: str, places: Sequence[Named], cites: str, ground: Ground) -> None:
        self.text = text
        self.places = places
        self.cites = cites
        self.ground = ground
        self.used: set[int] = set()
        self.derived = False
        """Whether a number of the sentence followed from two figures: then so does the comparison around it."""
        self.heavy: frozenset[str] | None = None
        """The stems that carry the meaning, when each is known to be in the evidence; else None."""
        self.sources = [source for reading in ground.readings for source in reading.sources]
        self.figures = [figure for source in self.sources for figure in source.figures]
        self.texts = [reading.text for reading in ground.readings]
        self.groups = _mark_groups(marked)
        outside = outside_brackets(text, [[place] for place in places])
        spoken = ground.about if not outside and (ground.is_about or _PRONOUN.search(text)) else ()
        self.claims = figures_of(text, ground.mentions, spoken)
        self.spoken = spoken
        self.subjects = [*(place.subject for place in places), *spoken]

    def objections(self) -> list[str]:
        """Everything that the evidence does not carry."""
        spans = [(claim.quantity.start, claim.quantity.end) for claim in self.claims]
        names = absent_names(self.text, self.places, spans, self._texts_of_products())
        products = absent_products(self.text, self.places, self.sources, self.texts, self.ground.mentions)
        found = [f"'{name}' is not in {self.cites}" for name in names]
        found += [f"{self.cites} does not speak of the {product}" for product in products]
        carried: list[Figure] = []
        for claim in self.claims:
            objection, figures = self._figure(claim)
            if objection:
                found.append(objection)
            carried += figures
        unsaid = self._unsaid(spans)
        self.heavy = None if unsaid is None or unsaid else heavy_stems(self.text, self._taken(spans))
        found += [f"'{word}' is not in {self.cites}" for word in unsaid or ()]
        compared = self._compared(carried)
        found += [objection for objection in compared if objection]
        found += self._reaches_too_far(spans, carried, compared)
        if not self.claims and not compared and self._relates_products():
            found.append(f"{self.cites} does not relate these products")
        if not self.claims and not (compared and not any(compared)):
            objection = self._wording()
            found += [objection] if objection else []
        if is_denied(self.text, self._relevant(), self.ground.mentions, self.spoken, self._ignored()):
            found.append(f"{self.cites} says the opposite")
        if not self.used and not found:
            self.used = {reading.evidence.number for reading in self.ground.readings}
        return found

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
        held = [f"{source.trail} {source.text}" for source in self._relevant()]
        return unsaid_words(self.text, self._taken(spans), held, self.ground.encode, has_figures=bool(self.claims))

    def _taken(self, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where figures and names of products stand."""
        return [*spans, *((place.start, place.end) for place in self.places)]

    def _reaches_too_far(
        self, spans: Sequence[tuple[int, int]], carried: Sequence[Figure], compared: Sequence[str]
    ) -> Iterator[str]:
        """An objection for each word that widens what the evidence says, and for another number of devices."""
        yield from scope_objections(self.text, self.texts, self.cites, self.places)
        yield from unsaid_rates(self.text, spans, self.texts, self.cites)
        if not compared:
            yield from unsaid_superlatives(self.text, self.texts, self.cites)
        said = counted_devices(self.text, self.places)
        measured = [figure for figure in carried if figure.quantity.unit and figure.statement]
        counted = [
            counted_devices(figure.statement, named(figure.statement, self.ground.mentions)) for figure in measured
        ]
        objection = count_objection(said, measured, counted, self.cites)
        if objection:
            yield objection
        yield from condition_objections(self.text, self.claims, self.figures, self.cites)
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

    def _figure(self, claim: Figure) -> tuple[str, list[Figure]]:
        """The objection to one figure, and the evidence's figures that carry it, with the claim's product."""
        result = self._supported(claim)
        if result.objection and not (continued := self._with_unit_before(claim)).objection:
            result = continued
        if result.objection and is_derived_shape(claim) and not claim.negated:
            derived = derive(
                claim, self.text, sides(claim, self.text, self.places, self.spoken, self.figures), self.figures
            )
            if derived is not None:
                self.derived = True
                self.used |= {derived.first.number, derived.second.number}
                return "", []
            if shifted(claim.quantity, self.text, [other.quantity for other in self.claims]):
                return "", []
        if result.objection and (self._counts_products(claim) or self._counts_devices(claim)):
            return "", []
        if result.objection and claim.quantity.is_range and (ends := self._ends(claim)):
            return "", ends
        if result.objection:
            return result.objection, []
        self.used |= {figure.number for figure in result.figures[:1]} if result.figures else set()
        subjects = claim.subjects
        return "", [
            replace(figure, quantity=claim.quantity, subjects=subjects or figure.subjects)
            for figure in result.figures[:1]
        ]

    def _supported(self, claim: Figure) -> Support:
        near = self._near(claim)
        numbers = {reading.evidence.number for reading in self.ground.readings}
        if near and near != numbers:
            cites = "".join(f"[{number}]" for number in sorted(near))
            texts = [reading.text for reading in self.ground.readings if reading.evidence.number in near]
            return support(
                claim, [figure for figure in self.figures if figure.number in near], texts, cites, self.subjects
            )
        return support(claim, self.figures, self.texts, self.cites, self.subjects)

    def _with_unit_before(self, claim: Figure) -> Support:
        """The support of a bare number that continues `1,979 TFLOPS with sparsity, 989.5 dense`."""
        before = [other.quantity for other in self.claims if other.quantity.end <= claim.quantity.start]
        if claim.quantity.kind != "count" or not before or not before[-1].unit or not claim.quantity.raw[:1].isdigit():
            return Support(objection="no unit")
        quantity = replace(claim.quantity, unit=before[-1].unit, kind=before[-1].kind)
        return self._supported(replace(claim, quantity=quantity))

    def _near(self, claim: Figure) -> set[int]:
        """The numbers of the marks after the figure and before it; all when it has none on one side only."""
        after = next((numbers for start, numbers in self.groups if start >= claim.quantity.start), None)
        before = next((numbers for start, numbers in reversed(self.groups) if start < claim.quantity.start), None)
        return set(after or ()) | set(before or ())

    def _ends(self, claim: Figure) -> list[Figure]:
        """The figures that give the two ends of a claimed range, when the evidence gives each of them."""
        found: list[Figure] = []
        for end in (claim.quantity.low, claim.quantity.high):
            result = self._supported(replace(claim, quantity=replace(claim.quantity, low=end, high=end)))
            if result.objection or not result.figures:
                return []
            found.append(result.figures[0])
        self.used |= {figure.number for figure in found}
        return found[:1]

    def _counts_products(self, claim: Figure) -> bool:
        """Whether a number word counts the products that the sentence names or the evidence speaks of."""
        quantity = claim.quantity
        if quantity.kind != "count" or quantity.raw[:1].isdigit() or quantity.low > 12:
            return False
        if counts_named(self.text, quantity.end, self.places):
            return False
        named_here = {place.subject for place in self.places}
        cited = {subject for source in self.sources for subject in source.subjects}
        known = {
            subject for reading in self.ground.known() for source in reading.sources for subject in source.subjects
        }
        if re.search(r"\bof (?:the|these|those|all) $", self.text[: quantity.start]) and quantity.low <= len(known):
            return True
        return quantity.low in (len(named_here), len(cited), len(self.ground.readings)) and quantity.low > 1

    def _counts_devices(self, claim: Figure) -> bool:
        """Whether a number in front of a product's name is one that a statement counts devices with."""
        return counts_named(self.text, claim.quantity.end, self.places) and any(
            int(claim.quantity.low) in counted_devices(source.text, named(source.text, self.ground.mentions))
            for source in self.sources
        )

    def _compared(self, carried: Sequence[Figure]) -> list[str]:
        """An objection or an empty text for each comparison in words."""
        found = []
        known = [figure for reading in self.ground.known() for source in reading.sources for figure in source.figures]
        if _AMONG_THESE.search(self.text) and len({subject for f in self.figures for subject in f.subjects}) > 1:
            known = self.figures
        cited = {subject for figure in self.figures for subject in figure.subjects}
        for comparison in comparisons(self.text, self.places, self.spoken, cited):
            result = comparison_objection(comparison, carried, self.figures, known, self.text)
            if result is None and self.derived:
                result = ""
            if result is None:
                result = self._wording()
                if not result and not says_comparison(self.text, self._relevant(), self._names()):
                    result = f"{self.cites} does not compare them"
            found.append(result)
        return found


def _mark_groups(marked: str) -> list[tuple[int, list[int]]]:
    """Where marks stand, and the numbers of those that stand together."""
    groups: list[tuple[int, list[int]]] = []
    end = -1
    for match in MARK.finditer(marked):
        if groups and not marked[end : match.start()].strip(" ,;"):
            groups[-1][1].extend(numbers_of(match))
        else:
            groups.append((match.start(), numbers_of(match)))
        end = match.end()
    return groups
