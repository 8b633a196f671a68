"""What sentences say of features: `X runs on Y`, `Z is a Swiss maker`. As facts, each with the sentence as its source.

A feature of products that no table tells of may stand in the text. A sentence counts where its subject is the product,
or the page's family, and the feature is said of it; or where the feature is the subject and supports the product.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hwqa.names import NameFinder
from hwqa.schema import Chunk, Fact, Mention, Statement
from hwqa.statements import statements
from hwqa.units import find_quantities
from hwqa.words import WORD, content_words

if TYPE_CHECKING:
    from hwqa.selection.requirements import Feature

_SUBJECT = 45
"""Characters within which the subject of a sentence begins."""
_NEAR = 90
"""Characters between a subject and what is said of it."""
_EXCERPT = 60
_DENIED = re.compile(
    r"\b(?:no|not|without|lacks?|lacked|neither|nor|never|cannot|unlike|instead|rather than|than|against|versus|vs|"
    r"beyond|compared|substitute|rival|competitor|outside)\b",
    re.I,
)
"""Words that part a subject from what stands behind them."""
_UNSUPPORTED = re.compile(r"[^.;]{0,30}\b(?:not|no longer|un(?:supported|available)|missing|never)\b", re.I)
_SUPPORTS = re.compile(
    r"\b(?:is for|runs?|supports?|supported|works?|covers?|lists?|includes?|documents?|backends?|plug-?ins?|images?|"
    r"builds?|versions?|through)\b",
    re.I,
)
_CLAUSE = re.compile(r"[;:]\s|\.\s|,\s(?=while|where|but|whereas|although|unlike)")


def told_in_prose(
    features: Iterable[Feature],
    holding: Callable[[str], Sequence[Chunk]],
    mentions: Callable[[str], Sequence[Mention]],
    called: Mapping[str, Sequence[str]],
    homes: Mapping[str, Collection[str]],
) -> list[Fact]:
    """What sentences say of the features, as facts named after the features' terms.

    Args:
        features: What products must have or be.
        holding: Words → chunks of the documents that hold them.
        mentions: Finds the products that a text names.
        called: Path of a document → words of its title, vendor and folder: what its sentences may call its products.
        homes: Path of a document → the products that it describes.
    """
    return [
        fact
        for feature in features
        if not feature.attributes  # what goes by the name of an attribute is told by figures
        for chunk in holding(feature.term)
        for statement in statements(chunk.own_text, chunk.lines[0], context=chunk.context)
        if statement.kind == "sentence"
        for fact in _said(feature.term, chunk, statement, mentions, called, homes)
    ]


def _said(
    term: str,
    chunk: Chunk,
    statement: Statement,
    mentions: Callable[[str], Sequence[Mention]],
    called: Mapping[str, Sequence[str]],
    homes: Mapping[str, Collection[str]],
) -> Iterator[Fact]:
    text = statement.text
    span = _span(term, text)
    if span is None or _UNSUPPORTED.match(text, span[1]):
        return
    named = mentions(text)
    subjects = [mention for mention in named if mention.start < min(_SUBJECT, span[0])]
    if subjects:
        first = [mention.product for mention in subjects if mention.start == subjects[0].start]
        products = first if _joined(text[subjects[0].end : span[0]]) else []
    elif span[0] < _SUBJECT:
        # `The tool is for X and Y`: what it supports follows.
        products = [mention.product for mention in named if _supports(text[span[1] : mention.start])]
    else:
        products = []
    if not products and not subjects and _is_family(text[: span[0]], called.get(chunk.path, ())):
        products = sorted(homes.get(chunk.path, ()))
    for product in dict.fromkeys(products):
        yield _fact(term, product, chunk, statement, span)


def _span(term: str, text: str) -> tuple[int, int] | None:
    """Where the text has the term as it is written, or each of its words within one stretch; None where it has not."""
    found = NameFinder({term: (term,)})(text)
    if found:
        return found[0].start, found[0].end
    wanted = content_words(term)
    words = [match for match in WORD.finditer(text) if set(content_words(match.group())) & set(wanted)]
    held = {word for match in words for word in content_words(match.group())}
    if not wanted or not set(wanted) <= held:
        return None
    start, end = words[0].start(), words[-1].end()
    return (start, end) if end - start < _EXCERPT else None


def _joined(between: str) -> bool:
    """Whether nothing between a subject and the term parts them."""
    return len(between) < _NEAR and not _DENIED.search(between) and not _CLAUSE.search(between)


def _supports(between: str) -> bool:
    return bool(_SUPPORTS.search(between)) and not _DENIED.search(between) and not re.search(r"\.\s", between)


def _is_family(beginning: str, words: Sequence[str]) -> bool:
    """Whether a sentence of a page begins with what the page's family is called."""
    found = NameFinder({word: (word,) for word in words})(beginning)
    return bool(found) and found[0].start < _SUBJECT and _joined(beginning[found[0].end :])


def _fact(term: str, product: str, chunk: Chunk, statement: Statement, span: tuple[int, int]) -> Fact:
    digest = hashlib.sha256("\0".join((term, product, chunk.id, statement.quote)).encode()).hexdigest()[:24]
    return Fact(
        id=digest,
        product=product,
        attribute=term,
        value=_excerpt(statement.text, span),
        basis="",
        note="",
        path=chunk.path,
        heading_path=chunk.heading_path,
        anchor=chunk.anchor,
        lines=statement.lines,
        quote=statement.quote,
    )


def _excerpt(text: str, span: tuple[int, int]) -> str:
    """The words around the term, without figures, which would need their own words to be understood."""
    start = text.rfind(" ", 0, max(span[0] - _EXCERPT // 2, 0)) + 1
    end = text.find(" ", min(span[1] + _EXCERPT // 2, len(text)))
    excerpt = text[start : end if end > 0 else len(text)].strip(" ,;:.")
    if find_quantities(excerpt):
        excerpt = text[span[0] : span[1]]
    return f"“{excerpt}”"
