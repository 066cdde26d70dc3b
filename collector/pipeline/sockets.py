"""Unix sockets in the data folder, over which collectors of one machine talk to each other."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def socket_name(path: Path) -> Iterator[str]:
    """Yield a name for a socket that the system takes, which is at most 107 bytes."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextlib.contextmanager
def for_owner_only() -> Iterator[None]:
    """Make files, and sockets, that nobody but this user may open. Not for several threads at once."""
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
