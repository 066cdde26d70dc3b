"""`wideload doctor`: with a collector, without one, and where something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.running import Running, free_port
from collector.cli import main
from collector.client import Client, Credential
from collector.doctor.examine import examine
from collector.doctor.roundtrip import through_http, through_store
from collector.doctor.verdict import Verdict
from collector.store.chdb import ChdbStore

ROOT = Path(__file__).parents[2]


def nobody(data_dir: Path) -> dict[str, str]:
    """Return the settings of a collector that does not run."""
    return {"WIDELOAD_LISTEN": f"127.0.0.1:{free_port()}", "WIDELOAD_DATA_DIR": str(data_dir)}


def by_name(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in verdicts}


def test_a_running_collector_is_well_and_an_event_comes_back(live_collector: Running) -> None:
    found = by_name(list(examine({}, {}, live_collector.url, live_collector.token)))

    assert [name for name, verdict in found.items() if verdict.status == "fail"] == []
    assert found["collector"].status == found["store"].status == found["schema"].status == "ok"
    assert "was found again after" in found["round trip"].fact


def test_a_wrong_token_is_the_one_failure(live_collector: Running) -> None:
    *_, last = examine({}, {}, live_collector.url, "wrong-wrong-wrong-wrong")

    assert (last.name, last.status) == ("collector", "fail")
    assert "does not accept the token that was found in --token or WIDELOAD_TOKEN" in last.fact


def test_bad_settings_are_told_and_nothing_else_is_tried() -> None:
    found = list(examine({"WIDELOAD_LISTEN": "x", "WIDELOAD_LOG_LEVEL": "loud"}, {}, None, None))

    assert [(verdict.name, verdict.status) for verdict in found] == [("settings", "fail")] * 2


def test_before_the_first_start_there_is_nothing_wrong(tmp_path: Path) -> None:
    found = by_name(list(examine(nobody(tmp_path / "data"), {}, None, None)))

    assert found["collector"].status == "warn"
    assert found["store"].advice == "The first `wideload serve` does, or `wideload migrate`."
    assert not (tmp_path / "data").exists()


def test_a_store_that_another_process_has_open_is_told(live_collector: Running) -> None:
    found = by_name(list(examine(nobody(live_collector.data), {}, None, None)))

    assert found["store"].status == "fail"
    assert "is in use by another process" in found["store"].fact


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    environ = nobody(tmp_path) | {"WIDELOAD_STORE": f"clickhouse://u:hush-hush@127.0.0.1:{free_port()}/w"}

    found = by_name(list(examine(environ, {}, None, None)))

    assert found["store"].status == "fail"
    assert "hush" not in found["store"].fact


def test_without_a_collector_a_server_is_written_to_and_read_from(native_server: str, tmp_path: Path) -> None:
    environ = nobody(tmp_path) | {"WIDELOAD_STORE": f"clickhouse://{native_server}/doctored"}

    before = by_name(list(examine(environ, {}, None, None)))
    CliRunner().invoke(main, ["migrate", "--store", environ["WIDELOAD_STORE"]], catch_exceptions=False)
    after = by_name(list(examine(environ, {}, None, None)))

    assert before["store"].status == before["round trip"].status == "warn"
    assert after["schema"].status == after["round trip"].status == "ok"


def test_an_embedded_store_at_rest_is_opened_and_closed(tmp_path: Path) -> None:
    # A process can have one embedded store, and this one has it already.
    code = (
        "import sys; from pathlib import Path; from collector.upgrade import upgrade; from collector.config import load_settings;"
        "from collector.doctor.examine import examine; e = dict(zip(sys.argv[1::2], sys.argv[2::2]));"
        "upgrade(load_settings(e)); print([v.status for v in examine(e, {}, None, None)])"
    )
    arguments = [text for pair in nobody(tmp_path).items() for text in pair]

    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.stdout == f"{['ok', 'warn', *['ok'] * 9]}\n", done.stderr


def test_an_event_can_be_inserted_into_a_store_and_found(embedded_store: ChdbStore) -> None:
    assert through_store(embedded_store, "doctored").status == "ok"


class Deaf(Client):
    """A collector that accepts events and never shows them."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", Credential("", ""))

    def post(self, path: str, body: Any) -> dict[str, Any]:
        return {"accepted": 1}

    def get(self, path: str, params: Any = None) -> dict[str, Any]:
        from collector.errors import ClientError

        raise ClientError("no such event", 404, "event_not_found")


def test_an_event_that_does_not_come_back_is_given_five_seconds() -> None:
    now = iter(range(100))

    with Deaf() as client:
        verdict = through_http(client, {"demo": ["demo"]}, sleep=lambda _: None, clock=lambda: next(now))

    assert verdict.status == "fail"
    assert "no question finds it after 5 s" in verdict.fact


def test_without_a_site_key_nothing_can_be_sent() -> None:
    with Deaf() as client:
        assert through_http(client, {"shop": []}).advice == "Make one with `wideload keys create`."


def test_the_report_says_what_to_do_and_the_exit_code_tells_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIDELOAD_LISTEN", "x")

    text = CliRunner().invoke(main, ["doctor"], catch_exceptions=False)
    answer = CliRunner().invoke(main, ["doctor", "--json"], catch_exceptions=False)

    assert text.exit_code == answer.exit_code == 1
    assert text.output.startswith("fail  settings      WIDELOAD_LISTEN must be HOST:PORT")
    assert "1 checks: 1 failed." in text.output
    assert json.loads(answer.output)["status"] == "fail"
