"""How often a client may ask."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

_CLIENTS = 50_000
"""Clients that are told apart; the one heard of longest ago goes first."""
_BURST = 0.25
"""Part of a minute's questions that may come at once."""


class RateLimit:
    """Counts questions of each client; safe to use from many threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_minute` questions a minute and a quarter of them at once; with 0, any number."""
        self._per_second = per_minute / 60
        self._burst = max(1.0, per_minute * _BURST)
        self._clock = clock
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> int:
        """Seconds until the client may ask again; 0 when this question is allowed, which then counts."""
        if not self._per_second:
            return 0
        with self._lock:
            left, now = self._now(client)
            allowed = left >= 1
            self._left[client] = (left - allowed, now)
            self._left.move_to_end(client)
            while len(self._left) > _CLIENTS:
                self._left.popitem(last=False)
        return 0 if allowed else self._until(left)

    def blocked(self, client: str) -> int:
        """Seconds until the client may ask again; 0 when it may now. Nothing is counted."""
        if not self._per_second:
            return 0
        with self._lock:
            left, _ = self._now(client)
        return 0 if left >= 1 else self._until(left)

    def _now(self, client: str) -> tuple[float, float]:
        now = self._clock()
        left, seen = self._left.get(client, (self._burst, now))
        return min(self._burst, left + (now - seen) * self._per_second), now

    def _until(self, left: float) -> int:
        return max(1, math.ceil((1 - left) / self._per_second))


def network(address: str) -> str:
    """What a client is known by: its address, or the network of 64 bits that an IPv6 address lies in.

    >>> network("2001:db8:0:1:aaaa::1")
    '2001:db8:0:1::/64'
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(read), 64), strict=False))
    return str(read)


def too_often(seconds: int) -> str:
    """The line for a client that asked too often."""
    return f"too many questions from here: ask again in {seconds} {'second' if seconds == 1 else 'seconds'}"
