"""What an attempt leaves behind: pictures and texts, without secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from collector.checks.attempt import Piece
from collector.checks.evidence import MAX_BYTES, write

log = logging.getLogger(__name__)

#: Of one text.
MAX_TEXT_BYTES: Final = 1 << 20


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
        if len(data) > MAX_BYTES:
            log.warning("A %s of %d bytes is not kept: a piece of evidence has at most %d.", kind, len(data), MAX_BYTES)
            return None
        sha256 = write(self.folder, data)
        self._pieces.append(Piece(kind, self._mask(name), sha256, media_type, len(data)))
        return sha256

    def add_text(self, kind: str, name: str, text: str) -> str | None:
        """Keep a text without secrets. It is plain text for whoever asks for it, whatever it says it is."""
        data = self._mask(text).encode("utf-8", "replace")[:MAX_TEXT_BYTES]
        return self.add(kind, name, data, "text/plain; charset=utf-8")

    def add_json(self, kind: str, name: str, value: Any) -> str | None:
        """Keep what JSON can hold, without secrets."""
        return self.add(kind, name, self._mask(orjson.dumps(value).decode()).encode(), "application/json")
