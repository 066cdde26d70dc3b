"""`make release VERSION=0.2.0`: one version everywhere, and wheel, npm package and chart of it in `dist/`.

python -m release 0.2.0           write the version, and make the changelog's unreleased part that release
python -m release --build         build what is published, of the version that stands there
python -m release --notes 0.2.0   print what the changelog says of it
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from release import changelog
from release.versions import PLACES, ROOT, VERSION, current

CHANGELOG = ROOT / "CHANGELOG.md"


def prepare(version: str) -> None:
    """Write the version to all its places, and to the changelog. Raises ValueError: it can't be released."""
    if not re.fullmatch(VERSION, version):
        raise ValueError(f"{version!r} is not a version such as 0.2.0 or 0.2.0-rc.1.")
    text = changelog.release(CHANGELOG.read_text(encoding="utf-8"), version, datetime.now(UTC).date())
    for place in PLACES:
        place.write(version)
    CHANGELOG.write_text(text, encoding="utf-8")


def build(folder: Path) -> list[Path]:
    """Build what is published into an empty folder and return the files. Raises CalledProcessError."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(wheel, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder], cwd=ROOT / "beacon_js", check=True)
    import helm_python

    helm_python.package(ROOT / "helm" / "wideload", destination=folder)
    return sorted(folder.iterdir())


def main(arguments: list[str]) -> None:
    """Do what the command line asks."""
    match arguments:
        case ["--build"]:
            for path in build(ROOT / "dist"):
                print(path.relative_to(ROOT))
        case ["--notes", version]:
            print(changelog.notes(CHANGELOG.read_text(encoding="utf-8"), version))
        case [version] if not version.startswith("-"):
            prepare(version)
            print(f"The version is {current()}.")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as problem:
        sys.exit(str(problem))
