"""The folder of checks that the scheduler runs: read again when a file changes, and packed for agents."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.checks.files.load import ENDING, Check, load
from collector.errors import WideloadError

log = logging.getLogger(__name__)

#: Of all files together, as agents get them.
MAX_BUNDLE_BYTES: Final = 4 << 20
Stamp = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The folder's files by their paths in it; `hash` names exactly these."""

    hash: str
    files: Mapping[str, bytes] = field(repr=False)


def hash_of(files: Mapping[str, bytes]) -> str:
    """Return what names exactly these files."""
    parts = "".join(f"{name}\0{hashlib.sha256(body).hexdigest()}\n" for name, body in sorted(files.items()))
    return hashlib.sha256(parts.encode()).hexdigest()


class Folder:
    """Reads the folder.

    Args:
        path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: Stamp | None = None
        self._checks: dict[str, Check] = {}
        self._bundle: Bundle | None = None
        self.problems: list[str] = []

    def checks(self) -> Mapping[str, Check]:
        """Return the checks by name. A file that cannot be read any more counts as it was until it is mended; the log says so."""
        if (stamp := self._look()) != self._stamp:
            self._stamp, self._bundle = stamp, None
            self._read()
        return self._checks

    def bundle(self) -> Bundle:
        """Return the folder's files. Raises WideloadError: there is too much in it."""
        if self._bundle is None:
            files = {name: (self.path / name).read_bytes() for name in self._look()}
            if sum(map(len, files.values())) > MAX_BUNDLE_BYTES:
                text = f"The files in {self.path} are larger than {MAX_BUNDLE_BYTES >> 20} MiB together, so agents cannot get them."
                raise WideloadError(text)
            self._bundle = Bundle(hash_of(files), files)
        return self._bundle

    def hash(self) -> str:
        """Return the hash of the bundle; a word where there is too much, so that an agent that asks for it is told."""
        try:
            return self.bundle().hash
        except WideloadError:
            return "too-large"

    def relative(self, check: Check) -> str:
        """Return the path of a check's file in the folder."""
        return check.path.relative_to(self.path).as_posix()

    def _look(self) -> Stamp:
        found: Stamp = {}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path)
            if any(part.startswith((".", "__")) for part in name.parts) or not path.is_file():
                continue
            stat = path.stat()
            found[name.as_posix()] = (stat.st_mtime_ns, stat.st_size)
        return found

    def _read(self) -> None:
        paths = [self.path / name for name in self._stamp or () if name.endswith(ENDING)]
        checks, problems = load(paths)
        broken = {problem.path for problem in problems}
        self.problems = list(map(str, problems))
        for problem in problems:
            log.warning("A check is not as it should be: %s", problem)
        kept = {name: check for name, check in self._checks.items() if check.path in broken}
        self._checks = kept | {check.name: check for check in checks}
        log.info("%d checks in %s.", len(self._checks), self.path)
