"""Golden sets are read whole, and each mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwqa.errors import GoldenError
from hwqa.evaluation import Case, Source, load_cases, parse_cases
from hwqa.schema import Message

ROOT = Path(__file__).parent.parent.parent
CASE = """- id: one
  question: How much?
  answerable: true
  facts: [192 GB]
  sources: [a.md]
  category: lookup
"""


def test_a_case_is_read_with_all_its_parts(cases: list[Case]) -> None:
    first, second, third = cases
    assert first.facts == (("192 GB",), ("HBM3", "high-bandwidth memory"))
    assert first.not_facts == (("80 GB",),)
    assert first.sources == ((Source("cards.md", ("Cards", "X9")),),)
    assert first.tags == ("memory",)
    assert first.place.endswith("golden.yaml:2")
    assert second.history == (Message("user", "How much memory has the X9?"), Message("assistant", "192 GB"))
    assert not third.answerable
    assert third.facts == ()


def test_unquoted_numbers_and_dates_are_facts_as_written() -> None:
    (case,) = parse_cases(CASE.replace("[192 GB]", "[96, 5.30, 2020-11-16, [1_000, no]]".replace("no", "none")), "f")
    assert case.facts == (("96",), ("5.30",), ("2020-11-16",), ("1_000", "none"))


def test_a_case_survives_its_json(cases: list[Case]) -> None:
    assert [Case.from_json(case.to_json()) for case in cases] == cases


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        pytest.param(("category:", "kategory:"), 6, "'kategory' is unknown; did you mean 'category'", id="unknown key"),
        pytest.param(("  category: lookup\n", ""), 1, "'category' is missing", id="missing key"),
        pytest.param(("  facts: [192 GB]\n", ""), 1, "'facts' is missing", id="facts of an answerable case"),
        pytest.param(("true", "maybe"), 3, "answerable must be true or false; this is text", id="no truth value"),
        pytest.param(("[192 GB]", "192 GB"), 4, "facts must be a list; this is text", id="no list"),
        pytest.param(
            ("[192 GB]", "[{memory: 192 GB}]"), 4, "must be text or a list of phrasings", id="fact is a mapping"
        ),
        pytest.param(("[192 GB]", "[[]]"), 4, "is an empty list", id="fact without phrasing"),
        pytest.param(
            ("[192 GB]", "[true]"), 4, "must be text; this is true or false; put it in quotes", id="fact is a truth"
        ),
        pytest.param(
            ("How much?", "12"), 2, "question must be text; this is a number; put it in quotes", id="wrong type"
        ),
        pytest.param(("How much?", "''"), 2, "question must not be empty", id="empty question"),
        pytest.param(("[a.md]", "[/a.md]"), 5, "path relative to the corpus", id="absolute source"),
        pytest.param(("[a.md]", "[[]]"), 5, "is an empty list", id="source without section"),
        pytest.param(("[a.md]", "['a.md#']"), 5, "names no heading", id="source without heading"),
        pytest.param(("[192 GB]\n  sources: [a.md]", "[]\n  sources: []"), 1, "needs a fact or a source", id="nothing"),
        pytest.param(("facts:", "id: two\n  facts:"), 4, "'id' stands twice", id="key twice"),
        pytest.param(("category: lookup\n", "category: lookup\n" + CASE), 7, "'one' is already that of", id="id twice"),
        pytest.param(("category:", "history: [{role: system, content: x}]\n  category:"), 6, "role must be", id="role"),
        pytest.param(("category:", "history: [{role: user}]\n  category:"), 6, "'content' is missing", id="message"),
        pytest.param(("[192 GB]", "[192 GB"), 4, "not YAML", id="bracket left open"),
        pytest.param(("[192 GB]", "[\x07]"), 4, "a character that YAML does not allow", id="control character"),
        pytest.param(("- id", "id"), 2, "not YAML", id="broken indentation"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(change: tuple[str, str], line: int, says: str, tmp_path: Path) -> None:
    file = tmp_path / "set.yaml"
    file.write_text(CASE.replace(*change), encoding="utf-8")
    with pytest.raises(GoldenError) as raised:
        load_cases([file])
    message = str(raised.value)
    assert message.startswith(f"{file}:{line}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(("text", "says"), [("", "holds no case"), ("[]", "holds no case"), ("a: 1", "must be a list")])
def test_a_file_without_cases_is_refused(text: str, says: str) -> None:
    with pytest.raises(GoldenError, match=rf"^set\.yaml:1: .*{says}"):
        parse_cases(text, "set.yaml")


def test_a_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "set.yaml"
    file.write_bytes(b"- id: one\n  question: caf\xe9\n")
    with pytest.raises(GoldenError, match=r"set\.yaml:2: not UTF-8"):
        load_cases([file])


def test_a_folder_gives_its_files_by_name_each_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.yml").write_text(CASE.replace("one", "b"), encoding="utf-8")
    (tmp_path / "deep" / "c.yaml").write_text(CASE.replace("one", "c"), encoding="utf-8-sig")
    (tmp_path / "a.yaml").write_text(CASE.replace("one", "a"), encoding="utf-8")
    (tmp_path / "notes.md").write_text("no golden set", encoding="utf-8")
    assert [case.id for case in load_cases([tmp_path, tmp_path / "a.yaml"])] == ["a", "b", "c"]


def test_an_id_may_stand_in_one_file_only(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(CASE, encoding="utf-8")
    with pytest.raises(GoldenError, match=r"b\.yaml:1: id 'one' is already that of the case at .*a\.yaml:1"):
        load_cases([tmp_path])


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="does not exist"):
        load_cases([tmp_path / "none.yaml"])
    with pytest.raises(GoldenError, match="holds no golden set"):
        load_cases([tmp_path])


def test_the_projects_own_sets_are_well_formed() -> None:
    cases = load_cases([ROOT / "tests" / "golden"])
    assert len(cases) >= 60
    for source in {source.path for case in cases for item in case.sources for source in item}:
        assert (ROOT / "corpus" / source).is_file()
