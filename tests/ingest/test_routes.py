"""The beacon endpoint, on a real spool."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from starlette.testclient import TestClient

from collector.checks.marks import Marks
from collector.config import Dataset, DatasetLimits, IngestLimits, SpoolSettings
from collector.errors import SpoolError
from collector.ingest.attributes import NAMES_FILE, AttributeNames
from collector.ingest.country import Countries
from collector.ingest.routes import BeaconEndpoint
from collector.pipeline.spool import Spool

DATASETS = {
    "demo": Dataset("demo", ("demo",)),
    "shop": Dataset("shop", ("k1", "k2"), ("https://shop.example",)),
    "ending": Dataset("ending", (), retiring_keys=(("over", 1.0), ("lasting", 4e9))),
    "busy": Dataset("busy", ("busy",), limits=DatasetLimits(client_beacons_per_second=0.1)),
    "narrow": Dataset("narrow", ("narrow",), limits=DatasetLimits(max_attribute_names=1)),
    "noisy": Dataset("noisy", ("noisy",), limits=DatasetLimits(key_beacons_per_second=0.1)),
    "wide": Dataset("wide", ("wide",), limits=DatasetLimits(events_per_second=0.1)),
    "quiet": Dataset("quiet", ("k3",), gpc="drop"),
}

MARKS = Marks("a secret of the tests")


class Setup:
    def __init__(self, folder: Path, spool_settings: SpoolSettings | None = None, proxies: Sequence[str] = ()) -> None:
        self.spool = Spool(folder, spool_settings or SpoolSettings())
        self.counters = self.spool.ledger.counters
        names = AttributeNames(folder / NAMES_FILE, DATASETS, self.counters)
        self.endpoint = BeaconEndpoint(DATASETS, self.spool, Countries(None, proxies), IngestLimits(), names, MARKS, "/w/")
        self.client = TestClient(self.endpoint, client=("127.0.0.1", 4711))

    def post(self, body: bytes | dict[str, Any], key: str = "demo", **headers: str) -> Any:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/v1/beacon/{key}", content=content, headers={"content-type": "text/plain", **named})

    def spooled(self) -> list[dict[str, Any]]:
        return [orjson.loads(payload) for payload in self.spool.read(1000, 1 << 30).payloads]


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    setup = Setup(tmp_path)
    yield setup
    setup.spool.close()


def beacon(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"v": 1, "events": list(events), **more}


def event(name: str = "a1", **fields: Any) -> dict[str, Any]:
    return {"id": name, "kind": "page_view", **fields}


def test_an_accepted_event_is_in_the_spool_when_the_answer_arrives(setup: Setup) -> None:
    answer = setup.post(beacon(event(plan="gold")), user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0")

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    (spooled,) = setup.spooled()
    assert (spooled["id"], spooled["dataset"], spooled["browser.name"]) == ("a1", "demo", "Firefox")
    assert spooled["attrs_string"] == {"plan": "gold"}


def test_a_rejected_event_is_named_beside_its_accepted_neighbours(setup: Setup) -> None:
    answer = setup.post(beacon(event("a1"), event("a2", **{"lcp.value": "x"})))

    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "rejected": [{"index": 1, "field": "lcp.value", "error": "lcp.value must be a number, not a text."}],
    }


def test_a_beacon_without_a_good_event_is_refused(setup: Setup) -> None:
    answer = setup.post(beacon(event("a b")))

    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "no_good_event")
    assert answer.json()["rejected"][0]["field"] == "id"
    assert setup.spooled() == []


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_compressed_beacon_is_accepted(setup: Setup, compress: Any) -> None:
    assert setup.post(compress(orjson.dumps(beacon(event())))).status_code == 202


@pytest.mark.parametrize(
    ("key", "body", "headers", "status", "reason"),
    [
        pytest.param("nope", b"{}", {}, 404, "unknown_site_key", id="unknown key"),
        pytest.param("demo/x", b"{}", {}, 404, "unknown_site_key", id="path below a key"),
        pytest.param("over", b"{}", {}, 410, "site_key_ended", id="key that has ended"),
        pytest.param("k1", b"{}", {"origin": "https://evil.test"}, 403, "origin_not_allowed", id="wrong origin"),
        pytest.param("demo", b"hello", {}, 400, "not_json", id="not JSON"),
        pytest.param("demo", b"x" * 300_000, {}, 413, "body_too_large", id="oversized"),
        pytest.param("demo", gzip.compress(bytes(5 << 20)), {}, 413, "body_too_large", id="bomb"),
        pytest.param("demo", b"{}", {"content_encoding": "br"}, 415, "bad_encoding", id="brotli"),
    ],
)
def test_a_refusal_says_why_and_is_counted(
    setup: Setup, key: str, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = setup.post(body, key, **headers)

    assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason)
    assert answer.json()["error"]["message"].endswith(".")
    assert {labels[0]: n for labels, n in setup.counters.items("wideload_beacons_rejected")} == {reason: 1}


def test_other_methods_are_refused(setup: Setup) -> None:
    assert setup.client.get("/v1/beacon/demo").status_code == 405


def test_allowed_pages_may_read_the_answer_and_so_may_others_their_refusal(setup: Setup) -> None:
    good = setup.post(beacon(event()), "k1", origin="https://shop.example")
    bad = setup.post(beacon(event()), "k1", origin="https://evil.test")

    assert good.headers["access-control-allow-origin"] == "https://shop.example"
    assert bad.headers["access-control-allow-origin"] == "https://evil.test"


def test_a_preflight_is_answered(setup: Setup) -> None:
    answer = setup.client.options("/v1/beacon/k1", headers={"origin": "https://shop.example"})

    assert (answer.status_code, answer.headers["access-control-max-age"]) == (204, "86400")


def test_the_second_path_is_the_same_endpoint(setup: Setup) -> None:
    answer = setup.client.post("/w/k1", json=beacon(event("a1")), headers={"origin": "https://shop.example"})
    preflight = setup.client.options("/w/k1", headers={"origin": "https://shop.example"})
    refusals = [setup.client.post(f"/w/{key}", content=b"{}").json()["error"]["reason"] for key in ("nope", "k1/x", "v1/beacon/k1")]

    assert (answer.status_code, [e["dataset"] for e in setup.spooled()]) == (202, ["shop"])
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "POST")
    assert setup.client.get("/w/k1").status_code == 405
    assert refusals == ["unknown_site_key"] * 3


def test_a_full_spool_gives_503_and_a_short_wait(tmp_path: Path) -> None:
    setup = Setup(tmp_path, SpoolSettings(max_bytes=1))
    setup.endpoint.use({"demo": DATASETS["demo"]}, IngestLimits())
    first, second = setup.post(beacon(event("a1"))), setup.post(beacon(event("a2")))

    assert (first.status_code, second.status_code) == (202, 503)
    assert (second.headers["retry-after"], second.json()["error"]["reason"]) == ("2", "spool_full")
    assert second.headers["access-control-expose-headers"] == "retry-after"
    assert [e["id"] for e in setup.spooled()] == ["a1"]
    setup.spool.close()


def test_received_is_always_rejected_plus_acknowledged(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.post(beacon(event("a1"), event("a2", **{"lcp.value": "x"}), event("a3")))

    async def refuse(*_: object) -> None:
        raise SpoolError("the disk is on fire")

    monkeypatch.setattr(setup.spool, "append", refuse)
    setup.post(beacon(event("a4"), event("a5", **{"lcp.value": "x"})))

    totals = [setup.counters.total(f"wideload_events_{what}") for what in ("received", "rejected", "acknowledged")]
    assert totals == [5, 3, 2]


def test_the_address_is_kept_nowhere(setup: Setup) -> None:
    setup.post(beacon(event()), x_forwarded_for="203.0.113.77")

    assert "203.0.113.77" not in str(setup.spooled())
    assert "127.0.0.1" not in str(setup.spooled())


@pytest.mark.parametrize(("dataset", "reason"), [("busy", "client_rate"), ("noisy", "key_rate"), ("wide", "dataset_rate")])
def test_what_is_over_a_limit_gets_429_a_short_wait_and_is_counted(setup: Setup, dataset: str, reason: str) -> None:
    first, second = (setup.post(beacon(event(name)), dataset, origin="https://shop.example") for name in ("a1", "a2"))

    assert (first.status_code, second.status_code, second.headers["retry-after"]) == (202, 429, "2")
    assert second.headers["access-control-allow-origin"] == "https://shop.example"
    assert second.headers["access-control-expose-headers"] == "retry-after"
    assert dict(setup.counters.items("wideload_beacons_rejected")) == {(reason, dataset): 1}


def test_events_over_a_limit_are_counted_as_rejected(setup: Setup) -> None:
    setup.post(beacon(event("a1")), "wide")
    setup.post(beacon(event("a2"), event("a3", **{"lcp.value": "x"})), "wide")

    totals = [setup.counters.total(f"wideload_events_{what}") for what in ("received", "rejected", "acknowledged")]
    assert totals == [3, 2, 1]


def test_a_trusted_proxy_that_names_no_client_is_not_limited_as_one(tmp_path: Path) -> None:
    setup = Setup(tmp_path, proxies=["127.0.0.1"])

    def answers(**headers: str) -> list[int]:
        return [setup.post(beacon(event(name)), "busy", **headers).status_code for name in ("a1", "a2")]

    assert answers() == [202, 202]
    assert answers(x_forwarded_for="203.0.113.9") == [202, 429]
    assert answers(x_forwarded_for="203.0.114.9") == [202, 429]
    setup.spool.close()


def test_attributes_beyond_the_budget_are_left_out_of_the_spooled_event(setup: Setup) -> None:
    answer = setup.post(beacon(event(plan="gold", junk="1")), "narrow")

    assert answer.json() == {"accepted": 1, "rejected": []}
    assert setup.spooled()[0]["attrs_string"] == {"plan": "gold"}


def test_a_key_that_ends_later_still_writes(setup: Setup) -> None:
    assert setup.post(beacon(event()), "lasting").status_code == 202
    assert setup.spooled()[0]["dataset"] == "ending"


def test_datasets_and_limits_can_change_while_it_runs(setup: Setup) -> None:
    assert setup.post(beacon(event("a1")), "new").status_code == 404
    setup.endpoint.use({"new": Dataset("new", ("new",), ("https://new.example",))}, IngestLimits(max_events=1))

    assert setup.post(beacon(event("a1")), "new").status_code == 202
    assert setup.post(beacon(event("a2"), event("a3")), "new").json()["error"]["reason"] == "too_many_events"
    assert setup.post(beacon(event("a4")), "new", origin="https://shop.example").status_code == 403
    assert setup.post(beacon(event("a5")), "demo").status_code == 404


def test_a_dataset_that_fills_its_share_of_the_spool_leaves_room_for_others(tmp_path: Path) -> None:
    setup = Setup(tmp_path, SpoolSettings(max_bytes=4000))
    answers = [setup.post(beacon(event(f"a{number}")), "demo") for number in range(20)]
    full = next(answer for answer in answers if answer.status_code != 202)

    assert (full.status_code, full.json()["error"]["reason"], full.headers["retry-after"]) == (503, "dataset_spool_full", "2")
    assert 2000 <= sum(len(orjson.dumps(event)) for event in setup.spooled()) < 3000
    assert setup.post(beacon(event("b1")), "k1").status_code == 202
    setup.spool.close()


def test_secrets_and_the_sessions_of_who_wishes_none_are_not_in_the_spool(setup: Setup) -> None:
    setup.post(beacon(event(**{"page.url": "https://a.example/b?token=1", "session.id": "s1"})), Sec_GPC="1")

    (spooled,) = setup.spooled()
    assert spooled["page.url"] == "https://a.example/b"
    assert spooled["privacy.gpc"] is True
    assert "session.id" not in spooled


def test_an_event_that_its_visitor_does_not_want_kept_is_counted_and_not_asked_for_again(setup: Setup) -> None:
    answer = setup.post(beacon(event()), "k3", Sec_GPC="1")

    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "rejected": []})
    assert dict(setup.counters.items("wideload_events_rejected")) == {("gpc", "quiet"): 1}
    assert setup.spooled() == []


def test_a_page_view_of_a_signed_run_is_a_robots_and_its_mark_is_not_kept(setup: Setup) -> None:
    mark = MARKS.sign("demo", "run1")
    setup.post(beacon(event("a1", plan="gold", **{"check.run_id": "run1", "check.name": "cart", "check.mark": mark.text})))

    (spooled,) = setup.spooled()
    assert (spooled["check.run_id"], spooled["check.name"], spooled["user_agent.is_bot"]) == ("run1", "cart", True)
    assert spooled["attrs_string"] == {"plan": "gold"}


@pytest.mark.parametrize(("signed_for", "reason"), [("", "unsigned"), ("shop", "wrong_mark")])
def test_a_page_view_cannot_hide_as_a_checks(setup: Setup, signed_for: str, reason: str) -> None:
    mark = MARKS.sign(signed_for, "run1").text if signed_for else ""
    setup.post(beacon(event("a1", **{"check.run_id": "run1", "check.mark": mark}), event("a2", **{"check.mark": mark or "x"})))

    assert [one.keys() & {"check.run_id", "attrs_string"} for one in setup.spooled()] == [set(), set()]
    assert not any(one["user_agent.is_bot"] for one in setup.spooled())
    assert setup.counters.total("wideload_check_marks_refused") == 2
    assert ((reason, "demo"), 1 if reason == "unsigned" else 2) in setup.counters.items("wideload_check_marks_refused")


@pytest.mark.parametrize("kind", ["check_run", "check_step", "probe"])
def test_the_result_of_a_check_is_taken_from_a_signed_run_only(setup: Setup, kind: str) -> None:
    mark = MARKS.sign("demo", "run1").text
    good = {"id": "a3", "kind": kind, "check.run_id": "run1", "check.status": "fail", "check.mark": mark}
    forged = {"id": "a2", "kind": kind, "check.run_id": "run1", "check.status": "pass"}
    answer = setup.post(beacon(event("a1", **{"lcp.value": "x"}), forged, good))

    assert [one["id"] for one in setup.spooled()] == ["a3"]
    assert [(one["index"], one["field"]) for one in answer.json()["rejected"]] == [(0, "lcp.value"), (1, "check.mark")]
    assert (("unsigned", "demo"), 1) in setup.counters.items("wideload_events_rejected")
