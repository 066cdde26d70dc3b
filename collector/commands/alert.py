"""`wideload alert`: rules, incidents, and what a rule would say now."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from collector import cells, table
from collector.client import open_client
from collector.commands.options import collector_options, json_option, settings_of, settings_options


@click.group()
def alert() -> None:
    """Work with rules and incidents.

    \b
    Examples:
      wideload alert lint alerts/
      wideload alert list
      wideload alert incidents --all
    """


@alert.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
def lint(paths: tuple[Path, ...]) -> None:
    """Look for mistakes in rules (*.alert.yaml), and in those and the channels of folders.

    Prints a line for each mistake, with file and line; the exit code is 1 if there are any.

    \b
    Example:
      wideload alert lint alerts/
    """
    from collector.alerts.channels.load import FILE, load_channels
    from collector.alerts.files import load as files

    rules, problems = files.load(files.find(paths))
    for folder in (path for path in paths if path.is_dir()):
        channels, wrong = load_channels(folder / FILE)
        problems += wrong
        problems += [] if wrong else files.unknown_channels(rules, channels.by_name)
    for problem in problems:
        click.echo(cells.plain_text(str(problem)))
    if problems:
        sys.exit(1)
    click.echo(f"{len(rules)} rule{'' if len(rules) == 1 else 's'}, no mistakes.")


@alert.command("list")
@json_option
@collector_options
@settings_options("data_dir")
def list_(as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """List the rules of a running collector with what is known of them, the worst first.

    \b
    Example:
      wideload alert list
    """
    with open_client(settings_of(flags), url, token) as client:
        answer = client.get("/api/alerts")
    click.echo(_json(answer) if as_json else render_rules(answer))


@alert.command("test")
@click.argument("rule", metavar="RULE")
@click.option("--send", is_flag=True, help="Send a test message over the rule's channels.")
@json_option
@collector_options
@settings_options("data_dir")
def test(rule: str, send: bool, as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """Say what a rule would find now. Changes nothing.

    The exit code is 1 if a test message could not be sent. Needs a token with the scope write-config.

    \b
    Examples:
      wideload alert test shop/front
      wideload alert test shop/front --send
    """
    with open_client(settings_of(flags), url, token) as client:
        answer = client.post("/api/alerts/test", {"rule": rule, "send": send})
    click.echo(_json(answer) if as_json else render_test(answer, send))
    if any(result != "sent" for result in answer["channels"].values()) and send:
        sys.exit(1)


@alert.command("incidents")
@click.option("--all", "all_", is_flag=True, help="Those that are over, too.")
@click.option("--dataset", metavar="NAME", help="Only those of one dataset.")
@json_option
@collector_options
@settings_options("data_dir")
def incidents(all_: bool, dataset: str | None, as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """List incidents, the newest first: by default those that are open.

    \b
    Examples:
      wideload alert incidents
      wideload alert incidents --all --dataset shop
    """
    asked = {"state": "all" if all_ else "open"} | ({"dataset": dataset} if dataset else {})
    with open_client(settings_of(flags), url, token) as client:
        answer = client.get("/api/incidents", asked)
    click.echo(_json(answer) if as_json else render_incidents(answer))


def render_rules(answer: dict[str, Any]) -> str:
    """Return the rules as a table."""
    if not answer["on"]:
        return "There are no rules: name their folder in the setting alerts_dir."
    rows = []
    for rule in answer["alerts"]:
        worst = rule["subjects"][0] if rule["subjects"] else {"subject": "", "reason": "It was not looked at yet."}
        state = "held" if rule["held"] else "maintenance" if rule["maintenance"] else rule["status"].replace("_", " ")
        about = f"{worst['subject']}: {worst['reason']}" if worst["subject"] else worst["reason"]
        rows.append((rule["rule"], rule["severity"], state, len(rule["subjects"]), rule["held"] or about))
    lines = table.lines(("Rule", "Severity", "State", "Subjects", "What is known"), rows) if rows else ["There are no rules."]
    return "\n".join([*lines, *(["", *map(cells.plain_text, answer["problems"])] if answer["problems"] else [])])


def render_test(answer: dict[str, Any], sent: bool) -> str:
    """Return what a rule has found as a table."""
    rows = [(one["subject"] or "all", one["verdict"].replace("_", " "), one["reason"]) for one in answer["findings"]]
    lines = table.lines(("Subject", "Finding", "Why"), rows) if rows else ["It finds nothing to look at."]
    for name, result in answer["channels"].items():
        lines.append(f"{name}: {cells.plain_text(result)}" if sent else f"It would tell {name}.")
    return "\n".join(lines if answer["channels"] else [*lines, "It tells nobody: there are no channels for it."])


def render_incidents(answer: dict[str, Any]) -> str:
    """Return incidents as a table."""
    rows = [
        (_time(one["opened_at"]), _time(one["resolved_at"]) or ("acknowledged" if one["acknowledged_at"] else "open"),
         one["severity"], one["title"], one["subject"] or None, one["reason"], one["id"])
        for one in answer["incidents"]
    ]  # fmt: skip
    headings = ("Opened", "Until", "Severity", "Rule", "Subject", "Reason", "ID")
    lines = table.lines(headings, rows) if rows else ["There are no such incidents."]
    return "\n".join([*lines, *(["", "There are more, earlier ones."] if answer["limited"] else [])])


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _json(answer: dict[str, Any]) -> str:
    return cells.json_text(json.dumps(answer, indent=2, ensure_ascii=False))
