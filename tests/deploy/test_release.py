"""A release: one version everywhere, notes from the changelog, and everything that is published."""

from __future__ import annotations

import json
import shutil
import tarfile
from datetime import date
from pathlib import Path

import pytest
import yaml

from release import changelog
from release.__main__ import build
from release.versions import PLACES, ROOT, current

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_one_version_is_everywhere(place: object) -> None:
    assert place.read() == {current()}  # type: ignore[attr-defined]


def test_another_version_is_written_to_all_places_and_nothing_else_changes(tmp_path: Path) -> None:
    for place in PLACES:
        (tmp_path / place.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place.path, tmp_path / place.path)
        place.write("99.1.0-rc.1", tmp_path)

    for place in PLACES:
        before, after = (ROOT / place.path).read_text(), (tmp_path / place.path).read_text()
        changed = [line for line, other in zip(before.splitlines(), after.splitlines(), strict=True) if line != other]
        assert place.read(tmp_path) == {"99.1.0-rc.1"}
        assert changed and all(current() in line for line in changed)


def test_what_is_unreleased_becomes_the_release() -> None:
    after = changelog.release(CHANGELOG, "99.1.0", date(2026, 12, 1))

    assert "## [Unreleased]\n\n## [99.1.0] - 2026-12-01\n" in after
    assert changelog.notes(after, "99.1.0") == changelog.notes(CHANGELOG, "Unreleased")


def test_nothing_is_released_twice_or_without_a_word() -> None:
    after = changelog.release(CHANGELOG, "99.1.0", date(2026, 12, 1))

    with pytest.raises(ValueError, match="says nothing of Unreleased"):
        changelog.release(after, "99.2.0", date(2026, 12, 2))
    with pytest.raises(ValueError, match=r"a release 99\.1\.0 already"):
        changelog.release(after.replace("## [Unreleased]\n", "## [Unreleased]\n\n- More.\n"), "99.1.0", date(2026, 12, 2))


def test_wheel_package_and_chart_are_built_of_one_version(tmp_path: Path) -> None:
    version = current()

    files = {path.name: path for path in build(tmp_path / "dist")}

    assert set(files) == {f"wideload-{version}-py3-none-any.whl", f"wideload-beacon-{version}.tgz", f"wideload-{version}.tgz"}
    with tarfile.open(files[f"wideload-{version}.tgz"]) as chart:
        assert yaml.safe_load(chart.extractfile("wideload/Chart.yaml"))["appVersion"] == version  # type: ignore[arg-type]
        assert "wideload/files/smoke.py" in chart.getnames()
    with tarfile.open(files[f"wideload-beacon-{version}.tgz"]) as package:
        assert json.load(package.extractfile("package/package.json"))["version"] == version  # type: ignore[arg-type]
