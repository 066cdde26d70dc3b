"""`wideload migrate --to`: copy the embedded store's events to a server, hour by hour, the latest first.

Collectors have the server as their store already: new events go there, and beacons are taken all along. An event has the same id
there as here, so what is copied twice counts once, and an amendment that has come meanwhile stays. What is done is written down, so
that it goes on where it was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from collector.config import Settings
from collector.errors import SettingsError, StoreUnavailable
from collector.events import Event
from collector.privacy.tombstones import TOMBSTONES_FILE, Tombstones
from collector.store import open_store
from collector.store.base import Attribute, Limits, Param, Store
from collector.store.columns import EVENT_COLUMNS

#: What is done, within the data folder.
PROGRESS_FILE: Final = "moved.json"
#: Events in memory at once.
CHUNK: Final = 5_000
_LIMITS: Final = Limits(seconds=600, result_rows=2_000_000)
_HOURS_SQL: Final = """SELECT dataset, toUnixTimestamp(toStartOfHour(ts)) AS hour, count() AS events
FROM events FINAL GROUP BY dataset, hour ORDER BY hour DESC, dataset"""
_OF_HOUR: Final = (
    "dataset = {dataset:String} AND ts >= fromUnixTimestamp({hour:Int64}) AND ts < fromUnixTimestamp({hour:Int64} + 3600)"
)
_COUNT_SQL: Final = f"SELECT count() FROM events FINAL WHERE {_OF_HOUR}"
_NAMES: Final = tuple(name for name, _ in EVENT_COLUMNS)
_EVENTS_SQL: Final = f"""SELECT {", ".join(f"`{name}`" for name in _NAMES)} FROM events FINAL
WHERE {_OF_HOUR} AND (kind, id) > ({{kind:String}}, {{id:String}})
ORDER BY kind, id LIMIT {CHUNK}"""


@dataclass(slots=True)
class Moved:
    """What was done.

    Args:
        events: that the server was seen to have, hours of earlier runs among them.
        hours: of datasets.
        erased: events that were left out, for an erasure that came in between.
    """

    events: int = 0
    hours: int = 0
    erased: int = 0


def move(settings: Settings, to: str, tell: Callable[[int, int], None]) -> Moved:
    """Copy everything.

    Args:
        settings: the data folder, and the secrets of the server.
        to: the server's address.
        tell: is told the hours that are done, and all.

    Raises:
        SettingsError: that is no server.
        StoreUnavailable: one of them cannot be asked, or the server has fewer events than it was given. Run it again.
    """
    if not to.startswith(("clickhouse://", "clickhouses://")):
        raise SettingsError([f"--to must be the address of a ClickHouse server (it is {to.partition(':')[0]!r})."])
    target = open_store(to, settings.data_dir, settings.server)
    target.migrate()
    if not (settings.data_dir / "store").exists():
        target.close()
        raise StoreUnavailable(f"There is no embedded store in {settings.data_dir}.")
    try:
        source = open_store("embedded", settings.data_dir)
    except StoreUnavailable as error:
        target.close()
        hint = "If that is a collector: restart it with the new address as its store first. Beacons wait on disk meanwhile."
        raise StoreUnavailable(f"{error.message}\n{hint}") from error
    tombstones = Tombstones(settings.data_dir / TOMBSTONES_FILE)
    try:
        source.migrate()
        return copy(source, target, settings.data_dir / PROGRESS_FILE, tombstones.screen, tell)
    finally:
        tombstones.close()
        source.close()
        target.close()


def copy(
    source: Store,
    target: Store,
    progress: Path,
    screen: Callable[[list[bytes]], list[bytes]] = lambda payloads: payloads,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Moved:
    """Copy one store's events and its catalogue of attributes to another; see `move`. Raises StoreUnavailable."""
    target.add_attributes([Attribute(one.dataset, one.name, one.type) for one in source.attributes()])
    done, moved = _read(progress), Moved()
    hours = [(str(dataset), int(hour), int(events)) for dataset, hour, events in source.query(_HOURS_SQL, limits=_LIMITS).rows]
    for number, (dataset, hour, events) in enumerate(hours, 1):
        key = f"{dataset} {hour}"
        if done.get(key) != events:
            moved.erased += (left_out := _copy_hour(source, target, dataset, hour, screen))
            there = _count(target, dataset, hour)
            if there < events - left_out:
                raise StoreUnavailable(
                    f"The server has {there:,} events of {dataset} in the hour {hour}, and {events - left_out:,} were copied; it"
                    " is copied again when you run this again"
                )
            done[key] = events
            _write(progress, done)
        moved.events += events
        moved.hours += 1
        tell(number, len(hours))
    moved.events -= moved.erased
    return moved


def _copy_hour(source: Store, target: Store, dataset: str, hour: int, screen: Callable[[list[bytes]], list[bytes]]) -> int:
    """Copy an hour and return how many events were left out."""
    left_out = 0
    for events in _chunks(source, dataset, hour):
        wanted = screen([orjson.dumps(event, default=str) for event in events])
        left_out += len(events) - len(wanted)
        target.insert([orjson.loads(one) for one in wanted] if len(wanted) < len(events) else events)
    return left_out


def _chunks(source: Store, dataset: str, hour: int) -> Iterator[list[Event]]:
    kind = id_ = ""
    while True:
        params = {**_hour(dataset, hour), "kind": Param("String", kind), "id": Param("String", id_)}
        rows = source.query(_EVENTS_SQL, params, _LIMITS).rows
        if rows:
            events = [_event(row) for row in rows]
            yield events
            kind, id_ = str(events[-1]["kind"]), str(events[-1]["id"])
        if len(rows) < CHUNK:
            return


def _event(row: tuple[Any, ...]) -> Event:
    """Return a row as it was spooled: what was not measured is not there."""
    return {name: value for name, value in zip(_NAMES, row, strict=True) if value is not None and value not in ([], {})}


def _count(store: Store, dataset: str, hour: int) -> int:
    return int(store.query(_COUNT_SQL, _hour(dataset, hour), _LIMITS).rows[0][0])


def _hour(dataset: str, hour: int) -> dict[str, Param]:
    return {"dataset": Param("String", dataset), "hour": Param("Int64", hour)}


def _read(progress: Path) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(progress.read_text())
    except FileNotFoundError:
        return {}
    return found


def _write(progress: Path, done: Mapping[str, int]) -> None:
    new = progress.with_suffix(".new")
    new.write_text(json.dumps(done))
    new.replace(progress)
