"""The alert rules, the dashboard and docs/telemetry.md: they speak of metrics that there are, and of one another."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml

from collector.config import load_settings
from collector.telemetry import METRICS

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "dashboards" / "prometheus"
PAGE: Final = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
RULES: Final = [rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
BOARD: Final = json.loads((FOLDER / "collector.json").read_text())
TARGETS: Final = [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]]
#: What a scraper adds.
LABELS: Final = {"job", "instance", "le"}


def known() -> dict[str, set[str]]:
    """Return the labels of every name that a query may use."""
    names = {metric.exposed: set(metric.labels) for metric in METRICS}
    parts = {f"{one.exposed}_{end}": set(one.labels) for one in METRICS if one.buckets for end in ("bucket", "sum", "count")}
    return names | parts | {"up": set()}


def selectors(expression: str) -> list[tuple[str, set[str]]]:
    """Parse an expression; return the metrics that it reads, each with the labels that it asks for."""
    found: list[tuple[str, set[str]]] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append((str(node.name), {matcher.name for matcher in node.matchers.matchers}))
        return True

    # Grafana's variables are not PromQL.
    promql_parser.walk(promql_parser.parse(expression.replace("$__rate_interval", "5m")), visit)
    return found


@pytest.mark.parametrize("expression", [rule["expr"] for rule in RULES] + [expression for _, expression in TARGETS])
def test_an_expression_parses_and_reads_what_is_exposed(expression: str) -> None:
    read, names = selectors(expression), known()

    assert read
    for name, labels in read:
        assert name in names and labels <= names[name] | LABELS, name
    grouped = {label.strip() for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression) for label in labels.split(",")}
    assert grouped <= LABELS.union(*(names[name] for name, _ in read))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_bad_it_is_and_is_explained(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert all(rule["annotations"][part].endswith(".") for part in ("summary", "description"))
    assert f"`{rule['alert']}`" in PAGE


def test_the_page_explains_no_alert_that_there_is_not() -> None:
    assert set(re.findall(r"`(Wideload[A-Z]\w+)`", PAGE)) == {rule["alert"] for rule in RULES}


def test_the_dashboards_panels_do_not_overlap_and_have_a_description() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        assert panel["description"].endswith(".")
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_settings_of_the_page_are_accepted() -> None:
    (line,) = re.findall(r"^(WIDELOAD_OTLP_ENDPOINT=.*) wideload serve$", PAGE, re.MULTILINE)
    settings = load_settings(dict(pair.split("=", 1) for pair in line.split()))

    assert (settings.export.otlp_endpoint, settings.export.trace_share) == ("http://127.0.0.1:4318", 0.01)


def test_the_entry_of_the_log_is_one() -> None:
    (entry,) = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)

    assert json.loads(entry)["reason"] in json.loads(entry)["message"]
