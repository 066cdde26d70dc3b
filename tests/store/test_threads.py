"""The engine's threads give way to Python's."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from collector.store.chdb import ChdbStore
from collector.store.threads import NICE

TASKS = Path("/proc/self/task")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has nice threads")
def test_threads_that_answer_questions_are_nice_and_pythons_are_not(embedded_store: ChdbStore) -> None:
    before = os.getpriority(os.PRIO_PROCESS, os.getpid())
    for _ in range(2):
        embedded_store.query("SELECT count() FROM numbers_mt(10000000) WHERE NOT ignore(sipHash64(number))")

    names = {int(task.name): (task / "comm").read_text().strip() for task in TASKS.iterdir()}
    nice = {task: os.getpriority(os.PRIO_PROCESS, task) for task in names}
    python = {thread.native_id for thread in threading.enumerate()}
    assert {nice[task] for task in python if task in nice} == {before}
    assert all(nice[task] >= NICE for task, name in names.items() if name == "ThreadPool")
    assert "ThreadPool" in names.values()
