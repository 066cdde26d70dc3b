"""Delivers messages in threads of its own: at least once, again and again with longer pauses, a slow channel beside the others."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import Final

from collector.alerts.channels.load import Channels
from collector.alerts.channels.model import ChannelError, Message
from collector.alerts.diary import Diary, Waiting
from collector.errors import RequestError
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: Pauses between tries, with jitter; after the last of them a message is given up.
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 3600.0
GIVE_UP_SECONDS: Final = 2 * 86_400.0
_LOOK_SECONDS: Final = 5.0


class Courier:
    """Sends what waits in the diary.

    Args:
        diary: keeps messages.
        channels: returns the channels that are in force.
        counters: counts messages.
    """

    def __init__(self, diary: Diary, channels: Callable[[], Channels], counters: Counters) -> None:
        self._diary, self._channels, self._counters = diary, channels, counters
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self.waiting = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Stop; what is not sent by now waits on disk for the next start."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def deliver(self) -> None:
        """Send what is due, and return when it has been tried."""
        for channel, messages in self._due().items():
            self._serve(channel, messages)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(_LOOK_SECONDS)
            self._wake.clear()
            try:
                for channel, messages in self._due().items():
                    if not self._stop.is_set():
                        # One thread a channel, so that a slow one holds up no other, and no stop.
                        threading.Thread(target=self._serve, args=(channel, messages), name=channel, daemon=True).start()
            except RequestError as error:
                log.warning("Messages cannot be read: %s", error)
            except Exception:
                log.exception("Messages could not be sent.")

    def _due(self) -> dict[str, list[Waiting]]:
        found: dict[str, list[Waiting]] = {}
        with self._lock:
            for waiting in self._diary.due():
                if waiting.channel not in self._busy:
                    found.setdefault(waiting.channel, []).append(waiting)
            self._busy |= set(found)
        self.waiting = self._diary.waiting_count()
        return found

    def _serve(self, name: str, messages: list[Waiting]) -> None:
        try:
            for waiting in messages:
                if self._stop.is_set():
                    return
                self._send(waiting)
        except Exception:
            log.exception("The channel %s could not be served.", name)
        finally:
            with self._lock:
                self._busy.discard(name)

    def _send(self, waiting: Waiting) -> None:
        channel = self._channels().by_name.get(waiting.channel)
        message = Message(waiting.id, waiting.event, waiting.created_at, waiting.body["incident"], waiting.body["url"])
        try:
            if channel is None:
                raise ChannelError("There is no such channel any more.")
            channel.send(message)
        except ChannelError as error:
            self._retry(waiting, str(error))
        except Exception as error:
            # What a library says may hold a secret of the channel.
            self._retry(waiting, f"The channel failed with {type(error).__name__}.")
        else:
            # If the collector dies right here, it is sent once more, with the same id.
            self._diary.done(waiting.id)
            self._counters.add("wideload_alert_messages", 1, "sent")

    def _retry(self, waiting: Waiting, error: str) -> None:
        now = self._diary.now()
        if now - waiting.created_at >= GIVE_UP_SECONDS:
            log.error("The message %s over %s is given up: %s", waiting.id, waiting.channel, error)
            self._diary.done(waiting.id, f"Given up: {error}")
            self._counters.add("wideload_alert_messages", 1, "given_up")
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**waiting.tries) * random.uniform(0.8, 1.2)
        log.warning("The message %s over %s is tried again in %.0f s: %s", waiting.id, waiting.channel, pause, error)
        self._diary.postpone(waiting.id, now + pause, error)
        self._counters.add("wideload_alert_messages", 1, "failed")
