"""`python -m bench.beacon [PART …]`: measure and print."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.beacon import behaviour, delivery, runtime, sizes
from bench.beacon.browser import chromium_version
from bench.beacon.report import Row, format_table, keep
from bench.beacon.subjects import NAMES, RIVALS, find_subjects, rival_version

PARTS = ("sizes", "runtime", "behaviour", "delivery")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--loads", default=7, show_default=True, help="Visits of each script whose costs are measured.")
@click.option("--cpu", default=",".join(map(str, runtime.SLOWDOWNS)), show_default=True, help="How many times slower the CPU is.")
@click.option("--visits", default=100, show_default=True, help="Visits of ours for each way to go.")
@click.option("--only", default=",".join(NAMES), show_default=True, help="Which scripts, separated by commas.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file to measure in place of ours.")
def command(parts: tuple[str, ...], loads: int, cpu: str, visits: int, only: str, script: Path | None) -> None:
    """Measure our beacon beside its rivals; without PARTS everything."""
    subjects = find_subjects(only.split(","), script)
    meta = {"chromium": chromium_version(), "cpu": cpu, "loads": loads, "visits": visits}
    meta |= {rival: rival_version(rival) for rival in RIVALS}
    measures: dict[str, Callable[[], tuple[list[Row], Any]]] = {
        "sizes": lambda: (sizes.measure(subjects), None),
        "runtime": lambda: asyncio.run(runtime.measure(subjects, loads, [int(number) for number in cpu.split(",")])),
        "behaviour": lambda: asyncio.run(behaviour.measure(subjects)),
        "delivery": lambda: asyncio.run(delivery.measure(subjects, visits)),
    }
    rows: list[Row] = []
    for part in parts or PARTS:
        measured, raw = measures[part]()
        keep(part, meta, measured, raw)
        rows += measured
    print(format_table(rows, [subject.name for subject in subjects]))


def main() -> None:
    """Measure everything."""
    command.main(args=[], standalone_mode=False)
