"""`wideload ready`: what a container's health check asks."""

from __future__ import annotations

import os
from typing import Any, Final

import click

from collector import casts
from collector.client import find_url, local_url, read_answer, unreachable
from collector.commands.options import settings_options, url_option
from collector.config import SETTINGS, load_settings
from collector.errors import ClientError, SettingsError

#: A health check that has no answer by then counts as failed.
_SECONDS: Final = 3
_LISTEN: Final = next(setting for setting in SETTINGS if setting.name == "listen")


@click.command()
@url_option
@settings_options("listen")
def ready(url: str | None, **flags: Any) -> None:
    """Say whether a collector keeps what it is sent.

    Asks `/readyz` of the collector that runs with these settings. The exit code is 0 if it takes beacons, also while the store is
    away, and 1 if it refuses them, is about to stop or does not answer.

    \b
    Examples:
      wideload ready
      wideload ready --url https://rum.example.com
    """
    import httpx2

    address = _address(flags, url) + "/readyz"
    try:
        # A proxy of the environment is for other machines.
        response = httpx2.get(address, timeout=_SECONDS, trust_env=bool(url))
    except httpx2.HTTPError as error:
        raise unreachable(address, error) from error
    state = read_answer(response)
    text = f"The collector says {state.get('status')!r}; {state.get('pending_events')} events wait on disk."
    if response.status_code != 200:
        raise ClientError(text, response.status_code)
    click.echo(text)


def _address(flags: dict[str, Any], url: str | None) -> str:
    """Return where the collector listens. It goes on when its file has become bad, so that is no reason to call it ill."""
    try:
        return find_url(load_settings(os.environ, flags, lambda _: True), url)
    except SettingsError:
        if url:
            raise
        return local_url(*casts.listen(flags["listen"] or os.environ.get(_LISTEN.variable, _LISTEN.default)))
