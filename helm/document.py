"""Writes what the chart repeats: the table of its values, the names that its schema knows, the alert rules. `make docs` runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from collector.config import DATASET_KEYS, SETTINGS

CHART: Final = Path(__file__).parent / "wideload"
_HEADING: Final = "## Values\n"
_KEY: Final = re.compile(r"( *)([A-Za-z]+):(.*)")


def values(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, default and meaning of every value that has a comment above it; a section has no default."""
    whole = yaml.safe_load(text)
    path: list[str] = []
    comment: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().startswith("#"):
            comment.append(line.lstrip("# "))
        elif found := _KEY.match(line):
            depth = len(found[1]) // 2
            path = [*path[:depth], found[2]]
            if comment or any(_is_commented(lines[number:], depth)):
                has_more = any(_is_commented(lines[number:], depth))
                yield ".".join(path), "" if has_more else _default(whole, path), " ".join(comment)
            comment = []
        else:
            comment = []


def _is_commented(lines: list[str], depth: int) -> Iterator[bool]:
    """Yield whether each line below a key of this depth is a comment."""
    for line in lines[1:]:
        if line and not line.startswith("  " * (depth + 1)):
            return
        yield line.lstrip().startswith("#")


def _default(whole: Any, path: list[str]) -> str:
    for name in path:
        whole = whole[name]
    return f"`{json.dumps(whole, ensure_ascii=False)}`" if whole not in ("", [], {}) else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def readme() -> str:
    """Return the README with the table of values as values.yaml has it."""
    head, _, _ = (CHART / "README.md").read_text(encoding="utf-8").partition(_HEADING)
    found = values((CHART / "values.yaml").read_text(encoding="utf-8"))
    rows = [f"| `{path}` | {default} | {_cell(meaning)} |" for path, default, meaning in found if meaning]
    return "\n".join([f"{head}{_HEADING}", "<!-- Written by `make docs`; do not edit. -->", "", "| Value | Default | Meaning |",
                      "| --- | --- | --- |", *rows, ""])  # fmt: skip


def schema() -> str:
    """Return the schema with the names of the settings and of what datasets set."""
    whole = json.loads((CHART / "values.schema.json").read_text())
    whole["properties"]["settings"]["propertyNames"] = {"enum": [one.name for one in SETTINGS if not one.secret]}
    whole["properties"]["datasets"]["additionalProperties"]["propertyNames"] = {"enum": list(DATASET_KEYS)}
    return json.dumps(whole, indent=2) + "\n"


def alerts() -> str:
    """Return the alert rules; a chart can't reach files outside of its folder."""
    return (CHART.parents[1] / "dashboards" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8")


PAGES: Final = {"README.md": readme, "values.schema.json": schema, "files/alerts.yaml": alerts}

if __name__ == "__main__":
    for name, render in PAGES.items():
        (CHART / name).write_text(render(), encoding="utf-8")
        print(f"Wrote {CHART / name}.")
