"""Site keys, in the configuration file: list, create, rotate, revoke. Edits leave comments and layout as they are."""

from __future__ import annotations

import os
import secrets
import string
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.items import Array, Table

from collector import config, table
from collector.config import Settings
from collector.errors import SettingsError, WideloadError
from collector.show import day

#: What happens after an edit.
TAKEN_OVER: Final = "A running collector takes that over within two seconds; it need not be restarted."
_STARTER: Final = """\
# The configuration of a Wideload collector. `wideload config show` lists all settings and where each value comes from.
# Let the collector use this file with WIDELOAD_CONFIG={path} or `wideload serve --config {path}`.

# Where to listen. Beyond loopback, set WIDELOAD_ADMIN_TOKEN to a secret of your own as well, or add a user who is admin:
# wideload users add NAME --role admin
listen = "127.0.0.1:8080"

# The spool, the embedded store and generated secrets.
data_dir = "./data"

# "embedded", or "clickhouse://user:password@host:9000/database".
store = "embedded"

# What site keys write to. The keys are public: they stand in your pages, and can only write.
# `wideload keys` creates, rotates and revokes them here.
"""


@dataclass(frozen=True, slots=True)
class Created:
    """A new key, and what had to be done for it."""

    key: str
    dataset: str
    new_dataset: bool
    new_origins: tuple[str, ...]


def new_key() -> str:
    """Return a random site key; a double click selects the whole of it."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(22))


def listing(settings: Settings) -> str:
    """Return all site keys as a table."""
    rows = []
    for dataset in settings.datasets.values():
        keys = [*((key, "") for key in dataset.site_keys or ("none",)), *((key, day(end)) for key, end in dataset.retiring_keys)]
        facts = dataset.name, ", ".join(dataset.allowed_origins), f"{dataset.retention_days} d"
        rows += [(key, *facts, end) for key, end in keys]
    headings = ("Site key", "Dataset", "Allowed origins", "Kept", "Key ends")
    # Hardly ever does one end.
    width = len(headings) if any(row[-1] for row in rows) else -1
    return "\n".join(table.lines(headings[:width], [row[:width] for row in rows]))


def begin(path: Path, dataset: str, origins: Sequence[str]) -> str:
    """Write a first configuration file with one dataset, and return the dataset's site key.

    Raises:
        WideloadError: the file exists or cannot be written, or the dataset is wrong.
    """
    document = tomlkit.parse(_STARTER.format(path=path))
    key = new_key()
    _add_dataset(document, dataset, origins)["site_keys"].append(key)
    _check(document, dataset)
    try:
        # It may come to hold a store's password.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        text = f"{path} exists and is left as it is; choose another name, or add to it with `wideload keys create`."
        raise WideloadError(text) from None
    except OSError as error:
        raise WideloadError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(tomlkit.dumps(document))
    return key


def create(path: Path, dataset: str, origins: Sequence[str]) -> Created:
    """Add a new key to a dataset in the configuration file; with origins, add a dataset that is missing.

    Raises:
        WideloadError: the dataset is missing or wrong, or the file cannot be written.
    """
    document = _read(path)
    is_new = dataset not in _datasets(document)
    if is_new and not origins:
        raise WideloadError(
            f"There is no dataset {dataset!r} in {path}; there are: {', '.join(_datasets(document)) or 'none'}. "
            "To add it, say which pages may send: --origin https://shop.example, or --origin '*' for all."
        )
    try:
        entry = _add_dataset(document, dataset, origins) if is_new else _datasets(document)[dataset]
    except ValueError:
        # tomlkit cannot add a section to `datasets = {…}`.
        raise WideloadError(f"{path} has its datasets in one line: write them as [datasets.NAME] sections first.") from None
    added = () if is_new else _add_origins(entry, origins)
    key = new_key()
    if "site_keys" not in entry:
        entry["site_keys"] = tomlkit.array()
    entry["site_keys"].append(key)
    _check(document, dataset)
    _replace(path, tomlkit.dumps(document))
    return Created(key, dataset, is_new, added)


def rotate(path: Path, key: str, end: datetime) -> Created:
    """Put a new key beside an old one, which may write until `end`, and return the new one. Raises WideloadError."""
    document = _read(path)
    name, entry = _owner(document, path, key)
    if key not in entry.get("site_keys", ()):
        raise WideloadError(f"The site key {key!r} has been rotated already; `wideload keys list` shows when it ends.")
    created = Created(new_key(), name, False, ())
    keys = entry["site_keys"]
    keys[keys.index(key)] = created.key
    if "retiring_keys" not in entry:
        entry["retiring_keys"] = tomlkit.inline_table()
    entry["retiring_keys"][key] = end
    _check(document, name)
    _replace(path, tomlkit.dumps(document))
    return created


def revoke(path: Path, key: str) -> str:
    """Take a key out of the configuration file and return its dataset's name. Raises WideloadError."""
    document = _read(path)
    name, entry = _owner(document, path, key)
    if key in entry.get("site_keys", ()):
        entry["site_keys"].remove(key)
    if key in entry.get("retiring_keys", ()):
        del entry["retiring_keys"][key]
    _replace(path, tomlkit.dumps(document))
    return name


def _owner(document: tomlkit.TOMLDocument, path: Path, key: str) -> tuple[str, Any]:
    for name, entry in _datasets(document).items():
        if key in entry.get("site_keys", ()) or key in entry.get("retiring_keys", ()):
            return str(name), entry
    raise WideloadError(f"There is no site key {key!r} in {path}; `wideload keys list` shows them.")


def announce(created: Created, path: Path, script_tag: str) -> str:
    """Return what to tell about a new key: what has changed, the script tag, what is left to do."""
    lines = [f"The site key {created.key} of the dataset {created.dataset} is new in {path}."]
    if created.new_dataset:
        lines.append("The dataset is new, too; its events are kept for 30 days.")
    if created.new_origins:
        lines.append(f"Pages of {', '.join(created.new_origins)} may send to it now.")
    return "\n".join([*lines, TAKEN_OVER, "", "Script tag:", f"  {script_tag}"])


def config_path(settings: Settings) -> Path:
    """Return the configuration file that keys live in. Raises WideloadError that says how to begin one."""
    if settings.config is None:
        raise WideloadError(
            "There is no configuration file, so `demo` is the only site key.\n"
            "Begin one with `wideload config init wideload.toml --dataset shop --origin https://shop.example`, "
            "then set WIDELOAD_CONFIG=wideload.toml."
        )
    return settings.config


def _read(path: Path) -> tomlkit.TOMLDocument:
    return tomlkit.parse(path.read_text(encoding="utf-8"))


def _datasets(document: tomlkit.TOMLDocument) -> Any:
    return document.get("datasets", {})


def _add_dataset(document: tomlkit.TOMLDocument, name: str, origins: Sequence[str]) -> Table:
    if "datasets" not in document:
        document["datasets"] = tomlkit.table(is_super_table=True)
    entry = tomlkit.table()
    entry["site_keys"] = tomlkit.array()
    entry["allowed_origins"] = _array(origins)
    entry["retention_days"] = 30
    _datasets(document)[name] = entry
    return entry


def _add_origins(entry: Table, origins: Sequence[str]) -> tuple[str, ...]:
    """Let further origins send; a dataset without a list takes every origin already."""
    allowed = entry.get("allowed_origins")
    if allowed is None or "*" in allowed:
        return ()
    new = tuple(origin for origin in origins if origin not in allowed)
    allowed.extend(new)
    return new


def _array(values: Sequence[str]) -> Array:
    array = tomlkit.array()
    array.extend(values)
    return array


def _check(document: tomlkit.TOMLDocument, dataset: str) -> None:
    problems = config.dataset_problems(dataset, _datasets(document)[dataset].unwrap())
    if problems:
        raise SettingsError(problems)


def _replace(path: Path, text: str) -> None:
    """Replace the file in one step, with the permissions that it has: a reader sees the old text or the new one."""
    target = path.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wideload-") as folder:
            temporary = Path(folder) / target.name
            temporary.write_text(text, encoding="utf-8")
            temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
    except OSError as error:
        raise WideloadError(f"{path} cannot be changed: {error.strerror}.") from None
