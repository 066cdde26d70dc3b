"""How soon a thread gets a core when others want it too: those that take beacons before those that answer questions.

Linux gives whoever asks for short turns a core sooner, and whoever asks for long ones later; both get the same share in the end.
Unlike a nice value it may be taken back, and it costs nobody anything. Before Linux 6.12 it does nothing, nor elsewhere. It is not
for threads that hold Python's lock for long: those that wait for the lock would wait for their turns, too.

Source: https://docs.kernel.org/scheduler/sched-eevdf.html and `man 2 sched_setattr`.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import threading
from typing import Final

#: Nanoseconds of a turn; the kernel's own is some 3 ms.
QUICK: Final = 500_000
PATIENT: Final = 20_000_000
#: Python has no function for it, and the C library only since glibc 2.41.
_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}.get(platform.machine()) if sys.platform == "linux" else None
#: struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES: Final = struct.Struct("=IIQiIQQQ")


def be_quick() -> None:
    """Ask for short turns for the thread that calls."""
    set_turns(threading.get_native_id(), QUICK)


def set_turns(task: int, nanoseconds: int, nice: int | None = None) -> bool:
    """Set the length of a thread's turns, and how nice it is; without `nice` it stays as nice. Return whether the kernel agreed."""
    if _SCHED_SETATTR is None or os.sched_getscheduler(task) != os.SCHED_OTHER:
        return False
    kept = os.getpriority(os.PRIO_PROCESS, task) if nice is None else nice
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, kept, 0, nanoseconds, 0, 0)
    return bool(ctypes.CDLL(None).syscall(_SCHED_SETATTR, task, attributes, 0) == 0)
