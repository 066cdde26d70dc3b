"""What is known of fields, and suggestions while somebody types."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from asking import NOW, Dataset
from test_query_routes import client_of

from collector.errors import QueryError, StoreUnavailable
from collector.query import facts, sampling
from collector.query.engine import QueryEngine
from collector.store.base import Limits, Param, QueryResult
from collector.store.chdb import ChdbStore

HOUR = 3600


def fill(dataset: Dataset) -> None:
    """Store forty events of the last day; every other one stands for three."""
    rows = [{
        "id": f"{number * 6:02x}{number}", "ts": (NOW - number * 60) * 1000 + 7, "sample_rate": 1 + 2 * (number % 2),
        "page.path": ["/", "/", "/cart", "/product/é"][number % 4], "lcp.value": number + 0.1 if number % 2 else None,
        "session.id": f"s{number}", "page.url": f"https://shop.example/{number}", "user_agent.is_bot": number == 0,
        "resources.host": ["cdn", "cdn", "api"], "attrs_string": {"plan": "gold" if number % 2 else "free"},
        "attrs_number": {"items": number % 3},
    } for number in range(40)]  # fmt: skip
    dataset.add(*rows)


@pytest.fixture
def shop(dataset: Dataset) -> Dataset:
    """A dataset of those events."""
    fill(dataset)
    return dataset


def known(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """Return what is known of the fields, when it is known."""
    answer = dataset.engine.catalogue.fields(dataset.name, wait_seconds=60)
    assert answer["meta"]["facts"]
    return {field["name"]: field for field in answer["fields"]}


@pytest.fixture(scope="module")
def described(embedded_store: ChdbStore) -> dict[str, dict[str, Any]]:
    """What is known of the fields of those events and of one that is nine days old."""
    dataset = Dataset("query catalogue", embedded_store)
    fill(dataset)
    dataset.add({"id": "00old", "ts": (NOW - 9 * 86_400) * 1000, "fcp.value": 1, "page.path": "/"})
    return known(dataset)


def test_a_field_is_described_by_the_events_that_have_it(described: dict[str, dict[str, Any]]) -> None:
    lcp, path, bot = (described[name] for name in ("lcp.value", "page.path", "user_agent.is_bot"))

    assert (lcp["share"], lcp["distinct"], lcp["low"], lcp["high"], lcp["unit"]) == (0.75, 20, 1.1, 39.1, "ms")
    assert path["top_values"] == [
        {"value": "/", "share": 0.5},
        {"value": "/product/é", "share": 0.375},
        {"value": "/cart", "share": 0.125},
    ]
    assert (path["distinct"], path["low"], bot["top_values"][0]["value"]) == (3, None, False)


def test_attributes_and_lists_are_described_too(described: dict[str, dict[str, Any]]) -> None:
    plan, items, host = (described[name] for name in ("plan", "items", "resources.host"))

    assert (plan["share"], plan["top_values"][0], plan["origin"]) == (1, {"value": "gold", "share": 0.75}, "attribute")
    assert (items["distinct"], items["low"], items["high"], items["type"]) == (3, 0, 2, "number")
    assert host["top_values"] == [{"value": "cdn", "share": 0.6667}, {"value": "api", "share": 0.3333}]


def test_ids_have_no_frequent_values(described: dict[str, dict[str, Any]]) -> None:
    assert [described[name]["top_values"] for name in ("id", "session.id", "page.url")] == [[], [], []]
    assert described["session.id"]["distinct"] == 40


def test_a_field_that_no_event_has_is_known_to_be_missing(described: dict[str, dict[str, Any]]) -> None:
    inp = described["inp.value"]

    assert [inp[key] for key in ("share", "distinct", "top_values", "low", "first_seen")] == [0, 0, [], None, None]


def test_it_is_said_when_a_field_was_seen_first_and_last(described: dict[str, dict[str, Any]]) -> None:
    path, fcp = described["page.path"], described["fcp.value"]

    assert (path["first_seen"], path["last_seen"]) == ("2026-11-07T10:00:00.000Z", "2026-11-16T10:00:00.007Z")
    assert fcp["first_seen"] == fcp["last_seen"] == "2026-11-07T10:00:00.000Z"


def test_what_a_field_takes_on_disk_is_a_number_or_unknown(described: dict[str, dict[str, Any]]) -> None:
    assert all(field["bytes"] is None or field["bytes"] >= 0 for field in described.values())


@pytest.mark.parametrize("ids", ["{:08x}", "{:08d}"], ids=["random", "counted"])
def test_of_many_events_a_sample_is_looked_at(ids: str, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "SAMPLE_EVENTS", 400)
    step = 2**32 // 1000 if "x" in ids else 1
    dataset.add(*({"id": ids.format(n * step), "page.path": "/" if n % 4 else "/cart"} for n in range(1000)))

    path = known(dataset)["page.path"]

    looked_at = dataset.engine.catalogue.fields(dataset.name)["meta"]["facts"]
    assert (looked_at["sampled_share"], 300 < looked_at["sampled_events"] < 500) == (0.4, True)
    assert 0.65 < path["top_values"][0]["share"] < 0.85


def test_a_dataset_whose_events_are_old_is_described_by_them(dataset: Dataset) -> None:
    dataset.add({"ts": (NOW - 20 * 86_400) * 1000, "page.path": "/"})

    assert known(dataset)["page.path"]["share"] == 1
    assert dataset.engine.catalogue.fields(dataset.name)["meta"]["facts"] == {
        "start_time": "2026-10-16T10:00:00Z", "end_time": "2026-11-16T10:00:01Z", "sampled_events": 1, "sampled_share": 1,
    }  # fmt: skip


def test_a_dataset_without_events_is_described_as_empty(dataset: Dataset) -> None:
    assert known(dataset)["page.path"]["share"] == 0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Watched:
    """A store that counts what it is asked."""

    def __init__(self, store: ChdbStore) -> None:
        self._store, self.statements = store, list[str]()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def query(self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None) -> QueryResult:
        self.statements.append(sql)
        assert self.may_answer.wait(30)
        return self._store.query(sql, params, limits)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(shop: Dataset, embedded_store: ChdbStore, clock: Clock) -> Watched:
    """The store behind the dataset's engine."""
    store = Watched(embedded_store)
    shop.engine = QueryEngine(store, now=lambda: NOW, clock=clock)
    return store


def test_names_are_answered_before_anything_is_known(shop: Dataset, watched: Watched) -> None:
    shop.engine.catalogue.fields(shop.name, wait_seconds=30)
    watched.may_answer.clear()
    shop.engine.forget(shop.name)

    answer = shop.engine.catalogue.fields(shop.name)
    watched.may_answer.set()

    assert answer["meta"] == {"facts": None}
    assert {field["share"] for field in answer["fields"]} == {None}
    shop.engine.close()


def test_what_is_old_is_answered_while_it_is_made_anew(shop: Dataset, watched: Watched, clock: Clock) -> None:
    assert known(shop)["plan"]["share"] == 1
    shop.add({"id": "ff"})
    clock.seconds += facts.FRESH_SECONDS

    answered = known(shop)["plan"]["share"]
    for _ in range(600):
        if known(shop)["plan"]["share"] != 1:
            break
        time.sleep(0.1)

    assert (answered, known(shop)["plan"]["share"]) == (1, round(80 / 81, 4))


def test_what_was_being_made_when_it_was_forgotten_is_not_kept(shop: Dataset, watched: Watched) -> None:
    shop.engine.catalogue.fields(shop.name)
    shop.engine.forget(shop.name)
    shop.engine.close()

    assert shop.engine.catalogue._facts._states.get(shop.name) is None


class Away:
    """A store that is not there."""

    def query(self, sql: str, params: Mapping[str, Param] | None = None, limits: Limits | None = None) -> QueryResult:
        if "attribute_keys" in sql:
            return QueryResult([], [])
        raise StoreUnavailable("Connection refused")


def test_a_store_that_is_away_leaves_the_names(caplog: pytest.LogCaptureFixture) -> None:
    answer = QueryEngine(Away()).catalogue.fields("shop", wait_seconds=30)

    assert (answer["fields"][0]["name"], answer["meta"]["facts"]) == ("id", None)
    assert "What is known of the fields of shop could not be made anew: Connection refused" in caplog.text


def names(dataset: Dataset, typed: str) -> list[str]:
    return [field["name"] for field in dataset.engine.catalogue.suggest(dataset.name, typed, 8)["fields"]]


def test_names_that_begin_so_come_before_those_that_have_it_in_them(shop: Dataset) -> None:
    assert names(shop, "lcp.value")[0] == "lcp.value"
    assert names(shop, "PAGE.PA") == ["page.path"]
    assert names(shop, "pla")[0] == "plan"
    assert names(shop, "country")[0] == "geo.country.iso_code"
    assert names(shop, "round time")[0] == "network.rtt"
    assert names(shop, "xyzzy") == []


def test_names_that_are_used_and_filled_come_first(shop: Dataset) -> None:
    known(shop)
    assert names(shop, "page.")[:2] == ["page.path", "page.url"]

    for _ in range(3):
        shop.ask(breakdowns=["page.route"])

    assert names(shop, "page.")[0] == "page.route"


def values(dataset: Dataset, name: str, typed: str = "", limit: int = 10) -> list[str]:
    return [one["value"] for one in dataset.engine.catalogue.values(dataset.name, name, typed, limit)["values"]]


def test_values_are_suggested_the_most_frequent_first(shop: Dataset) -> None:
    assert values(shop, "page.path") == ["/", "/product/é", "/cart"]
    assert values(shop, "page.path", "/C") == ["/cart"]
    assert values(shop, "page.path", "t") == ["/product/é", "/cart"]
    assert values(shop, "plan") == ["gold", "free"]
    assert values(shop, "lcp.value", "3", limit=3) == ["3.1", "31.1", "33.1"]
    assert values(shop, "user_agent.is_bot") == ["false", "true"]
    assert values(shop, "resources.host", "a") == ["api"]


def test_values_say_whether_they_are_all(shop: Dataset) -> None:
    whole = shop.engine.catalogue.values(shop.name, "page.path", "", 10)
    cut = shop.engine.catalogue.values(shop.name, "page.path", "", 1)
    ids = shop.engine.catalogue.values(shop.name, "session.id", "s", 10)

    assert (whole["complete"], cut["complete"], ids["complete"], ids["values"]) == (True, False, False, [])
    assert whole["values"][0] == {"value": "/", "share": 0.5}


def test_values_that_are_known_are_suggested_without_asking_the_store(shop: Dataset, watched: Watched) -> None:
    values(shop, "page.path")
    names(shop, "page")
    shop.engine.close()
    before = len(watched.statements)

    for typed in ("/", "/c", "/ca", "nothing"):
        values(shop, "page.path", typed)
        names(shop, typed)

    assert watched.statements[before:] == []


def test_values_that_were_erased_are_forgotten(shop: Dataset, embedded_store: ChdbStore) -> None:
    assert "/cart" in values(shop, "page.path")
    embedded = shop._store
    embedded._command(
        f"ALTER TABLE events DELETE WHERE dataset = '{shop.name}' AND `page.path` = '/cart' SETTINGS mutations_sync = 1"
    )  # type: ignore[attr-defined]

    assert "/cart" in values(shop, "page.path")
    shop.engine.forget(shop.name)

    assert "/cart" not in values(shop, "page.path")


def test_an_unknown_field_has_no_values(shop: Dataset) -> None:
    with pytest.raises(QueryError, match=r"Did you mean page\.path"):
        values(shop, "page.pth")


def test_fields_and_suggestions_are_answered_over_http(shop: Dataset) -> None:
    client = client_of(shop.engine, shop.name)
    parameters = {"dataset": shop.name, "q": "pla", "limit": "1", "wait": "30"}

    fields = client.get("/api/fields", params=parameters).json()
    suggested = client.get("/api/fields/suggest", params=parameters).json()["fields"]
    values = client.get("/api/fields/plan/values", params=parameters | {"q": ""}).json()
    wrong = [client.get("/api/fields/suggest", params=parameters | {"limit": limit}) for limit in ("0", "x", "1e9")]

    assert fields["meta"]["facts"]["sampled_events"] == 40
    assert suggested == [{"name": "plan", "type": "string", "unit": "", "meaning": "", "group": "Attributes", "origin": "attribute",
                          "share": 1}]  # fmt: skip
    assert values["values"] == [{"value": "gold", "share": 0.75}]
    assert {(answer.status_code, answer.json()["error"]["path"]) for answer in wrong} == {(400, "limit")}
