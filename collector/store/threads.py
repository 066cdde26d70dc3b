"""Lets the engine's threads give way to those that take beacons, where they share the process's cores.

The engine has a setting for this (`os_threads_nice_value_query`), which does nothing without the capability CAP_SYS_NICE. Anyone
may make threads of their own nicer, and only nicer: so they stay it, whether they answer questions, insert or merge.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Final

from collector.turns import PATIENT, set_turns

#: A tenth of the share of a thread that is not nice, when both want a core.
NICE: Final = 10
_TASKS: Final = Path("/proc/self/task")


class NiceThreads:
    """Makes the engine's threads nice and patient; `look` finds new ones. Does nothing where there is no Linux."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._lock = threading.Lock()
        self._own_name = _name(os.getpid())

    def look(self) -> None:
        """Look for threads that are neither Python's nor known already, which takes some 0.1 ms."""
        if not self._own_name or not self._lock.acquire(blocking=False):
            return
        try:
            found = {int(task.name) for task in _TASKS.iterdir()}
            self._known &= found
            python = {thread.native_id for thread in threading.enumerate()}
            for task in found - self._known - python:
                # A thread of Python's that is only beginning has the name of the process, the engine's have names of their own.
                if _name(task) not in (self._own_name, ""):
                    with contextlib.suppress(OSError):
                        nice = max(NICE, os.getpriority(os.PRIO_PROCESS, task))
                        if not set_turns(task, PATIENT, nice):
                            os.setpriority(os.PRIO_PROCESS, task, nice)
                    self._known.add(task)
        finally:
            self._lock.release()


def _name(task: int) -> str:
    if sys.platform != "linux":
        return ""
    try:
        return (_TASKS / str(task) / "comm").read_text().strip()
    except OSError:
        return ""
