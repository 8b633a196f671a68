"""The README keeps its word: its Python prints what it says, and its commands exist."""

import contextlib
import io
import re
from pathlib import Path

import pytest

import hwqa
from hwqa.cli import app
from tests.conftest import CACHE, ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_python_example_prints_what_the_readme_shows(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = re.findall(r"```(?:python|text)\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("HWQA_CACHE", str(CACHE))
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code.replace('index="index"', f"index={str(corpus_index)!r}"), {})  # noqa: S102 - the README's own code
    assert output.getvalue() == printed


def test_the_commands_of_the_readme_are_those_of_the_program() -> None:
    named = set(re.findall(r"`hwqa (\w+)", README))
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert named <= commands | {group.typer_instance.info.name for group in app.registered_groups}


def test_the_targets_of_the_readme_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)|`make (\w+)`", README, re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


def test_pictures_of_the_readme_exist() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()


def test_the_public_names_are_those_that_can_be_imported() -> None:
    for name in hwqa.__all__:
        assert getattr(hwqa, name) is not None
    with pytest.raises(AttributeError):
        _ = hwqa.nothing
