"""The stores that faults are tried on, and what breaks them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_faults import StoreFaults

from bench.fault_proxy import FaultProxy
from bench.process import CollectorProcess


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=["embedded", "server"])
def collector(request: pytest.FixtureRequest, data: Path) -> Iterator[CollectorProcess]:
    """A running collector, on the embedded store and on a server."""
    store = "embedded"
    if request.param == "server":
        store = f"clickhouse://{request.getfixturevalue('native_server')}/{data.parent.name.replace('-', '_')}"
    with CollectorProcess(data, store) as running:
        yield running


class Away:
    """A collector, a server and what stands between them."""

    def __init__(self, folder: Path, address: str, faults: StoreFaults) -> None:
        credentials, _, host = address.rpartition("@")
        self.proxy = FaultProxy(int(host.rpartition(":")[2]))
        self.faults = faults
        # What hangs is noticed sooner than by default, so that tests take seconds.
        store = f"clickhouse://{credentials}@127.0.0.1:{self.proxy.port}/faults?send_receive_timeout=3"
        self.collector = CollectorProcess(folder, store, linger_seconds=0.05)
        #: Where the log of a test begins.
        self.log_start = 0

    @property
    def log(self) -> str:
        """What the collector has logged during the test."""
        return self.collector.log.read_bytes()[self.log_start :].decode()


@pytest.fixture(scope="module")
def module_away(native_servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    folder = tmp_path_factory.mktemp("away")
    faults = StoreFaults(folder / "faults.json")
    with native_servers.run(folder / "server", faults=faults.path) as (_, address):
        away = Away(folder / "data", address, faults)
        with away.collector:
            yield away
        away.proxy.close()


@pytest.fixture
def away(module_away: Away) -> Iterator[Away]:
    """A running collector behind a proxy that can break the way to its server, and a server that can be told to fail."""
    module_away.log_start = module_away.collector.log.stat().st_size
    yield module_away
    module_away.proxy.set("pass")
    module_away.faults.clear()
    if not module_away.collector.health():
        module_away.collector.start()
    module_away.collector.settle()
    letters = module_away.collector.get("/api/dead-letters")["dead_letters"]
    if letters:
        module_away.collector.post("/api/dead-letters/drop", {"all": True})
