"""What the chat keeps: conversations as trees of turns, for their reader alone, within bounds."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hwqa.errors import ChatError
from hwqa.schema import Answer, Citation
from hwqa.ui import store as storing
from hwqa.ui.conversation import Turn
from hwqa.ui.kept import Preferences
from hwqa.ui.store import ChatStore

CITATION = Citation(1, "a.md", ("A", "B"), "b", (3, 4), "| x | 5 GB |")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(tmp_path / "data")
    yield opened
    opened.close()


def turn(name: str, parent: str = "", conversation: str = "c", question: str = "") -> Turn:
    return Turn(question or f"question {name}", id=name, parent=parent, conversation=conversation)


def done(given: Turn, text: str = "It has 5 GB [1].") -> Turn:
    answer = Answer(given.question, "whole", "answered", text, (CITATION,), ({"a": 1, "b": ["x"]},), {"steps": [1.5]})
    return replace(given, progress="done", text=text, citations=(CITATION,), answer=answer)


def names(turns: tuple[Turn, ...]) -> list[str]:
    return [each.id for each in turns]


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    first = ChatStore(tmp_path)
    first.add("me", turn("1"))
    first.save(done(turn("1")))
    first.prefer("me", Preferences("none", "long"))
    first.close()
    again = ChatStore(tmp_path)
    (read,) = again.open("me", "c")
    assert read == replace(done(turn("1")), versions=("1",))
    assert again.preferences("me") == Preferences("none", "long")
    again.close()


def test_nobody_else_of_the_machine_reads_the_folder(tmp_path: Path, store: ChatStore) -> None:
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_an_answer_that_a_restart_cut_off_counts_as_stopped(store: ChatStore) -> None:
    store.add("me", turn("1"))
    assert store.open("me", "c")[0].progress == "stopped"


def test_versions_are_siblings_and_the_one_looked_at_last_is_shown(store: ChatStore) -> None:
    store.add("me", turn("1"))
    store.add("me", turn("2", "1"))
    assert store.add("me", turn("3", "2")) == ("3",)
    assert store.add("me", turn("2b", "1")) == ("2", "2b")
    assert names(store.open("me", "c")) == ["1", "2b"]
    assert names(store.open("me", "c", "2")) == ["1", "2", "3"]  # with what followed it
    assert names(store.open("me", "c")) == ["1", "2", "3"]
    assert [each.versions for each in store.open("me", "c")] == [("1",), ("2", "2b"), ("3",)]
    assert store.add("me", turn("1b", "")) == ("1", "1b")
    assert names(store.open("me", "c")) == ["1b"]
    store.add("me", turn("3b", "2"))
    store.add("me", turn("4", "3b"))
    assert names(store.open("me", "c", "2b")) == ["1", "2b"]
    assert names(store.open("me", "c", "2")) == ["1", "2", "3b", "4"]  # the newest of what followed it
    store.open("me", "c", "3")
    with pytest.raises(ChatError, match="version"):
        store.open("me", "c", "nothing")


def test_another_reader_sees_and_changes_nothing(store: ChatStore) -> None:
    store.add("me", turn("1"))
    store.save(done(turn("1")))
    assert store.conversations("you") == []
    for act in (
        lambda: store.open("you", "c"),
        lambda: store.upto("you", "1"),
        lambda: store.rename("you", "c", "mine"),
        lambda: store.title("you", "c"),
        lambda: store.delete("you", "c"),
        lambda: store.share("you", "1"),
        lambda: store.add("you", turn("2", "1")),
    ):
        with pytest.raises(ChatError, match="not there"):
            act()
    store.forget("you")
    assert names(store.open("me", "c")) == ["1"]
    assert store.conversations("me")[0].title == "question 1"


def test_a_conversation_is_listed_renamed_and_deleted(store: ChatStore) -> None:
    store.add("me", turn("1", question="  How \n much? " + "x" * 200))
    store.add("me", turn("2", conversation="d"))
    assert [each.id for each in store.conversations("me")] == ["d", "c"]
    assert store.conversations("me")[1].title.startswith("How much? xxx")
    assert len(store.conversations("me")[1].title) == storing.TITLE
    store.rename("me", "c", " My\ntitle ")
    assert store.title("me", "c") == "My title"
    with pytest.raises(ChatError, match="at least one character"):
        store.rename("me", "c", " \n")
    store.delete("me", "c")
    assert [each.id for each in store.conversations("me")] == ["d"]
    store.save(done(turn("1")))  # its answer was still being written
    assert [each.id for each in store.conversations("me")] == ["d"]


def test_a_shared_answer_stays_as_it_was_and_tells_nothing_else(store: ChatStore) -> None:
    store.add("me", turn("1"))
    with pytest.raises(ChatError, match="whole"):
        store.share("me", "1")
    store.save(done(turn("1")))
    link = store.share("me", "1")
    assert store.share("me", "1") == link
    store.save(done(turn("1"), "changed"))
    store.delete("me", "c")
    shared = store.shared(link).turn
    assert shared.text == "It has 5 GB [1]."
    assert (shared.id, shared.conversation, shared.parent) == ("", "", "")
    with pytest.raises(ChatError, match="no answer at this address"):
        store.shared("c")


def test_the_oldest_conversations_go_when_a_reader_has_too_many(
    store: ChatStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "CONVERSATIONS", 3)
    for number in range(5):
        store.add("me", turn(f"t{number}", conversation=f"c{number}"))
        store.add("you", turn(f"u{number}", conversation=f"d{number}")) if number == 0 else None
    assert [each.id for each in store.conversations("me")] == ["c4", "c3", "c2"]
    assert len(store.conversations("you")) == 1


def test_the_oldest_conversations_of_all_go_when_the_file_is_full(
    store: ChatStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "MOST_BYTES", 3_000_000)
    for number in range(60):
        name = f"{number:02}"
        store.add(f"reader{number % 7}", turn(name, conversation=f"c{name}", question="x" * 100_000))
    kept = [each.id for number in range(7) for each in store.conversations(f"reader{number}")]
    assert 0 < len(kept) < 40
    assert "c59" in kept
    assert "c00" not in kept


def test_a_conversation_that_is_full_says_so(store: ChatStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "TURNS", 2)
    store.add("me", turn("1"))
    store.add("me", turn("2", "1"))
    with pytest.raises(ChatError, match="begin a new one"):
        store.add("me", turn("3", "2"))
    assert names(store.open("me", "c")) == ["1", "2"]


def test_a_turn_that_cannot_be_read_ends_the_path_and_breaks_nothing(tmp_path: Path, store: ChatStore) -> None:
    store.add("me", turn("1"))
    store.add("me", turn("2", "1"))
    with store._writing() as database:
        database.execute("UPDATE turns SET content = '{' WHERE id = '1'")
    assert names(store.open("me", "c")) == ["2"]


def test_many_threads_and_two_processes_worth_of_stores_do_not_disturb_each_other(tmp_path: Path) -> None:
    stores = [ChatStore(tmp_path), ChatStore(tmp_path)]

    def reader(number: int) -> None:
        parent = ""
        for step in range(10):
            name = f"{number}-{step}"
            stores[number % 2].add(f"r{number}", turn(name, parent, f"c{number}"))
            stores[(number + 1) % 2].save(done(turn(name, parent, f"c{number}")))
            parent = name

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(reader, range(20)))
    for number in range(20):
        turns = stores[0].open(f"r{number}", f"c{number}")
        assert names(turns) == [f"{number}-{step}" for step in range(10)]
        assert all(each.answer for each in turns)
    for each in stores:
        each.close()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ChatError, match="HWQA_DATA") as raised:
        ChatStore(tmp_path / "file" / "data")
    assert "\n" not in str(raised.value)
