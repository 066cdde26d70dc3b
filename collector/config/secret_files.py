"""Secrets in files of their own, as containers get them mounted: `WIDELOAD_ADMIN_TOKEN_FILE=/run/secrets/admin-token`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from collector.config.rows import Setting


def read_secret_file(setting: Setting, environ: Mapping[str, str], problems: list[str]) -> str | None:
    """Return what stands in the file that the environment names for this setting; None if it names none, or there is a problem."""
    if not setting.secret or setting.file_variable not in environ:
        return None
    path = Path(environ[setting.file_variable])
    if setting.variable in environ:
        problems.append(f"{setting.variable} and {setting.file_variable} are both set: leave one of them out.")
        return None
    try:
        # Editors and `echo` end a file with a line feed, which is no part of the secret.
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"{setting.file_variable}: the file {path} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        problems.append(f"{setting.file_variable}: the file {path} is not a text in UTF-8.")
    return None
