"""BubbleUp finds what was planted, says so in a sentence, and says nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from asking import NOW, Dataset

from collector.errors import QueryError
from collector.query.bubbleup.overlap import Overlaps
from collector.query.bubbleup.selection import parse_bubbleup
from collector.query.parse import parse_query

Event = dict[str, Any]
SLOW = {"column": "lcp.value", "min": "P90"}
Plant = Callable[[Event], float]


def views(count: int, slower: Plant, seed: int = 1) -> list[Event]:
    """Return page views of which some are slower: `slower` gives by what factor."""
    random = Random(seed)
    events = []
    for index in range(count):
        event: Event = {
            "page.url": f"https://shop.example/{index}",
            "page.host": "shop.example",
            "service.version": random.choice(("4.1", "4.2", "4.3", "4.4")),
            "geo.country.iso_code": random.choice(("DE", "US", "FR", "BR", "JP")),
            "browser.name": random.choice(("Chrome", "Safari", "Firefox")),
            "device.memory": random.choice((2, 4, 8)),
            "attrs_string": {"plan": random.choice(("free", "gold"))},
            "attrs_number": {"cart.items": float(random.randrange(22))},
            "ts": (NOW - random.randrange(10, 7000)) * 1000,
        }
        if random.random() < 0.02:
            event["attrs_string"]["coupon"] = "SPRING"
        event["browser.language"] = event["geo.country.iso_code"].lower()
        event["lcp.value"] = round(1000 * random.lognormvariate(0, 0.3) * slower(event), 1)
        events.append(event)
    return events


def bubbleup(dataset: Dataset, selection: Any = SLOW, **query: Any) -> Any:
    return dataset.engine.bubbleup(parse_bubbleup({"query": {"dataset": dataset.name, **query}, "selection": selection}))


def by_column(answer: Any) -> dict[str, Any]:
    return {field["column"]: field for field in answer["fields"]}


CAUSES: list[tuple[str, Plant, list[Event]]] = [
    ("a value", lambda e: 3 if e["service.version"] == "4.2" else 1, [{"column": "service.version", "op": "=", "value": "4.2"}]),
    ("an attribute", lambda e: 3 if e["attrs_string"]["plan"] == "gold" else 1, [{"column": "plan", "op": "=", "value": "gold"}]),
    ("a number above", lambda e: 3 if e["attrs_number"]["cart.items"] >= 20 else 1,
     [{"column": "cart.items", "op": ">=", "value": 20}]),
    ("a number below", lambda e: 3 if e["device.memory"] < 4 else 1, [{"column": "device.memory", "op": "<", "value": 4}]),
    ("a rare attribute", lambda e: 5 if "coupon" in e["attrs_string"] else 1,
     [{"column": "coupon", "op": "=", "value": "SPRING"}]),
    ("two together", lambda e: 4 if e["service.version"] == "4.2" and e["browser.name"] == "Safari" else 1,
     [{"column": "browser.name", "op": "=", "value": "Safari"}, {"column": "service.version", "op": "=", "value": "4.2"}]),
    ("two together, a little", lambda e: 1.3 if e["service.version"] == "4.2" and e["browser.name"] == "Safari" else 1,
     [{"column": "browser.name", "op": "=", "value": "Safari"}, {"column": "service.version", "op": "=", "value": "4.2"}]),
]  # fmt: skip


@pytest.mark.parametrize(("slower", "conditions"), [cause[1:] for cause in CAUSES], ids=[cause[0] for cause in CAUSES])
def test_a_planted_cause_is_the_top_finding(slower: Plant, conditions: list[Event], dataset: Dataset) -> None:
    dataset.add(*views(1500, slower))

    found = bubbleup(dataset)["finding"]

    assert sorted(found["conditions"], key=lambda one: one["column"]) == conditions
    assert found["interval"][0] < found["difference"] < found["interval"][1]


def test_a_subtle_pair_is_found_though_each_of_it_alone_is_not_rarer() -> None:
    """Of 200 selected and 1,800 other events, by whether they have the first and the second condition."""
    counts = {(True, 0b11): 66, (True, 0b01): 34, (True, 0b10): 40, (True, 0b00): 60}
    counts |= {(False, 0b11): 137, (False, 0b01): 349, (False, 0b10): 430, (False, 0b00): 884}
    overlaps = Overlaps([(*key, float(count), count) for key, count in counts.items()], (1, 1))

    ((one, other, shares),) = overlaps.pairs([(0, 1)], z=5)

    assert (one, other) == (0, 1)
    assert shares.evidence > 2 * max(overlaps.shares([0]).evidence, overlaps.shares([1]).evidence)


def test_a_second_condition_has_to_be_worth_it(dataset: Dataset) -> None:
    """Memory makes a bad release somewhat worse: the release is the finding, not both."""
    dataset.add(*views(3000, lambda e: (2 if e["service.version"] == "4.2" else 1) * (1.1 if e["device.memory"] < 4 else 1)))

    assert [one["column"] for one in bubbleup(dataset)["finding"]["conditions"]] == ["service.version"]


def test_of_a_pair_and_a_field_that_say_the_same_the_field_is_told(dataset: Dataset) -> None:
    events = views(1500, lambda e: 3 if e["service.version"] == "4.2" and e["browser.name"] == "Safari" else 1)
    for event in events:
        event["attrs_string"]["build"] = (
            "4.2-safari" if (event["service.version"], event["browser.name"]) == ("4.2", "Safari") else "x"
        )
    dataset.add(*events)

    assert bubbleup(dataset)["finding"]["conditions"] == [{"column": "build", "op": "=", "value": "4.2-safari"}]


def test_the_summary_is_a_sentence_with_the_numbers(dataset: Dataset) -> None:
    fast, slow = {"lcp.value": 900, "service.version": "1"}, {"lcp.value": 3000, "service.version": "2"}
    dataset.add(*[fast] * 300, *[slow] * 95, *[{**fast, "lcp.value": 3000}] * 5)

    answer = bubbleup(dataset, {"column": "lcp.value", "min": 2500})

    assert answer["summary"] == "95 % of the selected events have service.version = 2; elsewhere 0 %."
    assert answer["finding"]["selected_of_these"] == 1
    assert (answer["selection"]["events"], answer["baseline"]["events"]) == (100, 300)


@pytest.mark.parametrize("seed", range(3))
def test_chance_does_not_stand_out(seed: int, dataset: Dataset) -> None:
    dataset.add(*views(1000, lambda _: 1, seed))

    answer = bubbleup(dataset)

    assert answer["finding"] is None
    assert answer["summary"].startswith("Nothing stands out")


def test_what_says_the_same_is_grouped(dataset: Dataset) -> None:
    dataset.add(*views(1000, lambda e: 3 if e["geo.country.iso_code"] == "BR" else 1))

    answer = bubbleup(dataset)

    assert answer["groups"] == [["geo.country.iso_code", "browser.language"]]
    assert "The same is said by browser.language." in answer["summary"]


def test_a_field_shows_both_distributions(dataset: Dataset) -> None:
    slow, fast = {"lcp.value": 3000, "page.path": "/a", "device.memory": 2}, {"lcp.value": 100, "page.path": "/b"}
    dataset.add(*[slow] * 30, *[fast | {"device.memory": 8}] * 60, *[fast] * 60, {"lcp.value": 100})

    fields = by_column(bubbleup(dataset, {"column": "lcp.value", "min": 3000}))

    assert fields["page.path"]["values"] == [
        {"value": "/a", "selection": 1, "baseline": 0},
        {"value": "/b", "selection": 0, "baseline": 1},
    ]
    assert fields["device.memory"]["bins"] == [
        {"from": 2, "to": 2, "selection": 1, "baseline": 0},
        {"from": 8, "to": 8, "selection": 0, "baseline": 1},
    ]
    assert fields["device.memory"]["baseline"]["null_share"] == pytest.approx(61 / 121, abs=1e-5)


def test_having_a_field_less_often_is_not_another_distribution(dataset: Dataset) -> None:
    """A field that only some browsers have is compared among the events that have it."""
    both = [{"page.path": path} for path in ("/a", "/b")]
    with_it = [event | {"lcp.value": value} for event in both for value in [3000] * 60 + [100] * 60]
    dataset.add(*with_it, *[{"lcp.value": 100}] * 400)

    path = by_column(bubbleup(dataset, {"column": "lcp.value", "min": 3000}))["page.path"]

    assert path["condition"] == {"column": "page.path", "op": "exists"}
    assert path["shares_of"] == "events"
    assert [value["selection"] for value in path["values"]] == [value["baseline"] for value in path["values"]] == [0.5, 0.5]


def test_sampled_events_weigh_what_they_stand_for(dataset: Dataset) -> None:
    slow, fast = {"lcp.value": 3000}, {"lcp.value": 100, "page.path": "/a"}
    dataset.add(*[slow | {"page.path": "/a"}] * 100, *[slow | {"page.path": "/b", "sample_rate": 9}] * 100, *[fast] * 200)

    answer = bubbleup(dataset, {"column": "lcp.value", "min": 3000})

    assert answer["finding"]["selection"] == 0.9
    assert answer["selection"]["events"] == 1000
    assert answer["selection"]["effective_rows"] == 122


def test_ids_are_set_aside_and_so_is_what_selects(dataset: Dataset) -> None:
    dataset.add(*views(300, lambda _: 1))

    answer = bubbleup(dataset, filters=[{"column": "page.host", "op": "=", "value": "shop.example"}])

    reasons = {one["column"]: one["reason"] for one in answer["set_aside"]}
    assert set(reasons) == {"page.url", "lcp.value", "lcp.rating", "page.host"}
    assert "different value" in reasons["page.url"]
    assert not reasons.keys() & by_column(answer).keys()


PATHS = [{"column": "page.path", "op": "=", "value": path} for path in ("/a", "/b")]


@pytest.mark.parametrize(
    ("selection", "selected", "others"),
    [
        ({"column": "lcp.value", "min": 3}, 3, 2),
        ({"column": "lcp.value", "min": 2, "max": 3}, 2, 3),
        ({"column": "lcp.value", "max": "P50"}, 3, 2),
        ({"group": {"page.path": "/a"}}, 2, 4),
        ({"group": {"page.path": None}}, 3, 3),
        ({"start_time": NOW - 100, "end_time": NOW - 60}, 1, 5),
        ({"start_time": NOW - 100, "end_time": NOW - 60, "column": "lcp.value", "min": 0}, 1, 4),
        (
            {"filters": [{"column": "page.path", "op": "=", "value": path} for path in ("/a", "/b")], "filter_combination": "OR"},
            3,
            3,
        ),
        ({"filters": [{"column": "page.path", "op": "exists"}, {"column": "lcp.value", "op": ">", "value": 1}]}, 2, 3),
    ],
    ids=["from", "between", "percentile", "group", "group-of-null", "time", "box", "any-filter", "all-filters"],
)
def test_a_selection_splits_the_events_in_two(selection: Any, selected: int, others: int, dataset: Dataset) -> None:
    """An event without the column that is compared is on neither side: it is neither slow nor fast."""
    dataset.add(
        {"lcp.value": 1, "page.path": "/a"}, {"lcp.value": 2, "page.path": "/a"}, {"lcp.value": 3, "page.path": "/b"},
        {"lcp.value": 4}, {"lcp.value": 5, "ts": (NOW - 80) * 1000}, {},
    )  # fmt: skip

    answer = bubbleup(dataset, selection)

    assert (answer["selection"]["events"], answer["baseline"]["events"]) == (selected, others)


def test_the_queries_behind_it_give_the_same_numbers(dataset: Dataset) -> None:
    dataset.add(*views(1000, lambda e: 4 if e["service.version"] == "4.2" and e["browser.name"] == "Safari" else 1))

    answer = bubbleup(dataset)
    sides = dataset.engine.run(parse_query(answer["query"]))["results"][0]["data"]
    found = dataset.engine.run(parse_query(answer["finding"]["query"]))["results"][0]["data"]

    assert sides == {"selection": answer["selection"]["events"], "baseline": answer["baseline"]["events"]}
    assert found["selection with it"] / found["selection"] == pytest.approx(answer["finding"]["selection"], abs=1e-5)
    assert found["baseline with it"] / found["baseline"] == pytest.approx(answer["finding"]["baseline"], abs=1e-5)


@pytest.mark.parametrize("ids", ["counted", "random"])
def test_asking_again_gives_the_same_answer(ids: str, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.bubbleup.answer.SAMPLE_ROWS", 200)
    events = views(3000, lambda e: 3 if e["service.version"] == "4.2" else 1)
    numbers = Random(5)
    named = {"counted": lambda index: f"e{index:05}", "random": lambda _: f"{numbers.getrandbits(128):032x}"}[ids]
    dataset.add(*(event | {"id": named(index)} for index, event in enumerate(events)))

    first, second = bubbleup(dataset), bubbleup(dataset)

    assert first["meta"]["sampled"]
    assert first["baseline"]["looked_at"] == pytest.approx(200 / first["baseline"]["rows"], rel=0.01)
    assert (first["fields"], first["summary"]) == (second["fields"], second["summary"])
    assert first["finding"]["conditions"] == [{"column": "service.version", "op": "=", "value": "4.2"}]


def random_ids(events: list[Event]) -> list[Event]:
    numbers = Random(5)
    return [event | {"id": f"{numbers.getrandbits(128):032x}"} for event in events]


def test_all_of_a_box_is_compared_with_a_part_of_the_rest(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.bubbleup.answer.SAMPLE_ROWS", 400)
    dataset.add(*random_ids(views(3000, lambda e: 3 if e["service.version"] == "4.2" else 1)))
    box = {"column": "lcp.value", "min": 2000, "start_time": NOW - 4000, "end_time": NOW - 2000}

    answer = bubbleup(dataset, box)

    assert answer["selection"]["looked_at"] == 1 > 0.2 > answer["baseline"]["looked_at"]
    assert answer["finding"]["conditions"] == [{"column": "service.version", "op": "=", "value": "4.2"}]
    assert by_column(answer)["service.version"]["selection"]["share"] == answer["finding"]["selection"] > 0.9
    version = {"breakdowns": ["service.version"], "filters": answer["selection"]["filters"]}
    groups = dataset.engine.run(parse_query({"dataset": dataset.name, **version}))["results"]
    counts = {group["data"]["service.version"]: group["data"]["COUNT"] for group in groups}
    assert counts["4.2"] / sum(counts.values()) == pytest.approx(answer["finding"]["selection"], abs=1e-5)


def test_of_a_selection_that_is_rare_everywhere_some_have_to_do(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.bubbleup.answer.READ_ROWS", 1000)
    monkeypatch.setattr("collector.query.bubbleup.answer.LEAST_ROWS", 50)
    dataset.add(*random_ids(views(3000, lambda e: 3 if e["service.version"] == "4.2" else 1)))

    answer = bubbleup(dataset)

    assert answer["selection"]["looked_at"] == pytest.approx(1 / 3, abs=0.01)
    assert answer["finding"]["conditions"] == [{"column": "service.version", "op": "=", "value": "4.2"}]


def test_events_may_be_selected_by_a_calculated_field(dataset: Dataset) -> None:
    slow = {"name": "slow", "expression": "$lcp.value > 1000 AND $page.path != `/skip`"}
    dataset.add(*[{"lcp.value": 3000, "page.path": "/a"}] * 20, *[{"lcp.value": 3000, "page.path": "/skip"}] * 3, {"lcp.value": 5})

    answer = bubbleup(dataset, {"filters": [{"column": "slow", "op": "=", "value": True}]}, calculated_fields=[slow])

    assert (answer["selection"]["events"], answer["baseline"]["events"]) == (20, 4)
    assert answer["fields"][0]["query"]["calculated_fields"] == [slow] == answer["query"]["calculated_fields"]


def test_text_of_any_kind_is_only_a_value(dataset: Dataset) -> None:
    hostile = "'; DROP TABLE events; -- ` \\ {p0:String} \0 😀"
    dataset.add(*[{"lcp.value": 3000, "page.path": hostile, "attrs_string": {hostile: hostile}}] * 50, *[{"lcp.value": 1}] * 50)

    answer = bubbleup(dataset, {"column": "lcp.value", "min": 3000})

    assert answer["finding"]["conditions"] == [{"column": "page.path", "op": "=", "value": hostile}]
    assert answer["groups"] == [["page.path", hostile]]


MISTAKES: list[tuple[Any, str, str]] = [
    ({}, "selection", "Nothing is selected"),
    ({"column": "lcp.value"}, "selection.column", "needs min or max"),
    ({"min": 3}, "selection.column", "need a column"),
    ({"column": "lcp.value", "min": "slow"}, "selection.min", "a percentile such as P90"),
    ({"column": "page.path", "min": 3}, "selection.column", "need numbers"),
    ({"column": "resources.duration", "min": 3}, "selection.column", "is a list"),
    ({"column": "lcp.valeu", "min": 3}, "selection.column", "Did you mean lcp.value"),
    ({"column": "lcp.value", "min": 9000}, "selection", "selects no event"),
    ({"column": "lcp.value", "min": 0}, "selection", "leaves no event"),
    ({"column": "fcp.value", "min": "P90"}, "selection.column", "no percentiles"),
    ({"group": []}, "selection.group", "must be an object"),
    ({"group": {"page.path": []}}, "selection.group.page.path", "must be text"),
    ({"filters": [{"column": "lcp.value", "op": "==", "value": 1}]}, "selection.filters[0].op", "is not an operator"),
    ({"colunm": 1}, "selection.colunm", "Did you mean column"),
]


@pytest.mark.parametrize(("selection", "path", "words"), MISTAKES, ids=[f"{path}-{words[:20]}" for _, path, words in MISTAKES])
def test_a_mistake_in_the_selection_is_named(selection: Any, path: str, words: str, dataset: Dataset) -> None:
    dataset.add({"lcp.value": 1}, {"lcp.value": 2})

    with pytest.raises(QueryError) as caught:
        bubbleup(dataset, selection)

    assert caught.value.path == path
    assert words in caught.value.message


def test_a_mistake_in_the_query_is_named_there(dataset: Dataset) -> None:
    with pytest.raises(QueryError) as caught:
        bubbleup(dataset, filters=[{"column": "lcp.value", "op": "=="}])

    assert caught.value.path == "query.filters[0].op"
