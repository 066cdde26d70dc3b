"""All events of a search as a file."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Any

import pyarrow.parquet
import pytest
from asking import NOW, Dataset
from test_query_routes import BrokenStore, client_of

from collector.errors import StoreUnavailable
from collector.query import export as exports
from collector.query import formats
from collector.query.engine import QueryEngine
from collector.query.export import parse_export

HOSTILE = '=HYPERLINK("https://evil.example")'


ORDERS = {
    "newest": [],
    "slowest": [{"column": "lcp.value", "order": "descending"}],
    "oldest": [{"column": "ts"}],
}


@pytest.fixture
def filled(dataset: Dataset) -> Dataset:
    """Events of some hours, not evenly spread."""
    ages = (10, 11, 60, 3700, 3700, 3701, 40_000, 40_001, 80_000)
    for number, age in enumerate(ages):
        dataset.add({"ts": (NOW - age) * 1000, "lcp.value": number * 100.1, "page.path": f"/{number}"})
    dataset.add({
        "ts": (NOW - 5) * 1000, "page.path": HOSTILE, "lcp.value": None, "user_agent.is_bot": False,
        "attrs_string": {"plan": "a\x1b[0m"}, "attrs_number": {"items": 2.5},
        "resources.host": ["a", "b"], "resources.duration": [1.5, None],
    })  # fmt: skip
    return dataset


def export(dataset: Dataset, **question: Any) -> bytes:
    spec, form = parse_export({"dataset": dataset.name, "time_range": 86_400, **question}, dataset.engine.limits.spec)
    return b"".join(dataset.engine.export(spec, form))


def lines(dataset: Dataset, **question: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export(dataset, **question).splitlines()]


@pytest.mark.parametrize("size", [1, 3, 4, 100])
@pytest.mark.parametrize("orders", ORDERS.values(), ids=ORDERS)
def test_an_export_has_what_the_search_has_in_its_order(
    orders: list[dict[str, str]], size: int, filled: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK_EVENTS", size)
    searched = filled.events(orders=orders, columns=["page.path"], time_range=86_400)

    assert lines(filled, orders=orders, columns=["page.path"]) == searched
    assert len(searched) == 10


def test_an_export_may_be_filtered_and_limited(filled: Dataset) -> None:
    slow = [{"column": "lcp.value", "op": ">", "value": 300}]

    assert len(lines(filled, filters=slow)) == 6
    assert len(lines(filled, limit=4)) == 4


def test_json_lines_hold_whole_events(filled: Dataset) -> None:
    text = export(filled, limit=1)

    (event,) = lines(filled, limit=1)
    assert event == filled.events(limit=1)[0]
    assert (event["plan"], event["items"], event["resources.duration"]) == ("a\x1b[0m", 2.5, [1.5, None])
    assert b"\x1b" not in text


def test_csv_has_a_column_for_every_field_and_no_formula(filled: Dataset) -> None:
    table = list(csv.DictReader(io.StringIO(export(filled, format="csv").decode())))

    assert set(table[0]) == {field["name"] for field in filled.engine.catalogue.fields(filled.name)["fields"]}
    assert (table[0]["page.path"], table[0]["lcp.value"], table[0]["resources.duration"]) == ("'" + HOSTILE, "", "1.5; ")
    paths = export(filled, format="csv", columns=["page.path"]).decode().splitlines()[2:4]
    assert [path.rpartition(",")[2] for path in paths] == ["/0", "/1"]


def test_an_empty_export_is_an_empty_file_of_its_format(dataset: Dataset) -> None:
    assert export(dataset) == b""
    assert export(dataset, format="csv", columns=["page.path"]) == b"id,kind,ts,page.path\n"
    assert pyarrow.parquet.read_table(io.BytesIO(export(dataset, format="parquet"))).num_rows == 0


def test_parquet_has_typed_columns(filled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "ROW_GROUP", 4)
    filled.add({"ts": (NOW - 4) * 1000, "attrs_string": {"items": "many"}})

    file = pyarrow.parquet.ParquetFile(io.BytesIO(export(filled, format="parquet")))
    table = file.read()
    types = {field.name: str(field.type) for field in table.schema}
    rows = table.to_pylist()

    assert file.num_row_groups == 3
    assert {name: types[name] for name in ("ts", "revision", "lcp.value", "user_agent.is_bot", "items", "resources.duration")} == {
        "ts": "timestamp[ms, tz=UTC]", "revision": "int64", "lcp.value": "double", "user_agent.is_bot": "bool", "items": "string",
        "resources.duration": types["resources.duration"],
    }  # fmt: skip
    assert types["resources.duration"].startswith("list<")
    assert (rows[0]["items"], rows[1]["items"], rows[1]["resources.duration"]) == ("many", "2.5", [1.5, None])
    assert [row["lcp.value"] for row in rows[2:4]] == [0, 100.1]


def test_an_export_is_streamed_to_whoever_may_see_the_dataset(filled: Dataset) -> None:
    client = client_of(filled.engine, filled.name)
    body = {"dataset": filled.name, "time_range": 86_400, "format": "csv"}

    for _ in range(4):
        answer = client.post("/api/events/export", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="events.csv"'
    assert len(answer.text.splitlines()) == 11


def test_a_wrong_export_is_refused_before_it_begins(filled: Dataset) -> None:
    client = client_of(filled.engine, filled.name)

    def refused(**body: Any) -> tuple[int, str]:
        answer = client.post("/api/events/export", json={"dataset": filled.name, **body})
        return answer.status_code, answer.json()["error"]["path"]

    assert refused(format="xls") == (400, "format")
    assert refused(cursor="x") == (400, "cursor")
    assert refused(columns=["nothing"]) == (400, "columns[0]")
    assert refused(dataset="nothing") == (404, "dataset")


def test_an_export_of_a_store_that_is_away_is_an_error_and_no_half_file() -> None:
    client = client_of(QueryEngine(BrokenStore(StoreUnavailable("Connection refused"))), "d")

    for format_ in ("csv", "jsonl", "parquet"):
        answer = client.post("/api/events/export", json={"dataset": "d", "format": format_})
        assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "store_unavailable")


def test_more_exports_than_may_run_are_sent_away(filled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.query.export_routes.MAX_EXPORTS", 0)

    answer = client_of(filled.engine, filled.name).post("/api/events/export", json={"dataset": filled.name})

    assert (answer.status_code, answer.json()["error"]["reason"]) == (503, "busy")


def test_parquet_without_pyarrow_says_what_to_install(filled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    answer = client_of(filled.engine, filled.name).post("/api/events/export", json={"dataset": filled.name, "format": "parquet"})

    assert (answer.status_code, answer.json()["error"]["reason"]) == (501, "parquet_unavailable")
    assert "wideload[parquet]" in answer.json()["error"]["message"]
