"""Golden sets as JSONL and CSV say what those in YAML say, and each mistake is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwqa.errors import GoldenError
from hwqa.evaluation import Case, Source, load_cases, parse_cases

HEADER = "id,question,answerable,category,facts,sources"
ROW = "one,How much?,true,lookup,192 GB,a.md"
LINE = (
    '{"id": "one", "question": "How much?", "answerable": true, "facts": ["192 GB"], "sources": ["a.md"],'
    ' "category": "lookup"}'
)


def test_jsonl_says_what_yaml_says(cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text("\n" + "\n\n".join(json.dumps(case.to_json()) for case in cases) + "\r\n", "utf-8-sig")
    found = load_cases([file])
    assert found == cases
    assert [case.place.rpartition(":")[2] for case in found] == ["2", "4", "6"]


def test_csv_says_what_yaml_says(cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "set.csv"
    turns = json.dumps([{"role": turn.role, "content": turn.content} for turn in cases[1].history], indent=1)
    assert turns.count("\n") == 9
    history = '"' + turns.replace('"', '""') + '"'
    file.write_text(
        "id,question,answerable,category,facts,not_facts,sources,history,tags\r\n"
        "memory,How much memory has the X9?,TRUE,lookup,192 GB; HBM3|high-bandwidth memory,80 GB,"
        "cards.md#Cards › X9,,memory\r\n"
        f"power,And its power?,true,follow-up,0.75 kW,,cards.md#X9,{history},\r\n"
        ",,,,,,,,\r\n"
        "price,What does the Y4 cost?,False,not-in-docs,,,,,\r\n",
        "utf-8-sig",
    )
    found = load_cases([file])
    assert found == cases
    assert [case.place.rpartition(":")[2] for case in found] == ["2", "3", "14"]


def test_numbers_stay_as_they_are_written() -> None:
    (line,) = parse_cases(LINE.replace('["192 GB"]', '[96, 5.30, ["1e3", 7]]'), "f.jsonl")
    assert line.facts == (("96",), ("5.30",), ("1e3", "7"))
    (row,) = parse_cases(f"{HEADER}\n{ROW.replace('192 GB', '96;5.30')}", "f.csv")
    assert row.facts == (("96",), ("5.30",))


def test_a_list_in_json_may_hold_what_parts_items() -> None:
    (case,) = parse_cases(f'{HEADER}\none,How much?,true,lookup,192 GB,"[""a.md#One; two | three""]"', "f.csv")
    assert case.sources == ((Source("a.md", ("One; two | three",)),),)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param(LINE + "\n{", 2, "not JSON: Expecting property name", id="broken"),
        pytest.param(LINE + "\n\n[]", 3, "a case must be a mapping", id="list"),
        pytest.param("12", 1, "this is a number", id="number"),
        pytest.param("null", 1, "this is nothing", id="null"),
        pytest.param(LINE.replace("category", "kategory"), 1, "did you mean 'category'", id="unknown key"),
        pytest.param(LINE.replace('"192 GB"', "NaN"), 1, "NaN is no number", id="nan"),
        pytest.param(LINE.replace("192 GB", r"\ud800"), 1, "surrogate", id="surrogate"),
        pytest.param(LINE.replace('"How much?"', "12"), 1, "question must be text; this is a number", id="type"),
        pytest.param(LINE.replace("true", '"true"'), 1, "answerable must be true or false", id="truth"),
        pytest.param(LINE.replace('"id"', '"id": "a", "id"'), 1, "'id' stands twice", id="key twice"),
        pytest.param(LINE + "\n" + LINE, 2, "id 'one' is already that of the case at", id="id twice"),
        pytest.param("[" * 100_000, 1, "not JSON", id="deep"),
        pytest.param("\n\n", 1, "holds no case", id="empty"),
    ],
)
def test_a_mistake_in_jsonl_is_named_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(GoldenError) as raised:
        parse_cases(text, "set.jsonl")
    message = str(raised.value)
    assert message.startswith(f"set.jsonl:{line}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param(f"{HEADER}\n{ROW},more", 2, "the row has 7 cells, the header 6", id="cells"),
        pytest.param(f"{HEADER}\n{ROW}\none", 3, "the row has 1 cells", id="too few"),
        pytest.param(f'{HEADER}\n"one\n\n{ROW}', 2, "not CSV", id="quote left open"),
        pytest.param(HEADER.replace("category", "kategory") + "\n" + ROW, 2, "did you mean 'category'", id="column"),
        pytest.param(HEADER.replace("facts", "id") + "\n" + ROW, 2, "'id' stands twice", id="column twice"),
        pytest.param(f"{HEADER}\n{ROW.replace('lookup', '')}", 2, "'category' is missing", id="empty cell"),
        pytest.param(f"{HEADER}\n{ROW.replace('true', 'yes')}", 2, "answerable must be true or false", id="truth"),
        pytest.param(f"{HEADER}\n{ROW.replace('192 GB', '[192 GB')}", 2, "facts is not JSON", id="list"),
        pytest.param(f"{HEADER},history\n{ROW},hello", 2, "history must be a list; this is text", id="history"),
        pytest.param(f"{HEADER}\n{ROW.replace('a.md', '/a.md')}", 2, "relative to the corpus", id="source"),
        pytest.param(f"{HEADER}\n{ROW}\n{ROW}", 3, "id 'one' is already that of the case at", id="id twice"),
        pytest.param(f"{HEADER}\n", 1, "holds no case", id="header alone"),
        pytest.param("", 1, "holds no case", id="empty"),
    ],
)
def test_a_mistake_in_csv_is_named_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(GoldenError) as raised:
        parse_cases(text, "set.csv")
    message = str(raised.value)
    assert message.startswith(f"set.csv:{line}: ")
    assert says in message
    assert "\n" not in message


def test_a_folder_may_mix_the_formats(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(LINE, "utf-8")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{ROW.replace('one', 'two')}\n", "utf-8")
    assert [case.id for case in load_cases([tmp_path])] == ["one", "two"]
