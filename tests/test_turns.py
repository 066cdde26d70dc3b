"""Threads that take beacons ask for shorter turns than those that answer questions."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.store.chdb import ChdbStore
from collector.turns import PATIENT, QUICK, be_quick, set_turns

OWN = Path("/proc/thread-self/sched")
SLICE = re.compile(r"^se\.slice\s*:\s*(\d+)", re.MULTILINE)
#: Kernels before 6.12 have turns of one length, and some show nothing.
pytestmark = pytest.mark.skipif(not OWN.exists() or not SLICE.search(OWN.read_text()), reason="this kernel does not tell")


def turns_after(*acts: Callable[[], object]) -> list[int]:
    """Return how long the turns of a new thread are after each act, in nanoseconds, as the kernel says."""
    seen: list[int] = []

    def run() -> None:
        for act in acts:
            act()
            found = SLICE.search(OWN.read_text())
            seen.append(int(found[1]) if found else 0)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return seen


def test_turns_can_be_made_short_and_long_again() -> None:
    def be_patient() -> None:
        set_turns(threading.get_native_id(), PATIENT)

    assert turns_after(be_quick, be_patient, be_quick) == [QUICK, PATIENT, QUICK]


def test_threads_of_the_engine_are_patient(embedded_store: ChdbStore) -> None:
    for _ in range(2):
        embedded_store.query("SELECT count() FROM numbers_mt(10000000) WHERE NOT ignore(sipHash64(number))")
    engine = [task for task in Path("/proc/self/task").iterdir() if (task / "comm").read_text().strip() == "ThreadPool"]
    assert {int(SLICE.findall((task / "sched").read_text())[0]) for task in engine} == {PATIENT}
