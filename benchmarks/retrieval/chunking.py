"""Chunks beside those of common splitters, measured as in Chroma's technical report on chunking.

    python -m benchmarks.retrieval.chunking --fetch [--clones DIR]     # its corpora and questions, into .data/
    python -m benchmarks.retrieval.chunking                            # all rows
    python -m benchmarks.retrieval.chunking --row hwqa --corpora
    python -m benchmarks.retrieval.chunking --write                    # into docs/benchmarks/chunking.md

The report: Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma, July 2024,
https://research.trychroma.com/evaluating-chunking. 472 questions over five corpora that are searched as one; the five
best chunks of each question are compared, by characters, with the excerpts that answer it (`excerpts.py`).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.retrieval import report
from benchmarks.retrieval.corpora import DATA, ROOT, Corpus
from benchmarks.retrieval.excerpts import Range, precision_omega, scores
from benchmarks.retrieval.fetch import _git
from benchmarks.retrieval.spans import Locator, Span, locate
from benchmarks.retrieval.systems import ours
from benchmarks.retrieval.variants import VARIANTS, Change, Variant, search_with
from rich.console import Console

from hwqa.embedding import Embedder
from hwqa.evaluation.statistics import Estimate, estimate
from hwqa.index import default_parser

PAGE = ROOT / "docs" / "benchmarks" / "chunking.md"
TAKEN = 5
"""Chunks that are retrieved for a question."""
MEASURES = ("recall", "precision", "iou", "precision omega")
_PLACE = "chunking_evaluation/evaluation_framework/general_evaluation_data"
CORPUS = Corpus(
    "chunking-evaluation",
    "tune",
    "MIT",
    {
        "git": "brandonstarxel/chunking_evaluation",
        "commit": "d451fc4",
        "folders": [f"{_PLACE}/corpora", f"{_PLACE}/questions_df.csv"],
    },
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the report."""

    text: str
    path: str
    """The file that answers it."""
    excerpts: tuple[Range, ...]
    """What answers it, word by word."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a row of the table rests on."""

    chunks: Sequence[Span]
    """All that could be retrieved; empty when the search joins them as it goes."""
    retrieved: Sequence[Sequence[Span]]
    """For each question, best first."""


def fetch(clones: Path | None) -> None:
    """The corpora and questions lie in their folder, and nothing else does."""
    if CORPUS.folder.exists():
        shutil.rmtree(CORPUS.folder)
    CORPUS.folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(_git(CORPUS.source, clones))) as tar:
        for member in tar:
            if content := tar.extractfile(member):
                (CORPUS.folder / Path(member.name).name).write_bytes(content.read())


def questions(documents: Mapping[str, str]) -> list[Asked]:
    """The report's questions, each excerpt checked against its document.

    Raises:
        SystemExit: They have not been fetched, or an excerpt does not stand where it should.
    """
    file = CORPUS.folder / "questions_df.csv"
    if not file.exists():
        raise SystemExit(f"{file} does not exist: run `python -m benchmarks.retrieval.chunking --fetch` first")
    asked = []
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            path = f"{row['corpus_id']}.md"
            references = json.loads(row["references"])
            for each in references:
                if documents[path][each["start_index"] : each["end_index"]] != each["content"]:
                    raise SystemExit(f"{path}: {each['content'][:60]!r} does not stand at {each['start_index']}")
            excerpts = tuple((each["start_index"], each["end_index"]) for each in references)
            asked.append(Asked(row["question"], path, excerpts))
    return asked


# --- rows ---------------------------------------------------------------------------------------------------------

Splitter = Callable[[str, str, Embedder], list[tuple[Span, str]]]
"""Path, text and embedder → chunks in order, each with what the embedder reads of it."""


def hwqa_chunks(change: Change | None = None) -> Splitter:
    """hwqa's chunks, or those of a changed parser."""

    def split(path: str, text: str, embedder: Embedder) -> list[tuple[Span, str]]:
        parser = default_parser(embedder)
        if change:
            parser = change(parser, embedder)
        locator = Locator(text)
        starts = ours._line_starts(text)
        found = []
        for chunk in parser.chunk(parser.read(path, text)):
            place = locator.find(chunk.own_text, starts[chunk.lines[0] - 1])
            if place is None:
                raise SystemExit(f"{path}: the chunk of lines {chunk.lines} does not stand there")
            found.append((Span(path, *place, len(chunk.text)), parser.chunk_text(chunk)))
        return found

    return split


def tokens(size: int, overlap: int) -> Splitter:
    """Runs of tokens, wherever they end: LangChain's TokenTextSplitter."""

    def split(path: str, text: str, _embedder: Embedder) -> list[tuple[Span, str]]:
        from langchain_text_splitters import TokenTextSplitter  # noqa: PLC0415 - seconds

        splitter = TokenTextSplitter(encoding_name=_vocabulary(), chunk_size=size, chunk_overlap=overlap)
        return _located(path, text, splitter.split_text(text))

    return split


def recursive(size: int, overlap: int) -> Splitter:
    """LangChain's RecursiveCharacterTextSplitter with the separators that the report recommends, counting tokens."""

    def split(path: str, text: str, _embedder: Embedder) -> list[tuple[Span, str]]:
        from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415 - seconds

        splitter = RecursiveCharacterTextSplitter.from_tiktoken_encoder(
            _vocabulary(),
            chunk_size=size,
            chunk_overlap=overlap,
            separators=["\n\n", "\n", ".", "?", "!", " ", ""],
            disallowed_special=(),
        )
        return _located(path, text, splitter.split_text(text))

    return split


def _located(path: str, text: str, pieces: Iterable[str]) -> list[tuple[Span, str]]:
    # a token can end within a character, of which a replacement character is left
    pieces = [clean for piece in pieces if (clean := piece.strip("\ufffd").strip())]
    spans = locate(path, text, pieces)
    if lost := sum(span.start == span.end for span in spans):
        raise SystemExit(f"{lost} pieces of {path} do not stand in it")
    return list(zip(spans, pieces, strict=True))


def _vocabulary() -> str:
    """The report's tokens, whose vocabulary LlamaIndex carries, so that nothing is downloaded."""
    carried = DATA.glob("venv/lib/python*/site-packages/llama_index/core/_static/tiktoken_cache")
    if folder := next(carried, None):
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    return "cl100k_base"


def by_embedding(split: Splitter) -> Callable[[Mapping[str, str], Sequence[str]], Found]:
    """The chunks nearest to the question: exact search, as in the report but for its index's approximation."""

    def search(documents: Mapping[str, str], asked: Sequence[str]) -> Found:
        embedder = ours.remembering_embedder()
        chunks = [chunk for path, text in documents.items() for chunk in split(path, text, embedder)]
        texts = [text for _, text in chunks]
        # vectors are kept batch by batch
        vectors = np.concatenate([embedder.encode(texts[start : start + 256]) for start in range(0, len(texts), 256)])
        spans = [span for span, _ in chunks]
        retrieved = []
        for text in asked:
            nearest = np.argsort(-(vectors @ embedder.encode_query(text)), kind="stable")[:TAKEN]
            retrieved.append([spans[number] for number in nearest])
        return Found(spans, retrieved)

    return search


def by_hwqa(variant: Variant) -> Callable[[Mapping[str, str], Sequence[str]], Found]:
    """hwqa's search, or a variant of it."""

    def search(_documents: Mapping[str, str], asked: Sequence[str]) -> Found:
        return Found((), search_with(variant, CORPUS.folder, asked, TAKEN))

    return search


def cited(documents: Mapping[str, str], asked: Sequence[str]) -> Found:
    """What an answer without a chat model quotes: whole sentences and rows, as many as it cites."""
    assistant = ours.open_assistant(CORPUS.folder)
    locators = {path: Locator(text) for path, text in documents.items()}
    starts = {path: ours._line_starts(text) for path, text in documents.items()}
    retrieved = []
    for question in asked:
        spans = []
        for citation in assistant.ask(question).citations:
            place = locators[citation.path].find(citation.quote, starts[citation.path][citation.lines[0] - 1])
            if place is None:
                raise SystemExit(f"{citation.path}: the quote of lines {citation.lines} does not stand there")
            spans.append(Span(citation.path, *place, len(citation.quote)))
        retrieved.append(spans)
    return Found((), retrieved)


PUBLISHED = "TokenText 250/125"
"""The row of the report with the highest recall for this model: 82.4."""
SINGLE = "hwqa, single chunks"
ROWS: dict[str, tuple[str, Callable[[Mapping[str, str], Sequence[str]], Found]]] = {
    "hwqa": ("`Assistant.search`: its first five passages, in which neighbours are joined", by_hwqa(Variant(""))),
    SINGLE: ("the same ranking, but the five best chunks, none joined", by_hwqa(VARIANTS["no joining"])),
    "hwqa, cited": ("the sentences and rows that `Assistant.ask` quotes, without a chat model", cited),
    "hwqa's chunks": ("by embeddings alone, which is what the report measures", by_embedding(hwqa_chunks())),
    "hwqa's chunks, BM25": ("by BM25 alone", by_hwqa(Variant("", search=ours.VARIANTS["lexical"]))),
    "hwqa's chunks, overlap": (
        "by embeddings alone, chunks of 208 tokens of which the embedder reads up to 48 tokens of the one before, too",
        by_embedding(hwqa_chunks(VARIANTS["overlap"].parser)),
    ),
    "hwqa's chunks, neighbours read": (
        "by embeddings alone, chunks of 128 tokens of which the embedder reads 64 tokens on each side, too",
        by_embedding(hwqa_chunks(VARIANTS["neighbours read"].parser)),
    ),
    PUBLISHED: (
        "LangChain's TokenTextSplitter, by embeddings alone; the report has 82.4",
        by_embedding(tokens(250, 125)),
    ),
    "Recursive 250/125": (
        "LangChain's RecursiveCharacterTextSplitter with the separators of the report, by embeddings alone",
        by_embedding(recursive(250, 125)),
    ),
}
"""Name → what it is, and how it retrieves."""


# --- the table ----------------------------------------------------------------------------------------------------


def measured(found: Found, asked: Sequence[Asked]) -> list[dict[str, float]]:
    """The measures of each question."""
    rows = []
    for question, spans in zip(asked, found.retrieved, strict=True):
        row = scores(question.path, question.excerpts, spans[:TAKEN])
        row["characters"] = float(sum(span.end - span.start for span in spans[:TAKEN]))
        if found.chunks:
            row["precision omega"] = precision_omega(question.path, question.excerpts, found.chunks)
        rows.append(row)
    return rows


def grid(title: str, results: Mapping[str, Sequence[Mapping[str, float]]]) -> report.Grid:
    """A row for each way of chunking: means over the questions with 95 % intervals, in per cent."""
    rows: list[list[tuple[str, report.Mark]]] = []
    for name, scored in results.items():
        cells: list[tuple[str, report.Mark]] = [(name, "")]
        for measure in MEASURES:
            mean = estimate([each[measure] for each in scored if measure in each])
            cells.append((f"{100 * mean.mean:.1f} [{100 * mean.low:.1f}, {100 * mean.high:.1f}]" if mean else "", ""))
        cells.append((f"{np.mean([each['characters'] for each in scored]):,.0f}", ""))
        rows.append(cells)
    return report.Grid(title, ["chunks", *MEASURES, "characters retrieved"], rows)


def _mean(values: Sequence[float]) -> Estimate:
    found = estimate(values)
    if found is None:
        raise SystemExit("there are no questions")
    return found


def difference_grid(results: Mapping[str, Sequence[Mapping[str, float]]], first: str) -> report.Grid:
    """A row for each other way: the first minus it, question by question, in points."""
    rows = []
    for name, scored in results.items():
        if name != first:
            pairs = list(zip(results[first], scored, strict=True))
            cells = [report._points(_mean([a[measure] - b[measure] for a, b in pairs])) for measure in MEASURES[:3]]
            rows.append([(name, ""), *cells])
    return report.Grid(f"{first} minus the others, points with 95 % interval", ["chunks", *MEASURES[:3]], rows)


BEGIN = "<!-- begin: written by `python -m benchmarks.retrieval.chunking --write`; what stands outside is kept -->"
WRITTEN = """Chroma's technical report
[Evaluating Chunking Strategies for Retrieval](https://research.trychroma.com/evaluating-chunking)
(July 2024) asks {questions} questions over five corpora (chat logs, financial reports, medical papers, a speech and
encyclopedia articles; {characters:,} characters, hardly any headings) and compares what is retrieved with the excerpts
that answer each. With all-MiniLM-L6-v2 and five chunks, its best recall is 82.4 (TokenText 250/125); hwqa's aim is a
higher one at an IoU above 4.0.

## How it is measured

- The five corpora are searched as one. Five chunks are taken for each question.
- Recall, precision and IoU are counted in characters, as the report's program does: *recall* is the share of the
  excerpts that was retrieved, *precision* the share of what was retrieved that belongs to them, *IoU* what was found,
  divided by all that was retrieved and what was missed. Text that two chunks repeat counts twice as retrieved.
- *Precision omega* is the IoU of all chunks that hold something of an excerpt: what a perfect search could reach.
- The model and its runtime are the same in all rows; the splitters' chunks are embedded as they are, hwqa's with the
  file's name and the trail of headings, which these corpora hardly have. Rows by embeddings alone search exactly,
  without an approximate index.
- Means over all questions in per cent, with 95 % bootstrap intervals.

{rows}

## All {questions} questions

{table}

{first} minus the others, question by question, in points:

{differences}

## By corpus

{corpora}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="python -m benchmarks.retrieval.chunking",
    )
    parser.add_argument("--fetch", action="store_true", help="bring the corpora into .data/")
    parser.add_argument("--clones", type=Path, help="folder of local clones, owner+name/repo")
    parser.add_argument("--row", action="append", choices=list(ROWS), help="may be given several times; all when none")
    parser.add_argument("--corpora", action="store_true", help="show each corpus apart, too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    if arguments.fetch:
        fetch(arguments.clones)
        return
    documents = CORPUS.documents()
    asked = questions(documents)
    console = Console(width=None if sys.stdout.isatty() else 200)
    results = {}
    for name in arguments.row or ROWS:
        print(f"{name}: retrieving for {len(asked)} questions", file=sys.stderr)
        results[name] = measured(ROWS[name][1](documents, [question.text for question in asked]), asked)
    everything = grid(f"all {len(asked)} questions", results)
    differences = difference_grid(results, next(iter(results)) if arguments.row else SINGLE)
    parts = {
        path: grid(
            path,
            {
                name: [row for question, row in zip(asked, scored, strict=True) if question.path == path]
                for name, scored in results.items()
            },
        )
        for path in documents
    }
    for each in (everything, differences, *(parts.values() if arguments.corpora else ())):
        console.print(each.to_rich())
    if arguments.write:
        text = WRITTEN.format(
            questions=len(asked),
            characters=sum(map(len, documents.values())),
            rows="\n".join(f"- **{name}**: {ROWS[name][0]}" for name in results),
            table=everything.to_markdown(),
            first=SINGLE,
            differences=differences.to_markdown(),
            corpora="\n\n".join(f"### {path}\n\n{part.to_markdown()}" for path, part in parts.items()),
        )
        PAGE.write_text(report.insert(PAGE.read_text("utf-8"), text, BEGIN), "utf-8")


if __name__ == "__main__":
    main()
