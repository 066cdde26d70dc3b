"""Debian's ClickHouse server, of 2018: real, and far too old. The driver's transport is tried on it, and that it is refused."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.process import wait_until
from bench.running import free_port

FOLDER = Path(__file__).parents[2] / ".venv" / "debian"
PROGRAM = FOLDER / "usr/sbin/clickhouse-server"
CONFIG = """<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <tcp_port>{port}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>{folder}/</path><tmp_path>{folder}/tmp/</tmp_path>
  <mark_cache_size>5368709</mark_cache_size>
  <users_config>users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
</yandex>"""
USERS = """<yandex>
  <profiles><default/></profiles><quotas><default/></quotas>
  <users><default><password>secret</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
  <quota>default</quota></default></users>
</yandex>"""


class AncientServer:
    """The server in a folder, to be started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "tmp").mkdir()
        (folder / "config.xml").write_text(CONFIG.format(port=self.port, folder=folder))
        (folder / "users.xml").write_text(USERS)

    @property
    def address(self) -> str:
        """The server's address, as a store takes it."""
        return f"clickhouse://default:secret@127.0.0.1:{self.port}/default"

    @contextmanager
    def run(self) -> Iterator[subprocess.Popen[bytes]]:
        """Yield the process, which answers."""
        libraries = {"LD_LIBRARY_PATH": ":".join(str(FOLDER / part / "x86_64-linux-gnu") for part in ("lib", "usr/lib"))}
        command = [str(PROGRAM), f"--config-file={self._folder / 'config.xml'}"]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=os.environ | libraries, stdout=log, stderr=log, cwd=self._folder)
        try:
            wait_until(self._answers, 30)
            yield process
        finally:
            process.kill()
            process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
