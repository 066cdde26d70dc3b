"""The secret that marks are signed with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

SECRET_FILE: Final = "check-secret"


def check_secret(configured: str, data_dir: Path) -> str:
    """Return the configured secret, or the one that is kept in the data folder (made at the first start)."""
    if configured:
        return configured
    path = data_dir / SECRET_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()
