"""A disk that gives back something else than what was written."""

from __future__ import annotations

import os
from pathlib import Path

from conftest import Away

from bench.process import CollectorProcess, wait_until
from bench.traffic import event


def spoil(path: Path, place: float) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * place))
        file.write(os.urandom(4096))


def test_a_damaged_spool_gives_its_good_events_and_is_named(away: Away) -> None:
    away.proxy.set("refuse")
    sent = set()
    for _ in range(60):
        events = [event(filling="x" * 500) for _ in range(5)]
        assert away.collector.send(*events).status_code == 202
        sent |= {one["id"] for one in events}
    away.collector.kill()
    spoil(max((away.collector.data / "spool").glob("0*"), key=lambda file: file.stat().st_size), 0.5)
    away.proxy.set("pass")
    away.collector.start()

    books = away.collector.settle()
    rows = away.collector.rows()
    assert rows.keys() <= sent
    assert len(rows) >= len(sent) * 0.8
    assert (books["acknowledged"], books["stored"]) == (len(sent), len(rows))
    (damage,) = away.collector.get("/api/doctor")["spool"]["damages"]
    assert Path(damage["file"]).exists()
    assert "A file of the spool is damaged" in away.log


def test_events_of_a_broken_part_are_loaded_again(data: Path) -> None:
    with CollectorProcess(data) as collector:
        sent = [event() for _ in range(40)]
        for start in range(0, 40, 10):
            assert collector.send(*sent[start : start + 10]).status_code == 202
            collector.settle()
        collector.kill()
        parts = [path for path in data.glob("store/store/*/*/2*/data.bin") if path.stat().st_size > 500]
        for path in parts:
            # As after a power cut: the name is there, and what it should hold is not.
            os.truncate(path, 0)
        assert parts
        collector.start()
        ids = {one["id"] for one in sent}
        wait_until(lambda: collector.rows().keys() == ids, 30)
        collector.verify(ids)
        assert "put broken parts aside" in collector.log.read_text()
