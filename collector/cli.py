"""The command line: `wideload serve | migrate | keys | query | doctor | demo | config`. Parses arguments and calls one function."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from collector import __version__
from collector.config import CONFIG_HELP, SETTINGS, Settings, load_settings
from collector.errors import WideloadError

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
    token = "The admin token. By default the settings', or the one that `serve` keeps in the data folder."
    command = click.option("--token", metavar="TOKEN", help=token)(command)
    return url_option(command)


def url_option(command: F) -> F:
    """Add `--url`."""
    text = "The collector's address. By default, where the settings let it listen."
    return click.option("--url", metavar="URL", help=text)(command)


def _settings(flags: dict[str, Any]) -> Settings:
    return load_settings(os.environ, flags)


class _Commands(click.Group):
    """Turns our errors into sentences and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WideloadError as error:
            for line in str(error).splitlines():
                click.echo(f"wideload: {line}", err=True)
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
      wideload query --calc 'P75(lcp.value)' --by page.path --last 24h
    """


@main.command()
@settings_options()
def serve(**flags: Any) -> None:
    """Collect beacons, load them into the store and serve the viewer.

    Prints a sign-in link for the viewer and the script tag for your pages. On SIGTERM or Ctrl-C it finishes what it has accepted;
    what is not in the store yet waits on disk for the next start.

    \b
    Examples:
      wideload serve
      wideload serve --listen 127.0.0.1:9000 --data-dir /var/lib/wideload
      WIDELOAD_CONFIG=wideload.toml WIDELOAD_ADMIN_TOKEN=… wideload serve --listen 0.0.0.0:8080
    """
    from collector.server import serve as run

    run(_settings(flags))


@main.command()
@settings_options("data_dir", "store")
def migrate(**flags: Any) -> None:
    """Bring the store's schema up to date.

    `wideload serve` does this at its start; run it by hand to see a migration through before new collectors start.
    Migrations only go forward.

    \b
    Examples:
      wideload migrate
      wideload migrate --store clickhouse://wideload@db.example:9000/wideload
    """
    from collector.upgrade import upgrade

    applied = upgrade(_settings(flags))
    for name in applied:
        click.echo(f"Applied {name}.")
    click.echo("The schema is up to date." if applied else "The schema was up to date already.")


# --- Questions -----------------------------------------------------------------------------------------------------


@main.command()
@click.argument("spec", required=False, metavar="[SPEC.json|-]")
@click.option("--dataset", metavar="NAME", help="The dataset to ask. By default the only one there is.")
@click.option(
    "--calc",
    "calculations",
    multiple=True,
    metavar="OP(FIELD)",
    help="COUNT, or SUM, AVG, MIN, MAX, COUNT_DISTINCT or a percentile (P001 … P999) of a field.  [default: COUNT]",
)
@click.option("--by", "breakdowns", multiple=True, metavar="FIELD", help="A field to group by.")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="'FIELD OP VALUE'. OP is =, !=, >, >=, <, <=, starts-with, ends-with, contains, in (a, b), exists, or one of "
    "these negated: does-not-contain, not-in, does-not-exist, …",
)
@click.option("--any", "any_condition", is_flag=True, help="One --where that holds is enough; without this, all have to.")
@click.option("--having", "havings", multiple=True, metavar="CONDITION", help="Keep groups by a calculation: 'COUNT > 100'.")
@click.option("--order", "orders", multiple=True, metavar="WHAT [asc|desc]", help="Sort by a calculation or a field of --by.")
@click.option("--last", metavar="SPAN", help="How far to look back: 30m, 24h, 7d.  [default: 2h]")
@click.option("--granularity", metavar="SPAN", help="Answer over time, a row each span: 5m, 1h.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The most groups.  [default: 100]")
@click.option("--json", "form", flag_value="json", help="Print the answer as the API gives it.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@collector_options
@settings_options("data_dir")
def query(spec: str | None, dataset: str | None, form: str | None, url: str | None, token: str | None, **options: Any) -> None:
    """Ask a question, and print the answer as a table.

    Asks a running collector. The question is given by options, or as a whole query specification in a file (- for standard input).
    A value has its field's type; put quotes around the value of an attribute to make it a text: 'plan = "7"'.

    \b
    Examples:
      wideload query --calc 'P75(lcp.value)' --calc COUNT --by page.path --last 24h --limit 10
      wideload query --where 'device.type = mobile' --where 'lcp.value > 2500' --by geo.country.iso_code
      wideload query --calc 'P75(inp.value)' --granularity 1h --last 7d --csv
      wideload query slowest-pages.json --dataset shop --json
    """
    from collector import ask
    from collector.client import open_client

    question = ask.Question(**{name: options.pop(name) for name in ask.Question.__slots__})
    if spec and question:
        raise click.UsageError("Give a specification or a question in options, not both.")
    body = ask.read_spec(spec, sys.stdin) if spec else ask.build_spec(question)
    with open_client(_settings(options), url, token) as client:
        body["dataset"] = dataset or body.get("dataset") or ask.only_dataset(client.get("/api/me")["datasets"])
        answer = client.post("/api/query", body)
    click.echo(ask.render(body, answer, form))


# --- Health --------------------------------------------------------------------------------------------------------


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@collector_options
@settings_options("listen", "data_dir", "store")
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

    settings = _settings(flags)
    address, now, start = find_url(settings, url), int(time.time() * 1000), time.monotonic()
    with click.progressbar(length=views, label="Sending page views", file=sys.stderr) as bar:
        sent = seeding.run(address, key, traffic(now, days, views, seed), bar.update)
    click.echo(seeding.conclusion(sent, time.monotonic() - start))
    dataset = next((one.name for one in settings.datasets.values() if key in one.site_keys), key)
    click.echo(seeding.stories(address, dataset, now, days))


# --- Site keys -----------------------------------------------------------------------------------------------------


@main.group()
def keys() -> None:
    """List, create and revoke site keys.

    A site key is public: it stands in your pages, and can only write to its dataset. Keys live in the configuration file;
    these commands edit it and leave your comments alone.

    \b
    Examples:
      wideload keys list
      wideload keys create shop
    """


@keys.command("list")
@settings_options("config")
def list_keys(**flags: Any) -> None:
    """List the site keys with their datasets and origins.

    \b
    Example:
      wideload keys list --config wideload.toml
    """
    from collector import keys as site_keys

    click.echo(site_keys.listing(_settings(flags)))


@keys.command("create")
@click.argument("dataset")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="An origin whose pages may send, such as https://shop.example; needed for a new dataset.",
)
@settings_options("public_url")
def create_key(dataset: str, origins: tuple[str, ...], **flags: Any) -> None:
    """Create a site key for DATASET, and print it with its script tag.

    A dataset that is missing is added, if you say with --origin which pages may send to it.

    \b
    Examples:
      wideload keys create shop
      wideload keys create blog --origin https://blog.example --origin 'https://*.blog.example'
    """
    from collector import keys as site_keys
    from collector.web import script_tag

    settings = _settings(flags)
    path = site_keys.config_path(settings)
    created = site_keys.create(path, dataset, origins)
    click.echo(site_keys.announce(created, path, script_tag(settings, created.key)))


@keys.command("revoke")
@click.argument("key")
@settings_options("config")
def revoke_key(key: str, **flags: Any) -> None:
    """Take KEY out of the configuration file: pages that use it can no longer send.

    \b
    Example:
      wideload keys revoke Zk3vT0aXr8mQ1sLd
    """
    from collector import keys as site_keys

    path = site_keys.config_path(_settings(flags))
    dataset = site_keys.revoke(path, key)
    click.echo(f"The site key {key} of the dataset {dataset} is revoked in {path}.\n{site_keys.RESTART}")


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

    settings = _settings(flags)
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

    click.echo(show.summary(_settings(flags)))


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
