"""What an answer may cite: numbered quotes from facts and passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwqa.schema import Citation, Evidence, Fact, Passage, Statement
from hwqa.statements import statements
from hwqa.units import find_quantities, same
from hwqa.words import content_words

_MODEL_FACTS = 12
_MODEL_PASSAGES = 5
"""Facts and passages shown to a chat model: small models read a hundred tokens a second, and lose the thread."""


class EvidenceList:
    """Numbers what is cited: the same lines and quote always have the same number."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, tuple[int, int], str, tuple[str, ...]], Evidence] = {}

    @property
    def items(self) -> tuple[Evidence, ...]:
        """The evidence in the order of its numbers."""
        return tuple(self._items.values())

    def fact(self, fact: Fact) -> str:
        """The mark that cites a fact."""
        return self._mark(_from_fact(fact))

    def calculation(self, text: str, facts: Sequence[Fact]) -> str:
        """The mark that cites what a calculator derived from the facts, as it says it."""
        inputs = tuple(map(_from_fact, facts))
        first = inputs[0] if inputs else Evidence(0, "", (), "", (0, 0), "", "")
        return self._mark(replace(first, text=text, kind="calculation", inputs=inputs))

    def statement(self, passage: Passage, statement: Statement) -> str:
        """The mark that cites a statement of a passage."""
        return self._mark(_from_statement(passage, statement))

    def passage(self, passage: Passage) -> str:
        """The mark that cites a whole passage."""
        return self._mark(
            Evidence(
                number=0,
                path=passage.path,
                heading_path=passage.heading_path,
                anchor=passage.anchor,
                lines=passage.lines,
                quote=passage.own_text,
                text=passage.text,
            )
        )

    def _mark(self, evidence: Evidence) -> str:
        # a row that a table has for a family is said of each of its products
        derived = (evidence.text, *(item.quote for item in evidence.inputs)) if evidence.kind != "passage" else ()
        key = (evidence.path, evidence.lines, evidence.quote, derived)
        if key not in self._items:
            self._items[key] = replace(evidence, number=len(self._items) + 1)
        return f"[{self._items[key].number}]"


def _from_fact(fact: Fact) -> Evidence:
    return Evidence(
        number=0,
        path=fact.path,
        heading_path=fact.heading_path,
        anchor=fact.anchor,
        lines=fact.lines,
        quote=fact.quote,
        text=fact_text(fact),
        kind="fact",
    )


def fact_text(fact: Fact) -> str:
    """A fact as one line of plain text: product, attribute, value and what qualifies them."""
    parts = [f"{fact.product}; {fact.attribute}: {fact.value}"]
    if fact.basis:
        parts.append(f"basis: {fact.basis}")
    if fact.note:
        parts.append(f"note: {fact.note}")
    return "; ".join(parts)


def passage_statements(passage: Passage) -> tuple[Statement, ...]:
    """The statements of a passage, with the lines at which the file has them."""
    return statements(passage.own_text, passage.lines[0], context=passage.context)


def shown_to_model(
    composed: Sequence[Evidence], facts: Sequence[Fact], passages: Sequence[Passage]
) -> tuple[Evidence, ...]:
    """What a chat model may cite: the composed answer's evidence, then facts and passages; numbered from 1."""
    listed = EvidenceList()
    for fact in facts[:_MODEL_FACTS]:
        listed.fact(fact)
    for passage in passages[:_MODEL_PASSAGES]:
        listed.passage(passage)
    known = {(item.path, item.lines) for item in listed.items}
    own = [item for item in composed if item.kind == "calculation" or (item.path, item.lines) not in known]
    return tuple(replace(item, number=number) for number, item in enumerate([*own, *listed.items], start=1))


def narrow(sentence: str, evidence: Evidence) -> Evidence:
    """The part of the evidence that carries the sentence: the statement that holds most of its figures and words.

    Evidence that is a single statement or fact is returned as it is.
    """
    if evidence.kind != "passage":
        return evidence
    context = evidence.text.removesuffix(evidence.quote).rstrip("\n") if evidence.text != evidence.quote else ""
    parts = statements(evidence.quote, evidence.lines[0], context=context)
    if len(parts) < 2:
        return evidence
    claimed = find_quantities(sentence)
    words = set(content_words(sentence))

    def support(statement: Statement) -> tuple[int, float]:
        held = find_quantities(statement.text)
        figures = sum(any(same(quantity, other) for other in held) for quantity in claimed)
        own = set(content_words(statement.text))
        return figures, len(words & own) / (1 + len(own) ** 0.5)

    best = max(parts, key=support)
    figures, _ = support(best)
    if figures < sum(any(same(quantity, other) for other in find_quantities(evidence.text)) for quantity in claimed):
        return _span(sentence, evidence, parts)
    return replace(evidence, lines=best.lines, quote=best.quote, text=best.text)


def _span(sentence: str, evidence: Evidence, parts: Sequence[Statement]) -> Evidence:
    """The shortest run of statements that holds every figure of the sentence that the evidence holds."""
    claimed = [
        quantity
        for quantity in find_quantities(sentence)
        if any(same(quantity, other) for other in find_quantities(evidence.text))
    ]
    held = [find_quantities(part.text) for part in parts]

    def covers(first: int, last: int) -> bool:
        run = [other for quantities in held[first : last + 1] for other in quantities]
        return all(any(same(quantity, other) for other in run) for quantity in claimed)

    runs = [
        (last - first, first, last)
        for first in range(len(parts))
        for last in range(first, len(parts))
        if covers(first, last)
    ]
    if not runs:
        return evidence
    _, first, last = min(runs)
    lines = (parts[first].lines[0], parts[last].lines[1])
    quoted = evidence.quote.split("\n")[lines[0] - evidence.lines[0] : lines[1] - evidence.lines[0] + 1]
    return replace(
        evidence, lines=lines, quote="\n".join(quoted), text="\n".join(part.text for part in parts[first : last + 1])
    )


def cite(evidence: Evidence, number: int) -> Citation:
    """The evidence as a citation of an answer."""
    return Citation(
        number=number,
        path=evidence.path,
        heading_path=evidence.heading_path,
        anchor=evidence.anchor,
        lines=evidence.lines,
        quote=evidence.quote,
    )


def _from_statement(passage: Passage, statement: Statement) -> Evidence:
    return Evidence(
        number=0,
        path=passage.path,
        heading_path=passage.heading_path,
        anchor=passage.anchor,
        lines=statement.lines,
        quote=statement.quote,
        text=statement.text,
    )
