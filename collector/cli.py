"""The command line: `wideload serve | migrate | keys | …`. Parses arguments and calls one function."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import click

from collector import __version__
from collector.cells import plain_text
from collector.commands.agent import agent
from collector.commands.alert import alert
from collector.commands.audit import audit
from collector.commands.backup import backup, restore
from collector.commands.bubbleup import bubbleup
from collector.commands.check import check
from collector.commands.events import events
from collector.commands.grafana import grafana
from collector.commands.keys import keys
from collector.commands.letters import dead_letters
from collector.commands.marker import marker
from collector.commands.options import collector_options, settings_of, settings_options, url_option
from collector.commands.privacy import erase, export
from collector.commands.query import query
from collector.commands.ready import ready
from collector.commands.status import status
from collector.commands.tokens import tokens
from collector.commands.users import users
from collector.config import ServerSettings
from collector.errors import WideloadError

#: What it takes to open the store, beside its address.
SERVER_SETTINGS = tuple(ServerSettings.__slots__)


class _Commands(click.Group):
    """Turns our errors into sentences and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WideloadError as error:
            for line in str(error).splitlines():
                # It may quote what strangers have sent.
                click.echo(f"wideload: {plain_text(line)}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="wideload")
def main() -> None:
    """Browser performance telemetry, collected as wide events.

    Start with `wideload serve`, fill it with `wideload demo`, and look at http://127.0.0.1:8080. Every setting is a flag, an
    environment variable (WIDELOAD_ and its name in capitals) or a line of the configuration file, in this order of precedence.

    \b
    Examples:
      wideload serve
      wideload demo
      wideload query --calc p75:lcp.value --by page.path --last 24h
    """


@main.command()
@settings_options()
def serve(**flags: Any) -> None:
    """Collect beacons, load them into the store and serve the viewer.

    Prints a sign-in link for the viewer and the script tag for your pages. On SIGTERM or Ctrl-C it finishes what it has accepted;
    what is not in the store yet waits on disk for the next start.

    A change of the configuration file's datasets and limits is taken over within two seconds, or at once on SIGHUP.

    With `--workers` several processes take beacons. SIGHUP then replaces all processes, one after the other, by new ones of what is
    installed now, without a failed request: that is how to upgrade.

    \b
    Examples:
      wideload serve
      wideload serve --listen 127.0.0.1:9000 --data-dir /var/lib/wideload
      wideload serve --workers 2 --private-listen 127.0.0.1:8081
      WIDELOAD_CONFIG=wideload.toml WIDELOAD_ADMIN_TOKEN=… wideload serve --listen 0.0.0.0:8080
    """
    settings = settings_of(flags)
    if settings.process.workers > 1:
        from collector.supervisor import supervise

        supervise(settings, flags, lambda: settings_of(flags))
        return
    from collector.server import serve as run

    run(settings, lambda: settings_of(flags))


@main.command()
@click.option("--to", metavar="URL", help="Copy the embedded store's events to this ClickHouse server.")
@settings_options("data_dir", "store", *SERVER_SETTINGS)
def migrate(to: str | None, **flags: Any) -> None:
    """Bring the store's schema up to date, or move to a server.

    `wideload serve` does this at its start; run it by hand to see a migration through before new collectors start.
    Migrations only go forward.

    With `--to` it copies the events of the embedded store to a server. Restart the collectors with the server as their store first:
    new events go there, and beacons are taken all along. Then run this in the same data folder; if it is stopped, run it again. It
    counts what has arrived, hour by hour, and leaves the embedded store as it is.

    \b
    Examples:
      wideload migrate
      wideload migrate --to clickhouse://wideload@db.example:9000/wideload
      wideload migrate --store clickhouse://wideload@db.example:9000/wideload
    """
    if to:
        from collector.moving import move

        with click.progressbar(length=0, label="Copying hours", file=sys.stderr) as bar:

            def tell(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            # The address that counts is the one to move to.
            moved = move(settings_of({**flags, "store": to}), to, tell)
        erased = f" {moved.erased:,} had been erased since and were left out." if moved.erased else ""
        click.echo(f"{moved.events:,} events of {moved.hours:,} hours are on the server, counted.{erased}")
        return
    from collector.upgrade import upgrade

    applied = upgrade(settings_of(flags))
    for name in applied:
        click.echo(f"Applied {name}.")
    click.echo("The schema is up to date." if applied else "The schema was up to date already.")


for command in (
    query,
    bubbleup,
    events,
    marker,
    check,
    alert,
    status,
    agent,
    keys,
    dead_letters,
    users,
    tokens,
    audit,
    erase,
    export,
    grafana,
    backup,
    restore,
    ready,
):
    main.add_command(command)


# --- Health --------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@collector_options
@settings_options("listen", "private_listen", "data_dir", "store", *SERVER_SETTINGS)
def doctor(as_json: bool, url: str | None, token: str | None, **flags: Any) -> None:
    """Find out what is wrong, and what to do.

    Checks settings, disk, spool, store, schema and clocks, and that an event which is sent comes back. Asks the collector if it
    runs, and looks at its files if it does not. Every check says what it found and, unless all is well, what to do. The exit code
    is 1 if a check failed. It writes one event of kind `doctor`.

    \b
    Examples:
      wideload doctor
      wideload doctor --json
      wideload doctor --url https://rum.example.com --token "$TOKEN"
    """
    from collector.doctor.examine import examine
    from collector.doctor.report import report, report_json

    verdicts = examine(os.environ, flags, url, token)
    sys.exit(report_json(verdicts) if as_json else report(verdicts))


@main.command()
@url_option
@click.option("--key", default="demo", show_default=True, metavar="KEY", help="The site key to send to.")
@click.option(
    "--days",
    default=7.0,
    show_default=True,
    type=click.FloatRange(min=0.05, max=7),
    metavar="N",
    help="How far back the traffic goes.",
)
@click.option(
    "--views", default=20_000, show_default=True, type=click.IntRange(min=1), metavar="N", help="About how many page views."
)
@click.option("--seed", default=1, show_default=True, metavar="N", help="The same seed gives the same page views.")
@settings_options("config")
def demo(url: str | None, key: str, days: float, views: int, seed: int, **flags: Any) -> None:
    """Send a week of believable traffic.

    Fills a running collector with page views of a shop. They travel through the public endpoint, as beacons do, and the last ones
    are of now. Three troubles are planted in them: a bad release, a slow country and a heavy third party; how to find them is
    printed at the end. Running it again adds only what has passed since: the same page views have the same ids.

    \b
    Examples:
      wideload demo
      wideload demo --days 1 --views 2000
      wideload demo --url https://rum.example.com --key Zk3vT0aXr8mQ1sLd
    """
    from collector.client import find_url
    from collector.demo import seed as seeding
    from collector.demo.traffic import traffic

    settings = settings_of(flags)
    address, now, start = find_url(settings, url), int(time.time() * 1000), time.monotonic()
    with click.progressbar(length=views, label="Sending page views", file=sys.stderr) as bar:
        sent = seeding.run(address, key, traffic(now, days, views, seed), bar.update)
    click.echo(seeding.conclusion(sent, time.monotonic() - start))
    dataset = next((one.name for one in settings.datasets.values() if key in one.site_keys), key)
    click.echo(seeding.stories(address, dataset, now, days))


# --- Settings ------------------------------------------------------------------------------------------------------


@main.group()
def config() -> None:
    """Show, check and begin the configuration.

    \b
    Examples:
      wideload config show
      wideload config init wideload.toml --dataset shop --origin https://shop.example
    """


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@settings_options()
def show_config(as_json: bool, **flags: Any) -> None:
    """Show every setting with its value, where that came from, and its meaning. Secrets stay secret.

    \b
    Examples:
      wideload config show
      WIDELOAD_LISTEN=127.0.0.1:9000 wideload config show --json
    """
    from collector import show

    settings = settings_of(flags)
    click.echo(json.dumps(show.as_json(settings), indent=2) if as_json else show.as_text(settings))


@config.command("check")
@settings_options()
def check_config(**flags: Any) -> None:
    """Check the settings as `wideload serve` would.

    Prints a sentence for each problem; the exit code is 1 if there are any.

    \b
    Example:
      wideload config check --config wideload.toml
    """
    from collector import show

    click.echo(show.summary(settings_of(flags)))


@config.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dataset", required=True, metavar="NAME", help="The first dataset.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    required=True,
    metavar="ORIGIN",
    help="An origin whose pages may send, such as https://shop.example, or * for all.",
)
def init_config(file: Path, dataset: str, origins: tuple[str, ...]) -> None:
    """Write a first configuration FILE with a dataset and a site key. Never overwrites a file.

    \b
    Example:
      wideload config init wideload.toml --dataset shop --origin https://shop.example
    """
    from collector import keys as site_keys

    key = site_keys.begin(file, dataset, origins)
    click.echo(f"Wrote {file}, with the site key {key} for the dataset {dataset}.")
    click.echo(f"Start the collector with it: wideload serve --config {file}")
