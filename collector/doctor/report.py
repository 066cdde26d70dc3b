"""Verdicts on a terminal or as JSON; each function returns the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

import click

from collector.doctor.verdict import Status, Verdict

_COLOURS: Final[dict[Status, str]] = {"ok": "green", "warn": "yellow", "fail": "red"}


def report(verdicts: Iterable[Verdict]) -> int:
    """Print each verdict as it is reached, then the sum."""
    found: list[Status] = []
    for verdict in verdicts:
        found.append(verdict.status)
        click.echo(f"{click.style(f'{verdict.status:4}', fg=_COLOURS[verdict.status])}  {verdict.name:12}  {verdict.fact}")
        if verdict.advice:
            click.echo(f"{'':20}→ {verdict.advice}")
    failures, warnings = found.count("fail"), found.count("warn")
    parts = [f"{count} {word}" for count, word in ((failures, "failed"), (warnings, "to look at")) if count]
    click.echo(f"\n{len(found)} checks: {', '.join(parts) or 'all is well'}.")
    return int(failures > 0)


def report_json(verdicts: Iterable[Verdict]) -> int:
    """Print all verdicts as one JSON object."""
    found = list(verdicts)
    statuses = {verdict.status for verdict in found}
    worst = next(status for status in ("fail", "warn", "ok") if status in statuses)
    click.echo(json.dumps({"status": worst, "checks": [asdict(verdict) for verdict in found]}, indent=2, ensure_ascii=False))
    return int(worst == "fail")
