"""`wideload backup` and `wideload restore`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import click
import httpx2

from collector import __version__
from collector.commands.options import collector_options, settings_of, settings_options
from collector.config import Settings
from collector.errors import BackupError, Unreachable

#: The store may take minutes until its copy is made.
TIMEOUT: Final = httpx2.Timeout(3600, connect=3)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@collector_options
@settings_options("listen", "data_dir", "store")
def backup(target: Path, url: str | None, token: str | None, **flags: Any) -> None:
    """Write a backup of everything to the file TARGET, or to a new file in the folder TARGET.

    The embedded store, events that wait, dead letters, users and tokens, dashboards, saved queries, markers and generated secrets:
    keep the file as you keep these. Asks a running collector, which goes on meanwhile and needs as much free disk as its store
    has; without one it is taken from the files. A store on a server is not in it: the statement that backs it up is printed.

    \b
    Examples:
      wideload backup /var/backups/wideload/
      wideload backup wideload.tar --url https://rum.example.com --token "$TOKEN"
    """
    from collector.backup.archive import check
    from collector.client import open_client

    settings = settings_of(flags)
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    file = target / f"wideload-{__version__}-{now}.tar" if target.is_dir() else target
    if file.resolve().is_relative_to(settings.data_dir.resolve()):
        raise BackupError(f"{file} is in the data folder that is backed up: choose a place outside of {settings.data_dir}.")
    if file.exists():
        raise BackupError(f"{file} exists, and is not overwritten: choose another name.")
    unfinished = file.with_name(file.name + ".part")
    try:
        with open_client(settings, url, token, TIMEOUT) as client:
            try:
                _write(unfinished, client.stream("/api/backup", {}))
            except Unreachable:
                if url:
                    raise
                _write(unfinished, _from_files(settings))
        manifest = check(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    events = f"{manifest['events']:,} rows of events and " if manifest["events"] is not None else ""
    click.echo(f"Wrote {file} ({file.stat().st_size:,} bytes): {events}{len(manifest['files']):,} files, read again and whole.")
    if manifest["store"] == "server":
        click.echo(f"The store at {manifest['server']} is not in it. There, after this:")
        click.echo(f"  BACKUP DATABASE {_database(manifest['server'])} TO Disk('backups', 'wideload-{now}.zip')")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Only look whether the file is a whole backup.")
@settings_options("data_dir")
def restore(file: Path, only_check: bool, **flags: Any) -> None:
    """Restore the backup FILE into an empty data folder.

    Checks the whole file first, restores the embedded store, and counts its events. Then start `wideload serve` with that folder:
    what waited when the backup was taken is loaded, and the schema is brought up to date.

    \b
    Examples:
      wideload restore wideload.tar --check
      wideload restore wideload.tar --data-dir /var/lib/wideload
    """
    from collector.backup import archive
    from collector.backup import restore as restoring
    from collector.store import open_store

    settings = settings_of(flags, has_admin=lambda _: True)
    if only_check:
        manifest = archive.check(file)
        click.echo(f"{file} is a whole backup of {manifest['begun']}, by Wideload {manifest['version']}.")
        return
    data_dir = settings.data_dir
    found = restoring.restore(file, data_dir, lambda: cast(restoring.Restores, open_store("embedded", data_dir)))
    click.echo(f"Restored the backup of {found.begun} (Wideload {found.version}) to {data_dir}.")
    if found.events is not None:
        click.echo(f"The store has {found.events:,} rows of events, as the backup says.")
    else:
        statement = f"RESTORE DATABASE {_database(found.server)} FROM Disk('backups', 'wideload-….zip')"
        click.echo(f"The store at {found.server} was not in it. There: {statement}")


def _database(server: str) -> str:
    return urlsplit(server).path.strip("/") or "wideload"


def _write(path: Path, parts: Iterable[bytes]) -> None:
    # It holds tokens and secrets.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def _from_files(settings: Settings) -> Iterator[bytes]:
    """Yield a backup of a collector that does not run, and keep one from starting meanwhile."""
    from collector.backup.take import STORE_FOLDER, Backed, backup
    from collector.pipeline.folder import Folder
    from collector.pipeline.spool import SPOOL_FOLDER
    from collector.show import masked_url
    from collector.store import open_store

    if not (settings.data_dir / SPOOL_FOLDER).is_dir():
        raise BackupError(f"There is nothing to back up in {settings.data_dir}: no collector has run there.")
    lock = Folder(settings.data_dir / SPOOL_FOLDER)
    try:
        if settings.store != "embedded" or not (settings.data_dir / STORE_FOLDER).is_dir():
            yield from backup(settings.data_dir, None, __version__, server=masked_url(settings.store))
            return
        store = open_store(settings.store, settings.data_dir)
        try:
            yield from backup(settings.data_dir, cast(Backed, store), __version__)
        finally:
            store.close()
    finally:
        lock.unlock()
