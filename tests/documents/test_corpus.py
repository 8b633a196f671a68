"""The folder of documents: what is listed, what is read, what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hwqa.corpus import SourceFile, read_text, scan
from hwqa.errors import CorpusError


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n", encoding="utf-8")
    return folder


def paths(folder: Path) -> list[str]:
    return [file.path for file in scan(folder)]


def test_markdown_files_are_listed_by_path(tmp_path: Path) -> None:
    written(tmp_path, "b.md", "a/z.MD", "a/b/c.markdown", "a.txt", "md", "x.md.bak", "Ä ö.Markdown")
    assert paths(tmp_path) == ["a/b/c.markdown", "a/z.MD", "b.md", "Ä ö.Markdown"]


def test_size_and_time_are_the_files(tmp_path: Path) -> None:
    written(tmp_path, "a.md")
    os.utime(tmp_path / "a.md", ns=(5, 1_700_000_000_123_456_789))
    assert scan(tmp_path) == [SourceFile("a.md", 7, (tmp_path / "a.md").stat().st_mtime_ns)]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    written(tmp_path, "a.md", ".b.md", ".git/c.md", "d/.e/f.md")
    assert paths(tmp_path) == ["a.md"]


def test_a_hidden_corpus_folder_may_be_named(tmp_path: Path) -> None:
    assert paths(written(tmp_path / ".notes", "a.md")) == ["a.md"]


def test_links_are_followed_within_the_folder_alone(tmp_path: Path) -> None:
    corpus = written(tmp_path / "corpus", "a.md", "sub/b.md")
    written(tmp_path / "outside", "secret.md")
    (corpus / "in.md").symlink_to(corpus / "a.md")
    (corpus / "out.md").symlink_to(tmp_path / "outside" / "secret.md")
    (corpus / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (corpus / "loop").symlink_to(corpus, target_is_directory=True)
    (corpus / "nothing.md").symlink_to(tmp_path / "missing.md")
    (corpus / "self.md").symlink_to(corpus / "self.md")
    assert paths(corpus) == ["a.md", "in.md", "sub/b.md"]
    with pytest.raises(CorpusError, match="not inside"):
        read_text(corpus, "out.md")


def test_a_link_to_the_corpus_folder_is_the_corpus_folder(tmp_path: Path) -> None:
    written(tmp_path / "real", "a.md")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert paths(tmp_path / "link") == ["a.md"]
    assert read_text(tmp_path / "link", "a.md") == "# a.md\n"


def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    written(tmp_path, "a.md", "folder.md/b.md")
    os.mkfifo(tmp_path / "pipe.md")
    assert paths(tmp_path) == ["a.md", "folder.md/b.md"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("missing", "does not exist"), ("file.md", "is not a folder"), ("empty", "holds no Markdown")],
)
def test_a_folder_that_cannot_serve_is_named_with_the_remedy(tmp_path: Path, name: str, said: str) -> None:
    written(tmp_path, "file.md", "empty/a.txt")
    with pytest.raises(CorpusError, match=said) as caught:
        scan(tmp_path / name)
    message = str(caught.value)
    assert name in message
    assert ":" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbf# A\n", "# A\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        ("ä\u2028b\rc".encode(), "ä\u2028b\rc"),
        (b"", ""),
    ],
)
def test_text_is_read_without_mark_and_carriage_returns(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a.md").write_bytes(content)
    assert read_text(tmp_path, "a.md") == text


@pytest.mark.parametrize(
    "content", ["ä".encode("latin-1"), "# A".encode("utf-16"), b"ok\n\xff"], ids=["latin-1", "utf-16", "byte"]
)
def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, content: bytes) -> None:
    written(tmp_path, "good.md")
    (tmp_path / "bad.md").write_bytes(content)
    assert paths(tmp_path) == ["bad.md", "good.md"]
    with pytest.raises(CorpusError, match=r"^bad\.md: not UTF-8 .*; save the file as UTF-8$"):
        read_text(tmp_path, "bad.md")


@pytest.mark.parametrize("path", ["missing.md", "../outside.md", "/etc/hostname", "a\0.md", "folder"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, path: str) -> None:
    corpus = written(tmp_path / "corpus", "folder/a.md")
    written(tmp_path, "outside.md")
    with pytest.raises(CorpusError) as caught:
        read_text(corpus, path)
    assert path.rpartition("/")[2].partition("\0")[0] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_that_is_not_utf8_is_listed_and_refused_alone(tmp_path: Path) -> None:
    written(tmp_path, "a.md")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_text("x", encoding="utf-8")
    except OSError:
        return  # this file system takes UTF-8 names alone
    assert len(scan(tmp_path)) == 2
    with pytest.raises(CorpusError, match="name is not UTF-8"):
        read_text(tmp_path, next(path for path in paths(tmp_path) if path != "a.md"))
