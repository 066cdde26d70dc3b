"""The command line: what is typed, what is printed, and the exit code."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from click.testing import CliRunner, Result

from bench.running import Running, free_port
from collector.cli import main
from collector.demo.traffic import traffic
from collector.pipeline.dead_letters import DEAD_LETTERS_FILE, DeadLetter, DeadLetters
from collector.tags import FORMS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `wideload` with these arguments, in an empty folder and without settings of the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WIDELOAD_LISTEN", f"127.0.0.1:{free_port()}")

    def invoke(*args: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, args, input=input, catch_exceptions=False)

    return invoke


@pytest.fixture
def ask(run: Run, live_collector: Running) -> Run:
    """Run a command that asks the running collector."""

    def invoke(command: str, *args: str, input: str | None = None) -> Result:
        return run(command, "--url", live_collector.url, "--token", live_collector.token, *args, input=input)

    return invoke


@pytest.fixture(scope="module")
def sent(live_collector: Running) -> str:
    """Send three events of a kind of their own and return the kind, when they can be found."""
    now = int(time.time() * 1000)
    kind = f"cli_{now}"
    events = [{"id": f"{kind}-{value}", "kind": kind, "time": now, "page.path": f"/{value}", "lcp.value": value, "plan": "gold"}
              for value in (100, 200, 300)]  # fmt: skip
    httpx2.post(f"{live_collector.url}/v1/beacon/demo", json={"v": 1, "sent_at": now, "events": events}).raise_for_status()
    wait_for(live_collector, 3, column="kind", op="=", value=kind)
    return kind


def wait_for(collector: Running, count: int, **condition: Any) -> int:
    """Wait until so many events that meet a condition can be found, and return how many there are."""
    deadline = time.monotonic() + 10
    while (found := collector.count(filters=[condition])) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


# --- Help and errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [[], ["-h"], ["keys"], ["config", "--help"]])
def test_help_is_for_reading(run: Run, args: list[str]) -> None:
    assert "Examples:" in run(*args).output


def test_a_problem_with_the_settings_is_a_sentence_and_exit_code_1(run: Run) -> None:
    result = run("config", "check", "--log-level", "loud")

    assert result.exit_code == 1
    assert result.stderr == "wideload: --log-level must be debug, info, warning or error (it is 'loud').\n"


def test_where_nobody_answers_the_way_out_is_named(run: Run) -> None:
    result = run("query")

    assert result.exit_code == 1
    assert re.match(r"wideload: Nobody answers at http://127\.0\.0\.1:\d+: is `wideload serve` running\?", result.stderr)


# --- Settings ------------------------------------------------------------------------------------------------------


def test_config_show_tells_where_each_value_comes_from(run: Run) -> None:
    output = run("config", "show", "--max-events", "7").output

    assert "max_events = 7\n    from flag: --max-events\n" in output
    assert "    from environment: WIDELOAD_LISTEN\n" in output
    assert "max_body_bytes = 256KiB\n    from default\n" in output
    assert "[datasets.demo]" in output


def test_config_show_names_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('max_events = 7\n[datasets.shop]\nsite_keys = ["k"]\n')

    answer = json.loads(run("config", "show", "--json", "--config", "w.toml").output)

    row = next(row for row in answer["settings"] if row["name"] == "max_events")
    assert (row["value"], row["origin"], row["place"]) == ("7", "file", "max_events in w.toml")
    assert answer["datasets"][0]["site_keys"] == ["k"]


def test_config_show_keeps_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIDELOAD_ADMIN_TOKEN", "a-secret-of-sixteen-or-more")
    monkeypatch.setenv("WIDELOAD_STORE", "clickhouse://me:hush-hush@db:9000/w")

    output = run("config", "show").output + run("config", "show", "--json").output

    assert "a-secret" not in output and "hush" not in output
    assert "admin_token = set\n" in output
    assert "store = clickhouse://me:***@db:9000/w\n" in output


def test_config_check_says_that_all_is_well(run: Run) -> None:
    result = run("config", "check")

    assert result.exit_code == 0
    assert result.output == (
        "The settings are good (there is no configuration file). Set apart from the defaults: listen. Datasets: demo.\n"
    )


def test_from_no_file_to_a_key_of_ones_own(run: Run) -> None:
    refused = run("keys", "create", "shop")
    begun = run("config", "init", "w.toml", "--dataset", "shop", "--origin", "https://shop.example")
    created = run("keys", "create", "shop", "--config", "w.toml", "--public-url", "https://rum.example")
    listed = run("keys", "list", "--config", "w.toml")

    assert "wideload config init" in refused.stderr
    assert "Start the collector with it: wideload serve --config w.toml" in begun.output
    (key,) = re.findall(r'<script async src="https://rum.example/beacon.js" data-key="(\w+)"></script>', created.output)
    assert "within two seconds" in created.output
    assert key in listed.output and listed.output.count("https://shop.example") == 2


def test_keys_tag_prints_what_to_paste_and_its_help_names_every_form(run: Run) -> None:
    printed = run("keys", "tag", "--public-url", "https://rum.example").output
    one = run("keys", "tag", "demo", "--form", "first-party").output
    explained = run("keys", "tag", "--help").output

    assert '<script async src="https://rum.example/beacon.js" data-key="demo"></script>' in printed
    assert one == '<script async src="/w.js" data-key="demo" data-endpoint="/w/demo"></script>\n'
    assert all(form.name in explained for form in FORMS)


def test_a_key_can_be_rotated(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[datasets.shop]\nsite_keys = ["old"]\n')

    result = run("keys", "rotate", "old", "--config", "w.toml", "--days", "2", "--public-url", "https://rum.example")
    listed = run("keys", "list", "--config", "w.toml").output.splitlines()

    assert result.output.startswith("The site key old ends on ")
    (key,) = re.findall(r'data-key="(\w+)"', result.output)
    assert re.fullmatch(rf"{key} +shop +\* +30 d", listed[2].rstrip())
    assert re.fullmatch(r"old +shop +\* +30 d +20\d\d-\d\d-\d\d \d\d:\d\d", listed[3])


def test_a_key_can_be_revoked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[datasets.shop]\nsite_keys = ["old", "new"]\n')

    result = run("keys", "revoke", "old", "--config", "w.toml")

    assert result.output.startswith(
        "The site key old of the dataset shop is revoked in w.toml.\nA running collector takes that over within two"
    )
    assert "old" not in (tmp_path / "w.toml").read_text()


# --- Migrations ----------------------------------------------------------------------------------------------------


def test_migrate_names_what_it_applies_once(run: Run, native_server: str) -> None:
    store = f"clickhouse://{native_server}/from_the_command_line"

    first, second = run("migrate", "--store", store), run("migrate", "--store", store)

    assert first.output.startswith("Applied 0001_events.\n")
    assert second.output == "The schema was up to date already.\n"


def test_migrate_of_a_store_in_use_says_that_there_is_nothing_to_do(run: Run, live_collector: Running) -> None:
    result = run("migrate", "--data-dir", str(live_collector.data))

    assert result.exit_code == 1
    assert "is in use by another process" in result.stderr
    assert "it has migrated its store when it started" in result.stderr


# --- Questions -----------------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_a_table(ask: Run, sent: str) -> None:
    result = ask("query", "--calc", "COUNT", "--calc", "MAX(lcp.value)", "--by", "page.path", "--where", f"kind = {sent}",
                 "--order", "MAX(lcp.value)", "--limit", "2")  # fmt: skip

    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0] == ["page.path", "COUNT", "MAX(lcp.value)"]
    assert lines[2:4] == [["/300", "1", "300"], ["/200", "1", "200"]]
    assert "events read in" in result.output.splitlines()[-1]


def test_a_question_may_be_a_whole_specification(ask: Run, sent: str) -> None:
    spec = {"filters": [{"column": "kind", "op": "=", "value": sent}], "disable_series": True}

    result = ask("query", "-", "--json", input=json.dumps(spec))

    assert json.loads(result.output)["results"] == [{"data": {"COUNT": 3}}]


def test_a_question_over_time_is_answered_a_row_each_span(ask: Run, sent: str) -> None:
    result = ask("query", "--csv", "--where", f"kind = {sent}", "--where", "plan = gold", "--granularity", "1h", "--last", "3h")

    rows = list(csv.DictReader(result.output.splitlines()))
    assert sum(int(row["COUNT"]) for row in rows) == 3
    assert all(row["time"].endswith(":00:00Z") for row in rows)


def test_a_question_may_be_answered_with_bars_and_with_what_was_earlier(ask: Run, sent: str) -> None:
    bars = ask("query", "--calc", "max:lcp.value", "--where", f"kind = {sent}", "--spark")
    compared = ask("query", "--where", f"kind = {sent}", "--compare", "7d")

    assert "▁" in bars.output or "█" in bars.output
    assert compared.output.splitlines()[2].split() == ["3", "0", "–"]


def test_ways_to_show_an_answer_exclude_each_other(run: Run) -> None:
    assert "not several" in run("query", "--spark", "--json").stderr


def test_what_is_different_is_answered_with_a_sentence(ask: Run, sent: str) -> None:
    result = ask("bubbleup", "--select", "lcp.value >= P90", "--where", f"kind = {sent}")

    assert result.exit_code == 0, result.stderr
    assert result.output.splitlines()[0].startswith("Nothing stands out")
    assert result.output.splitlines()[-1].startswith("1 events selected, 2 others")


def test_a_wrong_question_is_answered_with_the_part_that_is_wrong(ask: Run) -> None:
    result = ask("query", "--calc", "P765(lcp.value)")

    assert result.exit_code == 1
    assert result.stderr.startswith("wideload: calculations[0].op: ")


def test_a_specification_and_options_exclude_each_other(run: Run) -> None:
    result = run("query", "spec.json", "--last", "1h")

    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_a_wrong_token_is_named_by_its_place(run: Run, live_collector: Running) -> None:
    result = run("query", "--url", live_collector.url, "--token", "wrong-wrong-wrong-wrong")

    assert (
        result.stderr == f"wideload: {live_collector.url} does not accept the token that was found in --token or WIDELOAD_TOKEN.\n"
    )


# --- The demo ------------------------------------------------------------------------------------------------------


def test_the_demos_traffic_arrives_once_however_often_it_is_sent(run: Run, live_collector: Running) -> None:
    views = traffic(int(time.time() * 1000), 0.5, 150, 7)
    ids = [event["id"] for view in views for event in (view.event, *view.others)]
    arguments = ("demo", "--url", live_collector.url, "--views", "150", "--days", "0.5", "--seed", "7")

    first, second = run(*arguments), run(*arguments)

    assert first.exit_code == second.exit_code == 0, first.stderr
    assert int(re.findall(r"(\d+) events \(page views", second.stdout)[0]) == pytest.approx(len(ids), abs=5)
    assert "A bad release: 2.8.0" in first.stdout
    assert wait_for(live_collector, len(ids), column="id", op="in", value=ids) == len(ids)


def test_the_demos_browsers_are_recognised(run: Run, ask: Run, live_collector: Running) -> None:
    count = len(list(traffic(int(time.time() * 1000), 1, 300, 8)))
    run("demo", "--url", live_collector.url, "--views", "300", "--days", "1", "--seed", "8")
    wait_for(live_collector, count, column="page.host", op="=", value="shop.example")

    result = ask("query", "--by", "browser.name", "--where", "page.host = shop.example", "--last", "30h", "--csv")

    names = {row["browser.name"] for row in csv.DictReader(result.output.splitlines())}
    assert {"Chrome", "Edge", "Safari", "Samsung Internet", "Firefox"} <= names


def test_dead_letters_are_listed_shown_retried_and_dropped(run: Run, live_collector: Running) -> None:
    event = {"id": f"dead{time.time_ns()}", "kind": "page_view", "dataset": "demo", "ts": int(time.time() * 1000), "received_at": 1}
    letters = DeadLetters(live_collector.data / DEAD_LETTERS_FILE)
    letters.add([DeadLetter(orjson.dumps(event), "Cannot parse\ninput", 27), DeadLetter(b"{torn", "not JSON", 0)])
    torn, whole = (str(letter.id) for letter in letters.page(2))
    letters.close()

    def letters_do(action: str, *args: str, input: str | None = None) -> Result:
        place = ("--url", live_collector.url, "--token", live_collector.token)
        return run("dead-letters", action, *place, *args, input=input)

    listed = letters_do("list")
    assert "Cannot parse input" in listed.stdout
    assert "not JSON" in listed.stdout
    assert json.loads(letters_do("show", torn).stdout)["payload"] == "{torn"
    assert letters_do("retry", whole).stdout == "1 dead letters are in the spool again.\n"
    assert wait_for(live_collector, 1, column="id", op="=", value=event["id"]) == 1
    assert letters_do("drop", torn, input="n\n").exit_code == 1
    assert letters_do("drop", "--all", "--yes").stdout == "1 dead letters are gone.\n"
    assert letters_do("list").stdout == "There are no dead letters.\n"
    assert letters_do("drop", "--yes").exit_code == 2
