"""Settings: a TOML file, then the environment (`WIDELOAD_…`), then flags; each later one wins.

`SETTINGS` holds one row a setting with its help text; the loader, `wideload config show` and the docs read the rows. A bad or
unknown setting stops the start with one sentence per problem (SettingsError). Rooms get their own frozen section.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from collector import casts
from collector.errors import SettingsError

PREFIX: Final = "WIDELOAD_"
#: Variables of this prefix belong to the test suite.
TEST_PREFIX: Final = "WIDELOAD_TEST_"
#: Not a setting of the collector: what commands show to it.
TOKEN_VARIABLE: Final = PREFIX + "TOKEN"
DATASET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: The parameters of campaigns, which the beacon reads too; other parameters of addresses are dropped.
CAMPAIGN_QUERY: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
#: What a visitor's signal (Global Privacy Control, Do Not Track) may mean for an event.
WISHES: Final = ("no_session", "drop", "ignore")
SITE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class DatasetLimits:
    """How much may come in for one dataset; a setting for all, which `[datasets.NAME]` may set for itself."""

    #: One site key.
    key_beacons_per_second: float = 500
    #: One client, which is an IPv4 /24 or an IPv6 /56: a whole office may be behind one address.
    client_beacons_per_second: float = 100
    events_per_second: float = 5_000
    max_attribute_names: int = 2_000
    #: Of the spool's room, while the store is away; where there are other datasets.
    spool_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Dataset:
    """Where a site key writes to.

    Args:
        name: lower-case letters, digits, `_` and `-`.
        site_keys: the public, write-only keys.
        allowed_origins: `https://shop.example`, `https://*.shop.example` or `*`.
        retention_days: how long events are kept.
        limits: how much may come in.
        retiring_keys: keys that still write, each until an end in epoch seconds.
        attributes: the names that are taken beside the dictionary's; `*` stands for any characters.
        allowed_query: the parameters that addresses keep, such as `page` or `utm_*`.
        gpc, dnt: what Global Privacy Control and Do Not Track do to an event; one of `WISHES`.
    """

    name: str
    site_keys: tuple[str, ...]
    allowed_origins: tuple[str, ...] = ("*",)
    retention_days: int = 30
    limits: DatasetLimits = DatasetLimits()
    attributes: tuple[str, ...] = ("*",)
    retiring_keys: tuple[tuple[str, float], ...] = ()
    allowed_query: tuple[str, ...] = CAMPAIGN_QUERY
    gpc: str = "no_session"
    dnt: str = "no_session"


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """What one beacon may carry; sizes in bytes."""

    max_body_bytes: int = 256 << 10
    #: What a body of this size can cost at most, decided this: see `bench/hostile.py`.
    max_inflated_bytes: int = 768 << 10
    max_events: int = 500
    max_attributes: int = 256
    body_timeout_seconds: float = 10


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """A provider to sign in with; there is none where `oidc_issuer` is empty. See `casts.oidc_rule` for the rules."""

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scopes: str = "openid email profile"
    oidc_rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how slow."""

    max_connections: int = 4_096
    max_client_connections: int = 512
    head_timeout_seconds: float = 10


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """How events wait on disk."""

    max_bytes: int = 10 << 30
    #: How much of what is stored is kept, and how long, to load it again should a power cut break the store's files.
    keep_bytes: int = 256 << 20
    keep_seconds: float = 900


@dataclass(frozen=True, slots=True)
class LoaderSettings:
    """How events move from the spool to the store."""

    batch_events: int = 10_000
    batch_bytes: int = 32 << 20
    #: How long the oldest event waits for company.
    linger_seconds: float = 1.0
    min_backoff_seconds: float = 0.2
    max_backoff_seconds: float = 10
    #: More dead letters than this share of a batch mean that the schema is wrong, not the data.
    max_dead_share: float = 0.01


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, for `wideload config show`: `default`, `file`, `environment` or `flag`, and its name there."""

    kind: str
    place: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that `build_app` needs; see `SETTINGS` for the meanings."""

    host: str
    port: int
    data_dir: Path
    store: str = field(repr=False)
    admin_token: str = field(repr=False)
    config: Path | None
    public_url: str
    script_path: str
    beacon_path: str
    unready_seconds: float
    country_database: Path | None
    trusted_proxies: tuple[str, ...]
    log_level: str
    datasets: Mapping[str, Dataset]
    oidc: OidcSettings
    limits: DatasetLimits
    ingest: IngestLimits
    connections: ConnectionLimits
    spool: SpoolSettings
    loader: LoaderSettings
    origins: Mapping[str, Origin]

    @property
    def is_demo(self) -> bool:
        """No configuration file: one dataset `demo` on loopback, and the demo pages."""
        return self.config is None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name in the file (in capitals after `WIDELOAD_` in the environment), default, help and check."""

    name: str
    default: Any
    help: str
    cast: Callable[[Any], Any]
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable's name."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """The command line's flag."""
        return "--" + self.name.replace("_", "-")

    def shown(self, value: Any) -> str:
        """Return a value of this setting as people write it."""
        if self.cast in (casts.size, casts.room):
            return casts.size_text(value)
        return ", ".join(value) if isinstance(value, tuple) else str(value)


_INGEST, _SPOOL, _LOADER, _OIDC = IngestLimits(), SpoolSettings(), LoaderSettings(), OidcSettings()
_DATASET, _CONNECTIONS = DatasetLimits(), ConnectionLimits()

SETTINGS: Final = (
    Setting("listen", "127.0.0.1:8080", "Where to listen. Beyond loopback it needs a configuration file, and an admin token "
            "or a user who is admin.",
            casts.listen),
    Setting("data_dir", "./data", "The folder for the spool, the embedded store and generated secrets.", casts.path),
    Setting("store", "embedded", "`embedded` (chDB, in `data_dir`) or `clickhouse://user:password@host:9000/database`; "
            "`clickhouses://` uses TLS.", casts.store, secret=True),
    Setting("admin_token", "", "The bearer token of the private surface, at least 16 characters. Without it one is made and "
            "kept in `data_dir`.", casts.token, secret=True),
    Setting("oidc_issuer", "", "The address of an OpenID Connect provider, such as https://login.example.com: people may sign in "
            "there, too.", casts.url),
    Setting("oidc_client_id", "", "The name under which the provider knows this collector.", casts.text),
    Setting("oidc_client_secret", "", "The secret that goes with it, if the provider gave one.", casts.text, secret=True),
    Setting("oidc_scopes", _OIDC.oidc_scopes, "What the provider is asked for; some want `groups` as well.",
            casts.scopes),
    Setting("oidc_rules", "", "Who may do what: a list of `CLAIM = VALUE: ROLE on DATASET, DATASET`; all datasets without `on …`. "
            "In the environment, with `;` between. Without a rule that holds, nobody gets in.", casts.oidc_rules),
    Setting("public_url", "", "The address under which pages reach the collector, for the script tag. By default, where it "
            "listens.", casts.url),
    Setting("script_path", "/w.js", "A second path of the script, that filter lists do not know; `/w.js` is also "
            "`/w.HASH.js`, which never changes.", casts.script_path),
    Setting("beacon_path", "/w/", "A second path to send to, that filter lists do not know: `/w/SITE_KEY` is "
            "`/v1/beacon/SITE_KEY`.", casts.beacon_path),
    Setting("country_database", "", "A country database (`.mmdb`) that turns addresses into countries.", casts.existing_file),
    Setting("trusted_proxies", "127.0.0.1, ::1", "Addresses or networks of proxies whose `X-Forwarded-For` is believed.",
            casts.addresses),
    Setting("unready_seconds", 1, "How long, after SIGTERM, the collector serves on while `/readyz` says 503 already, so that a "
            "balancer sends to others.", casts.seconds),
    Setting("log_level", "info", "debug, info, warning or error.", casts.level),
    Setting("max_body_bytes", _INGEST.max_body_bytes, "The largest body of a beacon.", casts.size),
    Setting("max_inflated_bytes", _INGEST.max_inflated_bytes, "The largest body of a beacon after decompression.", casts.size),
    Setting("max_events", _INGEST.max_events, "The most events in one beacon.", casts.count),
    Setting("max_attributes", _INGEST.max_attributes, "The most fields of one event that are not in the dictionary.",
            casts.count),
    Setting("body_timeout_seconds", _INGEST.body_timeout_seconds, "How long a sender may take over a beacon's body.",
            casts.seconds),
    Setting("head_timeout_seconds", _CONNECTIONS.head_timeout_seconds, "How long a sender may take over a request's headers.",
            casts.seconds),
    Setting("max_connections", _CONNECTIONS.max_connections, "The most connections at once; further ones get 503.", casts.count),
    Setting("max_client_connections", _CONNECTIONS.max_client_connections, "The most connections at once of one client: an IPv4 "
            "/24 or an IPv6 /56. Trusted proxies have no such limit.", casts.count),
    Setting("key_beacons_per_second", _DATASET.key_beacons_per_second, "How many beacons a second one site key may send, for ten "
            "seconds ten times as many; beyond it they get 429.", casts.rate),
    Setting("client_beacons_per_second", _DATASET.client_beacons_per_second, "The same for one client: an IPv4 /24 or an IPv6 /56, "
            "in which a whole office may be.", casts.rate),
    Setting("events_per_second", _DATASET.events_per_second, "The same for the events of one dataset.", casts.rate),
    Setting("max_attribute_names", _DATASET.max_attribute_names, "How many different names the attributes of one dataset may have; "
            "attributes with further names are left out of their events.", casts.count),
    Setting("spool_max_bytes", _SPOOL.max_bytes, "The most disk that waiting events may take; beyond it beacons get 503.",
            casts.size),
    Setting("spool_keep_bytes", _SPOOL.keep_bytes, "How much of what is stored stays on disk for some minutes, to be loaded again "
            "should a power cut break the store's files.", casts.room),
    Setting("spool_share", _DATASET.spool_share, "How much of that one dataset may take, where there are others; beyond it "
            "its beacons get 503.", casts.share),
    Setting("batch_events", _LOADER.batch_events, "The most events in one insert.", casts.count),
    Setting("linger_seconds", _LOADER.linger_seconds, "How long an event may wait for others before it is inserted.",
            casts.seconds),
)  # fmt: skip
CONFIG_HELP: Final = "The configuration file (TOML): any setting by its name, and `[datasets.NAME]`."
DATASET_KEYS: Final = {
    "site_keys": "The public keys that may write to it, a list.",
    "retiring_keys": "Keys that may write until a date, such as `{Zk3vT0aXr8mQ1sLd = 2027-01-31}`; see `wideload keys rotate`.",
    "allowed_origins": "The origins whose pages may send, such as `https://shop.example`, `https://*.shop.example` or `*`.",
    "retention_days": "How many days events are kept; 30 by default.",
    "attributes": "The names of attributes that are taken, such as `plan` or `cart.*`; all by default. Others are left out.",
    "key_beacons_per_second": "Instead of the setting for all datasets.",
    "client_beacons_per_second": "Instead of the setting for all datasets.",
    "events_per_second": "Instead of the setting for all datasets.",
    "max_attribute_names": "Instead of the setting for all datasets.",
    "spool_share": "Instead of the setting for all datasets.",
    "allowed_query": "The parameters that addresses keep, a list of names in which * stands for any letters; by default those of "
    "campaigns (utm_source and its like). The beacon sends addresses without any.",
    "gpc": "What a visitor's Global Privacy Control does to an event: no_session (by default: it has no session id), drop (it is "
    "not kept) or ignore.",
    "dnt": "The same for Do Not Track.",
}
#: What a dataset may set for itself.
_OWN: Final = {setting.name: setting for setting in SETTINGS if setting.name in DatasetLimits.__slots__}
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
    datasets = _datasets(file.get("datasets"), config, values, problems) if readable else {}
    if not problems:
        problems += [*_exposure(values, config, has_admin), *_overlap(values), *_sign_on(values, datasets)]
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
        oidc=OidcSettings(**{name: values[name] for name in OidcSettings.__slots__}),
        connections=ConnectionLimits(**{name: values[name] for name in ConnectionLimits.__slots__}),
        limits=DatasetLimits(**{name: values[name] for name in DatasetLimits.__slots__}),
        ingest=IngestLimits(**{name: values[name] for name in IngestLimits.__slots__}),
        spool=SpoolSettings(max_bytes=values["spool_max_bytes"], keep_bytes=values["spool_keep_bytes"]),
        loader=LoaderSettings(batch_events=values["batch_events"], linger_seconds=values["linger_seconds"]),
        **{name: values[name] for name in ("data_dir", "store", "admin_token", "public_url", "script_path", "beacon_path",
                                           "unready_seconds", "country_database", "trusted_proxies", "log_level")},
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
    variables = [PREFIX + name.upper() for name in (*known, "config")]
    unknown = [
        f"{name} is not a setting; {_suggest(name, variables, PREFIX) or _ALL_SETTINGS}"
        for name in environ
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in (*variables, TOKEN_VARIABLE)
    ]
    unknown += [
        f"{name!r} in the configuration file is not a setting; {_suggest(name, known) or _ALL_SETTINGS}"
        for name in file
        if name not in known and name != "datasets"
    ]
    return unknown


def _suggest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return a question with the most similar name, or nothing; what all names begin with says nothing."""
    near = difflib.get_close_matches(name.removeprefix(prefix), [other.removeprefix(prefix) for other in known], n=1)
    return f"did you mean {prefix}{near[0]}?" if near else ""


def _resolve(
    environ: Mapping[str, str], flags: Mapping[str, Any], file: Mapping[str, Any], problems: list[str]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for setting in SETTINGS:
        if setting.name in flags:
            raw, origin = flags[setting.name], Origin("flag", setting.flag)
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


def _datasets(raw: Any, config: Path | None, values: Mapping[str, Any], problems: list[str]) -> dict[str, Dataset]:
    if not _OWN.keys() <= values.keys():
        return {}
    if config is None:
        return {"demo": Dataset("demo", ("demo",), limits=DatasetLimits(**{name: values[name] for name in _OWN}))}
    if not isinstance(raw, dict) or not raw:
        problems.append('The configuration file has no dataset: add [datasets.NAME] with site_keys = ["…"].')
        return {}
    datasets: dict[str, Dataset] = {}
    owners: dict[str, str] = {}
    for name, table in raw.items():
        found = dataset_problems(name, table)
        problems += found
        if found:
            continue
        datasets[name] = Dataset(
            name,
            tuple(table.get("site_keys", ())),
            tuple(table.get("allowed_origins", ("*",))),
            table.get("retention_days", 30),
            DatasetLimits(**{key: setting.cast(table.get(key, values[key])) for key, setting in _OWN.items()}),
            tuple(table.get("attributes", ("*",))),
            tuple((key, _end(value)) for key, value in table.get("retiring_keys", {}).items()),
            tuple(table.get("allowed_query", CAMPAIGN_QUERY)),
            table.get("gpc", "no_session"),
            table.get("dnt", "no_session"),
        )
        for key in (*datasets[name].site_keys, *(key for key, _ in datasets[name].retiring_keys)):
            if owners.setdefault(key, name) != name:
                problems.append(f"The site key {key!r} stands in datasets {owners[key]} and {name}: a key writes to one dataset.")
    return datasets


def dataset_problems(name: str, table: Any) -> list[str]:
    """Return a sentence for everything that is wrong with one `[datasets.NAME]`."""
    where = f"[datasets.{name}]"
    if name == "wideload":
        return [f"{where}: this name is the collector's own; choose another one."]
    if not DATASET_NAME.fullmatch(name):
        return [f"{where}: a dataset's name has lower-case letters, digits, _ and - only."]
    if not isinstance(table, dict):
        return [f"{where} must be a table."]
    all_keys = f"it may have {', '.join(DATASET_KEYS)}."
    problems = [f"{where}: {key!r} is not a setting of a dataset; {_suggest(key, DATASET_KEYS) or all_keys}"
                for key in table if key not in DATASET_KEYS]  # fmt: skip
    for key in ("site_keys", "allowed_origins", "attributes", "allowed_query"):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            problems.append(f"{where}: {key} must be a list of texts.")
    if not problems:
        problems += [f"{where}: the site key {k!r} may have letters, digits, _ and - only, up to 64."
                     for k in table.get("site_keys", []) if not SITE_KEY.fullmatch(k)]  # fmt: skip
        problems += [f"{where}: {o!r} is not an origin such as https://shop.example; leave paths and slashes off."
                     for o in table.get("allowed_origins", []) if not _is_origin(o)]  # fmt: skip
    days = table.get("retention_days", 30)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3650:
        problems.append(f"{where}: retention_days must be a whole number of days from 1 to 3650.")
    problems += [f"{where}: {key} must be one of {', '.join(WISHES)} (it is {table[key]!r})."
                 for key in ("gpc", "dnt") if table.get(key, "drop") not in WISHES]  # fmt: skip
    faults = [*_own_problems(table), *_retiring_problems(table)]
    return problems + [f"{where}: {fault}" for fault in faults]


def _retiring_problems(table: Mapping[str, Any]) -> Iterator[str]:
    retiring = table.get("retiring_keys", {})
    if not isinstance(retiring, dict):
        yield "retiring_keys must be a table of keys and dates, such as {Zk3vT0aXr8mQ1sLd = 2027-01-31}."
        return
    for key, value in retiring.items():
        if not SITE_KEY.fullmatch(key):
            yield f"the site key {key!r} may have letters, digits, _ and - only, up to 64."
        if not isinstance(value, date):
            yield f"retiring_keys.{key} must be a date, such as 2027-01-31 or 2027-01-31T12:00:00Z (it is {value!r})."
        if key in table.get("site_keys", []):
            yield f"the site key {key!r} stands in site_keys and in retiring_keys: take it out of one of them."


def _end(value: date) -> float:
    """Return a date of TOML in epoch seconds; without a time it is the date's beginning, without a zone it is in UTC."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _own_problems(table: Mapping[str, Any]) -> Iterator[str]:
    for key in _OWN.keys() & table.keys():
        try:
            _OWN[key].cast(table[key])
        except ValueError as error:
            yield f"{key} {error} (it is {table[key]!r})."


def _is_origin(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = f":{url.port}" if url.port is not None else ""
    except ValueError:
        return False
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return text == "*" or (url.scheme in ("http", "https") and bool(host) and text.lower() == f"{url.scheme}://{host}{port}")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _exposure(values: Mapping[str, Any], config: Path | None, has_admin: Callable[[Path], bool]) -> list[str]:
    if is_loopback(values["listen"][0]):
        return []
    problems = []
    if not values["admin_token"] and not has_admin(values["data_dir"]):
        problems.append(
            "Listening beyond loopback needs an admin token: set WIDELOAD_ADMIN_TOKEN to a secret of your own. "
            "A user will do as well: `wideload users add NAME --role admin`."
        )
    if config is None:
        problems.append("Listening beyond loopback needs a configuration file with your datasets: set WIDELOAD_CONFIG.")
    return problems


def _overlap(values: Mapping[str, Any]) -> list[str]:
    """What lies below `beacon_path` is a site key there, so a script could not be reached."""
    script, beacon = values["script_path"], values["beacon_path"]
    if not script.startswith(beacon):
        return []
    return [f"script_path ({script}) lies below beacon_path ({beacon}), where site keys stand: give it a path of its own."]


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
