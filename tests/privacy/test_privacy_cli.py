"""`wideload erase` and `wideload export` against a running collector."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from click.testing import CliRunner, Result

from bench.running import Running
from collector.cli import main
from collector.commands.privacy import moment
from collector.errors import WideloadError

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_collector: Running) -> Run:
    monkeypatch.chdir(tmp_path)

    def invoke(command: str, *args: str, input: str | None = None) -> Result:
        where = ("--url", live_collector.url, "--token", live_collector.token)
        return CliRunner().invoke(main, [command, *where, *args], input=input, catch_exceptions=False)

    return invoke


@pytest.fixture
def session(live_collector: Running) -> str:
    """Send two events of a session and return its id, when they can be found."""
    session, now = uuid4().hex, int(time.time() * 1000)
    events = [{"id": f"{session}-{n}", "kind": "page_view", "time": now, "session.id": session} for n in range(2)]
    httpx2.post(f"{live_collector.url}/v1/beacon/demo", json={"v": 1, "sent_at": now, "events": events}).raise_for_status()
    deadline = time.monotonic() + 10
    while live_collector.count(filters=[{"column": "session.id", "op": "=", "value": session}]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return session


def test_export_prints_everything_about_a_session(run: Run, session: str) -> None:
    events = [json.loads(line) for line in run("export", "--session", session).output.splitlines()]

    assert sorted(event["id"] for event in events) == [f"{session}-0", f"{session}-1"]
    assert run("export", "--session", session, "--format", "csv").output.startswith("id,kind,dataset,")


def test_erase_says_what_would_go_and_asks(run: Run, session: str) -> None:
    refused = run("erase", "--session", session, input="n\n")

    assert "page_view       2\n\n2 stored events would go.\n" in refused.output
    assert refused.exit_code == 1
    assert "2 stored events would go." in run("erase", "--session", session, "--dry-run").output

    assert "2 stored events went." in run("erase", "--session", session, "--yes").output
    assert run("export", "--session", session).output == ""


def test_without_a_selection_nothing_is_done(run: Run) -> None:
    assert "Say which events" in run("erase", "--yes").stderr
    assert "Say which events" in run("export").stderr


def test_what_the_collector_refuses_is_a_sentence(run: Run) -> None:
    result = run("export", "--where", "no_such_field = 1")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no field “no_such_field”" in result.stderr


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("30d", "2026-10-25T12:00:00+00:00"),
        ("2026-11-01T10:00+02:00", "2026-11-01T10:00:00+02:00"),
    ],
)
def test_before_is_a_day_a_time_or_a_span(text: str, time: str) -> None:
    assert moment(text, datetime(2026, 11, 24, 12, tzinfo=UTC)) == time


def test_before_is_nothing_else() -> None:
    with pytest.raises(WideloadError, match="'soon' is no time"):
        moment("soon", datetime(2026, 11, 24, tzinfo=UTC))
