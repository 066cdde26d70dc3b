"""librdkafka's own words in the log: once, and again after 30 seconds. While brokers are away it says the same all the time."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Final

_log = logging.getLogger("librdkafka")

REPEAT_SECONDS: Final = 30.0
#: Different sentences that are remembered.
_MOST: Final = 256
_VARYING: Final = re.compile(r"\(after .*\)|\d+ms|#\w+-\d+")


class LibraryLog:
    """What librdkafka takes for a logger.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        #: A sentence without what changes in it -> (when it was logged, how often it came since).
        self._said: dict[str, tuple[float, int]] = {}

    def log(self, level: int, text: str, *args: object) -> None:
        """Log a sentence, unless it was lately."""
        sentence = text % args if args else text
        key, now = _VARYING.sub("", sentence), self._clock()
        with self._lock:
            at, held_back = self._said.get(key, (float("-inf"), 0))
            if now - at < REPEAT_SECONDS:
                self._said[key] = (at, held_back + 1)
                return
            if len(self._said) >= _MOST:
                self._said.clear()
            self._said[key] = (now, 0)
        _log.log(level, "%s%s", sentence, f" ({held_back} times more since then)" if held_back else "")
