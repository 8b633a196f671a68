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
from benchmarks.retrieval.systems import OURS, SYSTEMS

KEPT = "@"
"""What the name of a kept result begins with."""
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


def retrieved(name: str, corpus: Corpus, questions: Sequence[str], peers: Path) -> list[list[Span]]:
    """The spans that the system found for each question, best first.

    Args:
        name: Of a system, or `@` and the name under which a result was kept.
        corpus: What is searched.
        questions: What is asked.
        peers: Python of the virtual environment that the peers run in.
    """
    if name.startswith(KEPT):
        return _kept(corpus, name.removeprefix(KEPT), questions)
    key = fingerprint(corpus.documents(), _version(name), str(SYSTEMS[name].depth), *questions)
    file = DATA / "runs" / f"{corpus.name}-{name}-{key}.json"
    if not file.exists():
        print(f"{name} searches {corpus.name} for {len(questions)} questions", file=sys.stderr)
        file.parent.mkdir(parents=True, exist_ok=True)
        if name in OURS:
            for old in file.parent.glob(f"{corpus.name}-{name}-{'?' * 16}.json"):
                old.unlink(missing_ok=True)  # each state of the source makes one
            system = SYSTEMS[name]
            found = system.retrieve(corpus.folder, questions, system.depth, system.variant)
            file.write_text(json.dumps({"spans": [[span.to_json() for span in row] for row in found]}), "utf-8")
        else:
            _run(name, corpus, questions, peers, file)
    rows = json.loads(file.read_text("utf-8"))["spans"]
    if len(rows) != len(questions):
        raise SystemExit(f"{file} has {len(rows)} results for {len(questions)} questions: delete it")
    return [[Span(*span) for span in row] for row in rows]


def keep(name: str, corpus: Corpus, questions: Sequence[str], found: Sequence[Sequence[Span]]) -> None:
    """What was found can be compared with later as the system `@name`."""
    file = DATA / "kept" / f"{corpus.name}-{name}.json"
    file.parent.mkdir(exist_ok=True)
    rows = {question: [span.to_json() for span in row] for question, row in zip(questions, found, strict=True)}
    file.write_text(json.dumps(rows), "utf-8")


def _kept(corpus: Corpus, name: str, questions: Sequence[str]) -> list[list[Span]]:
    file = DATA / "kept" / f"{corpus.name}-{name}.json"
    rows = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if missing := [question for question in questions if question not in rows]:
        raise SystemExit(f"{name} was not kept for {len(missing)} questions of {corpus.name}: use --keep again")
    return [[Span(*span) for span in rows[question]] for question in questions]


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
        env={**os.environ, **_QUIET},
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
        from benchmarks.retrieval.systems import ours  # noqa: PLC0415 - the peers are measured without it

        return name + ours.version() + system.source.read_text("utf-8")
    sources = [system.source, HERE / "spans.py", HERE / "requirements.txt"]
    if name == "bm25":
        sources.append(SYSTEMS["langchain"].source)  # its chunks
    return name + "".join(source.read_text("utf-8") for source in sources)
