"""What every room's tests share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.running import Running, collector
from collector.store.chdb import ChdbStore

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def embedded_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChdbStore]:
    """The one embedded store of the test process, migrated: a process can open only one folder.

    Tests share its tables, so each one uses datasets of its own.
    """
    store = ChdbStore(tmp_path_factory.mktemp("store"))
    store.migrate()
    yield store
    store.close()


class NativeServer:
    """Runs the test ClickHouse server of `tests/native_server` in a process of its own."""

    PASSWORD = "secret"

    @contextmanager
    def run(
        self, folder: Path, port: int = 0, faults: Path | None = None, clusters: Path | None = None
    ) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """Yield the process, to kill it, and the server's address, `user:password@host:port`."""
        arguments = ["--path", str(folder), "--port", str(port), "--password", self.PASSWORD]
        arguments += ["--faults", str(faults)] if faults else []
        arguments += ["--clusters", str(clusters)] if clusters else []
        command = [sys.executable, "-m", "tests.native_server", *arguments]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield process, f"default:{self.PASSWORD}@127.0.0.1:{int(process.stdout.readline())}"
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="session")
def native_servers() -> NativeServer:
    """For tests that need a ClickHouse server of their own, to break it."""
    return NativeServer()


@pytest.fixture(scope="session")
def native_server(native_servers: NativeServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the test ClickHouse server that tests share, `user:password@host:port`."""
    with native_servers.run(tmp_path_factory.mktemp("server")) as (_, address):
        yield address


@pytest.fixture(scope="session")
def live_collector() -> Iterator[Running]:
    """A running collector with the embedded store and the dataset `demo`: its `url`, `token` and `data` folder.

    Tests share it, so each one asks only for what it has sent.
    """
    with collector() as running:
        yield running
