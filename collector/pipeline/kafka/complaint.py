"""Says that something is wrong: at once, every 30 seconds while it lasts, and when it is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

REMIND_SECONDS: Final = 30.0


class Complaint:
    """One thing that may be wrong; every method may be called from any thread.

    Args:
        what: a sentence without its end, such as `The topic cannot be read`.
        over: the sentence that ends it.
        clock: seconds, monotonic.
    """

    def __init__(self, what: str, over: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._over, self._clock = what, over, clock
        self._lock = threading.Lock()
        self._since, self._said = 0.0, float("-inf")
        #: Why it is wrong; empty while all is well.
        self.reason = ""

    def say(self, reason: str) -> None:
        """It is wrong, for this reason."""
        with self._lock:
            now = self._clock()
            if not self.reason:
                self._since, self._said = now, float("-inf")
            self.reason = reason
            if now - self._said < REMIND_SECONDS:
                return
            self._said, held = now, now - self._since
        log.error("%s (for %.0f s): %s", self._what, held, reason, extra={"reason": reason, "held_seconds": round(held)})

    def remind(self) -> None:
        """Say it again, if it still is and 30 seconds have passed."""
        if reason := self.reason:
            self.say(reason)

    def end(self) -> None:
        """All is well."""
        with self._lock:
            if not self.reason:
                return
            self.reason, held = "", self._clock() - self._since
        log.warning("%s, after %.0f s.", self._over, held, extra={"held_seconds": round(held)})
