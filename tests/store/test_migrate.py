from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from store_samples import ask, event

from collector.errors import StoreUnavailable
from collector.fields import BY_NAME, FIELDS
from collector.store.base import Param
from collector.store.ddl import ATTRIBUTE_TYPES, Column, definition, draft_migration
from collector.store.migrate import Migration, latest_version, migrate, migrations, statements
from collector.store.sql import SqlStore


class Engine:
    """Remembers what it was told to run."""

    def __init__(self, version: int = 0) -> None:
        self.version, self.ran = version, list[str]()

    def migrate(self, *known: Migration, oldest: int = 0) -> list[str]:
        return migrate(self.ran.append, lambda: self.version, list(known), lambda: oldest)


FIRST, SECOND = Migration(1, "0001_first", ("CREATE a", "CREATE b")), Migration(2, "0002_second", ("ALTER a",))


def test_the_missing_migrations_run_in_order_and_are_recorded() -> None:
    engine = Engine(version=0)

    assert engine.migrate(FIRST, SECOND) == ["0001_first", "0002_second"]
    assert [sql.partition(" (version")[0] for sql in engine.ran[2:]] == [
        "CREATE a",
        "CREATE b",
        "INSERT INTO schema_migrations",
        "ALTER a",
        "INSERT INTO schema_migrations",
    ]


def test_what_was_applied_does_not_run_again() -> None:
    engine = Engine(version=1)

    assert engine.migrate(FIRST, SECOND) == ["0002_second"]
    assert "CREATE a" not in engine.ran


def test_a_newer_schema_that_only_adds_is_gone_on_with() -> None:
    assert Engine(version=3).migrate(FIRST, SECOND, oldest=2) == []


def test_a_schema_that_it_may_not_write_to_is_refused_with_a_way_out() -> None:
    with pytest.raises(StoreUnavailable, match=r"that know version 3 may write; .* knows 2\. Start the newer version"):
        Engine(version=4).migrate(FIRST, SECOND, oldest=3)


@pytest.mark.parametrize("migration", migrations(), ids=lambda migration: str(migration.name))
def test_a_migration_that_does_not_say_who_may_still_write_only_adds(migration: Migration) -> None:
    adds = re.compile(
        r"(CREATE (TABLE|VIEW|MATERIALIZED VIEW) IF NOT EXISTS .*"
        r"|ALTER TABLE \w+ (ADD (COLUMN|INDEX|PROJECTION) IF NOT EXISTS|MATERIALIZE|MODIFY SETTING) .*)",
    )

    for statement in migration.statements if migration.oldest < migration.version else ():
        text = " ".join(statement.split())
        assert adds.match(text) and not re.search(r" (DROP|RENAME|MODIFY COLUMN|DELETE|UPDATE) ", text), text[:200]


def test_a_statement_ends_with_a_semicolon_at_the_end_of_a_line() -> None:
    text = "CREATE TABLE a (x String DEFAULT ';');\n\nCREATE TABLE b\n(y String)\n;\n"

    assert statements(text) == ("CREATE TABLE a (x String DEFAULT ';')", "CREATE TABLE b\n(y String)")


def test_the_migrations_of_the_package_are_numbered_from_one() -> None:
    assert [migration.version for migration in migrations()] == list(range(1, latest_version() + 1))


def test_a_store_migrates_once(fresh_store: SqlStore) -> None:
    assert fresh_store.migrate() == [migration.name for migration in migrations()]
    assert fresh_store.migrate() == []
    assert fresh_store.info().schema_version == latest_version()


def known_to(monkeypatch: pytest.MonkeyPatch, *more: Migration, upto: int | None = None) -> None:
    """Let this code be one that knows these migrations."""
    known = [*migrations()[:upto], *more]
    monkeypatch.setattr("collector.store.migrate.migrations", lambda: known)


def test_old_and_new_collectors_write_side_by_side(
    fresh_store: SqlStore, open_store: Callable[[str], SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, last = fresh_store, latest_version()
    old.migrate()
    new = open_store(old.query("SELECT currentDatabase()").rows[0][0])
    added = Migration(last + 1, "added", ("ALTER TABLE events ADD COLUMN IF NOT EXISTS `new.value` Nullable(Float32)",))
    taken = Migration(last + 2, "taken", ("ALTER TABLE events DROP COLUMN IF EXISTS `probe.duration`",), oldest=last + 1)

    with monkeypatch.context() as newer:
        known_to(newer, added)
        assert new.migrate() == ["added"]
    # The old one goes on, and starts again.
    old.insert([event("d", id="by the old one")])
    assert old.migrate() == []
    new._command("INSERT INTO events (id, kind, dataset, ts, `new.value`) VALUES ('by the new one', 'page_view', 'd', now64(3), 7)")
    assert {row[0] for row in ask(old, "id", "d").rows} == {"by the old one", "by the new one"}
    assert new.query("SELECT `new.value` FROM events WHERE dataset = 'd' ORDER BY id").rows == [(7.0,), (None,)]

    with monkeypatch.context() as newest:
        known_to(newest, added, taken)
        assert new.migrate() == ["taken"]
    with pytest.raises(StoreUnavailable, match=f"know version {last + 1} may write"):
        old.migrate()
    with monkeypatch.context() as newer:
        known_to(newer, added)
        assert new.migrate() == []
    new.close()


def test_a_collector_from_before_the_rollups_may_not_write(fresh_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_store.migrate()

    known_to(monkeypatch, upto=4)
    with pytest.raises(StoreUnavailable, match="know version 5"):
        fresh_store.migrate()
    known_to(monkeypatch, upto=5)
    assert fresh_store.migrate() == []


def test_a_migration_that_stopped_half_way_is_finished_by_the_next_try(fresh_store: SqlStore) -> None:
    fresh_store.migrate()
    fresh_store._command("TRUNCATE TABLE schema_migrations")

    assert fresh_store.migrate() == [migration.name for migration in migrations()]


def test_events_from_before_a_migration_have_empty_lists(fresh_store: SqlStore) -> None:
    fresh_store.migrate()
    fresh_store._command("DROP TABLE events SYNC")
    fresh_store._command("TRUNCATE TABLE schema_migrations")
    migrate(fresh_store._command, fresh_store._schema_version, migrations()[:1])
    fresh_store._command("INSERT INTO events (id, kind, dataset, ts) VALUES ('old', 'page_view', 'd', now64(3))")

    fresh_store.migrate()
    fresh_store.insert([event("d", id="new", **{"resources.host": ["a"], "resources.start": [1]})])

    columns = "id, `resources.host`, `resources.ttfb`, `loaf.count`"
    assert ask(fresh_store, columns, "d").rows == [("new", ["a"], [None], None), ("old", [], [], None)]
    assert ask(fresh_store, "id", "d", "AND has(`resources.host`, 'a')").rows == [("new",)]


def table_columns(store: SqlStore) -> dict[str, Column]:
    sql = """SELECT name, type, default_kind, default_expression, compression_codec FROM system.columns
        WHERE database = currentDatabase() AND table = 'events' ORDER BY position"""
    return {name: Column(*rest) for name, *rest in store.query(sql).rows}


def normal(store: SqlStore, expression: str) -> str:
    sql = "SELECT formatQuerySingleLine({sql:String})"
    return str(store.query(sql, {"sql": Param("String", f"SELECT {expression}")}).rows[0][0]).removeprefix("SELECT ")


def test_the_table_is_what_the_dictionary_says(store: SqlStore) -> None:
    columns = table_columns(store)

    assert set(columns) == {field.name for field in FIELDS} | set(ATTRIBUTE_TYPES)
    for field in FIELDS:
        column = columns[field.name]
        assert column.type == field.clickhouse_type, field.name
        if field.origin == "table":
            kind = "MATERIALIZED" if field.materialized else "ALIAS"
            assert (column.default_kind, column.expression) == (kind, normal(store, field.expression)), field.name
        if field.origin != "table" or field.materialized:
            assert column.codec.replace("Delta(8)", "Delta") == f"CODEC({field.codec})", field.name
    for name, type_ in ATTRIBUTE_TYPES.items():
        assert columns[name].type == type_


def test_the_dictionary_needs_no_migration(store: SqlStore) -> None:
    # Where this fails, the difference that pytest shows is the draft of the migration that is missing.
    assert draft_migration(table_columns(store)) == ""


def test_a_draft_adds_new_fields_and_changes_types() -> None:
    new = replace(BY_NAME["lcp.value"], name="new.value")
    changed = replace(BY_NAME["page.path"], column="Nullable(String)")
    computed = replace(BY_NAME["lcp.rating"], name="new.rating")

    draft = draft_migration({"page.path": Column("LowCardinality(Nullable(String))")}, [new, changed, computed])

    assert statements(draft) == (
        "ALTER TABLE events\n"
        "    ADD COLUMN IF NOT EXISTS `new.value` Nullable(Float32) CODEC(ZSTD(1)),\n"
        "    MODIFY COLUMN `page.path` Nullable(String) CODEC(ZSTD(1)),\n"
        f"    ADD COLUMN IF NOT EXISTS {definition(computed)}",
    )


def test_a_draft_runs(fresh_store: SqlStore) -> None:
    fresh_store.migrate()
    new = replace(BY_NAME["lcp.value"], name="new.value")

    for statement in statements(draft_migration(table_columns(fresh_store), [new])):
        fresh_store._command(statement)

    assert table_columns(fresh_store)["new.value"].type == "Nullable(Float32)"


def test_attributes_are_kept_in_buckets(store: SqlStore) -> None:
    assert "map_serialization_version = 'with_buckets'" in store._engine("events")
