"""What was written is known by dataset and hour."""

from __future__ import annotations

import pytest

from collector.errors import StoreDataError
from collector.store import changes
from collector.store.changes import Changes, hours_of
from collector.store.columns import event_blocks

HOUR = 3600


def test_a_write_changes_the_version_of_its_hours_alone() -> None:
    written = Changes()
    before = [written.version("d", hour * HOUR, hour * HOUR + 60) for hour in (1, 2)]

    written.add([("d", 1)])

    assert written.version("d", HOUR, HOUR + 60) > before[0]
    assert written.version("d", 2 * HOUR, 2 * HOUR + 60) == before[1]
    assert written.version("other", HOUR, HOUR + 60) == 0


def test_a_write_within_a_long_range_changes_its_version() -> None:
    written = Changes()
    written.add([("d", 1), ("d", 9)])
    before = written.version("d", 0, 10 * HOUR)

    written.add([("d", 5)])

    assert written.version("d", 0, 10 * HOUR) > before


def test_an_erasure_changes_every_version() -> None:
    written = Changes()
    written.add([("d", 1)])
    before = [written.version(name, HOUR, HOUR) for name in ("d", "other")]

    written.add_all()

    assert all(new > old for new, old in zip([written.version(name, HOUR, HOUR) for name in ("d", "other")], before, strict=True))


def test_too_many_hours_are_forgotten_and_outdate_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_MOST_HOURS", 3)
    written = Changes()
    before = written.version("other", 0, 0)

    written.add([("d", hour) for hour in range(4)])

    assert written.version("other", 0, 0) > before


def test_the_hours_of_a_batch_are_those_of_its_events() -> None:
    events = [
        {"dataset": name, "id": "a", "kind": "k", "ts": hour * HOUR * 1000 + 1} for name, hour in (("a", 3), ("b", 4), ("a", 3))
    ]
    touched: set[tuple[str, int]] = set()

    blocks = list(hours_of(event_blocks(events), touched))

    assert (len(blocks), touched) == (1, {("a", 3), ("b", 4)})


def test_an_event_with_a_time_that_is_none_is_bad_data() -> None:
    events = [{"dataset": "d", "id": "a", "kind": "k", "ts": "yesterday"}]

    with pytest.raises(StoreDataError, match="ts"):
        list(hours_of(event_blocks(events), set()))
