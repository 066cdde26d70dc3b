"""How the log is written: lines for people, or JSON with the same sentences and what they are about as fields."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor

FORMATS: Final = ("text", "json")


def setup_logging(level: str, form: str = "text") -> None:
    """Log to standard error, times in UTC.

    Args:
        level: debug, info, warning or error.
        form: one of `FORMATS`: a line of text, or of JSON, an entry.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # uvicorn's own start and stop lines say nothing that ours do not, and its warnings about bad requests are counted instead.
    logging.getLogger("uvicorn.error").setLevel("ERROR")
    # A line for each request of ours would fill the log, and some addresses are secrets.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel("WARNING")


def formatter(form: str) -> logging.Formatter:
    """Return what writes the entries of the standard library's loggers; what a call gives as `extra` becomes fields."""
    known: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper("%Y-%m-%dT%H:%M:%S.%fZ", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    if form == "json":
        known += [structlog.stdlib.ExtraAdder(), _add_trace, structlog.processors.EventRenamer("message")]
    renderer = structlog.processors.JSONRenderer() if form == "json" else _as_text
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=known, processors=processors)


def _as_text(_: Any, __: str, entry: EventDict) -> str:
    time = f"{entry['time'][:-4]}Z"
    line = f"{time} {entry['level'].upper():<7} {entry['logger']}: {entry['event']}"
    return f"{line}\n{entry['exception']}" if entry.get("exception") else line


def _add_trace(_: Any, __: str, entry: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        entry.update(trace_id=f"{context.trace_id:032x}", span_id=f"{context.span_id:016x}")
    return entry
