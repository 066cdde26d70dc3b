"""The spool keeps what it acknowledged, in order, and gives the disk back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.config import SpoolSettings
from collector.errors import SpoolError, SpoolFull
from collector.pipeline import position, segment, spool
from collector.pipeline.position import Position
from collector.pipeline.spool import Spool

#: Nothing that is stored is kept.
SETTINGS = SpoolSettings(keep_bytes=0)


def append(target: Spool, *payloads: bytes) -> None:
    asyncio.run(target.append(payloads))


def everything(target: Spool) -> list[bytes]:
    """Read and release until nothing is left."""
    found: list[bytes] = []
    while (batch := target.read(3, 1 << 20)).payloads:
        found += batch.payloads
        target.release(batch.end)
    return found


def segments(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob(f"*{segment.SUFFIX}"))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path, SETTINGS)
    yield opened
    opened.close()


def test_events_come_back_in_order(opened: Spool) -> None:
    for n in range(10):
        append(opened, b"%d" % n, b"%d'" % n)

    assert everything(opened) == [p for n in range(10) for p in (b"%d" % n, b"%d'" % n)]
    assert (opened.pending_events, opened.oldest_age_seconds) == (0, 0)


def test_concurrent_appends_share_a_commit(opened: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    original = segment.SegmentWriter.append
    monkeypatch.setattr(segment.SegmentWriter, "append", lambda self, p: (commits.append(len(p)), original(self, p))[1])

    async def many() -> None:
        await asyncio.gather(*(opened.append([b"x"]) for _ in range(100)))

    asyncio.run(many())
    assert sum(commits) == 100
    assert len(commits) <= 3


def test_a_read_stops_at_about_the_bytes_but_gives_at_least_one(opened: Spool) -> None:
    append(opened, *[b"x" * 100] * 10)

    assert len(opened.read(100, 450).payloads) == 4
    assert len(opened.read(100, 1).payloads) == 1


def test_a_commit_of_many_events_is_whole(opened: Spool) -> None:
    payloads = [b"%d" % n for n in range(segment.ROWS_PER_STATEMENT * 2 + 7)]
    append(opened, *payloads)

    assert opened.read(10_000, 1 << 30).payloads == payloads


def test_what_is_not_released_is_read_again(opened: Spool) -> None:
    append(opened, b"a", b"b")

    assert opened.read(1, 100) == opened.read(1, 100)
    assert opened.pending_events == 2


def test_a_reopened_spool_goes_on_where_the_store_was(tmp_path: Path) -> None:
    first = Spool(tmp_path, SETTINGS)
    append(first, b"a", b"b", b"c")
    first.release(first.read(1, 100).end)
    first.close()

    second = Spool(tmp_path, SETTINGS)
    append(second, b"d")
    assert second.pending_events == 3
    assert everything(second) == [b"b", b"c", b"d"]
    second.close()


@pytest.mark.parametrize("damage", ["", "{", '{"segment": "x"}', "[]"])
def test_a_lost_position_only_loads_again(tmp_path: Path, damage: str) -> None:
    first = Spool(tmp_path, SETTINGS)
    append(first, b"a", b"b")
    first.release(first.read(1, 100).end)
    first.close()
    (tmp_path / position.POSITION_FILE).write_text(damage)

    second = Spool(tmp_path, SETTINGS)
    assert everything(second) == [b"a", b"b"]
    second.close()


def test_full_segments_are_removed_when_they_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT_EVENTS", 2)
    opened = Spool(tmp_path, SETTINGS)
    for n in range(7):
        append(opened, b"%d" % n)
    assert len(segments(tmp_path)) == 4

    assert everything(opened) == [b"%d" % n for n in range(7)]
    assert len(segments(tmp_path)) == 1
    opened.close()


def test_a_restart_removes_what_was_stored(tmp_path: Path) -> None:
    first = Spool(tmp_path, SETTINGS)
    append(first, b"a")
    everything(first)
    first.close()

    second = Spool(tmp_path, SETTINGS)
    assert (second.pending_events, segments(tmp_path)) == (0, [])
    append(second, b"b")
    assert everything(second) == [b"b"]
    second.close()


def test_the_cap_refuses_and_space_heals(tmp_path: Path) -> None:
    # A cap that is far smaller than a segment: what is stored must not count, though its segment is still written to.
    opened = Spool(tmp_path, SpoolSettings(max_bytes=100_000))
    append(opened, b"x" * 200_000)
    with pytest.raises(SpoolFull, match="cap of 100,000 bytes"):
        append(opened, b"y")
    assert not opened.is_writable

    opened.release(opened.read(10, 1 << 20).end)
    assert opened.is_writable
    append(opened, b"z")
    assert everything(opened) == [b"z"]
    opened.close()


def test_a_segment_that_never_held_an_event_is_removed_at_the_next_start(tmp_path: Path) -> None:
    segment.SegmentWriter(tmp_path / f"{7:012d}{segment.SUFFIX}").close()

    Spool(tmp_path, SETTINGS).close()

    assert segments(tmp_path) == []


def test_an_error_of_the_disk_reaches_everybody_who_waits_and_heals(opened: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RETRY_SECONDS", 0.0)
    append(opened, b"a")

    def refuse(self: object, payloads: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(segment.SegmentWriter, "append", refuse)
        with pytest.raises(SpoolError, match="No space left"):
            append(opened, b"b")
    append(opened, b"c")

    assert everything(opened) == [b"a", b"c"]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")

    with pytest.raises(SpoolError, match=r"The spool folder .*spool cannot be used"):
        Spool(tmp_path / "spool", SETTINGS)


def test_wait_returns_as_soon_as_something_is_pending(opened: Spool) -> None:
    assert not opened.wait(0.01)
    append(opened, b"a")
    assert opened.wait(5)


# --- What is stored is kept for a while --------------------------------------------------------------------------------


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT_EVENTS", 2)


@pytest.mark.usefixtures("short_segments")
def test_what_is_stored_can_be_loaded_again_for_a_while(tmp_path: Path) -> None:
    now = [1000.0]
    opened = Spool(tmp_path, SpoolSettings(), clock=lambda: now[0])
    for n in range(7):
        append(opened, b"%d" % n)
        opened.ledger.settled(1)
    everything(opened)

    assert opened.replay() == 7
    assert (opened.pending_events, opened.ledger.balance(opened.pending_events).missing) == (7, 0)
    assert everything(opened) == [b"%d" % n for n in range(7)]
    now[0] += SpoolSettings().keep_seconds + 1
    append(opened, b"x")
    everything(opened)
    assert opened.replay() == 2  # what the newest segment holds
    opened.close()


@pytest.mark.usefixtures("short_segments")
def test_what_is_kept_survives_a_restart_and_is_bounded(tmp_path: Path) -> None:
    first = Spool(tmp_path, SpoolSettings(keep_bytes=25))
    for n in range(10):
        append(first, b"%010d" % n)
    everything(first)
    assert segments(tmp_path) == [f"{5:012d}.sqlite3"]
    first.close()

    second = Spool(tmp_path, SpoolSettings())
    assert (second.pending_events, second.replay()) == (0, 2)
    assert not second.was_cut_off
    second.close()


def test_a_power_cut_is_told_from_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Spool(tmp_path, SpoolSettings())
    append(first, b"a")
    everything(first)
    killed = shutil.copytree(tmp_path, tmp_path / "copy")
    first.close()

    after_kill = Spool(killed, SpoolSettings())
    assert not after_kill.was_cut_off
    append(after_kill, b"b")
    everything(after_kill)
    cut = shutil.copytree(killed, tmp_path / "another")
    after_kill.close()
    monkeypatch.setattr(position, "boot_id", lambda: "the next boot")
    after_cut = Spool(cut, SpoolSettings())
    assert after_cut.was_cut_off
    after_cut.close()


# --- The books -----------------------------------------------------------------------------------------------------


def books(target: Spool) -> tuple[int, int, int]:
    with target.still():
        balance = target.ledger.balance(target.pending_events)
    return balance.received, balance.acknowledged, balance.missing


def test_the_books_go_on_after_an_orderly_stop_and_after_a_kill(tmp_path: Path) -> None:
    first = Spool(tmp_path, SETTINGS)
    append(first, b"a", b"b")
    first.release(first.read(1, 100).end, lambda: first.ledger.settled(1))
    append(first, b"c")
    killed = shutil.copytree(tmp_path, tmp_path / "copy")
    first.close()

    for folder in (tmp_path, killed):
        second = Spool(folder, SETTINGS)
        assert (books(second), second.pending_events) == ((3, 3, 0), 2)
        second.close()


def test_files_that_were_taken_away_are_missed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = Spool(tmp_path, SETTINGS)
    append(first, b"a", b"b", b"c")
    first.close()
    segment.remove(next(tmp_path.glob(f"*{segment.SUFFIX}")))

    second = Spool(tmp_path, SETTINGS)
    assert books(second) == (3, 3, 3)
    assert "3 acknowledged events are missing" in caplog.text
    second.close()


def test_what_waits_for_a_day_takes_no_memory_to_remember_when_it_came(tmp_path: Path) -> None:
    now = [0.0]
    opened = Spool(tmp_path, SETTINGS, clock=lambda: now[0])
    for _ in range(3000):
        now[0] += 30
        append(opened, b"x")

    assert len(opened._ages) < 2500
    assert opened.oldest_age_seconds == pytest.approx(3000 * 30, rel=0.01)
    opened.release(opened.read(1500, 1 << 20).end)
    assert opened.oldest_age_seconds == pytest.approx(1500 * 30, rel=0.05)
    opened.close()


def test_a_folder_belongs_to_one_process(opened: Spool, tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="in use by another process"):
        Spool(tmp_path, SETTINGS)


# --- Damage --------------------------------------------------------------------------------------------------------


def names(count: int) -> list[bytes]:
    return [b'{"n":%d,"filling":"%s"}' % (n, b"x" * 3000) for n in range(count)]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("ended", ["killed", "closed"])
def test_a_damaged_file_gives_its_good_events_and_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: float, ended: str
) -> None:
    folder = tmp_path / "spool"
    first = Spool(folder, SETTINGS)
    for payload in names(100):
        append(first, payload)
    first.release(first.read(10, 1 << 20).end, lambda: first.ledger.settled(10))
    if ended == "killed":
        folder = Path(shutil.copytree(folder, tmp_path / "copy"))
    first.close()
    path = max(folder.glob("0*"), key=lambda file: file.stat().st_size)
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * place))
        file.write(os.urandom(5000))

    second = Spool(folder, SETTINGS)
    found = [payload for payload in everything(second) if payload in names(100)]
    assert len(found) >= 90 - 20
    assert found == sorted(found, key=names(100).index)
    assert (list((folder / "quarantine").glob("*.sqlite3")) != []) == ("A file of the spool is damaged" in caplog.text)
    second.ledger.settled(second.ledger.balance(0).missing)  # everything() stores without the books
    append(second, b"after")
    assert everything(second) == [b"after"]
    second.close()


def test_damage_that_is_found_while_reading_loses_nothing_that_comes_after(tmp_path: Path) -> None:
    opened = Spool(tmp_path, SETTINGS)
    append(opened, *names(20))
    append(opened, *names(20))
    original = segment.SegmentReader.read
    broken = [True]

    def read(self: segment.SegmentReader, after: int, count: int) -> list[bytes]:
        if broken.pop() if broken else False:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        return original(self, after, count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment.SegmentReader, "read", read)
        first = opened.read(100, 1 << 20)
    append(opened, b"later")

    assert first.payloads == names(20) * 2
    opened.release(first.end)
    assert everything(opened) == [b"later"]
    assert opened.ledger.counters.total("wideload_events_dead_lettered") == 0
    opened.close()


def test_a_disk_that_refuses_is_tried_again_without_a_beacon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RETRY_SECONDS", 0.05)
    opened = Spool(tmp_path, SETTINGS)
    original = segment.SegmentWriter.__init__

    def refuse(self: object, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segment.SegmentWriter, "__init__", refuse)
    with pytest.raises(SpoolError, match="No space left"):
        append(opened, b"a")
    assert not opened.is_writable
    assert "No space left" in opened.problem
    assert segments(tmp_path) == []
    monkeypatch.setattr(segment.SegmentWriter, "__init__", original)
    end = time.monotonic() + 5
    while not opened.is_writable and time.monotonic() < end:
        time.sleep(0.01)
    assert opened.is_writable
    opened.close()


def test_a_spool_that_is_nearly_full_says_so(tmp_path: Path) -> None:
    opened = Spool(tmp_path, SpoolSettings(max_bytes=100_000))
    append(opened, b"x" * 90_000)

    assert opened.is_writable
    assert "has used" in opened.problem
    opened.close()


WRITER = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from collector.config import SpoolSettings
    from collector.pipeline.spool import Spool

    async def write():
        spool = Spool(Path(sys.argv[1]), SpoolSettings())
        async def one(name):
            for n in range(10**9):
                await spool.append([f"{name}.{n}".encode()])
                print(f"{name}.{n}", flush=True)
        await asyncio.gather(*(one(i) for i in range(8)))

    asyncio.run(write())
""")


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    acknowledged: list[bytes] = []
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout
        acknowledged += [process.stdout.readline() for _ in range(300)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()

    after = Spool(tmp_path, SETTINGS)
    found = everything(after)
    # Three processes use the same names, so each may be there several times; and the last line may be torn.
    assert {line.strip() for line in acknowledged if line.endswith(b"\n")} <= set(found)
    assert len(found) >= len(acknowledged) - 3
    after.close()


def test_positions_are_ordered_by_segment_then_sequence() -> None:
    assert Position(1, 9) < Position(2, 1) < Position(2, 2)


def test_a_rolled_segment_goes_when_all_of_it_is_stored(opened: Spool, tmp_path: Path) -> None:
    append(opened, b"1", b"2")

    end = opened.roll()
    append(opened, b"3")

    assert not opened.is_stored(end)
    opened.release(opened.read(10, 1 << 20).end)
    assert opened.is_stored(end)
    assert segments(tmp_path) == ["000000000002.sqlite3"]
    assert everything(opened) == [b"3"]


def test_what_was_stored_before_is_tidied_away_after_a_roll(opened: Spool, tmp_path: Path) -> None:
    append(opened, b"1")
    everything(opened)

    opened.roll()
    opened.tidy()

    assert segments(tmp_path) == []


def test_what_is_kept_goes_in_time_though_nothing_else_happens(tmp_path: Path) -> None:
    now = [1e9]
    opened = Spool(tmp_path, SpoolSettings(), clock=lambda: now[0])
    append(opened, b"1")
    everything(opened)
    opened.roll()
    opened.tidy()
    kept = segments(tmp_path)

    now[0] += SpoolSettings().keep_seconds + 1
    opened.tidy()

    assert (len(kept), segments(tmp_path)) == (1, [])
    opened.close()
