"""One row a setting: its name, default, check and help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from collector import casts
from collector.config import kafka
from collector.config.model import (
    PREFIX,
    CheckSettings,
    ConnectionLimits,
    DatasetLimits,
    ExportSettings,
    IngestLimits,
    LoaderSettings,
    OidcSettings,
    ProcessSettings,
    QuerySettings,
    ServerSettings,
    SharingSettings,
    SpoolSettings,
)


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
    def file_variable(self) -> str:
        """The environment variable that names a file with a secret's value."""
        return self.variable + "_FILE"

    @property
    def flag(self) -> str:
        """The command line's flag."""
        return "--" + self.name.replace("_", "-")

    def shown(self, value: Any) -> str:
        """Return a value of this setting as people write it."""
        if self.cast in (casts.size, casts.room):
            return casts.size_text(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(value) if isinstance(value, tuple) else str(value)


_INGEST, _SPOOL, _LOADER, _OIDC = IngestLimits(), SpoolSettings(), LoaderSettings(), OidcSettings()
_CHECKS = CheckSettings()
_DATASET, _CONNECTIONS, _QUERY, _SHARING = DatasetLimits(), ConnectionLimits(), QuerySettings(), SharingSettings()
_EXPORT = ExportSettings()
_PROCESS, _SERVER = ProcessSettings(), ServerSettings()

SETTINGS: Final = (
    Setting("listen", "127.0.0.1:8080", "Where to listen. Beyond loopback it needs a configuration file, and an admin token "
            "or a user who is admin.",
            casts.listen),
    Setting("private_listen", "", "Another address for the private surface: then `listen` carries nothing but what pages need. "
            "With the role ingest, which has no private surface otherwise, `/metrics` and what looks after the spool are there.",
            casts.private_listen),
    Setting("role", _PROCESS.role, "What this collector does: `ingest` takes beacons and has no viewer, `query` answers questions "
            "and takes only what its own viewer and `wideload doctor` send, `all` does both.", casts.role),
    Setting("private_url", "", "The address under which people reach the viewer, where it is not `public_url`.", casts.url),
    Setting("workers", _PROCESS.workers, "How many processes take beacons. With several and the role all, the private surface "
            "needs `private_listen`.", casts.count),
    Setting("data_dir", "./data", "The folder for the spool, the embedded store and generated secrets.", casts.path),
    Setting("store", "embedded", "`embedded` (chDB, in `data_dir`) or `clickhouse://user:password@host:9000/database`; "
            "`clickhouses://` uses TLS.", casts.store, secret=True),
    Setting("store_user_file", "", "A file with the user's name, instead of the one in the store's address.",
            casts.existing_file),
    Setting("store_password_file", "", "A file with the password, instead of the one in the store's address. It is read for each "
            "connection, so the password may change.", casts.existing_file),
    Setting("store_read_user", "", "The ClickHouse user who asks questions, by default the one who stores. Its profile needs "
            "`readonly = 2`; the limits there hold, too.", casts.text),
    Setting("store_read_password_file", "", "A file with that user's password.", casts.existing_file),
    Setting("cluster", "", "The name of the ClickHouse cluster that the store's server belongs to, as in `system.clusters`. "
            "Then the tables are made on all of its servers.", casts.cluster),
    Setting("insert_quorum", _SERVER.insert_quorum, "In a cluster, how many replicas must have an insert before it counts: "
            "`auto` for most of them, a number, or 0 for the one that takes it.", casts.quorum),
    Setting("admin_token", "", "The bearer token of the private surface, at least 16 characters. Without it one is made and "
            "kept in `data_dir`.", casts.token, secret=True),
    Setting("check_secret", "", "What the runs of checks are signed with, at least 16 characters: the same for all collectors. "
            "Without it one is made and kept in `data_dir`.", casts.token, secret=True),
    Setting("previous_admin_token", "", "The admin token before this one: it is accepted, too, until you remove it.", casts.token,
            secret=True),
    Setting("previous_check_secret", "", "The check secret before this one: runs that it has signed are accepted, too.",
            casts.token, secret=True),
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
    Setting("share_max_days", _SHARING.share_max_days, "How long a link to a dashboard may last, in days.", casts.count),
    Setting("frame_ancestors", "", "Whose pages may show shared dashboards in a frame: origins such as https://intranet.example. "
            "Nothing else can be framed.", casts.frame_ancestors),
    Setting("script_path", "/w.js", "A second path of the script, that filter lists do not know; `/w.js` is also "
            "`/w.HASH.js`, which never changes.", casts.script_path),
    Setting("beacon_path", "/w/", "A second path to send to, that filter lists do not know: `/w/SITE_KEY` is "
            "`/v1/beacon/SITE_KEY`.", casts.beacon_path),
    Setting("viewer_key", "", "The site key to which the viewer reports how it is for its own readers, as any page does; nothing "
            "by default.", casts.text),
    Setting("alerts_dir", "", "The folder with the rules (`**/*.alert.yaml`) and `channels.yaml`; no alerts by default.",
            casts.existing_folder),
    Setting("status_file", "", "The file of the public status page (`status.yaml`); no page by default.", casts.existing_file),
    Setting("status_listen", "", "Where the status page is served, to anyone who gets there: it shows what its file names, and "
            "nothing else. Without it, `wideload status export` writes the page.", casts.private_listen),
    Setting("country_database", "", "A country database (`.mmdb`) that turns addresses into countries.", casts.existing_file),
    Setting("trusted_proxies", "127.0.0.1, ::1", "Addresses or networks of proxies whose `X-Forwarded-For` is believed.",
            casts.addresses),
    Setting("unready_seconds", 1, "How long, after SIGTERM, the collector serves on while `/readyz` says 503 already, so that a "
            "balancer sends to others.", casts.seconds),
    Setting("log_level", "info", "debug, info, warning or error.", casts.level),
    Setting("log_format", "text", "`text`, or `json` with what an entry is about as fields.", casts.log_format),
    Setting("otlp_endpoint", _EXPORT.otlp_endpoint, "Where metrics and traces are sent as OTLP over HTTP, such as "
            "http://127.0.0.1:4318; by default nowhere. Needs `pip install 'wideload[otlp]'`.", casts.url),
    Setting("otlp_headers", _EXPORT.otlp_headers, "Headers that go along: a list of `NAME=VALUE`, such as "
            "`authorization=Bearer …`. In the environment, with `,` between.", casts.headers, secret=True),
    Setting("trace_share", _EXPORT.trace_share, "How many beacons and questions are traced, from 0 for none to 1 for all.",
            casts.portion),
    Setting("max_body_bytes", _INGEST.max_body_bytes, "The largest body of a beacon.", casts.size),
    Setting("max_inflated_bytes", _INGEST.max_inflated_bytes, "The largest body of a beacon after decompression.", casts.size),
    Setting("max_events", _INGEST.max_events, "The most events in one beacon.", casts.count),
    Setting("max_attributes", _INGEST.max_attributes, "The most fields of one event that are not in the dictionary.",
            casts.count),
    Setting("body_timeout_seconds", _INGEST.body_timeout_seconds, "How long a sender may take over a beacon's body.",
            casts.seconds),
    Setting("head_timeout_seconds", _CONNECTIONS.head_timeout_seconds, "How long a sender may take over a request's headers.",
            casts.seconds),
    Setting("reader_timeout_seconds", _CONNECTIONS.reader_timeout_seconds, "How long an answer may wait for its reader.",
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
    Setting("spool", "disk", "Where acknowledged events wait for the store: `disk` (in `data_dir`), or the topic of a Kafka "
            "cluster, `kafka://BROKER:9092,BROKER:9092/TOPIC`; `kafkas://` uses TLS. Needs `pip install 'wideload[kafka]'`.",
            kafka.spool),
    Setting("spool_max_bytes", _SPOOL.max_bytes, "The most disk that waiting events may take; beyond it beacons get 503.",
            casts.size),
    Setting("spool_keep_bytes", _SPOOL.keep_bytes, "How much of what is stored stays on disk for some minutes, to be loaded again "
            "should a power cut break the store's files.", casts.room),
    Setting("spool_share", _DATASET.spool_share, "How much of that one dataset may take, where there are others; beyond it "
            "its beacons get 503.", casts.share),
    Setting("batch_events", _LOADER.batch_events, "The most events in one insert.", casts.count),
    Setting("linger_seconds", _LOADER.linger_seconds, "How long an event may wait for others before it is inserted.",
            casts.seconds),
    Setting("query_seconds", _QUERY.query_seconds, "How long the store may work on a question.", casts.seconds),
    Setting("query_memory_bytes", _QUERY.query_memory_bytes, "The most memory that the store may use for a question.", casts.size),
    Setting("query_result_rows", _QUERY.query_result_rows, "The most rows, groups and points together, of an answer.", casts.count),
    Setting("query_running", _QUERY.query_running, "How many questions the store works on at once.", casts.count),
    Setting("query_waiting", _QUERY.query_waiting, "How many more may wait for their turn; beyond it they get 503.", casts.count),
    Setting("query_cache_bytes", _QUERY.query_cache_bytes, "How much memory answers may take that are kept to be given again; 0 "
            "for none.", casts.room),
    Setting("checks_dir", "", "A folder of checks (`*.check.yaml`) that the collector runs by their schedules.",
            casts.existing_folder),
    Setting("checks_dataset", "", "The dataset to which their runs go; by default the only one.", casts.text),
    Setting("checks_location", _CHECKS.checks_location, "The name of the collector's own location, for checks that name none.",
            casts.location),
    Setting("checks_concurrency", _CHECKS.checks_concurrency, "How many checks run at once at a location.", casts.count),
    Setting("checks_allow_private", "no", "Whether checks at the own location may ask loopback and private addresses: yes or "
            "no. Link-local and metadata addresses are refused always.", casts.yes),
    Setting("checks_secrets", "", "A file of the checks' secrets, with lines `name = value`; `WIDELOAD_CHECK_SECRET_NAME` in the "
            "environment wins over it.", casts.existing_file),
    Setting("evidence_days", _CHECKS.evidence_days, "How many days screenshots and other evidence are kept of runs that did not "
            "pass.", casts.days),
    Setting("evidence_passed_days", _CHECKS.evidence_passed_days, "The same for runs that passed.", casts.days),
)  # fmt: skip
CONFIG_HELP: Final = "The configuration file (TOML): any setting by its name, and `[datasets.NAME]`."
