"""What each system retrieved: from `.data/runs/` when nothing that it depends on has changed, else from a new run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval.corpora import DATA, HERE, ROOT, Corpus, fingerprint
from benchmarks.retrieval.spans import Span
from benchmarks.retrieval.systems import OURS, SYSTEMS, ours

_OFFLINE = {
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def retrieved(name: str, corpus: Corpus, questions: Sequence[str], peers: Path) -> list[list[Span]]:
    """The spans that the system found for each question, best first.

    Args:
        name: Of a system.
        corpus: What is searched.
        questions: What is asked.
        peers: Python of the virtual environment that the peers run in.
    """
    key = fingerprint(corpus.documents(), _version(name), str(SYSTEMS[name].depth), *questions)
    file = DATA / "runs" / f"{corpus.name}-{name}-{key}.json"
    if not file.exists():
        print(f"{name} searches {corpus.name} for {len(questions)} questions", file=sys.stderr)
        file.parent.mkdir(parents=True, exist_ok=True)
        if name in OURS:
            system = SYSTEMS[name]
            found = system.retrieve(corpus.folder, questions, system.depth, system.variant)
            file.write_text(json.dumps({"spans": [[span.to_json() for span in row] for row in found]}), "utf-8")
        else:
            _run(name, corpus, questions, peers, file)
    said = json.loads(file.read_text("utf-8"))
    return [[Span(*span) for span in row] for row in said["spans"]]


def _run(name: str, corpus: Corpus, questions: Sequence[str], peers: Path, file: Path) -> None:
    if not peers.exists():
        raise SystemExit(f"{peers} does not exist: make the peers' environment, see benchmarks/retrieval/README.md")
    task = {"system": name, "folder": str(corpus.folder), "questions": list(questions), "depth": SYSTEMS[name].depth}
    unfinished = file.with_suffix(".part")
    done = subprocess.run(
        [str(peers), "-m", "benchmarks.retrieval.worker", str(unfinished)],
        input=json.dumps(task),
        text=True,
        cwd=ROOT,
        env={**os.environ, **_OFFLINE},
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} failed on {corpus.name}")
    unfinished.replace(file)


def _version(name: str) -> str:
    """Changes whenever the system might find something else."""
    system = SYSTEMS[name]
    if name in OURS:
        return name + ours.version() + system.source.read_text("utf-8")
    sources = [system.source, HERE / "spans.py", HERE / "requirements.txt"]
    if name == "bm25":
        sources.append(SYSTEMS["langchain"].source)  # its chunks
    return name + "".join(source.read_text("utf-8") for source in sources)
