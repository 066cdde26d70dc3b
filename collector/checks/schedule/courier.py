"""Brings the events of runs from the book to the public door. What is not taken waits on disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from collector.checks.marks import MARK_FIELD, Marks
from collector.checks.schedule.book import Book
from collector.errors import ClientError
from collector.events import Event
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: With these answers the events can never be taken; with all others they may be later.
_REFUSED: Final = frozenset({400, 413})
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
#: So many posts wait; beyond it the oldest are dropped, and counted.
MAX_POSTS: Final = 100_000
DROPPED: Final = "wideload_check_posts_dropped"


class Courier:
    """The courier, a thread of its own.

    Args:
        book: has what is to be sent.
        marks: sign it anew: it may have waited longer than a mark lasts.
        dataset: where it goes.
        send: sends events, and raises ClientError if they are not taken.
        counters: count what is dropped.
    """

    def __init__(self, book: Book, marks: Marks, dataset: str, send: Callable[[Sequence[Event]], None], counters: Counters) -> None:
        self._book, self._marks, self._dataset, self._send, self._counters = book, marks, dataset, send, counters
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._run, name="check-courier", daemon=True)
        self._wait, self._said_at = 0.0, float("-inf")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what waits is sent after the next start."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._wait or _FIRST_WAIT):
            try:
                while not self._stop.is_set() and self.deliver():
                    pass
            except Exception as error:
                self._wait = min(max(self._wait * 2, _FIRST_WAIT), _LONGEST_WAIT)
                self._say(error)

    def deliver(self) -> bool:
        """Send the oldest post; return False if there is none. Raises ClientError: it is not taken now."""
        self._trim()
        post = self._book.next_post()
        if post is None:
            return False
        number, _, events = post
        try:
            self._send([self._signed(event) for event in events])
        except ClientError as error:
            if error.status not in _REFUSED:
                raise
            log.error("The events of a check's run can never be taken, and are dropped: %s", error)
            self._counters.add(DROPPED, 1, "refused")
        self._book.posted(number)
        self._wait = 0.0
        return True

    def _signed(self, event: Event) -> Event:
        return event | {MARK_FIELD: self._marks.sign(self._dataset, event["check.run_id"]).text}

    def _trim(self) -> None:
        for _ in range(self._book.posts - MAX_POSTS):
            if post := self._book.next_post():
                self._book.posted(post[0])
                self._counters.add(DROPPED, 1, "outbox_full")

    def _say(self, error: Exception) -> None:
        if time.monotonic() - self._said_at < _LONGEST_WAIT:
            return
        self._said_at = time.monotonic()
        log.warning("%d runs of checks wait on disk, as the collector does not take them: %s", self._book.posts, error)
