"""What the doctor reads from a collector's files, without changing them."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from collector.config import SpoolSettings
from collector.doctor.facts import dead_letter_facts, disk_facts, spool_facts, store_facts, within
from collector.errors import StoreUnavailable, WideloadError
from collector.pipeline.dead_letters import DeadLetter, DeadLetters
from collector.pipeline.spool import Spool
from collector.store.chdb import ChdbStore


def fill(folder: Path, count: int, stored: int = 0) -> None:
    spool = Spool(folder, SpoolSettings())

    async def append() -> None:
        await spool.append([b"{}"] * count)

    asyncio.run(append())
    if stored:
        spool.release(spool.read(stored, 1 << 20).end)
    spool.close()


def test_an_empty_spool_has_nothing_waiting(tmp_path: Path) -> None:
    assert spool_facts(tmp_path / "spool") == {
        "pending_events": 0,
        "pending_bytes": 0,
        "oldest_age_seconds": 0.0,
        "problem": "",
        "reading_problem": "",
        "kafka": {},
        "damages": [],
    }


@pytest.mark.parametrize(("stored", "pending"), [(0, 5), (2, 3), (5, 0)])
def test_what_waits_is_what_is_not_stored(tmp_path: Path, stored: int, pending: int) -> None:
    fill(tmp_path, 5, stored)

    assert spool_facts(tmp_path)["pending_events"] == pending


def test_the_age_of_what_waits_is_told(tmp_path: Path) -> None:
    fill(tmp_path, 1)

    assert spool_facts(tmp_path, lambda: time.time() + 100)["oldest_age_seconds"] == pytest.approx(100, abs=5)


def test_looking_at_a_spool_leaves_it_to_its_owner(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolSettings())

    async def append_and_look() -> list[int]:
        seen = []
        for _ in range(2):
            await spool.append([b"{}"])
            seen.append(spool_facts(tmp_path)["pending_events"])
        return seen

    assert asyncio.run(append_and_look()) == [1, 2]
    spool.close()


def test_dead_letters_are_counted_with_the_last_reason(tmp_path: Path) -> None:
    path = tmp_path / "dead.sqlite3"
    letters = DeadLetters(path)
    letters.add([DeadLetter(b"{}", "too old", 1), DeadLetter(b"[]", "too new", 2)])

    assert dead_letter_facts(path) == {"count": 2, "last_reason": "too new"}
    letters.close()


def test_without_a_file_there_are_no_dead_letters(tmp_path: Path) -> None:
    assert dead_letter_facts(tmp_path / "none") == {"count": 0, "last_reason": ""}


def test_a_data_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    facts = disk_facts(tmp_path / "a" / "b", 1)

    assert facts["error"] == ""
    assert facts["free_bytes"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_takes_no_files_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may write everywhere, so the refusal cannot be staged with permissions.
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)

    assert disk_facts(tmp_path, 1)["error"] == "Permission denied"


def test_a_store_tells_version_schema_and_clock(embedded_store: ChdbStore) -> None:
    facts = store_facts(embedded_store)

    assert facts["error"] == ""
    assert facts["schema_version"] == facts["latest_schema_version"]
    assert abs(facts["clock_ahead_seconds"]) < 1
    assert json.dumps(facts)


class Away:
    """A store that nobody can reach."""

    def info(self) -> None:
        raise StoreUnavailable("connection refused")


def test_a_store_that_is_away_tells_why() -> None:
    assert store_facts(Away()) == {"error": "connection refused"}  # type: ignore[arg-type]


def test_work_that_takes_too_long_is_left() -> None:
    with pytest.raises(WideloadError, match=r"no answer within 0\.01 s"):
        within(0.01, lambda: time.sleep(0.2))


def test_work_within_its_time_answers_or_fails_as_ever() -> None:
    assert within(5, lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)
