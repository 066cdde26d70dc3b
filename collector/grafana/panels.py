"""From a panel of a definition to a panel of Grafana: one function a kind, one line in `KINDS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.dashboards.definition import panel_keys
from collector.fields import BY_NAME, THRESHOLDS
from collector.grafana.statements import PanelQuery

Json = dict[str, Any]

DATASOURCE: Final = {"type": "grafana-clickhouse-datasource", "uid": "${datasource}"}
#: The release of the data source whose format of queries this is.
PLUGIN_VERSION: Final = "4.20.0"
_GOOD, _MIDDLING, _POOR = "green", "orange", "red"
_RATINGS: Final = {"good": _GOOD, "needs-improvement": _MIDDLING, "poor": _POOR}
_UNITS: Final = {"ms": "ms", "bytes": "bytes", "share": "percentunit", "count": "locale"}
_POINTS: Final = 120
_LEGEND: Final = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
_NO_LEGEND: Final = {**_LEGEND, "showLegend": False}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a definition with the query that it shows.

    Args:
        options: as the definition has it.
        query: narrowed to what the panel shows.
    """

    options: Mapping[str, Any]
    query: PanelQuery

    @classmethod
    def of(cls, definition: Mapping[str, Any], options: Mapping[str, Any]) -> Panel:
        """Return a panel of a filled definition. Raises QueryError."""
        # The numbers of samples, which the viewer shows beside each value, have no place in Grafana's panels.
        keys = [key for key, where in panel_keys(options) if not where.endswith("count")]
        return cls(options, PanelQuery(definition, options["query"], keys))

    def unit(self, key: str, part: Mapping[str, Any] | None = None) -> Json:
        """Return how a value is written, by what the panel or one of its columns says of it, and by the dictionary."""
        said = self.options if part is None else part
        vital = said.get("vital")
        op, column = self._calculation(key)
        if vital == "cls" or column == "cls.value":
            return {"decimals": 3}
        if vital:
            return {"unit": "ms", "decimals": 0}
        if said.get("unit"):
            return {"unit": _UNITS[said["unit"]]}
        if op in ("COUNT", "COUNT_DISTINCT"):
            return {"unit": _UNITS["count"]}
        unit = BY_NAME[column].unit if column in BY_NAME else ""
        return {"unit": _UNITS[unit]} if unit in _UNITS else {}

    def bands(self, key: str, part: Mapping[str, Any] | None = None) -> Json:
        """Return the thresholds of a vital; ratings are defined for the 75th percentile alone."""
        vital = (self.options if part is None else part).get("vital")
        if vital not in THRESHOLDS or self._calculation(key)[0] != "P75":
            return {}
        good, fair = THRESHOLDS[vital]
        steps = [{"color": _GOOD, "value": None}, {"color": _MIDDLING, "value": good}, {"color": _POOR, "value": fair}]
        return {"thresholds": {"mode": "absolute", "steps": steps}}

    def _calculation(self, key: str) -> tuple[str, str]:
        found = next((one for one in self.query.spec.calculations if one.key == key), None)
        return (found.op, found.column) if found else ("", "")


def _vital(panel: Panel) -> Json:
    key, bands = panel.options["value"], panel.bands(panel.options["value"])
    samples = [(one, label) for one, label in zip(panel.options["bands"], ("Good", "Needs improvement", "Poor"), strict=True)]
    colours = [_override(label, {"unit": "locale", "decimals": 0, "color": _fixed(colour)})
               for (_, label), colour in zip(samples, _RATINGS.values(), strict=True)]  # fmt: skip
    return {
        "type": "stat",
        "targets": [_table(panel.query.table([(key, key.partition("(")[0].lower()), *samples]))],
        "options": {
            "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "value_and_name", "wideLayout": False,
            "orientation": "horizontal", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
        "fieldConfig": _config({**panel.unit(key), **bands, **({"color": {"mode": "thresholds"}} if bands else {})}, {}, colours),
    }  # fmt: skip


def _timeseries(panel: Panel) -> Json:
    options, spec = panel.options, panel.query.spec
    lines = options.get("lines") or [{"key": options["value"], "title": options["title"]}]
    shown = [(line["key"], line["title"]) for line in lines]
    is_grouped = bool(spec.breakdowns)
    bands = panel.bands(shown[0][0])
    custom = {
        "drawStyle": "bars" if options["mark"] == "bars" else "line",
        "lineWidth": 1 if options["mark"] == "bars" else 2,
        "fillOpacity": 70 if options["mark"] == "bars" else 0,
        "showPoints": "auto",
        "spanNulls": False,
        "thresholdsStyle": {"mode": "area" if bands else "off"},
    }
    return {
        "type": "timeseries",
        "targets": [_series(panel.query.series(shown))],
        "options": _chart(legend=is_grouped or len(shown) > 1),
        "fieldConfig": _config(
            {**panel.unit(shown[0][0]), **bands, "min": 0, **({"displayName": "${__field.labels.label}"} if is_grouped else {})},
            custom,
        ),
        "maxDataPoints": _POINTS,
        "interval": "1m",
    }


def _shares(panel: Panel) -> Json:
    parts = panel.options["parts"]
    colours = [_override(part["title"], {"color": _fixed(_RATINGS[part["rating"]])}) for part in parts if part.get("rating")]
    custom = {"drawStyle": "bars", "lineWidth": 0, "fillOpacity": 80, "stacking": {"mode": "percent", "group": "A"}}
    return {
        "type": "timeseries",
        "targets": [_series(panel.query.series([(part["key"], part["title"]) for part in parts]))],
        "options": _chart(legend=True),
        "fieldConfig": _config({"unit": "locale", "min": 0}, custom, colours),
        "maxDataPoints": _POINTS // 2,
        "interval": "1m",
    }


def _heatmap(panel: Panel) -> Json:
    return {
        "type": "heatmap",
        "targets": [_series(panel.query.heat_map(panel.options["value"]))],
        "options": {
            "calculate": False,
            "rowsFrame": {"layout": "ge", "value": "Events"},
            "color": {"mode": "scheme", "scheme": "Blues", "fill": "dark-blue", "scale": "exponential", "exponent": 0.5,
                      "steps": 64, "reverse": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": panel.unit(panel.options["value"]).get("unit", "none")},
            "cellGap": 0, "showValue": "never", "legend": {"show": True}, "filterValues": {"le": 1e-9},
            "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": True},
        },
        "fieldConfig": _config({}, {}),
        "maxDataPoints": _POINTS,
        "interval": "1m",
    }  # fmt: skip


def _histogram(panel: Panel) -> Json:
    key = panel.options["value"]
    unit = {"ms": ", ms", "bytes": ", bytes"}.get(panel.unit(key).get("unit", ""), "")
    label = f"From{unit}"
    return {
        "type": "barchart",
        "targets": [_table(panel.query.histogram(key, (label, "Events")))],
        "options": {**_bars("vertical", label), "xTickLabelSpacing": 100, "barWidth": 1, "groupWidth": 1},
        "fieldConfig": _config({"unit": "locale"}, {"fillOpacity": 80, "lineWidth": 0}),
    }


def _overlay(panel: Panel) -> Json:
    lines = [(line["key"], line["title"]) for line in panel.options["lines"]]
    unit = {"ms": ", ms", "bytes": ", bytes"}.get(panel.unit(lines[0][0]).get("unit", ""), "")
    label = f"From{unit}"
    return {
        "type": "barchart",
        "targets": [_table(panel.query.overlay(lines, label))],
        "options": {**_bars("vertical", label), "xTickLabelSpacing": 100, "barWidth": 1, "groupWidth": 0.9, "legend": _LEGEND},
        "fieldConfig": _config({"unit": "percentunit"}, {"fillOpacity": 60, "lineWidth": 0}),
    }


def _delta(panel: Panel) -> Json:
    pairs = [(pair, side, f"{pair['title']}, {side.upper()}") for pair in panel.options["pairs"] for side in ("a", "b")]
    overrides = [_override(title, {**panel.unit(pair[side], pair), **panel.bands(pair[side], pair)}) for pair, side, title in pairs]
    return {
        "type": "stat",
        "targets": [_table(panel.query.table([(pair[side], title) for pair, side, title in pairs]))],
        "options": {
            "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "value_and_name", "wideLayout": True,
            "orientation": "auto", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
        "fieldConfig": _config({}, {}, overrides),
    }  # fmt: skip


def _impact(panel: Panel) -> Json:
    options = panel.options
    shown = [(options["bucket"], "Range"), (options["total"], "All"), (options["part"], options["title"])]
    return {
        "type": "barchart",
        "targets": [_table(panel.query.table(shown))],
        "options": {**_bars("vertical", "Range"), "xTickLabelSpacing": 100, "legend": _LEGEND},
        "fieldConfig": _config({"unit": "locale"}, {"fillOpacity": 80, "lineWidth": 0}),
    }


def _parts(panel: Panel) -> Json:
    parts = [(part["key"], part["title"]) for part in panel.options["parts"]]
    return {
        "type": "barchart",
        "targets": [_table(panel.query.bars(parts))],
        "options": {**_bars("horizontal", "label"), "stacking": "normal", "legend": _LEGEND},
        "fieldConfig": _config({"unit": "ms", "decimals": 0}, {"fillOpacity": 80, "lineWidth": 0}),
    }


def _table_panel(panel: Panel) -> Json:
    titles = _unique([column["title"] for column in panel.options["columns"]])
    columns = [{**column, "title": title} for column, title in zip(panel.options["columns"], titles, strict=True)]
    shown = [(column["key"], column["title"]) for column in columns]
    return {
        "type": "table",
        "targets": [_table(panel.query.table(shown, panel.options.get("sort")))],
        "options": {"showHeader": True, "cellHeight": "sm", "frameIndex": 0},
        "fieldConfig": _config(
            {}, {"align": "auto", "inspect": False}, [_column(panel, column) for column in columns if _column(panel, column)]
        ),
    }


def _map(panel: Panel) -> Json:
    values = panel.options["values"]
    value, shown = values[0], [(panel.options["key"], "Country"), *((one["key"], one["title"]) for one in values)]
    bands = panel.bands(value["key"], value)
    return {
        "type": "geomap",
        "targets": [_table(panel.query.table(shown))],
        "options": {
            "view": {"id": "zero", "lat": 20, "lon": 0, "zoom": 1, "allLayers": True},
            "controls": {"showZoom": True, "mouseWheelZoom": False, "showAttribution": True, "showScale": False,
                         "showMeasure": False, "showDebug": False},
            "basemap": {"type": "default", "name": "Basemap"},
            "layers": [{
                "type": "markers", "name": value["title"], "tooltip": True,
                "location": {"mode": "lookup", "lookup": "Country", "gazetteer": "public/gazetteer/countries.json"},
                "config": {"showLegend": False, "style": {
                    "color": {"field": value["title"], "fixed": "dark-blue"}, "opacity": 0.7,
                    "size": {"field": values[-1]["title"], "fixed": 8, "min": 4, "max": 22},
                    "symbol": {"mode": "fixed", "fixed": "img/icons/marker/circle.svg"},
                }},
            }],
            "tooltip": {"mode": "details"},
        },
        "fieldConfig": _config(
            {**bands, **({"color": {"mode": "thresholds"}} if bands else {})}, {},
            [_override(one["title"], {**panel.unit(one["key"], one), **panel.bands(one["key"], one)}) for one in values],
        ),
    }  # fmt: skip


def _unique(titles: Sequence[str]) -> list[str]:
    """Return the titles; of those that are the same, the second gets a number, as SQL has no two columns of one name."""
    return [
        title if titles.index(title) == place else f"{title} {titles[:place].count(title) + 1}"
        for place, title in enumerate(titles)
    ]


def _column(panel: Panel, column: Mapping[str, Any]) -> Json:
    key = column["key"]
    if key in panel.query.spec.breakdowns:
        return {}
    properties = {**panel.unit(key, column), **panel.bands(key, column)}
    if "thresholds" in properties:
        properties |= {"color": {"mode": "thresholds"}, "custom.cellOptions": {"type": "color-text"}}
    elif column.get("bar"):
        properties |= {"custom.cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}}
    return _override(column["title"], properties) if properties else {}


#: By the kind of a definition's panel. What is not here has no counterpart in Grafana.
KINDS: Final[dict[str, Callable[[Panel], Json]]] = {
    "vital": _vital,
    "timeseries": _timeseries,
    "shares": _shares,
    "heatmap": _heatmap,
    "histogram": _histogram,
    "parts": _parts,
    "table": _table_panel,
    "map": _map,
    "delta": _delta,
    "overlay": _overlay,
    "impact": _impact,
}


def _table(sql: str) -> Json:
    return _target(sql, "table", 1)


def _series(sql: str) -> Json:
    return _target(sql, "timeseries", 0)


def _target(sql: str, kind: str, form: int) -> Json:
    return {
        "refId": "A", "datasource": DATASOURCE, "editorType": "sql", "queryType": kind, "format": form,
        "pluginVersion": PLUGIN_VERSION, "rawSql": sql,
    }  # fmt: skip


def _config(defaults: Json, custom: Json, overrides: Sequence[Json] = ()) -> Json:
    return {"defaults": {**defaults, "custom": custom} if custom else defaults, "overrides": list(overrides)}


def _override(title: str, properties: Mapping[str, Any]) -> Json:
    listed = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": title}, "properties": listed}


def _fixed(colour: str) -> Json:
    return {"mode": "fixed", "fixedColor": colour}


def _chart(*, legend: bool) -> Json:
    return {"legend": _LEGEND if legend else _NO_LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}


def _bars(orientation: str, label: str) -> Json:
    return {
        "orientation": orientation, "xField": label, "showValue": "never", "stacking": "none", "barWidth": 0.9, "groupWidth": 0.9,
        "xTickLabelRotation": 0, "xTickLabelMaxLength": 40, "fullHighlight": False, "legend": _NO_LEGEND,
        "tooltip": {"mode": "multi", "sort": "none"},
    }  # fmt: skip


def description(options: Mapping[str, Any]) -> str:
    """Return what Grafana shows behind the ⓘ of a panel: its note, or what its vital is."""
    vital = BY_NAME.get(f"{options.get('vital')}.value")
    return re.sub(r"\s+", " ", str(options.get("note") or (vital.meaning if vital else ""))).strip()
