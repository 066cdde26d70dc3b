"""Everything about a session, in three formats that harm nobody."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from privacy_site import Site, where

from collector.privacy import export as exporting

EVIL = "=HYPERLINK(1)\x1b]0;owned\x07\u202e\x9b31m"


@pytest.fixture
def filled(site: Site) -> Site:
    site.send(*({"id": f"a{n}", "session.id": "ann", "page.path": "/a", "n": n, "note": EVIL} for n in range(5)), {"id": "b"})
    site.settle()
    return site


def export(site: Site, form: str) -> str:
    answer = site.post("/api/export", filters=where("session.id", "ann"), format=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    text: str = answer.content.decode()
    return text


def test_lines_hold_one_event_each(filled: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)

    events = [orjson.loads(line) for line in export(filled, "ndjson").splitlines()]

    assert sorted(event["id"] for event in events) == ["a0", "a1", "a2", "a3", "a4"]
    assert all(event["note"] == EVIL and event["page.path"] == "/a" for event in events)


def test_json_is_one_array(filled: Site) -> None:
    events: list[dict[str, Any]] = orjson.loads(export(filled, "json"))

    assert {event["n"] for event in events} == {0, 1, 2, 3, 4}
    assert filled.post("/api/export", filters=where("session.id", "nobody"), format="json").json() == []


def test_a_spreadsheet_computes_no_cell(filled: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(export(filled, "csv"))))

    assert len(rows) == 5
    assert all(row["note"] == "'=HYPERLINK(1)�]0;owned��" + "�31m" and row["session.id"] == "ann" for row in rows)


@pytest.mark.parametrize("form", exporting.FORMATS)
def test_no_format_holds_what_a_terminal_obeys(filled: Site, form: str) -> None:
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(export(filled, form))


def test_an_unknown_format_is_named(filled: Site) -> None:
    answer = filled.post("/api/export", filters=where("session.id", "ann"), format="xls")

    assert (answer.status_code, answer.json()["error"]["path"]) == (400, "format")
