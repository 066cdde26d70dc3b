"""A question that takes long is answered from a sample first, and what the sample says holds for the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from asking import NOW, Dataset
from identified import served
from starlette.testclient import TestClient

from collector.config import Dataset as Configured
from collector.query.desk import Desk
from collector.query.engine import QueryEngine
from collector.query.limits import EngineLimits
from collector.query.parse import parse_query
from collector.query.routes import query_routes
from collector.query.saved import SavedQueries
from collector.store.base import Hour
from collector.store.chdb import ChdbStore

VIEWS = 200_000
#: Page views of one hour: deterministic, with random ids; each tenth stands for five.
FILL = """INSERT INTO events (id, kind, dataset, revision, sample_rate, ts, time, received_at, `page.path`, `lcp.value`)
SELECT {id}, 'page_view', '{dataset}', {revision}, {rate}, t, t, t,
    concat('/', toString(intDiv(cityHash64(number, 1) % 9, 4))), exp(7 + 1.6 * (cityHash64(number, 2) % 100000 / 100000 - 0.5))
FROM (SELECT number, fromUnixTimestamp64Milli({start} + number % 3600000, 'UTC') AS t FROM numbers({rows}))
"""
RANDOM_ID = "lower(hex(MD5(concat('{salt}', toString(number)))))"


def fill(name: str, store: ChdbStore, rows: int = VIEWS, ids: str = RANDOM_ID.format(salt=""), **more: Any) -> Dataset:
    values = {"revision": 1, "rate": "if(number % 10 = 0, 5, 1)", "start": (NOW - 3600) * 1000, **more}
    store._command(FILL.format(id=ids, dataset=name, rows=rows, **values))
    return Dataset(name, store)


@pytest.fixture(scope="module")
def views(embedded_store: ChdbStore) -> Dataset:
    """Page views of which some were sent again."""
    fill("sampled views", embedded_store)
    return fill("sampled views", embedded_store, VIEWS // 10, revision=2)


#: By the first estimate the whole answer takes about 5 ms. What is called slow decides about the size of the sample.
SIXTEENTH, SMALLER = 4e-3, 4e-4


def engine_of(dataset: Dataset, slow_seconds: float) -> QueryEngine:
    return QueryEngine(dataset._store, EngineLimits(slow_seconds=slow_seconds), now=lambda: NOW)


def first(dataset: Dataset, slow_seconds: float = SIXTEENTH, **query: Any) -> dict[str, Any] | None:
    spec = parse_query({"dataset": dataset.name, "time_range": 3600, "disable_series": True, **query})
    return engine_of(dataset, slow_seconds).first(spec)


QUERY: dict[str, Any] = {
    "calculations": [{"op": "COUNT"}, {"op": "P75", "column": "lcp.value"}, {"op": "MAX", "column": "lcp.value"}],
    "breakdowns": ["page.path"],
}


@pytest.mark.parametrize(("slow_seconds", "every"), [(SIXTEENTH, 16), (SMALLER, 256)])
def test_a_sample_says_what_the_whole_says_within_its_intervals(slow_seconds: float, every: int, views: Dataset) -> None:
    exact = {row["data"]["page.path"]: row["data"] for row in views.ask(time_range=3600, **QUERY)["results"]}

    answer = first(views, slow_seconds, **QUERY)

    assert answer
    assert (answer["meta"]["sampled"], answer["meta"]["answered_from"]) == (True, "sample")
    # Smaller still, where the machine was busy when the question was asked.
    assert answer["meta"]["sample_share"] in (1 / every, 1 / 256)
    assert answer["meta"]["unscaled"] == ["MAX(lcp.value)"]
    assert answer["meta"]["rows_read"] < VIEWS / 2
    assert len(answer["results"]) == 3
    for row in answer["results"]:
        whole = exact[row["data"]["page.path"]]
        for key in ("COUNT", "P75(lcp.value)"):
            assert row["intervals"][key]["low"] <= whole[key] <= row["intervals"][key]["high"], key
        assert row["intervals"]["P75(lcp.value)"]["effective_rows"] < VIEWS / every


def test_intervals_of_many_samples_hold_as_often_as_they_say(embedded_store: ChdbStore) -> None:
    held = []
    for number in range(8):
        dataset = fill(f"sampled {number}", embedded_store, 100_000, RANDOM_ID.format(salt=number), rate="1")
        exact = {row["page.path"]: row["COUNT"] for row in dataset.rows(time_range=3600, breakdowns=["page.path"])}
        answer = first(dataset, SMALLER, breakdowns=["page.path"])
        assert answer
        for row in answer["results"]:
            held.append(row["intervals"]["COUNT"]["low"] <= exact[row["data"]["page.path"]] <= row["intervals"]["COUNT"]["high"])

    assert len(held) == 24
    assert sum(held) >= 21


def test_asking_again_gives_the_same_sample(views: Dataset) -> None:
    one, other = first(views, **QUERY), first(views, **QUERY)

    assert one and other
    assert one["results"] == other["results"]


def test_a_field_called_like_the_weight_keeps_its_values(views: Dataset) -> None:
    answer = first(views, SMALLER, calculations=[{"op": "MAX", "column": "sample_rate"}])

    assert answer
    assert answer["results"][0]["data"] == {"MAX(sample_rate)": 5}


def test_what_is_answered_soon_has_no_sample(views: Dataset) -> None:
    assert first(views, slow_seconds=60, **QUERY) is None


def test_what_a_rollup_answers_has_no_sample_and_a_sample_has_no_rollup(embedded_store: ChdbStore) -> None:
    dataset = fill("sampled and rolled up", embedded_store)
    embedded_store.roll_up(Hour(dataset.name, NOW - 3600))
    limits = EngineLimits(slow_seconds=1e-9, rollup_hours=1, rollup_rows=0)
    engine = QueryEngine(embedded_store, limits, now=lambda: NOW)
    question = {"dataset": dataset.name, "start_time": NOW - 3600, "end_time": NOW, "disable_series": True}

    rolled = parse_query(question)
    sampled = parse_query({**question, "calculations": [{"op": "COUNT"}, {"op": "P75", "column": "page.age"}]})

    assert engine.run(rolled)["meta"]["answered_from"] == "rollup"
    assert engine.first(rolled) is None
    assert engine.first(sampled)["meta"]["answered_from"] == "sample"  # type: ignore[index]


def test_few_events_of_each_hour_have_no_sample(embedded_store: ChdbStore) -> None:
    dataset = fill("a few sampled", embedded_store, 5_000)

    assert first(dataset, slow_seconds=1e-9, **QUERY) is None


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param("leftPad(toString(number), 8, '0')", id="counted"),
        pytest.param("concat('0193', lower(hex(number)))", id="times"),
        pytest.param("concat('8', lower(hex(MD5(toString(number)))))", id="all-within"),
        pytest.param("generateUUIDv7(number)", id="uuid-7"),
    ],
)
def test_ids_that_are_not_random_give_no_sample(ids: str, request: pytest.FixtureRequest, embedded_store: ChdbStore) -> None:
    dataset = fill(f"sampled {request.node.callspec.id}", embedded_store, ids=ids)

    assert first(dataset, slow_seconds=1e-9, **QUERY) is None


def steps(dataset: Dataset, slow_seconds: float, **query: Any) -> list[dict[str, Any]]:
    desk = Desk()
    routes = query_routes(
        engine_of(dataset, slow_seconds), {dataset.name: Configured(dataset.name, ())}, SavedQueries(Path("/nowhere")), desk=desk
    )
    body = {"dataset": dataset.name, "time_range": 3600, **query}
    answer = TestClient(served(routes)).post("/api/query", json=body, headers={"accept": "application/x-ndjson"})
    if answer.status_code != 200:
        return [answer.json()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_an_answer_comes_in_steps_to_those_who_ask_for_them(views: Dataset) -> None:
    sample, exact = steps(views, SMALLER, **QUERY)

    assert (sample["meta"]["sampled"], exact["meta"]["sampled"]) == (True, False)
    assert exact["results"] == views.ask(time_range=3600, **QUERY)["results"]


def test_an_answer_that_is_there_soon_is_one_step(views: Dataset) -> None:
    (exact,) = steps(views, 60, **QUERY)

    assert exact["meta"]["sampled"] is False


def test_a_mistake_is_refused_before_the_first_step(views: Dataset) -> None:
    (refused,) = steps(views, SMALLER, breakdowns=["page.pth"])

    assert refused["error"]["path"] == "breakdowns[0]"
