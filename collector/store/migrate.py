"""Brings a store's schema up to date: frozen SQL files, applied in order, forward only.

Collectors of several versions write to one store while they are replaced one by one. So a migration only adds; one that takes
something away, or changes what a writer has to do, comes after a release that can do without, and begins with `-- oldest: N`: who
does not know version N may not write any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from collector.errors import StoreUnavailable

_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")
_OLDEST: Final = re.compile(r"-- oldest: (\d+)\n")

TABLE_SQL: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations
(
    `version` UInt32,
    `name` String,
    `applied_at` DateTime('UTC') DEFAULT now('UTC'),
    `oldest` UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema.

    Args:
        version: its place in the order, from 1.
        name: the file's name without its ending, such as `0001_events`.
        statements: what to run.
        oldest: a collector has to know this version to write to the store afterwards.
    """

    version: int
    name: str
    statements: tuple[str, ...]
    oldest: int = 0


def migrations() -> list[Migration]:
    """Return the migrations that this version of the code knows, in order."""
    found = []
    for file in files("collector.store").joinpath("migrations").iterdir():
        if match := _NAME.fullmatch(file.name):
            text = file.read_text("utf-8")
            oldest = _OLDEST.match(text)
            made = statements(text[oldest.end() if oldest else 0 :])
            found.append(Migration(int(match[1]), f"{match[1]}_{match[2]}", made, int(oldest[1]) if oldest else 0))
    return sorted(found, key=lambda migration: migration.version)


def statements(text: str) -> tuple[str, ...]:
    """Split a migration's text: a statement ends with a semicolon at the end of a line."""
    return tuple(part.strip() for part in re.split(r";[ \t]*(?:\n|\Z)", text) if part.strip())


def latest_version(known: list[Migration] | None = None) -> int:
    """Return the newest version that this code knows."""
    return max((migration.version for migration in (migrations() if known is None else known)), default=0)


def migrate(
    run: Callable[[str], None],
    current: Callable[[], int],
    known: list[Migration] | None = None,
    oldest: Callable[[], int] = lambda: 0,
) -> list[str]:
    """Apply what is missing and return the names of what was applied.

    Args:
        run: runs one statement.
        current: returns the newest version that the store has recorded, 0 where it has none.
        known: the migrations; by default this code's.
        oldest: returns the version that a collector has to know to write to the store as it is.

    Raises:
        StoreUnavailable: the store is so much newer than this code that it may not write.
    """
    known = migrations() if known is None else known
    run(TABLE_SQL)
    run("ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS `oldest` UInt32")
    have, latest = current(), latest_version(known)
    if have > latest and (needed := oldest()) > latest:
        raise StoreUnavailable(
            f"The store's schema has version {have}, to which only collectors that know version {needed} may write; this version "
            f"of Wideload knows {latest}. Start the newer version of Wideload that has written it."
        )
    applied = []
    for migration in known:
        if migration.version > have:
            for statement in migration.statements:
                run(statement)
            row = f"({migration.version}, '{migration.name}', {migration.oldest})"
            run(f"INSERT INTO schema_migrations (version, name, oldest) VALUES {row}")
            applied.append(migration.name)
    return applied
