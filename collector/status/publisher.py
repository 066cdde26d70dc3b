"""Makes the files of the status page anew every minute, in a thread of its own.

While the store is away the last page grows older, says so by its time, and tells what is not measured as such.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import orjson

from collector.errors import RequestError, StoreError, WideloadError
from collector.status.feed import render_badge, render_feed
from collector.status.file import StatusFile, load_status
from collector.status.html import render_html
from collector.status.page import DAYS, Page, as_json, build_page
from collector.status.record import DAY, Record

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 30.0
#: How long, and in how many looks, the first page waits for a store that is being prepared.
_READY_SECONDS, _READY_LOOKS = 10.0, 50
CSS: Final = (Path(__file__).parent / "status.css").read_bytes()


class Publisher:
    """Keeps the files of the page.

    Args:
        path: the file that says what is shown; None for no page.
        record: knows the days.
        retention: returns for how many days the store keeps a dataset's runs; None for an unknown dataset.
        is_ready: whether the store has been prepared; a while is waited for it.
    """

    def __init__(
        self,
        path: Path | None,
        record: Record,
        retention: Callable[[str], int | None],
        is_ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self._path, self._record, self._retention, self._is_ready = path, record, retention, is_ready
        self._signature: object = None
        self._file: StatusFile | None = None
        #: What is wrong with the file.
        self.problem = ""
        #: The page by names of files; empty until it was made.
        self.files: Mapping[str, bytes] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)

    @property
    def is_on(self) -> bool:
        """Whether there is to be a page."""
        return self._path is not None

    @property
    def dataset(self) -> str:
        """Return the dataset of the page; empty while that is not known."""
        return self._file.dataset if self._file else ""

    def start(self) -> None:
        """Begin."""
        if self.is_on:
            self._thread.start()

    def stop(self, timeout: float) -> None:
        """Stop, and wait until the store is not asked any more, at most so many seconds: it may hang."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def make(self) -> None:
        """Make the files, from what can be read now."""
        self._load()
        if self._file is None:
            return
        now, dataset = self._record.now(), self._file.dataset
        today = int(now // DAY) * DAY
        kept = min(DAYS, self._retention(dataset) or DAYS)
        try:
            # Newest first: where the store is slow, what matters most is there.
            for number in range(kept + 1):
                if self._stop.is_set():
                    return
                self._record.read(dataset, today - number * DAY)
        except (StoreError, RequestError) as error:
            log.warning("The status page goes on with what it knows: %s", error)
        for number in range(kept + 1, DAYS):
            self._record.recall(dataset, today - number * DAY)
        self.files = render(build_page(self._file, lambda day: self._record.day(dataset, day), now))

    def _load(self) -> None:
        assert self._path is not None
        try:
            stat = self._path.stat()
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if signature == self._signature:
                return
            self._signature = signature
            found = load_status(self._path)
        except OSError as error:
            self._refuse(f"{self._path} cannot be read: {error.strerror}.")
            return
        except WideloadError as error:
            self._refuse(str(error))
            return
        if isinstance(found, list):
            self._refuse(" ".join(map(str, found)))
        elif self._retention(found.dataset) is None:
            self._refuse(f"{self._path} names the dataset {found.dataset!r}, which there is not.")
        else:
            self._file, self.problem = found, ""

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            log.error("The status page stays as it is: %s", problem)
        self.problem = problem

    def _run(self) -> None:
        for _ in range(_READY_LOOKS):
            if self._is_ready() or self._stop.wait(_READY_SECONDS / _READY_LOOKS):
                break
        while not self._stop.is_set():
            try:
                self.make()
            except Exception:
                log.exception("The status page could not be made.")
            self._stop.wait(LOOK_SECONDS)


def render(page: Page) -> dict[str, bytes]:
    """Return the files of a page, by their names."""
    badges = {f"badge-{one.component.slug}.svg": render_badge(one.component.title, one.state) for one in page.components}
    return {
        "index.html": render_html(page),
        "status.css": CSS,
        "status.json": orjson.dumps(as_json(page), option=orjson.OPT_INDENT_2),
        "feed.xml": render_feed(page),
        "badge.svg": render_badge("status", page.state),
        **badges,
    }
