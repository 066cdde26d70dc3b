"""The stores that the contract is held against."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import cast
from uuid import uuid4

import pytest

from collector.errors import StoreUnavailable
from collector.store.chdb import ChdbStore
from collector.store.clickhouse import ClickHouseStore
from collector.store.sql import SqlStore

#: A real ClickHouse server, where there is one: `user:password@host:9000`. The tests make databases of their own there.
REAL_SERVER = os.environ.get("WIDELOAD_TEST_CLICKHOUSE", "")

KINDS = ["embedded", "native-test-server", *(["server"] if REAL_SERVER else [])]


@pytest.fixture(scope="session", params=KINDS)
def open_store(request: pytest.FixtureRequest) -> Callable[[str], SqlStore]:
    """Open the kind of store that is on trial, by the name of a database."""
    if request.param == "embedded":
        folder = cast(ChdbStore, request.getfixturevalue("embedded_store")).folder
        return lambda database: ChdbStore(folder, database=database)
    address = REAL_SERVER if request.param == "server" else request.getfixturevalue("native_server")
    return lambda database: ClickHouseStore(f"clickhouse://{address}/{database}")


@contextmanager
def _database(open_store: Callable[[str], SqlStore]) -> Iterator[SqlStore]:
    name = f"test_{uuid4().hex}"
    yield (opened := open_store(name))
    with suppress(StoreUnavailable):
        opened._command(f"DROP DATABASE IF EXISTS {name}")
    opened.close()


@pytest.fixture(scope="session")
def store(open_store: Callable[[str], SqlStore]) -> Iterator[SqlStore]:
    """A migrated store that the tests share; each uses a dataset of its own."""
    with _database(open_store) as shared:
        shared.migrate()
        yield shared


@pytest.fixture
def fresh_store(open_store: Callable[[str], SqlStore]) -> Iterator[SqlStore]:
    """A store whose database is empty, for tests that change the schema."""
    with _database(open_store) as empty:
        yield empty


@pytest.fixture
def dataset() -> str:
    """The name of a dataset that nothing else uses."""
    return f"d{uuid4().hex}"
