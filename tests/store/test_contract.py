"""What both stores promise; see `collector/store/base.py`."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from store_samples import DAY, NOW, ask, event

from bench.events import stored_event
from collector.errors import StoreDataError, StoreQueryError, StoreQueryStopped, StoreUnavailable
from collector.fields import THRESHOLDS, stored_fields
from collector.store.base import Attribute, Hour, Key, Limits, Param, Stop
from collector.store.ddl import ATTRIBUTE_TYPES
from collector.store.migrate import latest_version
from collector.store.sql import SqlStore

HOSTILE = [
    pytest.param("", id="empty"),
    pytest.param('it\'s "quoted" `so`', id="quotes"),
    pytest.param("back\\slash \\n \\N \\' \\\\", id="backslashes"),
    pytest.param("tab\t newline\n return\r zero\0 bell\a form\f back\b vertical\v", id="controls"),
    pytest.param("Zürich 東京 🚀 \u202e\ufeff", id="unicode"),
    pytest.param("'; DROP TABLE events; --", id="injection"),
    pytest.param("{dataset:String} %(x)s %s ${a}", id="templates"),
    pytest.param("NULL", id="null-as-text"),
    pytest.param("[1,2]", id="array-as-text"),
    pytest.param("x" * 65_000, id="long"),
]


def nearly(value: Any) -> Any:
    """Return what a value equals that was read back; many numbers have the precision of a Float32."""
    if isinstance(value, list):
        return [nearly(item) for item in value]
    return pytest.approx(value, rel=1e-6) if isinstance(value, float) else value


def test_every_field_reads_back(store: SqlStore, dataset: str) -> None:
    written = stored_event(7, dataset)

    store.insert([written])

    result = ask(store, "*", dataset)
    read = dict(zip(result.columns, result.rows[0], strict=True))
    assert set(read) == {field.name for field in stored_fields()} | set(ATTRIBUTE_TYPES)
    for name, value in written.items():
        assert read[name] == nearly(value), name


def test_what_was_not_measured_is_none(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset)])

    columns = "revision, sample_rate, `lcp.value`, `lcp.rating`, `page.path`, `page.url`, `browser.webdriver`, time, attrs_number"
    assert ask(store, columns, dataset).rows == [(0, 1, None, None, None, None, None, NOW, {})]


@pytest.mark.parametrize("text", HOSTILE)
def test_lists_read_back_with_what_is_unknown(store: SqlStore, dataset: str, text: str) -> None:
    lists = {"resources.path": [text, ""], "resources.ttfb": [None, 12.5], "resources.cached": [True, False]}
    store.insert([event(dataset, **lists)])

    assert ask(store, ", ".join(f"`{name}`" for name in lists), dataset).rows == [tuple(lists.values())]


def test_events_with_and_without_lists_are_stored_together(store: SqlStore, dataset: str) -> None:
    hosts = [["a", "b"], None, ["c"], None, []]
    store.insert([event(dataset, id=str(n), **{"resources.host": given}) for n, given in enumerate(hosts)])

    assert ask(store, "`resources.host`", dataset).rows == [(given or [],) for given in hosts]


def test_lists_that_were_not_sent_are_as_long_as_those_that_belong_to_them(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, **{"resources.host": ["a", "b"]})])

    columns = "`resources.path`, `resources.ttfb`, `resources.cached`, `loaf_scripts.url`"
    assert ask(store, columns, dataset).rows == [(["", ""], [None, None], [False, False], [])]


def test_many_different_texts_in_lists_read_back(store: SqlStore, dataset: str) -> None:
    paths = [[f"/{n}/{place}" for place in range(100)] for n in range(30)]
    store.insert([event(dataset, id=f"{n:02}", **{"resources.path": given}) for n, given in enumerate(paths)])

    assert ask(store, "`resources.path`", dataset).rows == [(given,) for given in paths]


@pytest.mark.parametrize("lists", [{"resources.host": ["a"], "resources.path": ["/", "/"]}, {"resources.start": ["soon"]}])
def test_lists_that_do_not_fit_are_a_fault_of_the_data(store: SqlStore, dataset: str, lists: dict[str, Any]) -> None:
    with pytest.raises(StoreDataError):
        store.insert([event(dataset, **lists)])


@pytest.mark.parametrize("vital", THRESHOLDS)
def test_a_value_on_a_threshold_is_in_the_better_band(store: SqlStore, dataset: str, vital: str) -> None:
    good, poor = THRESHOLDS[vital]
    values = [good, good * 1.01, poor, poor * 1.01]

    store.insert([event(dataset, id=f"e{n}", **{f"{vital}.value": value}) for n, value in enumerate(values)])

    ratings = dict(ask(store, f"id, `{vital}.rating`", dataset).rows)
    assert ratings == {"e0": "good", "e1": "needs-improvement", "e2": "needs-improvement", "e3": "poor"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("revision", 2**32 - 1),
        ("navigation.response_status", 65_535),
        ("resource.transfer_size", 1e13),
        ("resource.transfer_size", 9_007_199_254_740_993.0),
        ("lcp.value", 0.0),
        ("lcp.value", -1.5),
        ("lcp.value", 2.0**100),
        ("time", -2_200_000_000_000),
        ("time", -1),
        ("time", 9_200_000_000_001),
        ("clock.skew", -0.001),
    ],
)
def test_extreme_numbers_and_times_read_back(store: SqlStore, dataset: str, name: str, value: float) -> None:
    store.insert([event(dataset, **{name: value})])

    assert ask(store, f"`{name}`", dataset).rows == [(value,)]


def test_not_a_number_reads_back(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, **{"lcp.value": math.nan, "clock.skew": math.inf})])

    lcp, skew = ask(store, "`lcp.value`, `clock.skew`", dataset).rows[0]
    assert math.isnan(lcp)
    assert skew == math.inf


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_reads_back(store: SqlStore, dataset: str, text: str) -> None:
    attributes = {"attrs_string": {text: text}, "attrs_number": {text: 1.5}, "attrs_bool": {text: False}}
    store.insert([event(dataset, id=text, **{"page.url": text, "page.path": text}, **attributes)])

    columns = "id, `page.url`, `page.path`, attrs_string, attrs_number, attrs_bool"
    assert ask(store, columns, dataset).rows == [(text, text, text, {text: text}, {text: 1.5}, {text: False})]


def test_no_text_and_empty_text_are_different(store: SqlStore, dataset: str) -> None:
    texts = ["", None, "a", None, ""]
    store.insert([event(dataset, id=str(n), **{"page.path": text, "page.url": text}) for n, text in enumerate(texts)])

    assert ask(store, "`page.path`, `page.url`", dataset).rows == [(text, text) for text in texts]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_a_parameter(store: SqlStore, text: str) -> None:
    params = {"a": Param("String", text), "b": Param("Array(String)", [text, "and", text])}

    result = store.query("SELECT {a:String} AS a, {b:Array(String)} AS b", params)

    assert result.rows == [(text, [text, "and", text])]


def test_any_text_names_a_dataset_and_finds_its_events(store: SqlStore, dataset: str) -> None:
    name = f"{dataset} it's a \\ \n name"
    store.insert([event(name, **{"attrs_string": {"it's": "x"}})])

    assert ask(store, "attrs_string['it\\'s']", name).rows == [("x",)]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("Float64", 1.5),
        ("Float64", 1e300),
        ("Int64", -(2**63)),
        ("UInt8", 255),
        ("Bool", True),
        ("Bool", False),
        ("Array(Float64)", [0.1, -2.0, 1e22]),
        ("Array(Int64)", []),
        ("Array(Bool)", [True, False]),
    ],
)
def test_any_value_is_a_parameter(store: SqlStore, type_: str, value: Any) -> None:
    result = store.query(f"SELECT {{value:{type_}}}", {"value": Param(type_, value)})

    assert result.rows == [(value,)]


def test_times_are_epoch_milliseconds_in_utc(store: SqlStore) -> None:
    sql = """SELECT toDateTime64('2026-11-16 10:00:00.123', 3), toDateTime('2026-11-16 10:00:00'), toDate('2026-11-16'),
        [toDateTime64('2026-11-16 10:00:00.123', 3, 'Asia/Tokyo')], CAST(NULL AS Nullable(DateTime))"""

    assert store.query(sql).rows == [(NOW + 123, NOW, NOW - 10 * 3_600_000, [NOW + 123 - 9 * 3_600_000], None)]


def test_other_values_are_plain_too(store: SqlStore) -> None:
    sql = """SELECT toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'), tuple(1, 'a', toDateTime('2026-11-16 10:00:00')),
        map('a', toDateTime('2026-11-16 10:00:00')), [[1, 2], []], CAST('x' AS LowCardinality(Nullable(String)))"""

    assert store.query(sql).rows == [
        ("61f0c404-5cb3-11e7-907b-a6006ad3dba0", [1, "a", NOW], {"a": NOW}, [[1, 2], []], "x"),
    ]


@pytest.mark.parametrize("revisions", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_highest_revision_wins(store: SqlStore, dataset: str, revisions: tuple[int, ...]) -> None:
    for revision in revisions:
        store.insert([event(dataset, revision=revision, **{"lcp.value": 100.0 * revision})])

    assert ask(store, "revision, `lcp.value`", dataset).rows == [(2, 200.0)]


def test_the_highest_revision_wins_within_one_insert(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, revision=revision, **{"lcp.value": 100.0 * revision}) for revision in (1, 2, 0)])

    assert ask(store, "revision, `lcp.value`", dataset).rows == [(2, 200.0)]


def test_an_old_version_is_not_found_by_its_values(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, revision=0, **{"page.path": "/old"})])
    store.insert([event(dataset, revision=1, **{"page.path": "/new"})])

    assert ask(store, "id", dataset, "AND `page.path` = '/old'").rows == []
    assert ask(store, "`page.path`", dataset, "AND id = 'a'").rows == [("/new",)]


def test_inserting_again_changes_nothing(store: SqlStore, dataset: str) -> None:
    events = [event(dataset, id=str(number), **{"lcp.value": 1.0}) for number in range(10)]

    store.insert(events)
    store.insert(list(reversed(events)))

    assert ask(store, "count(), sum(`lcp.value`), sum(sample_rate)", dataset, "").rows == [(10, 10.0, 10)]


def test_an_insert_may_span_more_days_than_partitions_are_allowed(fresh_store: SqlStore) -> None:
    # Not in the store that tests share: whatever erases there would look at 130 parts more.
    fresh_store.migrate()
    fresh_store.insert([event("d", id=str(day), ts=NOW - day * DAY) for day in range(130)])

    assert ask(fresh_store, "count(), uniqExact(toDate(ts))", "d", "").rows == [(130, 130)]


def test_inserting_nothing_is_fine(store: SqlStore) -> None:
    store.insert([])
    store.add_attributes([])


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"lcp.value": "slow"}, id="text-for-number"),
        pytest.param({"lcp.value": 1e39}, id="number-too-large"),
        pytest.param({"lcp.value": [1.0]}, id="list-for-number"),
        pytest.param({"revision": -1}, id="negative"),
        pytest.param({"revision": 2**32}, id="whole-number-too-large"),
        pytest.param({"navigation.response_status": 200.5}, id="fraction"),
        pytest.param({"page.path": 5}, id="number-for-text"),
        pytest.param({"page.url": {"a": 1}}, id="object-for-text"),
        pytest.param({"page.path": ["a"]}, id="list-for-text"),
        pytest.param({"page.path": "\ud800"}, id="half-a-character"),
        pytest.param({"ts": "yesterday"}, id="text-for-time"),
        pytest.param({"ts": None}, id="no-time"),
        pytest.param({"id": None}, id="no-id"),
        pytest.param({"attrs_number": {"a": "b"}}, id="text-for-number-attribute"),
        pytest.param({"attrs_string": {"a": None}}, id="null-attribute"),
        pytest.param({"attrs_string": "text"}, id="text-for-attributes"),
    ],
)
def test_an_event_that_does_not_fit_is_a_data_error(store: SqlStore, dataset: str, fields: dict[str, Any]) -> None:
    with pytest.raises(StoreDataError):
        store.insert([event(dataset, id="good"), event(dataset, **fields)])

    store.insert([event(dataset, id="good")])
    assert ask(store, "id", dataset).rows == [("good",)]


def test_a_missing_table_is_not_the_datas_fault(fresh_store: SqlStore, dataset: str) -> None:
    fresh_store.migrate()
    fresh_store._command("DROP TABLE events")

    with pytest.raises(StoreUnavailable) as caught:
        fresh_store.insert([event(dataset)])
    assert caught.value.code == 60


def test_a_missing_column_is_not_the_datas_fault(fresh_store: SqlStore, dataset: str) -> None:
    fresh_store.migrate()
    fresh_store._command("ALTER TABLE events DROP COLUMN `beacon.trigger`")

    with pytest.raises(StoreUnavailable):
        fresh_store.insert([event(dataset, **{"beacon.trigger": "hidden"})])


def test_a_store_without_schema_is_not_the_querys_fault(fresh_store: SqlStore, dataset: str) -> None:
    with pytest.raises(StoreUnavailable):
        fresh_store.insert([event(dataset)])


def test_a_closed_store_is_unavailable(fresh_store: SqlStore, dataset: str) -> None:
    fresh_store.migrate()
    fresh_store.close()

    with pytest.raises(StoreUnavailable):
        fresh_store.query("SELECT 1")
    with pytest.raises(StoreUnavailable):
        fresh_store.insert([event(dataset)])


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param("SELECT FROM WHERE", 62, id="syntax"),
        pytest.param("SELECT nothing FROM events", 47, id="unknown-name"),
        pytest.param("SELECT noSuchFunction(1)", 46, id="unknown-function"),
        pytest.param("SELECT {missing:String}", 456, id="missing-parameter"),
        pytest.param("SELECT sum(id) FROM events", 43, id="wrong-type"),
        pytest.param("INSERT INTO attribute_keys (name) SELECT 'a'", 164, id="write"),
        pytest.param("DROP TABLE events", 164, id="drop"),
    ],
)
def test_a_wrong_query_is_refused(store: SqlStore, sql: str, code: int) -> None:
    with pytest.raises(StoreQueryError) as caught:
        store.query(sql)

    assert caught.value.code == code
    assert "DB::Exception" not in caught.value.message
    assert store.query("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize(
    ("sql", "limits", "code"),
    [
        pytest.param("SELECT sum(sipHash64(number)) FROM numbers(100000000000)", Limits(seconds=0.2), 159, id="time"),
        pytest.param("SELECT uniqExact(number) FROM numbers(50000000)", Limits(memory_bytes=50 << 20), 241, id="memory"),
        pytest.param("SELECT number FROM numbers(1001)", Limits(result_rows=1000), 396, id="rows"),
    ],
)
def test_a_query_keeps_its_limits(store: SqlStore, sql: str, limits: Limits, code: int) -> None:
    started = time.monotonic()

    with pytest.raises(StoreQueryError) as caught:
        store.query(sql, limits=limits)

    assert caught.value.code == code
    assert time.monotonic() - started < 10


def test_an_answer_says_what_was_read(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, id=str(number)) for number in range(1000)])

    result = ask(store, "count() AS events", dataset, "")

    assert result.columns == ["events"]
    assert result.rows == [(1000,)]
    assert result.rows_read >= 1000
    assert result.bytes_read > 0
    assert result.elapsed_ms > 0


def test_an_answer_without_rows_has_its_columns(store: SqlStore, dataset: str) -> None:
    result = ask(store, "id, ts, attrs_string", dataset)

    assert (result.columns, result.rows) == (["id", "ts", "attrs_string"], [])


def test_events_come_in_and_questions_are_answered_at_the_same_time(store: SqlStore, dataset: str) -> None:
    def insert(batch: int) -> None:
        store.insert([event(dataset, id=f"{batch}-{number}") for number in range(200)])

    def count(_: int) -> int:
        return int(ask(store, "count()", dataset, "").rows[0][0])

    with ThreadPoolExecutor(8) as threads:
        counts = threads.map(count, range(40))
        list(threads.map(insert, range(20)))
        assert all(number % 200 == 0 for number in counts)

    assert count(0) == 4000


def test_retention_takes_a_datasets_old_events_and_leaves_the_others(fresh_store: SqlStore) -> None:
    fresh_store.migrate()
    now = int(time.time() * 1000)

    fresh_store.set_retention({"short": 7, "long": 1_000_000})
    for dataset in ("short", "long", "unnamed"):
        fresh_store.insert([event(dataset, id="old", ts=now - 8 * DAY), event(dataset, id="new", ts=now - 6 * DAY)])
    fresh_store._command("OPTIMIZE TABLE events FINAL")

    for dataset, kept in {"short": ["new"], "long": ["new", "old"], "unnamed": ["new", "old"]}.items():
        assert [id for (id,) in ask(fresh_store, "id", dataset).rows] == kept


def test_retention_is_only_written_when_it_changes(fresh_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_store.migrate()
    commands: list[str] = []
    run = fresh_store._command

    def remember(sql: str) -> None:
        commands.append(sql)
        run(sql)

    monkeypatch.setattr(fresh_store, "_command", remember)

    for days in (30, 30, 31, 31):
        fresh_store.set_retention({"demo": days, "a.b-c_1": 5})

    assert [sql.split()[2] for sql in commands] == ["events", "rollups", "narrow"] * 2


def test_erased_events_go_in_every_version_and_leave_the_others(store: SqlStore, dataset: str) -> None:
    hostile = "x') OR 1 = 1 --"
    for revision in (0, 1):
        store.insert(
            [event(dataset, id=name, ts=NOW + day * DAY, revision=revision) for name in ("a", "b", hostile) for day in (0, 1)]
        )
    store.insert([event(dataset, id="a", kind="error")])

    store.erase(dataset, [Key("page_view", "a", NOW), Key("page_view", "a", NOW + DAY), Key("page_view", hostile, NOW)])

    assert ask(store, "id, kind, count()", dataset, "GROUP BY id, kind ORDER BY id, kind").rows == [
        ("a", "error", 1), ("b", "page_view", 2), (hostile, "page_view", 1),
    ]  # fmt: skip
    unmerged = "SELECT count() FROM events WHERE dataset = {dataset:String} AND id = 'a' AND kind = 'page_view'"
    assert store.query(unmerged, {"dataset": Param("String", dataset)}).rows == [(0,)]


def test_many_events_are_erased_at_once(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, id=f"event-number-{n}-with-a-long-name") for n in range(5000)])

    store.erase(dataset, [Key("page_view", f"event-number-{n}-with-a-long-name", NOW) for n in range(4999)])

    assert ask(store, "id", dataset).rows == [("event-number-4999-with-a-long-name",)]


def test_all_before_a_time_is_erased(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset, id="old", ts=NOW - 1), event(dataset, id="new")])

    store.erase_before(dataset, NOW)

    assert ask(store, "id", dataset).rows == [("new",)]


def test_the_attribute_catalogue_keeps_what_it_knows(store: SqlStore, dataset: str) -> None:
    names = ["plan", "it's \\ odd", "東京"]

    for _ in range(2):
        store.add_attributes([Attribute(dataset, name, "string") for name in names])

    sql = "SELECT name, any(type) FROM attribute_keys WHERE dataset = {dataset:String} GROUP BY name"
    rows = store.query(sql, {"dataset": Param("String", dataset)}).rows
    assert sorted(rows) == sorted((name, "string") for name in names)


def test_a_store_says_what_it_is(store: SqlStore, dataset: str) -> None:
    store.insert([event(dataset)])

    info = store.info()

    assert info.kind in {"embedded", "clickhouse"}
    assert info.version
    assert info.schema_version == info.latest_schema_version == latest_version()
    assert info.details["rows"] > 0


def test_a_query_stops_when_it_is_told_to(store: SqlStore) -> None:
    stop, endless = Stop(), "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"
    running = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%processes%'"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(store.query, endless, None, Limits(seconds=60), stop)
        while store.query(running).rows != [(1,)]:
            time.sleep(0.01)
        stop.set()

        with pytest.raises(StoreQueryStopped):
            asked.result(10)
    end = time.monotonic() + 5
    while store.query(running).rows != [(0,)]:
        assert time.monotonic() < end
        time.sleep(0.01)
    with pytest.raises(StoreQueryStopped):
        store.query("SELECT 1", stop=stop)


def test_a_version_changes_with_the_events_of_its_days(store: SqlStore, dataset: str) -> None:
    def versions() -> tuple[object, object]:
        day = store.version(dataset, NOW // 1000 - 3600, NOW // 1000 + 3600)
        return day, store.version(dataset, (NOW - 1000 * DAY) // 1000, (NOW - 999 * DAY) // 1000)

    empty = versions()
    store.insert([event(dataset)])
    stored = versions()
    store.insert([event(dataset, revision=2)])
    amended = versions()
    store.erase(dataset, [Key("page_view", "a", NOW)])
    erased = versions()

    assert len({empty[0], stored[0], amended[0], erased[0]}) == 4
    assert empty[1] == stored[1] == amended[1]


def test_a_version_changes_after_everything_that_an_answer_is_made_of(
    store: SqlStore, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is made from a rollup which is not known to be stale yet must be outdated in the end."""
    told, tell = list[object](), store._tell_changed

    def tell_changed(hours: set[Hour]) -> None:
        told.append(store.version(dataset, NOW // 1000, NOW // 1000))
        tell(hours)

    monkeypatch.setattr(store, "_tell_changed", tell_changed)
    store.insert([event(dataset)])
    inserted = store.version(dataset, NOW // 1000, NOW // 1000)
    store.erase(dataset, [Key("page_view", "a", NOW)])
    erased = store.version(dataset, NOW // 1000, NOW // 1000)

    assert told[0] != inserted
    assert told[1] != erased


def test_a_day_becomes_one_part_when_it_has_ended(fresh_store: SqlStore) -> None:
    fresh_store.migrate()

    assert "min_age_to_force_merge_on_partition_only = 1" in fresh_store._engine("events")
