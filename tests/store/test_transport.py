"""The way to a real server, though one of 2018: hello, compression, time-outs, restarts, and that it is refused as a store."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest
from ancient_server import PROGRAM, AncientServer
from clickhouse_driver.errors import ServerException
from store_samples import event

from collector.errors import StoreUnavailable
from collector.store.clickhouse import ClickHouseStore, _asked
from collector.store.codes import write_error
from collector.store.columns import Columns

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="Debian's clickhouse-server is not here")


@pytest.fixture(scope="module")
def ancient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AncientServer]:
    server = AncientServer(tmp_path_factory.mktemp("ancient"))
    with server.run() as process:
        server.process = process
        yield server


def test_a_server_that_is_too_old_is_refused_with_a_sentence(ancient: AncientServer) -> None:
    store = ClickHouseStore(ancient.address)

    for ask in (store.migrate, store.ping, lambda: store.insert([event("d")]), lambda: store.query("SELECT 1")):
        with pytest.raises(StoreUnavailable, match=r"has version 18\.16\.1, and Wideload needs 25\.3 or newer: upgrade the server"):
            ask()


def test_a_wrong_password_is_told_by_its_code(ancient: AncientServer) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        ClickHouseStore(ancient.address.replace("secret", "wrong")).ping()

    assert caught.value.code == 193


@pytest.mark.parametrize("compression", ["", "lz4"])
def test_columns_travel_both_ways(ancient: AncientServer, compression: str) -> None:
    client = ClickHouseStore(f"{ancient.address}?compression={compression}")._connect()
    client.execute("CREATE TABLE IF NOT EXISTS t (id String, lists Array(Nullable(Float32)), at DateTime('UTC')) ENGINE = Memory")
    rows = [(f"{compression}{number}", [1.5, None], 1_700_000_000) for number in range(20_000)]
    client.execute("INSERT INTO t VALUES", [list(column) for column in zip(*rows, strict=True)], columnar=True)
    back = client.execute("SELECT id, lists FROM t WHERE startsWith(id, %(start)s)", {"start": f"{compression}1999"}, columnar=True)

    assert len(back[0]) >= 11
    assert back[1][0] == [1.5, None] or back[1][0] == (1.5, None)
    client.execute("DROP TABLE t")
    client.disconnect()


@pytest.mark.parametrize("compression", ["", "lz4"])
def test_blocks_that_we_write_ourselves_arrive(ancient: AncientServer, compression: str) -> None:
    client = ClickHouseStore(f"{ancient.address}?compression={compression}")._connect()
    client.execute(
        "CREATE TABLE IF NOT EXISTS blocks (id String, vital Nullable(Float32), lists Array(Nullable(Float32))) ENGINE = Memory"
    )
    spec = (("id", "String"), ("vital", "Nullable(Float32)"), ("lists", "Array(Nullable(Float32))"))
    ids = [[f"{number}{place}" for place in range(500)] for number in range(9)]
    client.insert("blocks", [Columns(spec, [names, [0.5, None] * 250, [[1.5, None], []] * 250]) for names in ids], {})

    assert client.execute("SELECT count(), uniqExact(id), count(vital), sum(length(lists)) FROM blocks") == [
        (4500, 4500, 2250, 4500)
    ]
    client.execute("DROP TABLE blocks")
    client.disconnect()


def test_an_error_of_the_server_has_its_code_and_the_connection_goes_on(ancient: AncientServer) -> None:
    client = ClickHouseStore(ancient.address)._connect()

    with pytest.raises(ServerException) as caught:
        client.execute("SELECT nothing FROM nowhere")
    assert (caught.value.code, client.execute("SELECT 1")) == (60, [(1,)])
    client.disconnect()


def test_a_server_that_hangs_is_left(ancient: AncientServer) -> None:
    client = ClickHouseStore(f"{ancient.address}?send_receive_timeout=2&sync_request_timeout=2&connect_timeout=2")._connect()
    client.execute("SELECT 1")
    began = time.monotonic()
    ancient.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match="TimeoutError"):
            _asked(lambda: client.execute("SELECT 1"), write_error)
        assert time.monotonic() - began < 30
    finally:
        ancient.process.send_signal(signal.SIGCONT)
        client.disconnect()


def test_a_restart_in_the_middle_of_an_insert_is_unavailable_and_heals(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = AncientServer(tmp_path_factory.mktemp("restarted"))
    client = ClickHouseStore(server.address)._connect()
    sent = threading.Event()

    def rows() -> Iterator[tuple[str]]:
        for number in range(2_000_000):
            if number == 100_000:
                sent.set()
            yield (f"{number:0100d}",)

    def insert() -> None:
        client.execute("INSERT INTO t VALUES", rows(), settings={"insert_block_size": 10_000})

    with server.run() as process:
        client.execute("CREATE TABLE t (id String) ENGINE = MergeTree ORDER BY id")
        threading.Thread(target=lambda: (sent.wait(30), process.kill())).start()
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            _asked(insert, write_error)
        client.disconnect()
    with server.run():
        client.execute("INSERT INTO t VALUES", [("after",)])
        assert client.execute("SELECT count() FROM t WHERE id = 'after'") == [(1,)]
        client.disconnect()
