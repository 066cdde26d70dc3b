"""What the workers of a data folder tell of themselves, for whoever is asked for metrics.

Each worker gives its own over a socket in its folder. Their counters go on where the folder's books ended, so a series belongs to a
folder (`worker="1"`), whichever process has it at the moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from collector.pipeline.leftovers import INGEST_FOLDER
from collector.pipeline.sockets import for_owner_only, socket_name

WORKER_SOCKET: Final = "worker.sock"
#: A worker that does not answer in time is left out, as is one that has gone.
SECONDS: Final = 2.0
_SAMPLE: Final = re.compile(r"(\w+)(?:\{(.*)\})?( .*)")


class Siblings:
    """One collector among those of a data folder.

    Args:
        data_dir: the data folder.
        render: returns the collector's own metrics as Prometheus text.
        home: the folder of a worker; None for a collector that is not one.
    """

    def __init__(self, data_dir: Path, render: Callable[[], bytes], home: Path | None = None) -> None:
        self._data_dir, self._render, self._home = data_dir, render, home
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Tell who asks, if this is a worker."""
        if self._home:
            path = self._home / WORKER_SOCKET
            path.unlink(missing_ok=True)
            with socket_name(path) as name, for_owner_only():
                self._server = await asyncio.start_unix_server(self._tell, name)

    def stop(self) -> None:
        """Tell nobody any more."""
        if self._server and self._home:
            self._server.close()
            (self._home / WORKER_SOCKET).unlink(missing_ok=True)

    async def metrics(self) -> bytes:
        """Return the metrics of this collector and of all workers."""
        others = [path for path in self._data_dir.glob(f"{INGEST_FOLDER}/*/{WORKER_SOCKET}") if path.parent != self._home]
        texts = await asyncio.gather(*map(_ask, others))
        told = {path.parent.name: text for path, text in zip(others, texts, strict=True) if text}
        return merged({(self._home.name if self._home else ""): self._render().decode(), **told}).encode()

    async def _tell(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(self._render())
            await writer.drain()
        writer.close()


async def _ask(path: Path) -> str:
    try:
        async with asyncio.timeout(SECONDS):
            with socket_name(path) as name:
                reader, writer = await asyncio.open_unix_connection(name)
            text = await reader.read()
            writer.close()
            return text.decode()
    except (OSError, TimeoutError):
        return ""


def merged(texts: Mapping[str, str]) -> str:
    """Return Prometheus texts as one; the series of each but the nameless one get a label with its name."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    for worker in sorted(texts):
        head: list[str] = []
        samples: list[str] = []
        for line in texts[worker].splitlines():
            if line.startswith("# HELP "):
                head, samples = families.setdefault(line.split(" ")[2], ([], []))
                is_new = not head
            if line.startswith("#"):
                if is_new:
                    head.append(line)
            else:
                samples.append(_labelled(line, worker))
    return "".join(f"{line}\n" for head, samples in families.values() for line in (*head, *samples))


def _labelled(line: str, worker: str) -> str:
    match = _SAMPLE.fullmatch(line)
    if not worker or not match:
        return line
    name, labels, rest = match.groups()
    return f'{name}{{{f"{labels}," if labels else ""}worker="{worker}"}}{rest}'
