"""Querying: how long a search takes in a running process, beside plain LangChain's similarity search.

    python benchmarks/querying.py [--sizes 1000 10000 100000] [--questions 200] [--keep FOLDER] [--write] [--quick]

Both hold the same chunks with the same vectors and have the same embedding model; each is a process of its own, and
they answer in turns, question by question, the golden questions of the corpus. Each runs its encoder on one thread:
a question is too short to gain from a second one, and on a busy machine PyTorch's threads wait for each other for many
times as long as the work takes, which would only flatter us.

Above 2,000 chunks the vectors are synthetic, real ones with noise: embedding so many would take an hour and change no
time measured here. Above 20,000 few sections have tables, whose facts would take as long to store.

- plain LangChain, by meaning: `Chroma.similarity_search(question, 8)`
- hwqa, hybrid:                `Assistant.search(question, 8)`: names and attributes read from the question, search by
                               meaning and by words, facts, chunks put in order, passages joined
- hwqa, by meaning alone:      the question embedded, the nearest 8 chunks
- encoder alone:               the question embedded by hwqa, nothing else: the limit
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora import vary
from side_by_side import HERE, PLAIN, add_page_options, megabytes, percentile, run, show, table

PEER, OURS, LIMIT = "plain LangChain, by meaning", "hwqa, hybrid", "encoder alone"
RESULTS = 8
REAL = 2000
"""Chunks up to which the vectors are real."""
FULL, FEW_TABLES = 20_000, 0.05
"""Chunks up to which as many sections have tables as in the source, and the share of such sections above."""
SAMPLE = 40
"""Files from which it is estimated how many chunks a file gives."""
OWN = [sys.executable, str(HERE / "querying.py"), "--worker"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="whose sections the documents are made of")
    parser.add_argument(
        "--golden", type=Path, default=Path("tests/golden"), help="folder whose own files hold questions"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], help="chunks, about")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=20, help="questions before those that are timed")
    parser.add_argument("--keep", type=Path, help="folder for the indexes, which are used again if they stand there")
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    add_page_options(parser, sizes=[10], questions=8, warm_up=1)
    arguments = parser.parse_args()
    if arguments.worker:
        {"build": build, "answer": answer}[arguments.worker[0]](*arguments.worker[1:])
        return
    from hwqa.evaluation.golden import load_cases  # noqa: PLC0415 - workers need no questions

    questions = [case.question for case in load_cases(sorted(arguments.golden.glob("*.yaml"))) if not case.history]
    questions = questions[:: max(1, len(questions) // arguments.questions)][: arguments.questions]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            place = (arguments.keep or Path(folder)) / str(size)
            if not (place / "contents").exists():
                print(f"… making an index of about {size:,} chunks", file=sys.stderr, flush=True)
                run([*OWN, "build", str(arguments.corpus), str(place), str(size)])
            contents = json.loads((place / "contents").read_text())
            rows += shown(contents, *measured(place, questions, arguments.warm_up))
    header = ["", "chunks", "facts", "p50 ms", "p95 ms", "p50 × LangChain", "p95 × LangChain", "p50 × encoder", "MB"]
    show(arguments, "querying", f"{len(questions)} questions for each size.", table(header, rows))


def measured(place: Path, questions: Sequence[str], warm_up: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Milliseconds of each contestant for each question, and the most memory that each process held, in MB."""
    commands = {PEER: [*PLAIN, "answer", str(place / "plain")], OURS: [*OWN, "answer", str(place / "index")]}
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    workers = {
        name: subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=one_thread
        )
        for name, command in commands.items()
    }
    took: dict[str, list[float]] = defaultdict(list)
    peaks = {}
    try:
        for number, question in enumerate([*questions[:warm_up], *questions]):
            for worker in workers.values():
                for name, seconds in ask(worker, question)["seconds"].items():
                    if number >= warm_up:
                        took[name].append(1000 * seconds)
    finally:
        for name, worker in workers.items():
            assert worker.stdin  # noqa: S101 - as opened above
            worker.stdin.close()  # the end of its input is its end
            _, status, usage = os.wait4(worker.pid, 0)
            worker.returncode = os.waitstatus_to_exitcode(status)
            peaks[name] = megabytes(usage)
    return took, peaks


def ask(worker: subprocess.Popen[str], question: str) -> dict[str, Any]:
    assert worker.stdin and worker.stdout  # noqa: S101 - as opened above
    worker.stdin.write(f"{' '.join(question.split())}\n")
    worker.stdin.flush()
    answered: dict[str, Any] = json.loads(worker.stdout.readline())
    return answered


def shown(
    contents: Mapping[str, int], took: Mapping[str, Sequence[float]], peaks: Mapping[str, float]
) -> list[list[str]]:
    """A row for each contestant."""
    middle = {name: percentile(values, 0.5) for name, values in took.items()}
    slow = {name: percentile(values, 0.95) for name, values in took.items()}
    return [
        [
            name, f"{contents['chunks']:,}", f"{contents['facts']:,}", f"{middle[name]:.1f}", f"{slow[name]:.1f}",
            f"{middle[name] / middle[PEER]:.2f}", f"{slow[name] / slow[PEER]:.2f}",
            f"{middle[name] / middle[LIMIT]:.2f}", f"{peaks[name]:,.0f}" if name in peaks else "",
        ]
        for name in took
    ]  # fmt: skip


# --- what runs in a process of its own --------------------------------------------------------------------------


class Synthetic:
    """An embedder whose vectors of documents are those of some real texts, with noise; queries get real ones."""

    def __init__(self, real: Any, texts: Sequence[str]) -> None:
        self._real = real
        self._centres = real.encode(texts)
        self._chance = np.random.default_rng(11)

    def encode(self, texts: Sequence[str]) -> Any:
        chosen = self._centres[self._chance.integers(len(self._centres), size=len(texts))]
        noise = self._chance.standard_normal(chosen.shape, dtype=np.float32) / np.sqrt(chosen.shape[1])
        vectors = chosen + noise / 2
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def build(corpus: str, folder: str, size: str) -> None:
    """Both stores hold about so many chunks."""
    from hwqa.config import Settings  # noqa: PLC0415 - likewise
    from hwqa.corpus import read_text, scan  # noqa: PLC0415 - likewise
    from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise
    from hwqa.index import Index, default_parser  # noqa: PLC0415 - likewise
    from plain_langchain import fill  # noqa: PLC0415 - imports that other tasks do not need

    place, source, wanted = Path(folder), Path(corpus), int(size)
    embedder = open_embedder(cache=Settings.load().cache)
    parser = default_parser(embedder)
    tables = None if wanted <= FULL else FEW_TABLES

    def chunks_of(root: Path) -> list[Any]:
        return [
            chunk for file in scan(root) for chunk in parser.chunk(parser.read(file.path, read_text(root, file.path)))
        ]

    looked_at = min(SAMPLE, wanted)
    sample = chunks_of(vary(source, place / "sample", looked_at, tables=tables))
    documents = vary(source, place / "documents", round(wanted * looked_at / len(sample)), tables=tables)
    # the beginnings of texts: they are as different from each other as whole ones, and embedded in a third of the time
    used: Any = embedder if wanted <= REAL else Synthetic(embedder, [parser.chunk_text(each)[:300] for each in sample])
    index = Index.open(place / "index", used)
    index.sync(documents)
    fill(str(place / "plain"), index)
    (place / "contents").write_text(json.dumps({"chunks": index.count, "facts": len(index.facts())}))


def answer(folder: str) -> None:
    """Answers each line of the input with the seconds that it took."""
    from hwqa.assistant import Assistant  # noqa: PLC0415 - imports that other tasks do not need
    from hwqa.config import Settings  # noqa: PLC0415 - likewise
    from hwqa.embedding import open_embedder  # noqa: PLC0415 - likewise
    from hwqa.index import Index  # noqa: PLC0415 - likewise

    settings = Settings.load()
    embedder = open_embedder(cache=settings.cache)
    index = Index.open(folder, embedder)
    assistant = Assistant(index, embedder, settings)
    for line in sys.stdin:
        question, marks = line.strip(), [time.perf_counter()]
        assistant.search(question, RESULTS)
        marks.append(time.perf_counter())
        index.dense(embedder.encode_query(question), RESULTS)
        marks.append(time.perf_counter())
        embedder.encode_query(question)
        marks.append(time.perf_counter())
        names = (OURS, "hwqa, by meaning alone", LIMIT)
        seconds = {name: after - before for name, before, after in zip(names, marks, marks[1:], strict=False)}
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
