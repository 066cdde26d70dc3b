"""`wideload marker`: mark a moment or a span on every chart, list markers, delete one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from collector import cells, table
from collector.client import open_client
from collector.commands import ask
from collector.commands.options import collector_options, settings_of, settings_options
from collector.errors import WideloadError


@click.command()
@click.argument("message", required=False, metavar="[MESSAGE]")
@click.option("--dataset", metavar="NAME", help="The dataset. By default the only one there is.")
@click.option(
    "--type", "type_", metavar="WORD", help="What kind of marker it is; markers of one kind look alike.  [default: deploy]"
)
@click.option("--start", metavar="WHEN", help="A time (2026-11-23T08:00, in UTC), or how long ago: 10m.  [default: now]")
@click.option("--end", metavar="WHEN", help="Where it is a span: its end.")
@click.option("--link", metavar="URL", help="Where there is more about it.")
@click.option("--list", "list_", is_flag=True, help="List the markers; those of --type, from --start to --end, where given.")
@click.option("--delete", "deleted", metavar="ID", help="Delete a marker.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as the API gives it.")
@collector_options
@settings_options("data_dir")
def marker(
    message: str | None, dataset: str | None, type_: str | None, start: str | None, end: str | None, link: str | None, list_: bool,
    deleted: str | None, as_json: bool, url: str | None, token: str | None, **flags: Any,
) -> None:  # fmt: skip
    """Mark a moment, such as a deploy, on the charts of a dataset.

    New releases of your pages (service.version) are marked without it. Needs a token with the scope write-config.

    \b
    Examples:
      wideload marker "deploy 4.2" --link https://ci.example/builds/812
      wideload marker "CDN outage" --type incident --start 2026-11-23T08:00 --end 2026-11-23T09:30
      wideload marker --list --start 7d
      wideload marker --delete 0b5e2f6c4d1a4e0f
    """
    if sum([message is not None, list_, deleted is not None]) != 1:
        raise click.UsageError("Give a message for a marker, or --list, or --delete.")
    now = datetime.now(UTC)
    times = {key: read_moment(text, f"--{key[:-5]}", now) for key, text in (("start_time", start), ("end_time", end)) if text}
    with open_client(settings_of(flags), url, token) as client:
        if deleted:
            client.delete(f"/api/markers/{deleted}")
            click.echo(f"Deleted the marker {deleted}.")
            return
        named = {"dataset": dataset or ask.only_dataset(client.get("/api/me")["datasets"]), **times}
        if list_:
            answer = client.get(
                "/api/markers", {key: str(value) for key, value in named.items()} | ({"type": type_} if type_ else {})
            )
            click.echo(_json(answer) if as_json else render(answer))
            return
        added = client.post(
            "/api/markers", {**named, "message": message, "type": type_ or "deploy", **({"url": link} if link else {})}
        )
    click.echo(_json(added) if as_json else f"Marked {_time(added['start_time'])} in {added['dataset']}: {added['id']}.")


def read_moment(text: str, option: str, now: datetime) -> int:
    """Return a time in ISO 8601, or the span before now, as epoch seconds. Raises WideloadError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        try:
            time = now - timedelta(seconds=ask.seconds(text, option))
        except (WideloadError, OverflowError):
            raise WideloadError(f"{option} {text!r} is no time: write 2026-11-23T08:00, or how long ago, like 10m.") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def render(answer: dict[str, Any]) -> str:
    """Return markers as a table."""
    rows = [
        (_time(one["start_time"]), _time(one["end_time"]), one["type"], one["message"], one["created_by"], one["id"])
        for one in answer["markers"]
    ]
    lines = table.lines(("Start", "End", "Type", "Message", "By", "ID"), rows) if rows else ["There are no markers."]
    return "\n".join([*lines, *(["", "There are more, earlier ones: give --end."] if answer["limited"] else [])])


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _json(answer: dict[str, Any]) -> str:
    return cells.json_text(json.dumps(answer, indent=2, ensure_ascii=False))
