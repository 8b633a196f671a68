"""A writer that is killed at any moment: the index answers as before or as after, and the next sync repairs it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from index_checks import lines_are_true, texts_found

from hwqa.embedding import Embedder
from hwqa.index import Index

WRITER = """
import os, signal, sys
from pathlib import Path
from hwqa.embedding import open_embedder
from hwqa.index import Index
import hwqa.index.layout, hwqa.index.server, hwqa.index.vectors as vectors, hwqa.index.writing as writing

location, corpus, cache, side, step = sys.argv[1:]
steps = 0


def dies(function):
    def counted(*arguments, **named):
        global steps
        steps += 1
        if str(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)

    return counted


vectors.Pending.add = dies(vectors.Pending.add)
vectors.Pending.discard = dies(vectors.Pending.discard)
writing.Collection.put = dies(writing.Collection.put)
writing.Collection.describe = dies(writing.Collection.describe)
writing.Collection.remove = dies(writing.Collection.remove)
writing.Collection.mark = dies(writing.Collection.mark)
vectors._SLAB = 4
Path.rename = dies(Path.rename)
Path.replace = dies(Path.replace)
embedder = open_embedder(cache=Path(cache))
embedder.encode = dies(embedder.encode)
Index.open(location, embedder, side=Path(side)).sync(Path(corpus))
print(steps)
"""


def write(location: str, corpus: Path, side: Path, step: str) -> subprocess.CompletedProcess[str]:
    cache = os.environ["HWQA_CACHE"]
    return subprocess.run(
        [sys.executable, "-c", WRITER, location, str(corpus), cache, str(side), step],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def edit(corpus: Path) -> None:
    """Something is added, something removed, something moved."""
    guide = corpus / "guide.md"
    guide.write_text("# Guide\n\nAn addition on prefill.\n\n" + guide.read_text("utf-8").split("\n\n", 1)[1])
    (corpus / "gpu/mi300x.md").unlink()
    (corpus / "new.md").write_text("# Gaudi\n\nGaudi 3 has 128 GB.\n\n## Price\n\nNot published.\n")


BEFORE, AFTER = "ROCm", "Gaudi 3 has"


@pytest.mark.slow
@pytest.mark.parametrize("place", ["folder", "server"])
def test_killed_at_each_step_it_answers_as_before_or_after_and_is_repaired(
    place: str, tmp_path: Path, corpus: Path, embedder: Embedder, server: str
) -> None:
    side = tmp_path / "side"
    location = str(tmp_path / "index") if place == "folder" else f"{server}?name=killed"
    original = {path: path.read_bytes() for path in corpus.rglob("*.md")}
    reader = Index.open(location, embedder, side=side)
    reader.sync(corpus)
    edit(corpus)
    finished = write(location, corpus, side, "never")
    assert finished.returncode == 0, finished.stderr
    steps = int(finished.stdout)
    assert steps >= 8
    outcomes = []
    for step in range(1, steps + 1):
        for path in corpus.rglob("*.md"):
            path.unlink()
        for path, content in original.items():
            path.write_bytes(content)
        reader.sync(corpus)
        before = reader.state
        edit(corpus)
        assert write(location, corpus, side, str(step)).returncode == -signal.SIGKILL
        for index in (reader, Index.open(location, embedder, side=side)):
            time.sleep(0.25)  # a server is asked for its state a few times a second
            found = texts_found(index, embedder, "ROCm Gaudi memory")
            outcomes.append((index.state != before, BEFORE in found, AFTER in found))
            if place == "folder":
                assert (BEFORE in found) != (AFTER in found), f"a mix after step {step}"
            if index.state != before:
                assert lines_are_true(index, corpus)
        reader.sync(corpus)
        time.sleep(0.25)
        found = texts_found(reader, embedder, "ROCm Gaudi memory")
        assert AFTER in found
        assert BEFORE not in found
        assert lines_are_true(reader, corpus)
        assert not reader.is_stale(corpus)
    assert (False, True, False) in outcomes, "some kills came before the change"
    assert (True, False, True) in outcomes, "some kills came after the change"


@pytest.mark.slow
def test_killed_at_random_moments_while_the_first_index_is_made(tmp_path: Path, embedder: Embedder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(40):
        (corpus / f"{number}.md").write_text(f"# Page {number}\n\n" + f"Text of page {number}. " * 60)
    moments = random.Random(3)  # noqa: S311 - moments, not secrets
    kills = 0
    for _ in range(6):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "index"), str(corpus), os.environ["HWQA_CACHE"]]
        process = subprocess.Popen(
            [*command, str(tmp_path / "side"), "never"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.5, 4))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        index = Index.open(tmp_path / "index", embedder)
        assert not index.count or lines_are_true(index, corpus)
    assert kills > 0
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    assert lines_are_true(index, corpus)
    assert "page 33" in texts_found(index, embedder, "page 33")
    assert not (tmp_path / "index" / "pending.sqlite").exists()


def test_what_was_embedded_before_a_kill_is_not_embedded_again(
    tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    killed = write(str(tmp_path / "index"), corpus, tmp_path / "side", "5")  # after the first slab
    assert killed.returncode == -signal.SIGKILL
    embedded: list[str] = []

    class Counting:
        def encode(self, texts: list[str]) -> object:
            embedded.extend(texts)
            return embedder.encode(texts)

        def __getattr__(self, name: str) -> object:
            return getattr(embedder, name)

    index = Index.open(tmp_path / "index", Counting())  # type: ignore[arg-type]
    report = index.sync(corpus)
    assert 0 < len(embedded) == len({*embedded})
    names = {name for fact in index.facts() for name in (fact.product, fact.attribute)}
    # slabs hold 4 of the 6 texts and 2; the names of facts are embedded beside them and not kept
    assert report.added + len(names) - len(embedded) in {4, 6}
