"""The index on a real Chroma server."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from index_checks import lines_are_true, texts_found

from conftest import run_server
from hwqa.embedding import Embedder
from hwqa.errors import IndexingError
from hwqa.index import Index, default_parser

NAMES = itertools.count()


@pytest.fixture
def url(server: str) -> str:
    """An index of its own on the shared server."""
    return f"{server}?name=test{next(NAMES)}"


def settle() -> None:
    time.sleep(0.25)  # clients look at the server's mark a few times a second


def test_it_answers_as_an_index_in_a_folder(url: str, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    there = Index.open(url, embedder, side=tmp_path / "side")
    assert (there.count, there.state, there.is_stale(corpus)) == (0, "", True)
    assert there.sync(corpus).files == 3
    here = Index.open(tmp_path / "index", embedder)
    here.sync(corpus)
    vector = embedder.encode_query("how fast is the memory of the H200?")
    assert there.state == here.state
    assert [chunk for chunk, _ in there.dense(vector, 5)] == [chunk for chunk, _ in here.dense(vector, 5)]
    assert there.lexical("llama.cpp", 5) == here.lexical("llama.cpp", 5)
    assert there.facts() == here.facts()
    assert there.documents() == here.documents()
    assert {chunk.path for chunk, _ in there.dense(vector, 20, paths=["guide.md"])} == {"guide.md"}
    assert not there.is_stale(corpus)
    assert there.sync(corpus).added == 0


def test_another_client_sees_and_continues_it(url: str, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    one = Index.open(url, embedder, side=tmp_path / "one")
    two = Index.open(url, embedder, side=tmp_path / "two")
    one.sync(corpus)
    settle()
    assert "ROCm" in texts_found(two, embedder, "ROCm")
    assert two.all_chunks() == one.all_chunks()
    assert two.facts() == one.facts()
    assert two.documents() == one.documents()
    assert not two.is_stale(corpus)
    assert two.cached("size", lambda: b"3") == b"3"
    (corpus / "gpu/mi300x.md").unlink()
    (corpus / "guide.md").write_text("# Guide\n\nA new guide.\n")
    report = two.sync(corpus)
    assert report.removed >= 3
    settle()
    found = texts_found(one, embedder, "ROCm cooling guide")
    assert "A new guide" in found
    assert "ROCm" not in found
    assert lines_are_true(one, corpus)
    assert one.state == two.state
    assert one.sync(corpus).added == 0


def test_two_indexes_of_one_server_stay_apart(server: str, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    first = Index.open(f"{server}?name=first", embedder, side=tmp_path)
    first.sync(corpus)
    (corpus / "guide.md").unlink()
    second = Index.open(f"{server}?name=second", embedder, side=tmp_path)
    second.sync(corpus)
    settle()
    assert first.lexical("cooling", 1)
    assert not second.lexical("cooling", 1)


def test_a_server_that_is_down_is_named(tmp_path: Path, embedder: Embedder) -> None:
    index = Index.open("http://user:secret@127.0.0.1:9", embedder, side=tmp_path)
    with pytest.raises(IndexingError, match=r"server http://127\.0\.0\.1:9 .*chroma run") as caught:
        index.is_stale(tmp_path)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


running = contextmanager(run_server)


def test_a_server_that_goes_down_between_two_questions_is_named(
    tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    with running(tmp_path / "data") as url:
        index = Index.open(url, embedder, side=tmp_path / "side")
        index.sync(corpus)
        assert index.dense(embedder.encode_query("ROCm"), 1)
    settle()
    with pytest.raises(IndexingError, match=url):
        index.dense(embedder.encode_query("ROCm"), 1)


def test_a_writer_elsewhere_is_respected(url: str, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(url, embedder, side=tmp_path / "side")
    index.sync(corpus)
    settle()
    (corpus / "guide.md").unlink()
    with marked(index, writer="another-machine", written=time.time()):
        with pytest.raises(IndexingError, match="another-machine is writing"):
            index.sync(corpus)
        assert index.lexical("cooling", 1), "readers answer from the state before"
    with marked(index, writer="another-machine", written=time.time() - 1000):
        settle()
        index.sync(corpus)  # that writer is dead
    settle()
    assert not index.lexical("cooling", 1)


def test_other_versions_keep_their_index_until_they_forsake_it(
    url: str, tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    old = Index.open(url, embedder, side=tmp_path, parser=replace(default_parser(embedder), version="old"))
    new = Index.open(url, embedder, side=tmp_path, parser=replace(default_parser(embedder), version="new"))
    old.sync(corpus)
    assert new.is_stale(corpus)
    new.sync(corpus)
    settle()
    assert old.lexical("ROCm", 1) == new.lexical("ROCm", 1) != []
    with marked(old, written=time.time() - 40 * 86_400):
        (corpus / "guide.md").unlink()
        new.sync(corpus)
    settle()
    assert old.count == 0
    assert new.count > 0


@contextmanager
def marked(index: Index, **mark: str | float) -> Iterator[None]:
    place = index._place
    collection = place.collection(place.snapshot(), "chunk")  # type: ignore[arg-type]
    collection.mark({**collection.metadata, **mark})
    yield
