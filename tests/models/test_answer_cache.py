"""Answers of chat models kept on disk: when one is given again, and when it must not be."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.chat_server import ChatServer, Messages, Misbehaviour, Reply
from tests.conftest import CACHE, SMALL_CORPUS, Run

from hwqa.answer_cache import FILE, AnswerCache, answer_key
from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.schema import Answer, Citation, Message, Usage

QUESTION = "How much memory does the X1 have?"
DRAFT = "The Alpha X1 holds 48 GB [1]."
ANSWER = Answer(
    question=QUESTION,
    standalone_question=QUESTION,
    status="answered",
    text=DRAFT,
    citations=(Citation(1, "alpha.md", ("Alpha", "X1"), "x1", (22, 22), "| Memory | 48 GB |"),),
    table=({"Product": "X1", "Memory": "48 GB [1]"},),
    calculation={"sum": 48},
    removed_sentences=2,
    model="openai:test",
)


@pytest.fixture
def place(tmp_path: Path, small_index: Path) -> Path:
    """A folder with the small corpus, its index, and a cache of its own that holds the exported encoder."""
    shutil.copytree(SMALL_CORPUS, tmp_path / "corpus")
    shutil.copytree(small_index, tmp_path / "index")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "encoders").symlink_to(CACHE / "encoders")
    return tmp_path


def opened(place: Path, server: ChatServer, **settings: object) -> Assistant:
    given = {
        "corpus": place / "corpus",
        "index": str(place / "index"),
        "cache": place / "cache",
        "model": "openai:test",
        "base_url": server.base_url,
        "answer_cache": True,
        **settings,
    }
    return Assistant.open(settings=Settings.load(**given))


def test_the_same_question_is_answered_from_disk_as_before(place: Path) -> None:
    with ChatServer(lambda messages: DRAFT) as server:
        first = opened(place, server).ask(QUESTION)
        again = opened(place, server).ask(QUESTION)
        spaced = opened(place, server).ask(f"  {QUESTION.replace(' ', '  ')}\n")
        assert len(server.requests) == 1
    assert first.usage == Usage(10, 5)
    assert replace(again, timings=first.timings) == first
    assert again.timings.total < first.timings.total
    assert spaced.question != first.question
    assert spaced.text == first.text == DRAFT


def test_the_stream_ends_at_once_with_the_kept_answer(place: Path) -> None:
    with ChatServer(lambda messages: DRAFT) as server:
        assistant = opened(place, server)
        assistant.ask(QUESTION)
        updates = list(assistant.stream(QUESTION))
    assert [update.stage for update in updates] == ["reading", "done"]
    assert updates[-1].answer is not None
    assert updates[-1].text == updates[-1].answer.text == DRAFT


def test_sentences_removed_are_told_again(place: Path) -> None:
    with ChatServer(lambda messages: f"{DRAFT} The Alpha X1 has 64 GB [1].") as server:
        first = opened(place, server).ask(QUESTION)
        again = opened(place, server).ask(QUESTION)
    assert first.removed_sentences == 1
    assert again.warnings == first.warnings


def test_another_question_history_model_or_setting_is_asked_anew(place: Path) -> None:
    with ChatServer(lambda messages: DRAFT) as server:
        opened(place, server).ask(QUESTION)
        opened(place, server).ask("What memory does the X1 have?")
        opened(place, server).ask(QUESTION, [Message("user", "Tell me about the X2."), Message("assistant", "Yes.")])
        opened(place, server, model="openai:other").ask(QUESTION)
        opened(place, server, temperature=0.5).ask(QUESTION)
        opened(place, server, passages=5).ask(QUESTION)
        assert len(server.requests) == 6
        with ChatServer(lambda messages: DRAFT) as other:
            opened(place, other).ask(QUESTION)
            assert len(other.requests) == 1


def test_a_changed_document_is_never_answered_from_disk(place: Path) -> None:
    with ChatServer(lambda messages: DRAFT) as server:
        assert "48 GB" in opened(place, server).ask(QUESTION).text
        file = place / "corpus" / "alpha.md"
        text = file.read_text("utf-8")
        file.write_text(text.replace("48 GB", "47 GB"), "utf-8")
        changed = opened(place, server).ask(QUESTION)
        assert "48 GB" not in changed.text
        assert "47 GB" in changed.text
        file.write_text(text, "utf-8")
        asked = len(server.requests)
        assert "48 GB" in opened(place, server).ask(QUESTION).text
        assert len(server.requests) == asked


def test_documents_that_change_while_the_model_writes_keep_its_answer_out(place: Path) -> None:
    def change(messages: Messages) -> Reply:
        (place / "corpus" / "more.md").write_text("# More\n\nThe Alpha X1 is blue.\n", "utf-8")
        Assistant.open(settings=Settings.load(corpus=place / "corpus", index=str(place / "index"), cache=CACHE))
        return DRAFT

    with ChatServer(change) as server:
        opened(place, server).ask(QUESTION)
        opened(place, server).ask(QUESTION)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "reply",
    ["", Misbehaviour("die", "The Alpha X1 holds 48"), Misbehaviour("status", status=500)],
    ids=["nothing", "half", "error"],
)
def test_a_failed_answer_is_not_kept(place: Path, reply: Reply) -> None:
    replies = iter([reply, DRAFT])
    with ChatServer(lambda messages: next(replies)) as server:
        assert opened(place, server).ask(QUESTION).failure
        assert opened(place, server).ask(QUESTION).text == DRAFT


def test_an_answer_that_its_reader_stopped_is_not_kept(place: Path) -> None:
    with ChatServer(lambda messages: f"{DRAFT} " * 50) as server:
        updates = opened(place, server).stream(QUESTION)
        while not next(updates).text:
            pass
        updates.close()  # type: ignore[attr-defined]
        opened(place, server).ask(QUESTION)
        assert len(server.requests) == 2


def test_switched_off_or_without_a_model_nothing_is_kept(place: Path) -> None:
    with ChatServer(lambda messages: DRAFT) as server:
        opened(place, server, answer_cache=False).ask(QUESTION)
        opened(place, server, answer_cache=False).ask(QUESTION)
        opened(place, server, model="none").ask(QUESTION)
        opened(place, server).ask("Who won the football world cup?")
        assert len(server.requests) == 2
    assert not (place / "cache" / FILE).exists()


def test_by_command_it_is_on_and_a_flag_or_a_variable_switches_it_off(hwqa: Run, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "encoders").symlink_to(CACHE / "encoders")
    own = {"HWQA_CACHE": str(tmp_path / "cache"), "HWQA_ANSWER_CACHE": ""}
    with ChatServer(lambda messages: DRAFT) as server:
        to = ("--model", "openai:test", "--base-url", server.base_url, "--json")
        asked = []
        for arguments, environment in (
            (("ask", *to, QUESTION), own),
            (("ask", *to, QUESTION), own),
            (("ask", *to, "--no-cache", QUESTION), own),
            (("ask", *to, QUESTION), {**own, "HWQA_ANSWER_CACHE": "false"}),
        ):
            done = hwqa(*arguments, **environment)
            assert json.loads(done.stdout)["answer"] == DRAFT
            asked.append(len(server.requests))
    assert asked == [1, 1, 2, 3]
    assert "--no-cache" in hwqa("eval", "--help").stdout


def test_an_answer_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "new" / "folder")
    assert cache.find("key") is None
    cache.store("key", ANSWER)
    assert cache.find("key") == ANSWER
    assert cache.find("other") is None


def test_the_file_is_bounded_and_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, most_bytes=20_000)
    large = replace(ANSWER, text="x" * 4_000)
    for name in "abcd":
        cache.store(name, large)
    assert cache.find("a") == large
    cache.store("e", large)
    assert [name for name in "abcde" if cache.find(name)] == ["a", "c", "d", "e"]
    cache.store("huge", replace(ANSWER, text="x" * 40_000))
    assert cache.find("huge") is None


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to look like one" * 50])
def test_a_damaged_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    cache = AnswerCache(tmp_path)
    assert cache.find("key") is None
    cache.store("key", ANSWER)
    assert cache.find("key") == ANSWER


@pytest.mark.parametrize("content", ["nonsense", "{}", '{"text": 1}', "[]"])
def test_a_damaged_entry_is_none(tmp_path: Path, content: str) -> None:
    cache = AnswerCache(tmp_path)
    cache.store("key", ANSWER)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE answers SET content = ?", (content,))
    database.close()
    assert cache.find("key") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = AnswerCache(tmp_path / "file")
    cache.store("key", ANSWER)
    assert cache.find("key") is None


def test_a_cache_that_another_process_holds_does_not_hold_up(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.store("key", ANSWER)
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("BEGIN EXCLUSIVE")
    assert cache.find("key") is None
    cache.store("more", ANSWER)
    other.rollback()
    other.close()
    assert cache.find("key") == ANSWER


def test_many_threads_may_store_and_find(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)

    def work(name: str) -> None:
        for number in range(5):
            cache.store(f"{name}{number}", ANSWER)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(cache.find(f"{name}{number}") == ANSWER for name in "abcd" for number in range(5))


def test_the_key_tells_the_parts_apart() -> None:
    settings = Settings.load()
    one = answer_key("a", [Message("user", "b")], "state", settings, "model")
    others = {
        answer_key("a b", [], "state", settings, "model"),
        answer_key("a", [Message("assistant", "b")], "state", settings, "model"),
        answer_key("a", [Message("user", "b")], "another", settings, "model"),
        answer_key("a", [Message("user", "b")], "state", settings, "other"),
    }
    assert one not in others
    assert len(others) == 4
