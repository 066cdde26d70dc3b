"""Options that several commands share: a flag for each setting, and what it takes to find a running collector."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from collector.access.bootstrap import has_admin
from collector.access.identity import EVERYTHING
from collector.config import CONFIG_HELP, SETTINGS, TOKEN_VARIABLE, Settings, load_settings
from collector.errors import AccessError

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(*names: str) -> Callable[[F], F]:
    """Add a flag for each of these settings (for all of them, if none is named), and `--config` in any case."""

    def add(command: F) -> F:
        for setting in reversed(SETTINGS):
            if not names or setting.name in names:
                default = f"  [default: {setting.shown(setting.default)}]" if setting.default else ""
                command = click.option(setting.flag, setting.name, metavar="VALUE", help=f"{setting.help}{default}")(command)
        return click.option("--config", "config", metavar="FILE", help=CONFIG_HELP)(command)

    return add


def collector_options(command: F) -> F:
    """Add what a command needs to find a running collector and to be let in."""
    token = (
        "A token, better given as WIDELOAD_TOKEN: others may see a command line. By default the admin token: the settings', or the "
        "one that `serve` keeps in the data folder."
    )
    command = click.option("--token", envvar=TOKEN_VARIABLE, metavar="TOKEN", help=token)(command)
    return url_option(command)


def url_option(command: F) -> F:
    """Add `--url`."""
    text = "The collector's address. By default, where the settings let it listen."
    return click.option("--url", metavar="URL", help=text)(command)


def settings_of(flags: dict[str, Any], has_admin: Callable[[Path], bool] = has_admin) -> Settings:
    """Return the settings, with what the command line says of them; see `load_settings`."""
    return load_settings(os.environ, flags, has_admin)


# --- Users and tokens ----------------------------------------------------------------------------------------------

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def datasets_option(text: str) -> Callable[[F], F]:
    """Add `--dataset`, which may be given several times."""
    return click.option("--dataset", "datasets", multiple=True, metavar="NAME", help=f"{text} All, if none is given.")


def access_settings(flags: dict[str, Any]) -> Settings:
    """Return the settings, whatever the collector is to listen on: the first admin is added before there is one."""
    return settings_of(flags, has_admin=lambda _: True)


def known_datasets(settings: Settings, datasets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the datasets that were named, or `*` for none. Raises AccessError: there is no such dataset."""
    for dataset in datasets:
        if dataset not in settings.datasets and dataset != EVERYTHING:
            where = f"in {settings.config}" if settings.config else "without a configuration file (name it with --config)"
            raise AccessError(f"There is no dataset {dataset!r} {where}; there are: {', '.join(settings.datasets)}.")
    return datasets or (EVERYTHING,)
