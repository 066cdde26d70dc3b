"""Restores a backup into an empty data folder, and looks whether all of it has arrived."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from collector.backup.archive import check, unpack
from collector.backup.take import DATA, STORE
from collector.errors import BackupError

_UNPACKED: Final = "restored"


class Restores(Protocol):
    """An embedded store that is empty."""

    @property
    def copies(self) -> Path:
        """The folder that copies have to be in."""

    def restore(self, copy: Path) -> int:
        """Take everything over from a copy; return how many rows of events there are. Raises StoreUnavailable."""

    def close(self) -> None:
        """Release the folder."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a backup was; `events` is None and `server` an address where the store is not in it."""

    version: str
    begun: str
    events: int | None
    server: str


def restore(file: Path, data_dir: Path, open_store: Callable[[], Restores]) -> Restored:
    """Restore a backup.

    Args:
        file: the backup.
        data_dir: the data folder, which must be empty or missing.
        open_store: opens the embedded store in it.

    Raises:
        BackupError: the backup is not good, or the folder is not empty; nothing was changed.
        StoreError, OSError: it could not be restored; what was written is removed again.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BackupError(f"{data_dir} is not empty, and nothing there is overwritten: choose another folder with --data-dir.")
    manifest = check(file)
    existed = data_dir.exists()
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        unpack(file, {DATA: data_dir})
        if manifest["store"] == "embedded":
            _restore_store(file, open_store(), manifest["events"])
    except BaseException:
        for path in data_dir.iterdir():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        if not existed:
            data_dir.rmdir()
        raise
    return Restored(manifest["version"], manifest["begun"], manifest["events"], manifest["server"])


def _restore_store(file: Path, store: Restores, events: int) -> None:
    copy = store.copies / _UNPACKED
    try:
        unpack(file, {STORE: copy})
        found = store.restore(copy)
        if found != events:
            raise BackupError(f"The store has {found:,} events after it was restored, and {events:,} are in the backup.")
    finally:
        store.close()
        shutil.rmtree(copy, ignore_errors=True)
