"""From facts to verdicts."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from collector.doctor.verdict import Verdict
from collector.doctor.verdicts import judge

GOOD: dict[str, Any] = {
    "configuration": {"problems": [], "postponed": []},
    "disk": {"data_dir": "/data", "spool_max_bytes": 10 << 30, "free_bytes": 50 << 30, "error": ""},
    "spool": {"pending_events": 0, "pending_bytes": 0, "oldest_age_seconds": 0, "problem": "", "damages": []},
    "ledger": {"received": 9, "rejected": 2, "acknowledged": 7, "stored": 6, "dead_lettered": 1, "pending": 0, "missing": 0},
    "loader": {"state": "running", "reason": ""},
    "dead_letters": {"count": 0, "last_reason": ""},
    "store": {
        "error": "", "kind": "embedded", "version": "26.9", "schema_version": 1, "latest_schema_version": 1,
        "details": {"rows": 12345}, "clock_ahead_seconds": 0.002,
    },
}  # fmt: skip


def verdicts(**changes: dict[str, Any]) -> dict[str, Verdict]:
    facts = copy.deepcopy(GOOD)
    for part, change in changes.items():
        facts[part] |= change
    return {verdict.name: verdict for verdict in judge(facts)}


def test_a_healthy_collector_gets_no_advice() -> None:
    found = verdicts()

    assert {verdict.status for verdict in found.values()} == {"ok"}
    assert not any(verdict.advice for verdict in found.values())
    assert list(found) == ["data folder", "disk", "spool", "ledger", "loader", "dead letters", "store", "schema", "clock"]


@pytest.mark.parametrize(
    ("part", "change", "name", "status", "said"),
    [
        ("configuration", {"problems": ["It is not TOML."]}, "configuration", "fail", "It is not TOML."),
        ("configuration", {"postponed": ["listen"]}, "configuration", "warn", "listen changed in the file"),
        ("disk", {"error": "Read-only file system"}, "data folder", "fail", "/data cannot be written: Read-only file system."),
        ("disk", {"free_bytes": 100 << 20}, "disk", "fail", "100 MiB are free"),
        ("disk", {"free_bytes": 5 << 30}, "disk", "warn", "5 GiB are free; the spool may take up to 10 GiB."),
        ("spool", {"pending_events": 3, "oldest_age_seconds": 2}, "spool", "ok", "3 events wait, the oldest for 2 s."),
        ("spool", {"pending_events": 3000, "oldest_age_seconds": 90}, "spool", "warn", "3,000 events wait, the oldest for 90 s."),
        ("spool", {"pending_events": 3, "oldest_age_seconds": 7200}, "spool", "fail", "3 events wait, the oldest for 2 h."),
        ("spool", {"problem": "the disk refuses: no room"}, "spool", "fail", "0 events wait, and the disk refuses: no room."),
        ("spool", {"damages": [{"file": "q/1", "saved": 5}]}, "spool files", "warn", "set aside as q/1; 5 of its events"),
        ("ledger", {"stored": 4, "missing": 2}, "ledger", "fail", "4 stored, 1 dead-lettered, 0 pending: 2 are missing."),
        ("loader", {"state": "holding", "reason": "connection refused"}, "loader", "fail", "connection refused"),
        ("loader", {"state": "stopped"}, "loader", "fail", "It has stopped."),
        ("dead_letters", {"count": 7, "last_reason": "too new"}, "dead letters", "warn", "7 events could never be stored"),
        ("store", {"error": "connection refused"}, "store", "fail", "connection refused"),
        ("store", {"missing": True}, "store", "warn", "Nothing has been set up in the store yet."),
        ("store", {"schema_version": 0}, "schema", "fail", "The store has version 0, this Wideload needs 1."),
        ("store", {"schema_version": 2}, "schema", "warn", "The store has version 2, this Wideload knows only 1."),
        ("store", {"clock_ahead_seconds": -3.5}, "clock", "warn", "The store's clock is 3.5 s behind the collector's."),
    ],
)
def test_what_is_wrong_is_named_with_a_way_out(part: str, change: dict[str, Any], name: str, status: str, said: str) -> None:
    verdict = verdicts(**{part: change})[name]

    assert verdict.status == status
    assert said in verdict.fact
    assert bool(verdict.advice) == (status != "ok")


def test_without_a_running_collector_waiting_events_and_an_old_schema_are_no_failure() -> None:
    facts = copy.deepcopy(GOOD)
    del facts["loader"]
    facts["spool"] |= {"pending_events": 9, "oldest_age_seconds": 90_000}
    facts["store"] |= {"schema_version": 0}

    found = {verdict.name: verdict for verdict in judge(facts)}

    assert found["spool"].status == "ok"
    assert found["schema"].advice == "Run `wideload migrate`, or start the collector."
    assert "loader" not in found


@pytest.mark.parametrize(
    ("change", "name", "status", "said"),
    [
        ({}, "alerts", "ok", "3 rules are in force, and 1 incidents are open."),
        ({"problems": ["a.alert.yaml:1: no"]}, "rules", "fail", "a.alert.yaml:1: no"),
        ({"held": {"slow": "gone"}}, "alerts", "fail", "1 of 3 rules are held, such as slow: gone"),
        ({"lag_seconds": 900}, "alerts", "warn", "was not looked at for"),
        ({"messages_waiting": 4}, "messages", "warn", "4 messages of alerts wait"),
    ],
)
def test_rules_are_judged_where_there_are_some(change: dict[str, Any], name: str, status: str, said: str) -> None:
    alerts = {"on": True, "rules": 3, "problems": [], "held": {}, "lag_seconds": 2, "messages_waiting": 0, "open_incidents": 1}
    found = {verdict.name: verdict for verdict in judge(copy.deepcopy(GOOD) | {"alerts": alerts | change})}

    assert (found[name].status, said in found[name].fact) == (status, True)
    assert "alerts" not in {verdict.name for verdict in judge(copy.deepcopy(GOOD) | {"alerts": alerts | {"on": False}})}


KAFKA = {"topic": "beacons", "group_lag": 5, "partitions": 3}


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({}, "ok", "5 events wait in the topic beacons; 3 of its partitions come here."),
        ({"oldest_age_seconds": 90}, "warn", "the oldest has waited for 90 s"),
        ({"oldest_age_seconds": 3600}, "fail", "the oldest has waited for"),
        ({"problem": "Kafka cannot be reached: refused"}, "fail", "Kafka cannot be reached: refused."),
        ({"reading_problem": "not authorized"}, "fail", "The topic cannot be read: not authorized."),
        ({"kafka": KAFKA | {"partitions": 0}}, "warn", "0 of its partitions come here."),
    ],
)
def test_a_spool_in_kafka_is_judged_by_the_groups_lag(change: dict[str, Any], status: str, said: str) -> None:
    found = verdicts(spool={"kafka": KAFKA, "reading_problem": "", **change}, ledger={"is_whole": False})

    assert (found["spool"].status, said in found["spool"].fact) == (status, True)
    assert bool(found["spool"].advice) == (status != "ok")
    assert "not all the books" in found["ledger"].fact
    assert "in Kafka" in found["disk"].fact
