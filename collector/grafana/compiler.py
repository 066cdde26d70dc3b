"""From a dashboard definition to dashboards of Grafana, and to their files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from collector.dashboards.requests import fill
from collector.errors import QueryError, RequestError
from collector.grafana.panels import DATASOURCE, KINDS, Json, Panel, description

#: Of the format of dashboards: Grafana 11 reads it, and later ones bring it up to date.
SCHEMA_VERSION: Final = 39
_COLUMNS: Final = 24
_HEIGHTS: Final = {
    "vital": 6, "timeseries": 8, "shares": 8, "heatmap": 9, "histogram": 9, "parts": 8, "table": 10, "map": 10, "delta": 6,
    "overlay": 9, "impact": 9,
}  # fmt: skip
_DATASETS: Final = "SELECT dataset FROM events WHERE ts >= now() - INTERVAL 30 DAY GROUP BY dataset ORDER BY dataset"
_LINKS: Final = {
    "type": "dashboards", "title": "Wideload", "tags": ["wideload"], "asDropdown": True, "includeVars": True, "keepTime": True,
    "targetBlank": False, "icon": "external link", "tooltip": "", "url": "",
}  # fmt: skip


def compile_definition(definition: Mapping[str, Any]) -> dict[str, Json]:
    """Return the dashboards of a definition by their ids: one, or one for each choice of its parameters.

    Panels of a kind that has no counterpart in Grafana are left out, and so is a dashboard without any other.

    Raises:
        RequestError: a query cannot be written as SQL; it names the panel.
    """
    found = {}
    parameters: Sequence[Mapping[str, Any]] = definition.get("parameters", ())
    for choice in itertools.product(*(one["values"] for one in parameters)):
        chosen = {parameter["name"]: value["value"] for parameter, value in zip(parameters, choice, strict=True)}
        filled = fill(definition, chosen)
        # Grafana's ids are letters, digits, - and _.
        id_ = re.sub(r"[^A-Za-z0-9_]+", "-", "-".join([str(definition["id"]), *chosen.values()]))
        title = ": ".join([filled["title"], ", ".join(value["title"] for value in choice)]) if choice else filled["title"]
        panels = list(_panels(filled))
        if panels:
            found[id_] = _dashboard(filled, id_, title, panels)
    return found


def write(definitions: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write the dashboards of all definitions into a folder, and return their paths. Raises RequestError, OSError."""
    compiled = {id_: dashboard for one in definitions for id_, dashboard in compile_definition(one).items()}
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{id_}.json" for id_ in compiled]
    for path, dashboard in zip(paths, compiled.values(), strict=True):
        path.write_bytes(orjson.dumps(dashboard, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return paths


def _dashboard(definition: Mapping[str, Any], id_: str, title: str, panels: Sequence[Json]) -> Json:
    return {
        "uid": f"wideload-{id_}"[:40],
        "title": title,
        "description": definition["description"],
        "tags": ["wideload"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "",
        "links": [_LINKS],
        "annotations": {"list": []},
        "templating": {"list": _variables(definition)},
        "panels": list(panels),
    }


def _variables(definition: Mapping[str, Any]) -> list[Json]:
    datasource = {
        "type": "datasource", "name": "datasource", "label": "Data source", "query": DATASOURCE["type"], "refresh": 1, "hide": 0,
        "multi": False, "includeAll": False, "options": [], "current": {"text": "", "value": ""}, "regex": "",
    }  # fmt: skip
    if definition.get("dataset"):
        return [datasource]
    dataset = {
        "type": "query", "name": "dataset", "label": "Dataset", "datasource": DATASOURCE, "definition": _DATASETS,
        "query": {"refId": "dataset", "editorType": "sql", "queryType": "table", "rawSql": _DATASETS},
        "refresh": 1, "sort": 1, "hide": 0, "multi": False, "includeAll": False, "options": [],
        "current": {"text": "", "value": ""}, "regex": "",
    }  # fmt: skip
    return [datasource, dataset]


def _panels(definition: Mapping[str, Any]) -> Iterator[Json]:
    shown = [options for options in definition["panels"] if options["kind"] in KINDS]
    y = 0
    for row in _rows(shown):
        height = max(_HEIGHTS[options["kind"]] for options in row)
        widths = _stretched([options["width"] for options in row])
        for options, x, width in zip(row, itertools.accumulate(widths, initial=0), widths, strict=False):
            yield _panel(definition, options) | {"gridPos": {"x": x, "y": y, "w": width, "h": height}}
        y += height


def _panel(definition: Mapping[str, Any], options: Mapping[str, Any]) -> Json:
    try:
        made = KINDS[options["kind"]](Panel.of(definition, options))
    except QueryError as error:
        where = f"The panel {options['id']} of the dashboard {definition['id']}"
        raise RequestError(400, "no_sql", f"{where} has no counterpart in Grafana: {error.message}", error.path) from None
    number = next(index for index, one in enumerate(definition["panels"], 1) if one["id"] == options["id"])
    return {"id": number, "title": options["title"], "description": description(options), "datasource": DATASOURCE, **made}


def _rows(panels: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Break panels into rows of at most twelve of the definition's columns."""
    row: list[Mapping[str, Any]] = []
    for options in panels:
        if row and sum(one["width"] for one in row) + options["width"] > 12:
            yield row
            row = []
        row.append(options)
    if row:
        yield row


def _stretched(widths: Sequence[int]) -> list[int]:
    """Return how many of Grafana's columns each panel of a row takes, so that the row is full."""
    whole = sum(widths)
    ends = [round(_COLUMNS * end / whole) for end in itertools.accumulate(widths)]
    return [end - start for start, end in itertools.pairwise([0, *ends])]
