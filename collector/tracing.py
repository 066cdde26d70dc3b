"""Spans of what the collector does: a beacon, the batch that stores it, a question and the statements that answer it.

Off unless a share of them is asked for; what is not chosen costs a look at a number. A span says sizes, times, names of datasets
and reasons, and never what an event holds.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import orjson
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanContext, SpanKind, Status, StatusCode, Tracer

Attributes = Mapping[str, str | int | float | bool]
#: So many traced beacons wait to be linked to; and a batch links to so many.
MOST_WAITING: Final = 1000
MOST_LINKS: Final = 100
_NOTHING: Final = nullcontext(INVALID_SPAN)


class Tracing:
    """Begins spans.

    Args:
        tracer: keeps and sends them; without one there are none.
        share: how many of the beacons and questions are traced, 0 to 1.
        pick: returns a number from 0 to 1, for the choice.
    """

    def __init__(self, tracer: Tracer | None = None, share: float = 0.0, pick: Callable[[], float] = random.random) -> None:
        self._tracer, self._share, self._pick = tracer, share, pick
        #: Beacons that are traced and not stored yet.
        self.trail = Trail()

    @property
    def is_on(self) -> bool:
        """Whether there may be spans at all."""
        return self._tracer is not None and self._share > 0

    def root(
        self, name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None
    ) -> AbstractContextManager[Span]:
        """Begin a trace, or not: with the chance that the share gives it."""
        if self._tracer is None or self._pick() >= self._share:
            return _NOTHING
        return _opened(self._tracer, name, kind, attributes)

    @contextmanager
    def batch(self, payloads: Sequence[bytes]) -> Iterator[Span]:
        """Begin the trace of a batch if traced beacons are in it, with links to them. Another try of it links to them, too."""
        found = self.trail.find(payloads) if self._tracer else {}
        if self._tracer is None or not found:
            yield INVALID_SPAN
            return
        links = [Link(context) for context in list({one.span_id: one for one in found.values()}.values())[:MOST_LINKS]]
        with _opened(self._tracer, "batch", SpanKind.CONSUMER, {"wideload.events": len(payloads)}, links) as span:
            yield span
        self.trail.forget(found)

    def child(
        self, name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> AbstractContextManager[Span]:
        """Begin a part of the span that is open here, if one is."""
        if self._tracer is None or not trace.get_current_span().is_recording():
            return _NOTHING
        return _opened(self._tracer, name, kind, attributes)


@contextmanager
def _opened(tracer: Tracer, name: str, kind: SpanKind, attributes: Attributes | None, links: Sequence[Link] = ()) -> Iterator[Span]:
    # What exceptions say may quote an event, so only their names go along.
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, links=links, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_status(Status(StatusCode.ERROR))
            span.set_attribute("error.type", type(error).__name__)
            raise


class Trail:
    """The spans of beacons by the ids of their events, until a batch takes them; every method may be called from any thread."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, SpanContext] = OrderedDict()

    def add(self, context: SpanContext, ids: Iterable[str]) -> None:
        """Note a beacon's events; the oldest ones are forgotten where there are too many."""
        with self._lock:
            self._waiting.update(dict.fromkeys(ids, context))
            while len(self._waiting) > self._most:
                self._waiting.popitem(last=False)

    def find(self, payloads: Sequence[bytes]) -> dict[str, SpanContext]:
        """Return the spans that a batch's events came with, by the ids of these."""
        if not self._waiting:
            return {}
        ids = [_id_of(payload) for payload in payloads]
        with self._lock:
            return {one: self._waiting[one] for one in ids if one in self._waiting}

    def forget(self, ids: Iterable[str]) -> None:
        """These are stored."""
        with self._lock:
            for one in ids:
                self._waiting.pop(one, None)


def _id_of(payload: bytes) -> str:
    try:
        return str(orjson.loads(payload)["id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
