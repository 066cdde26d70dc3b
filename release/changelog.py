"""CHANGELOG.md in the form of https://keepachangelog.com: what is unreleased becomes a release."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_UNRELEASED: Final = "## [Unreleased]\n"
_SECTION: Final = re.compile(r"^## \[(?P<version>[^\]]+)\][^\n]*\n(?P<text>.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL)


def notes(changelog: str, version: str) -> str:
    """Return what is said of a version, or of `Unreleased`. Raises ValueError: nothing is."""
    found = next((match["text"].strip() for match in _SECTION.finditer(changelog) if match["version"] == version), "")
    if not found:
        raise ValueError(f"CHANGELOG.md says nothing of {version}: write for users what is new, changed and mended.")
    return found


def release(changelog: str, version: str, day: date) -> str:
    """Return the changelog with what was unreleased as this version. Raises ValueError: that is nothing, or there is such a one."""
    notes(changelog, "Unreleased")
    if any(match["version"] == version for match in _SECTION.finditer(changelog)):
        raise ValueError(f"CHANGELOG.md has a release {version} already.")
    return changelog.replace(_UNRELEASED, f"{_UNRELEASED}\n## [{version}] - {day.isoformat()}\n", 1)
