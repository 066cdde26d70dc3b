"""A ClickHouse cluster as the store: what is asked goes to any server, what is stored goes to the event's shard."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, ClassVar, Final

from collector.config import ServerSettings
from collector.errors import StoreUnavailable
from collector.store.base import Param
from collector.store.clickhouse import ClickHouseStore
from collector.store.cluster import LOCAL, on_cluster, shards_of
from collector.store.columns import Columns

_SHARDS_SQL: Final = """SELECT shard_num, host_name, port FROM system.clusters
WHERE cluster = {cluster:String} ORDER BY shard_num, replica_num"""
#: How long an insert waits for the other replicas.
_QUORUM_MS: Final = 20_000


class ClusterStore(ClickHouseStore):
    """A store on a cluster, through one of its servers.

    Args:
        url: of one server; `alt_hosts` are others that may take its place.
        server: with the cluster's name.
    """

    kind: ClassVar[str] = "clickhouse-cluster"
    events_table: ClassVar[str] = LOCAL
    #: Every server would keep a copy of all events, and one of them would answer from it what all of them answer now.
    has_narrow: ClassVar[bool] = False

    def shards(self) -> list[ShardStore]:
        """Return a store for each shard, in order. Raises StoreUnavailable: the server does not know the cluster."""
        cluster = self._server.cluster
        replicas = shards_of(self.query(_SHARDS_SQL, {"cluster": Param("String", cluster)}).rows)
        if not replicas:
            raise StoreUnavailable(
                f"The ClickHouse server knows no cluster {cluster!r}: `SELECT DISTINCT cluster FROM system.clusters` lists those it"
                " knows"
            )
        return [ShardStore(self._host, self._arguments, self._server, hosts) for hosts in replicas]

    def version(self, dataset: str, start: int, end: int) -> Hashable:
        """Return None: what the servers have written nobody knows at once."""
        return None

    def _command(self, sql: str) -> None:
        for statement in on_cluster(sql, self._server.cluster, self._arguments["database"]):
            super()._command(statement)

    def _make_database(self, client: Any, database: str) -> None:
        client.execute(f"CREATE DATABASE IF NOT EXISTS `{database}` ON CLUSTER `{self._server.cluster}`")

    def _system(self, table: str) -> str:
        return f"clusterAllReplicas('{self._server.cluster}', system.{table})"

    def _here(self) -> str:
        # Each server would name its own.
        return f"database = '{self._arguments['database']}'"


class ShardStore(ClickHouseStore):
    """One shard, to write to: the next replica is tried when one does not answer, or does not take an insert.

    Args:
        host, arguments: of the server that named the shard: user, password, TLS and time-outs are the same.
        server: what the address does not say.
        replicas: (host, port) of each.
    """

    kind: ClassVar[str] = "clickhouse-shard"

    def __init__(self, host: str, arguments: dict[str, Any], server: ServerSettings, replicas: list[tuple[str, int]]) -> None:
        super().__init__(f"clickhouse://{host}", server)
        (self._host, port), *others = replicas
        alternatives = {"alt_hosts": ",".join(f"{other}:{number}" for other, number in others)} if others else {}
        self._arguments = {name: value for name, value in arguments.items() if name != "alt_hosts"} | {"port": port} | alternatives
        quorum = {"insert_quorum": server.insert_quorum, "insert_quorum_timeout": _QUORUM_MS}
        self.write_settings = {**self.write_settings, **(quorum if server.insert_quorum != "0" else {})}

    def _write(self, table: str, blocks: Iterable[Columns]) -> None:
        super()._write(LOCAL if table == "events" else table, blocks)
