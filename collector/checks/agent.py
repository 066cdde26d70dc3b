"""An agent: runs checks of a collector elsewhere. It asks for work, so nothing needs to reach it, and it knows no store."""

from __future__ import annotations

import base64
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Final

from collector.checks.comparisons import copy_accepted
from collector.checks.evidence import place_of
from collector.checks.runs.job import Outcome
from collector.checks.schedule.folder import hash_of
from collector.checks.schedule.lease import Lease, LeaseGone
from collector.client import Client
from collector.errors import ClientError, WideloadError

log = logging.getLogger(__name__)

#: How long a request waits for something to become due.
_WAIT_SECONDS: Final = 10
#: An answer is tried again for so long; after that the lease has ended, or soon will.
_ANSWER_SECONDS: Final = 60.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0
#: Folders of files that are kept, as checks of several may be running.
_KEPT_FOLDERS: Final = 3


class Agent:
    """Gets leases from a collector, with the files they are about; see `Leases`. Use it in a `with` block.

    Args:
        clients: makes a client; each thread has its own.
        dataset: whose checks.
        location: where this is.
        sleep: seconds.
    """

    def __init__(
        self, clients: Callable[[], Client], dataset: str, location: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clients, self._dataset, self._location, self._sleep = clients, dataset, location, sleep
        self._local, self._lock = threading.local(), threading.Lock()
        self.folder = Path(tempfile.mkdtemp(prefix="wideload-agent-"))
        self.evidence_dir = self.folder / "evidence"
        self._kept: list[Path] = []
        self._made: list[Client] = []

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for client in self._made:
            client.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def take(self, runner: str) -> Lease | None:
        """Return something to do, None if there is nothing yet. Raises ClientError."""
        asked = {"location": self._location, "runner": runner, "wait": _WAIT_SECONDS}
        found = self._client.post(self._at("/api/checks/leases"), asked)["lease"]
        return Lease.read(found) if found else None

    def complete(self, lease: Lease, runner: str, outcomes: Sequence[Outcome]) -> None:
        """Say what came of a lease, evidence first. Raises LeaseGone, ClientError."""
        for outcome in outcomes:
            for piece in outcome.evidence:
                self._upload(piece)
        body = {"runner": runner, "runs": [asdict(one) for one in outcomes]}
        try:
            self._insist(lambda: self._client.post(self._at(f"/api/checks/leases/{lease.id}/result"), body))
        except ClientError as error:
            if error.status == 409:
                raise LeaseGone(str(error)) from None
            raise

    def folder_of(self, lease: Lease) -> str:
        """Return the folder with the lease's files; they and its accepted pictures are fetched if they are not there.

        Raises:
            WideloadError: they cannot be had.
        """
        with self._lock:
            # A check without an `id` is called after its path below a folder of this name.
            folder = self.folder / lease.bundle / "checks"
            if not folder.exists():
                self._fetch(lease.bundle, folder)
                self._forget()
        copy_accepted(self.evidence_dir, lease.name, lease.pictures, lambda path: self._client.get_bytes(self._at(path)))
        return str(folder)

    def _fetch(self, bundle: str, folder: Path) -> None:
        answer = self._insist(lambda: self._client.get(self._at(f"/api/checks/files/{bundle}")))
        files = {name: base64.b64decode(body) for name, body in answer.items()}
        if hash_of(files) != bundle:
            raise WideloadError("The files of checks are not those of the lease.")
        draft = folder.with_name("draft")
        for name, body in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                raise WideloadError(f"The collector sends a file {name!r}, which would lie beside the folder of checks.")
            place = draft / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
        draft.mkdir(parents=True, exist_ok=True)
        draft.rename(folder)
        self._kept.append(folder.parent)

    def _forget(self) -> None:
        for folder in self._kept[:-_KEPT_FOLDERS]:
            shutil.rmtree(folder, ignore_errors=True)
        del self._kept[:-_KEPT_FOLDERS]

    def _upload(self, piece: Mapping[str, Any]) -> None:
        path = place_of(self.evidence_dir, piece["sha256"])
        try:
            body = path.read_bytes()
            self._insist(lambda: self._client.put(self._at(f"/api/checks/evidence/{piece['sha256']}"), body))
            path.unlink(missing_ok=True)
        except (OSError, ClientError) as error:
            # The run counts without its picture.
            log.warning("The evidence %s of a run could not be handed over: %s", piece["sha256"], error)

    def _insist(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Ask again while it may help."""
        end, wait = time.monotonic() + _ANSWER_SECONDS, _FIRST_WAIT
        while True:
            try:
                return ask()
            except ClientError as error:
                if (error.status and error.status not in (408, 429) and error.status < 500) or time.monotonic() > end:
                    raise
            self._sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    @property
    def _client(self) -> Client:
        if not hasattr(self._local, "client"):
            self._local.client = self._clients()
            self._made.append(self._local.client)
        client: Client = self._local.client
        return client

    def _at(self, path: str) -> str:
        return f"{path}?dataset={self._dataset}"
