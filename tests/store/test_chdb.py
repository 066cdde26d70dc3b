"""What only the embedded store promises."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import DAY, NOW, ask, event

from collector.errors import SettingsError, StoreUnavailable
from collector.store.base import Limits
from collector.store.chdb import ChdbStore
from collector.store.columns import Columns, event_blocks, event_columns

#: Opens a store, stores 500 events in five inserts, says so, and waits to be killed.
WRITER = """
import sys
from collector.store.chdb import ChdbStore
store = ChdbStore(sys.argv[1])
store.migrate()
for batch in range(5):
    store.insert([{"dataset": "d", "id": f"{batch}-{n}", "kind": "k", "ts": 1794823200000} for n in range(100)])
print("stored", flush=True)
sys.stdin.read()
"""

#: Opens a store, counts its events, closes and opens it again, and counts again.
READER = """
import sys
from collector.store.chdb import ChdbStore
for _ in range(2):
    store = ChdbStore(sys.argv[1])
    print(store.migrate(), store.query("SELECT count() FROM events FINAL WHERE dataset = 'd'").rows)
    store.close()
"""


def test_what_was_stored_survives_a_kill_and_a_close(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "new" / "store")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "stored\n"
        writer.send_signal(signal.SIGKILL)

    reader = [sys.executable, "-c", READER, command[-1]]
    counts = subprocess.run(reader, capture_output=True, text=True, check=True, timeout=60).stdout

    assert counts == "[] [(500,)]\n[] [(500,)]\n"


def test_a_folder_of_another_process_is_refused_with_a_way_out(embedded_store: ChdbStore) -> None:
    other = [sys.executable, "-c", READER, str(embedded_store.folder)]

    refused = subprocess.run(other, capture_output=True, text=True, timeout=60)

    assert f"The folder {embedded_store.folder} is in use by another process" in refused.stderr
    assert "choose another folder" in refused.stderr


def test_a_second_folder_in_one_process_is_refused(embedded_store: ChdbStore, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"This process has opened .* already"):
        ChdbStore(tmp_path)


def test_a_missing_engine_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "chdb.state.sqlitelike", None)

    with pytest.raises(SettingsError, match=r"pip install 'wideload\[embedded\]'"):
        ChdbStore(tmp_path)


def test_questions_do_not_wait_for_an_insert(embedded_store: ChdbStore, dataset: str) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def blocks() -> Iterator[Columns]:
        yield event_columns([event(dataset, id="first")])
        begun.set()
        go_on.wait(10)
        yield event_columns([event(dataset, id="second")])

    insert = threading.Thread(target=embedded_store._write, args=("events", blocks()))
    insert.start()
    assert begun.wait(10)
    during = ask(embedded_store, "count()", dataset, "").rows
    go_on.set()
    insert.join()

    assert during == [(0,)]
    assert ask(embedded_store, "count()", dataset, "").rows == [(2,)]


def test_an_insert_that_fails_half_way_leaves_nothing(embedded_store: ChdbStore, dataset: str) -> None:
    def blocks() -> Iterator[Columns]:
        yield event_columns([event(dataset, id="first")])
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        embedded_store._write("events", blocks())

    assert ask(embedded_store, "count()", dataset, "").rows == [(0,)]


def test_what_the_engine_cannot_read_is_an_error_and_leaves_nothing(embedded_store: ChdbStore, dataset: str) -> None:
    columns = event_columns([event(dataset)])
    unknown = Columns([("no.such.column", "String"), *columns.spec[1:]], columns.data)

    with pytest.raises(StoreUnavailable):
        embedded_store._write("events", [unknown])

    embedded_store.insert([event(dataset)])
    assert ask(embedded_store, "count()", dataset, "").rows == [(1,)]


def test_many_threads_ask_at_once(embedded_store: ChdbStore) -> None:
    answers: list[int] = []

    def ask_often(number: int) -> None:
        for _ in range(10):
            answers.append(embedded_store.query(f"SELECT {number}", limits=Limits(seconds=number)).rows[0][0])

    threads = [threading.Thread(target=ask_often, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [number for number in range(1, 9) for _ in range(10)]


def test_the_engine_keeps_no_logs_of_its_own(embedded_store: ChdbStore) -> None:
    tables = embedded_store.query("SELECT name FROM system.tables WHERE database = 'system' AND engine LIKE '%MergeTree'")

    assert tables.rows == []


def test_an_error_in_the_last_block_is_told(embedded_store: ChdbStore) -> None:
    # chDB's own insert stream answered that the rows were written.
    days = [event("last-block", id=str(day), ts=NOW - day * DAY) for day in range(130)]

    with pytest.raises(StoreUnavailable, match="Too many partitions"):
        embedded_store._write("events", event_blocks(days))
