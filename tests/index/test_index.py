"""The index in a folder: what it answers, and what a sync does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_checks import lines_are_true, texts_found

from hwqa.embedding import Embedder
from hwqa.errors import CorpusError, IndexingError
from hwqa.index import Index, default_parser
from hwqa.index.snapshot import Snapshot
from hwqa.schema import Chunk, Document


@pytest.fixture
def index(tmp_path: Path, corpus: Path, embedder: Embedder) -> Index:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    return index


def test_opening_writes_nothing(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    assert (index.count, index.state, index.is_stale(corpus)) == (0, "", True)
    with pytest.raises(IndexingError, match=r"no index at .*: run `hwqa index`"):
        index.chunks([])
    assert not (tmp_path / "index").exists()


def test_a_question_finds_its_section_by_meaning_and_by_words(index: Index, embedder: Embedder) -> None:
    dense = index.dense(embedder.encode_query("how fast is the memory of the H200?"), 2)
    assert dense[0][0].path == "gpu/h200.md"
    assert 1 >= dense[0][1] >= dense[1][1] > 0.3
    lexical = index.lexical("llama.cpp", 5)
    assert [chunk.path for chunk, _ in lexical] == ["gpu/h200.md"]
    assert "llama.cpp" in lexical[0][0].text


def test_scores_are_cosines(index: Index, embedder: Embedder) -> None:
    vector = embedder.encode_query("cooling")
    chunk, score = index.dense(vector, 1)[0]
    parser = default_parser(embedder)
    assert score == pytest.approx(float(embedder.encode([parser.chunk_text(chunk)])[0] @ vector), abs=1e-4)


def test_facts_are_found_by_product_and_attribute(index: Index, embedder: Embedder) -> None:
    fact, _ = index.dense_facts(embedder.encode_query("AMD MI300X Memory bandwidth"), 3)[0]
    assert (fact.attribute, fact.value) == ("Memory bandwidth", "5.3 TB/s")
    assert fact in index.facts()


def test_work_on_a_state_is_done_once_and_anew_for_the_next(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    index = Index.open(tmp_path / "index", embedder)
    index.sync(corpus)
    done: list[str] = []

    def work(snapshot: Snapshot) -> int:
        done.append(snapshot.generation.state)
        return len(snapshot.facts)

    assert index.once(work) == index.once(work) == len(index.facts())
    assert done == [index.state]
    (corpus / "new.md").write_text("# New\n\n## X9\n\n| Attribute | Value |\n| --- | --- |\n| Memory | 9 GB |\n")
    index.sync(corpus)
    assert index.once(work) == len(index.facts())
    assert done[1:] == [index.state] != done[:1]


def test_search_within_files(index: Index, embedder: Embedder) -> None:
    vector = embedder.encode_query("memory bandwidth")
    assert {chunk.path for chunk, _ in index.dense(vector, 20, paths=["guide.md"])} == {"guide.md"}
    assert index.dense(vector, 20, paths=[]) == []
    assert {fact.path for fact, _ in index.dense_facts(vector, 20, paths=["gpu/mi300x.md"])} == {"gpu/mi300x.md"}


def test_records_by_id_section_place_and_document(index: Index, corpus: Path) -> None:
    every = index.all_chunks()
    assert index.count == len(every)
    ids = [every[2].id, "unknown", every[0].id]
    assert index.chunks(ids) == [every[2], every[0]]
    chunk = every[1]
    assert chunk in index.section(chunk.path, chunk.section)
    assert index.holding([(chunk.path, chunk.lines[0]), (chunk.path, chunk.lines[0])]) == [chunk]
    record = next(record for record in index.documents() if record.path == "gpu/h200.md")
    assert (record.title, record.vendor, record.as_of) == ("NVIDIA H200", "NVIDIA", "2025-01")
    assert record.aliases == {"H200": ("H200 SXM",)}
    assert ("Hopper GPUs", "NVIDIA H200") in record.headings
    assert lines_are_true(index, corpus)


def test_a_sync_without_change_changes_nothing(index: Index, corpus: Path) -> None:
    before = index.state
    report = index.sync(corpus)
    assert (report.added, report.updated, report.removed, report.files) == (0, 0, 0, 3)
    assert report.unchanged == index.count
    assert index.state == before


def test_deleted_text_is_never_found_again(index: Index, corpus: Path, embedder: Embedder) -> None:
    assert "ROCm" in texts_found(index, embedder, "ROCm wheels")
    path = corpus / "gpu/mi300x.md"
    path.write_text(path.read_text("utf-8").replace("ROCm 6 is needed; vLLM has wheels for it.", "See the guide."))
    (corpus / "guide.md").unlink()
    report = index.sync(corpus)
    assert report.removed >= 3
    assert report.files == 2
    found = texts_found(index, embedder, "ROCm wheels cooling")
    assert "ROCm" not in found
    assert "cooling" not in found
    assert "See the guide" in found


class Counting:
    """The embedder, with a count of what it embeds."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts: list[str] = []

    def encode(self, texts: list[str]) -> object:
        self.texts += texts
        return self._embedder.encode(texts)

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)


def test_a_moved_text_changes_its_lines_and_is_not_embedded_again(
    index: Index, tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    path = corpus / "gpu/mi300x.md"
    path.write_text("# AMD\n\nA new introduction.\n\n" + path.read_text("utf-8"))
    counting = Counting(embedder)
    report = Index.open(tmp_path / "index", counting).sync(corpus)  # type: ignore[arg-type]
    assert report.updated >= 1
    assert lines_are_true(index, corpus)
    assert not any("ROCm 6" in text for text in counting.texts)
    stored = index.chunks([chunk.id for chunk, _ in index.dense(embedder.encode_query("ROCm"), 1)])
    assert "ROCm 6" in stored[0].text


def test_a_renamed_file_is_not_embedded_again(index: Index, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    (corpus / "guide.md").rename(corpus / "howto.md")
    counting = Counting(embedder)
    Index.open(tmp_path / "index", counting).sync(corpus)  # type: ignore[arg-type]
    assert counting.texts == []
    assert [chunk.path for chunk, _ in index.lexical("cooling", 3)] == ["howto.md"]


def test_equal_texts_are_embedded_once(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    counting = Counting(embedder)
    Index.open(tmp_path / "index", counting).sync(corpus)  # type: ignore[arg-type]
    assert len(counting.texts) == len(set(counting.texts)) > 0


def test_staleness_follows_content_not_time(index: Index, corpus: Path) -> None:
    path = corpus / "guide.md"
    os.utime(path, ns=(1, 1))
    assert not index.is_stale(corpus)
    path.write_text(path.read_text("utf-8") + "\nMore.\n")
    assert index.is_stale(corpus)
    index.sync(corpus)
    assert not index.is_stale(corpus)
    (corpus / "new.md").write_text("# New\n\nText.\n")
    assert index.is_stale(corpus)
    index.sync(corpus)
    (corpus / "new.md").unlink()
    assert index.is_stale(corpus)


def test_a_change_within_the_clocks_grain_is_seen(index: Index, corpus: Path) -> None:
    path = corpus / "guide.md"
    index.sync(corpus)
    status = path.stat()
    path.write_text(path.read_text("utf-8").replace("1,000 W", "2,000 W"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert index.is_stale(corpus)


def test_touched_files_are_looked_into_once(index: Index, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in corpus.rglob("*.md"):
        os.utime(path, ns=(10**18, 10**18))
    report = index.sync(corpus)
    assert report.unchanged == index.count
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"read {path}"))
    assert not index.is_stale(corpus)


def test_a_file_that_is_not_utf8_is_named_and_skipped(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    (corpus / "bad.md").write_bytes(b"# Bad\n\n\xff\xfe\n")
    (corpus / os.fsdecode(b"name\xff.md")).write_text("# Name\n\nText.\n")
    index = Index.open(tmp_path / "index", embedder)
    report = index.sync(corpus)
    assert len(report.skipped) == 2
    assert report.skipped[0][0] == "bad.md"
    assert "UTF-8" in report.skipped[0][1]
    assert report.files == 3
    assert not index.is_stale(corpus)
    assert index.sync(corpus).skipped == report.skipped
    (corpus / "bad.md").write_text("# Good\n\nNow readable.\n")
    assert index.sync(corpus).added == 1
    assert "Now readable" in texts_found(index, embedder, "readable")


def test_a_missing_or_empty_corpus_leaves_the_index(index: Index, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "missing"):
        with pytest.raises(CorpusError):
            index.sync(tmp_path / folder)
    assert index.count > 0


def test_another_parser_makes_another_index_without_embedding_again(
    index: Index, tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    counting = Counting(embedder)
    parser = default_parser(embedder)
    before = index.state
    other = Index.open(tmp_path / "index", counting, parser=replace(parser, version="next"))  # type: ignore[arg-type]
    assert other.is_stale(corpus)
    assert other.lexical("ROCm", 1), "the old index answers until the new one is whole"
    report = other.sync(corpus)
    assert (report.added, report.removed) == (0, 0)
    assert counting.texts == []
    assert other.state != before
    assert other.dense(embedder.encode_query("ROCm"), 1)


def test_another_embedder_never_searches_the_wrong_vectors(
    index: Index, tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    other_embedder = Counting(embedder)
    other_embedder.fingerprint = "another-model:1234"  # type: ignore[attr-defined]
    other = Index.open(tmp_path / "index", other_embedder)  # type: ignore[arg-type]
    assert other.is_stale(corpus)
    with pytest.raises(IndexingError, match=r"all-MiniLM-L6-v2.*run `hwqa index`"):
        other.dense(np.zeros(384, np.float32), 1)
    assert index.dense(embedder.encode_query("ROCm"), 1)
    other.sync(corpus)
    assert len(other_embedder.texts) > 0
    assert other.dense(embedder.encode_query("ROCm"), 1)
    with pytest.raises(IndexingError, match="another-model"):
        index.dense(embedder.encode_query("ROCm"), 1)


def test_derived_data_lives_as_its_state(index: Index, tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    built: list[str] = []

    def build() -> bytes:
        built.append(index.state)
        return index.state.encode()

    assert index.cached("vocabulary", build) == index.cached("vocabulary", build) == index.state.encode()
    assert Index.open(tmp_path / "index", embedder).cached("vocabulary", build) == index.state.encode()
    assert len(built) == 1
    for text in ("One.", "Two.", "Three."):
        (corpus / "guide.md").write_text(f"# Guide\n\n{text}\n")
        index.sync(corpus)
        assert index.cached("vocabulary", build) == index.state.encode()
    assert len(built) == 4
    assert len(list((tmp_path / "index").glob("*/derived/vocabulary"))) <= 2, "old results go with their states"


def test_many_edits_leave_no_more_than_two_generations(index: Index, tmp_path: Path, corpus: Path) -> None:
    for number in range(4):
        (corpus / "guide.md").write_text(f"# Guide\n\nEdition {number}.\n")
        index.sync(corpus)
    folders = [path.name for path in (tmp_path / "index").iterdir() if path.is_dir()]
    assert len(folders) == 2


@pytest.mark.parametrize("part", ["records.sqlite", "chroma/chroma.sqlite3", "lexical/ids.npy", "exact/vectors.npy"])
def test_a_damaged_index_says_what_to_do(index: Index, tmp_path: Path, embedder: Embedder, part: str) -> None:
    (damaged,) = (tmp_path / "index").glob(f"0*/{part}")
    damaged.write_bytes(b"not a database" * 100)
    fresh = Index.open(tmp_path / "copy", embedder)
    shutil.copytree(tmp_path / "index", tmp_path / "copy")
    with pytest.raises(IndexingError, match="delete the index folder and run `hwqa index`") as caught:
        texts_found(fresh, embedder, "memory")
        fresh.dense_facts(embedder.encode_query("memory"), 1)
    assert "\n" not in str(caught.value)


def test_a_pointer_that_cannot_be_read_counts_as_no_index(index: Index, tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "index" / "current.json").write_text('{"format": 99')
    assert index.is_stale(corpus)
    index.sync(corpus)
    assert index.count > 0


def test_a_file_is_no_index(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "index").write_text("")
    with pytest.raises(IndexingError, match="is a file"):
        Index.open(tmp_path / "index", embedder)


def test_progress_goes_from_start_to_end(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    seen: list[tuple[int, int, str]] = []
    Index.open(tmp_path / "index", embedder).sync(corpus, progress=lambda *step: seen.append(step))
    for what in ("reading documents", "embedding", "storing"):
        steps = [(done, total) for done, total, name in seen if name == what]
        assert steps[-1][0] == steps[-1][1] > 0
        assert steps == sorted(steps)


def test_a_foreign_parser_serves(tmp_path: Path, corpus: Path, embedder: Embedder) -> None:
    def chunk(document: Document) -> list[Chunk]:
        return [Chunk(f"{len(document.path):02d}", document.path, ("T",), "t", (1, 1), document.title)]

    parser = replace(default_parser(embedder), chunk=chunk, facts=lambda document: [], version="test")
    index = Index.open(tmp_path / "index", embedder, parser=parser)
    index.sync(corpus)
    assert {chunk.text for chunk, _ in index.dense(embedder.encode_query("H200"), 9)} == {
        "NVIDIA H200", "Instinct GPUs", "Guide",
    }  # fmt: skip
    assert index.facts() == []
    assert index.dense_facts(embedder.encode_query("H200"), 9) == []


def test_chromas_engine_and_its_client_answer_alike_and_as_a_comparison_one_by_one(
    index: Index, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = embedder.encode_query("memory bandwidth")
    exact = index.dense(vector, 9)
    monkeypatch.setattr("hwqa.index.exact._MOST", 0)  # as if there were more chunks
    native = [index.dense(vector, 9), index.dense(vector, 9, paths=["guide.md"]), index.dense_facts(vector, 9)]
    assert [chunk for chunk, _ in native[0]] == [chunk for chunk, _ in exact]
    assert [score for _, score in native[0]] == pytest.approx([score for _, score in exact], abs=1e-5)
    monkeypatch.setattr("hwqa.index.native._SIGNATURES", {})  # as if another version of Chroma were installed
    other = Index.open(tmp_path / "index", embedder)
    assert [other.dense(vector, 9), other.dense(vector, 9, paths=["guide.md"]), other.dense_facts(vector, 9)] == native
    assert len(native[0]) == index.count


def test_after_edits_all_parts_of_the_index_are_as_if_made_anew(
    index: Index, tmp_path: Path, corpus: Path, embedder: Embedder
) -> None:
    vector = embedder.encode_query("memory bandwidth of the H200")
    for text in ("# Guide\n\nMemory counts.\n", "# Guide\n\nMemory counts.\n\n## More\n\nBandwidth, too.\n", None):
        if text is None:
            (corpus / "guide.md").unlink()
        else:
            (corpus / "guide.md").write_text(text)
            (corpus / f"{len(text)}.md").write_text(f"# Another\n\nThe H200 in {len(text)} words.\n")
        index.sync(corpus)
        anew = Index.open(tmp_path / f"anew{len(text or '')}", embedder)
        anew.sync(corpus)
        assert index.all_chunks() == anew.all_chunks()
        assert index.lexical("memory bandwidth H200 words", 50) == anew.lexical("memory bandwidth H200 words", 50)
        assert index.facts() == anew.facts()
        ids = [chunk.id for chunk in index.all_chunks()]
        vectors, others = index.vectors(ids), anew.vectors(ids)
        assert vectors.keys() == others.keys() == set(ids)
        # a text's vector differs in the last digit with the texts that share its batch
        assert all(vectors[name] == pytest.approx(others[name], abs=1e-6) for name in ids)
        assert dict(index.dense(vector, 50)) == pytest.approx(dict(anew.dense(vector, 50)), abs=1e-6)


def test_a_search_does_not_import_chromas_client(index: Index, tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom hwqa.embedding import open_embedder\n"
        "from hwqa.index import Index\nembedder = open_embedder(cache=Path(os.environ['HWQA_CACHE']))\n"
        "index = Index.open(sys.argv[1], embedder)\n"
        "print(len(index.dense(embedder.encode_query('GPU'), 2)), len(index.lexical('memory', 9)) > 0)\n"
        "print([name for name in ('chromadb', 'torch', 'pydantic', 'httpx') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("2 True\n[]\n", "")
