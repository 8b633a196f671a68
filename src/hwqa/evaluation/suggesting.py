"""Questions that documents answer, made from their facts and headings by templates; each is for a person to review."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from hwqa.arguments import argues
from hwqa.corpus import read_text, scan
from hwqa.errors import CorpusError
from hwqa.evaluation.fact_measures import normalise, whole_quantity
from hwqa.evaluation.golden import Case, Source
from hwqa.evaluation.golden_check import UNREVIEWED
from hwqa.evaluation.growing import Proposal, apart, name_of
from hwqa.facts import facts
from hwqa.markdown import read_document
from hwqa.schema import Document, Fact
from hwqa.selection.telling import lower

_SIDES = {"for": "What speaks for the {}?", "against": "What speaks against the {}?"}


def suggest(corpus: Path, known: Sequence[Case], most: int) -> list[Proposal]:
    """At most `most` proposals, none of a question that is known, spread over documents and kinds of question.

    Of a figure that a product has once: its value. Of an attribute that two products of a document have: both values.
    Of a section that lists what speaks for or against: that section is found. Products that known cases ask about least
    come first.

    Raises:
        CorpusError: There are no documents.
    """
    documents = telling_documents(corpus)
    asked = {normalise(case.question) for case in known}
    text = " ".join(sorted(asked))
    kinds = [list(_figures(documents, text)), list(_pairs(documents)), list(_sides(documents))]
    # one of each kind in turn
    mixed = [proposal for turn in zip_longest(*kinds) for proposal in turn if proposal is not None]
    fresh = {normalise(each.case.question): each for each in mixed if normalise(each.case.question) not in asked}
    return apart(list(fresh.values())[:most], [case.id for case in known])


def telling_documents(corpus: Path) -> list[Document]:
    """The documents that declare what they are about in their front matter, or all where none does: plain Markdown.

    Raises:
        CorpusError: There are no documents.
    """
    documents = []
    for file in scan(corpus):
        try:
            documents.append(read_document(file.path, read_text(corpus, file.path)))
        except CorpusError:
            continue  # `hwqa check` tells of files that cannot be read
    return [document for document in documents if document.aliases] or documents


def _figures(documents: Sequence[Document], asked: str) -> Iterator[Proposal]:
    """A figure that stands once, of each product one before any has a second."""
    of_product: dict[str, list[Fact]] = defaultdict(list)
    for document in documents:
        found = [fact for fact in facts(document) if _is_figure(fact)]
        often = Counter((fact.product, fact.attribute) for fact in found)
        for fact in found:
            if often[fact.product, fact.attribute] == 1:
                of_product[fact.product].append(fact)
    rare = sorted(of_product, key=lambda product: asked.count(normalise(product)))
    for turn in zip_longest(*(of_product[product] for product in rare)):
        for fact in turn:
            if fact is not None:
                question = f"What is the {lower(fact.attribute)} of the {fact.product}?"
                yield _proposal(question, "lookup", (fact,))


def _pairs(documents: Sequence[Document]) -> Iterator[Proposal]:
    """An attribute of two products of one document that differ in it."""
    found = []
    for document in documents:
        of_attribute: dict[str, dict[str, Fact]] = defaultdict(dict)
        often = Counter((fact.product, fact.attribute) for fact in facts(document))
        for fact in facts(document):
            if _is_figure(fact) and often[fact.product, fact.attribute] == 1:
                of_attribute[fact.attribute][fact.product] = fact
        pairs = []
        for attribute, held in of_attribute.items():
            one, *others = held.values()
            other = next((each for each in others if each.value != one.value), None)
            if other is not None:
                question = f"Which has the higher {lower(attribute)}, the {one.product} or the {other.product}?"
                pairs.append(_proposal(question, "comparison", (one, other)))
        found.append(pairs)
    for turn in zip_longest(*found):
        yield from (proposal for proposal in turn if proposal is not None)


def _sides(documents: Sequence[Document]) -> Iterator[Proposal]:
    """The sections that list arguments, asked for by what the document is about."""
    for document in documents:
        for side, question in _SIDES.items():
            paths = [each.heading_path for each in document.sections if argues(each.heading_path, side)]
            if paths:
                case = Case(
                    id=name_of(question.format(document.title)),
                    question=question.format(document.title),
                    answerable=True,
                    category="pros-cons",
                    sources=(tuple(Source(document.path, path) for path in paths),),
                    tags=(UNREVIEWED,),
                )
                yield Proposal(case, f"{document.path}: say which arguments the answer must give")


def _is_figure(fact: Fact) -> bool:
    """Whether the fact is a number in a table: what a labelled sentence says is no short answer."""
    return fact.quote.lstrip(" >").startswith("|") and whole_quantity(fact.value) is not None


def _proposal(question: str, category: str, held: Sequence[Fact]) -> Proposal:
    case = Case(
        id=name_of(question),
        question=question,
        answerable=True,
        category=category,
        facts=tuple((fact.value,) for fact in held),
        sources=tuple((Source(fact.path, fact.heading_path),) for fact in held),
        tags=(UNREVIEWED,),
    )
    return Proposal(case, "; ".join(f"{fact.path}:{fact.lines[0]}" for fact in held))
