"""Where the version stands. `pyproject.toml` is the source; everything else that carries it is written from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Place:
    """A file, and the pattern whose last group is the version; it may be there several times."""

    path: str
    pattern: str

    def read(self, root: Path = ROOT) -> set[str]:
        """Return the versions that stand there. Raises ValueError: there is none."""
        found = {match[2] for match in re.finditer(self.pattern, (root / self.path).read_text(encoding="utf-8"), re.MULTILINE)}
        if not found:
            raise ValueError(f"No version is found in {self.path}.")
        return found

    def write(self, version: str, root: Path = ROOT) -> None:
        """Put another version there. Raises ValueError: there is none."""
        self.read(root)
        text = (root / self.path).read_text(encoding="utf-8")
        changed = re.sub(self.pattern, lambda match: match[1] + version, text, flags=re.MULTILINE)
        (root / self.path).write_text(changed, encoding="utf-8")


#: Nothing but a release candidate: `-embedded` after a version is the variant of an image.
VERSION: Final = r"(\d+\.\d+\.\d+(?:-rc\.\d+)?)"
#: A package of npm names itself twice in its lock.
_NPM: Final = r'("name": "@wideload/\w+",\s+"version": ")' + VERSION
PLACES: Final = (
    Place("pyproject.toml", r'(^version = ")' + VERSION),
    Place("beacon_js/package.json", _NPM),
    Place("beacon_js/package-lock.json", _NPM),
    Place("dashboards/viewer/package.json", _NPM),
    Place("dashboards/viewer/package-lock.json", _NPM),
    Place("helm/wideload/Chart.yaml", r"(^(?:appVersion|version): \"?)" + VERSION),
    Place("Dockerfile", r"(^ARG VERSION=)" + VERSION),
    Place("compose.yaml", r"(wideload/wideload:)" + VERSION),
    Place("docs/install.md", r"((?:wideload/wideload|…):)" + VERSION),
)


def current(root: Path = ROOT) -> str:
    """Return the version."""
    (version,) = PLACES[0].read(root)
    return version
