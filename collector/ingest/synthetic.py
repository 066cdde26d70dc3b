"""Events of checks: only a run that the collector has signed may say that it is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from collector import fields
from collector.checks.marks import MARK_FIELD, Marks
from collector.events import Event
from collector.ingest.decode import Beacon, Rejection
from collector.telemetry import Counters

#: What a check says of itself; a page view that a check caused has another kind.
CHECK_KINDS: Final = frozenset({"check_run", "check_step", "probe"})
_CHECK_FIELDS: Final = frozenset(field.name for field in fields.FIELDS if field.name.startswith("check."))
_TEXTS: Final = "attrs_string"
_WORDS: Final = {
    "unsigned": "it has no check.mark",
    "wrong_mark": "its check.mark is not the one of this run and dataset",
    "expired_mark": "its check.mark has expired",
}


class Synthetic:
    """Looks at the marks of events.

    Args:
        marks: verifies them.
        counters: count what is refused.
    """

    def __init__(self, marks: Marks, counters: Counters) -> None:
        self._marks, self._counters = marks, counters

    def screen(self, beacon: Beacon, dataset: str) -> set[str]:
        """Return the ids of the events that a signed run caused.

        What a check would say of itself is rejected without a good mark. Other events lose what they say of a check: they are
        normal traffic, and are counted.
        """
        signed = set()
        kept = []
        for index, event in _numbered(beacon):
            claims = not _CHECK_FIELDS.isdisjoint(event) or event["kind"] in CHECK_KINDS
            mark = _take_mark(event)
            if not (claims or mark):
                kept.append(event)
                continue
            reason = self._marks.refusal(dataset, event.get("check.run_id", ""), mark)
            if not reason:
                signed.add(event["id"])
                kept.append(event)
            elif event["kind"] in CHECK_KINDS:
                text = (
                    f"A {event['kind']} is taken from a signed run only, and {_WORDS[reason]}: ask POST /api/checks/runs for one."
                )
                beacon.rejected.append(Rejection(index, MARK_FIELD, reason, text))
            else:
                self._counters.add("wideload_check_marks_refused", 1, reason, dataset)
                for name in _CHECK_FIELDS & event.keys():
                    del event[name]
                kept.append(event)
        beacon.events[:] = kept
        return signed


def _numbered(beacon: Beacon) -> Iterator[tuple[int, Event]]:
    """Yield the events with their places in the beacon, in which others were rejected already."""
    others = {rejection.index for rejection in beacon.rejected}
    return zip((index for index in count() if index not in others), tuple(beacon.events), strict=False)


def _take_mark(event: Event) -> str:
    texts = event.get(_TEXTS)
    if not texts or MARK_FIELD not in texts:
        return ""
    mark: str = texts.pop(MARK_FIELD)
    if not texts:
        del event[_TEXTS]
    return mark
