"""Models pulled from a real server on loopback: whole, resumed, and every way in which it can fail."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from hwqa import pulling
from hwqa.catalogue import CatalogueModel, catalogue, catalogue_model
from hwqa.errors import ModelError
from hwqa.pulling import MOST_FAILURES, partial_size, pull, remove
from models.file_server import FileServer

CONTENT = b"GGUF" + random.Random(0).randbytes(3_000_000)  # noqa: S311 - content, not a secret
MODEL = CatalogueModel(
    name="tiny",
    title="Tiny",
    publisher="Nobody",
    licence="MIT",
    parameters="1M",
    size=len(CONTENT),
    memory=10**7,
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    repository="nobody/tiny-GGUF",
    revision="main",
    file="tiny.gguf",
)
PART = "tiny.gguf.part"


def pulled(server: FileServer, folder: Path, model: CatalogueModel = MODEL, **options: object) -> Path:
    return pull(model, folder, mirror=server.host, pause=0.01, **options)  # type: ignore[arg-type]


def failure(server: FileServer, folder: Path, model: CatalogueModel = MODEL) -> str:
    with pytest.raises(ModelError) as caught:
        pulled(server, folder, model)
    assert "\n" not in str(caught.value)
    assert "tiny" in str(caught.value)
    assert not (folder / "tiny.gguf").exists()
    return str(caught.value)


def test_a_file_is_fetched_whole_and_told_of(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    with FileServer(CONTENT) as server:
        path = pulled(server, tmp_path / "models", progress=lambda *step: told.append(step))
    assert path == tmp_path / "models" / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert [asked.path for asked in server.asked] == ["/nobody/tiny-GGUF/resolve/main/tiny.gguf"]
    assert "authorization" not in server.asked[0].headers
    assert server.asked[0].headers["accept-encoding"] == "identity"
    assert [told[0][1], told[-1]] == [len(CONTENT), (len(CONTENT), len(CONTENT), "verifying tiny")]
    assert {what for _, _, what in told} == {"pulling tiny", "verifying tiny"}
    assert not (tmp_path / "models" / PART).exists()


def test_a_file_that_is_there_is_verified_and_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    with FileServer(CONTENT) as server:
        pulled(server, tmp_path)
    assert server.asked == []


def test_another_file_of_the_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF my own")
    with FileServer(CONTENT) as server, pytest.raises(ModelError, match="hwqa model remove tiny"):
        pulled(server, tmp_path)
    assert (tmp_path / "tiny.gguf").read_bytes() == b"GGUF my own"


@pytest.mark.parametrize("announce", [True, False], ids=["length said", "length unsaid"])
def test_a_connection_that_breaks_is_resumed_at_once(tmp_path: Path, announce: bool) -> None:
    with FileServer(CONTENT, announce=announce, die_after=lambda request: 1_000_000 if request < 3 else None) as server:
        assert pulled(server, tmp_path).read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in server.asked] == [None, "bytes=1000000-", "bytes=2000000-"]


def test_an_interrupted_download_is_resumed_by_the_next_call(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1_234_567])
    assert partial_size("tiny", tmp_path) == 1_234_567
    with FileServer(CONTENT) as server:
        assert pulled(server, tmp_path).read_bytes() == CONTENT
    assert [asked.headers.get("range") for asked in server.asked] == ["bytes=1234567-"]


def test_a_whole_part_is_verified_without_asking(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT)
    with FileServer(CONTENT) as server:
        assert pulled(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == []


@pytest.mark.parametrize("length", [10, len(CONTENT) + 5])
def test_a_server_without_ranges_and_a_part_too_long_begin_anew(tmp_path: Path, length: int) -> None:
    (tmp_path / PART).write_bytes(b"x" * length)
    with FileServer(CONTENT, ranges=False) as server:
        assert pulled(server, tmp_path).read_bytes() == CONTENT


def test_a_server_that_dies_each_time_is_given_up_and_the_part_stays(tmp_path: Path) -> None:
    with FileServer(CONTENT, ranges=False, die_after=lambda request: 1_500_000) as server:
        assert "broke off at 49 %; pull again" in failure(server, tmp_path)
    assert len(server.asked) == MOST_FAILURES
    assert partial_size("tiny", tmp_path) == 1_500_000


def test_a_body_that_ends_early_without_a_word_is_given_up(tmp_path: Path) -> None:
    with FileServer(CONTENT, ranges=False, announce=False, die_after=lambda request: 1_500_000) as server:
        assert "broke off" in failure(server, tmp_path)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with FileServer(CONTENT) as server:
        gone = server.host
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:\d+ cannot be reached .*HWQA_MODEL_MIRROR"):
        pull(MODEL, tmp_path, mirror=gone, pause=0.01)


def test_a_wrong_hash_installs_nothing_and_deletes_what_came(tmp_path: Path) -> None:
    other = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with FileServer(other) as server:
        says = failure(server, tmp_path)
    assert "SHA-256" in says
    assert MODEL.sha256[:12] in says
    assert list(tmp_path.glob("*.gguf*")) == []


@pytest.mark.parametrize(
    ("content", "announce", "says"),
    [
        (CONTENT + b"more", True, "another file"),
        (CONTENT + b"more", False, "longer than the file expected"),
        (CONTENT[:-4], True, "another file"),
    ],
    ids=["longer", "longer, unsaid", "shorter"],
)
def test_a_file_of_another_length_is_refused(tmp_path: Path, content: bytes, announce: bool, says: str) -> None:
    with FileServer(content, announce=announce) as server:
        assert says in failure(server, tmp_path)


def test_a_part_beyond_a_shorter_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    with FileServer(CONTENT[:500]) as server:
        assert "shorter" in failure(server, tmp_path)


def test_another_part_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:1000])
    with FileServer(CONTENT, shift=7) as server:
        assert "another part" in failure(server, tmp_path)


@pytest.mark.parametrize(
    ("status", "gated", "says"),
    [
        (404, False, "is not at"),
        (401, True, "set HF_TOKEN"),
        (403, True, "accept its terms at https://huggingface.co/nobody/tiny-GGUF"),
        (403, False, "check the rights"),
        (429, False, "later"),
        (500, False, "later"),
        (503, False, "later"),
        (418, False, "status 418"),
    ],
)
def test_each_refusal_says_what_to_do(tmp_path: Path, status: int, gated: bool, says: str) -> None:
    with FileServer(CONTENT, status=status) as server:
        assert says in failure(server, tmp_path, replace(MODEL, gated=gated))
        assert len(server.asked) == 1
    assert list(tmp_path.glob("*.gguf*")) == []


def test_a_token_goes_to_the_hub_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    gated = replace(MODEL, gated=True)
    with FileServer(CONTENT) as mirror:
        pulled(mirror, tmp_path / "mirror", gated)
    with FileServer(CONTENT) as store, FileServer(CONTENT, redirect_to=store.host) as hub:
        monkeypatch.setattr(pulling, "HUB", hub.host)
        pull(gated, tmp_path / "hub", pause=0.01)
        pull(MODEL, tmp_path / "open", pause=0.01)
    assert "authorization" not in mirror.asked[0].headers
    assert [asked.headers.get("authorization") for asked in hub.asked] == ["Bearer hf_secret", None]
    assert not any("authorization" in asked.headers for asked in store.asked)


def test_a_full_disk_is_told_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=len(CONTENT)))
    with FileServer(CONTENT) as server:
        assert "GB are free: free some space" in failure(server, tmp_path)
        assert server.asked == []


def test_what_is_there_already_needs_no_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / PART).write_bytes(CONTENT[:-1000])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=pulling.RESERVE + 1000))
    with FileServer(CONTENT) as server:
        assert pulled(server, tmp_path).read_bytes() == CONTENT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_fills_up_meanwhile_is_told(tmp_path: Path) -> None:
    (tmp_path / PART).symlink_to("/dev/full")
    with FileServer(CONTENT) as server:
        assert "is full" in failure(server, tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with FileServer(CONTENT) as server, pytest.raises(ModelError, match="cannot be stored in"):
        pulled(server, tmp_path / "file" / "models")


def test_two_pulls_of_one_model_do_not_mix(tmp_path: Path) -> None:
    with FileServer(CONTENT) as server, FileLock(tmp_path / ".tiny.lock"):
        assert "another process" in failure(server, tmp_path)


@pytest.mark.parametrize("mirror", ["nonsense", "ftp://host", "https://"])
def test_a_mirror_that_is_no_address_is_named(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(ModelError, match="HWQA_MODEL_MIRROR"):
        pull(MODEL, tmp_path, mirror=mirror)


def test_removing_frees_the_file_and_its_part(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"1234")
    (tmp_path / PART).write_bytes(b"56")
    assert remove("tiny", tmp_path) == 6
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ModelError, match="hwqa model list"):
        remove("tiny", tmp_path)


@pytest.mark.parametrize("name", ["../tiny", "/etc/passwd", "a/b"])
def test_nothing_outside_the_folder_is_removed(tmp_path: Path, name: str) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"1234")
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError, match="no name"):
        remove(name, tmp_path / "models")
    assert (tmp_path / "tiny.gguf").exists()


def test_the_catalogue_is_whole() -> None:
    models = catalogue()
    assert len(models) >= 10
    for name, model in models.items():
        assert Path(name).name == name
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert model.size > 10**8
        assert model.memory >= model.size + 3 * 10**8
        assert model.file.endswith(".gguf")
        assert all([model.title, model.publisher, model.licence, model.parameters, model.revision])
        assert model.path.count("/") == 4
    assert len({model.sha256 for model in models.values()}) == len(models)
    with pytest.raises(ModelError, match=r"take one of smollm2-360m"):
        catalogue_model("no-such-model")


# The command as its user runs it --------------------------------------------------------------------------------------


def command(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "hwqa", "model", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "COLUMNS": "200", **environment},
        timeout=120,
        check=False,
    )


def test_the_list_shows_what_can_be_had_and_what_is_here(tmp_path: Path) -> None:
    folder = tmp_path / "hwqa" / "models"
    folder.mkdir(parents=True)
    (folder / "qwen2.5-1.5b.gguf").write_bytes(b"GGUF")
    (folder / "mine.gguf").write_bytes(b"GGUF")
    (folder / "qwen3-4b.gguf.part").write_bytes(bytes(10))
    lines = command(tmp_path, "list").stdout.splitlines()
    row = {line.split()[0]: line for line in lines if line.split()}
    assert "pulled" in row["qwen2.5-1.5b"]
    assert "Apache-2.0" in row["qwen2.5-1.5b"]
    assert "0 %" in row["qwen3-4b"]
    assert "own file" in row["mine"]
    assert "package" in row["smollm2"]
    assert str(folder) in lines[-1]
    assert len(command(tmp_path, "list", "--json").stdout.splitlines()) == len(catalogue()) + 2


def test_pulling_by_command_from_a_mirror_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    with FileServer(b"GGUF another file") as server:
        done = command(tmp_path, "pull", "qwen2.5-0.5b", HWQA_MODEL_MIRROR=server.host)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("hwqa: model qwen2.5-0.5b: the file at")
    assert done.stderr.count("\n") == 1
    unknown = command(tmp_path, "pull", "nobody")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    missing = command(tmp_path, "remove", "nobody")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


PULL_TINY = """
import sys
from hwqa import catalogue
from models.test_pulling import MODEL
catalogue.catalogue = lambda: {"tiny": MODEL}
sys.argv = ["hwqa", "model", "pull", "tiny"]
from hwqa.cli import main
main()
"""


def pulling_tiny(tmp_path: Path, server: FileServer) -> subprocess.Popen[str]:
    environment = {"XDG_DATA_HOME": str(tmp_path), "HWQA_MODEL_MIRROR": server.host, "COLUMNS": "120"}
    paths = os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", PULL_TINY],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, "PYTHONPATH": paths},
    )


def test_a_killed_pull_goes_on_where_it_stopped_and_stdout_names_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "hwqa" / "models"
    with FileServer(CONTENT, die_after=lambda request: 1_000_000) as server:
        process = pulling_tiny(tmp_path, server)
        deadline = time.monotonic() + 60
        while partial_size("tiny", folder) < 1_000_000 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        begin = partial_size("tiny", folder)
        assert not (folder / "tiny.gguf").exists()
    with FileServer(CONTENT) as server:
        output, errors = pulling_tiny(tmp_path, server).communicate(timeout=60)
    assert (folder / "tiny.gguf").read_bytes() == CONTENT
    assert begin == len(CONTENT) or server.asked[0].headers["range"] == f"bytes={begin}-"
    assert output == f"{folder / 'tiny.gguf'} (MIT): ask with --model local:tiny\n"
    assert "pulling tiny" in errors
