"""Which browser checks run in: the one that is named, else the machine's, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from collector.config.model import BROWSER_VARIABLE

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_PLAYWRIGHTS: Final = Path.home() / ".cache" / "ms-playwright"


def find_program() -> str | None:
    """Return the path of the browser that is named or that the machine has; None leaves it to Playwright."""
    return os.environ.get(BROWSER_VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), None)


def shown_program() -> str:
    """Return the browser that would be used, without starting anything; empty if there is none."""
    if program := find_program():
        return program if shutil.which(program) else ""
    # Where `playwright install chromium` puts it.
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or _PLAYWRIGHTS)
    return str(next(folder.glob("chromium*"), ""))
