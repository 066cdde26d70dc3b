"""`wideload grafana`: dashboard definitions → dashboards of Grafana."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("definitions", nargs=-1, metavar="[DEFINITION.json]…", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--output", required=True, metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Where to write them."
)
def grafana(definitions: tuple[Path, ...], output: Path) -> None:
    """Write dashboards for Grafana and its ClickHouse data source.

    Each dashboard of the product becomes a file, or each DEFINITION that is given, such as one of your own dashboards
    (GET /api/dashboards/ID). They ask the ClickHouse server the same SQL as the collector does, so they show the same numbers;
    docs/grafana.md says how to bring them into Grafana.

    \b
    Examples:
      wideload grafana --output /var/lib/grafana/dashboards/wideload
      wideload grafana slow-pages.json --output .
    """
    import orjson

    from collector import web
    from collector.dashboards.definition import DefinitionReader, prebuilt
    from collector.errors import WideloadError
    from collector.grafana.compiler import write

    reader = DefinitionReader(orjson.loads(web.DASHBOARD_SCHEMA.read_bytes()))
    wanted = []
    for path in definitions:
        try:
            wanted.append(reader.read(orjson.loads(path.read_bytes())))
        except (orjson.JSONDecodeError, WideloadError) as error:
            raise WideloadError(f"{path} is no dashboard definition: {error}") from None
    for path in write(wanted or list(prebuilt(web.DEFINITIONS).values()), output):
        click.echo(f"Wrote {path}.")
