"""Accepted pictures of steps: what a screenshot is compared with. Only people accept one, so nothing creeps in.

A folder for each (check, step, browser, viewport), below `baselines` in the folder of evidence: `baseline.json`, and up to three
pictures: the accepted one, the last one that differs from it, and their difference.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from collector.checks.evidence import sha256_of
from collector.errors import WideloadError

FOLDER: Final = "baselines"
ACCEPTED, PENDING, DIFFERENCE = "accepted", "pending", "difference"
PICTURES: Final = (ACCEPTED, PENDING, DIFFERENCE)
_FILE: Final = "baseline.json"
_ID: Final = re.compile(r"[0-9a-f]{16}")
#: Of decisions; the oldest go first.
_MAX_HISTORY: Final = 50
#: Of a folder: names of checks and steps come from runners, too.
MAX_BASELINES: Final = 5000


class PictureGone(WideloadError):
    """The picture that a decision is about does not wait (any more)."""


@dataclass(slots=True)
class Baseline:
    """A step's picture.

    Attributes:
        id: the name of its folder, by which people name it.
        check, step, browser, viewport: whose picture it is.
        accepted: the SHA-256 of the accepted picture; empty if none is.
        accepted_at, accepted_by: when and by whom it was accepted.
        pending, difference: the SHA-256 of the picture that waits for a decision, and of the one that shows how it differs; empty
            if there is none.
        pending_at: when it was taken.
        run_id: of the run that took it.
        percent: how much it differs.
        history: decisions: what, when, by whom.
    """

    id: str
    check: str
    step: str
    browser: str
    viewport: str
    accepted: str = ""
    accepted_at: str = ""
    accepted_by: str = ""
    pending: str = ""
    difference: str = ""
    pending_at: str = ""
    run_id: str = ""
    percent: float = 0.0
    history: list[dict[str, str]] = field(default_factory=list)


class Baselines:
    """The baselines of a folder of evidence; runners and whoever decides may use it at the same time.

    Args:
        evidence_dir: that folder.
        now: the time.
    """

    def __init__(self, evidence_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._now = evidence_dir / FOLDER, now

    def all(self, check: str | None = None) -> list[Baseline]:
        """Return all of them, or those of a check: those that wait for a decision first."""
        found = [_read(path) for path in sorted(self._folder.glob(f"*/{_FILE}"))]
        return sorted(
            (one for one in found if check is None or one.check == check),
            key=lambda one: (not one.pending_at, one.check, one.step, one.viewport),
        )

    def find(self, id_: str) -> Baseline:
        """Return one, by its id or the beginning of it. Raises WideloadError: there is none, or more than one."""
        found = [one for one in self.all() if id_ and one.id.startswith(id_)]
        if len(found) != 1:
            what = f"{len(found)} baselines begin" if found else "No baseline begins"
            raise WideloadError(f"{what} with {id_!r}: `wideload check baselines list` shows all.")
        return found[0]

    def by_id(self, id_: str) -> Baseline | None:
        """Return one by its whole id; None if there is none."""
        path = self._folder / id_ / _FILE
        return _read(path) if _ID.fullmatch(id_) and path.exists() else None

    def get(self, check: str, step: str, browser: str, viewport: str) -> Baseline:
        """Return that of a step; a new one if there is none."""
        id_ = hashlib.sha256("\n".join((check, step, browser, viewport)).encode()).hexdigest()[:16]
        return self._again(Baseline(id_, check, step, browser, viewport))

    def path(self, baseline: Baseline, name: str) -> Path:
        """Return where one of its pictures is, or would be: `accepted`, `pending` or `difference`."""
        return self._folder / baseline.id / f"{name}.png"

    def picture(self, baseline: Baseline, name: str) -> bytes | None:
        """Return one of its pictures as PNG."""
        path = self.path(baseline, name)
        return path.read_bytes() if path.exists() else None

    def described(self, baseline: Baseline) -> dict[str, Any]:
        """Return what JSON can hold of one, with the paths of its pictures by `accepted`, `pending` and `difference`."""
        paths = {name: self.path(baseline, name) for name in PICTURES}
        return asdict(baseline) | {"pictures": {name: str(path) for name, path in paths.items() if path.exists()}}

    def propose(self, baseline: Baseline, taken: bytes, difference: bytes | None, percent: float, run_id: str) -> None:
        """Let a picture wait for a decision. Raises WideloadError: there are too many baselines."""
        with self._changing(baseline) as known:
            if not known.accepted and not known.pending and sum(1 for _ in self._folder.glob("*")) >= MAX_BASELINES:
                raise WideloadError(f"There are {MAX_BASELINES} pictures of steps already: delete folders in {self._folder}.")
            self._write(known, PENDING, taken)
            if difference:
                self._write(known, DIFFERENCE, difference)
            else:
                self.path(known, DIFFERENCE).unlink(missing_ok=True)
            known.pending, known.difference = sha256_of(taken), sha256_of(difference) if difference else ""
            known.pending_at, known.run_id, known.percent = self._time(), run_id, round(percent, 4)

    def accept(self, baseline: Baseline, by: str, picture: str = "") -> Baseline:
        """Take the waiting picture for the right one.

        Args:
            baseline: whose.
            by: who decides.
            picture: the SHA-256 of what was looked at; empty for whatever waits.

        Raises:
            PictureGone: none waits, or another one.
        """
        with self._changing(baseline) as known:
            _decide(known, "accepted", self._time(), by, picture)
            self.path(known, PENDING).replace(self.path(known, ACCEPTED))
            known.accepted, known.accepted_at, known.accepted_by = known.pending, self._time(), by
            self._settle(known)
        return known

    def reject(self, baseline: Baseline, by: str, picture: str = "") -> Baseline:
        """Say that the waiting picture is wrong; see `accept`."""
        with self._changing(baseline) as known:
            _decide(known, "rejected", self._time(), by, picture)
            self._settle(known)
        return known

    def matched(self, baseline: Baseline) -> None:
        """Forget a waiting picture: the page looks as it should again."""
        if baseline.pending_at:
            with self._changing(baseline) as known:
                self._settle(known)

    def mirror(self, check: str, accepted: Mapping[str, str], fetch: Callable[[], bytes]) -> None:
        """Have the picture here that was accepted elsewhere.

        Args:
            check: whose.
            accepted: step, browser, viewport, and `accepted`, its SHA-256.
            fetch: gets it, if it is not here.

        Raises:
            WideloadError: it cannot be got, or is another one.
        """
        baseline = self.get(check, accepted["step"], accepted["browser"], accepted["viewport"])
        if baseline.accepted == accepted["accepted"]:
            return
        body = fetch()
        if sha256_of(body) != accepted["accepted"]:
            raise WideloadError(f"The accepted picture of {check}, {accepted['step']}, is not the one that was asked for.")
        with self._changing(baseline) as known:
            self._write(known, ACCEPTED, body)
            known.accepted, known.accepted_at = accepted["accepted"], self._time()
            self._settle(known)

    @contextmanager
    def _changing(self, baseline: Baseline) -> Iterator[Baseline]:
        """Yield it as it is now, and keep it as it is left; meanwhile nobody else changes any."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._again(baseline)
            yield known
            self._save(known)
        finally:
            os.close(lock)

    def _again(self, baseline: Baseline) -> Baseline:
        path = self._folder / baseline.id / _FILE
        return _read(path) if path.exists() else baseline

    def _settle(self, baseline: Baseline) -> None:
        for name in (PENDING, DIFFERENCE):
            self.path(baseline, name).unlink(missing_ok=True)
        baseline.pending, baseline.difference, baseline.pending_at, baseline.run_id, baseline.percent = "", "", "", "", 0.0

    def _save(self, baseline: Baseline) -> None:
        self._replace(self._folder / baseline.id / _FILE, orjson.dumps(asdict(baseline), option=orjson.OPT_INDENT_2))

    def _write(self, baseline: Baseline, name: str, data: bytes) -> None:
        self._replace(self.path(baseline, name), data)

    def _replace(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_bytes(data)
        new.replace(path)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")


def _decide(baseline: Baseline, what: str, at: str, by: str, picture: str) -> None:
    if not baseline.pending_at:
        raise PictureGone(f"No picture of {baseline.check}, {baseline.step}, waits for a decision.")
    if picture and picture != baseline.pending:
        raise PictureGone(f"Another picture of {baseline.check}, {baseline.step}, has come since: look at that one.")
    decision = {"what": what, "at": at, "by": by, "run_id": baseline.run_id}
    baseline.history = [*baseline.history, decision][-_MAX_HISTORY:]


def _read(path: Path) -> Baseline:
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return Baseline(**document)
