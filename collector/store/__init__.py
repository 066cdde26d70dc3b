"""Where events rest: ClickHouse, embedded (chDB) or a server, behind one pair of protocols."""

from __future__ import annotations

from pathlib import Path

from collector.config import ServerSettings
from collector.store.base import Store


def open_store(url: str, data_dir: Path, server: ServerSettings | None = None) -> Store:
    """Return the store that a setting names; its schema is not looked at yet.

    Args:
        url: `embedded` or `clickhouse://user:password@host:9000/database`.
        data_dir: the folder that holds the embedded store.
        server: of a server, what its address does not say.

    Raises:
        SettingsError: the embedded store is not installed.
        StoreUnavailable: the embedded store's folder cannot be used. A server is first asked later.
    """
    if url == "embedded":
        from collector.store.chdb import ChdbStore

        return ChdbStore(data_dir / "store")
    if server and server.cluster:
        from collector.store.clickhouse_cluster import ClusterStore

        return ClusterStore(url, server)
    from collector.store.clickhouse import ClickHouseStore

    return ClickHouseStore(url, server or ServerSettings())
