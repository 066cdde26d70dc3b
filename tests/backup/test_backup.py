"""A backup is taken while a collector serves, restored into an empty folder, and is the same again."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from click.testing import CliRunner

from bench.process import TOKEN, CollectorProcess, wait_until
from bench.running import Running
from collector.backup.archive import MANIFEST, check, pack
from collector.backup.restore import restore
from collector.backup.take import backup
from collector.cli import main
from collector.errors import BackupError
from collector.store.chdb import ChdbStore


def views(n: int) -> list[dict[str, Any]]:
    return [{"id": uuid4().hex, "kind": "page_view", "time": int(time.time() * 1000)} for _ in range(n)]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_what_was_acknowledged_before_a_backup_is_there_after_it_is_restored(tmp_path: Path) -> None:
    data, file, again = tmp_path / "data", tmp_path / "backup.tar", tmp_path / "again"
    sent = views(300)
    with CollectorProcess(data) as running:
        running.send(*sent)
        # More comes while it is taken.
        done = threading.Event()

        def go_on() -> None:
            while not done.is_set():
                running.send(*views(5))

        sending = threading.Thread(target=go_on)
        sending.start()
        said = run("backup", str(file), "--url", running.url, "--token", TOKEN)
        done.set()
        sending.join()
        left = [*data.glob(".wideload-backup-*"), *(data / "store" / "backups").glob("*")]
    assert not left
    assert file.stat().st_mode & 0o777 == 0o600 and "read again and whole" in said

    # In a process of its own: this one may have a store open, and can open only one.
    restoring = [sys.executable, "-m", "collector", "restore", str(file), "--data-dir", str(again)]
    said = subprocess.run(restoring, check=True, capture_output=True, text=True).stdout

    assert "rows of events, as the backup says" in said
    with CollectorProcess(again) as running:
        running.settle()
        counted = running.rows()
    assert {event["id"] for event in sent} <= counted.keys() and set(counted.values()) == {1}


def test_a_collector_that_does_not_run_is_backed_up_from_its_files(tmp_path: Path) -> None:
    data, file, again = tmp_path / "data", tmp_path / "backups", tmp_path / "again"
    file.mkdir()
    sent = views(3)
    with CollectorProcess(data, linger_seconds=3000) as running:
        # They wait on disk.
        running.send(*sent)
        (data / "notes.txt").write_text("of a room that is not thought of yet")
        running.kill()
        address = ["--listen", f"127.0.0.1:{running.port}"]
        take = [sys.executable, "-m", "collector", "backup", str(file), "--data-dir", str(data), *address]
        subprocess.run(take, check=True, capture_output=True)
    (made,) = file.iterdir()
    restoring = [sys.executable, "-m", "collector", "restore", str(made), "--data-dir", str(again)]
    subprocess.run(restoring, check=True, capture_output=True)

    with CollectorProcess(again) as running:
        running.settle()
        assert running.rows().keys() == {event["id"] for event in sent}
    assert (again / "notes.txt").read_text().startswith("of a room")


def entries(folder: Path, **contents: bytes) -> list[tuple[str, Path]]:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [(f"data/{name}", folder / name) for name in contents]


def packed(folder: Path, **contents: bytes) -> Path:
    file = folder.parent / "packed.tar"
    file.write_bytes(b"".join(pack(entries(folder, **contents), lambda: {"store": "server"})))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def test_an_archive_is_a_tar_file_that_anyone_can_read(folder: Path) -> None:
    file = packed(folder, a=b"one", b=b"x" * 3_000_000)

    with tarfile.open(file) as tar:
        assert tar.getnames() == ["data/a", "data/b", MANIFEST]
        assert tar.extractfile("data/b").read() == b"x" * 3_000_000  # type: ignore[union-attr]
    assert check(file)["store"] == "server"


def test_an_archive_that_broke_off_or_was_changed_is_refused(folder: Path) -> None:
    file = packed(folder, a=b"one", b=b"x" * 100_000)
    whole = file.read_bytes()

    file.write_bytes(whole[:60_000])
    with pytest.raises(BackupError, match=r"broke off|cannot be read"):
        check(file)
    file.write_bytes(whole.replace(b"one", b"two", 1))
    with pytest.raises(BackupError, match="is damaged: data/a"):
        check(file)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "data/../../evil"])
def test_an_archive_writes_nothing_outside_its_folder(folder: Path, name: str) -> None:
    (folder / "evil").write_bytes(b"evil")
    file = folder.parent / "evil.tar"
    file.write_bytes(b"".join(pack([(name, folder / "evil")], lambda: {"store": "server"})))

    with pytest.raises(BackupError, match="not a file that one has"):
        restore(file, folder.parent / "data", lambda: pytest.fail("no store"))
    assert not (folder.parent / "data").exists()


def test_a_folder_that_is_not_empty_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    file = packed(folder, a=b"one")

    with pytest.raises(BackupError, match="is not empty"):
        restore(file, folder, lambda: pytest.fail("no store"))
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_a_store_is_copied_and_its_rows_are_counted(embedded_store: ChdbStore, tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    dataset = f"backup {uuid4().hex}"
    for _ in range(3):
        # Parts whose files are equal are in the copy once.
        embedded_store.insert([{"id": uuid4().hex, "kind": "page_view", "dataset": dataset, "ts": now, "time": now}])
    rows = embedded_store.query("SELECT count() FROM events").rows[0][0]

    (tmp_path / "data").mkdir()
    file = tmp_path / "store.tar"
    file.write_bytes(b"".join(backup(tmp_path / "data", embedded_store, "1.2.3")))

    assert check(file)["events"] <= rows and check(file)["events"] > 0
    assert not list(embedded_store.copies.iterdir())


def test_a_backup_does_not_go_into_what_it_is_of(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "b.tar"), "--data-dir", str(tmp_path)])

    assert result.exit_code == 1 and "choose a place outside" in result.output


def test_one_backup_is_taken_at_a_time_and_one_that_is_given_up_leaves_nothing(live_collector: Running, tmp_path: Path) -> None:
    work = live_collector.data / ".wideload-backup-left-by-a-killed-one"
    work.mkdir()
    ask = {"url": f"{live_collector.url}/api/backup", "headers": {"authorization": f"Bearer {live_collector.token}"}, "json": {}}

    def given_up() -> bool:
        with httpx2.stream("POST", timeout=60, **ask) as answer:
            return answer.status_code == 200 and bool(next(answer.iter_raw(100)))

    assert wait_until(given_up) and wait_until(given_up)
    assert wait_until(lambda: httpx2.post(timeout=60, **ask).status_code == 200)
    assert not list(live_collector.data.glob(".wideload-backup-*"))


def test_where_the_store_is_a_server_the_rest_is_backed_up_and_its_statement_is_said(tmp_path: Path) -> None:
    data, file, again = tmp_path / "data", tmp_path / "b.tar", tmp_path / "again"
    (data / "spool").mkdir(parents=True)
    (data / "admin-token").write_text("secret")
    store = "clickhouse://ann:hidden@127.0.0.1:1/rum"
    arguments = [str(file), "--data-dir", str(data), "--listen", "127.0.0.1:1", "--store", store]

    said = run("backup", *arguments), run("restore", str(file), "--data-dir", str(again))

    assert "BACKUP DATABASE rum TO" in said[0] and "RESTORE DATABASE rum FROM" in said[1]
    assert not [text for text in said if "hidden" in text]
    assert (again / "admin-token").read_text() == "secret"


def test_without_a_collector_that_ever_ran_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    arguments = ["backup", str(tmp_path / "b.tar"), "--data-dir", str(tmp_path / "none"), "--listen", "127.0.0.1:1"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 1 and "nothing to back up" in result.output
    assert not list(tmp_path.glob("b.tar*"))
