"""`hwqa size` as its user runs it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import CACHE
from tests.sizing.conftest import CORPUS

from hwqa.assistant import Assistant
from hwqa.config import Settings

Size = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def made_up_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sizing") / "index"
    Assistant.open(CORPUS, folder, settings=Settings.load(cache=CACHE))
    return folder


@pytest.fixture
def size(tmp_path: Path, made_up_index: Path) -> Size:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    shutil.copytree(made_up_index, tmp_path / "index")
    command = Path(sys.executable).parent / "hwqa"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, "size", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
            timeout=300,
            check=False,
        )

    return run


def test_json_carries_steps_inputs_and_their_lines(size: Size) -> None:
    done = size("--model-params", "70B", "--precision", "fp8", "--context", "32k", "--device", "Z1", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    content = json.loads(done.stdout)
    assert (content["kind"], content["precision"], content["context_tokens"]) == ("sizing", "fp8", 32_768)
    assert {step["name"]: step["low"] for step in content["steps"]}["weights"] == 70e9
    (device,) = content["devices"]
    assert (device["device"], device["fits"], device["least"]) == ("Zephyr Z1", "yes", 1)
    numbers = [given["number"] for given in content["inputs"]]
    assert numbers == list(range(1, len(numbers) + 1))
    used = {number for step in (*content["steps"], *device["steps"]) for number in step["inputs"]}
    assert used == set(numbers)
    capacity = next(given for given in content["inputs"] if given["name"] == "memory capacity")
    line = (CORPUS / "devices.md").read_text("utf-8").split("\n")[capacity["citation"]["lines"][0] - 1]
    assert capacity["citation"]["quote"] == line == "| Memory capacity | 141 GB | | |"


def test_a_person_sees_formula_result_and_source(size: Size) -> None:
    done = size("--model", "nimbus 70", "--precision", "fp8", "--context", "32k", "--device", "Z1", "--device", "Z2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "80.7 GB (75.2 GiB)" in done.stdout
    assert "parameters × bits / 8" in done.stdout
    assert (
        "Zephyr Z2: fits one: no; fewest by capacity: 3 (3 if all memory is filled), with heads divided evenly: 4"
        in done.stdout
    )
    line = (CORPUS / "devices.md").read_text("utf-8").split("\n").index("| Memory capacity | 141 GB | | |") + 1
    assert f"memory capacity of Zephyr Z1: 141 GB (devices.md:{line})" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--model", "Nimbus 71"), "the nearest are Nimbus 70"),
        (("--model", "Nimbus 70", "--device", "Y1"), "the nearest are Zephyr Z1"),
        (("--model", "Nimbus 70", "--precision", "fp9"), "the nearest are fp"),
        (("--model", "Nimbus 70", "--context", "much"), "no number of tokens"),
        (("--model-params", "huge"), "no number of parameters"),
    ],
    ids=["model", "device", "format", "context", "parameters"],
)
def test_what_is_not_known_ends_in_one_line(size: Size, arguments: tuple[str, ...], says: str) -> None:
    done = size(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hwqa: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("--model", "Nimbus 70", "--model-params", "70B"), ("--model", "Nimbus 70", "--concurrency", "0")]
)
def test_wrong_usage_is_exit_code_2(size: Size, arguments: tuple[str, ...]) -> None:
    assert size(*arguments).returncode == 2
