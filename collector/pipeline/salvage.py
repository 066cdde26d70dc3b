"""What can still be read of a damaged segment.

SQLite takes the first frame of a write-ahead log that is not what it should be for the end of the log, which is right after a
power cut and wrong when a byte in the middle has changed: everything after it would be gone without a word. So a log that goes on
after what SQLite took for its end is damaged, and its frames are put into the database file without asking for their checksums;
then every event is read on its own. (https://sqlite.org/fileformat2.html#the_write_ahead_log)
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Final, NamedTuple

_WAL_HEADER: Final = struct.Struct(">IIIIIIII")
_FRAME_HEADER: Final = struct.Struct(">IIIIII")
#: The database's header says with these two bytes (at 18) that it has a write-ahead log; 1 is a journal, and no log is looked for.
_NO_LOG: Final = b"\x01\x01"
#: A power cut can leave one commit behind that nobody was told of; two say that the damage lies before them.
_COMMITS_AFTER_DAMAGE: Final = 2


class Salvage(NamedTuple):
    """What could be read.

    Args:
        payloads: the events that could be read, in order.
        last: the highest number of an event that was seen.
        lost: numbers up to `last` of events that could not be read, after the one that was asked for.
    """

    payloads: list[bytes]
    last: int
    lost: list[int]


class _Frame(NamedTuple):
    page: int
    is_commit: bool
    offset: int


def is_cut_short(path: Path) -> bool:
    """Whether SQLite would leave out commits of this segment's log, because of damage before them; then the log is kept.

    Raises:
        OSError, sqlite3.Error: it can't be read at all.
    """
    log = _log(path)
    if not log.exists() or not log.stat().st_size:
        return False
    with log.open("rb") as file:
        frames = list(_frames(file))
    keep_log(path)
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None)) as db:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # The second number is how many frames of the log are good.
        good = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
    after = sum(frame.is_commit for frame in frames[max(0, good) :])
    if after < _COMMITS_AFTER_DAMAGE:
        _kept(path).unlink()
    return after >= _COMMITS_AFTER_DAMAGE


def keep_log(path: Path) -> None:
    """Keep a segment's log under a second name: SQLite deletes it when the last connection is closed. Raises OSError."""
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        os.link(_log(path), _kept(path))


def salvage(path: Path, work: Path, after: int) -> Salvage:
    """Read every event of a damaged segment that can be read.

    Args:
        path: the segment; it is left as it is.
        work: a file to work in; it is overwritten.
        after: the number of the last event that is not needed any more.

    Raises:
        OSError: the disk has no room, or can't be read.
    """
    _rebuild(path, work)
    payloads: list[bytes] = []
    lost: list[int] = []
    with closing(sqlite3.connect(work, isolation_level=None)) as db:
        last = _last(db)
        for seq in range(after + 1, last + 1):
            payload = _payload(db, seq)
            if payload is None:
                lost.append(seq)
            else:
                payloads.append(payload)
    return Salvage(payloads, last, lost)


def _payload(db: sqlite3.Connection, seq: int) -> bytes | None:
    try:
        row = db.execute("SELECT payload FROM events WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row and isinstance(row[0], bytes) else None


def _last(db: sqlite3.Connection) -> int:
    """Return the highest number in a database of which parts may be broken: the end, or as far as a look from the start goes."""
    try:
        return int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
    except sqlite3.Error:
        pass
    last = 0
    try:
        for (last,) in db.execute("SELECT seq FROM events ORDER BY seq"):  # noqa: B007
            pass
    except sqlite3.Error:
        pass
    return last


def _rebuild(path: Path, work: Path) -> None:
    """Copy the database and put its log's pages over it, the newest last."""
    work.write_bytes(path.read_bytes())
    log = _kept(path) if _kept(path).exists() else _log(path)
    with work.open("r+b") as target:
        if log.exists():
            with log.open("rb") as source:
                size = _page_size(source)
                for frame in _frames(source):
                    source.seek(frame.offset)
                    target.seek((frame.page - 1) * size)
                    target.write(source.read(size))
        target.seek(18)
        target.write(_NO_LOG)


def _frames(file: IO[bytes]) -> Iterator[_Frame]:
    """Yield the frames that belong to this log by their salts, whether or not their checksums are right."""
    size = _page_size(file)
    file.seek(0)
    header = file.read(_WAL_HEADER.size)
    if not size:
        return
    salts = _WAL_HEADER.unpack(header)[4:6]
    offset, highest = _WAL_HEADER.size, 1
    while len(head := _read_at(file, offset, _FRAME_HEADER.size)) == _FRAME_HEADER.size:
        page, commit, *rest = _FRAME_HEADER.unpack(head)
        # A page can only be a known one or the next: anything else is a header that was damaged.
        if tuple(rest[:2]) == salts and 0 < page <= highest + 1:
            highest = max(highest, page)
            yield _Frame(page, bool(commit), offset + _FRAME_HEADER.size)
        offset += _FRAME_HEADER.size + size


def _page_size(file: IO[bytes]) -> int:
    header = _read_at(file, 0, _WAL_HEADER.size)
    if len(header) < _WAL_HEADER.size:
        return 0
    size: int = _WAL_HEADER.unpack(header)[2]
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else 0


def _read_at(file: IO[bytes], offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)


def _log(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _kept(path: Path) -> Path:
    return path.with_name(path.name + "-wal.kept")
