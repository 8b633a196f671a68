"""What the chat keeps on the server: conversations of each browser, answers that were shared, settings of readers.

One SQLite file, bounded in size. A conversation is a tree of turns: retrying or editing a question adds a version
beside it, and what is shown is the path to the turn that was looked at last.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from hwqa.errors import ChatError
from hwqa.ui.conversation import Conversation, Turn
from hwqa.ui.kept import Kept, Listed, Preferences

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "chat.sqlite3"
CONVERSATIONS = 200
"""Conversations that a reader keeps; the one used longest ago goes first."""
TURNS = 400
"""Turns that a conversation keeps, all versions counted."""
MOST_BYTES = 512 * 2**20
"""Size of the file from which on the conversations used longest ago go, whosever they are."""
SHARED = 20_000
"""Answers that can be shared: a link is for good, so nothing is removed to make room for another."""
TITLE = 80
"""Characters of a title."""

_BUSY_SECONDS = 5.0
_LAYOUT = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, changed REAL NOT NULL, leaf TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_owner ON conversations (owner, changed);
CREATE INDEX IF NOT EXISTS by_change ON conversations (changed);
CREATE TABLE IF NOT EXISTS turns (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, parent TEXT NOT NULL, content TEXT NOT NULL,
    began REAL NOT NULL, conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS by_conversation ON turns (conversation, number);
CREATE TABLE IF NOT EXISTS shared (
    id TEXT PRIMARY KEY, turn TEXT NOT NULL UNIQUE, content TEXT NOT NULL, began REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS preferences (
    owner TEXT PRIMARY KEY, content TEXT NOT NULL, changed REAL NOT NULL
) WITHOUT ROWID;
"""


def new_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_urlsafe(12)


class ChatStore:
    """Keeps what the chat is to remember; safe to use from many threads, and from several processes at once."""

    def __init__(self, folder: Path | None) -> None:
        """Keep the file in `folder`, which is made; without one, nothing outlasts the process.

        Raises:
            ChatError: The folder cannot be written.
        """
        self._lock = Lock()
        self._place = "memory" if folder is None else str(folder / FILE)
        with self._reported():
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(
                ":memory:" if folder is None else folder / FILE, timeout=_BUSY_SECONDS, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last turn
            self._database.execute("PRAGMA foreign_keys = ON")
            self._database.executescript(_LAYOUT)

    def close(self) -> None:
        """The file is closed."""
        with self._lock:
            self._database.close()

    # --- conversations -------------------------------------------------------------------------------------------

    def add(self, owner: str, turn: Turn) -> tuple[str, ...]:
        """The turn is kept as the end of what its conversation shows; its versions, oldest first.

        Args:
            owner: Whose conversation; one that is not theirs is left as it is.
            turn: With the names that it and its conversation are kept under.

        Raises:
            ChatError: The conversation is another reader's, is full, or cannot be written.
        """
        now = time.time()
        with self._writing() as database:
            database.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, '') ON CONFLICT DO NOTHING",
                (turn.conversation, owner, " ".join(turn.question.split())[:TITLE], now),
            )
            self._check_owner(database, owner, turn.conversation)
            (held,) = database.execute(
                "SELECT COUNT(*) FROM turns WHERE conversation = ?", (turn.conversation,)
            ).fetchone()
            if held >= TURNS:
                raise ChatError(f"a conversation keeps {TURNS} turns: begin a new one")
            database.execute(
                "INSERT INTO turns (id, parent, content, began, conversation) VALUES (?, ?, ?, ?, ?)",
                (turn.id, turn.parent, _written(turn), now, turn.conversation),
            )
            database.execute(
                "UPDATE conversations SET leaf = ?, changed = ? WHERE id = ?", (turn.id, now, turn.conversation)
            )
            self._make_room(database, owner)
            rows = database.execute(
                "SELECT id FROM turns WHERE conversation = ? AND parent = ? ORDER BY number",
                (turn.conversation, turn.parent),
            )
            return tuple(name for (name,) in rows)

    def save(self, turn: Turn) -> None:
        """The turn is kept as it is now, where it was added and not deleted since.

        Raises:
            ChatError: It cannot be written.
        """
        with self._writing() as database:
            database.execute("UPDATE turns SET content = ? WHERE id = ?", (_written(turn), turn.id))

    def conversations(self, owner: str) -> list[Listed]:
        """The conversations of a reader, the one used last first."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT id, title, changed FROM conversations WHERE owner = ? ORDER BY changed DESC", (owner,)
            )
            return [Listed(*row) for row in rows]

    def open(self, owner: str, conversation: str, version: str = "") -> Conversation:
        """The turns that a conversation shows.

        Args:
            owner: Whose conversation.
            conversation: Its name.
            version: A turn to show in place of the other versions beside it, and to go on showing.

        Raises:
            ChatError: The reader has no such conversation or turn.
        """
        with self._writing() as database:
            leaf = self._check_owner(database, owner, conversation)
            rows = database.execute(
                "SELECT id, parent, content FROM turns WHERE conversation = ? ORDER BY number", (conversation,)
            ).fetchall()
            turns = {name: turn for name, _, content in rows if (turn := _read(content)) is not None}
            children: dict[str, list[str]] = {}
            for name, parent, _ in rows:
                if name in turns:
                    children.setdefault(parent, []).append(name)
            if version:
                if version not in turns:
                    raise ChatError("this version is not there any more: load the page again")
                leaf = version
                while leaf in children:
                    leaf = children[leaf][-1]
                database.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (leaf, conversation))
        path = []
        while leaf in turns:
            turn = turns[leaf]
            path.append(replace(turn.stopped(), versions=tuple(children[turn.parent])))
            leaf = turn.parent
        return tuple(reversed(path))

    def upto(self, owner: str, turn: str) -> list[Kept]:
        """The turns of a conversation up to one of them, which comes last.

        Raises:
            ChatError: The reader has no such turn.
        """
        with self._reading() as database:
            path: list[Kept] = []
            row = database.execute("SELECT conversation FROM turns WHERE id = ?", (turn,)).fetchone()
            if row is None:
                raise ChatError("this answer is not kept: ask again")
            self._check_owner(database, owner, row[0])
            while turn:
                row = database.execute("SELECT content, began, parent FROM turns WHERE id = ?", (turn,)).fetchone()
                read = _read(row[0]) if row else None
                if read is None:
                    break
                path.append(Kept(read, row[1]))
                turn = row[2]
            return path[::-1]

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """The conversation has this title.

        Raises:
            ChatError: The title is empty, or the reader has no such conversation.
        """
        title = " ".join(title.split())[:TITLE]
        if not title:
            raise ChatError("a conversation needs a title: write at least one character")
        with self._writing() as database:
            self._check_owner(database, owner, conversation)
            database.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation))

    def title(self, owner: str, conversation: str) -> str:
        """The title of a conversation.

        Raises:
            ChatError: The reader has no such conversation.
        """
        with self._reading() as database:
            self._check_owner(database, owner, conversation)
            return str(database.execute("SELECT title FROM conversations WHERE id = ?", (conversation,)).fetchone()[0])

    def delete(self, owner: str, conversation: str) -> None:
        """The conversation and its turns are gone; answers of it that were shared stay.

        Raises:
            ChatError: The reader has no such conversation.
        """
        with self._writing() as database:
            self._check_owner(database, owner, conversation)
            database.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def forget(self, owner: str) -> None:
        """Nothing is kept of a reader but the answers that were shared.

        Raises:
            ChatError: It cannot be written.
        """
        with self._writing() as database:
            database.execute("DELETE FROM conversations WHERE owner = ?", (owner,))
            database.execute("DELETE FROM preferences WHERE owner = ?", (owner,))

    # --- shared answers, preferences -----------------------------------------------------------------------------

    def share(self, owner: str, turn: str) -> str:
        """The name that anyone finds the turn under from now on, as it is now; the same for each time it is shared.

        Raises:
            ChatError: The reader has no such turn, it has no answer, or too many answers were shared.
        """
        kept = self.upto(owner, turn)[-1]
        if kept.turn.answer is None:
            raise ChatError("only an answer that is whole can be shared: ask again")
        with self._writing() as database:
            row = database.execute("SELECT id FROM shared WHERE turn = ?", (turn,)).fetchone()
            if row is not None:
                return str(row[0])
            (held,) = database.execute("SELECT COUNT(*) FROM shared").fetchone()
            if held >= SHARED:
                raise ChatError(f"{SHARED:,} answers were shared here, more are not kept: export the conversation")
            name = new_id()
            bare = replace(kept.turn, id="", conversation="", parent="")  # what else the reader asked stays theirs
            database.execute("INSERT INTO shared VALUES (?, ?, ?, ?)", (name, turn, _written(bare), kept.began))
            return name

    def shared(self, name: str) -> Kept:
        """The answer that was shared under a name.

        Raises:
            ChatError: None was.
        """
        with self._reading() as database:
            row = database.execute("SELECT content, began FROM shared WHERE id = ?", (name,)).fetchone()
        turn = _read(row[0]) if row else None
        if turn is None:
            raise ChatError("there is no answer at this address: ask whoever gave it to you for the whole link")
        return Kept(turn, row[1])

    def preferences(self, owner: str) -> Preferences:
        """What a reader chose last."""
        with self._reading() as database:
            row = database.execute("SELECT content FROM preferences WHERE owner = ?", (owner,)).fetchone()
        model, _, length = (row[0] if row else "").partition("\n")
        return Preferences(model, length)

    def prefer(self, owner: str, chosen: Preferences) -> None:
        """The reader chose this.

        Raises:
            ChatError: It cannot be written.
        """
        with self._writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO preferences VALUES (?, ?, ?)",
                (owner, f"{chosen.model}\n{chosen.length}", time.time()),
            )
            database.execute(
                "DELETE FROM preferences WHERE owner IN"
                " (SELECT owner FROM preferences ORDER BY changed DESC LIMIT -1 OFFSET 50000)"
            )

    # --- the file ------------------------------------------------------------------------------------------------

    def _check_owner(self, database: sqlite3.Connection, owner: str, conversation: str) -> str:
        """The turn that a conversation ends with."""
        row = database.execute(
            "SELECT leaf FROM conversations WHERE id = ? AND owner = ?", (conversation, owner)
        ).fetchone()
        if row is None:
            raise ChatError("this conversation is not there: choose another from the list")
        return str(row[0])

    def _make_room(self, database: sqlite3.Connection, owner: str) -> None:
        database.execute(
            "DELETE FROM conversations WHERE id IN"
            " (SELECT id FROM conversations WHERE owner = ? ORDER BY changed DESC LIMIT -1 OFFSET ?)",
            (owner, CONVERSATIONS),
        )
        while self._bytes(database) > MOST_BYTES:
            # at least the one that was just changed stays
            gone = database.execute(
                "DELETE FROM conversations WHERE id IN (SELECT id FROM conversations WHERE id != "
                "(SELECT id FROM conversations ORDER BY changed DESC LIMIT 1) ORDER BY changed LIMIT 20)"
            )
            if not gone.rowcount:
                return

    @staticmethod
    def _bytes(database: sqlite3.Connection) -> int:
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._reported(), self._lock:
            yield self._database

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reported(), self._lock, self._database:
            yield self._database

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise ChatError(
                f"conversations cannot be kept at {self._place}: {error} (name another folder with HWQA_DATA)"
            ) from error


@cache
def _format() -> TypeAdapter[Turn]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - built once, when the first turn is kept

    return TypeAdapter(Turn)


def _written(turn: Turn) -> str:
    return _format().dump_json(replace(turn, versions=())).decode()


def _read(content: str) -> Turn | None:
    """The turn; None where another version of hwqa wrote what this one cannot read."""
    try:
        return _format().validate_json(content)
    except ValueError:
        return None
