"""A line of questions: a few are answered at once, and each of the others knows how many are before it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import Condition

from hwqa.errors import ChatError

WAITING = 200
"""Questions that may wait; further ones are turned away."""


class Place:
    """A place in a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def ahead(self) -> int:
        """How many questions are answered before this one; 0 when it is answered now."""
        return self._line.ahead(self)

    def wait(self, seconds: float) -> int:
        """What `ahead` is after it changed, or after some seconds without a change."""
        return self._line.wait(self, seconds)


class Line:
    """Lets some questions through at once, in the order in which they came; safe to use from many threads."""

    def __init__(self, at_once: int, waiting: int = WAITING) -> None:
        """Let `at_once` questions through; of the others `waiting` may wait."""
        self._at_once = at_once
        self._waiting = waiting
        self._places: list[Place] = []
        self._moved = Condition()

    @contextlib.contextmanager
    def joined(self) -> Iterator[Place]:
        """A place at the end of the line, which is left with the block.

        Raises:
            ChatError: Too many wait.
        """
        place = Place(self)
        with self._moved:
            if len(self._places) >= self._at_once + self._waiting:
                raise ChatError(f"{self._waiting} questions are waiting already: ask again in a minute")
            self._places.append(place)
        try:
            yield place
        finally:
            with self._moved:
                self._places.remove(place)
                self._moved.notify_all()

    @contextlib.contextmanager
    def passed(self) -> Iterator[None]:
        """The block runs when its turn has come.

        Raises:
            ChatError: Too many wait.
        """
        with self.joined() as place:
            while place.wait(60):
                pass
            yield

    def ahead(self, place: Place) -> int:
        """How many questions must be answered before that of a place is."""
        return max(0, self._places.index(place) + 1 - self._at_once)

    def wait(self, place: Place, seconds: float) -> int:
        """As `Place.wait`."""
        with self._moved:
            before = self.ahead(place)
            if before:
                self._moved.wait_for(lambda: self.ahead(place) != before, seconds)
            return self.ahead(place)
