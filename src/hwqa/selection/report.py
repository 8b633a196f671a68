"""A choice of products with the sources of its figures, as a report and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwqa.evidence import EvidenceList, cite
from hwqa.schema import Citation, Fact, Status
from hwqa.selection.chosen import Change, Considered, Selection, Verdict
from hwqa.selection.ratios import Quotient

MOST_DROPPED = 12


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """What was chosen, and the source of each figure in it."""

    selection: Selection
    citations: tuple[Citation, ...]
    marks: Mapping[str, int]
    """Id of a fact → the number of its citation."""

    @property
    def status(self) -> Status:
        """`clarify` where a wish that was not made would change the first; the likely answer is given all the same."""
        if not self.selection.candidates:
            return "not_in_docs"
        return "clarify" if self.selection.question else "partial" if self.selection.unclear else "answered"

    def to_json(self) -> dict[str, Any]:
        """The choice as `select --json` prints it."""
        chosen = self.selection
        wish = chosen.requirements
        return {
            "constraints": wish.text,
            "status": self.status,
            "ranked_by": wish.ranked,
            "direction": wish.direction if wish.ranked else "",
            "ratio": wish.ratio.name if wish.ratio else "",
            "assumed": chosen.assumed,
            "question": chosen.question,
            "not_understood": list(chosen.unclear),
            "candidates": [self._product(each) for each in chosen.candidates],
            "dropped": [self._product(each) for each in chosen.dropped],
            "sensitivity": [self._change(change) for change in chosen.changes],
            "other_basis": [self._fact(fact) for fact in chosen.other_basis],
            "citations": [citation.to_json() for citation in self.citations],
        }

    def _product(self, each: Considered) -> dict[str, Any]:
        return {
            "product": each.product,
            "ranked": self._fact(each.ranked),
            "quotient": self._quotient(each.quotient),
            "status": each.standing.state,
            "requirements": [self._verdict(verdict) for verdict in each.verdicts],
        }

    def _quotient(self, quotient: Quotient | None) -> dict[str, Any] | None:
        if quotient is None:
            return None
        citations = [self.marks[fact.id] for fact in quotient.facts]
        return {"text": quotient.text, "numbers": quotient.reckoned, "citations": citations}

    def _verdict(self, verdict: Verdict) -> dict[str, Any]:
        citation = self.marks.get(verdict.fact.id) if verdict.fact else None
        return {
            "requirement": verdict.requirement,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "citation": citation,
        }

    def _change(self, change: Change) -> dict[str, Any]:
        effect = "first" if change.first else "joins"
        return {"text": change.text, "product": change.product, "effect": effect, **self._verdict(change.verdict)}

    def _fact(self, fact: Fact | None) -> dict[str, Any] | None:
        if fact is None:
            return None
        return {
            "product": fact.product,
            "attribute": fact.attribute,
            "value": fact.value,
            "basis": fact.basis,
            "note": fact.note,
            "citation": self.marks[fact.id],
        }

    def to_text(self) -> str:
        """The choice as a person reads it: candidates in order, what would change it, and why the others are out."""
        chosen = self.selection
        wish = chosen.requirements
        lines = []
        if wish.ranked:
            ends = "greatest" if wish.direction == "most" else "least"
            lines.append(f"By {wish.ratio.name if wish.ratio else wish.ranked}, {ends} first:")
        elif chosen.candidates:
            lines.append(f"In the likely order, {chosen.assumed}:" if chosen.assumed else "In the documents' order:")
        for place, each in enumerate(chosen.candidates, start=1):
            figure = f" {each.ranked.value}{self._mark(each.ranked)}" if each.ranked else ""
            if each.quotient is not None:
                marks = "".join(self._mark(fact) for fact in each.quotient.facts)
                figure = f" {each.quotient.text} ({each.quotient.reckoned}){marks}"
            figure += f" ({each.ranked.basis})" if each.ranked and each.ranked.basis else ""
            reasons = "; ".join(f"{verdict.reason}{self._mark(verdict.fact)}" for verdict in each.verdicts)
            state = f" — {each.standing.state}" if each.standing.state in ("announced", "internal", "withdrawn") else ""
            lines.append(f"{place}. {each.product}:{figure}{state}" + (f" | {reasons}" if reasons else ""))
        if not chosen.candidates:
            lines = ["No product in the documents meets all of the conditions."]
        if chosen.changes:
            lines += ["", "What would change it:"]
            lines += [f"- {change.text}{self._mark(change.verdict.fact)}" for change in chosen.changes]
        lines += self._dropped()
        for fact in chosen.other_basis:
            lines.append(
                f"- {fact.product}: {fact.attribute} on another basis, {fact.value} ({fact.basis}){self._mark(fact)}"
            )
        if chosen.unclear:
            lines += ["", f"Not understood, and left out: {', '.join(chosen.unclear)}."]
        if chosen.question:
            lines += ["", chosen.question]
        return "\n".join(lines)

    def _dropped(self) -> list[str]:
        dropped = self.selection.dropped
        lines = ["", "Left out:"] if dropped else []
        for each in dropped[:MOST_DROPPED]:
            reasons = "; ".join(
                f"{verdict.requirement}: {verdict.reason}{self._mark(verdict.fact)}" for verdict in each.failed
            )
            lines.append(f"- {each.product}: {reasons}")
        if len(dropped) > MOST_DROPPED:
            lines.append(f"- and {len(dropped) - MOST_DROPPED} more, which miss as much or more; --json lists them all")
        return lines

    def _mark(self, fact: Fact | None) -> str:
        return f" [{self.marks[fact.id]}]" if fact is not None and fact.id in self.marks else ""


def report(selection: Selection) -> SelectionReport:
    """The choice with its sources numbered: the candidates' first, then those of what would change it."""
    evidence = EvidenceList()
    facts: list[Fact | None] = []
    for each in selection.candidates:
        facts += [each.ranked, *(each.quotient.facts if each.quotient else ())]
        facts += [verdict.fact for verdict in each.verdicts]
    facts += [change.verdict.fact for change in selection.changes]
    for each in selection.dropped:
        facts += [each.ranked, *(verdict.fact for verdict in each.verdicts)]
    facts += selection.other_basis
    marks = {fact.id: int(evidence.fact(fact).strip("[]")) for fact in facts if fact is not None}
    return SelectionReport(selection, tuple(cite(item, item.number) for item in evidence.items), marks)
