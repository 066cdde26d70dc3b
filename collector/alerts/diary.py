"""States, incidents, silences and messages on disk: SQLite in the data folder.

What a look decides is written in one transaction, messages included: whatever stops the collector, nobody is told twice that
something has begun, and nothing that was to be told is lost.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import orjson

from collector.alerts.incidents import Incident
from collector.alerts.states import Cause, State, Status
from collector.errors import RequestError
from collector.query.kept import KeptFile

ALERTS_FILE: Final = "alerts.sqlite3"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS subjects (
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (rule, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    dataset TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    resolved_at INTEGER,
    incident TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS incidents_open ON incidents (rule, subject) WHERE resolved_at IS NULL;
CREATE INDEX IF NOT EXISTS incidents_by_time ON incidents (opened_at);
CREATE TABLE IF NOT EXISTS silences (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    about TEXT NOT NULL,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL,
    done_at REAL,
    error TEXT NOT NULL DEFAULT '',
    UNIQUE (about, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS messages_due ON messages (next_at) WHERE done_at IS NULL;
"""
#: How long incidents that are over, and messages that are done, are kept.
KEEP_SECONDS: Final = 400 * 86_400
KEEP_MESSAGES_SECONDS: Final = 14 * 86_400
MAX_SILENCES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a subject, and what the last look found; `looked_at` in epoch seconds."""

    state: State = field(default_factory=State)
    reason: str = ""
    value: float | None = None
    samples: int | None = None
    looked_at: float = 0


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told of a rule, or of one subject of it, until a moment in epoch seconds."""

    id: str
    rule: str
    subject: str
    until: int
    reason: str
    created_by: str
    created_at: int

    def covers(self, rule: str, subject: str, now: float) -> bool:
        """Whether it is about this subject now; one without a subject is about all."""
        return self.rule == rule and self.subject in ("", subject) and now < self.until


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits to be sent; `body` is what `channels.model.Message` is made of."""

    id: str
    channel: str
    event: str
    body: dict[str, Any]
    created_at: float
    tries: int


class Diary:
    """What alerts remember; every method may be called from any thread.

    Args:
        data_dir: the data folder.
        now: the wall clock in epoch seconds.

    Raises:
        RequestError: from every method; 503 where the file cannot be used.
    """

    def __init__(self, data_dir: Path, now: Callable[[], float] = time.time) -> None:
        self._file = KeptFile(data_dir / ALERTS_FILE, _SCHEMA, "alerts_unavailable", "alerts")
        self.now = now

    # --- What a look writes ---

    @contextmanager
    def writing(self) -> Iterator[Pen]:
        """Lend a pen; what it writes is on disk, all of it, when the block ends without an error."""
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield Pen(db, self.now())

    def known(self, rule: str) -> dict[str, Known]:
        """Return what is remembered of a rule's subjects."""
        with self._file.open() as db:
            rows = db.execute("SELECT subject, state FROM subjects WHERE rule = ?", (rule,)).fetchall()
        return {subject: _known(text) for subject, text in rows}

    def rules(self) -> set[str]:
        """Return the rules of which something is remembered."""
        with self._file.open() as db:
            return {rule for (rule,) in db.execute("SELECT DISTINCT rule FROM subjects")}

    # --- Incidents ---

    def incidents(self, *, open_only: bool = False, datasets: Iterable[str] | None = None, limit: int = 100) -> list[Incident]:
        """Return incidents, the newest first; only those of some datasets, if they are named."""
        where = ["resolved_at IS NULL"] if open_only else ["1"]
        named = None if datasets is None else sorted(datasets)
        if named is not None:
            where.append(f"dataset IN ({', '.join('?' * len(named))})")
        sql = f"SELECT incident FROM incidents WHERE {' AND '.join(where)} ORDER BY opened_at DESC, id LIMIT ?"
        with self._file.open() as db:
            rows = db.execute(sql, (*(named or ()), limit)).fetchall()
        return [Incident.restore(orjson.loads(text)) for (text,) in rows]

    def incident(self, id_: str) -> Incident:
        """Return one. Raises RequestError (404)."""
        with self._file.open() as db:
            return _find(db, id_)

    def change(self, id_: str, **changes: Any) -> Incident:
        """Change an incident. Raises RequestError (404)."""
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            changed = replace(_find(db, id_), **changes)
            Pen(db, self.now()).keep(changed)
        return changed

    def open_count(self) -> int:
        """Return how many incidents are open."""
        with self._file.open() as db:
            return int(db.execute("SELECT count(*) FROM incidents WHERE resolved_at IS NULL").fetchone()[0])

    # --- Silences ---

    def silences(self) -> list[Silence]:
        """Return those that are not over."""
        with self._file.open() as db:
            rows = db.execute("SELECT id, rule, subject, until, reason, created_by, created_at FROM silences WHERE until > ?"
                              " ORDER BY until", (int(self.now()),)).fetchall()  # fmt: skip
        return [Silence(*row) for row in rows]

    def silence(self, rule: str, subject: str, until: int, reason: str, created_by: str) -> Silence:
        """Begin one. Raises RequestError (507): there are too many."""
        made = Silence(secrets.token_hex(8), rule, subject, until, reason, created_by, int(self.now()))
        with self._file.open() as db:
            db.execute("DELETE FROM silences WHERE until <= ?", (made.created_at,))
            if db.execute("SELECT count(*) FROM silences").fetchone()[0] >= MAX_SILENCES:
                raise RequestError(507, "too_many_silences", f"There are {MAX_SILENCES} silences already: end some of them.")
            db.execute("INSERT INTO silences VALUES (?, ?, ?, ?, ?, ?, ?)", tuple(asdict(made).values()))
        return made

    def end_silence(self, id_: str) -> None:
        """End one."""
        with self._file.open() as db:
            db.execute("DELETE FROM silences WHERE id = ?", (id_,))

    # --- Messages ---

    def due(self, limit: int = 100) -> list[Waiting]:
        """Return messages whose time has come, the oldest first; of an incident and channel only the first that waits."""
        sql = """SELECT id, channel, event, body, created_at, tries FROM messages AS one
            WHERE done_at IS NULL AND next_at <= ? AND NOT EXISTS (
                SELECT 1 FROM messages AS before WHERE before.done_at IS NULL AND before.channel = one.channel
                AND before.created_at < one.created_at
                AND substr(before.about, 1, instr(before.about, '/')) = substr(one.about, 1, instr(one.about, '/')))
            ORDER BY created_at LIMIT ?"""
        with self._file.open() as db:
            rows = db.execute(sql, (self.now(), limit)).fetchall()
        return [Waiting(id_, channel, event, orjson.loads(body), at, tries) for id_, channel, event, body, at, tries in rows]

    def done(self, id_: str, error: str = "") -> None:
        """A message was sent, or given up because of an error."""
        with self._file.open() as db:
            db.execute("UPDATE messages SET done_at = ?, tries = tries + 1, error = ? WHERE id = ?", (self.now(), error, id_))

    def postpone(self, id_: str, until: float, error: str) -> None:
        """A message could not be sent, and is tried again."""
        with self._file.open() as db:
            db.execute("UPDATE messages SET next_at = ?, tries = tries + 1, error = ? WHERE id = ?", (until, error, id_))

    def messages(self, incident: str) -> list[dict[str, Any]]:
        """Return what was told of an incident, the oldest first: `event`, `channel`, `created_at`, `sent_at`, `tries`, `error`."""
        fields = "event, channel, created_at, done_at, tries, error"
        sql = f"SELECT {fields} FROM messages WHERE about LIKE ? || '/%' ORDER BY created_at, id"
        with self._file.open() as db:
            rows = db.execute(sql, (incident,)).fetchall()
        return [
            {"event": event, "channel": channel, "created_at": int(created), "sent_at": int(done) if done and not error else None,
             "tries": tries, "error": error}
            for event, channel, created, done, tries, error in rows
        ]  # fmt: skip

    def waiting_count(self) -> int:
        """Return how many messages wait."""
        with self._file.open() as db:
            return int(db.execute("SELECT count(*) FROM messages WHERE done_at IS NULL").fetchone()[0])


class Pen:
    """Writes within one transaction of the diary."""

    def __init__(self, db: sqlite3.Connection, now: float) -> None:
        self._db, self._now = db, now

    def note(self, rule: str, subject: str, known: Known) -> None:
        """Remember a subject."""
        self._db.execute("INSERT OR REPLACE INTO subjects VALUES (?, ?, ?)", (rule, subject, orjson.dumps(known).decode()))

    def forget(self, rule: str, subject: str) -> None:
        """Forget a subject."""
        self._db.execute("DELETE FROM subjects WHERE rule = ? AND subject = ?", (rule, subject))

    def keep(self, incident: Incident) -> None:
        """Write an incident, anew or changed."""
        row = (incident.id, incident.rule, incident.subject, incident.dataset, incident.opened_at, incident.resolved_at,
               orjson.dumps(incident.kept()).decode())  # fmt: skip
        self._db.execute("INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def open_incident(self, rule: str, subject: str) -> Incident | None:
        """Return the incident of a subject that is open."""
        sql = "SELECT incident FROM incidents WHERE rule = ? AND subject = ? AND resolved_at IS NULL"
        row = self._db.execute(sql, (rule, subject)).fetchone()
        return Incident.restore(orjson.loads(row[0])) if row else None

    def open_incidents(self, rule: str) -> int:
        """Return how many incidents of a rule are open."""
        sql = "SELECT count(*) FROM incidents WHERE rule = ? AND resolved_at IS NULL"
        return int(self._db.execute(sql, (rule,)).fetchone()[0])

    def tell(self, about: str, event: str, channels: Iterable[str], body: dict[str, Any]) -> None:
        """Put a message for each channel into the post; one that is there already, by what it is `about`, stays as it is."""
        text = orjson.dumps(body).decode()
        columns = "id, about, channel, event, body, created_at, next_at"
        sql = f"INSERT OR IGNORE INTO messages ({columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)"
        for channel in channels:
            self._db.execute(sql, (f"msg_{secrets.token_hex(12)}", about, channel, event, text, self._now))

    def clean(self) -> None:
        """Let go what is long over."""
        self._db.execute("DELETE FROM incidents WHERE resolved_at < ?", (int(self._now - KEEP_SECONDS),))
        self._db.execute("DELETE FROM messages WHERE done_at < ?", (self._now - KEEP_MESSAGES_SECONDS,))


def _find(db: sqlite3.Connection, id_: str) -> Incident:
    row = db.execute("SELECT incident FROM incidents WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise RequestError(404, "unknown_incident", "There is no incident with this id.")
    return Incident.restore(orjson.loads(row[0]))


def _known(text: str) -> Known:
    kept = orjson.loads(text)
    state = kept.pop("state")
    return Known(State(**{**state, "status": Status(state["status"]), "cause": Cause(state["cause"])}), **kept)
