"""`make docs-site`: the docs as a site. A link that leads nowhere stops it.

The pages are those of `docs/`, with the README as the first one, and those of the npm package and the chart. What a page links to
beside them leads to the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from release.versions import ROOT

_REPOSITORY: Final = "https://github.com/wideload/wideload"
#: Pages from elsewhere, by their names on the site.
PAGES: Final = {
    "index.md": "README.md",
    "beacon.md": "beacon_js/README.md",
    "kubernetes.md": "helm/wideload/README.md",
    "changelog.md": "CHANGELOG.md",
}
_LINK: Final = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")


def prepare(folder: Path) -> None:
    """Write the pages into a folder, with links that are right there. Raises ValueError: one leads nowhere."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    for name in [*(path.name for path in (ROOT / "docs").glob("*.md")), *PAGES]:
        source = ROOT / PAGES.get(name, f"docs/{name}")
        text = source.read_text(encoding="utf-8")
        (folder / name).write_text(_LINK.sub(lambda match, at=source: _target(at, match), text), encoding="utf-8")


def _target(source: Path, match: re.Match[str]) -> str:
    """Return where a link leads on the site."""
    file = Path(os.path.normpath(source.parent / match[1]))
    anchor = match[2] or ""
    path = file.relative_to(ROOT).as_posix()
    if not file.exists():
        raise ValueError(f"{source.relative_to(ROOT)} links to {path}, which does not exist.")
    if page := next((page for page, known in PAGES.items() if known == path), None):
        return page + anchor
    if path.startswith("docs/"):
        return path.removeprefix("docs/") + anchor
    return f"{_REPOSITORY}/{'tree' if file.is_dir() else 'blob'}/main/{path}{anchor}"


def build() -> int:
    """Build the site into `dist/site` and return the exit code."""
    prepare(ROOT / "build" / "site")
    return subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(build())
    except ValueError as problem:
        sys.exit(str(problem))
