"""The runner of all tests leaves none out, and says what failed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import groups as runner
from tests.groups import TESTS, Group, groups


def test_every_test_file_is_in_one_group() -> None:
    files = [file for group in groups() for file in group.paths]
    assert sorted(files) == sorted(map(str, TESTS.rglob("test_*.py")))
    assert [group.name for group in groups()] == ["ui", "top", "evaluation", "models", "index", "rest"]


def test_a_new_folder_is_among_the_rest(tmp_path: Path) -> None:
    for name in ("test_a.py", "ui/test_b.py", "new/deep/test_c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {group.name: [Path(path).name for path in group.paths] for group in groups(tmp_path)}
    assert found == {"ui": ["test_b.py"], "top": ["test_a.py"], "rest": ["test_c.py"]}


def test_a_group_that_fails_fails_the_run_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_good.py").write_text("def test_it(): pass\n")
    (tmp_path / "test_bad.py").write_text("def test_it(): assert not 'this'\n")
    (tmp_path / "test_busy.py").write_text(
        "from pathlib import Path\n"
        "def test_it():\n"
        "    seen = Path(__file__).with_suffix('.seen')\n"
        "    before = seen.exists()\n"
        "    seen.touch()\n"
        "    assert before\n"
    )
    good = Group("good", (str(tmp_path / "test_good.py"),))
    bad = Group("bad", (str(tmp_path / "test_bad.py"),))
    busy = Group("busy", (str(tmp_path / "test_busy.py"), str(tmp_path / "test_good.py")))
    monkeypatch.setattr(runner, "prepare", lambda: None)
    monkeypatch.setattr(runner, "ROOT", tmp_path)  # where notes on what failed are kept
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take ten times as long as the tests
    for chosen, options, code, says in (
        ([good, bad], [], 1, "failed: bad"),
        ([good], [], 0, "all passed"),
        ([busy, good], [], 0, "all passed"),
        ([good], ["-k", "nothing"], 0, "all passed"),
        ([Group("gone", (str(tmp_path / "test_gone.py"),))], [], 1, "failed: gone"),
    ):
        monkeypatch.setattr(runner, "groups", lambda chosen=chosen: chosen)
        monkeypatch.setattr("sys.argv", ["groups", *options])
        assert runner.main() == code
        out = capsys.readouterr().out
        assert says in out.splitlines()[-1]
        named = re.search(r"passed alone: \S*test_busy\.py::test_it$", out, re.M)
        assert bool(named) == (busy in chosen)
