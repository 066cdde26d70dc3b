"""`[datasets.NAME]` of the configuration file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from collector.config.model import CAMPAIGN_QUERY, DATASET_NAME, SITE_KEY, WISHES, Dataset, DatasetLimits
from collector.config.rows import SETTINGS
from collector.config.suggest import suggest
from collector.fields.promoted import can_be_promoted

DATASET_KEYS: Final = {
    "site_keys": "The public keys that may write to it, a list.",
    "retiring_keys": "Keys that may write until a date, such as `{Zk3vT0aXr8mQ1sLd = 2027-01-31}`; see `wideload keys rotate`.",
    "allowed_origins": "The origins whose pages may send, such as `https://shop.example`, `https://*.shop.example` or `*`.",
    "retention_days": "How many days events are kept; 30 by default.",
    "attributes": "The names of attributes that are taken, such as `plan` or `cart.*`; all by default. Others are left out.",
    "promote": "The names of attributes that are asked for often, such as `plan`: each gets a column of its own, and questions "
    "about it are as fast as those about known fields. What fifty questions have named gets one by itself, up to twenty.",
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


def read_datasets(raw: Any, config: Path | None, values: Mapping[str, Any], problems: list[str]) -> dict[str, Dataset]:
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
            tuple(table.get("promote", ())),
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
    problems = [f"{where}: {key!r} is not a setting of a dataset; {suggest(key, DATASET_KEYS) or all_keys}"
                for key in table if key not in DATASET_KEYS]  # fmt: skip
    for key in ("site_keys", "allowed_origins", "attributes", "allowed_query", "promote"):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            problems.append(f"{where}: {key} must be a list of texts.")
    if not problems:
        problems += [f"{where}: the site key {k!r} may have letters, digits, _ and - only, up to 64."
                     for k in table.get("site_keys", []) if not SITE_KEY.fullmatch(k)]  # fmt: skip
        problems += [f"{where}: the attribute {name!r} can't have a column: only letters of ASCII, digits and _.:/@- can."
                     for name in table.get("promote", []) if not can_be_promoted(name)]  # fmt: skip
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
