"""Which figures of the evidence carry those of a sentence, directly or by working them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from hwqa.grounding.derived import Operands, derive, is_derived_shape, is_sum, is_time_between, of_own_figures, shifted
from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Mentions, Named, Subject, compatible, named
from hwqa.grounding.pieces import MARK, numbers_of
from hwqa.grounding.scope import counted_devices, counts_named
from hwqa.grounding.sides import sides
from hwqa.grounding.sources import Reading
from hwqa.grounding.support import Support, support


class Carrier:
    """Finds for each figure of one sentence what carries it, and remembers which evidence did."""

    def __init__(
        self,
        marked: str,
        claims: Sequence[Figure],
        places: Sequence[Named],
        spoken: Sequence[Subject],
        readings: Sequence[Reading],
        known: Callable[[], Sequence[Reading]],
        mentions: Mentions,
        cites: str,
    ) -> None:
        """Take the sentence with its marks, its figures, where it names products and what it was said of before.

        Args:
            marked: The sentence, with marks.
            claims: Its figures.
            places: Where it names products.
            spoken: Products that it speaks of without naming them.
            readings: The cited evidence.
            known: Reads all evidence of the answer.
            mentions: Finds products.
            cites: The marks, for objections.
        """
        self.text = MARK.sub(lambda match: " " * len(match[0]), marked)
        self.claims = claims
        self.places = places
        self.spoken = spoken
        self.readings = readings
        self.known = known
        self.mentions = mentions
        self.cites = cites
        self.used: set[int] = set()
        """Numbers of the evidence that carried a figure."""
        self.derived = False
        """Whether a number of the sentence was worked out: then the comparison around it holds, too."""
        self.sources = [source for reading in readings for source in reading.sources]
        self.texts = [reading.text for reading in readings]
        self.figures = [figure for source in self.sources for figure in source.figures]
        self.groups = _mark_groups(marked)
        self.subjects = [*(place.subject for place in places), *spoken]

    def carry(self, claim: Figure) -> tuple[str, list[Figure]]:
        """The objection to one figure, and the evidence's figures that carry it, with the claim's product."""
        result = self._supported(claim)
        if result.objection and not (continued := self._with_unit_before(claim)).objection:
            result = continued
        if result.objection and is_derived_shape(claim) and not claim.negated:
            derived = self._derived(claim)
            if derived is not None:
                self.derived = True
                self.used |= {derived.first.number, derived.second.number}
                return "", []
            if self._is_worked_out(claim):
                self.derived = True
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

    def _derived(self, claim: Figure) -> Operands | None:
        """The two figures that a number follows from; those of notes where no others give it, of two products."""
        between = sides(claim, self.text, self.places, self.spoken, self.figures)
        found = derive(claim, self.text, between, self.figures)
        subjects = list(dict.fromkeys(place.subject for place in self.places))
        if found is None and len(subjects) > 2 and len(between) == 2 and between[0] != subjects[0]:
            between = (subjects[0], between[1])  # `A runs the model M twice as fast as B`: A against B
            found = derive(claim, self.text, between, self.figures) if between[0] != between[1] else None
        if found is None and len(between) == 2:
            found = derive(claim, self.text, between, self.figures, asides=True)
        return found

    def _is_worked_out(self, claim: Figure) -> bool:
        """Whether a number follows from the others of its sentence, or is a sum or a time between dates."""
        quantities = [other.quantity for other in self.claims]
        if shifted(claim.quantity, self.text, quantities):
            return True
        others = [other for other in self.claims if other is not claim and other.quantity.kind != "date"]
        supports = [(other, result) for other in others if not (result := self._supported(other)).objection]
        carried = [other.quantity for other, _ in supports]
        if of_own_figures(claim.quantity, self.text, carried):
            return True
        beside = {figure.statement for _, result in supports for figure in result.figures}
        told = [f.quantity for f in self.figures if f.statement in beside and f.quantity.kind == "count"]
        counted = [quantity for quantity in carried if quantity.kind == "count"]
        if any(of_own_figures(claim.quantity, self.text, [count, whole]) for count in told for whole in counted):
            return True  # `half of the 42 layers` where the source gives 21 of 42
        counts = [other.quantity.low for other in others if other.quantity.kind == "count"]
        if is_sum(claim, self.text, self.figures, counts):
            return True
        dates = [figure.quantity for figure in self.figures if figure.quantity.kind == "date"]
        return is_time_between(claim.quantity, self.text, dates)

    def _supported(self, claim: Figure) -> Support:
        near = self._near(claim)
        numbers = {reading.evidence.number for reading in self.readings}
        if near and near != numbers:
            cites = "".join(f"[{number}]" for number in sorted(near))
            texts = [reading.text for reading in self.readings if reading.evidence.number in near]
            return support(
                claim, [figure for figure in self.figures if figure.number in near], texts, cites, self.subjects
            )
        return support(claim, self.figures, self.texts, self.cites, self.subjects)

    def _with_unit_before(self, claim: Figure) -> Support:
        """The support of a bare number that continues `1,979 TFLOPS with sparsity, 989.5 dense`."""
        before = [other.quantity for other in self.claims if other.quantity.end <= claim.quantity.start]
        if claim.quantity.kind != "count" or not before or not before[-1].unit:
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
        known = {subject for reading in self.known() for source in reading.sources for subject in source.subjects}
        if re.search(
            r"\b(?:of (?:the|these|those|all)|the other|all|both) $", self.text[: quantity.start]
        ) and quantity.low <= len(known):
            return True
        return quantity.low in (len(named_here), len(cited), len(self.readings)) and quantity.low > 1

    def _counts_devices(self, claim: Figure) -> bool:
        """Whether a number in front of a product's name is one that a statement counts that product with."""
        place = next((place for place in self.places if place.start >= claim.quantity.end), None)
        if place is None or not counts_named(self.text, claim.quantity.end, [place]):
            return False
        return any(
            int(claim.quantity.low) in counted_devices(source.text, own, of_any=False)
            for source in self.sources
            if (own := [p for p in named(source.text, self.mentions) if compatible(place.subject, p.subject)])
        ) or any(
            int(claim.quantity.low) in counted_devices(source.text, ())
            for source in self.sources
            if any(compatible(place.subject, subject) for subject in source.subjects)
        )


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
