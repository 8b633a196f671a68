"""Markdown in, sections, chunks and statements out: `cases/*.md` and, beside each, what is to come of it.

To see what changed after a change that is meant, delete a `.txt` and run the test: it writes the file and fails once.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from invariants import check, words

from hwqa.chunking import chunk_document, embedding_text
from hwqa.markdown import read_document
from hwqa.schema import TRAIL_SEPARATOR
from hwqa.statements import statements

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))
BUDGET = 40
"""Words: small, so that short cases show how things are cut."""


def described(path: str, text: str) -> str:
    document = read_document(path, text)
    aliases = {product: list(names) for product, names in document.aliases.items()}
    parts = [
        f"{document.title!r} vendor {document.vendor!r} as of {document.as_of!r} aliases {aliases}",
        "",
        "SECTIONS",
    ]
    for section in document.sections:
        blocks = " ".join(f"{block.kind}{block.depth}:{block.lines[0]}-{block.lines[1]}" for block in section.blocks)
        trail = TRAIL_SEPARATOR.join(section.heading_path)
        parts.append(f"{section.lines[0]}-{section.lines[1]} {trail} #{section.anchor} [{blocks}]")
    for chunk in chunk_document(document, count_tokens=words, budget=BUDGET):
        parts += ["", f"CHUNK {chunk.lines[0]}-{chunk.lines[1]} {chunk.trail}, {words(embedding_text(chunk))} words"]
        parts += [f"  > {line}" for line in chunk.context.split("\n") if chunk.context]
        for statement in statements(chunk.text, chunk.lines[0], context=chunk.context):
            label = f" [{statement.label}]" if statement.label else ""
            parts.append(f"  {statement.kind} {statement.lines[0]}-{statement.lines[1]}{label} {statement.text!r}")
            if statement.kind == "sentence" and statement.quote != statement.text:
                parts.append(f"    quote {statement.quote!r}")
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path) -> None:
    text = case.read_bytes().decode()
    expected = case.with_suffix(".txt")
    found = described(case.name, text)
    if not expected.exists():
        expected.write_text(found, encoding="utf-8", newline="\n")
        pytest.fail(f"{expected} was missing and has been written: read it, then run again")
    assert found == expected.read_bytes().decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("ending", ["\r\n", "\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize("mark", ["\ufeff", ""], ids=["bom", "no-bom"])
def test_line_endings_and_byte_order_mark_change_nothing(case: Path, ending: str, mark: str) -> None:
    text = case.read_bytes().decode()
    assert described(case.name, mark + text.replace("\n", ending)) == described(case.name, text)
    assert described(case.name, mark + text.replace("\n", ending).rstrip()) == described(
        case.name, text.rstrip() + "\n"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("budget", [1, 7, 40, 1000])
def test_case_loses_nothing(case: Path, budget: int) -> None:
    check(case.read_bytes().decode(), budget)
