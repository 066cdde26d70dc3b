"""Every dashboard definition: of the published shape, whole, and made of queries that the collector can answer."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from collector.fields import BY_NAME, THRESHOLDS
from collector.query.parse import parse_query

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
SCHEMA = json.loads((DASHBOARDS / "schema.json").read_text())
DEFINITIONS = {path.stem: json.loads(path.read_text()) for path in sorted((DASHBOARDS / "definitions").glob("*.json"))}

Definition = dict[str, Any]


def choices(definition: Definition) -> list[dict[str, str]]:
    """Return every way to choose the values of a definition's parameters."""
    parameters = definition.get("parameters", [])
    values = [[(one["name"], value["value"]) for value in one["values"]] for one in parameters]
    return [dict(chosen) for chosen in itertools.product(*values)]


def apply(part: Any, chosen: dict[str, str]) -> Any:
    """Put the values into the places of their parameters: `{vital}` in any text."""
    if isinstance(part, str):
        return re.sub(r"\{([a-z]+)\}", lambda match: chosen.get(match[1], match[0]), part)
    if isinstance(part, list):
        return [apply(item, chosen) for item in part]
    return {key: apply(value, chosen) for key, value in part.items()} if isinstance(part, dict) else part


def with_segments(definition: Definition) -> Definition:
    """Put the filters of segments in the places where calculations name them."""
    segments = {one["name"]: one["filters"] for one in definition.get("segments", [])}
    for query in definition["queries"].values():
        for calculation in query["calculations"]:
            for part in (calculation, *(one for one in calculation.get("filters", []) if "filters" in one)):
                named = [segments.get(one.get("segment"), [one]) for one in part.get("filters", [])]
                part["filters"] = [one for some in named for one in some]
    said = {name: str(filters) for name, filters in segments.items()}
    return {**definition, "panels": apply(definition["panels"], said)}


APPLIED = {
    "-".join([name, *chosen.values()]): with_segments(apply(definition, chosen))
    for name, definition in DEFINITIONS.items()
    for chosen in choices(definition)
}


@pytest.fixture(params=APPLIED)
def definition(request: pytest.FixtureRequest) -> Definition:
    """One definition after the other, with each of the values of its parameters."""
    found: Definition = APPLIED[request.param]
    return found


def without_cohort(query: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked of the collector when it is known where the cohort lies."""
    return {key: value for key, value in query.items() if key != "cohort"}


def answer_keys(query: dict[str, Any]) -> set[str]:
    """Return the keys that the rows of a query's answer have."""
    spec = parse_query(without_cohort(query) | {"dataset": "demo"})
    made = {formula["name"] for formula in query.get("formulas", [])}
    return {calculation.key for calculation in spec.calculations} | set(spec.breakdowns) | made


def panel_keys(panel: dict[str, Any]) -> set[str]:
    """Return the keys that a panel reads."""
    lists = ("columns", "lines", "parts", "marks", "values")
    parts = [panel, panel.get("sort", {}), panel.get("line", {}), *(part for name in lists for part in panel.get(name, []))]
    pairs = {pair[key] for pair in panel.get("pairs", []) for key in ("a", "b", "a_count", "b_count")}
    return (
        {part[option] for part in parts for option in ("value", "count", "key", "bucket", "total", "part") if option in part}
        | set(panel.get("bands", []))
        | pairs
    )


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_overview_is_there() -> None:
    assert "overview" in DEFINITIONS


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition_has_the_published_shape(name: str) -> None:
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(DEFINITIONS[name])] == []


def test_parameters_are_all_used_and_no_other_is(definition: Definition) -> None:
    names = {one["name"] for one in definition.get("parameters", [])}
    segments = {one["name"] for one in definition.get("segments", [])}
    source = json.dumps(DEFINITIONS[definition["id"]])

    assert re.findall(r"\{([a-z]+)\}", json.dumps(definition)) == []
    assert names == set(re.findall(r"\{([a-z]+)\}", source)) - segments
    assert segments == set(re.findall(r'"segment": "([a-z]+)"', source))


def test_parameters_have_their_default_among_their_values(definition: Definition) -> None:
    for one in definition.get("parameters", []):
        assert one["default"] in {value["value"] for value in one["values"]}


def test_heat_maps_and_histograms_are_of_their_column(definition: Definition) -> None:
    for panel in definition["panels"]:
        if panel["kind"] in ("heatmap", "histogram"):
            assert panel["value"] == f"HEATMAP({panel['column']})"


def test_file_is_named_after_its_id() -> None:
    assert {name: found["id"] for name, found in DEFINITIONS.items()} == {name: name for name in DEFINITIONS}


def test_panels_have_ids_of_their_own(definition: Definition) -> None:
    ids = [panel["id"] for panel in definition["panels"]]

    assert len(ids) == len(set(ids))


def test_panels_use_every_query_and_no_other(definition: Definition) -> None:
    assert {panel["query"] for panel in definition["panels"]} == set(definition["queries"])


def test_panels_read_keys_that_their_query_answers(definition: Definition) -> None:
    for panel in definition["panels"]:
        assert panel_keys(panel) <= answer_keys(definition["queries"][panel["query"]]), panel["id"]


def test_charts_ask_for_series(definition: Definition) -> None:
    charts = [panel for panel in definition["panels"] if panel["kind"] in ("timeseries", "shares", "heatmap")]

    assert not any(definition["queries"][panel["query"]].get("disable_series") for panel in charts)


def test_queries_use_fields_of_the_dictionary(definition: Definition) -> None:
    filters = [{"calculations": [], "filters": definition.get("filters", [])}]
    for query in [*definition["queries"].values(), *filters]:
        names = {name for name, _ in parse_query(without_cohort(query) | {"dataset": "demo"}).names()}
        assert names <= set(BY_NAME) | {made["name"] for made in query.get("calculated_fields", [])}


def test_a_query_is_of_one_kind_and_never_mixes_loads_with_soft_navigations(definition: Definition) -> None:
    if definition.get("dataset") == "wideload":
        return
    soft = ["soft-navigation", "route-change"]
    for name, query in definition["queries"].items():
        every = [*definition.get("filters", []), *query.get("filters", [])]
        filters = {(one["column"], one["op"]): one.get("value") for one in every}

        assert filters["kind", "="] in ("page_view", "error"), name
        if filters["kind", "="] == "page_view":
            assert filters.get(("navigation.type", "in")) == soft or filters.get(("navigation.type", "not-in")) == soft, name


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"panels": []}, id="no-panels"),
        pytest.param({"colour": "red"}, id="unknown-part"),
        pytest.param({"queries": {"a": {"calculations": [{"op": "MEDIAN"}]}}}, id="unknown-calculation"),
        pytest.param({"queries": {"a": {"calculations": [{"op": "COUNT"}], "filter_combination": "OR"}}}, id="or-between-filters"),
        pytest.param({"panels": [{"id": "a", "kind": "pie", "title": "A", "query": "a", "width": 3}]}, id="unknown-kind"),
        pytest.param({"panels": [{"id": "a", "kind": "vital", "title": "A", "query": "a", "width": 3}]}, id="vital-without-value"),
    ],
)
def test_schema_refuses(broken: Definition) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(DEFINITIONS["overview"] | broken)


def test_viewer_has_the_thresholds_of_the_dictionary() -> None:
    source = (DASHBOARDS / "viewer" / "vitals.ts").read_text()
    bands = re.findall(r"  (\w+): \{\n    short.*?good: ([\d.]+),\n    fair: ([\d.]+),", source, re.DOTALL)

    assert {name: (float(good), float(fair)) for name, good, fair in bands} == THRESHOLDS
