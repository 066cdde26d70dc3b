"""The shop that recordings were made in, and the checks that become of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from collector.checks.files.load import Check, find, load
from collector.checks.importers import reading, writing

RECORDINGS = Path(__file__).parent / "recordings"
SITE = "https://shop.example"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the pages, and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


class Server(ThreadingHTTPServer):
    """Does not mind browsers that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Be quiet."""


@contextmanager
def recorded_shop() -> Iterator[str]:
    """The address of the shop that the recordings were made in."""
    with Server(("127.0.0.1", 0), partial(Quiet, directory=RECORDINGS / "shop")) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def checks_of(name: str, folder: Path, shop: str) -> list[tuple[Check, dict[str, str]]]:
    """Return the checks of a recording, with their secrets, about the shop at this address."""
    imports = reading.read([RECORDINGS / name])
    texts = {path: text.replace(SITE, shop) for path, text in writing.files(imports).items()}
    writing.write(texts, folder / "checks", overwrite=False)
    checks, problems = load(find([folder / "checks"]))
    assert problems == []
    secrets = {key: value for one in imports for key, value in one.secrets.items()}
    return [(check, {name: secrets[name] for name in check.secrets}) for check in checks]
