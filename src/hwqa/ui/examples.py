"""Questions to begin with, made from what the documents hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


def suggest(assistant: Assistant) -> tuple[str, ...]:
    """Up to four questions that the documents answer: a figure, a comparison, a ranking, a judgement."""
    facts = [fact for fact in assistant.index.facts() if any(character.isdigit() for character in fact.value)]
    declared = {product for record in assistant.index.documents() for product in record.aliases}
    facts = [fact for fact in facts if fact.product in declared] or facts  # a plain Markdown file declares nothing
    homes: dict[str, str] = {}  # the document that says most about each product
    for (product, path), _ in Counter((fact.product, fact.path) for fact in facts).most_common():
        homes.setdefault(product, path)
    attributes = Counter(fact.attribute for fact in facts)
    common = [_within(attribute) for attribute, _ in attributes.most_common(2)]
    products = [product for product, _ in Counter(fact.product for fact in facts).most_common()]
    named: list[str] = []  # the best documented product of each document, best first
    for product in products:
        if homes[product] not in {homes[other] for other in named}:
            named.append(product)
    named += [product for product in products if product not in named]
    questions = []
    if named and common:
        questions.append(f"What is the {common[-1]} of the {named[0]}?")
    if len(named) > 1:
        questions.append(f"Compare the {named[0]} and the {named[1]}.")
    if common:
        questions.append(f"Which product has the highest {common[-1]}?")
    if named:
        questions.append(f"What speaks against the {named[min(2, len(named) - 1)]}?")
    return tuple(questions)


def _within(attribute: str) -> str:
    """An attribute as it stands within a sentence: an abbreviation keeps its capitals."""
    first, _, rest = attribute.partition(" ")
    return f"{first.lower() if first.istitle() else first} {rest}".strip()
