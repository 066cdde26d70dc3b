"""Runs the recipes: nginx, Caddy and the runtime of Cloudflare's Workers, each in front of a port."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from proxy_recipes import caddy, nginx, worker

from bench.running import free_port

RECIPES = {"nginx": nginx, "caddy": caddy, "worker": worker}
#: An address of the loopback interface that no proxy has: the visitor's.
VISITOR = "127.0.0.2"


@contextmanager
def running(recipe: str, folder: Path, behind: int) -> Iterator[httpx2.Client]:
    """Run a proxy in front of a port; yield a client that comes from the visitor's address."""
    port = free_port()
    command = RECIPES[recipe](folder, port, behind)
    environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        transport = httpx2.HTTPTransport(local_address=VISITOR)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=10) as client:
            try:
                wait_until_it_listens(client, process, folder / "output")
                yield client
            finally:
                process.terminate()
                process.wait(10)


def wait_until_it_listens(client: httpx2.Client, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < end:
        try:
            client.get("/w/started")
            return
        except httpx2.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"it did not start: {output.read_text()}")
