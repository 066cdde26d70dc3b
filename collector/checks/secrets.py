"""Secrets of checks: where they come from, and how they are kept out of everything that is shown, sent or kept."""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, quote_plus

from collector.config.model import CHECK_SECRET_PREFIX
from collector.errors import WideloadError

MASK: Final = "•••"
#: A shorter one would be found by chance, and masking it would make nonsense of everything.
MIN_LENGTH: Final = 4
_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)")
T = TypeVar("T")


class Masker:
    """Replaces secrets in texts, also as they stand in URLs, JSON, HTML and Basic authorization.

    Args:
        values: what is secret.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if value for form in _forms(value)}
        # The longest first: one secret may be the beginning of another.
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """Return a text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def deep(self, value: T) -> T:
        """Return what JSON can hold without secrets: in keys, too."""
        return self._deep(value) if self._pattern else value

    def _deep(self, value: Any) -> Any:
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self._deep(key): self._deep(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._deep(one) for one in value)
        return value


def read_secrets(environ: Mapping[str, str] | None = None, file: Path | None = None) -> dict[str, str]:
    """Return all secrets of this machine by their names in small letters.

    Args:
        environ: variables such as `WIDELOAD_CHECK_SECRET_SHOP_PASSWORD`; by default the process's. They win over the file.
        file: lines such as `shop_password = …`, as a shell would read them.

    Raises:
        WideloadError: the file cannot be read, or a secret is too short to be masked.
    """
    found = _read_file(file) if file else {}
    for name, value in (os.environ if environ is None else environ).items():
        if name.startswith(CHECK_SECRET_PREFIX):
            found[name.removeprefix(CHECK_SECRET_PREFIX).lower()] = value
    for name, value in found.items():
        if len(value) < MIN_LENGTH:
            raise WideloadError(f"The secret {name} is too short to be masked: it needs at least {MIN_LENGTH} characters.")
    return found


def _read_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WideloadError(
            f"The file {path} of secrets cannot be read: {getattr(error, 'strerror', 'it is not UTF-8')}."
        ) from None
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            # What stands there may be a secret.
            raise WideloadError(f"{path}:{number}: write a secret as `name = value`.")
        value = match[2].strip()
        found[match[1].lower()] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    return found


def _quote_all(value: str, errors: str) -> str:
    return quote(value, safe="", errors=errors)


def _forms(value: str) -> set[str]:
    """Return a secret as it is, and as it looks in the places where it may turn up."""
    forms = {value, *(one(value, errors="surrogatepass") for one in (quote, quote_plus, _quote_all)), html.escape(value)}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    raw = value.encode("utf-8", "surrogatepass")
    forms |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    # Within a longer text in base64, such as `user:password`, it looks in one of three ways; its ends depend on its neighbours.
    for before in range(3):
        inner = base64.b64encode(b"\0" * before + raw).decode()
        whole = inner[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        if len(whole) > 2 * MIN_LENGTH:
            forms.add(whole)
    return {form for form in forms if len(form) >= MIN_LENGTH}
