"""Products by their names → their comparison, with the source of each cell and what speaks for and against each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hwqa.comparison.like_for_like import Argument, ComparedRow, Comparison, like_for_like
from hwqa.errors import QuestionError
from hwqa.evidence import EvidenceList, cite, passage_statements
from hwqa.names import key
from hwqa.question import Query, Reader
from hwqa.retrieval import argument_sections
from hwqa.search import passage_of
from hwqa.selection.figures import stands_at_home

if TYPE_CHECKING:
    from hwqa.index import Index

_NEAREST = 3
_MOST_ARGUMENTS = 4


def compare_products(index: Index, reader: Reader, names: Sequence[str]) -> Comparison:
    """The products of these names side by side.

    Raises:
        QuestionError: Fewer than two products are named, or the documents do not know one of them.
    """
    products = tuple(dict.fromkeys(resolve(reader, name) for name in names))
    if len(products) < 2:
        raise QuestionError(f"a comparison needs two products, and {' and '.join(names)} is one: name another")
    evidence = EvidenceList()
    facts = index.facts(products=products)
    # What stands under the products' own headings says which attributes they have; other tables repeat them.
    home = {fact.attribute for fact in facts if stands_at_home(fact)}
    rows = like_for_like(products, facts, tuple(home))
    rows.sort(key=_rank_of_row)
    marks = {fact.id: _number(evidence.fact(fact)) for row in rows for cell in row.cells for fact in cell}
    arguments = {product: tuple(_arguments(index, reader, product, evidence)) for product in products}
    citations = tuple(cite(item, item.number) for item in evidence.items)
    return Comparison(products, tuple(rows), citations, marks, arguments)


def resolve(reader: Reader, name: str) -> str:
    """The product that goes by the name, whatever its spelling.

    Raises:
        QuestionError: The documents know no such product; the message names the nearest.
    """
    text = reader.mend(name)
    whole = [mention for mention in reader.mentions(text) if key(text[mention.start : mention.end]) == key(text)]
    found = list(dict.fromkeys(mention.product for mention in whole or reader.mentions(text)))
    if len(found) == 1 and (whole or not _further(reader, text)):
        return found[0]
    if len(found) > 1 and whole:
        raise QuestionError(f"{name!r} may be {' or '.join(found[:_NEAREST])}: name one of them")
    raise QuestionError(f"the documents hold no product {name!r}: the nearest are {_nearest(reader, text)}")


def _further(reader: Reader, text: str) -> bool:
    """Whether a text has a number beside the product that it names: then it names another one."""
    for mention in reader.mentions(text):
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return any(map(str.isdigit, text))


def _nearest(reader: Reader, text: str) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - costs 20 ms, needed for names that are not known only

    names = {name: product for product, others in reader.vocabulary.products.items() for name in others}
    found = process.extract(text, list(names), scorer=fuzz.WRatio, limit=4 * _NEAREST)
    return ", ".join(list(dict.fromkeys(names[name] for name, _, _ in found))[:_NEAREST])


def _rank_of_row(row: ComparedRow) -> bool:
    """Rows that set something side by side come first."""
    return sum(map(bool, row.cells)) < 2


def _arguments(index: Index, reader: Reader, product: str, evidence: EvidenceList) -> list[Argument]:
    """What the product's documents list for and against it: first what names it, then what is said of its family."""
    told = []
    for side in ("for", "against"):
        named, general = [], []
        query = Query(product, products=(product,), intent=side)
        for chunks in argument_sections(index, query):
            passage = passage_of(chunks, 1, {}, {})
            for statement in passage_statements(passage):
                if statement.kind != "sentence":
                    continue
                subjects = {mention.product for mention in reader.mentions(statement.text)}
                if product in subjects:
                    named.append((passage, statement))
                elif not subjects and statement.label:
                    general.append((passage, statement))
        for passage, statement in [*named, *general][:_MOST_ARGUMENTS]:
            number = _number(evidence.statement(passage, statement))
            told.append(Argument(side, " ".join(statement.text.split()), number))
    return told


def _number(mark: str) -> int:
    return int(mark.strip("[]"))
