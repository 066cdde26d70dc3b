"""`wideload config show`: every setting with its value, where that came from, and its help. Secrets stay secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from collector.config import CONFIG_HELP, PREFIX, SETTINGS, Setting, Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as people see it; `origin` is default, file, environment or flag, and `place` its name there."""

    name: str
    value: str
    origin: str
    place: str
    help: str


def rows(settings: Settings) -> list[Row]:
    """Return a row a setting, the configuration file first."""
    config = settings.origins.get("config")
    first = Row("config", str(settings.config or "not set"), config.kind if config else "default", config.place if config else "",
                CONFIG_HELP)  # fmt: skip
    return [first, *(_row(settings, setting) for setting in SETTINGS)]


def as_text(settings: Settings) -> str:
    """Return the settings and the datasets for people."""
    lines = []
    for row in rows(settings):
        where = f"{row.origin}: {row.place}" if row.place else row.origin
        lines += [f"{row.name} = {row.value}", f"    from {where}", f"    {row.help}", ""]
    for dataset in settings.datasets.values():
        lines += [
            f"[datasets.{dataset.name}]",
            f"    site keys: {', '.join(dataset.site_keys) or 'none, so nobody can send'}",
            *(f"    site key {key} ends on {day(end)}" for key, end in dataset.retiring_keys),
            f"    allowed origins: {', '.join(dataset.allowed_origins)}",
            f"    events are kept for {dataset.retention_days} days",
            *(f"    {name} = {value}" for name, value in asdict(dataset.limits).items() if value != getattr(settings.limits, name)),
            f"    addresses keep these parameters: {', '.join(dataset.allowed_query) or 'none'}",
            f"    Global Privacy Control: {dataset.gpc}; Do Not Track: {dataset.dnt}",
            "",
        ]
    return "\n".join(lines).rstrip()


def as_json(settings: Settings) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "settings": [asdict(row) for row in rows(settings)],
        "datasets": [asdict(dataset) for dataset in settings.datasets.values()],
    }


def flat(settings: Settings) -> dict[str, str]:
    """Return every setting and every dataset as a text, for the audit log."""
    datasets = {f"datasets.{name}": json.dumps(asdict(dataset)) for name, dataset in settings.datasets.items()}
    return {row.name: row.value for row in rows(settings)} | datasets


def summary(settings: Settings) -> str:
    """Return what `wideload config check` says of good settings."""
    chosen = ", ".join(row.name for row in rows(settings)[1:] if row.origin != "default") or "nothing"
    file = f"read from {settings.config}" if settings.config else "there is no configuration file"
    return f"The settings are good ({file}). Set apart from the defaults: {chosen}. Datasets: {', '.join(settings.datasets)}."


def masked_url(url: str) -> str:
    """Return a URL with its password replaced."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))


def _row(settings: Settings, setting: Setting) -> Row:
    origin = settings.origins[setting.name]
    place = f"{setting.name} in {settings.config}" if origin.kind == "file" else origin.place
    return Row(setting.name, _shown(settings, setting), origin.kind, place, setting.help)


def _shown(settings: Settings, setting: Setting) -> str:
    value = value_of(settings, setting.name)
    if setting.name == "store":
        return masked_url(value)
    if setting.secret:
        return "set" if value else "not set"
    if value is None or value in ("", ()):
        return "not set"
    return setting.shown(value.absolute() if isinstance(value, Path) else value)


def day(seconds: float) -> str:
    """Write a moment as people do: its day, and its time where that is not the day's beginning."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(" ", "minutes").removesuffix("+00:00").removesuffix(" 00:00")


def value_of(settings: Settings, name: str) -> Any:
    """Return the value of a setting by its name."""
    if name == "spool":
        return settings.spool.url
    if name == "listen":
        return _address(settings.host, settings.port)
    found = next((part for part in _parts(settings) if hasattr(part, name)), None)
    return getattr(found, name) if found else getattr(settings.spool, name.removeprefix("spool_"))


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _parts(settings: Settings) -> Iterator[Any]:
    of_rooms = (settings.ingest, settings.limits, settings.connections, settings.loader, settings.query, settings.export)
    yield from (settings, settings.process, settings.server, settings.oidc, settings.sharing, settings.checks, *of_rooms)


def reference() -> list[tuple[str, str, str, str, str]]:
    """Return name, environment variable, flag, default and help of every setting, for the docs."""
    config = ("", PREFIX + "CONFIG", "--config", "", CONFIG_HELP)
    return [config, *((s.name, s.variable, s.flag, s.shown(s.default), s.help) for s in SETTINGS)]
