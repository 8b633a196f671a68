"""Vectors of statements kept on disk: the same to the last bit, and no answer hangs on the file."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import CACHE

from hwqa.embedding import Embedder, open_embedder
from hwqa.encoder import OnnxEncoder
from hwqa.vector_cache import FILE, VectorCache

TEXTS = ["The X1 holds 48 GB.", "Memory bandwidth: 4.8 TB/s", "", "記憶體"]
VECTORS = {text: np.arange(place, place + 4, dtype=np.float32) / 3 for place, text in enumerate(TEXTS)}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache folder of its own with the exported encoder and no vectors."""
    shutil.copytree(CACHE / "encoders", tmp_path / "encoders", ignore=shutil.ignore_patterns(FILE), copy_function=link)
    return tmp_path


def link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def test_another_process_finds_the_vectors_to_the_last_bit(
    cache: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_embedder(cache=cache).encode_apart(TEXTS)
    encoded: list[str] = []
    encode = OnnxEncoder.encode

    def counted(self: OnnxEncoder, texts: Sequence[str], *, apart: bool = False) -> np.ndarray:
        encoded.extend(texts)
        return encode(self, texts, apart=apart)

    monkeypatch.setattr(OnnxEncoder, "encode", counted)
    found = open_embedder(cache=cache).encode_apart([*reversed(TEXTS), "another"])
    assert encoded == ["another"]
    assert (found[-2::-1] == made).all()
    assert (made == embedder.encode_apart(TEXTS)).all()


def test_vectors_of_another_runtime_are_not_taken(tmp_path: Path) -> None:
    VectorCache(tmp_path / FILE, kind=lambda: "1.20").store(VECTORS)
    assert VectorCache(tmp_path / FILE, kind=lambda: "1.21").find(TEXTS) == {}
    assert sorted(VectorCache(tmp_path / FILE, kind=lambda: "1.20").find([*TEXTS, "none"])) == sorted(TEXTS)


def test_the_vector_kept_longest_goes_first(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / FILE, most=3)
    for text in "abcab":  # b was kept last, c longest ago
        cache.store({text: VECTORS[""]})
    cache.store({"d": VECTORS[""]})
    assert sorted(cache.find([*"abcd"])) == ["a", "b", "d"]


def test_a_torn_vector_is_made_again(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / FILE)
    cache.store(VECTORS)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE vectors SET vector = zeroblob(16) WHERE place = 2")
    assert TEXTS[1] not in cache.find(TEXTS)
    assert len(cache.find(TEXTS)) == len(TEXTS) - 1


def test_a_file_that_is_no_database_is_written_anew(cache: Path) -> None:
    file = next(cache.glob("encoders/*/encoder.onnx")).with_name(FILE)
    file.write_bytes(b"no database at all, and longer than a header would be" * 40)
    kept = VectorCache(file)
    assert kept.find(TEXTS) == {}
    kept.store(VECTORS)
    kept.store(VECTORS)
    assert len(kept.find(TEXTS)) == len(TEXTS)


def test_what_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "none" / FILE)
    cache.store(VECTORS)
    assert cache.find(TEXTS) == {}
    assert not (tmp_path / "none").exists()
