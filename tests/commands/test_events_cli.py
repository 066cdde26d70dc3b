"""`wideload events` against a running collector."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx2
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result

from bench.running import Running
from collector.cli import main
from collector.commands.events import read_order
from collector.errors import WideloadError

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_collector: Running) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(*args: str) -> Result:
        where = ("--url", live_collector.url, "--token", live_collector.token)
        return CliRunner().invoke(main, ["events", *where, *args], catch_exceptions=False)

    return invoke


@pytest.fixture(scope="module")
def session(live_collector: Running) -> str:
    """Send three page views of a session and return its id, when they can be found."""
    session, now = uuid4().hex, int(time.time() * 1000)
    events = [{"id": f"{session[:20]}-{n}", "kind": "page_view", "time": now - n, "session.id": session, "page.path": "=1+1",
               "lcp.value": 100.5 * n} for n in range(3)]  # fmt: skip
    httpx2.post(f"{live_collector.url}/v1/beacon/demo", json={"v": 1, "sent_at": now, "events": events}).raise_for_status()
    filters = [{"column": "session.id", "op": "=", "value": session}]
    while live_collector.count(dataset="demo", filters=filters) < 3:
        time.sleep(0.05)
    return session


def test_events_are_shown_as_a_table(run: Run, session: str) -> None:
    result = run("--where", f"session.id = {session}", "--order", "slowest", "--limit", "2")

    lines = result.stdout.splitlines()
    assert (result.exit_code, lines[0].split()) == (0, ["ts", "kind", "page.path", "lcp.value", "inp.value", "cls.value", "id"])
    assert [line.split()[3] for line in lines[2:4]] == ["201", "100.5"]
    assert lines[-1] == "2 events (there are more: raise --limit, or write a file with --output)."


def test_no_events_are_said_to_be_none(run: Run) -> None:
    assert run("--where", "session.id = nobody").stdout == "No events match.\n\n0 events.\n"


def test_events_are_exported_to_standard_output(run: Run, session: str) -> None:
    where = ("--where", f"session.id = {session}", "--field", "page.path", "--format")

    table = list(csv.DictReader(io.StringIO(run(*where, "csv").stdout)))
    lines = [json.loads(line) for line in run(*where, "jsonl", "--order", "oldest").stdout.splitlines()]

    assert [row["page.path"] for row in table] == ["'=1+1"] * 3
    assert [line["id"][-1] for line in lines] == ["2", "1", "0"]


def test_a_files_ending_says_its_format(run: Run, session: str, tmp_path: Path) -> None:
    result = run("--where", f"session.id = {session}", "--output", "views.parquet")

    assert (result.exit_code, result.stderr[:21]) == (0, "Wrote views.parquet (")
    assert pyarrow.parquet.read_table(tmp_path / "views.parquet")["lcp.value"].to_pylist() == [0, 100.5, 201]
    assert [path.name for path in tmp_path.iterdir()] == ["views.parquet"]


def test_a_file_that_cannot_be_complete_is_not_there(run: Run, tmp_path: Path) -> None:
    result = run("--where", "nothing = 1", "--output", "views.csv")

    assert (result.exit_code, "has no field" in result.stderr, list(tmp_path.iterdir())) == (1, True, [])
    assert "cannot be written: No such file" in run("--output", "nowhere/views.csv").stderr
    assert "does not say a format: let it end with csv, jsonl, parquet" in run("--output", "views.xls").stderr


def test_one_event_is_shown_with_all_of_its_fields(run: Run, session: str) -> None:
    shown = run(f"{session[:20]}-1").stdout.splitlines()
    whole = json.loads(run(f"{session[:20]}-1", "--json").stdout)

    assert ["lcp.value", "100.5"] in [line.split() for line in shown]
    assert shown[-1] == "Its session has 3 events."
    assert (whole["event"]["session.id"], len(whole["session"]["events"]), len(whole["versions"])) == (session, 3, 1)
    assert run("no-such-event").exit_code == 1


@pytest.mark.parametrize(
    ("text", "column", "order"),
    [
        ("newest", "ts", "descending"),
        ("inp.value desc", "inp.value", "descending"),
        ("page.path", "page.path", "ascending"),
        ("my field ASC", "my field", "ascending"),
    ],
)
def test_an_order_is_a_word_or_a_field(text: str, column: str, order: str) -> None:
    assert read_order(text) == [{"column": column, "order": order}]


def test_an_order_of_nothing_is_refused() -> None:
    with pytest.raises(WideloadError, match="must be newest, oldest, slowest or a field"):
        read_order(" desc")
