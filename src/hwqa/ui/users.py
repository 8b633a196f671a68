"""Who may use the chat: names and passwords, held as hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path

from hwqa.errors import ConfigError


class Users:
    """Names and passwords that are let in."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        """Take names and passwords; the passwords are not kept."""
        self._salt = os.urandom(16)
        self._known = {name: self._digest(password) for name, password in known}

    def admits(self, name: str, password: str) -> bool:
        """Whether the password is that of the name; takes as long for a name that is not known."""
        held = self._known.get(name, b"")
        return hmac.compare_digest(held, self._digest(password))

    def named_in(self, header: str) -> str:
        """The name in an `Authorization: Basic …` header with its password; empty where that is not admitted."""
        scheme, _, credentials = header.partition(" ")
        if scheme.casefold() != "basic":
            return ""
        try:
            name, _, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return ""
        return name if self.admits(name, password) else ""

    def _digest(self, password: str) -> bytes:
        # Done for each request of a program, so it cannot be slow; the hashes are never written anywhere.
        return hashlib.blake2b(password.encode(), key=self._salt).digest()


def read_users(given: str) -> Users:
    """The users of `--auth`: `name:password`, or a file with one on each line; blank lines and `#` lines say nothing.

    Raises:
        ConfigError: It is neither; the message does not repeat it.
    """
    path = Path(given)
    try:
        is_file = path.is_file()
    except OSError:
        is_file = False
    if is_file:
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the file of --auth, {path}, cannot be read: {type(error).__name__}") from error
        what = f"the file of --auth, {path}, line "
    else:
        lines, what = [given], "--auth, entry "
    known = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.strip().partition(":")
        if not (name.strip() and colon and password):
            raise ConfigError(f"{what}{number}: write name:password, or name a file with one on each line")
        known.append((name.strip(), password))
    if not known:
        raise ConfigError("--auth lets nobody in: write name:password, or name a file with one on each line")
    return Users(known)
