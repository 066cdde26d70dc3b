"""Grafana's dashboards: what is committed is what the compiler makes, Grafana can read it, and it shows the API's numbers."""

from __future__ import annotations

import itertools
import json
import re
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import NOW, Dataset
from click.testing import CliRunner
from demo_events import arrived
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins

from collector.cli import main
from collector.dashboards.definition import prebuilt
from collector.dashboards.requests import cohort_request, fill, request, within_cohort
from collector.errors import RequestError
from collector.fields import THRESHOLDS
from collector.grafana.compiler import compile_definition, write
from collector.grafana.macros import literal, text
from collector.grafana.panels import KINDS
from collector.store.base import Param, Store
from collector.store.sql import READ_SETTINGS
from collector.store.sql import literal as setting

with warnings.catch_warnings():
    # There is a second format by now, which the data source's own dashboards do not use yet.
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.models.dashboard import Dashboard

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "dashboards" / "grafana"
DEFINITIONS = prebuilt(ROOT / "dashboards" / "definitions")
COMPILED = {id_: (one, made) for one in DEFINITIONS.values() for id_, made in compile_definition(one).items()}
RANGE = {"start_time": NOW - 7 * 86_400, "end_time": NOW}
STEP = 10_800


@pytest.fixture(scope="module")
def demo(embedded_store: Store) -> Dataset:
    """Two thousand page views of the demo's week, soft navigations like them, and the collector's own samples."""
    dataset = Dataset("grafana demo", embedded_store)
    loads = [event for event in arrived(2000) if event["kind"] == "page_view"]
    soft = [{**event, "id": f"{event['id']}s", "navigation.type": "soft-navigation"} for event in loads[::10]]
    dataset.add(*loads, *soft)
    own = [
        {"kind": "pipeline", "id": f"grafana{minute}", "ts": (NOW - 60 * minute) * 1000, "pipeline.collector": "a",
         "pipeline.received": minute, "pipeline.acknowledged": minute, "pipeline.pending": 7, "pipeline.memory": 1 << 20}
        for minute in range(1, 300)
    ]  # fmt: skip
    Dataset("wideload", embedded_store).add(*own)
    return dataset


def expanded(sql: str, dataset: str) -> str:
    """Expand variables and macros as Grafana and its ClickHouse data source do (pkg/macros/macros.go)."""
    start, end = RANGE.values()
    sql = sql.replace("${dataset:sqlstring}", "'" + dataset.replace("'", "''") + "'")
    sql = re.sub(r"\$__fromTime_ms\b", f"fromUnixTimestamp64Milli({start * 1000})", sql)
    sql = re.sub(r"\$__toTime_ms\b", f"fromUnixTimestamp64Milli({end * 1000})", sql)
    sql = re.sub(r"\$__timeInterval\((.*?)\)", rf"toStartOfInterval(toDateTime(\1), INTERVAL {STEP} second)", sql)
    sql = re.sub(r"\$__interval_s\b", str(STEP), sql)
    assert "$" not in sql, sql
    return sql


def answer(demo: Dataset, definition: dict[str, Any], query: str) -> dict[str, Any]:
    """Return what the API answers to a query of a filled definition."""
    document, cohort = request(definition, query, demo.name, time=RANGE)
    document.setdefault("granularity", STEP)
    if cohort:
        document = within_cohort(document, cohort, demo.ask(**cohort_request(document, cohort))["results"][0]["data"])
    return demo.ask(**document)


def test_what_is_committed_is_what_the_compiler_makes(tmp_path: Path) -> None:
    write(list(DEFINITIONS.values()), tmp_path)
    made, committed = ({path.name: path.read_text() for path in folder.glob("*.json")} for folder in (tmp_path, COMMITTED))

    assert committed == made, "run `wideload grafana --output dashboards/grafana`"


def test_every_kind_of_panel_has_a_counterpart() -> None:
    schema = json.loads((ROOT / "dashboards" / "schema.json").read_text())

    assert set(schema["$defs"]["panel"]["properties"]["kind"]["enum"]) <= set(KINDS)


@pytest.mark.parametrize("id_", COMPILED)
def test_grafana_knows_every_part_of_a_dashboard(id_: str) -> None:
    """The models of Grafana's own SDK keep what they know and lose the rest."""
    register_default_plugins()
    made = COMPILED[id_][1]
    kept = json.loads(json.dumps(Dashboard.from_json(made), cls=JSONEncoder))

    assert list(lost(made, kept)) == []


def lost(made: Any, kept: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what is in one document and not in the other."""
    if isinstance(made, dict):
        for key, value in made.items():
            if value not in (None, "", [], {}):
                yield from lost(value, kept.get(key), f"{path}.{key}") if isinstance(kept, dict) else [path]
    elif isinstance(made, list):
        for index, value in enumerate(made):
            yield from lost(value, kept[index], f"{path}[{index}]") if isinstance(kept, list) and index < len(kept) else [path]
    elif made != kept:
        yield f"{path}: {made!r} became {kept!r}"


@pytest.mark.parametrize("id_", COMPILED)
def test_a_dashboard_is_whole(id_: str) -> None:
    made = COMPILED[id_][1]
    variables = {variable["name"] for variable in made["templating"]["list"]}
    places = [panel["gridPos"] for panel in made["panels"]]

    assert set(re.findall(r"\$\{(?!__)(\w+)", json.dumps(made))) == variables
    assert len({panel["id"] for panel in made["panels"]}) == len(places)
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert all("$__fromTime_ms" in target["rawSql"] for panel in made["panels"] for target in panel["targets"])


def test_dashboards_have_names_of_their_own() -> None:
    assert (
        len({made["uid"] for _, made in COMPILED.values()})
        == len({made["title"] for _, made in COMPILED.values()})
        == len(COMPILED)
    )


@pytest.mark.parametrize("id_", COMPILED)
def test_panels_show_the_numbers_of_the_api(id_: str, demo: Dataset, embedded_store: Store) -> None:
    check(*COMPILED[id_], id_, demo, embedded_store)


def test_everything_that_a_query_may_say_shows_the_numbers_of_the_api(demo: Dataset, embedded_store: Store) -> None:
    for id_, made in compile_definition(PROBE).items():
        check(PROBE, made, id_, demo, embedded_store)


def check(source: dict[str, Any], made: dict[str, Any], id_: str, demo: Dataset, store: Store) -> None:
    """Ask what each panel asks, and compare it with what the API answers."""
    choices = itertools.product(*([one["value"] for one in parameter["values"]] for parameter in source.get("parameters", ())))
    number = list(compile_definition(source)).index(id_)
    chosen = dict(zip([one["name"] for one in source.get("parameters", ())], list(choices)[number], strict=True))
    definition = fill(source, chosen)
    for panel in made["panels"]:
        options = definition["panels"][panel["id"] - 1]
        rows = store.query(expanded(panel["targets"][0]["rawSql"], demo.name)).rows
        expected = answer(demo, definition, options["query"])

        assert shown(options["kind"], rows) == SHOWN[options["kind"]](options, definition["queries"][options["query"]], expected), (
            options["id"]
        )


def of_table(options: dict[str, Any], query: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    keys = [column["key"] for column in options["columns"]]
    rows = [row["data"] for row in expected["results"]]
    if sort := options.get("sort"):
        sign = -1 if sort["order"] == "descending" else 1
        breakdowns = query.get("breakdowns", [])
        rows.sort(key=lambda row: [(row[name] is None, row[name]) for name in breakdowns])
        rows.sort(key=lambda row: (row[sort["key"]] is None, sign * (row[sort["key"]] or 0)))
    return [[row[key] for key in keys] for row in rows]


def of_vital(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    return [[expected["results"][0]["data"][key] for key in (options["value"], *options["bands"])]]


def of_timeseries(options: dict[str, Any], query: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    keys = [part["key"] for part in options.get("lines", options.get("parts", []))] or [options["value"]]
    rows = []
    for point in expected["series"]:
        labels = [
            " · ".join("—" if point["data"][name] is None else str(point["data"][name]) for name in query.get("breakdowns", []))
        ]
        rows.append(
            [milliseconds(point["time"]), *(labels if query.get("breakdowns") else []), *(point["data"][key] for key in keys)]
        )
    return sorted(rows, key=lambda row: row[:2] if query.get("breakdowns") else row[:1])


def of_parts(options: dict[str, Any], query: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    rows = [row["data"] for row in expected["results"]]
    label = (query.get("breakdowns") or [""])[0]
    keys = [part["key"] for part in options["parts"]]
    return [[("—" if row[label] is None else str(row[label])) if label else "All", *(row[key] for key in keys)] for row in rows]


def of_histogram(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> int:
    """Grafana's cells are others than the API's, but the same events are in them."""
    return sum(count for _, count in expected["results"][0]["data"][options["value"]])


def of_heatmap(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> dict[int, int]:
    return {milliseconds(one["time"]): sum(count for _, count in one["data"][options["value"]]) for one in expected["series"]}


def of_map(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    keys = [options["key"], *(value["key"] for value in options["values"])]
    return [[row["data"][key] for key in keys] for row in expected["results"]]


def of_delta(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    return [[expected["results"][0]["data"][pair[side]] for pair in options["pairs"] for side in ("a", "b")]]


def of_overlay(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> list[float]:
    """Grafana's cells are others than the API's, but each line is a whole."""
    return [1.0 for _ in options["lines"]]


def of_impact(options: dict[str, Any], _: dict[str, Any], expected: dict[str, Any]) -> list[list[Any]]:
    keys = [options["bucket"], options["total"], options["part"]]
    return [[row["data"][key] for key in keys] for row in expected["results"]]


def milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


SHOWN = {
    "table": of_table,
    "vital": of_vital,
    "timeseries": of_timeseries,
    "shares": of_timeseries,
    "parts": of_parts,
    "histogram": of_histogram,
    "heatmap": of_heatmap,
    "map": of_map,
    "delta": of_delta,
    "overlay": of_overlay,
    "impact": of_impact,
}


def shown(kind: str, rows: list[Any]) -> Any:
    """Return the rows of a panel in the shape of `SHOWN`."""
    if kind == "histogram":
        return sum(count for _, count in rows)
    if kind == "overlay":
        return [round(sum(shares), 6) for shares in list(zip(*rows, strict=True))[1:]]
    if kind == "heatmap":
        return {time: sum(counts) for time, *counts in rows}
    return [list(row) for row in rows]


@pytest.mark.parametrize(
    "value", ["it's", "a\\b", "x' OR 1=1 --", "$__fromTime_ms", "${dataset}", "[[dataset]]", "{p0:String}", "ä\n\0"]
)
def test_a_text_stays_a_text_for_clickhouse_and_for_grafana(value: str, embedded_store: Store) -> None:
    assert embedded_store.query(f"SELECT {text(value)}").rows == [(value,)]
    assert not re.search(r"\$|\[\[", text(value))


@pytest.mark.parametrize(
    ("type_", "value"),
    [("Float64", 0.1), ("Float64", 1e300), ("Float32", 0.5), ("Int64", -7), ("UInt64", 2**64 - 1), ("Bool", True),
     ("Array(String)", ["a", "it's"]), ("Array(Float64)", [1.0, 2.5])],
)  # fmt: skip
def test_a_value_stays_what_it_is(type_: str, value: Any, embedded_store: Store) -> None:
    ((found, kind),) = embedded_store.query(f"SELECT {literal(Param(type_, value))} AS x, toTypeName(x)").rows

    assert (found, kind) == (value, type_)


def test_attributes_have_no_sql_without_a_store() -> None:
    query = {"calculations": [{"op": "SUM", "column": "cart.value"}]}
    panel = {
        "id": "sum",
        "kind": "timeseries",
        "title": "Sum",
        "query": "a",
        "width": 12,
        "mark": "line",
        "value": "SUM(cart.value)",
    }
    definition = {"id": "own", "title": "Own", "description": "", "queries": {"a": query}, "panels": [panel]}

    with pytest.raises(RequestError, match=r"The panel sum of the dashboard own has no counterpart.*cart\.value is no known field"):
        compile_definition(definition)


#: A dashboard of all that the language can do and the prebuilt ones do not.
PROBE: dict[str, Any] = {
    "id": "probe", "title": "Probe {vital}", "description": "",
    "parameters": [{"name": "vital", "title": "Vital", "default": "lcp",
                    "values": [{"value": "lcp", "title": "LCP"}, {"value": "cls", "title": "CLS"}]}],
    "filters": [{"column": "kind", "op": "=", "value": "page_view"}],
    "queries": {
        "cells": {"calculations": [{"op": "HEATMAP", "column": "{vital}.value"}, {"op": "COUNT"}]},
        "devices": {
            "calculations": [{"op": "COUNT", "name": "all"}, {"op": "P75", "column": "{vital}.value"},
                             {"op": "COUNT", "name": "poor", "filters": [{"column": "{vital}.rating", "op": "=", "value": "poor"}]},
                             {"op": "CONCURRENCY"}],
            "formulas": [{"name": "share", "expression": "$poor / $all"}],
            "breakdowns": ["device.type", "browser.name"], "limit": 3, "orders": [{"column": "share", "order": "descending"}],
            "havings": [{"column": "all", "op": ">", "value": 5}],
        },
        "parts": {
            "calculations": [{"op": "COUNT"}, {"op": "AVG", "column": "lcp.time_to_first_byte"},
                             {"op": "AVG", "column": "lcp.element_render_delay"}],
            "cohort": {"column": "lcp.value", "from": "P70", "to": "P80"}, "disable_series": True,
        },
    },
    "panels": [
        {"id": "h", "kind": "histogram", "title": "H", "query": "cells", "width": 6,
         "value": "HEATMAP({vital}.value)", "column": "{vital}.value"},
        {"id": "m", "kind": "heatmap", "title": "M", "query": "cells", "width": 6,
         "value": "HEATMAP({vital}.value)", "column": "{vital}.value"},
        {"id": "g", "kind": "timeseries", "title": "G", "query": "devices", "width": 6, "mark": "line", "value": "share"},
        {"id": "t", "kind": "table", "title": "T", "query": "devices", "width": 6, "columns": [
            {"key": "device.type", "title": "Device"}, {"key": "browser.name", "title": "Browser"},
            {"key": "P75({vital}.value)", "title": "p75", "vital": "{vital}"}, {"key": "share", "title": "Poor", "unit": "share"},
            {"key": "CONCURRENCY(page.age)", "title": "Device"}]},
        {"id": "s", "kind": "shares", "title": "S", "query": "cells", "width": 6, "parts": [{"key": "COUNT", "title": "All"}]},
        {"id": "p", "kind": "parts", "title": "P", "query": "parts", "width": 6, "count": "COUNT",
         "parts": [{"key": "AVG(lcp.time_to_first_byte)", "title": "TTFB"},
                   {"key": "AVG(lcp.element_render_delay)", "title": "Render delay"}]},
    ],
}  # fmt: skip


def test_a_definition_with_a_choice_becomes_a_dashboard_for_each() -> None:
    made = compile_definition(PROBE)

    assert list(made) == ["probe-lcp", "probe-cls"]
    assert made["probe-cls"]["title"] == "Probe cls: CLS"


def test_a_vital_has_the_bands_and_the_unit_of_the_dictionary() -> None:
    made = COMPILED["overview"][1]["panels"]
    defaults = {panel["title"]: panel["fieldConfig"]["defaults"] for panel in made if panel["type"] == "stat"}
    steps = defaults["Largest Contentful Paint"]["thresholds"]["steps"]

    assert [step["value"] for step in steps] == [None, *THRESHOLDS["lcp"]]
    assert (defaults["Largest Contentful Paint"]["unit"], defaults["Cumulative Layout Shift"].get("unit")) == ("ms", None)


def test_the_command_writes_the_prebuilt_dashboards_or_those_it_is_given(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({**DEFINITIONS["overview"], "id": "own"}))
    (tmp_path / "no.json").write_text("{}")
    run = CliRunner().invoke(main, ["grafana", str(own), "--output", str(tmp_path / "out")])
    wrong = CliRunner().invoke(main, ["grafana", str(tmp_path / "no.json"), "--output", str(tmp_path)])

    assert run.exit_code == 0 and [path.name for path in (tmp_path / "out").iterdir()] == ["own.json"]
    assert wrong.exit_code == 1 and "no.json is no dashboard definition" in wrong.stderr


@pytest.mark.parametrize("path", sorted((COMMITTED / "provisioning").rglob("*.yaml")), ids=lambda path: str(path.parent.name))
def test_the_provisioning_examples_are_yaml_of_version_1(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    kind = {"datasources": "datasources", "dashboards": "providers"}[path.parent.name]

    assert document["apiVersion"] == 1 and len(document[kind]) == 1
    assert document[kind][0]["type"] in ("grafana-clickhouse-datasource", "file")


def test_the_page_has_the_settings_that_the_collector_reads_with(embedded_store: Store) -> None:
    page = (ROOT / "docs" / "grafana.md").read_text()
    statements = [one for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) for one in block.split(";") if one.strip()]

    assert len(statements) == 4 and all(f"{name} = {setting(value)}" in page for name, value in READ_SETTINGS.items())
    for statement in statements:
        assert embedded_store.query(f"EXPLAIN AST {statement}").rows
