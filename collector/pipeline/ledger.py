"""The promise in numbers: where every event that arrived is now.

    received     = rejected (by reason) + acknowledged
    acknowledged = stored + dead-lettered + pending

holds at every moment: an event counts as received when its fate is known, and all that belongs together changes at once. The
numbers live as long as the spool does, across restarts; `pending` is counted from the spool's files, so that it can disagree. What
is then missing is a loss, and `missing` says how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.telemetry import Counters, Labels

RECEIVED: Final = "wideload_events_received"
REJECTED: Final = "wideload_events_rejected"
ACKNOWLEDGED: Final = "wideload_events_acknowledged"
STORED: Final = "wideload_events_stored"
DEAD: Final = "wideload_events_dead_lettered"
_KEPT: Final = (RECEIVED, REJECTED, ACKNOWLEDGED, STORED, DEAD)
#: The dataset of events that a killed collector had acknowledged and not counted yet.
UNKNOWN: Final = "unknown"

Saved = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Balance:
    """Events by fate, all of the same moment."""

    received: int
    rejected: int
    acknowledged: int
    stored: int
    dead_lettered: int
    pending: int
    #: Whether all that is acknowledged here is loaded here, and nothing else.
    is_whole: bool = True

    @property
    def missing(self) -> int:
        """Acknowledged events that are neither stored nor dead letters nor pending: 0, or something was lost."""
        return self.acknowledged - self.stored - self.dead_lettered - self.pending if self.is_whole else 0


class Ledger:
    """Keeps the books; every method may be called from any thread.

    Args:
        counters: where the numbers are, for `/metrics`.
    """

    def __init__(self, counters: Counters | None = None) -> None:
        self.counters = counters or Counters()
        #: Whether these are all the books there are: others may load what is acknowledged here, and the other way round.
        self.is_whole = True

    def rejected(self, dataset: str, reasons: Iterable[str]) -> None:
        """Count events that were refused, one reason each."""
        for reason in reasons:
            self.counters.add_all([(RECEIVED, 1, (dataset,)), (REJECTED, 1, (reason, dataset))])

    def acknowledged(self, events: Mapping[str, int]) -> None:
        """Count events that are on disk, by dataset."""
        for dataset, n in events.items():
            self.counters.add_all([(RECEIVED, n, (dataset,)), (ACKNOWLEDGED, n, (dataset,))])

    def settled(self, stored: int, dead: Sequence[str] = (), erased: int = 0) -> None:
        """Count events that have left the spool: stored ones, the reasons of dead ones, and those that had been erased.

        Erased ones are with the dead, with a reason of their own, though nobody keeps them: that was the wish.
        """
        self.counters.add_all([(STORED, stored, ()), *((DEAD, 1, (reason,)) for reason in (*dead, *["erased"] * erased))])

    def returned(self, n: int) -> None:
        """Count stored events that are to be stored again as pending ones."""
        self.counters.add(STORED, -n)

    def lost(self, n: int, reason: str) -> None:
        """Count acknowledged events that can't be read any more, such as those in a damaged file; they are with the dead."""
        self.counters.add(DEAD, n, reason)

    def balance(self, pending: int) -> Balance:
        """Return the books, given how many events are in the spool."""
        received, rejected, acknowledged, stored, dead = (self.counters.total(name) for name in _KEPT)
        return Balance(received, rejected, acknowledged, stored, dead, pending, self.is_whole)

    # --- Across restarts -------------------------------------------------------------------------------------------

    def save(self) -> Saved:
        """Return the books as JSON: a name, label values and a number a series."""
        return [[name, list(labels), value] for (name, labels), value in self.counters.all().items() if name in _KEPT]

    def restore(self, saved: object, pending: int) -> None:
        """Take the books over from an earlier process.

        Args:
            saved: what `save` returned some time before it ended; anything else counts as nothing.
            pending: events in the spool now. Those that it acknowledged after it had saved are among them and counted now.
        """
        self.counters.add_all(_read(saved))
        if (uncounted := -self.balance(pending).missing) > 0:
            self.acknowledged({UNKNOWN: uncounted})


def _read(saved: object) -> list[tuple[str, int, Labels]]:
    try:
        rows = [(name, int(value), tuple(map(str, labels))) for name, labels, value in saved]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return []
    return [row for row in rows if row[0] in _KEPT]
