"""Golden sets that grow: cases from questions, from readers' judgements and from the documents; and their check."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import SMALL_CORPUS
from tests.evaluation.cards import GOLDEN, RIGHT
from typer.testing import CliRunner

from hwqa.cli import app
from hwqa.errors import GoldenError
from hwqa.evaluation import Case, load_cases
from hwqa.evaluation.golden_check import check_cases
from hwqa.evaluation.growing import Proposal, add, answered, read_feedback, to_yaml
from hwqa.evaluation.suggesting import suggest

MEMORY = "How much memory has the X9?"
JUDGED = {
    "question": MEMORY,
    "history": [],
    "status": "answered",
    "answer": RIGHT[MEMORY].text,
    "citations": RIGHT[MEMORY].to_json()["citations"],
    "rating": "up",
    "reason": "",
}


def hwqa(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["golden", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "set.yaml"
    place.write_text(GOLDEN, encoding="utf-8")
    return place


@pytest.fixture
def feedback(tmp_path: Path) -> Callable[..., Path]:
    """Writes judgements, each the good one with changes."""

    def write(*changes: dict[str, object]) -> Path:
        place = tmp_path / "feedback.jsonl"
        place.write_text("".join(json.dumps(JUDGED | change) + "\n" for change in changes), encoding="utf-8")
        return place

    return write


# adding -----------------------------------------------------------------------------------------------------------


def test_a_case_with_its_facts_is_added_and_the_text_before_stays(file: Path) -> None:
    code, said, _ = hwqa(
        "add", file, "What memory does the X9 use?", "--fact", "HBM3|high-bandwidth memory", "--source", "cards.md#X9"
    )
    assert (code, said) == (0, f"{file}: memory-x9\n")
    assert file.read_text(encoding="utf-8").startswith(GOLDEN)
    case = load_cases([file])[-1]
    assert case.facts == (("HBM3", "high-bandwidth memory"),)
    assert (case.answerable, case.tags, [str(each) for each in case.sources[0]]) == (True, (), ["cards.md#X9"])


def test_a_new_file_takes_jsonl_and_yaml_and_ids_stay_apart(tmp_path: Path, cases: list[Case]) -> None:
    for name in ("new.yaml", "new.jsonl"):
        proposals = [Proposal(cases[0], "a note"), Proposal(replace(cases[0], question="And how much memory has it?"))]
        added = add(tmp_path / name, proposals)
        assert [case.id for case in added] == ["memory", "memory-2"]
        assert load_cases([tmp_path / name]) == added
    assert (tmp_path / "new.yaml").read_text(encoding="utf-8").startswith("# a note\n- id: memory\n")


def test_a_question_that_is_there_is_not_added_twice(file: Path, cases: list[Case]) -> None:
    assert add(file, [Proposal(replace(cases[0], id="other", question="how MUCH memory has the X9"))]) == []
    assert file.read_text(encoding="utf-8") == GOLDEN
    after = replace(cases[0], history=cases[1].history)
    assert [case.id for case in add(file, [Proposal(after)])] == ["memory-2"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("set.csv", "", "name a YAML or JSONL file"),
        ("set.yaml", "[{id: a, question: b, answerable: false, category: c}]\n", "dashes at the beginning"),
        ("set.yaml", "- id: [\n", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(
    name: str, text: str, says: str, tmp_path: Path, cases: list[Case]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(GoldenError, match=says):
        add(tmp_path / name, [Proposal(replace(cases[0], question="Something new?"))])
    assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_a_case_that_nothing_is_measured_of_is_refused(file: Path) -> None:
    done = CliRunner().invoke(app, ["golden", "add", str(file), "Why?", "--source", "../x.md"])
    assert isinstance(done.exception, GoldenError)
    assert file.read_text(encoding="utf-8") == GOLDEN


def test_an_answer_proposes_its_figures_and_sources() -> None:
    case = answered(MEMORY, (), RIGHT[MEMORY].to_json(), "lookup")
    assert case.facts == (("192 GB",),)
    assert [str(each) for item in case.sources for each in item] == ["cards.md#Cards › X9"]
    assert case.tags == ("unreviewed",)
    declined = answered("What does the Y4 cost?", (), RIGHT["What does the Y4 cost?"].to_json(), "lookup")
    assert (declined.answerable, declined.facts, declined.category) == (False, (), "not-in-docs")


def test_a_question_is_answered_for_its_proposal(small_index: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    code, said, _ = hwqa(
        "add", file, "How much memory does the Alpha X1 have?",
        "--corpus", SMALL_CORPUS, "--index", small_index, "--model", "none",
    )  # fmt: skip
    assert (code, said) == (0, f"{file}: memory-alpha-x1 (unreviewed)\n")
    (case,) = load_cases([file])
    assert ("48 GB",) in case.facts
    assert case.sources[0][0].path == "alpha.md"


# feedback ---------------------------------------------------------------------------------------------------------


def test_what_readers_found_good_is_proposed_with_its_facts_and_what_they_found_bad_without(
    feedback: Callable[..., Path], tmp_path: Path
) -> None:
    bad = {"question": "And its power?", "rating": "down", "reason": "wrong\ncard", "history": [
        {"role": "user", "content": MEMORY}, {"role": "assistant", "content": "192 GB"}]}  # fmt: skip
    file = tmp_path / "new.yaml"
    code, said, _ = hwqa("add", file, "--feedback", feedback({}, bad))
    assert (code, said.count("(unreviewed)")) == (0, 2)
    good, reported = load_cases([file])
    assert (good.facts, good.tags) == ((("192 GB",),), ("unreviewed",))
    assert (reported.facts, reported.tags) == ((), ("unreviewed", "reported"))
    assert [turn.content for turn in reported.history] == [MEMORY, "192 GB"]
    assert "# found bad by a reader: wrong card; the answer was: The X9 has 192 GB" in file.read_text("utf-8")
    code, said, errors = hwqa("add", file, "--feedback", tmp_path / "feedback.jsonl")
    assert (code, said) == (0, "")
    assert "2 questions are in" in errors


def test_of_one_answer_the_last_judgement_counts(feedback: Callable[..., Path]) -> None:
    (proposal,) = read_feedback(feedback({}, {"rating": "down"}))
    assert proposal.case.tags == ("unreviewed", "reported")


def test_an_answer_without_sources_that_was_found_bad_is_to_be_looked_at(feedback: Callable[..., Path]) -> None:
    (proposal,) = read_feedback(feedback({"rating": "down", "citations": [], "status": "not_in_docs"}))
    assert not proposal.case.answerable
    assert to_yaml([proposal])


@pytest.mark.parametrize("change", [{"rating": "maybe"}, {"history": None}, {"citations": [1]}, {"question": 7}])
def test_a_line_that_is_no_judgement_is_named(change: dict[str, object], feedback: Callable[..., Path]) -> None:
    with pytest.raises(GoldenError, match=r"feedback\.jsonl:2: no feedback"):
        read_feedback(feedback({}, change))


def test_feedback_that_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="cannot be read"):
        read_feedback(tmp_path / "none.jsonl")
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(GoldenError, match="holds no feedback"):
        read_feedback(tmp_path / "none.jsonl")


def test_unreviewed_cases_are_not_asked(file: Path, tmp_path: Path, small_index: Path) -> None:
    add(file, [Proposal(answered("What is new?", (), RIGHT[MEMORY].to_json(), "lookup"))])
    arguments = ["--corpus", str(SMALL_CORPUS), "--index", str(small_index), "--model", "none", "--json"]
    done = CliRunner().invoke(app, ["eval", str(file), *arguments])
    assert "1 cases are tagged 'unreviewed' and are not asked" in done.stderr
    assert json.loads(done.stdout)["cases"] == 3


# suggesting -------------------------------------------------------------------------------------------------------


def test_facts_and_headings_of_the_documents_become_questions_for_review(tmp_path: Path) -> None:
    proposals = suggest(SMALL_CORPUS, [], 100)
    cases = {each.case.question: each.case for each in proposals}
    assert cases["What is the memory capacity of the Alpha X1?"].facts == (("48 GB",),)
    assert cases["Which has the higher power, the Alpha X1 or the Alpha X2?"].facts == (("300 W",), ("450 W",))
    assert cases["What speaks against the Alpha accelerators?"].sources[0][0].trail[-1] == "Disadvantages"
    assert not any("FP16 peak of the Alpha X1" in question for question in cases)  # there are two: dense and sparse
    assert all(case.tags == ("unreviewed",) for case in cases.values())
    # what is suggested stands in the documents
    file = tmp_path / "new.yaml"
    file.write_text(to_yaml(proposals), encoding="utf-8")
    remarks = check_cases(load_cases([file]), SMALL_CORPUS)
    assert {remark.rule for remark in remarks} <= {"unreviewed", "near-duplicate"}


def test_what_is_known_is_not_suggested_and_no_more_than_asked_for() -> None:
    first = suggest(SMALL_CORPUS, [], 3)
    assert len(first) == 3
    again = suggest(SMALL_CORPUS, [each.case for each in first], 100)
    assert not {each.case.question for each in first} & {each.case.question for each in again}


def test_suggestions_are_printed_and_go_into_a_set_only_on_request(tmp_path: Path) -> None:
    code, printed, _ = hwqa("suggest", "--corpus", SMALL_CORPUS, "--most", 4)
    assert code == 0
    assert list(tmp_path.iterdir()) == []
    code, said, _ = hwqa("suggest", "--corpus", SMALL_CORPUS, "--most", 4, "--into", tmp_path / "new.yaml")
    assert (code, said.count("(unreviewed)")) == (0, 4)
    assert (tmp_path / "new.yaml").read_text(encoding="utf-8") == printed


# checking ---------------------------------------------------------------------------------------------------------


def rules(remarks: list[object]) -> list[tuple[str, str]]:
    return [(remark.severity, remark.rule) for remark in remarks]  # type: ignore[attr-defined]


def test_a_sound_set_has_no_remarks(cases: list[Case], corpus: Path) -> None:
    assert check_cases(cases, corpus) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"facts": (("191 GB",),)}, ("error", "fact")),
        ({"facts": (("191 GB", "192 GB"),)}, None),
        ({"facts": (("191 GB",),), "tags": ("derived",)}, ("warning", "fact")),
        ({"facts": (("only on Linux",),)}, ("warning", "fact-elsewhere")),
        ({"question": "Has the X9 191 GB?", "facts": (("191 GB",),)}, None),
        ({"tags": ("unreviewed",)}, ("warning", "unreviewed")),
    ],
)
def test_facts_have_to_stand_in_the_documents(
    changes: dict[str, object], expected: tuple[str, str] | None, cases: list[Case], corpus: Path
) -> None:
    edited = replace(cases[0], **changes)  # type: ignore[arg-type]
    assert rules(check_cases([edited], corpus)) == ([expected] if expected else [])


def test_sources_have_to_exist_and_the_nearest_is_named(corpus: Path, tmp_path: Path) -> None:
    text = GOLDEN.replace("cards.md#Cards › X9", "cards.md#Cards › X99").replace("cards.md#X9", "card.md#X9")
    (tmp_path / "set.yaml").write_text(text, encoding="utf-8")
    heading, file = check_cases(load_cases([tmp_path / "set.yaml"]), corpus)
    assert heading.message == (
        "source 'cards.md#Cards › X99': the file has no such heading; did you mean cards.md#Cards › X9?"
    )
    assert file.message == "source 'card.md#X9': there is no such file; did you mean 'cards.md'?"
    assert heading.place.endswith("set.yaml:2")


def test_questions_that_are_alike_are_named_and_other_products_are_not(cases: list[Case], corpus: Path) -> None:
    first = cases[0]
    same = replace(first, id="same", question="how much memory has the x9")
    near = replace(first, id="near", question="How much memory has the X9 now?")
    other = replace(first, id="other", question="How much memory has the X8?")
    after = replace(first, id="after", history=cases[1].history)
    assert rules(check_cases([first, same], corpus)) == [("error", "duplicate")]
    assert rules(check_cases([first, near], corpus)) == [("warning", "near-duplicate")]
    assert check_cases([first, other, after], corpus) == []


def test_the_command_fails_on_errors_alone(file: Path, corpus: Path) -> None:
    code, said, _ = hwqa("check", file, "--corpus", corpus)
    assert (code, said) == (0, "3 cases, 0 errors, 0 warnings\n")
    file.write_text(GOLDEN.replace("192 GB, [", "191 GB, ["), encoding="utf-8")
    code, said, errors = hwqa("check", file, "--corpus", corpus)
    assert code == 1
    assert said.startswith(f"{file}:2: error: memory: no document says '191 GB'; mend the fact")
    assert "mend the cases named above" in errors
    code, said, _ = hwqa("check", file, "--corpus", corpus, "--json")
    assert json.loads(said)["rule"] == "fact"
