"""The examples of the CommonMark specification, from the source distribution of the parser in use."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[2] / ".cache" / "commonmark"


def specification() -> list[dict[str, str]]:
    """All examples; fetched once, through pip, into `.cache/`."""
    release = version("markdown-it-py")
    kept = CACHE / f"{release}.json"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--no-binary", "markdown-it-py", "--dest", CACHE, f"markdown-it-py=={release}"],
            check=True,
        )  # fmt: skip
        with tarfile.open(next(CACHE.glob(f"markdown_it_py-{release}.tar.gz"))) as archive:
            name = next(name for name in archive.getnames() if name.endswith("/commonmark.json"))
            member = archive.extractfile(name)
            assert member is not None
            partial = kept.with_suffix(".partial")
            partial.write_bytes(member.read())
            partial.rename(kept)
    examples: list[dict[str, str]] = json.loads(kept.read_text(encoding="utf-8"))
    assert len(examples) > 600, f"{kept} holds {len(examples)} examples: delete it to fetch them again"
    return examples


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "specification_example" in metafunc.fixturenames:
        examples = specification()
        names = [f"{example['section'].replace(' ', '-').lower()}-{example['example']}" for example in examples]
        metafunc.parametrize("specification_example", examples, ids=names)
