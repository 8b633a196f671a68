"""Variants of hwqa's retrieval with one thing changed: another parser, another search, or other parts of BM25."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.retrieval.spans import Span
from benchmarks.retrieval.systems import ours

from hwqa import lexical
from hwqa.assistant import Assistant
from hwqa.atoms import embedding_of
from hwqa.chunking import chunk_document, embedding_text
from hwqa.config import Settings
from hwqa.embedding import Embedder
from hwqa.index import Index, Parser, default_parser
from hwqa.markdown import plain_text
from hwqa.retrieval import retrieve
from hwqa.schema import Chunk, Document, Passage
from hwqa.search import CANDIDATES, WEIGHTS, Scored, passage_of
from hwqa.search import search as passages
from hwqa.sentences import sentence_spans
from hwqa.words import STOP_WORDS

BASE = "hwqa"

Change = Callable[[Parser, Embedder], Parser]


@dataclass(frozen=True, slots=True)
class Variant:
    """hwqa with one thing changed."""

    what: str
    parser: Change | None = None
    search: ours.Search | None = None
    parts: Mapping[str, object] | None = None
    """What takes the place of parts of hwqa, by their dotted names, when documents are indexed and questions asked."""


# --- other chunks, and other readings of them ---------------------------------------------------------------------


def budget(tokens: int) -> Change:
    """Chunks of at most so many tokens."""

    def changed(parser: Parser, embedder: Embedder) -> Parser:
        return replace(parser, chunk=_cutting(embedder, tokens), version=f"{parser.version} budget {tokens}")

    return changed


def reading(read: Callable[[Chunk], str]) -> Change:
    """The same chunks, of which the embedder and BM25 read something else."""

    def changed(parser: Parser, _embedder: Embedder) -> Parser:
        return replace(parser, chunk_text=read, version=f"{parser.version} {read.__name__}")

    return changed


def text_only(chunk: Chunk) -> str:
    """Neither title nor trail."""
    return plain_text(chunk.text)


def trail_and_text(chunk: Chunk) -> str:
    """The trail, without the document's title where the trail does not hold it."""
    return embedding_of(chunk.trail, chunk.text)


def rows_as_sentences(chunk: Chunk) -> str:
    """Table rows as `first cell: header cell; header cell.`"""
    lines: list[str] = []
    header: list[str] | None = None
    source = chunk.text.split("\n")
    for number, line in enumerate(source):
        following = source[number + 1] if number + 1 < len(source) else ""
        if _DELIMITER.fullmatch(following) and "|" in line:
            header = _cells(line)
        elif _DELIMITER.fullmatch(line) and header:
            continue
        elif header and "|" in line:
            first, *rest = _cells(line) or [""]
            said = "; ".join(f"{name} {cell}".strip() for name, cell in zip(header[1:], rest, strict=False) if cell)
            lines.append(f"{first}: {said}.")
        else:
            header = None
            lines.append(line)
    return embedding_text(replace(chunk, text="\n\n".join(lines), context=""))


_DELIMITER = re.compile(r"[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip(">").strip().strip("|"))]


def neighbours_read(own: int, before: int, after: int) -> Change:
    """Chunks of `own` tokens, of which the embedder reads up to so many tokens of the same section around them, too.

    Whole sentences are taken: the last of what stands before, the first of what stands behind.
    """

    def changed(parser: Parser, embedder: Embedder) -> Parser:
        cut = _cutting(embedder, own)
        around: dict[str, tuple[str, str]] = {}

        def chunk(document: Document) -> list[Chunk]:
            found = cut(document)
            for place, each in enumerate(found):
                left = found[place - 1] if place and found[place - 1].section == each.section else None
                right = (
                    found[place + 1] if place + 1 < len(found) and found[place + 1].section == each.section else None
                )
                around[each.id] = (
                    _sentences_within(left.own_text, before, embedder, last=True) if left else "",
                    _sentences_within(right.own_text, after, embedder, last=False) if right else "",
                )
            return found

        def read(each: Chunk) -> str:
            left, right = around[each.id]
            return embedding_text(replace(each, text="\n\n".join(part for part in (left, each.text, right) if part)))

        return replace(parser, chunk=chunk, chunk_text=read, version=f"{parser.version} {own} {before} {after}")

    return changed


def _sentences_within(text: str, tokens: int, embedder: Embedder, *, last: bool) -> str:
    """As many of the last (or first) sentences as have so many tokens; the words at that end where not one has."""
    if not tokens:
        return ""
    spans = sentence_spans(text)
    taken = ""
    for count in range(1, len(spans) + 1):
        part = text[spans[-count][0] :] if last else text[: spans[count - 1][1]]
        if embedder.count_tokens(plain_text(part)) - 2 > tokens:
            break
        taken = part
    if not taken:
        words = text.split()
        kept = words[-tokens // 2 :] if last else words[: tokens // 2]  # a word has about two tokens here
        taken = " ".join(kept)
    return taken


def _cutting(embedder: Embedder, tokens: int) -> Callable[[Document], list[Chunk]]:
    def cut(document: Document) -> list[Chunk]:
        return chunk_document(document, count_tokens=embedder.count_tokens, budget=tokens)

    return cut


# --- other searches -----------------------------------------------------------------------------------------------


def widened(least: int) -> ours.Search:
    """A passage with fewer characters takes in the chunks around it, whatever their section, until it has as many."""

    @cache
    def in_order(index: Index) -> dict[str, list[Chunk]]:
        by_path: dict[str, list[Chunk]] = {}
        for chunk in index.all_chunks():
            by_path.setdefault(chunk.path, []).append(chunk)
        return by_path

    def search(assistant: Assistant, question: str, depth: int) -> list[Passage]:
        by_path = in_order(assistant.index)

        def wider(passage: Passage) -> list[Chunk]:
            taken = assistant.index.chunks(passage.chunk_ids)
            while sum(len(chunk.text) for chunk in taken) < least:
                after, before = taken[-1].ordinal + 1, taken[0].ordinal - 1
                if after < len(by_path[passage.path]):
                    taken.append(by_path[passage.path][after])
                elif before >= 0:
                    taken.insert(0, by_path[passage.path][before])
                else:
                    break
            return taken

        return _replaced(assistant.search(question, limit=depth), wider)

    return search


def _as_joined(_index: Index, groups: Sequence[list[Chunk]]) -> list[list[Chunk]]:
    return list(groups)


def _replaced(passages: Sequence[Passage], chunks_of: Callable[[Passage], list[Chunk]]) -> list[Passage]:
    """The passages made of other chunks; one that an earlier one holds is left out."""
    shown: set[str] = set()
    result: list[Passage] = []
    for passage in passages:
        chunks = chunks_of(passage)
        names = {chunk.id for chunk in chunks}
        if not names <= shown:
            shown |= names
            result.append(passage_of(chunks, len(result) + 1, {}, {}))
    return result


def unexpanded(assistant: Assistant, question: str, depth: int) -> list[Passage]:
    """Abbreviations that the documents define are not searched for in their other form."""
    query = replace(assistant.reader.read(question), expanded="")
    found = retrieve(assistant.index, query, assistant._embedder.encode_query(query.text))
    return passages(assistant.index, found.scored, query, depth)


def ranks_fused(*, named: bool) -> ours.Search:
    """Reciprocal ranks of both searches; with `named`, products, facts, arguments and topics count as in hwqa.

    A sum of reciprocal ranks lies between 0 and 2/61; it is stretched to the span of hwqa's scores without the rest.
    """

    def search(assistant: Assistant, question: str, depth: int) -> list[Passage]:
        index = assistant.index
        query = assistant.reader.read(question)
        vector = assistant._embedder.encode_query(query.text)
        ranked: dict[str, float] = {}
        unit = 2 / (ours.RANK_CONSTANT + 1) / (1 + WEIGHTS.lexical)
        for ranking in (index.dense(vector, CANDIDATES), index.lexical(query.expanded or query.text, CANDIDATES)):
            for rank, (chunk, _) in enumerate(ranking, start=1):
                ranked[chunk.id] = ranked.get(chunk.id, 0.0) + 1 / (ours.RANK_CONSTANT + rank)
        if named:
            weights = replace(WEIGHTS, lexical=0)
            found = retrieve(index, query, vector, weights).scored
            for name, score in found.scores.items():
                bonus = score - found.similarity.get(name, 0.0)
                ranked[name] = ranked.get(name, 0.0) + bonus * unit
        best = index.chunks(sorted(ranked, key=lambda name: -ranked[name])[: 2 * CANDIDATES])
        stretched = {chunk.id: ranked[chunk.id] / unit for chunk in best}
        fused = Scored({chunk.id: chunk for chunk in best}, stretched, {}, ())
        return passages(index, fused, query, depth)

    return search


# --- other words --------------------------------------------------------------------------------------------------


def _unstemmed(word: str) -> str:
    """The word without thousands separators and possessive."""
    return word.replace(",", "") if word[0].isdigit() else re.sub(r"['’]s$", "", word)


@contextlib.contextmanager
def parts_of(variant: Variant) -> Iterator[None]:
    """Meanwhile hwqa has the variant's parts."""
    with contextlib.ExitStack() as stack:
        for name, value in (variant.parts or {}).items():
            stack.enter_context(patch(name, value))
        lexical._expand.cache_clear()
        yield
    lexical._expand.cache_clear()


VARIANTS = {
    BASE: Variant("hwqa as it answers questions"),
    "budget 96": Variant("chunks of at most 96 tokens instead of 192", budget(96)),
    "budget 128": Variant("of at most 128 tokens", budget(128)),
    "budget 256": Variant("of at most 256 tokens, all that the embedder reads", budget(256)),
    "overlap": Variant(
        "208 tokens, and the embedder reads the end of the chunk before, at most 48 tokens of it",
        neighbours_read(208, 48, 0),
    ),
    "neighbours read": Variant(
        "128 tokens, and the embedder reads 64 tokens before and 64 behind them, too", neighbours_read(128, 64, 64)
    ),
    "text only": Variant("the embedder and BM25 read neither title nor trail", reading(text_only)),
    "trail and text": Variant("they read no title that the trail does not hold", reading(trail_and_text)),
    "rows as sentences": Variant(
        "they read table rows as `cell: header cell; header cell.`", reading(rows_as_sentences)
    ),
    "no joining": Variant("neighbours are not joined", search=ours.VARIANTS["chunks"]),
    "no growing": Variant(
        "neighbours are joined, but no passage grows to its section or its lines",
        parts={"hwqa.search.grown": _as_joined},
    ),
    "up to 4,000": Variant(
        "neighbours and sections are shown up to 4,000 characters", parts={"hwqa.search._JOINED": 4_000}
    ),
    "sections repeat": Variant(
        "what stands in a section that is shown counts as much", parts={"hwqa.search._REPEATED": 0}
    ),
    "repeated 0.02": Variant("counts 0.02 less, not 0.03", parts={"hwqa.search._REPEATED": 0.02}),
    "repeated 0.05": Variant("0.05 less", parts={"hwqa.search._REPEATED": 0.05}),
    "repeated 0.1": Variant("0.1 less", parts={"hwqa.search._REPEATED": 0.1}),
    "widened to 600": Variant("passages under 600 characters take in what stands around them", search=widened(600)),
    "ranks fused": Variant("reciprocal ranks instead of scores", search=ranks_fused(named=True)),
    "ranks fused, no names": Variant("likewise, blind to products, facts and topics", search=ranks_fused(named=False)),
    "no names": Variant("scores, blind to products, facts, arguments and topics", search=ours.VARIANTS["no-names"]),
    "no stems": Variant(
        "BM25 on words as they are written",
        parts={"hwqa.lexical._level": _unstemmed, "hwqa.lexical._STOP_TOKENS": frozenset(map(_unstemmed, STOP_WORDS))},
    ),
    "function words": Variant(
        "BM25 with the question's function words", parts={"hwqa.lexical._STOP_TOKENS": frozenset()}
    ),
    "no abbreviations": Variant("abbreviations are searched for as they are asked", search=unexpanded),
    "no lexical": Variant("without BM25", search=ours.VARIANTS["no-lexical"]),
    "lexical 0.2": Variant("a weight of words of 0.2 instead of 0.4", search=ours.VARIANTS["lexical-20"]),
    "lexical 0.6": Variant("of 0.6", search=ours.VARIANTS["lexical-60"]),
    "any match": Variant("the best match of words counts in full, however poor", search=ours.VARIANTS["any-match"]),
    "no scope": Variant("blind to headings and documents that are named", search=ours.VARIANTS["no-scope"]),
    "no facts": Variant("blind to the facts that are asked for", search=ours.VARIANTS["no-facts"]),
    "no arguments": Variant("blind to lists of arguments", search=ours.VARIANTS["no-arguments"]),
}


def search_with(variant: Variant, folder: Path, asked: Sequence[str], depth: int) -> list[list[Span]]:
    """What the variant finds for each question."""
    search = variant.search or ours.VARIANTS[""]
    if variant.parser is None and not variant.parts:
        return ours.spans_of(ours.open_assistant(folder), folder, asked, depth, search)
    embedder = ours.remembering_embedder()
    parser = default_parser(embedder)
    if variant.parser:
        parser = variant.parser(parser, embedder)
    with parts_of(variant), TemporaryDirectory() as place:
        index = Index.open(place, embedder, parser=parser)
        index.sync(folder)
        assistant = Assistant(index, embedder, Settings.load(corpus=folder, index=place))
        return ours.spans_of(assistant, folder, asked, depth, search)
