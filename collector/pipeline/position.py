"""What the spool remembers across restarts: how far the store was, the books, and how it was left."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.pipeline.ledger import Saved

#: The file's name within the spool's folder.
POSITION_FILE: Final = "stored.json"
#: Changes with every start of the machine (`man 5 proc_sys_kernel`).
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the spool: up to and including event `seq` of segment number `segment`."""

    segment: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """The file.

    Args:
        stored: everything up to here is in the store or with the dead letters.
        books: `Ledger.save`.
        boot: the machine's boot at which it was written; empty where it was written at an orderly stop.
    """

    stored: Position = Position()
    books: Saved = field(default_factory=list)
    boot: str = ""

    @property
    def was_cut_off(self) -> bool:
        """Whether the machine went down under the collector: what the disk had confirmed is there, the rest may be not."""
        return bool(self.boot) and self.boot != boot_id()


def boot_id() -> str:
    """Return an id of this boot of the machine; `-` where the system does not tell."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return "-"


def load(folder: Path) -> Memory:
    """Read the file; without it everything is loaded again, which changes nothing but the effort."""
    try:
        saved = json.loads((folder / POSITION_FILE).read_text())
        return Memory(Position(int(saved["segment"]), int(saved["seq"])), saved.get("books", []), str(saved.get("boot", "")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Memory()


def save(folder: Path, memory: Memory) -> None:
    """Write the file, in one step: a reader sees the old one or the new one, also after a power cut. Raises OSError."""
    facts = {"segment": memory.stored.segment, "seq": memory.stored.seq, "boot": memory.boot, "books": memory.books}
    temporary = folder / (POSITION_FILE + ".new")
    with temporary.open("w") as file:
        file.write(json.dumps(facts))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / POSITION_FILE)


def waiting(end: Position, stored: Position) -> int:
    """Return how many events of a segment that ends at `end` are not stored yet, when everything up to `stored` is."""
    if end.segment < stored.segment:
        return 0
    return max(0, end.seq - (stored.seq if end.segment == stored.segment else 0))
