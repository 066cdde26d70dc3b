"""`wideload check run`: run checks here and now, and tell a collector."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from collector import cells
from collector.client import open_client
from collector.commands.options import collector_options, settings_of, settings_options
from collector.commands.telling import Telling
from collector.errors import SettingsError, WideloadError

if TYPE_CHECKING:
    from collector.checks.files.load import Check
    from collector.checks.runs.run import Run

#: Exit codes; of several the first that applies.
MISTAKE, FAILED, UNKNOWN, UNREPORTED = 2, 1, 4, 3


@click.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only checks with this tag; of several, with any of them.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="The value of a variable.")
@click.option(
    "--secrets", "secrets_file", type=click.Path(path_type=Path), metavar="FILE",
    help="A file of secrets, with lines `name = value`; WIDELOAD_CHECK_SECRET_NAME in the environment wins over it.",
)  # fmt: skip
@click.option("--location", default="local", show_default=True, metavar="NAME", help="Where this is, for check.location.")
@click.option("--allow-private", is_flag=True, help="Let checks ask loopback and private addresses.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the result as JUnit XML.")
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep screenshots and such in this folder, too.",
)
@click.option("--no-report", is_flag=True, help="Tell no collector.")
@click.option("--wait", is_flag=True, help="Return when the runs can be asked for in the collector.")
@click.option("--dataset", metavar="NAME", help="Where the runs go. By default the only dataset there is.")
@collector_options
@settings_options("data_dir")
def run(
    paths: tuple[Path, ...], tags: tuple[str, ...], variables: tuple[str, ...], secrets_file: Path | None, location: str,
    allow_private: bool, junit: Path | None, as_json: bool, evidence: Path | None, no_report: bool, wait: bool,
    dataset: str | None, url: str | None, token: str | None, **flags: Any,
) -> None:  # fmt: skip
    """Run check files, and those of folders, and tell a collector how it went.

    Prints a line for each run, and what did not hold. The runs go to the collector as events, and the pages that they open report
    there as part of them. Needs a token with the scope run-checks (--wait: one that may read as well), or none with --no-report.

    The exit code is 0 if all passed (degraded ones, too), 1 if a run failed, 2 if something is wrong with the command or a check
    file, 4 if a run gave no data, so that nothing is known, and 3 if all was well but the collector was not told. Of several it is
    the first in this order: 2, 1, 4, 3.

    \b
    Examples:
      wideload check run checks/
      wideload check run checks/ --tag smoke --var base=https://staging.shop.example --junit checks.xml
      wideload check run checks/front.check.yaml --no-report --allow-private
      wideload check run checks/ --url https://rum.example.com --wait
    """
    from collector.checks.runs import shown

    try:
        checks = list(_chosen(paths, tags))
        given = _variables(variables, checks)
        rows = [(check, number, row) for check in checks for number, row in _rows(check)]
        secrets = _secrets(secrets_file)
        settings = settings_of(flags)
    except (SettingsError, WideloadError) as error:
        _say(str(error))
        sys.exit(MISTAKE)
    with ExitStack() as stack:
        told = Telling(None if no_report else stack.enter_context(open_client(settings, url, token)), dataset)
        runs = list(_runs(told, rows, given, secrets, location, allow_private, evidence, not as_json))
        if wait:
            told.wait(runs)
    if junit:
        junit.write_bytes(shown.junit(runs))
    if as_json:
        click.echo(cells.json_text(json.dumps([shown.as_json(one) for one in runs], indent=2, ensure_ascii=False)))
    else:
        where = f" Reported to the dataset {told.dataset}." if told.dataset and not told.problems else ""
        click.echo(f"\n{shown.summary(runs)}{where}")
    for problem in dict.fromkeys(told.problems):
        _say(f"The collector was not told: {problem}")
    sys.exit(_exit_code(runs, told.problems))


def _runs(
    told: Telling, rows: Sequence[tuple[Check, int, Mapping[str, str]]], given: Mapping[str, str], secrets: Mapping[str, str],
    location: str, allow_private: bool, evidence: Path | None, is_shown: bool,
) -> Iterator[Run]:  # fmt: skip
    """Run checks, one after another, and tell of each."""
    from collector.checks.runs import shown
    from collector.checks.runs.run import Order, Runner

    trigger = "ci" if os.environ.get("CI") else "manual"
    # A folder of one's own has its own accepted pictures.
    is_shared = bool(told.dataset) and evidence is None
    with ExitStack() as stack:
        runner = stack.enter_context(Runner())
        if is_shared:
            evidence = Path(stack.enter_context(TemporaryDirectory(prefix="wideload-evidence-")))
        for check, number, row in rows:
            mark, beacon = told.begin()
            if is_shared and evidence:
                told.copy_accepted(check, evidence)
            order = Order(
                check, mark, location, trigger, 0.0, number, row, given, secrets, allow_private, evidence, told.asked,
                told.budgets(check, given),
            )  # fmt: skip
            made = runner.run(order)
            if is_shown:
                click.echo(cells.plain_text("\n".join(shown.lines(made))))
            told.send(beacon, made, evidence, is_shared)
            yield made


def _chosen(paths: Sequence[Path], tags: Sequence[str]) -> Iterator[Check]:
    from collector.checks.files import load as files

    checks, problems = files.load(files.find(paths))
    if problems:
        raise WideloadError("\n".join(map(str, problems)))
    # Heartbeats come by themselves.
    checks = [check for check in checks if check.kind != "push"]
    if not checks:
        raise WideloadError("There are only checks of the kind push here, which wait for heartbeats: nothing is to be run.")
    found = [check for check in checks if not tags or set(tags) & set(check.tags)]
    if not found:
        known = ", ".join(sorted({tag for check in checks for tag in check.tags})) or "there are none"
        raise WideloadError(f"No check has the tag {' or '.join(tags)}. Known tags: {known}.")
    yield from found


def _variables(texts: Sequence[str], checks: Sequence[Check]) -> dict[str, str]:
    found = {}
    known = {name for check in checks for name in check.variables}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name not in known:
            names = ", ".join(sorted(known)) or "there are none"
            raise WideloadError(f"--var {name}: write NAME=VALUE, with a name that a check has under `variables`: {names}.")
        found[name] = value
    return found


def _rows(check: Check) -> Iterator[tuple[int, Mapping[str, str]]]:
    from collector.checks.files.rows import read_rows

    for number, row in enumerate(read_rows(check), 1):
        yield (number if check.data else 0), row


def _secrets(file: Path | None) -> dict[str, str]:
    from collector.checks.secrets import read_secrets

    return read_secrets(file=file)


def _exit_code(runs: Sequence[Run], untold: Sequence[str]) -> int:
    statuses = {one.verdict.status for one in runs}
    if "fail" in statuses:
        return FAILED
    if "no_data" in statuses:
        return UNKNOWN
    return UNREPORTED if untold else 0


def _say(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"wideload: {cells.plain_text(line)}", err=True)
