import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import QuestionError
from hwqa.grounding import UNSUPPORTED
from hwqa.schema import Answer, Message
from tests.conftest import CACHE, SMALL_CORPUS


def quotes_stand_at_their_lines(answer: Answer, corpus: Path) -> bool:
    for citation in answer.citations:
        lines = (corpus / citation.path).read_text("utf-8").split("\n")
        if citation.quote not in "\n".join(lines[citation.lines[0] - 1 : citation.lines[1]]):
            return False
    return True


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("How much memory does the X1 have?", ["48 GB", "[1]"]),
        ("What is the TDP of the X2?", ["450 W"]),
        ("FP16 of the X1?", ["181 TFLOPS", "362 TFLOPS", "dense", "sparse"]),
        ("Which card has the most bandwidth?", ["Alpha X2", "2.4 TB/s"]),
        ("Which cards have at least 90 GB?", ["Alpha X2", "96 GB"]),
        ("What speaks against the X1?", ["No FP8"]),
        ("X1 or X2 for memory?", ["96 GB", "48 GB", "Alpha X2 has the higher"]),
        ("Does the Beta B7 run llama.cpp?", ["llama.cpp"]),
        ("How much does the Beta B7 cost?", ["$30,000 and $40,000"]),
    ],
)
def test_an_answer_holds_the_figures_and_its_quotes_stand_at_their_lines(
    assistant: Assistant, question: str, held: list[str]
) -> None:
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert answer.citations
    assert all(part in answer.text for part in held), answer.text
    assert quotes_stand_at_their_lines(answer, SMALL_CORPUS)


@pytest.mark.parametrize(
    "question",
    ["How much memory does the Foobar Z900 have?", "Who won the football world cup?", "How do I bake bread?"],
)
def test_what_the_documents_do_not_hold_is_not_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert (answer.status, answer.citations) == ("not_in_docs", ())


def test_what_is_not_published_is_said_with_its_source(assistant: Assistant) -> None:
    answer = assistant.ask("price of the X2")
    assert "not published" in answer.text
    assert answer.citations[0].lines[0] == 39


def test_a_part_that_the_documents_lack_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("Compare the price of the X1 and the Beta B7")
    assert "$4,000" in answer.text


def test_a_follow_up_is_answered_for_the_product_spoken_of(assistant: Assistant) -> None:
    history = [Message("user", "How much memory does the X2 have?"), Message("assistant", "96 GB [1].")]
    answer = assistant.ask("and its TDP?", history)
    assert "450 W" in answer.text
    assert answer.standalone_question == "the X2's TDP?"


def test_an_instruction_inside_a_document_is_not_followed(assistant: Assistant) -> None:
    assert "999" not in assistant.ask("What does the Beta B7 cost?").text


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        assistant.ask(question)


def test_a_very_long_question_is_refused(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="100,000 characters"):
        assistant.ask("x" * 100_000)


def test_the_stream_grows_and_ends_with_the_answer(assistant: Assistant) -> None:
    updates = list(assistant.stream("How much memory does the X1 have?"))
    assert [update.stage for update in updates][:2] == ["reading", "searching"]
    assert updates[-1].stage == "done"
    assert updates[-1].answer is not None
    assert updates[-1].answer.text == updates[-1].text
    assert all(update.answer is None for update in updates[:-1])


def told(*drafts: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter([AIMessage(draft) for draft in drafts]))


def written_by(model: GenericFakeChatModel, small_index: Path, question: str) -> Answer:
    settings = Settings.load(cache=CACHE)
    return Assistant.open(SMALL_CORPUS, small_index, model, settings=settings, sync=False).ask(question)


def test_a_true_draft_passes_with_its_citation_narrowed_to_the_row(small_index: Path) -> None:
    answer = written_by(told("The Alpha X1 has 48 GB of memory [1]."), small_index, "How much memory does the X1 have?")
    assert answer.text == "The Alpha X1 has 48 GB of memory [1]."
    assert answer.model != "none"
    assert (answer.citations[0].quote.count("\n"), answer.removed_sentences) == (0, 0)


def test_an_invented_number_never_reaches_the_reader(small_index: Path) -> None:
    lie = "The Alpha X1 has 64 GB of memory [1]. "
    answer = written_by(told(lie, lie), small_index, "How much memory does the X1 have?")
    assert "64" not in answer.text
    assert "48 GB" in answer.text
    assert (answer.removed_sentences, answer.model) == (2, "none")
    assert any("removed" in warning for warning in answer.warnings)


def test_words_that_no_source_says_are_dropped_or_marked_by_setting(small_index: Path) -> None:
    draft = "The Alpha X1 has 48 GB of memory [1]. The Alpha X1 grows tomatoes in greenhouses [1]."
    texts, warnings = [], []
    for unsupported in ("drop", "mark"):
        settings = Settings.load(cache=CACHE, unsupported=unsupported)
        opened = Assistant.open(SMALL_CORPUS, small_index, told(draft), settings=settings, sync=False)
        answer = opened.ask("How much memory does the X1 have?")
        texts.append(answer.text.split("[1]. ")[-1].strip())
        warnings.append([warning for warning in answer.warnings if "shown although" in warning])
    assert texts == [
        "The Alpha X1 has 48 GB of memory [1].",
        f"The Alpha X1 grows tomatoes in greenhouses. {UNSUPPORTED}",
    ]
    assert [len(found) for found in warnings] == [0, 1]


def test_a_mark_without_a_source_never_survives(small_index: Path) -> None:
    draft = "The Alpha X1 has 48 GB of memory [1]. The Alpha X1 is blue [99]."
    answer = written_by(told(draft), small_index, "How much memory does the X1 have?")
    assert "[99]" not in answer.text
    assert "blue" not in answer.text


def test_a_chat_model_is_not_asked_what_the_documents_do_not_hold(small_index: Path) -> None:
    answer = written_by(told(), small_index, "Who won the football world cup?")
    assert (answer.status, answer.model) == ("not_in_docs", "none")


def test_json_has_the_agreed_keys(assistant: Assistant) -> None:
    content = json.loads(json.dumps(assistant.ask("How much memory does the X1 have?").to_json()))
    assert list(content) == [
        "question", "standalone_question", "status", "answer", "citations", "table", "calculation", "warnings",
        "removed_sentences", "model", "timings_ms",
    ]  # fmt: skip
    assert list(content["citations"][0]) == ["number", "path", "heading_path", "anchor", "lines", "quote"]
    assert list(content["timings_ms"]) == ["retrieval", "answer", "total"]


def test_the_runnable_answers_a_question_with_its_history(assistant: Assistant) -> None:
    runnable = assistant.as_runnable()
    assert "48 GB" in runnable.invoke("How much memory does the X1 have?").text
    follow_up = {"question": "and its TDP?", "history": [Message("user", "How much memory does the X1 have?")]}
    assert "300 W" in runnable.invoke(follow_up).text


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        assert not isinstance(address, tuple) or host in ("127.0.0.1", "::1", "localhost"), f"connects to {address}"
        connect(self, address)  # type: ignore[arg-type]

    def resolve(host: object, *rest: object, **named: object) -> None:
        raise AssertionError(f"looks up {host}")

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield


@pytest.mark.usefixtures("no_network")
def test_indexing_and_asking_need_no_network(tmp_path: Path) -> None:
    fresh = Assistant.open(SMALL_CORPUS, tmp_path / "index", settings=Settings.load(cache=CACHE))
    assert "48 GB" in fresh.ask("How much memory does the X1 have?").text
