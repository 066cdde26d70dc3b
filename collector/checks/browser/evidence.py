"""Evidence: files that are named by the SHA-256 of what is in them, so that the same picture is kept once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import orjson

from collector.checks.attempt import Piece

#: Of one text.
MAX_TEXT_BYTES: Final = 1 << 20


def evidence_path(folder: Path, sha256: str) -> Path:
    """Return where a piece of evidence is."""
    return folder / sha256[:2] / sha256


def keep(folder: Path, data: bytes) -> str:
    """Keep bytes, whole or not at all, and return their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = evidence_path(folder, sha256)
    if path.exists():
        # Whoever clears away old evidence must see that it is needed anew.
        os.utime(path)
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return sha256


class Evidence:
    """Collects the evidence of an attempt.

    Args:
        folder: where it is kept; None keeps nothing.
        pieces: what is kept is noted here.
        mask: takes secrets out of texts.
    """

    def __init__(self, folder: Path | None, pieces: list[Piece], mask: Callable[[str], str]) -> None:
        self.folder, self._pieces, self._mask = folder, pieces, mask

    def add(self, kind: str, name: str, data: bytes, media_type: str) -> str | None:
        """Keep something that has no secret in it; return its SHA-256, or None if nothing is kept."""
        if self.folder is None:
            return None
        sha256 = keep(self.folder, data)
        self._pieces.append(Piece(kind, self._mask(name), sha256, media_type, len(data)))
        return sha256

    def add_text(self, kind: str, name: str, text: str) -> str | None:
        """Keep a text without secrets. It is plain text for whoever asks for it, whatever it says it is."""
        data = self._mask(text).encode("utf-8", "replace")[:MAX_TEXT_BYTES]
        return self.add(kind, name, data, "text/plain; charset=utf-8")

    def add_json(self, kind: str, name: str, value: Any) -> str | None:
        """Keep what JSON can hold, without secrets."""
        return self.add(kind, name, self._mask(orjson.dumps(value).decode()).encode(), "application/json")
