"""The schema's statements for a cluster, and that the engine's parser takes them."""

from __future__ import annotations

import pytest

from collector.store.chdb import ChdbStore
from collector.store.cluster import on_cluster, shard_of, shards_of
from collector.store.migrate import TABLE_SQL, migrations

STATEMENTS = [TABLE_SQL, *(statement for migration in migrations() for statement in migration.statements)]


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_every_statement_of_the_schema_is_one_of_a_cluster(embedded_store: ChdbStore, statement: str) -> None:
    for text in on_cluster(statement, "main", "wideload"):
        quoted = text.replace("\\", "\\\\").replace("'", "\\'")
        embedded_store.query(f"SELECT formatQuery('{quoted}')")
        assert "ENGINE" not in text or "Replicated" in text or "Distributed" in text


def test_the_events_are_sharded_and_small_tables_are_everywhere() -> None:
    events, distributed = on_cluster(migrations()[0].statements[0], "main", "wideload")
    (keys,) = on_cluster(migrations()[0].statements[1], "main", "wideload")

    assert events.startswith("CREATE TABLE IF NOT EXISTS events_local ON CLUSTER `main`")
    path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}', revision"
    assert f"ENGINE = ReplicatedReplacingMergeTree({path})\nPARTITION BY" in events
    assert distributed.endswith("AS events_local\nENGINE = Distributed('main', 'wideload', 'events_local', CRC32(id))")
    assert "ReplicatedAggregatingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')" in keys


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("ALTER TABLE events\n    ADD COLUMN IF NOT EXISTS `a` String", ["events_local", "events"]),
        ("ALTER TABLE events DELETE IN PARTITION '2027-01-01' WHERE id = 'a'", ["events_local"]),
        ("ALTER TABLE events MODIFY SETTING a = 1", ["events_local"]),
    ],
)
def test_a_change_of_the_events_reaches_every_shard(statement: str, tables: list[str]) -> None:
    assert [text.split()[2:6] for text in on_cluster(statement, "main", "w")] == [
        [table, "ON", "CLUSTER", "`main`"] for table in tables
    ]


def test_the_collector_and_the_server_choose_the_same_shard(embedded_store: ChdbStore) -> None:
    names = ["", "a", "Zürich", "0f8fad5b-d9cb-469f-a165-70867728950e"]
    theirs = embedded_store.query(f"SELECT CRC32(arrayJoin({names})) % 3").rows

    assert [shard for (shard,) in theirs] == [shard_of(name, 3) for name in names]


def test_replicas_are_told_apart_by_shard() -> None:
    assert shards_of([(2, "c", 9000), (1, "a", 9000), (1, "b", 9001)]) == [[("a", 9000), ("b", 9001)], [("c", 9000)]]
