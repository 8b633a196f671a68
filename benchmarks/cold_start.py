"""Cold start: a fresh process until the first answer, hwqa beside the plain LangChain script.

    python benchmarks/cold_start.py [--runs 7] [--corpus corpus] [--write] [--quick]

Both have the same chunks with the same vectors, the same embedding model and vector store; both indexes are warm, and
each run is a new process.

- plain LangChain: HuggingFaceEmbeddings, langchain_chroma.Chroma, one similarity search
- hwqa as library: open the embedder and the index, one search by meaning and one by words
- hwqa search:     the command
- hwqa ask:        the command, answer composed without a chat model
- encoder alone:   hwqa's embedder, opened for one question: the limit
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
from pathlib import Path

from hwqa.config import Settings
from side_by_side import HERE, HWQA, PLAIN, add_page_options, in_turns, median, run, show, table

QUESTION = "How much memory bandwidth does the H200 have?"
PEER, LIMIT = "plain LangChain", "encoder alone"
LIBRARY = """
import sys
from pathlib import Path
from hwqa.embedding import open_embedder
from hwqa.index import Index

store, cache, question = sys.argv[1:]
embedder = open_embedder(cache=Path(cache) if cache else None)
index = Index.open(store, embedder)
dense, lexical = index.dense(embedder.encode_query(question), 4), index.lexical(question, 4)
print(dense[0][0].text[:60])
"""
ENCODER = """
import sys
from pathlib import Path
from hwqa.embedding import open_embedder

cache, question = sys.argv[1:]
print(open_embedder(cache=Path(cache) if cache else None).encode_query(question)[0])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--no-warm-up", action="store_true", help="time the first run, which reads files from disk")
    add_page_options(parser, runs=1, corpus=HERE.parent / "tests" / "corpus", no_warm_up=True)
    arguments = parser.parse_args()
    cache = str(Settings.load().cache or "")
    with tempfile.TemporaryDirectory() as folder:
        index, peer = str(Path(folder) / "index"), str(Path(folder) / "peer")
        places = ["--corpus", str(arguments.corpus), "--index", index]
        commands = {
            PEER: [*PLAIN, "ask", peer, QUESTION],
            "hwqa as library": [sys.executable, "-c", LIBRARY, index, cache, QUESTION],
            "hwqa search": [HWQA, "search", *places, "--json", QUESTION],
            "hwqa ask": [HWQA, "ask", *places, "--json", QUESTION],
            LIMIT: [sys.executable, "-c", ENCODER, cache, QUESTION],
        }
        run([HWQA, "index", *places])
        run([*PLAIN, "fill", index, peer])
        for command in [] if arguments.no_warm_up else commands.values():
            run(command)  # files into the page cache, modules compiled
        done = in_turns({name: functools.partial(run, command) for name, command in commands.items()}, arguments.runs)
    seconds = {name: [each.seconds for each in several] for name, several in done.items()}
    rows = [
        [
            name,
            f"{median(values):.2f}",
            f"{min(values):.2f}",
            f"{max(values):.2f}",
            f"{median([each.processor for each in done[name]]):.2f}",
            f"{median([each.peak for each in done[name]]):,.0f}",
            f"{median(values) / median(seconds[PEER]):.2f}",
            f"{median(values) / median(seconds[LIMIT]):.2f}",
        ]
        for name, values in seconds.items()
    ]
    header = ["", "seconds", "least", "most", "processor seconds", "peak MB", "× LangChain", "× encoder"]
    show(arguments, "cold start", f"{arguments.runs} runs each, medians.", table(header, rows))


if __name__ == "__main__":
    main()
