"""Collectors with spools of their own hear of each other's erasures through the store that they share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import orjson
import pytest
from privacy_site import Switch

from bench.process import TOKEN, CollectorProcess, wait_until
from collector.errors import StoreUnavailable
from collector.privacy.hearing import HEARD_SECONDS, Hearing
from collector.privacy.selection import Selection
from collector.privacy.tombstones import Tombstones, id_hash
from collector.store.base import Key
from collector.store.chdb import ChdbStore


class Pod:
    """What one collector knows of erasures."""

    def __init__(self, folder: Path, store: ChdbStore) -> None:
        self.now, self.store, self.cleaned = 0.0, Switch(store), list[Selection]()
        self.tombstones = Tombstones(folder / f"{uuid4().hex}.sqlite3")
        self.hearing = Hearing(self.store, self.tombstones, self.cleaned.append, lambda: self.now)  # type: ignore[arg-type]

    def stores(self, *payloads: bytes) -> list[bytes]:
        """Return what it would store of these."""
        return self.hearing.screen(list(payloads))


@pytest.fixture
def dataset() -> str:
    return f"d{uuid4().hex[:12]}"


@pytest.fixture
def pods(tmp_path: Path, embedded_store: ChdbStore) -> Iterator[tuple[Pod, Pod]]:
    both = Pod(tmp_path, embedded_store), Pod(tmp_path, embedded_store)
    yield both
    for pod in both:
        pod.tombstones.close()


def payload(dataset: str, id_: str, **fields: str) -> bytes:
    event = {"dataset": dataset, "kind": "page_view", "id": id_, "ts": int((time.time() - 60) * 1000), **fields}
    return orjson.dumps(event)


def about(dataset: str, session: str) -> dict[str, object]:
    return {"dataset": dataset, "filters": [{"column": "session.id", "op": "=", "value": session}]}


def test_what_one_erases_another_does_not_store(pods: tuple[Pod, Pod], dataset: str) -> None:
    one, two = pods
    ann, bob = (payload(dataset, name, **{"session.id": name}) for name in ("ann", "bob"))

    one.hearing.tell(about(dataset, "ann"))

    assert two.stores(ann, bob) == [bob]
    assert [selection.dataset for selection in two.cleaned if selection.dataset == dataset] == [dataset]


def test_a_later_revision_of_what_another_erased_is_not_stored(pods: tuple[Pod, Pod], dataset: str) -> None:
    one, two = pods

    one.hearing.tell_ids([id_hash(dataset, Key("page_view", "a1", 0))])

    again, other = payload(dataset, "a1"), payload(dataset, "a2")
    assert two.stores(again, other) == [other]


def test_the_store_is_asked_again_only_after_some_seconds(pods: tuple[Pod, Pod], dataset: str) -> None:
    one, two = pods
    ann = payload(dataset, "ann", **{"session.id": "ann"})
    two.stores()
    one.hearing.tell(about(dataset, "ann"))

    assert two.stores(ann) == [ann]
    two.now += HEARD_SECONDS + 0.1
    assert two.stores(ann) == []


def test_where_nobody_can_say_what_was_erased_nothing_is_stored(pods: tuple[Pod, Pod], dataset: str) -> None:
    pods[0].store.is_away = True

    with pytest.raises(StoreUnavailable):
        pods[0].stores(payload(dataset, "a1"))


def test_it_is_remembered_without_the_store(pods: tuple[Pod, Pod], dataset: str) -> None:
    one, two = pods
    ann = payload(dataset, "ann", **{"session.id": "ann"})
    one.hearing.tell(about(dataset, "ann"))
    two.stores()

    assert two.tombstones.screen([ann]) == []


def test_what_waits_in_the_spool_of_another_collector_is_erased(tmp_path: Path, native_server: str) -> None:
    store = f"clickhouse://{native_server}/hearing"
    with CollectorProcess(tmp_path / "one", store) as one, CollectorProcess(tmp_path / "two", store, linger_seconds=120) as two:
        now = int(time.time() * 1000)
        events = [{"kind": "page_view", "id": uuid4().hex, "time": now, "session.id": name} for name in ("ann", "bob")]
        assert two.send(*events).status_code == 202
        ask = {"json": about("demo", "ann"), "headers": {"authorization": f"Bearer {TOKEN}"}, "timeout": 60}
        assert httpx2.post(f"{one.url}/api/erase", **ask).status_code == 200

        two.terminate()
        two.start(linger_seconds=0.05)
        assert wait_until(lambda: events[1]["id"] in two.rows())
        assert events[0]["id"] not in two.rows()
