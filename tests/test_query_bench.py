"""The measurement of questions: its page views are like real ones, and every question can be asked."""

from __future__ import annotations

import pytest

from bench.query.data import END, PROMOTED
from bench.query.questions import figures
from bench.query.views import ATTRIBUTES, DATASET, HOUR, Chunk, chunks, fill
from collector.fields import BY_NAME
from collector.query.engine import QueryEngine
from collector.store.base import Attribute
from collector.store.chdb import ChdbStore

TYPES = {"attrs_string": "string", "attrs_number": "number", "attrs_bool": "boolean"}


@pytest.fixture(scope="module")
def engine(embedded_store: ChdbStore) -> QueryEngine:
    """An engine over some page views of the last two hours of the data."""
    embedded_store._command(fill(Chunk(END - 2 * HOUR, (200, 100))))
    embedded_store.add_attributes([Attribute(DATASET, name, TYPES[kind]) for kind, made in ATTRIBUTES.items() for name in made])
    return QueryEngine(embedded_store, now=lambda: END)


def ids(engine: QueryEngine) -> list[tuple[str, str]]:
    """Return the ids of the page views and of their sessions."""
    rows = engine._store.query(f"SELECT id, `session.id` FROM events WHERE dataset = '{DATASET}' ORDER BY id").rows
    return [(id_, session) for id_, session in rows]


def test_page_views_are_as_wide_as_real_ones(engine: QueryEngine) -> None:
    events = [engine.event(DATASET, id_)["event"] for id_, _ in ids(engine)[:20]]

    known = [len(event.keys() & BY_NAME.keys()) for event in events]
    assert sum(known) / len(known) > 120
    assert all(len(event.keys() - BY_NAME.keys()) == 20 for event in events)


def test_the_same_page_views_are_made_each_time(engine: QueryEngine, embedded_store: ChdbStore) -> None:
    before = ids(engine)

    embedded_store._command(fill(Chunk(END - 2 * HOUR, (200, 100))))

    assert sorted(set(ids(engine))) == before


def test_sessions_have_several_page_views(engine: QueryEngine) -> None:
    found = set(ids(engine))

    assert len({session for _, session in found}) < len(found) / 2


def test_every_question_is_answered(engine: QueryEngine) -> None:
    for figure in figures(engine, 1, ids(engine)[0]):
        assert figure.ask(), figure.name


def test_a_day_is_as_large_as_it_should_be() -> None:
    made = chunks(100_000, 2, END, 12)

    assert abs(sum(sum(chunk.rows) for chunk in made) - 100_000) < 50
    assert [chunk.start for chunk in made] == list(range(END - 48 * HOUR, END, 12 * HOUR))
    assert PROMOTED in ATTRIBUTES["attrs_string"]
