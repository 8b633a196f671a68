"""Whether the evidence gives a figure for the product, attribute, number format and basis that it is said of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hwqa.grounding.agreement import agreements, equal, formats_of, is_operations
from hwqa.grounding.figures import Figure
from hwqa.grounding.names import Subject, compatible, occurs
from hwqa.grounding.rates import without_rate

NUMBER_WORD = {"4th": "fourth", "3rd": "third", "2nd": "second", "1st": "first", "5th": "fifth", "6th": "sixth"}


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence's figures that carry a claimed one, or why none does."""

    figures: tuple[Figure, ...] = ()
    objection: str = ""


def support(
    claim: Figure, sources: Sequence[Figure], texts: Sequence[str], cites: str, spoken: Sequence[Subject] = ()
) -> Support:
    """The figures among `sources` that carry the claim.

    Args:
        claim: A figure of the checked sentence.
        sources: All figures of the evidence that it may rest on.
        texts: The evidence's whole texts, for versions and ordinals.
        cites: The marks of that evidence, for the objection.
        spoken: All products that the sentence speaks of.
    """
    raw = claim.quantity.raw
    held = [source for source in sources if _is_given(claim, source) and _relates_all(claim, source, spoken)]
    if not held:
        if claim.quantity.kind in ("version", "ordinal") and any(_stands_in(claim, text) for text in texts):
            return Support(tuple(sources[:0]))
        return Support(objection=f"'{raw}' is not in {cites}")
    for subject in claim.subjects:
        of_subject = [
            source for source in held if _is_of(subject, source, spoken) or _is_run_by(claim, subject, source, sources)
        ]
        if not of_subject:
            return Support(objection=f"'{raw}' is in {cites}, but not of the {name_of(subject)}")
    if claim.subjects:
        held = [
            source
            for source in held
            if any(_is_of(each, source, spoken) or _is_run_by(claim, each, source, sources) for each in claim.subjects)
        ]
    for keep, objection in agreements(claim, cites):
        kept = [source for source in held if source.free or keep(claim, source, sources)]
        if not kept:
            return Support(objection=objection)
        held = kept
    missing = claim.formats - frozenset().union(*(formats_of(source) for source in held))
    if missing and is_operations(claim) and not any(source.free for source in held):
        return Support(objection=f"'{raw}' is not given for {' and '.join(sorted(missing)).upper()} in {cites}")
    return Support(tuple(held))


def _is_given(claim: Figure, source: Figure) -> bool:
    """Whether the quantities are the same, also where one of them has the time that it is given for in its words."""
    if equal(claim, source):
        return True
    rates = {claim.rate, source.rate}
    if rates <= {"", "s"} or ("/" in claim.quantity.unit) == ("/" in source.quantity.unit):
        return False  # GB/s is no amount of GB
    return equal(
        replace(claim, quantity=without_rate(claim.quantity)), replace(source, quantity=without_rate(source.quantity))
    )


def _relates_all(claim: Figure, source: Figure, spoken: Sequence[Subject]) -> bool:
    """Whether a ratio of a note is one of all products that the sentence sets in relation."""
    if claim.quantity.kind not in ("ratio", "percent") or not source.aside:
        return True
    known = source.companions.union(*source.subjects)
    return all(compatible(subject, known) for subject in spoken)


def name_of(subject: Subject) -> str:
    """A product as an objection names it."""
    return min(subject, key=len)


def _is_of(subject: Subject, source: Figure, spoken: Sequence[Subject]) -> bool:
    """Whether the figure is the product's, or that of another product of the sentence which the product went with."""
    if any(compatible(subject, other) for other in source.subjects) or (source.free and not source.subjects):
        return True
    if compatible(subject, source.lead):
        return True
    return compatible(subject, source.companions) and any(
        compatible(other, owner) for other in spoken for owner in source.subjects
    )


def _is_run_by(claim: Figure, subject: Subject, source: Figure, sources: Sequence[Figure]) -> bool:
    """Whether the figure is that of the sentence's first product, and its statement names the other one: a model."""
    return (
        bool(claim.lead)
        and claim.lead != subject
        and any(compatible(claim.lead, other) for other in source.subjects)
        and (
            compatible(subject, source.companions)
            or any(
                compatible(subject, owner)
                for other in sources
                if other.statement == source.statement
                for owner in other.subjects
            )
        )
    )


def _stands_in(claim: Figure, text: str) -> bool:
    raw = claim.quantity.raw
    if claim.quantity.kind == "ordinal":
        return occurs(raw, text) or (raw in NUMBER_WORD and occurs(NUMBER_WORD[raw], text))
    before = re.search(rf"([\w.+-]+)[ *_]+{re.escape(raw)}", claim.clause)
    if before is not None:
        return occurs(f"{before[1]} {raw}", text)
    return re.search(rf"(?<![\w.]){re.escape(raw)}(?![\w]|\.\d)", text) is not None
