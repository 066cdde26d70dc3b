"""Collectors with different roles on one data folder, as processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from bench.process import TOKEN, CollectorProcess, wait_until
from bench.running import free_port
from bench.traffic import event as page_view
from collector.config import load_settings
from collector.errors import SettingsError

AUTH = {"authorization": f"Bearer {TOKEN}"}
PRIVATE = ("/", "/api/me", "/api/query", "/metrics", "/openapi.json", "/login", "/assets/app.js", "/api/dead-letters", "/share/x")


class Split:
    """A collector that answers and owns the embedded store, and one that takes beacons."""

    def __init__(self, data: Path) -> None:
        self.private_port = free_port()
        self.query = CollectorProcess(data, role="query")
        self.ingest = CollectorProcess(data, role="ingest", private_listen=f"127.0.0.1:{self.private_port}")


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Split]:
    both = Split(tmp_path_factory.mktemp("roles") / "data")
    with both.query, both.ingest:
        yield both


def send(split: Split) -> str:
    event = page_view()
    assert split.ingest.send(event).status_code == 202
    return str(event["id"])


def test_what_one_has_taken_the_other_finds(split: Split) -> None:
    name = send(split)

    assert wait_until(lambda: split.query.rows().get(name)) == 1


def test_a_listener_for_pages_carries_nothing_private(split: Split) -> None:
    statuses = {path: httpx2.get(split.ingest.url + path, headers=AUTH).status_code for path in PRIVATE}
    public = {path: httpx2.get(split.ingest.url + path).status_code for path in ("/beacon.js", "/w.js", "/healthz", "/readyz")}

    assert statuses == dict.fromkeys(PRIVATE, 404)
    assert set(public.values()) == {200}


def test_the_private_listener_of_a_collector_that_takes_beacons_asks_for_a_credential(split: Split) -> None:
    url = f"http://127.0.0.1:{split.private_port}/metrics"

    assert httpx2.get(url).status_code == 401
    assert 'wideload_events_pending{worker="1"}' in httpx2.get(url, headers=AUTH).text


def test_beacons_wait_while_the_owner_of_the_store_is_away(split: Split) -> None:
    split.query.kill()
    name = send(split)
    wait_until(lambda: split.ingest.health().get("loader") == "holding")
    split.query.start()

    assert wait_until(lambda: split.query.rows().get(name)) == 1
    assert wait_until(lambda: split.ingest.health().get("status") == "ok")


def test_an_erasure_reaches_what_comes_later_from_the_other_collector(split: Split) -> None:
    event = page_view(**{"session.id": uuid4().hex})
    split.ingest.send(event)
    wait_until(lambda: split.query.rows().get(str(event["id"])))
    split.query.post(
        "/api/erase", {"dataset": "demo", "filters": [{"column": "session.id", "op": "=", "value": event["session.id"]}]}
    )
    split.ingest.send(event | {"revision": 1})
    after = send(split)

    rows = wait_until(lambda: (found := split.query.rows()) and after in found and found)
    assert event["id"] not in rows


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"workers": 2}, "set private_listen"),
        ({"role": "query", "workers": 2}, "the role query takes none"),
        ({"role": "query", "private_listen": "127.0.0.1:1"}, "of no use with the role query"),
        ({"private_listen": "127.0.0.1:8080"}, "needs a port of its own"),
        ({"private_listen": "0.0.0.0:1"}, "needs an admin token"),
        ({"role": "both"}, "must be all, ingest or query"),
    ],
)
def test_roles_that_do_not_fit_are_refused_with_a_sentence(flags: dict[str, object], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings({}, flags)


def test_a_collector_without_a_private_surface_needs_no_admin(tmp_path: Path) -> None:
    file = tmp_path / "wideload.toml"
    file.write_text('[datasets.shop]\nsite_keys = ["Zk3vT0aXr8mQ1sLd"]\n')

    assert load_settings({}, {"config": str(file), "role": "ingest", "listen": "0.0.0.0:8080"}).host == "0.0.0.0"
