"""`docs/deploy.md` and the Dockerfile name options, variables and paths that there are."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from typer.testing import CliRunner

from hwqa.cli import app
from hwqa.config import Settings
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "deploy.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
OF_OTHERS = {"--system", "--home-dir", "--create-home", "--host", "--port", "--path", "--name"}
"""Options of `useradd`, `chroma`, model servers and `docker`; `hwqa serve` has the second and third, too."""


def test_every_option_is_one_of_hwqa_serve() -> None:
    known = set(re.findall(r"--[a-z-]+", CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).stdout))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCUMENT)) - OF_OTHERS
    assert {"--auth", "--root-path", "--rate-limit", "--request-limit", "--concurrency", "--reindex"} <= named
    assert named <= known


@pytest.mark.parametrize("text", [DOCUMENT, DOCKERFILE], ids=["deploy.md", "Dockerfile"])
def test_every_variable_is_a_setting(text: str) -> None:
    named = {name.lower() for name in re.findall(r"\bHWQA_([A-Z_]+)", text)}
    assert {"data", "cache"} <= named
    assert named <= set(Settings.model_fields)


def test_the_image_holds_what_it_copies_and_installs() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]]
    assert set(copied) == kept
    assert all((ROOT / name.removeprefix("./")).exists() for name in copied)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for listed in re.findall(r"(?:hwqa|\.)\[([a-z,]+)\]", DOCKERFILE + DOCUMENT):
        assert set(listed.split(",")) <= set(extras)


def test_the_compose_file_starts_the_server_with_options_that_it_has() -> None:
    (text,) = [block for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S) if "services:" in block]
    services = yaml.safe_load(text)["services"]
    assert set(services["hwqa"]["depends_on"]) == {"chroma", "model"}
    help_text = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).stdout
    assert all(word in help_text for word in services["hwqa"]["command"] if word.startswith("--"))
