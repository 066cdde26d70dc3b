"""Writes the reference pages of `docs/` from what the code says of itself: `python -m collector.docs`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from collector.checks.files.shapes import BROWSER, NETWORKS, Shape, nothing
from collector.checks.files.steps import COMMON as STEP_KEYS
from collector.checks.files.steps import VERBS, Verb
from collector.cli import main as commands
from collector.config import DATASET_KEYS, SETTINGS
from collector.fields import FIELDS, Field
from collector.query.expressions.functions import FUNCTIONS
from collector.show import reference
from collector.telemetry import METRICS

FOLDER: Final = Path(__file__).parents[1] / "docs"
_GENERATED: Final = "<!-- Written by `python -m collector.docs`; do not edit. -->"
#: Help texts are folded at this width.
_WIDTH: Final = 100


def settings_page() -> str:
    """Return the settings reference."""
    rows = ((*(f"`{text}`" if text else "" for text in names), _cell(meaning)) for *names, meaning in reference())
    keys = ((f"`{key}`", _cell(meaning)) for key, meaning in DATASET_KEYS.items())
    token, *others = sorted(setting.variable for setting in SETTINGS if setting.secret)
    secrets = ", ".join(f"`{variable}`" for variable in others)
    return _page(
        "Settings",
        "Each setting is a line of the configuration file, an environment variable or a flag of `wideload serve`. A flag wins "
        "over the environment, the environment over the file, the file over the default. A bad or unknown setting stops the "
        "start with a sentence; `wideload config show` says where each value comes from.",
        f"A secret may stand in a file of its own, as containers get them: `{token}_FILE=/run/secrets/admin-token` instead of "
        f"`{token}`. So may {secrets}; of the file's text, white space at both ends is left out.",
        _table(("In the file", "In the environment", "Flag", "Default", "Meaning"), rows),
        "## Datasets",
        "A dataset is what a site key writes to. It stands in the configuration file as `[datasets.NAME]`; the name has "
        "lower-case letters, digits, `_` and `-`. Without a configuration file there is one dataset `demo` with the site key "
        "`demo` and any origin, on loopback only.",
        _table(("Key", "Meaning"), keys),
        '```toml\n[datasets.shop]\nsite_keys = ["Zk3vT0aXr8mQ1sLd"]\nallowed_origins = ["https://shop.example", '
        '"https://*.shop.example"]\nretention_days = 30\n```',
        "`wideload config init` writes a first file, and `wideload keys` adds and revokes keys in it.",
    )


def fields_page() -> str:
    """Return the field dictionary."""
    parts = []
    for group, fields in itertools.groupby(FIELDS, key=lambda field: field.group):
        parts += [f"## {group}", _table(("Field", "Type", "Unit", "Set by", "Meaning"), map(_field_row, fields))]
    return _page(
        "Fields",
        "A name is the same on the wire, in the table, in a query and on a chart. A field that is absent was not measured. "
        "Whatever else a sender adds to an event becomes an attribute, which can be asked for in the same way.",
        "A field of the type strings, numbers or booleans is a list. Lists whose names have the same part before the first dot are "
        "parallel: the items at one place belong together. A query that names one is about the items; see [the API](api.md).",
        "*Set by* says who fills a field in: the sender, the collector while it accepts the event, or the table, which "
        "computes it from other fields. Fields marked † may say something about a page that a site would rather keep to "
        "itself, fields marked ‡ can single out a person.",
        *parts,
    )


def cli_page() -> str:
    """Return the help of every command."""
    parts = []
    for path, command in _walk(("wideload",), commands):
        context = click.Context(command, info_name=" ".join(path), terminal_width=_WIDTH)
        context.help_option_names = ["-h", "--help"]
        parts += [f"## {' '.join(path)}", f"```text\n{command.get_help(context)}\n```"]
    return _page("Command line", "What `--help` says of every command.", *parts)


def expressions_page() -> str:
    """Return the reference of the expression language."""
    rows = (
        (f"`{name}`", function.counts(), function.result or "as its arguments", _cell(function.meaning))
        for name, function in FUNCTIONS.items()
    )
    return _page(
        "Expressions",
        "`calculated_fields` and `formulas` of a query are written in Honeycomb's expression language. `$page.path` is a field, "
        '`$"my field"` one with any name; in a formula they are calculations, such as `$COUNT` or `$"P75(lcp.value)"`. Texts stand '
        "in double quotes with the escapes of JSON, or in backticks without any. There are numbers, `true`, `false` and `null`.",
        '```text\nIF($lcp.value > 4000, "poor", $lcp.value > 2500, "needs-improvement", "good")\n'
        "REG_VALUE($page.path, `^/([^/]+)`)\nDIV($poor, $COUNT) * 100\n```",
        "The operators `!` `*` `/` `%` `+` `-` `<` `<=` `>` `>=` `=` `!=` `AND` `OR` stand for the functions of the same meaning. "
        'A value is taken as the type that a function needs: `"42"` is 42 where a number is needed. What is computed from a '
        "missing value is missing, and a comparison with it is false. Regular expressions are those of RE2, so none can explode.",
        _table(("Function", "Takes", "Gives", "Meaning"), rows),
    )


def metrics_page() -> str:
    """Return the table of metrics."""
    rows = (
        (f"`{metric.exposed}`", metric.type, metric.unit.strip("{}"), ", ".join(f"`{name}`" for name in metric.labels),
         _cell(metric.help))
        for metric in METRICS
    )  # fmt: skip
    return _page(
        "Metrics",
        "What the collector counts, on `/metrics` for Prometheus. A scraper shows an API token, or the admin token, as a bearer: "
        "the numbers tell of all datasets. With `otlp_endpoint` the same goes to an OpenTelemetry collector, under the same names "
        "without the endings `_total` and the unit. A series appears with the first thing that it counts. "
        "Where several workers serve, a series has the label `worker`, too. [Telemetry](telemetry.md) says what to watch, and has "
        "alert rules and a dashboard.",
        _table(("Name", "Type", "Unit", "Labels", "Meaning"), rows),
    )


def steps_page() -> str:
    """Return the reference of the steps of journeys."""
    rows = ((f"`{name}`", _cell(verb.meaning), _taken(verb), _keys(verb.more)) for name, verb in VERBS.items())
    networks = (f"`{name}` ({down:,} kbit/s down, {up:,} up, {ms} ms)" for name, (down, up, ms) in NETWORKS.items())
    return _page(
        "Steps",
        "What [journeys](checks.md#journeys) do. A step is one of these keys, with what belongs to it beside.",
        _table(("Step", "What it does", "Takes", "Beside it"), rows),
        "## Beside every step",
        _table(("Key", "Meaning"), ((f"`{name}`", _cell(_meaning(shape))) for name, shape in STEP_KEYS.items())),
        "## The browser",
        "`browser` of a journey or a page takes these.",
        _table(("Key", "Meaning"), ((f"`{name}`", _cell(_meaning(shape))) for name, shape in BROWSER["properties"].items())),
        f"Networks are {', '.join(networks)}, or `download` and `upload` in kbit/s with `latency` in milliseconds. The browser "
        "slows each request down, not packets.",
    )


def _taken(verb: Verb) -> str:
    return "a target" if verb.is_about_element else "" if verb.value == nothing() else _cell(_meaning(verb.value))


def _keys(shapes: Mapping[str, Shape]) -> str:
    return " ".join(f"`{name}`: {_cell(_meaning(shape))}" for name, shape in shapes.items())


def _meaning(shape: Shape) -> str:
    words = ", ".join(f"`{one}`" for one in shape.get("enum", ()) if isinstance(one, str))
    default = json.dumps(shape["default"]) if isinstance(shape.get("default"), (bool, int, float)) else shape.get("default", "")
    more = "; ".join(filter(None, (words, f"by default `{default}`" if default not in ("", "false") else "")))
    return " ".join(filter(None, (shape["description"], f"{more[0].upper()}{more[1:]}." if more else "")))


PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings.md": settings_page,
    "fields.md": fields_page,
    "cli.md": cli_page,
    "expressions.md": expressions_page,
    "metrics.md": metrics_page,
    "steps.md": steps_page,
}


def write(folder: Path) -> list[Path]:
    """Write all pages and return their paths."""
    folder.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")
    return [folder / name for name in PAGES]


def _field_row(field: Field) -> tuple[str, ...]:
    mark = {"technical": "", "page": " †", "person": " ‡"}[field.privacy]
    link = f" ([definition]({field.source}))" if field.source else ""
    return f"`{field.name}`{mark}", field.type, field.unit, field.origin, _cell(field.meaning) + link


def _walk(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from _walk((*path, name), below)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", _GENERATED, *parts]) + "\n"


def _table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, ("---",) * len(headings), *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for page in write(FOLDER):
        print(f"Wrote {page}.")
