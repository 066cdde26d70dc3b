"""`wideload keys`: list, create, rotate and revoke site keys, and print their script tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from collector.commands.options import settings_of, settings_options


@click.group()
def keys() -> None:
    """List, create, rotate and revoke site keys, and print their script tags.

    A site key is public: it stands in your pages, and can only write to its dataset. Keys live in the configuration file;
    these commands edit it and leave your comments alone. A running collector takes over what changes, without a restart.

    \b
    Examples:
      wideload keys list
      wideload keys create shop
      wideload keys tag
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

    click.echo(site_keys.listing(settings_of(flags)))


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
    from collector import tags

    settings = settings_of(flags)
    path = site_keys.config_path(settings)
    created = site_keys.create(path, dataset, origins)
    click.echo(site_keys.announce(created, path, tags.plain(settings, created.key)))


@keys.command("tag")
@click.argument("key", required=False)
@click.option("--form", metavar="NAME", help="Print nothing but this tag: plain, neutral, first-party, pinned or loader.")
@settings_options("listen", "public_url", "script_path", "beacon_path")
def tag_key(key: str | None, form: str | None, **flags: Any) -> None:
    """Print the script tags of KEY, or of all keys: plain, with neutral names, pinned, and with a loader.

    docs/embedding.md says when to take which. NONCE in a tag is for the nonce of your page's Content Security Policy.

    \b
    Examples:
      wideload keys tag
      wideload keys tag Zk3vT0aXr8mQ1sLd --public-url https://rum.example.com
      wideload keys tag demo --form loader
    """
    from collector import tags

    click.echo(tags.listing(settings_of(flags), key, form))


@keys.command("rotate")
@click.argument("key")
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(min=0, max=3650),
    metavar="N",
    help="How many days KEY may go on, so that pages in caches do not fall silent.",
)
@settings_options("public_url")
def rotate_key(key: str, days: int, **flags: Any) -> None:
    """Create a new site key beside KEY, which ends some days later; print the new one with its script tag.

    \b
    Examples:
      wideload keys rotate Zk3vT0aXr8mQ1sLd
      wideload keys rotate Zk3vT0aXr8mQ1sLd --days 7
    """
    from collector import keys as site_keys
    from collector import tags

    settings = settings_of(flags)
    path = site_keys.config_path(settings)
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    created = site_keys.rotate(path, key, end)
    click.echo(f"The site key {key} ends on {end:%Y-%m-%d %H:%M} UTC.")
    click.echo(site_keys.announce(created, path, tags.plain(settings, created.key)))


@keys.command("revoke")
@click.argument("key")
@settings_options("config")
def revoke_key(key: str, **flags: Any) -> None:
    """Take KEY out of the configuration file: pages that use it can no longer send, from two seconds later on.

    \b
    Example:
      wideload keys revoke Zk3vT0aXr8mQ1sLd
    """
    from collector import keys as site_keys

    path = site_keys.config_path(settings_of(flags))
    dataset = site_keys.revoke(path, key)
    click.echo(f"The site key {key} of the dataset {dataset} is revoked in {path}.")
    click.echo("A running collector takes that over within two seconds; then beacons with this key get 404.")
