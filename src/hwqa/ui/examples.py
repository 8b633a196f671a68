"""Questions to begin with, made from what the documents hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwqa.assistant import Assistant


def suggest(assistant: Assistant) -> tuple[str, ...]:
    """Up to four questions that the documents answer: a figure, a comparison, a ranking, an opinion."""
    facts = assistant.index.facts()
    attributes = Counter(fact.attribute for fact in facts if any(character.isdigit() for character in fact.value))
    products = Counter(fact.product for fact in facts)
    homes = {fact.product: fact.path for fact in facts}
    named: list[str] = []  # the best documented product of each document, best first
    for product, _ in products.most_common():
        if homes[product] not in {homes[other] for other in named}:
            named.append(product)
    questions = []
    if named and attributes:
        attribute = attributes.most_common(1)[0][0]
        questions.append(f"What is the {_lower(attribute)} of the {named[0]}?")
        if len(named) > 1:
            questions.append(f"Compare the {named[0]} and the {named[1]}.")
        questions.append(f"Which product has the highest {_lower(attribute)}?")
    titles = [record.title for record in assistant.index.documents() if record.title]
    if titles:
        questions.append(f"What speaks against {titles[len(titles) // 2]}?")
    return tuple(questions)


def _lower(attribute: str) -> str:
    """An attribute within a sentence: its first word in lower case unless it is an abbreviation."""
    first, _, rest = attribute.partition(" ")
    return f"{first.lower() if first.istitle() else first} {rest}".strip()
