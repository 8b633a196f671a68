"""The line, the rate limit and the users, without a server."""

from __future__ import annotations

import base64
import threading
import time
from pathlib import Path

import pytest

from hwqa.errors import ChatError, ConfigError
from hwqa.ui.limits import RateLimit, network
from hwqa.ui.users import read_users
from hwqa.ui.waiting import Line


def test_a_few_pass_at_once_and_the_others_know_their_place() -> None:
    line = Line(2)
    with line.joined() as first, line.joined() as second, line.joined() as third, line.joined() as fourth:
        assert [place.ahead for place in (first, second, third, fourth)] == [0, 0, 1, 2]
    with line.joined() as place:
        assert place.ahead == 0


def test_who_leaves_the_line_moves_the_others_up_at_once() -> None:
    line = Line(1)
    left = threading.Event()

    def hold() -> None:
        with line.joined():
            left.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    while not line._places:
        time.sleep(0.001)
    with line.joined() as place:
        assert place.wait(0.01) == 1
        threading.Timer(0.05, left.set).start()
        began = time.monotonic()
        assert place.wait(10) == 0
        assert time.monotonic() - began < 5
    thread.join()


def test_no_more_than_allowed_run_at_once_and_all_do() -> None:
    line = Line(3)
    running = most = done = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most, done
        with line.passed():
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.005)
            with lock:
                running -= 1
                done += 1

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (done, most) == (40, 3)


def test_a_line_that_is_too_long_turns_away() -> None:
    line = Line(1, waiting=1)
    with line.joined(), line.joined(), pytest.raises(ChatError, match="1 questions are waiting"), line.joined():
        pass


def test_the_limit_lets_a_quarter_through_at_once_and_the_rest_over_the_minute() -> None:
    now = 0.0
    limit = RateLimit(60, clock=lambda: now)
    assert [limit.wait("a") for _ in range(16)] == [0] * 15 + [1]
    assert limit.wait("b") == 0  # each client has its own
    allowed = 0
    for second in range(1, 61):
        now = float(second)
        allowed += sum(limit.wait("a") == 0 for _ in range(3))
    assert allowed == 60
    assert limit.blocked("a") == 1
    assert limit.blocked("a") == 1  # looking does not count
    assert limit.blocked("c") == 0
    slow = RateLimit(2, clock=lambda: now)
    assert [slow.wait("a") for _ in range(2)] == [0, 30]


def test_no_limit_counts_nothing() -> None:
    limit = RateLimit(0)
    assert {limit.wait("a") for _ in range(1_000)} == {0}


def test_addresses_of_one_network_are_one_client() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1")
    assert network("2001:db8:0:1::1") != network("2001:db8:0:2::1")
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("testclient") == "testclient"


def test_users_come_from_the_option_or_from_a_file(tmp_path: Path) -> None:
    assert read_users("ann:a:b").admits("ann", "a:b")
    file = tmp_path / "users"
    file.write_text("# the team\nann:one\n\nbob:two\n")
    users = read_users(str(file))
    assert users.admits("ann", "one")
    assert users.admits("bob", "two")
    for name, password in (("ann", "two"), ("bob", ""), ("", ""), ("eve", "one"), ("# the team", "")):
        assert not users.admits(name, password)
    header = "Basic " + base64.b64encode(b"ann:one").decode()
    assert users.named_in(header) == "ann"
    for wrong in ("", "Basic", "Basic !", "Bearer x", "Basic " + base64.b64encode(b"ann:two").decode(), "Basic /w=="):
        assert users.named_in(wrong) == ""


@pytest.mark.parametrize("given", ["secret-without-colon", ":secret", "name:"])
def test_users_that_are_none_are_refused_without_being_repeated(given: str) -> None:
    with pytest.raises(ConfigError, match="name:password") as raised:
        read_users(given)
    assert "secret" not in str(raised.value)
