"""Indexing: how long from documents to an index, beside the plain LangChain script and beside the encoder alone.

    python benchmarks/indexing.py [--corpus FOLDER …] [--runs 3] [--cores 1] [--files 1000] [--edits 7] [--write]

Contestants have the same embedding model and the same machine, take turns, and each run is a process of its own.
Seconds are those of the work, without the start of Python, imports and the loading of the model.

- plain LangChain: recursive splitter (1,000 characters, overlap 200), HuggingFaceEmbeddings, Chroma
- on hwqa's chunks: the same, but fed with the texts that hwqa's embedder reads
- hwqa:            documents read and cut, facts found, chunks embedded, everything stored
- encoder alone:   hwqa's embedder on these texts, nothing else: the limit

Then one file of so many is edited and the index brought up to date, several times.

On a busy machine `--cores 1` is fairer: PyTorch's threads wait for each other there, which would only flatter us.
`--quick` takes a size that shows that all works, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from corpora import vary
from side_by_side import HERE, PLAIN, Run, add_page_options, in_turns, median, run, show, table

PEER, SAME, OURS, LIMIT = "plain LangChain", "plain LangChain on hwqa's chunks", "hwqa", "encoder alone"
OWN = [sys.executable, str(HERE / "indexing.py"), "--worker"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, action="append", help="may be given several times")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--cores", type=int, default=0, help="cores for whole indexes; 1 on a busy machine, where threads wait"
    )
    parser.add_argument("--files", type=int, default=1000, help="files of the corpus of which one is edited")
    parser.add_argument("--edits", type=int, default=7)
    parser.add_argument(
        "--no-own-chunks", dest="own_chunks", action="store_false", help="leave out plain LangChain on hwqa's chunks"
    )
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    add_page_options(parser, corpus=[HERE.parent / "tests" / "corpus"], runs=1, files=3, edits=1, own_chunks=False)
    arguments = parser.parse_args()
    if arguments.worker:
        worker(*arguments.worker)
        return
    with tempfile.TemporaryDirectory() as folder:
        corpora = [path.resolve() for path in arguments.corpus or [Path("corpus")]]
        parts = [
            throughput(Path(folder), corpus, arguments.runs, own_chunks=arguments.own_chunks) for corpus in corpora
        ]
        parts.append(edits(Path(folder), corpora[0], arguments.files, arguments.edits))
    cores = f"Whole indexes on {arguments.cores} of the cores. " if arguments.cores else ""
    show(arguments, "indexing", f"{cores}{arguments.runs} runs each, medians.", "\n\n".join(parts))


def throughput(folder: Path, corpus: Path, runs: int, *, own_chunks: bool) -> str:
    """A table of the contestants on one corpus; plain LangChain with our chunks among them if wanted."""
    texts = folder / f"{corpus.name}.json"
    run([*OWN, "texts", str(corpus), str(texts)])
    stores = iter(range(10**6))

    def new() -> str:
        return str(folder / f"{corpus.name}{next(stores)}")

    contestants = {
        PEER: lambda: run([*PLAIN, "index", str(corpus), new()]),
        SAME: lambda: run([*PLAIN, "index", str(texts), new()]),
        OURS: lambda: run([*OWN, "index", str(corpus), new()]),
        LIMIT: lambda: run([*OWN, "encode", str(texts)]),
    }
    if not own_chunks:
        del contestants[SAME]
    done = in_turns(contestants, runs)
    size = sum(path.stat().st_size for path in corpus.rglob("*.md"))
    seconds = {name: said(several, "seconds") for name, several in done.items()}
    worked = {name: said(several, "processor") for name, several in done.items()}
    rows = [
        [
            name,
            f"{several[0].said['chunks']:,}",
            f"{several[0].said['tokens']:,}",
            f"{seconds[name]:.1f}",
            f"{size / 1000 / seconds[name]:.1f}",
            f"{seconds[PEER] / seconds[name]:.2f}",
            f"{seconds[name] / seconds[LIMIT]:.2f}",
            f"{worked[name]:.1f}",
            f"{worked[PEER] / worked[name]:.2f}",
            f"{median([each.peak for each in several]):,.0f}",
        ]
        for name, several in done.items()
    ]
    header = [
        "", "chunks", "tokens embedded", "seconds", "kB of documents/s", "throughput × LangChain", "time × encoder",
        "processor seconds", "LangChain's ÷ these", "peak MB",
    ]  # fmt: skip
    files = len(list(corpus.rglob("*.md")))
    return f"Index of `{corpus.name}` ({files} files, {size / 1e6:.1f} MB):\n\n{table(header, rows)}"


def said(several: Sequence[Run], what: str) -> float:
    """The median of what the runs say of themselves."""
    return median([each.said[what] for each in several])


def edits(folder: Path, source: Path, files: int, count: int) -> str:
    """A table of one edit among many files."""
    corpus = vary(source, folder / "many", files)
    done = run([*OWN, "edit", str(corpus), str(folder / "edited"), str(count)])
    whole, unchanged, took = done.said["whole"], done.said["unchanged"], done.said["edits"]
    changed = {measure: median([each[measure] for each in took]) for measure in ("seconds", "processor")}

    def row(name: str, times: dict[str, float]) -> list[str]:
        shares = [100 * times[measure] / whole[measure] for measure in ("seconds", "processor")]
        return [
            name, f"{times['seconds']:.2f}", f"{shares[0]:.2f} %", f"{times['processor']:.2f}", f"{shares[1]:.2f} %",
        ]  # fmt: skip

    rows = [
        row(f"whole index, {done.said['chunks']:,} chunks and {done.said['facts']:,} facts", whole),
        row(f"one file edited, {max(each['embedded'] for each in took)} chunks embedded", changed),
        row("nothing edited", unchanged),
    ]
    header = ["", "seconds", "share of the whole", "processor seconds", "share"]
    what = f"One edit among {files:,} files (median of {count}; peak memory {done.peak:,.0f} MB)"
    return f"{what}:\n\n{table(header, rows)}"


# --- what runs in a process of its own --------------------------------------------------------------------------


class Clock:
    """Seconds and seconds of processor time since it was started."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": time.perf_counter() - self._began, "processor": time.process_time() - self._worked}


def worker(task: str, *places: str) -> None:
    """Does a task and prints its figures as JSON."""
    import chromadb  # noqa: F401, PLC0415, TID251 - imports are not timed

    from hwqa.config import Settings  # noqa: PLC0415 - not needed to start contestants
    from hwqa.corpus import read_text, scan  # noqa: PLC0415 - likewise
    from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise
    from hwqa.index import Index, default_parser  # noqa: PLC0415 - likewise

    embedder = open_embedder(cache=Settings.load().cache)
    embedder.encode_query("The model is loaded.")
    parser = default_parser(embedder)
    if task == "texts":
        corpus, target = map(Path, places)
        read = [parser.read(file.path, read_text(corpus, file.path)) for file in scan(corpus)]
        target.write_text(
            json.dumps([parser.chunk_text(chunk) for document in read for chunk in parser.chunk(document)]), "utf-8"
        )
    elif task == "encode":
        texts = json.loads(Path(places[0]).read_text("utf-8"))
        clock = Clock()
        embedder.encode(texts)
        print(json.dumps({**clock.read(), "chunks": len(texts), "tokens": sum(map(embedder.count_tokens, texts))}))
    elif task == "index":
        index = Index.open(places[1], embedder)
        clock = Clock()
        index.sync(Path(places[0]))
        took = clock.read()
        tokens = sum(embedder.count_tokens(parser.chunk_text(chunk)) for chunk in index.all_chunks())
        print(json.dumps({**took, "chunks": index.count, "tokens": tokens}))
    else:
        corpus, index = Path(places[0]), Index.open(places[1], embedder)
        clock = Clock()
        index.sync(corpus)
        whole, edited = clock.read(), []
        files = sorted(corpus.rglob("*.md"))
        for number in range(1, int(places[2]) + 1):
            path = files[37 * number % len(files)]
            path.write_text(path.read_text("utf-8") + f"\n\n## Addition {number}\n\nMeasured again: {number} W.\n")
            clock = Clock()
            added = index.sync(corpus).added
            edited.append({**clock.read(), "embedded": added})
        clock = Clock()
        index.sync(corpus)
        said = {"whole": whole, "edits": edited, "unchanged": clock.read()}
        print(json.dumps({**said, "chunks": index.count, "facts": len(index.facts())}))


if __name__ == "__main__":
    main()
