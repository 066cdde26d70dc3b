"""What is done every so many seconds: a thread of its own that nothing ends but who began it."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

log = logging.getLogger(__name__)


class Periodic(ABC):
    """Takes a turn every so many seconds, the first one after as many.

    Args:
        name: the thread's.
        seconds: between the end of a turn and the next one.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self._name, self._seconds = name, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Finish the turn in hand, at most so many seconds."""
        self._stop.set()
        self._thread.join(timeout)

    def rest(self, seconds: float) -> bool:
        """Wait in the middle of a turn; return whether it was told to stop."""
        return self._stop.wait(seconds)

    @abstractmethod
    def turn(self) -> None:
        """Do it once. What it raises is logged, and the next turn comes in its time."""

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.turn()
            except Exception:
                log.exception("The thread %r met an error; it goes on.", self._name)
