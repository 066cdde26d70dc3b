"""Fields outside the dictionary: any name, any type, several types."""

from __future__ import annotations

import pytest
from asking import Dataset

from collector.errors import QueryError

HOSTILE = [
    "it's", 'a"b', "a`b", "a\\", "{p0:String}", "new\nline", "日本 😀", "x' OR 1=1 --", "a b", "%", "attrs_string", "c0", "b0",
    "bucket",
]  # fmt: skip
NO_NAMES = ["`", "x`, (SELECT 1) AS `y", "id` --", "events.id", "*", "1) OR (1", "attrs_string['a']", "{p0:String}", "\\"]


def test_attributes_are_filtered_grouped_and_calculated(dataset: Dataset) -> None:
    dataset.add(
        {"attrs_string": {"plan": "gold"}, "attrs_number": {"cart.value": 20.25}, "attrs_bool": {"beta": True}},
        {"attrs_string": {"plan": "free"}, "attrs_number": {"cart.value": 10}, "attrs_bool": {"beta": False}},
        {},
    )

    rows = dataset.rows(calculations=[{"op": "SUM", "column": "cart.value"}], breakdowns=["plan", "beta"])

    assert [tuple(row.values()) for row in rows] == [(20.25, "gold", True), (10, "free", False), (None, None, None)]
    assert dataset.matching("cart.value", ">", 15) == {"e00001"}
    assert dataset.matching("plan", "!=", "gold") == {"e00002", "e00003"}
    assert dataset.matching("plan", "exists") == {"e00001", "e00002"}
    assert dataset.matching("beta", "=", False) == {"e00002"}


def test_an_attribute_may_have_any_name(dataset: Dataset) -> None:
    dataset.add({"attrs_string": {name: f"of {name}" for name in HOSTILE}, "attrs_number": {f"{name}#": 7 for name in HOSTILE}}, {})

    for name in HOSTILE:
        assert dataset.rows(breakdowns=[name], limit=1, orders=[{"column": name}]) == [{"COUNT": 1, name: f"of {name}"}]
        assert dataset.matching(name, "=", f"of {name}") == {"e00001"}
        assert dataset.matching(name, "does-not-exist") == {"e00002"}
        assert dataset.one("P75", f"{name}#") == 7


def test_an_attribute_named_like_a_known_field_is_that_field(dataset: Dataset) -> None:
    dataset.add({"page.path": "/", "attrs_string": {"page.path": "no"}})

    assert dataset.rows(breakdowns=["page.path"])[0]["page.path"] == "/"
    assert dataset.events()[0]["page.path"] == "/"


def test_an_attribute_of_several_types_is_text_as_a_breakdown_and_a_number_in_calculations(dataset: Dataset) -> None:
    dataset.add({"attrs_string": {"v": "old"}}, {"attrs_bool": {"v": True}}, {})
    dataset.add({"attrs_number": {"v": 2.5}}, {"attrs_number": {"v": 4}})

    assert sorted(str(row["v"]) for row in dataset.rows(breakdowns=["v"])) == ["2.5", "4", "None", "old", "true"]
    assert dataset.one("SUM", "v") == 6.5
    assert dataset.one("COUNT_DISTINCT", "v") == 4
    assert dataset.engine.catalogue.fields(dataset.name)["fields"][-1]["type"] == "string"


def test_a_filter_on_an_attribute_of_several_types_compares_each_that_suits(dataset: Dataset) -> None:
    dataset.add({"id": "text", "attrs_string": {"v": "12"}}, {"id": "number", "attrs_number": {"v": 12}}, {"id": "no"},
                {"id": "bool", "attrs_bool": {"v": True}})  # fmt: skip

    assert dataset.matching("v", "=", 12) == {"text", "number"}
    assert dataset.matching("v", "=", "12") == {"text", "number"}
    assert dataset.matching("v", "!=", 12) == {"bool", "no"}
    assert dataset.matching("v", "in", [True, 12]) == {"text", "number", "bool"}
    assert dataset.matching("v", "<=", 12) == {"text", "number"}
    assert dataset.matching("v", "starts-with", "1") == {"text", "number"}
    assert dataset.matching("v", "exists") == {"text", "number", "bool"}


def test_a_name_that_was_sent_a_moment_ago_is_known(dataset: Dataset) -> None:
    dataset.add({"attrs_string": {"first": "1"}})
    dataset.rows(breakdowns=["first"])
    dataset.add({"attrs_string": {"second": "2"}})

    assert {row["second"] for row in dataset.rows(breakdowns=["second"])} == {None, "2"}


@pytest.mark.parametrize(
    ("query", "path", "words"),
    [
        ({"breakdowns": ["lcp.valeu"]}, "breakdowns[0]", "Did you mean lcp.value"),
        ({"calculations": [{"op": "P75", "column": "LCP.VALUE"}]}, "calculations[0].column", "Did you mean lcp.value"),
        (
            {"filters": [{"column": name, "op": "exists"} for name in ("id", "cart_value")]},
            "filters[1].column",
            "cart.value",
        ),
        (
            {"calculations": [{"op": "COUNT", "filters": [{"column": "§", "op": "exists"}]}]},
            "calculations[0].filters[0].column",
            "has no field “§”",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_its_neighbours(query: dict[str, object], path: str, words: str, dataset: Dataset) -> None:
    dataset.add({"attrs_number": {"cart.value": 1}})

    with pytest.raises(QueryError) as caught:
        dataset.ask(**query)

    assert caught.value.path == path
    assert words in caught.value.message


def test_attributes_of_another_dataset_are_unknown(dataset: Dataset) -> None:
    Dataset(f"{dataset.name} 2", dataset._store).add({"attrs_string": {"theirs": "x"}})

    with pytest.raises(QueryError, match="has no field “theirs”"):
        dataset.ask(breakdowns=["theirs"])


@pytest.mark.parametrize("name", NO_NAMES)
def test_nothing_but_a_name_is_taken_for_a_name(name: str, dataset: Dataset) -> None:
    dataset.add({"page.path": "/"})
    places: list[dict[str, object]] = [
        {"breakdowns": [name]},
        {"calculations": [{"op": "P75", "column": name}]},
        {"calculations": [{"op": "COUNT", "filters": [{"column": name, "op": "=", "value": "x"}]}]},
        {"filters": [{"column": name, "op": "=", "value": "x"}]},
    ]

    for place in places:
        with pytest.raises(QueryError, match="has no field"):
            dataset.ask(**place)
    with pytest.raises(QueryError):
        dataset.ask(orders=[{"column": name}])
    with pytest.raises(QueryError):
        dataset.events(columns=[name])


def test_the_name_of_a_calculation_may_be_any_text(dataset: Dataset) -> None:
    dataset.add({})

    for name in [*HOSTILE, "`; DROP TABLE events; --", "COUNT"]:
        rows = dataset.rows(calculations=[{"op": "COUNT", "name": name}], orders=[{"column": name}], breakdowns=["id"])
        assert rows == [{name: 1, "id": "e00001"}]
