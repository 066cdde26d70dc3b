"""The spool's folder: the names of its files, a lock, and where damaged ones go."""

from __future__ import annotations

import fcntl
import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from collector.errors import SpoolError, SpoolInUse
from collector.pipeline import position, segment
from collector.pipeline.position import Memory
from collector.pipeline.salvage import keep_log, salvage

LOCK_FILE: Final = "lock"
#: Where damaged segments go, within the spool's folder.
QUARANTINE: Final = "quarantine"
_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Damage:
    """A segment that was set aside.

    Args:
        file: where it is now.
        saved: how many events of it are loaded after all, and how many `bytes` these are.
        lost: the numbers of events that could not be read, where numbers could.
        at: when, in epoch seconds.
    """

    file: str
    saved: int
    bytes: int
    lost: list[int] = field(default_factory=list)
    at: float = 0

    def report(self, lost: int) -> str:
        """Return a sentence about it."""
        gone = f"{lost} could not be read" if lost else "none is known to be missing"
        return f"A file of the spool is damaged: {self.saved} of its events were saved, {gone}. It was set aside as {self.file}."


class Folder:
    """The folder.

    Args:
        path: made if it is missing.

    Raises:
        SpoolError: it can't be used, or another process has it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = (path / LOCK_FILE).open("w")
        except OSError as error:
            raise SpoolError(f"The spool folder {path} cannot be used: {error}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise SpoolInUse(
                f"The spool folder {path} is in use by another process, and only one at a time can have it. Stop the other one, or "
                "choose another folder (WIDELOAD_DATA_DIR)."
            ) from None

    def unlock(self) -> None:
        """Let another process have it."""
        self._lock.close()

    def file(self, number: int) -> Path:
        """Return a segment's file."""
        return self.path / f"{number:012d}{segment.SUFFIX}"

    def numbers(self) -> list[int]:
        """Return the numbers of the segments that are there, in order."""
        return sorted(int(path.stem) for path in self.path.glob(f"*{segment.SUFFIX}"))

    def recall(self) -> Memory:
        """Return what was remembered."""
        return position.load(self.path)

    def remember(self, memory: Memory) -> None:
        """Write it down. Raises OSError."""
        position.save(self.path, memory)

    def set_aside(self, number: int, new: int, after: int, writer: segment.SegmentWriter | None = None) -> Damage:
        """Copy the events of a damaged segment that can be read to a new one, and move it out of the way.

        Args:
            number: the damaged segment's.
            new: the number of the new one; if nothing can be read, none is made.
            after: the number of the last event that is not needed any more.
            writer: whoever still has the segment open; it is closed.

        Raises:
            OSError, sqlite3.Error: the disk has no room for it.
        """
        path, work = self.file(number), self.path / "salvage.tmp"
        if writer:
            keep_log(path)
            writer.close()
        found = salvage(path, work, after)
        work.unlink()
        size = 0
        if found.payloads:
            target = segment.SegmentWriter(self.file(new))
            for start in range(0, len(found.payloads), _ROWS):
                target.append(found.payloads[start : start + _ROWS])
            size = target.bytes
            target.close()
        aside = self.path / QUARANTINE
        aside.mkdir(exist_ok=True)
        damage = Damage(str(aside / path.name), len(found.payloads), size, found.lost, time.time())
        (aside / f"{path.stem}.json").write_text(json.dumps(asdict(damage)))
        for file in segment.files(path):
            if file.exists():
                file.replace(aside / file.name)
        return damage


def damages(path: Path) -> list[dict[str, Any]]:
    """Return what is known of the damaged files of a spool's folder, oldest first."""
    return [json.loads(file.read_text()) for file in sorted((path / QUARANTINE).glob("*.json"))]
