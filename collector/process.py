"""What the system says of this process, under the names that Prometheus's own libraries use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SELF: Final = Path("/proc/self")
_STARTED_AT: Final = time.time()


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of the process; see `telemetry.Metric`."""

    name: str
    help: str
    read: Callable[[], float]
    unit: str
    gauge: bool = True


def memory() -> int | None:
    """Return the bytes of memory that the process has in use; None where the system does not tell."""
    try:
        return int((_SELF / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _open_files() -> int:
    try:
        return sum(1 for _ in (_SELF / "fd").iterdir())
    except OSError:
        return 0


READINGS: Final = (
    Reading("process_cpu", "Processor time that the collector has used.", time.process_time, "seconds", gauge=False),
    Reading("process_resident_memory", "Memory that the collector has in use.", lambda: memory() or 0, "bytes"),
    Reading("process_open_fds", "Files and connections that the collector has open.", _open_files, "{file}"),
    Reading("process_start_time", "When the collector was started, in seconds since 1970.", lambda: _STARTED_AT, "seconds"),
)
