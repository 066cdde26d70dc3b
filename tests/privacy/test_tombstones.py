"""What is remembered of an erasure, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from collector.privacy.tombstones import KEPT_SECONDS, Tombstones, id_hash
from collector.store.base import Key

NOW = 1_794_823_200.0
DAY = 86_400
LATER = int(NOW * 1000) + 5000


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tombstones(tmp_path: Path, clock: Clock) -> Iterator[Tombstones]:
    tombstones = Tombstones(tmp_path / "erased.sqlite3", clock)
    yield tombstones
    tombstones.close()


def add(tombstones: Tombstones, *filters: dict[str, Any], **more: Any) -> None:
    document = {"dataset": "shop", **({"filters": list(filters)} if filters else {}), **more}
    tombstones.add(document)


def payload(**fields: Any) -> bytes:
    return orjson.dumps({"id": "a", "kind": "page_view", "dataset": "shop", "ts": int(NOW * 1000) - 1, "time": 0, **fields})


ANN = {"column": "session.id", "op": "=", "value": "ann"}


@pytest.mark.parametrize(
    ("fields", "is_erased"),
    [
        pytest.param({"session.id": "ann"}, True, id="same session"),
        pytest.param({"session.id": "bob"}, False, id="another session"),
        pytest.param({"session.id": "ann", "dataset": "other"}, False, id="another dataset"),
        pytest.param({"session.id": "ann", "ts": int(NOW * 1000) + 1}, False, id="after the erasure"),
        pytest.param({"session.id": "bob", "note": 'x","session.id":"ann'}, False, id="the words in a text"),
        pytest.param(
            {"session.id": "ann", "ts": LATER, "clock.state": "clamped", "time": LATER - 9 * DAY * 1000}, True,
            id="so late that its time was moved",
        ),
    ],
)  # fmt: skip
def test_what_satisfies_the_conditions_and_happened_before_is_held_back(
    tombstones: Tombstones, fields: dict[str, Any], is_erased: bool
) -> None:
    add(tombstones, ANN)

    assert tombstones.is_erased(payload(**fields)) is is_erased


def test_a_text_may_stand_for_a_number(tombstones: Tombstones) -> None:
    add(tombstones, {"column": "lcp.value", "op": "=", "value": "2500"})

    assert tombstones.is_erased(payload(**{"lcp.value": 2500}))


def test_a_text_with_letters_that_json_escapes_is_found(tombstones: Tombstones) -> None:
    add(tombstones, {"column": "page.path", "op": "=", "value": '/"ä\\\n'})

    assert tombstones.is_erased(payload(**{"page.path": '/"ä\\\n'}))


def test_an_erased_id_is_held_back_whatever_the_event_has_become(tombstones: Tombstones) -> None:
    tombstones.add_ids([id_hash("shop", Key("page_view", "a", 0))])

    assert tombstones.is_erased(payload(revision=7))
    assert not tombstones.is_erased(payload(id="b", **{"attrs_string": {"x": '"id":"a"'}}))
    assert not tombstones.is_erased(payload(kind="error"))


def test_what_cannot_be_read_is_left_to_the_loader(tombstones: Tombstones) -> None:
    add(tombstones, before=NOW)

    assert tombstones.screen([b"no json", payload()]) == [b"no json"]


def test_everything_is_forgotten_after_a_while(tombstones: Tombstones, clock: Clock, tmp_path: Path) -> None:
    add(tombstones, ANN)
    tombstones.add_ids([id_hash("shop", Key("page_view", "a", 0))])
    clock.now += KEPT_SECONDS + 1

    assert tombstones.screen([payload(**{"session.id": "ann"})]) == [payload(**{"session.id": "ann"})]
    assert not any(b"ann" in path.read_bytes() for path in tmp_path.glob("erased.sqlite3"))
