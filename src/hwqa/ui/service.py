"""What one server of the chat is made of beside its page: store, line, limits, users, and whose a request is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hwqa import __version__
from hwqa.ui.chat import Chat
from hwqa.ui.choices import model_choices
from hwqa.ui.feedback import FeedbackFile
from hwqa.ui.indexing import Indexing
from hwqa.ui.limits import RateLimit, network
from hwqa.ui.store import ChatStore
from hwqa.ui.users import Users, read_users

if TYPE_CHECKING:
    from hwqa.assistant import Assistant
    from hwqa.config import Settings

COOKIE = "hwqa-reader"
"""Holds a random name of the browser, which nobody else knows and no script can read."""
ATTEMPTS = 20
"""Wrong passwords a minute that an address may send; a quarter of them at once."""
TAB = "tab:"
"""What the owner of a tab is called whose browser keeps no cookies: its conversations go with it."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request."""

    owner: str
    """What their conversations are kept under."""
    name: str
    """What their questions are counted under: the user, else the network."""


class Service:
    """The parts that all requests to one server share; safe to use from many threads."""

    def __init__(
        self, assistant: Assistant, settings: Settings, examples: Sequence[str] = (), models: Sequence[str] = ()
    ) -> None:
        """Make the parts as the settings say.

        Raises:
            ModelError: The settings name a model that cannot be.
            ConfigError: The settings name users that cannot be read.
            ChatError: The data folder cannot be written.
        """
        folder = data_folder(settings)
        self.settings = settings
        self.assistant = assistant
        self.users: Users | None = read_users(settings.auth.get_secret_value()) if settings.auth else None
        self.store = ChatStore(folder)
        self.chat = Chat(
            assistant,
            model_choices(settings, models),
            settings.model,
            examples,
            store=self.store,
            at_once=settings.concurrency,
        )
        self.feedback = FeedbackFile(folder)
        self.indexing = Indexing(assistant)
        self.limit = RateLimit(settings.rate_limit)
        self.attempts = RateLimit(ATTEMPTS)
        """Counts wrong passwords."""

    @property
    def path(self) -> str:
        """The path that the chat has for browsers, from `/` on and without one at its end."""
        return urlsplit(self.settings.root_path).path.rstrip("/")

    def client(self, cookies: Mapping[str, str], host: str, user: str | None, session: str = "") -> Client:
        """Who sent a request.

        Args:
            cookies: Of the request.
            host: Address that it came from.
            user: Who signed in, if anybody did.
            session: The tab, where the request is an event of a page.
        """
        browser = cookies.get(COOKIE, "")
        # The store does not hold what would let its reader into a browser's conversations.
        owner = hashlib.sha256(f"{user or ''}\0{browser}".encode()).hexdigest() if browser else f"{TAB}{session}"
        return Client(owner, f"user {user}" if user else network(host))

    def circumstances(self) -> dict[str, object]:
        """What answers depend on beside the question and the model."""
        return {
            "passages": self.settings.passages,
            "temperature": self.settings.temperature,
            "embedder": self.settings.embedder,
            "reranker": self.settings.reranker,
            "index": self.assistant.index.state,
            "hwqa": __version__,
        }


def data_folder(settings: Settings) -> Path:
    """Where conversations and feedback are kept."""
    if settings.data is not None:
        return settings.data
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where the folder is named

    return user_data_path("hwqa") / "chat"
