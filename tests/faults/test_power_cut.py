"""A power cut under load: what was not synced is gone, what was acknowledged is not.

The data folder is on a file system of its own, which is shut down as a power cut does it: nothing more reaches the device, not even
the journal (`EXT4_IOC_SHUTDOWN` without a flush, as in xfstests' `godown`). Then it is mounted again.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

from bench.process import CollectorProcess, wait_until
from bench.traffic import Traffic

_SHUTDOWN = 0x8004587D
_NO_FLUSH = struct.pack("I", 2)
CUTS = int(os.environ.get("WIDELOAD_TEST_CUTS", "3"))


class Disk:
    """A file system in a file."""

    def __init__(self, folder: Path) -> None:
        self._image, self.path = folder / "disk.img", folder / "disk"
        self.path.mkdir()
        with self._image.open("wb") as image:
            image.truncate(512 << 20)
        done = subprocess.run(["mkfs.ext4", "-q", "-F", str(self._image)], capture_output=True)
        if done.returncode or os.geteuid():
            pytest.skip("file systems can't be made here")

    def mount(self) -> None:
        """Let the system use it."""
        if subprocess.run(["mount", "-o", "loop", str(self._image), str(self.path)], capture_output=True).returncode:
            pytest.skip("file systems can't be mounted here")

    def cut(self) -> None:
        """Cut the power: nothing that was not synced reaches the device any more."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, _NO_FLUSH)
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", str(self.path)], check=True)


def freeze(pid: int) -> None:
    """Stop a process as a power cut does, at once.

    What it hears of a dead disk from a kernel that goes on, it would tell others: ext4 may end an fsync without an error then.
    """
    os.kill(pid, signal.SIGSTOP)
    # A thread that is in the kernel stops on its way out of there.
    wait_until(lambda: all(_state(task) in "TD" for task in Path(f"/proc/{pid}/task").iterdir()), every=0.001)


def _state(task: Path) -> str:
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def test_what_was_acknowledged_survives_a_power_cut(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.mount()
    collector = CollectorProcess(disk.path / "data")
    collector.log = tmp_path / "collector.log"
    collector.start()
    try:
        with Traffic(collector.url) as traffic:
            for _ in range(CUTS):
                time.sleep(random.uniform(0.5, 2))
                freeze(collector.process.pid)
                disk.cut()
                collector.kill()
                disk.unmount()
                disk.mount()
                # The store looks through its parts, and some events are loaded again.
                collector.start(120)
        assert traffic.acknowledged
        collector.verify(traffic.acknowledged)
    finally:
        collector.kill()
        disk.unmount()
