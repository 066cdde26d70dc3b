"""The schema's statements for a cluster, as text. Pure.

`events` is sharded: each shard has a part of the rows in `events_local`, replicated within the shard, and `events` is the
`Distributed` table over them. All versions of an event are on one shard, chosen by its id, so that `FINAL` on each shard is enough.
The other tables are small, and every server has all of them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

#: The table that holds a shard's rows.
LOCAL: Final = "events_local"
#: Where replicas find each other in Keeper; servers fill in `{shard}` and `{replica}` from their macros.
_SHARDED: Final = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
_EVERYWHERE: Final = "'/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}'"
_CREATE: Final = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)\n(\(.*\))\nENGINE = (\w+)(?:\(([^)]*)\))?", re.DOTALL)
_ALTER: Final = re.compile(r"ALTER TABLE events\b")
#: What a `Distributed` table has, too.
_COLUMNS: Final = re.compile(r"\s(?:ADD|MODIFY|DROP|RENAME) COLUMN\s")


def shard_of(id_: str, shards: int) -> int:
    """Return the shard, from 0, of an event's id; the same one that the table `events` would choose."""
    return zlib.crc32(id_.encode()) % shards


def on_cluster(statement: str, cluster: str, database: str) -> list[str]:
    """Return what makes a statement of the schema true on every server of a cluster.

    Args:
        statement: as for one server.
        cluster: the name under which the servers know it.
        database: where the tables are.
    """
    text = statement.strip()
    if match := _CREATE.match(text):
        return _create(text, match, cluster, database)
    if _ALTER.match(text):
        local = _ALTER.sub(f"ALTER TABLE {LOCAL} ON CLUSTER `{cluster}`", text, count=1)
        everywhere = _ALTER.sub(f"ALTER TABLE events ON CLUSTER `{cluster}`", text, count=1)
        return [local, everywhere] if _COLUMNS.search(text) else [local]
    # Of a table that every server has, a change is a replica's to pass on.
    return [text]


def _create(text: str, match: re.Match[str], cluster: str, database: str) -> list[str]:
    table, columns, engine, arguments = match.groups()
    name, path = (LOCAL, _SHARDED) if table == "events" else (table, _EVERYWHERE)
    made = ", ".join(filter(None, (path, arguments)))
    head = f"CREATE TABLE IF NOT EXISTS {name} ON CLUSTER `{cluster}`\n{columns}\nENGINE = Replicated{engine}({made})"
    created = [head + text[match.end() :]]
    if table == "events":
        distributed = f"Distributed('{cluster}', '{database}', '{LOCAL}', CRC32(id))"
        created.append(f"CREATE TABLE IF NOT EXISTS events ON CLUSTER `{cluster}` AS {LOCAL}\nENGINE = {distributed}")
    return created


def shards_of(rows: Iterable[Sequence[object]]) -> list[list[tuple[str, int]]]:
    """Return (host, port) of the replicas of each shard, in order, from rows of number, host and port."""
    shards: dict[int, list[tuple[str, int]]] = {}
    for number, host, port in rows:
        shards.setdefault(int(str(number)), []).append((str(host), int(str(port))))
    return [shards[number] for number in sorted(shards)]
