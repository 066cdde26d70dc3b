"""Settings: a TOML file, then the environment (`WIDELOAD_…`), then flags; each later one wins.

`SETTINGS` holds one row a setting with its help text; the loader, `wideload config show` and the docs read the rows. A bad or
unknown setting stops the start with one sentence per problem (SettingsError). Rooms get their own frozen section.
"""

from __future__ import annotations

from collector.config.datasets import DATASET_KEYS, dataset_problems
from collector.config.load import is_loopback, load_settings
from collector.config.model import (
    CAMPAIGN_QUERY,
    DATASET_NAME,
    PREFIX,
    ROLES,
    SITE_KEY,
    TEST_PREFIX,
    TOKEN_VARIABLE,
    WISHES,
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
    ServerSettings,
    Settings,
    SpoolSettings,
)
from collector.config.rows import CONFIG_HELP, SETTINGS, Setting

__all__ = [
    "CAMPAIGN_QUERY",
    "CONFIG_HELP",
    "DATASET_KEYS",
    "DATASET_NAME",
    "PREFIX",
    "ROLES",
    "SETTINGS",
    "SITE_KEY",
    "TEST_PREFIX",
    "TOKEN_VARIABLE",
    "WISHES",
    "CheckSettings",
    "ConnectionLimits",
    "Dataset",
    "DatasetLimits",
    "ExportSettings",
    "IngestLimits",
    "LoaderSettings",
    "OidcSettings",
    "Origin",
    "ProcessSettings",
    "ServerSettings",
    "Setting",
    "Settings",
    "SpoolSettings",
    "dataset_problems",
    "is_loopback",
    "load_settings",
]
