"""`python -m bench.beacon [PART …]`: measure and print."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

import click

from bench.beacon import runtime, sizes
from bench.beacon.browser import CHROMIUM
from bench.beacon.report import Row, format_table, keep
from bench.beacon.subjects import NAMES, RIVALS, find_subjects, rival_version

PARTS = ("sizes", "runtime")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--loads", default=7, show_default=True, help="Visits of each script whose costs are measured.")
@click.option("--only", default=",".join(NAMES), show_default=True, help="Which scripts, separated by commas.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file to measure in place of ours.")
def main(parts: tuple[str, ...], loads: int, only: str, script: Path | None) -> None:
    """Measure our beacon beside its rivals."""
    subjects = find_subjects(only.split(","), script)
    names = [subject.name for subject in subjects]
    meta = {"chromium": _chromium_version(), "cpu_slowdown": runtime.CPU_SLOWDOWN, "loads": loads}
    meta |= {rival: rival_version(rival) for rival in RIVALS}
    rows: list[Row] = []
    for part in parts or PARTS:
        measured: list[Row]
        raw: Any = None
        if part == "sizes":
            measured = sizes.measure(subjects)
        else:
            measured, raw = asyncio.run(runtime.measure(subjects, loads))
        keep(part, meta, measured, raw)
        rows += measured
    print(format_table(rows, names))


def _chromium_version() -> str:
    command = [CHROMIUM, "--version"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
