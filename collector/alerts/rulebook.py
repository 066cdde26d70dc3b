"""The rules and channels that are in force: read from the operator's folder, and again when a file in it changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.alerts.channels.load import FILE, Channels, load_channels
from collector.alerts.files.load import ENDING, load, unknown_channels
from collector.alerts.rules import Rule
from collector.errors import WideloadError
from collector.yaml_files import Problem

log = logging.getLogger(__name__)


class RuleBook:
    """The rules of a folder. A file that cannot be used leaves what it said before in force, and is told.

    Args:
        folder: the folder; None for no rules.
        datasets: whose names rules may use.
    """

    def __init__(self, folder: Path | None, datasets: Mapping[str, Any]) -> None:
        self._folder, self._datasets = folder, datasets
        self._signature: object = None
        self.rules: dict[str, Rule] = {}
        self.channels = Channels()
        #: Whether the files were read at all.
        self.is_read = False
        #: What is wrong with them.
        self.problems: list[Problem] = []

    def refresh(self) -> None:
        """Read the files again if one has changed."""
        if self._folder is None:
            return
        if not self._folder.is_dir():
            # A mount that is away for a moment takes no rule away.
            self._signature, self.problems = None, [Problem(self._folder, 1, "The folder is not there.")]
            return
        files = sorted(self._folder.rglob(f"*{ENDING}"))
        channels_file = self._folder / FILE
        signature = [_signature(path) for path in (*files, channels_file)]
        if signature == self._signature:
            return
        self._signature = signature
        try:
            found, problems = load(files)
            channels, wrong = load_channels(channels_file)
        except WideloadError as error:
            found, problems, channels, wrong = [], [Problem(self._folder, 1, str(error))], Channels(), []
        if not wrong:
            self.channels = channels
            problems += unknown_channels(found, channels.by_name)
        problems += [Problem(rule.path, 1, f"There is no dataset {rule.dataset!r} here; there are: {', '.join(self._datasets)}.")
                     for rule in found if rule.dataset not in self._datasets]  # fmt: skip
        self._take(found, [*problems, *wrong], set(files))

    def _take(self, found: list[Rule], problems: list[Problem], files: set[Path]) -> None:
        for problem in problems:
            log.error("A rule cannot be used as it is; what it said before stays in force. %s", problem)
        bad = {problem.path for problem in problems}
        before = {name: rule for name, rule in self.rules.items() if rule.path in bad and rule.path in files}
        self.rules = before | {rule.name: rule for rule in found if rule.dataset in self._datasets}
        self.problems, self.is_read = problems, True
        if not problems:
            log.info("%d rules are in force, with %d channels.", len(self.rules), len(self.channels.by_name))


def _signature(path: Path) -> object:
    try:
        stat = path.stat()
    except OSError:
        return (path, None)
    return (path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
