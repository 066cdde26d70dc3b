"""Dashboards that people make, kept as the same JSON as the prebuilt ones, with a version that counts their changes."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import orjson

from collector.dashboards.definition import Definition
from collector.dashboards.file import DashboardFile
from collector.errors import RequestError

#: What all of them may take: at most some hundred MB, whoever makes them.
MAX_BYTES: Final = 262_144
MAX_DASHBOARDS: Final = 1_000
_LONGEST_ID: Final = 40
_COLUMNS: Final = "id, definition, version, created_by, created_at, changed_by, changed_at"


Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OwnDashboard:
    """One dashboard; times in epoch seconds."""

    id: str
    definition: Definition
    version: int
    created_by: str
    created_at: float
    changed_by: str
    changed_at: float

    @property
    def dataset(self) -> str:
        """The dataset that it belongs to; empty where its readers choose one."""
        return str(self.definition.get("dataset", ""))

    def entry(self) -> dict[str, Any]:
        """Return what a list says of it."""
        about = {key: self.definition.get(key, "") for key in ("id", "title", "description")}
        who = {key: getattr(self, key) for key in ("version", "created_by", "created_at", "changed_by", "changed_at")}
        return {**about, **({"dataset": self.dataset} if self.dataset else {}), "origin": "own", **who}


class OwnDashboards:
    """The dashboards of a file; every method may be called from any thread.

    Args:
        file: where they are.
        taken: ids that they can't have: those of the prebuilt ones.
        now: the wall clock in epoch seconds.

    What changes them takes a `log`, which is called with the id before anything is kept; if it raises, nothing is.

    Raises:
        RequestError: from every method; 503 where the file cannot be used.
    """

    def __init__(self, file: DashboardFile, taken: Collection[str] = (), now: Callable[[], float] = time.time) -> None:
        self._file, self._taken, self._now = file, taken, now

    def all(self) -> list[OwnDashboard]:
        """Return all of them by their titles."""
        with self._file.open() as db:
            found = [_of(row) for row in db.execute(f"SELECT {_COLUMNS} FROM dashboards")]
        return sorted(found, key=lambda one: (str(one.definition["title"]).casefold(), one.id))

    def find(self, id_: str) -> OwnDashboard | None:
        """Return one."""
        with self._file.open() as db:
            return _find(db, id_)

    def add(self, definition: Definition, who: str, log: Log) -> OwnDashboard:
        """Keep a definition that has been read without a mistake, under an id made of its title; the id that it has is not kept."""
        _check_size(definition)
        with self._file.change() as db:
            (there,) = db.execute("SELECT count(*) FROM dashboards").fetchone()
            if there >= MAX_DASHBOARDS:
                message = f"There are {MAX_DASHBOARDS} dashboards, and no more can be kept. Delete one that nobody needs."
                raise RequestError(507, "too_many_dashboards", message)
            id_ = self._free_id(db, definition["title"])
            now = self._now()
            made = OwnDashboard(id_, {**definition, "id": id_}, 1, who, now, who, now)
            db.execute(f"INSERT INTO dashboards ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                       (id_, _text(made.definition), 1, who, now, who, now))  # fmt: skip
            log(id_)
        return made

    def change(self, id_: str, definition: Definition, who: str, version: int | None, log: Log) -> OwnDashboard:
        """Replace one. Raises RequestError: it has changed since `version` (412), or is gone (404)."""
        _check_size(definition)
        with self._file.change() as db:
            before = _check(_find(db, id_), id_, version)
            made = OwnDashboard(
                id_, {**definition, "id": id_}, before.version + 1, before.created_by, before.created_at, who, self._now()
            )
            db.execute("UPDATE dashboards SET definition = ?, version = ?, changed_by = ?, changed_at = ? WHERE id = ?",
                       (_text(made.definition), made.version, who, made.changed_at, id_))  # fmt: skip
            log(id_)
        return made

    def delete(self, id_: str, version: int | None, log: Log) -> None:
        """Delete one, and the links to it. Raises RequestError as `change` does."""
        with self._file.change() as db:
            _check(_find(db, id_), id_, version)
            db.execute("DELETE FROM dashboards WHERE id = ?", (id_,))
            db.execute("DELETE FROM shares WHERE dashboard = ?", (id_,))
            log(id_)

    def _free_id(self, db: sqlite3.Connection, title: str) -> str:
        word = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_LONGEST_ID].strip("-")
        word = word if word[:1].isalpha() else f"dashboard-{word}".strip("-")
        names = (word if number == 1 else f"{word}-{number}" for number in count(1))
        return next(name for name in names if name not in self._taken and _find(db, name) is None)


def unknown(id_: str) -> RequestError:
    """Return the refusal of an id that nothing has."""
    return RequestError(404, "unknown_dashboard", f"There is no dashboard “{id_[:60]}”; GET /api/dashboards lists them.")


def _check(found: OwnDashboard | None, id_: str, version: int | None) -> OwnDashboard:
    if found is None:
        raise unknown(id_)
    if version is not None and version != found.version:
        text = f"{found.changed_by} has changed this dashboard since (it has version {found.version} now, not {version})."
        raise RequestError(412, "dashboard_changed", f"{text} Load it again and repeat your change.")
    return found


def _check_size(definition: Definition) -> None:
    size = len(_text(definition))
    if size > MAX_BYTES:
        raise RequestError(413, "dashboard_too_large", f"The dashboard has {size} bytes; at most {MAX_BYTES} can be kept.")


def _text(definition: Definition) -> str:
    return orjson.dumps(definition).decode()


def _find(db: sqlite3.Connection, id_: str) -> OwnDashboard | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM dashboards WHERE id = ?", (id_,)).fetchone()
    return _of(row) if row else None


def _of(row: tuple[Any, ...]) -> OwnDashboard:
    id_, definition, *rest = row
    return OwnDashboard(id_, orjson.loads(definition), *rest)
