"""What the settings are made into: a frozen section for each room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PREFIX: Final = "WIDELOAD_"
#: Variables of this prefix belong to the test suite.
TEST_PREFIX: Final = "WIDELOAD_TEST_"
#: Variables of this prefix are secrets of checks.
CHECK_SECRET_PREFIX: Final = PREFIX + "CHECK_SECRET_"
#: Not a setting of the collector: what commands show to it.
TOKEN_VARIABLE: Final = PREFIX + "TOKEN"
#: Names the browser that checks run in.
BROWSER_VARIABLE: Final = PREFIX + "CHECK_BROWSER"
DATASET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
#: The parameters of campaigns, which the beacon reads too; other parameters of addresses are dropped.
CAMPAIGN_QUERY: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
#: What a visitor's signal (Global Privacy Control, Do Not Track) may mean for an event.
WISHES: Final = ("no_session", "drop", "ignore")
#: What a process may be for; see `ProcessSettings`.
ROLES: Final = ("all", "ingest", "query")
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
        promote: names of attributes that have columns of their own.
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
    promote: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """What one beacon may carry; sizes in bytes."""

    max_body_bytes: int = 256 << 10
    #: What a body of this size can cost at most, decided this: see `bench/hostile.py`.
    max_inflated_bytes: int = 384 << 10
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
class SharingSettings:
    """Links to dashboards: how long they may last, and whose pages may show them in a frame."""

    share_max_days: int = 90
    frame_ancestors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how slow."""

    max_connections: int = 4_096
    max_client_connections: int = 512
    head_timeout_seconds: float = 10
    reader_timeout_seconds: float = 60


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """How events wait for the store: on disk, or in Kafka."""

    #: `disk`, or the address of a topic.
    url: str = "disk"

    max_bytes: int = 10 << 30
    #: How much of what is stored is kept, and how long, to load it again should a power cut break the store's files.
    keep_bytes: int = 256 << 20
    keep_seconds: float = 900

    @property
    def is_kafka(self) -> bool:
        """Whether events wait in Kafka."""
        return self.url != "disk"


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What this process does, and which others do it beside it."""

    #: One of `ROLES`.
    role: str = "all"
    #: Processes that take beacons.
    workers: int = 1
    #: HOST:PORT of the private surface, where it has a listener of its own; empty where it has none.
    private_listen: str = ""

    @property
    def private(self) -> tuple[str, int] | None:
        """Host and port of the private surface's own listener."""
        host, _, port = self.private_listen.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None

    @property
    def answers(self) -> bool:
        """Whether questions are answered, and whatever else belongs to the viewer."""
        return self.role != "ingest"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A ClickHouse server beyond its address. Files are read for each connection, so what is in them may change."""

    store_user_file: Path | None = None
    store_password_file: Path | None = None
    #: Who asks questions; the same user where it is empty.
    store_read_user: str = ""
    store_read_password_file: Path | None = None
    #: The name under which the servers know their cluster; a single server where it is empty.
    cluster: str = ""
    #: How many replicas must have an insert: `auto` for most of them, a number, or 0 for the one that takes it.
    insert_quorum: str = "auto"


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
class QuerySettings:
    """What questions may cost."""

    query_seconds: float = 30
    query_memory_bytes: int = 1 << 30
    #: Of one answer, of each of the store's tables that it is made from.
    query_result_rows: int = 200_000
    query_running: int = 4
    query_waiting: int = 64
    query_cache_bytes: int = 32 << 20


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """Checks that the collector runs itself; it runs none where `checks_dir` is None."""

    checks_dir: Path | None = None
    checks_dataset: str = ""
    checks_location: str = "main"
    checks_concurrency: int = 2
    checks_allow_private: bool = False
    checks_secrets: Path | None = None
    evidence_days: float = 30
    evidence_passed_days: float = 1


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Where metrics and traces are sent to; nowhere where `otlp_endpoint` is empty."""

    otlp_endpoint: str = ""
    #: Each is `NAME=VALUE`.
    otlp_headers: tuple[str, ...] = field(default=(), repr=False)
    trace_share: float = 0.0


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
    check_secret: str = field(repr=False)
    previous_admin_token: str = field(repr=False)
    previous_check_secret: str = field(repr=False)
    config: Path | None
    public_url: str
    private_url: str
    script_path: str
    beacon_path: str
    viewer_key: str
    unready_seconds: float
    alerts_dir: Path | None
    status_file: Path | None
    status_listen: str
    country_database: Path | None
    trusted_proxies: tuple[str, ...]
    log_level: str
    log_format: str
    datasets: Mapping[str, Dataset]
    process: ProcessSettings
    server: ServerSettings
    oidc: OidcSettings
    sharing: SharingSettings
    limits: DatasetLimits
    ingest: IngestLimits
    connections: ConnectionLimits
    spool: SpoolSettings
    loader: LoaderSettings
    query: QuerySettings
    checks: CheckSettings
    export: ExportSettings
    origins: Mapping[str, Origin]

    @property
    def loads(self) -> bool:
        """Whether this process moves events into the store: from files its own ones, from Kafka those of all."""
        return self.process.answers or not self.spool.is_kafka

    @property
    def is_demo(self) -> bool:
        """No configuration file: one dataset `demo` on loopback, and the demo pages."""
        return self.config is None
