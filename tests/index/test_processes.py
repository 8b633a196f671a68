"""Several processes and threads on one index."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock
from index_checks import texts_found

from hwqa.embedding import Embedder
from hwqa.errors import IndexingError
from hwqa.index import Index

READER = """
import sys
from pathlib import Path
from hwqa.embedding import open_embedder
from hwqa.index import Index

embedder = open_embedder(cache=Path(sys.argv[2]))
index = Index.open(sys.argv[1], embedder)
for line in sys.stdin:
    dense = index.dense(embedder.encode_query(line), 3)
    lexical = index.lexical(line, 3)
    print("|".join(sorted({chunk.text.replace(chr(10), " ") for chunk, _ in (*dense, *lexical)})), flush=True)
"""


def test_a_running_reader_sees_what_another_process_published(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    cache = Path(__file__).parents[2] / ".cache" / "hwqa"
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path / "index"), str(cache)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdin is not None
        assert reader.stdout is not None

        def ask(question: str) -> str:
            reader.stdin.write(question + "\n")
            reader.stdin.flush()
            return reader.stdout.readline()

        assert "ROCm" in ask("ROCm wheels")
        for number in range(3):
            (corpus / "gpu/mi300x.md").write_text(f"# MI300X\n\n## Software\n\nEdition {number} of its wheels.\n")
            index.sync(corpus)
            answer = ask("wheels edition")
            assert f"Edition {number}" in answer
            assert "ROCm" not in answer
            assert f"Edition {number - 1}" not in answer
        reader.stdin.close()
        assert reader.wait(30) == 0


def test_readers_are_served_while_a_writer_works(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    with FileLock(tmp_path / "index" / "lock"):
        assert "ROCm" in texts_found(Index.open(tmp_path / "index", embedder), embedder, "ROCm")


def test_a_second_writer_waits_and_then_says_so(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    (corpus / "new.md").write_text("# New\n\nText.\n")
    said: list[str] = []
    with FileLock(tmp_path / "index" / "lock"), pytest.raises(IndexingError, match="another process has been writing"):
        index.sync(corpus, timeout=0.3, progress=lambda done, total, what: said.append(what))
    assert said == ["waiting for another process that writes the index"]
    assert index.sync(corpus).added == 1


def test_two_writers_at_once_make_one_index(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    code = READER.split("for line", maxsplit=1)[0] + "print(index.sync(Path(sys.argv[3])).files)"
    cache = Path(__file__).parents[2] / ".cache" / "hwqa"
    command = [sys.executable, "-c", code, str(tmp_path / "index"), str(cache), str(corpus)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [writer.communicate(timeout=120)[0].strip() for writer in writers] == ["3", "3"]
    index = Index.open(tmp_path / "index", embedder)
    assert len(index.all_chunks()) == index.count > 0


def test_threads_search_while_another_syncs(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    stop = threading.Event()
    failures: list[BaseException] = []
    answers: list[int] = []

    def search() -> None:
        vector = embedder.encode_query("memory bandwidth")
        while not stop.is_set():
            try:
                answers.append(len(index.dense(vector, 3)) + len(index.lexical("memory", 3)) + len(index.facts()))
            except BaseException as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        (corpus / "guide.md").write_text(f"# Guide\n\nEdition {number} on memory.\n")
        index.sync(corpus)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert len(answers) > 4
    assert min(answers) >= 3
