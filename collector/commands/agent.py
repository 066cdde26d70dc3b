"""`wideload agent`: run the checks of a collector elsewhere."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from collector import casts
from collector.commands.ask import only_dataset
from collector.config import TOKEN_VARIABLE, is_loopback
from collector.errors import WideloadError

_STOP_SECONDS: Final = 5.0


@click.command()
@click.option("--url", required=True, metavar="URL", help="The collector's address, https://….")
@click.option(
    "--token", envvar=TOKEN_VARIABLE, required=True, metavar="TOKEN",
    help="A token of the scope run-checks, better given as WIDELOAD_TOKEN: others may see a command line.",
)  # fmt: skip
@click.option("--location", required=True, metavar="NAME", help="Where this is: checks that name it under `locations` run here.")
@click.option("--dataset", metavar="NAME", help="Whose checks. By default those of the only dataset that the token is for.")
@click.option(
    "--concurrency", default=2, show_default=True, type=click.IntRange(1, 64), metavar="N", help="How many checks run at once."
)
@click.option(
    "--secrets", "secrets_file", type=click.Path(path_type=Path), metavar="FILE",
    help="A file of secrets, with lines `name = value`; WIDELOAD_CHECK_SECRET_NAME in the environment wins over it.",
)  # fmt: skip
@click.option("--allow-private", is_flag=True, help="Let checks ask loopback and private addresses here.")
@click.option("--allow-http", is_flag=True, help="Send the token without TLS, within a network that you trust.")
def agent(
    url: str, token: str, location: str, dataset: str | None, concurrency: int, secrets_file: Path | None, allow_private: bool,
    allow_http: bool,
) -> None:  # fmt: skip
    """Run the checks of a collector elsewhere, at a location of its own.

    It asks the collector for checks that are due, so it works behind a firewall. It needs the token, and the secrets of the checks
    that run here; it knows neither the store nor other tokens. On SIGTERM or Ctrl-C it stops at once; what runs gave no data.

    \b
    Examples:
      WIDELOAD_TOKEN=… wideload agent --url https://rum.example.com --location berlin
      wideload agent --url https://rum.example.com --location intranet --allow-private --secrets /etc/wideload/secrets.env
    """
    from collector.checks.agent import Agent
    from collector.checks.attempt import Collector
    from collector.checks.schedule.worker import Means, Workers, runner_name
    from collector.checks.secrets import read_secrets
    from collector.client import Client, Credential
    from collector.logs import setup_logging

    address = _address(url, allow_http)
    try:
        casts.location(location)
    except ValueError as error:
        raise WideloadError(f"--location {error}.") from None
    read_secrets(file=secrets_file)
    setup_logging("info")
    credential = Credential(token, f"--token or {TOKEN_VARIABLE}")
    with Client(address, credential) as client:
        me = client.get("/api/me")
    dataset = dataset or only_dataset(me.get("runs_checks") or me["datasets"])
    # Most tokens of agents may not read; then `expect_beacon` is content when the beacon was taken.
    asked = Collector(address, token, dataset) if dataset in me["datasets"] else None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with Agent(lambda: Client(address, credential), dataset, location) as made:
        means = Means(lambda: read_secrets(os.environ, secrets_file), allow_private, made.evidence_dir, asked)
        workers = Workers(made, runner_name(), concurrency, means)
        workers.start()
        click.echo(f"Running the checks of {dataset} at {location}, for {address}.")
        stopping.wait()
        workers.stop(_STOP_SECONDS)


def _address(url: str, allow_http: bool) -> str:
    try:
        address = casts.url(url)
    except ValueError as error:
        raise WideloadError(f"--url {error} (it is {url!r}).") from None
    parts = urlsplit(address)
    if parts.scheme != "https" and not allow_http and not is_loopback(parts.hostname or ""):
        raise WideloadError(f"--url must begin with https://, as the token travels with it (it is {url!r}); see --allow-http.")
    return address
