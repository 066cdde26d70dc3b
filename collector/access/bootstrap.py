"""What lets the first admin in: the admin token, and whether there is a user who could do without it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from pathlib import Path
from typing import Final

from collector.access.database import ACCESS_FILE
from collector.access.identity import EVERYTHING, Role

TOKEN_FILE: Final = "admin-token"


def admin_token(configured: str, data_dir: Path) -> str:
    """Return the configured admin token, or the one that is kept in the data folder (made at the first start)."""
    if configured:
        return configured
    path = data_dir / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def has_admin(data_dir: Path) -> bool:
    """Whether the file of a data folder, if there is one, knows a user who is admin of everything. Changes nothing."""
    path = data_dir / ACCESS_FILE
    if not path.is_file():
        return False
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=2, uri=True)
        found = db.execute("SELECT 1 FROM roles WHERE dataset = ? AND role = ?", (EVERYTHING, Role.ADMIN.word)).fetchone()
        db.close()
    except sqlite3.Error:
        return False
    return found is not None
