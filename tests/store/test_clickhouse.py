"""What only the store on a server promises."""

from __future__ import annotations

import socket
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from store_samples import event

from collector.config import ServerSettings
from collector.errors import SettingsError, StoreDataError, StoreQueryError, StoreUnavailable
from collector.store.base import Limits
from collector.store.clickhouse import ClickHouseStore
from tests.faults.store_faults import StoreFaults


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_that_is_not_there_is_unavailable(free_port: int) -> None:
    store = ClickHouseStore(f"clickhouse://user:hunter2@127.0.0.1:{free_port}/db")

    for ask in (store.migrate, store.info, lambda: store.insert([event("d")]), lambda: store.set_retention({"d": 1})):
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            ask()


def test_a_server_that_hangs_up_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        store = ClickHouseStore(f"clickhouse://127.0.0.1:{server.getsockname()[1]}/db?send_receive_timeout=0.2")

        with pytest.raises(StoreUnavailable):
            store.query("SELECT 1")


def test_a_server_that_talks_nonsense_is_not_the_datas_fault() -> None:
    class Nonsense(ClickHouseStore):
        def _connect(self, **changes: object) -> object:
            raise ValueError("unpack requires a buffer of 8 bytes")

    store = Nonsense("clickhouse://127.0.0.1/db")

    with pytest.raises(StoreUnavailable):
        store.insert([event("d")])
    with pytest.raises(StoreDataError):
        store.insert([event("d", **{"lcp.value": "text"})])


@pytest.mark.parametrize("password", ["hunter2", "p%40ss%2Fw%C3%B6rd"])
def test_a_password_is_never_repeated(native_server: str, password: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    address = native_server.replace("secret", password)

    with pytest.raises(StoreUnavailable) as caught:
        ClickHouseStore(f"clickhouse://{address}/db").migrate()

    said = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert caught.value.code == 516
    assert password not in said
    assert "p@ss/wörd" not in said


@pytest.mark.parametrize(
    "url",
    ["", "clickhouse://", "http://user:hunter2@host/db", "clickhouse://user:hunter2@host:notaport/db", "clickhouse://:hunter2@/db"],
)
def test_an_address_that_is_not_one_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="must look like clickhouse://") as caught:
        ClickHouseStore(url)

    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["clickhouses://host/db", "clickhouse://host/db?secure=1"])
def test_tls_is_chosen_by_the_address(url: str) -> None:
    client = ClickHouseStore(url)._connect()

    assert client.connection.secure_socket
    assert client.connection.hosts[0] == ("host", 9440)


def test_a_connection_has_short_time_outs_and_no_unknown_settings(native_server: str) -> None:
    connection = ClickHouseStore(f"clickhouse://{native_server}/db")._connect().connection

    assert (connection.connect_timeout, connection.send_receive_timeout) == (5, 30)
    assert connection.settings_is_important


def test_a_store_heals_when_its_server_comes_back(native_servers: Any, tmp_path: Path, free_port: int) -> None:
    store = ClickHouseStore(f"clickhouse://default:secret@127.0.0.1:{free_port}/db")
    with native_servers.run(tmp_path, free_port) as (process, _):
        store.migrate()
        store.insert([event("d")])
        process.kill()

    with pytest.raises(StoreUnavailable):
        store.insert([event("d", id="b")])

    with native_servers.run(tmp_path, free_port):
        started = time.monotonic()
        store.insert([event("d", id="b")])
        assert store.query("SELECT count() FROM events FINAL").rows == [(2,)]
        assert time.monotonic() - started < 5
        store.close()


def test_user_and_password_come_from_files_that_may_change(native_server: str, tmp_path: Path) -> None:
    user, password = tmp_path / "user", tmp_path / "password"
    user.write_text("default\n")
    password.write_text("not yet")
    address = native_server.partition("@")[2]
    store = ClickHouseStore(f"clickhouse://{address}/default", ServerSettings(user, password))

    with pytest.raises(StoreUnavailable) as caught:
        store.ping()
    password.write_text("secret\n")
    store.ping()
    password.unlink()
    with pytest.raises(StoreUnavailable, match=r"The file .*password can't be read"):
        store.ping()
    assert caught.value.code == 516
    store.close()


def test_the_next_host_takes_over_from_one_that_is_away_or_takes_nothing(
    native_servers: Any, tmp_path: Path, free_port: int
) -> None:
    faults = StoreFaults(tmp_path / "faults")
    with (
        native_servers.run(tmp_path / "one", faults=faults.path) as (_, one),
        native_servers.run(tmp_path / "two") as (__, two),
    ):
        hosts = ",".join(address.partition("@")[2] for address in (one, two))
        store = ClickHouseStore(f"clickhouse://default:secret@127.0.0.1:{free_port}/default?alt_hosts={hosts}")
        second = ClickHouseStore(f"clickhouse://{two}/default")
        second.migrate()
        store.migrate()
        faults.answer(242, "Table is in readonly mode")
        for _ in range(3):
            with suppress(StoreUnavailable):
                store.insert([event("d")])

        assert second.query("SELECT count() FROM events").rows == [(1,)]
        store.close()
        second.close()


def test_questions_are_asked_by_a_user_who_can_only_read(native_server: str, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    store = ClickHouseStore(f"clickhouse://{native_server}/default", ServerSettings(None, None, "reader", password))

    assert store.query("SELECT getSetting('max_result_rows')", limits=Limits(result_rows=7)).rows == [(7,)]
    with pytest.raises(StoreQueryError) as caught:
        store.query("CREATE TABLE default.t (a Int8) ENGINE = Memory")
    assert caught.value.code == 164
    store.close()


def test_limits_of_the_user_for_questions_hold() -> None:
    store = ClickHouseStore("clickhouse://host/db")
    store._readonly, store._most = 2, {"max_execution_time": 5.0}

    limits = store._limits(Limits(seconds=30))
    assert (limits["max_execution_time"], "readonly" in limits) == (5.0, False)
