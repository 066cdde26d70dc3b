"""`wideload marker` against a running collector."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from bench.running import Running
from collector.cli import main
from collector.commands.marker import read_moment
from collector.errors import WideloadError

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def run(live_collector: Running) -> Callable[..., Result]:
    def invoke(*args: str) -> Result:
        where = ("--url", live_collector.url, "--token", live_collector.token)
        return CliRunner().invoke(main, ["marker", *where, *args], catch_exceptions=False)

    return invoke


def test_a_moment_is_marked_listed_and_deleted(run: Callable[..., Result]) -> None:
    kind = uuid4().hex
    marked = run("deploy 4.2 \x1b[0m", "--type", kind, "--start", "2026-11-23T08:00", "--link", "https://ci.example/1")
    id_ = marked.stdout.split()[-1]

    listed = run("--list", "--type", kind).stdout
    as_json = json.loads(run("--list", "--type", kind, "--json").stdout)["markers"]

    assert marked.stdout == f"Marked 2026-11-23 08:00:00 in demo: {id_}\n"
    assert (id_.rstrip(".") in listed, "deploy 4.2" in listed, "\x1b" in listed) == (True, True, False)
    assert (as_json[0]["url"], as_json[0]["end_time"]) == ("https://ci.example/1", None)
    assert run("--delete", id_.rstrip(".")).exit_code == 0
    assert run("--list", "--type", kind).stdout == "There are no markers.\n"


def test_a_marker_without_a_type_is_a_deploy(run: Callable[..., Result]) -> None:
    added = json.loads(run("4.3", "--start", "10m", "--end", "5m", "--json").stdout)

    assert (added["type"], added["end_time"] - added["start_time"]) == ("deploy", 300)


def test_one_thing_is_done_at_a_time(run: Callable[..., Result]) -> None:
    assert "Give a message for a marker, or --list, or --delete." in run().stderr
    assert run("x", "--list").exit_code == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("2026-11-23T07:00", -3600), ("2026-11-23 09:00+02:00", -3600), ("90s", -90), ("0.5h", -1800)]
)
def test_a_moment_is_a_time_or_how_long_ago(text: str, seconds: int) -> None:
    assert read_moment(text, "--start", NOW) == NOW.timestamp() + seconds


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(WideloadError, match=r"--start 'soon' is no time"):
        read_moment("soon", "--start", NOW)
