"""Marks of runs: the proof that an event belongs to a check's run.

A site key stands in every page, so without a mark anyone could forge the results of checks, or hide traffic as synthetic. The
collector signs a mark for whoever may run checks; the runner sends it as `check.mark` with its events, and so do the pages that it
opens. A script on such a page can read the mark, so a mark ends soon, and is for one run and one dataset.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: The field that carries it; it is read at ingest and never stored.
MARK_FIELD: Final = "check.mark"
#: How long events of a run are taken after it began: a run's time-out, and what a browser sends late.
LIFE_SECONDS: Final = 3600
_MARK: Final = re.compile(r"(\d{10})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of one run; `expires_at` in epoch seconds."""

    run_id: str
    text: str
    expires_at: int


class Marks:
    """Signs and verifies marks.

    Args:
        secret: the same for all collectors of a site.
        clock: epoch seconds.
        previous: the secret before it, whose marks are good, too; empty where there is none.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time, previous: str = "") -> None:
        self._secrets, self._clock = [one.encode() for one in (secret, previous) if one], clock

    def sign(self, dataset: str, run_id: str) -> Mark:
        """Return the mark of a run whose events go to a dataset."""
        expires_at = int(self._clock()) + LIFE_SECONDS
        return Mark(run_id, f"{expires_at}.{self._signature(self._secrets[0], dataset, run_id, str(expires_at))}", expires_at)

    def refusal(self, dataset: str, run_id: str, mark: str) -> str:
        """Return why a mark is not good for a run, as a word: `unsigned`, `wrong_mark` or `expired_mark`; empty if it is good."""
        if not mark:
            return "unsigned"
        found = _MARK.fullmatch(mark)
        signatures = [self._signature(secret, dataset, run_id, found[1]) for secret in self._secrets] if found else []
        if not found or not any(hmac.compare_digest(found[2], signature) for signature in signatures):
            return "wrong_mark"
        return "expired_mark" if self._clock() >= int(found[1]) else ""

    def push_tokens(self, name: str, generation: int) -> list[str]:
        """Return the secrets by which a check of the kind `push` takes heartbeats, the present one first.

        Another generation has others. With a secret before, the address that it made is good, too.
        """
        return [_signed(secret, "push", str(generation), name) for secret in self._secrets]

    @staticmethod
    def _signature(secret: bytes, dataset: str, run_id: str, expires_at: str) -> str:
        return _signed(secret, "check", dataset, expires_at, run_id)


def _signed(secret: bytes, *parts: str) -> str:
    # Only the last part may have a line feed, so no two lists make the same text.
    text = "\n".join(parts).encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hmac.digest(secret, text, hashlib.sha256)).decode().rstrip("=")
