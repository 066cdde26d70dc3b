"""Takes a backup, beside a collector that goes on.

In the order in which events move: how far the store is, the spool, the other files, and last the store. So what moves meanwhile
is in both, where it counts once, and never in neither.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from collector.backup.archive import Manifest, pack
from collector.pipeline.folder import LOCK_FILE
from collector.pipeline.position import POSITION_FILE

#: Where the files of the data folder, and the copy of the store, are in a backup.
DATA: Final = "data"
STORE: Final = "store"
#: The embedded store's folder in the data folder.
STORE_FOLDER: Final = "store"
#: What a killed process may leave; nobody would name a folder of their own so.
_WORK: Final = ".wideload-backup-"
_SQLITE: Final = b"SQLite format 3\0"
#: What belongs to a database beside it, and what is being written.
_BESIDE: Final = ("-wal", "-shm", "-journal", ".new", ".tmp")


class Backed(Protocol):
    """A store that makes copies of itself."""

    def backed_up(self) -> AbstractContextManager[Path]:
        """Lend a folder with a copy of everything, of one moment."""


def backup(
    data_dir: Path,
    store: Backed | None,
    version: str,
    spool_stays: AbstractContextManager[object] | None = None,
    server: str = "",
) -> Generator[bytes]:
    """Yield a backup in parts.

    Args:
        data_dir: the data folder.
        store: the embedded store; without one, the store is not in the backup.
        version: the collector's.
        spool_stays: while it is entered, nobody takes files of the spool away.
        server: the address of the store that is not in it.

    Raises:
        OSError, sqlite3.Error, StoreError: it cannot be taken, and what was yielded is worth nothing.
    """
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    told: Manifest = {"events": None}

    def files() -> Iterator[tuple[str, Path]]:
        with _work(data_dir) as work:
            with spool_stays or nullcontext():
                yield from _data_files(data_dir, work)
            if store is not None:
                with store.backed_up() as copy:
                    told["events"] = events_in(copy)
                    yield from ((f"{STORE}/{path.relative_to(copy)}", path) for path in sorted(copy.rglob("*")) if path.is_file())

    kind = "embedded" if store is not None else "server"
    return pack(files(), lambda: {"version": version, "begun": begun, "store": kind, "server": server, **told})


@contextmanager
def _work(data_dir: Path) -> Iterator[Path]:
    for left in data_dir.glob(f"{_WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_WORK, dir=data_dir) as work:
        yield Path(work)


def _data_files(data_dir: Path, work: Path) -> Iterator[tuple[str, Path]]:
    for folder in _folders(data_dir):
        position = folder / POSITION_FILE
        first = list(_copy(position, work)) if position.exists() else []
        others = [path for path in sorted(folder.iterdir()) if path.is_file() and _is_wanted(path) and path != position]
        for name, path in first:
            yield _name(folder / name, data_dir), path
        for other in others:
            for name, path in _copy(other, work):
                yield _name(folder / name, data_dir), path
                path.unlink()


def _folders(data_dir: Path) -> list[Path]:
    """Return the folders, those of spools first."""
    every = [data_dir, *(path for path in data_dir.rglob("*") if path.is_dir())]
    wanted = [one for one in every if not {part for part in one.relative_to(data_dir).parts[:1] if _is_other(part)}]
    return sorted(wanted, key=lambda folder: (not (folder / POSITION_FILE).exists(), folder))


def _is_other(part: str) -> bool:
    return part == STORE_FOLDER or part.startswith(_WORK)


def _is_wanted(path: Path) -> bool:
    return path.name != LOCK_FILE and not path.name.endswith(_BESIDE)


def _name(path: Path, data_dir: Path) -> str:
    return f"{DATA}/{path.relative_to(data_dir)}"


def _copy(path: Path, work: Path) -> Iterator[tuple[str, Path]]:
    """Copy a file as it is at one moment, a database with what is in its log; yield name and copy, nothing if it is gone."""
    copy = work / path.name
    try:
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) in (_SQLITE, b"")
        if is_database and path.suffix == ".sqlite3":
            try:
                _copy_database(path, copy)
            except sqlite3.DatabaseError as error:
                if not path.exists():
                    # All of it was stored meanwhile, and the store comes later.
                    return
                if isinstance(error, sqlite3.OperationalError):
                    raise
                # It is damaged: somebody may want what is left of it, and of its log.
                shutil.copy(path, copy)
                log = path.with_name(path.name + "-wal")
                if log.exists():
                    shutil.copy(log, work / log.name)
                    yield log.name, work / log.name
        else:
            shutil.copy(path, copy)
    except FileNotFoundError:
        return
    shutil.copymode(path, copy)
    yield path.name, copy


def _copy_database(path: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def events_in(copy: Path) -> int:
    """Return how many rows of events a store's copy has: each part says so, and equal files are there once."""
    total = 0
    for file in ET.parse(copy / ".backup").iter("file"):
        name = file.findtext("name", "")
        if "/events/" in name and name.endswith("/count.txt"):
            total += int((copy / file.findtext("data_file", name)).read_text())
    return total
