"""Reads the settings from their three places, and says everything that is wrong with them."""

from __future__ import annotations

import importlib.util
import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from collector import casts
from collector.config.datasets import read_datasets
from collector.config.kafka import DISK, MAX_EVENT_BYTES
from collector.config.model import (
    BROWSER_VARIABLE,
    CHECK_SECRET_PREFIX,
    PREFIX,
    TEST_PREFIX,
    TOKEN_VARIABLE,
    CheckSettings,
    ConnectionLimits,
    Dataset,
    DatasetLimits,
    ExportSettings,
    IngestLimits,
    LoaderSettings,
    OidcSettings,
    Origin,
    ProcessSettings,
    QuerySettings,
    ServerSettings,
    Settings,
    SharingSettings,
    SpoolSettings,
)
from collector.config.rows import SETTINGS
from collector.config.secret_files import read_secret_file
from collector.config.suggest import suggest
from collector.errors import SettingsError

_ALL_SETTINGS: Final = "`wideload serve --help` lists the settings."


def load_settings(
    environ: Mapping[str, str], flags: Mapping[str, Any] | None = None, has_admin: Callable[[Path], bool] = lambda _: False
) -> Settings:
    """Return the settings from all three places.

    Args:
        environ: the process's environment.
        flags: values given on the command line, by setting name (and `config`); None stands for "not given".
        has_admin: whether somebody can sign in as an admin of everything with what is in a data folder.

    Raises:
        SettingsError: with every problem found.
    """
    flags = {name: value for name, value in (flags or {}).items() if value is not None}
    problems: list[str] = []
    config, file = _read_file(environ, flags, problems)
    readable = not problems
    problems += _unknown_names(environ, file)
    values, origins = _resolve(environ, flags, file, problems)
    datasets = read_datasets(file.get("datasets"), config, values, problems) if readable else {}
    if not problems:
        problems += [
            *_exposure(values, config, has_admin),
            *_listeners(values),
            *_server(values),
            *_kafka(values),
            *_overlap(values),
            *_viewer_key(values, datasets),
            *_checks(values, datasets),
            *_sign_on(values, datasets),
            *_export(values),
        ]
    if problems:
        raise SettingsError(problems)
    if config:
        origins["config"] = Origin("flag", "--config") if "config" in flags else Origin("environment", PREFIX + "CONFIG")
    host, port = values["listen"]
    return Settings(
        host=host,
        port=port,
        config=config,
        datasets=datasets,
        origins=origins,
        process=ProcessSettings(**{name: values[name] for name in ProcessSettings.__slots__}),
        server=ServerSettings(**{name: values[name] for name in ServerSettings.__slots__}),
        sharing=SharingSettings(**{name: values[name] for name in SharingSettings.__slots__}),
        oidc=OidcSettings(**{name: values[name] for name in OidcSettings.__slots__}),
        connections=ConnectionLimits(**{name: values[name] for name in ConnectionLimits.__slots__}),
        limits=DatasetLimits(**{name: values[name] for name in DatasetLimits.__slots__}),
        ingest=IngestLimits(**{name: values[name] for name in IngestLimits.__slots__}),
        spool=SpoolSettings(values["spool"], max_bytes=values["spool_max_bytes"], keep_bytes=values["spool_keep_bytes"]),
        query=QuerySettings(**{name: values[name] for name in QuerySettings.__slots__}),
        checks=CheckSettings(**{name: values[name] for name in CheckSettings.__slots__}),
        export=ExportSettings(**{name: values[name] for name in ExportSettings.__slots__}),
        loader=LoaderSettings(batch_events=values["batch_events"], linger_seconds=values["linger_seconds"]),
        **{name: values[name] for name in ("data_dir", "store", "admin_token", "check_secret", "previous_admin_token",
                                           "previous_check_secret", "public_url", "private_url", "script_path",
                                           "beacon_path", "viewer_key", "unready_seconds", "alerts_dir", "status_file",
                                           "status_listen", "country_database", "trusted_proxies",
                                           "log_level", "log_format")},
    )  # fmt: skip


def _read_file(environ: Mapping[str, str], flags: Mapping[str, Any], problems: list[str]) -> tuple[Path | None, dict[str, Any]]:
    named = flags.get("config") or environ.get(PREFIX + "CONFIG")
    if not named:
        return None, {}
    path = Path(named)
    try:
        path = casts.path(named)
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"The configuration file {path} cannot be read: {error.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"The configuration file {path} is not TOML: {error}.")
    except ValueError as error:
        problems.append(f"The configuration file {path} {error}.")
    return path, {}


def _unknown_names(environ: Mapping[str, str], file: Mapping[str, Any]) -> list[str]:
    known = [s.name for s in SETTINGS]
    variables = [PREFIX + name.upper() for name in (*known, "config")] + [s.file_variable for s in SETTINGS if s.secret]
    unknown = [
        f"{name} is not a setting; {suggest(name, variables, PREFIX) or _ALL_SETTINGS}"
        for name in environ
        if name.startswith(PREFIX)
        and not name.startswith((TEST_PREFIX, CHECK_SECRET_PREFIX))
        and name not in (*variables, TOKEN_VARIABLE, BROWSER_VARIABLE)
    ]
    unknown += [
        f"{name!r} in the configuration file is not a setting; {suggest(name, known) or _ALL_SETTINGS}"
        for name in file
        if name not in known and name != "datasets"
    ]
    return unknown


def _resolve(
    environ: Mapping[str, str], flags: Mapping[str, Any], file: Mapping[str, Any], problems: list[str]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for setting in SETTINGS:
        if setting.name in flags:
            raw, origin = flags[setting.name], Origin("flag", setting.flag)
        elif (secret := read_secret_file(setting, environ, problems)) is not None:
            raw, origin = secret, Origin("environment", setting.file_variable)
        elif setting.variable in environ:
            raw, origin = environ[setting.variable], Origin("environment", setting.variable)
        elif setting.name in file:
            raw, origin = file[setting.name], Origin("file", setting.name)
        else:
            raw, origin = setting.default, Origin("default")
        try:
            values[setting.name] = setting.cast(raw)
        except ValueError as error:
            shown = "" if setting.secret else f" (it is {raw!r})"
            problems.append(f"{origin.place or setting.name} {error}{shown}.")
        origins[setting.name] = origin
    return values, origins


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _exposure(values: Mapping[str, Any], config: Path | None, has_admin: Callable[[Path], bool]) -> list[str]:
    public, private = values["listen"][0], values["private_listen"]
    private_host = casts.listen(private)[0] if private else "127.0.0.1" if values["role"] == "ingest" else public
    problems = []
    if not is_loopback(private_host) and not values["admin_token"] and not has_admin(values["data_dir"]):
        problems.append(
            "Listening beyond loopback needs an admin token: set WIDELOAD_ADMIN_TOKEN to a secret of your own. "
            "A user will do as well: `wideload users add NAME --role admin`."
        )
    if not (is_loopback(public) and is_loopback(private_host)) and config is None:
        problems.append("Listening beyond loopback needs a configuration file with your datasets: set WIDELOAD_CONFIG.")
    return problems


def _listeners(values: Mapping[str, Any]) -> list[str]:
    """What the roles need of the addresses."""
    role, private, problems = values["role"], values["private_listen"], []
    if private and casts.listen(private)[1] == values["listen"][1] != 0:
        problems.append(f"private_listen ({private}) needs a port of its own: that of listen is taken by the public surface.")
    if role == "query" and private:
        problems.append("private_listen is of no use with the role query: all that it has is private, and is where `listen` says.")
    if role == "query" and values["workers"] > 1:
        problems.append("workers take beacons, and the role query takes none: leave workers out, or choose the role all.")
    if role == "all" and values["workers"] > 1 and not private:
        problems.append(
            "With several workers the private surface has a process of its own, which needs an address: set private_listen, such "
            "as 127.0.0.1:8081."
        )
    return problems


def _server(values: Mapping[str, Any]) -> list[str]:
    """What belongs to a ClickHouse server, and to nothing else."""
    names = [name for name in ServerSettings.__slots__ if values[name] and name != "insert_quorum"]
    if values["store"] == "embedded":
        return [f"{name} is of no use with the embedded store: set store to the address of a ClickHouse server." for name in names]
    if values["store_read_password_file"] and not values["store_read_user"]:
        return ["store_read_password_file is of no use without store_read_user."]
    return []


def _kafka(values: Mapping[str, Any]) -> list[str]:
    """What a topic needs, and what it has no use for."""
    if values["spool"] == DISK:
        return []
    if importlib.util.find_spec("confluent_kafka") is None:
        return ["spool is in Kafka, and the client for it is not installed: `pip install 'wideload[kafka]'`."]
    if values["max_inflated_bytes"] > MAX_EVENT_BYTES:
        return [f"max_inflated_bytes may be {MAX_EVENT_BYTES:,} at most with a spool in Kafka: an event has to fit into a message."]
    return []


def _overlap(values: Mapping[str, Any]) -> list[str]:
    """What lies below `beacon_path` is a site key there, so a script could not be reached."""
    script, beacon = values["script_path"], values["beacon_path"]
    if not script.startswith(beacon):
        return []
    return [f"script_path ({script}) lies below beacon_path ({beacon}), where site keys stand: give it a path of its own."]


def _viewer_key(values: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> list[str]:
    key, known = values["viewer_key"], [key for dataset in datasets.values() for key in dataset.site_keys]
    if not key or key in known:
        return []
    return [f"viewer_key must be a site key of a dataset, and {key!r} is none: {suggest(key, known) or 'add it to site_keys.'}"]


def _checks(values: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> list[str]:
    """Checks have one dataset, to which something can be sent."""
    named = values["checks_dataset"]
    if values["checks_dir"] is None:
        return []
    if not named and len(datasets) > 1:
        return [f"checks_dir needs checks_dataset, the dataset that the runs go to; there are: {', '.join(datasets)}."]
    found = datasets.get(named or next(iter(datasets), ""))
    if found is None:
        return [f"checks_dataset must be a dataset, and {named!r} is none: {suggest(named, list(datasets)) or 'add it.'}"]
    return [] if found.site_keys else [f"checks_dataset is {found.name}, which has no site key: add one with `wideload keys add`."]


def _export(values: Mapping[str, Any]) -> list[str]:
    given = [name for name in ("otlp_headers", "trace_share") if values[name]]
    return [] if values["otlp_endpoint"] else [f"{name} is of no use without otlp_endpoint, where it is sent." for name in given]


def _sign_on(values: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> list[str]:
    issuer = urlsplit(values["oidc_issuer"])
    given = [name for name in ("oidc_client_id", "oidc_client_secret", "oidc_rules") if values[name]]
    if not issuer.netloc:
        return [f"{name} is of no use without oidc_issuer, the address of the provider." for name in given]
    problems = []
    if not values["oidc_client_id"]:
        problems.append("oidc_issuer needs oidc_client_id: the name under which the provider knows this collector.")
    if issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
        problems.append(f"oidc_issuer must begin with https:// (it is {values['oidc_issuer']!r}).")
    for rule in map(casts.oidc_rule, values["oidc_rules"]):
        problems += [f"oidc_rules has a rule for {name!r}, which is no dataset here; there are: {', '.join(datasets)}."
                     for name in rule.datasets if name not in datasets]  # fmt: skip
    return problems
