"""The log as text for people, and as JSON with what an entry is about as fields."""

from __future__ import annotations

import json
import logging
import re

import pytest
from opentelemetry.sdk.trace import TracerProvider

from collector.logs import formatter


class Kept(logging.Handler):
    """Keeps lines as they would be written."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.setFormatter(formatter(form))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> logging.Logger:
    return logging.Logger("collector.pipeline.loader", logging.INFO)


def written(log: logging.Logger, form: str) -> Kept:
    kept = Kept(form)
    log.addHandler(kept)
    return kept


def test_a_line_of_text_is_a_time_a_level_a_place_and_a_sentence(log: logging.Logger) -> None:
    kept = written(log, "text")

    log.warning("%d events wait.", 3, extra={"pending_events": 3})

    (line,) = kept.lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING collector\.pipeline\.loader: 3 events wait\.", line)


def test_an_entry_of_json_has_the_sentence_and_its_facts(log: logging.Logger) -> None:
    kept = written(log, "json")

    log.error("The store does not take events: %s.", "gone", extra={"reason": "gone", "code": 210})

    entry = json.loads(kept.lines[0])
    assert {key: entry[key] for key in entry if key != "time"} == {
        "level": "error",
        "logger": "collector.pipeline.loader",
        "message": "The store does not take events: gone.",
        "reason": "gone",
        "code": 210,
    }


def test_an_exception_stays_one_entry(log: logging.Logger) -> None:
    text, as_json = written(log, "text"), written(log, "json")

    try:
        raise ValueError("no")
    except ValueError:
        log.exception("It failed.")

    assert text.lines[0].splitlines()[-1] == "ValueError: no"
    assert "ValueError: no" in json.loads(as_json.lines[0])["exception"]
    assert "\n" not in as_json.lines[0]


def test_an_entry_within_a_trace_names_it(log: logging.Logger) -> None:
    kept = written(log, "json")

    with TracerProvider(shutdown_on_exit=False).get_tracer("test").start_as_current_span("question") as span:
        log.info("Here.")

    assert json.loads(kept.lines[0])["trace_id"] == f"{span.get_span_context().trace_id:032x}"
