"""Dead letters are kept until somebody retries or drops them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from identified import ADMIN, served
from starlette.testclient import TestClient

from collector.access.identity import Identity, Role
from collector.config import SpoolSettings
from collector.pipeline.dead_letters import DeadLetter, DeadLetters
from collector.pipeline.letter_routes import dead_letter_routes
from collector.pipeline.spool import Spool


class Setup:
    def __init__(self, folder: Path) -> None:
        self.letters = DeadLetters(folder / "dead.sqlite3", clock=lambda: 1_700_000_000)
        self.spool = Spool(folder / "spool", SpoolSettings())
        self.audited: list[tuple[str, ...]] = []
        self.ask_as(ADMIN)
        payloads = (b'{"id":"a","kind":"page_view","dataset":"shop"}', b'{"id":"b","dataset":"shop"}', b"{torn \xff")
        self.letters.add([DeadLetter(payload, f"reason {n}", n) for n, payload in enumerate(payloads)])

    def ask_as(self, identity: Identity) -> None:
        self.client = TestClient(served(dead_letter_routes(self.letters, self.spool), identity, self.audited))

    def change(self, action: str, body: Any) -> Any:
        return self.client.post(f"/api/dead-letters/{action}", json=body)


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    setup = Setup(tmp_path)
    yield setup
    setup.spool.close()
    setup.letters.close()


def test_the_same_event_is_one_letter(setup: Setup) -> None:
    setup.letters.add(setup.letters.all())

    assert setup.letters.count == 3


def test_they_are_listed_newest_first_by_pages(setup: Setup) -> None:
    first = setup.client.get("/api/dead-letters?limit=2").json()
    second = setup.client.get(f"/api/dead-letters?before={first['dead_letters'][-1]['id']}").json()

    assert [one["reason"] for one in (*first["dead_letters"], *second["dead_letters"])] == ["reason 2", "reason 1", "reason 0"]
    assert second["dead_letters"][0] == {
        "id": 1, "at": "2023-11-14T22:13:20+00:00", "reason": "reason 0", "code": 0, "dataset": "shop",
        "event": {"id": "a", "kind": "page_view"}, "bytes": 46,
    }  # fmt: skip


def test_one_is_shown_whole_even_if_it_is_no_event(setup: Setup) -> None:
    assert setup.client.get("/api/dead-letters/2").json()["payload"] == {"id": "b", "dataset": "shop"}
    assert setup.client.get("/api/dead-letters/3").json()["payload"] == "{torn \\xff"
    assert setup.client.get("/api/dead-letters/9").status_code == 404


def test_retried_ones_are_in_the_spool_and_gone_from_here(setup: Setup) -> None:
    assert setup.change("retry", {"ids": [1, 2]}).json() == {"retried": 2}

    assert [one.id for one in setup.letters.all()] == [3]
    assert len(setup.spool.read(10, 1 << 20).payloads) == 2
    assert dict(setup.spool.ledger.counters.items("wideload_events_acknowledged")) == {("shop",): 2}


def test_dropped_ones_are_gone(setup: Setup) -> None:
    assert setup.change("drop", {"all": True}).json() == {"dropped": 3}
    assert (setup.letters.count, setup.spool.pending_events) == (0, 0)


@pytest.mark.parametrize("body", [{}, [], {"ids": []}, {"ids": ["1"]}, {"ids": [0]}, {"all": 1}, {"ids": [True]}, "x"])
def test_it_has_to_be_said_which(setup: Setup, body: Any) -> None:
    answer = setup.change("drop", body)

    assert (answer.status_code, answer.json()["error"]["path"], setup.letters.count) == (400, "ids", 3)


def test_an_unknown_one_is_named_and_nothing_changes(setup: Setup) -> None:
    answer = setup.change("drop", {"ids": [1, 77]})

    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no dead letter 77.")
    assert setup.letters.count == 3


def test_they_belong_to_the_editors_of_their_dataset(setup: Setup) -> None:
    setup.ask_as(Identity("user", "bob", {"shop": Role.EDITOR, "blog": Role.VIEWER}))
    listed = setup.client.get("/api/dead-letters?limit=1").json()
    foreign, mixed = setup.client.get("/api/dead-letters/3"), setup.change("drop", {"ids": [1, 3]})

    assert (listed["count"], [one["id"] for one in listed["dead_letters"]]) == (2, [2])
    assert (foreign.status_code, mixed.status_code, setup.letters.count) == (403, 403, 3)
    assert "needs the role editor on all datasets, where bob has no role" in foreign.json()["error"]["message"]
    assert setup.change("drop", {"all": True}).json() == {"dropped": 2}
    assert [one.id for one in setup.letters.all()] == [3]


def test_what_is_done_with_them_is_in_the_audit_log(setup: Setup) -> None:
    setup.change("retry", {"ids": [1]})
    setup.change("drop", {"all": True})

    assert setup.audited == [
        ("anna", "dead-letters-retry", "dataset shop: 1 events", "ok"),
        ("anna", "dead-letters-drop", "dataset shop: 1 events", "ok"),
        ("anna", "dead-letters-drop", "dataset unknown: 1 events", "ok"),
    ]


def test_a_spool_that_is_full_leaves_them_here(tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    setup = Setup(folder)
    setup.spool._settings = SpoolSettings(max_bytes=10)
    asyncio.run(setup.spool.append([b"x" * 100]))

    assert (setup.change("retry", {"all": True}).status_code, setup.letters.count) == (503, 3)
    setup.spool.close()
    setup.letters.close()


def test_they_are_counted_again_only_when_something_has_changed(tmp_path: Path) -> None:
    path, asked = tmp_path / "dead.sqlite3", list[str]()
    letters, another_process = DeadLetters(path), DeadLetters(path)
    letters._db.set_trace_callback(asked.append)

    def count() -> int:
        return sum("count(*)" in sql for sql in asked)

    letters.add([DeadLetter(b"{}", "bad", 1)])
    assert [letters.count, letters.count, count()] == [1, 1, 1]
    another_process.add([DeadLetter(b"[]", "bad", 1)])
    assert [letters.count, letters.count, count()] == [2, 2, 2]

    letters.close()
    another_process.close()
