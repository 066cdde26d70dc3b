"""Slow senders, endless heads and too many connections, against a real process. Attackers come from other loopback addresses."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Callable, Iterator

import httpx2
import orjson
import pytest

from bench.running import Running, collector

LIMITS = {
    "WIDELOAD_HEAD_TIMEOUT_SECONDS": "1",
    "WIDELOAD_BODY_TIMEOUT_SECONDS": "1",
    "WIDELOAD_READER_TIMEOUT_SECONDS": "1",
    "WIDELOAD_MAX_CONNECTIONS": "12",
    "WIDELOAD_KEY_BEACONS_PER_SECOND": "2",
    "WIDELOAD_MAX_CLIENT_CONNECTIONS": "4",
    # Otherwise loopback is a proxy, through which many clients may come.
    "WIDELOAD_TRUSTED_PROXIES": "",
}
BODY = orjson.dumps({"v": 1, "events": [{"id": "a1", "kind": "page_view"}]})
POST = b"POST /v1/beacon/demo HTTP/1.1\r\nhost: x\r\n"
Connect = Callable[..., socket.socket]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with collector(environment=LIMITS) as running:
        yield running


@pytest.fixture
def connect(running: Running) -> Iterator[Connect]:
    """Open a connection from one of 254 networks."""
    opened: list[socket.socket] = []

    def connect(network: int = 1) -> socket.socket:
        address = ("127.0.0.1", int(running.url.rpartition(":")[2]))
        opened.append(socket.create_connection(address, timeout=10, source_address=(f"127.7.{network}.1", 0)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()
    end = time.monotonic() + 10
    while dropped(running, "probe") is None and time.monotonic() < end:
        time.sleep(0.05)


def dropped(running: Running, reason: str) -> float | None:
    """Return how many connections were dropped for a reason; None while there is no room to ask."""
    try:
        answer = httpx2.get(f"{running.url}/metrics", headers={"authorization": f"Bearer {running.token}", "connection": "close"})
    except httpx2.TransportError:
        return None
    if answer.status_code != 200:
        return None
    line = f'wideload_connections_dropped_total{{reason="{reason}"}} '
    return next((float(text.removeprefix(line)) for text in answer.text.splitlines() if text.startswith(line)), 0.0)


def answer(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    whole = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return whole
        if not part:
            return whole
        whole += part


def one_answer(connection: socket.socket) -> bytes:
    """Read one whole answer of a connection that stays open."""
    whole = b""
    while b"\r\n\r\n" not in whole:
        whole += connection.recv(65536)
    length = re.search(rb"content-length: (\d+)", whole)
    assert length
    while len(whole.partition(b"\r\n\r\n")[2]) < int(length[1]):
        whole += connection.recv(65536)
    return whole


def trickle(connection: socket.socket, byte: bytes) -> None:
    try:
        for _ in range(100):
            connection.sendall(byte)
            time.sleep(0.05)
    except OSError:
        pass


def test_a_slow_head_is_answered_and_closed(running: Running, connect: Connect) -> None:
    connection = connect()
    connection.sendall(POST + b"x: ")
    trickle(connection, b"x")

    assert b"408 Request Timeout" in answer(connection) or dropped(running, "slow_head")
    assert dropped(running, "slow_head") == 1


def test_a_used_connection_has_no_more_patience(running: Running, connect: Connect) -> None:
    before, connection = dropped(running, "slow_head"), connect()
    connection.sendall(POST + b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY))
    assert one_answer(connection).startswith(b"HTTP/1.1 202")
    trickle(connection, b"\r\n")

    assert dropped(running, "slow_head") == (before or 0) + 1


@pytest.mark.parametrize("head", [b"content-length: 1000\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n3e8\r\n"])
def test_a_slow_body_is_answered(running: Running, connect: Connect, head: bytes) -> None:
    connection = connect()
    connection.sendall(POST + head)
    start = time.monotonic()

    assert b"body_timeout" in one_answer(connection)
    assert 0.9 < time.monotonic() - start < 5


def test_a_slow_body_that_nobody_reads_is_closed(running: Running, connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
    assert one_answer(connection).startswith(b"HTTP/1.1 405")

    answer(connection)
    assert (dropped(running, "slow_body") or 0) + (dropped(running, "slow_head") or 0) > 0


def test_a_reader_who_reads_nothing_is_closed(running: Running, connect: Connect) -> None:
    connection = connect()
    connection.settimeout(0.2)
    # Answers pile up until the system takes no more of them.
    with contextlib.suppress(OSError):
        for _ in range(100):
            connection.sendall(b"GET /beacon.full.js HTTP/1.1\r\nhost: x\r\n\r\n" * 100)
    end = time.monotonic() + 10
    while not dropped(running, "slow_reader") and time.monotonic() < end:
        time.sleep(0.1)

    assert dropped(running, "slow_reader") == 1


@pytest.mark.parametrize("more", [b"a: %b\r\n" % (b"x" * 1000), b"x" * 1000], ids=["headers", "one header"])
def test_an_endless_head_is_closed(running: Running, connect: Connect, more: bytes) -> None:
    before, connection = dropped(running, "head_too_large"), connect()
    try:
        connection.sendall(POST + b"x: x")
        for _ in range(100):
            connection.sendall(more)
    except OSError:
        pass

    assert b"431" in answer(connection) or dropped(running, "head_too_large")
    assert dropped(running, "head_too_large") == (before or 0) + 1


def test_a_large_head_in_one_piece_is_refused_as_well(running: Running, connect: Connect) -> None:
    connection = connect()
    connection.sendall(POST + b"x: %b\r\ncontent-length: 0\r\n\r\n" % (b"x" * 40_000))

    assert b"head_too_large" in answer(connection)


def test_trailers_are_left_alone(running: Running, connect: Connect) -> None:
    connection = connect()
    chunked = b"%x\r\n%b\r\n0\r\nx-trailer: 1\r\n\r\n" % (len(BODY), BODY)
    connection.sendall(POST + b"transfer-encoding: chunked\r\n\r\n" + chunked)

    assert one_answer(connection).startswith(b"HTTP/1.1 202")


@pytest.mark.parametrize("junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET  / /\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\n\r\n"])
def test_what_is_not_http_is_told_so(running: Running, connect: Connect, junk: bytes) -> None:
    before, connection = dropped(running, "not_http"), connect()
    connection.sendall(junk)

    assert b"not_http" in answer(connection)
    assert dropped(running, "not_http") == (before or 0) + 1


def test_a_client_may_have_so_many_connections_and_others_still_come_in(running: Running, connect: Connect) -> None:
    for _ in range(4):
        connect(2)
    refused = answer(connect(2))
    other = connect(3)
    other.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")

    assert refused.startswith(b"HTTP/1.1 503") and b"too_many_client_connections" in refused
    assert b"retry-after: 2\r\n" in refused
    assert one_answer(other).startswith(b"HTTP/1.1 200")


def test_the_process_may_have_so_many_connections(running: Running, connect: Connect) -> None:
    for number in range(12):
        connect(10 + number // 3)

    assert b"too_many_connections" in answer(connect(20))


def test_an_origin_that_cannot_travel_back_does_no_harm(running: Running, connect: Connect) -> None:
    connection = connect()
    connection.sendall(POST + b"origin: https://\x80\xff\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY))

    assert one_answer(connection).startswith(b"HTTP/1.1 202")


def test_a_flood_of_a_site_key_is_refused_on_the_same_connection_and_all_of_it_counted(running: Running, connect: Connect) -> None:
    received, connection = running.metric("wideload_beacons_received_total"), connect()
    whole = POST + b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)
    statuses = []
    for _ in range(60):
        connection.sendall(whole)
        statuses.append(one_answer(connection)[9:12])
    connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")

    assert one_answer(connection).startswith(b"HTTP/1.1 200")
    assert statuses[-1] == b"429" and set(statuses) <= {b"202", b"429"}
    assert running.metric("wideload_beacons_received_total") == received + 60
