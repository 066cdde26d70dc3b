"""What the collector says about itself: counters and gauges, exposed on `/metrics` by OpenTelemetry's SDK.

The hot path counts with plain integers (`Counters`); OpenTelemetry reads them when somebody asks. `METRICS` is the list of all
of them, and of the labels that each may carry.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, generate_latest


@dataclass(frozen=True, slots=True)
class Metric:
    """One counter or gauge: its name on `/metrics`, meaning, unit and labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    gauge: bool = False


METRICS: Final = (
    Metric("wideload_connections_dropped", "Connections refused for their number, or closed for what came over them.", ("reason",)),
    Metric("wideload_beacons_received", "Beacons that arrived at the beacon endpoint."),
    Metric("wideload_beacons_rejected", "Beacons of which nothing was kept.", ("reason", "dataset")),
    Metric(
        "wideload_events_received", "Events in beacons that could be read: those rejected and those acknowledged.", ("dataset",)
    ),
    Metric("wideload_events_rejected", "Events refused, beside accepted neighbours or not.", ("reason", "dataset")),
    Metric("wideload_events_acknowledged", "Events on disk in the spool: those stored, dead-lettered and pending.", ("dataset",)),
    Metric(
        "wideload_check_marks_refused",
        "Events kept as normal traffic, since what they said of a check was not signed.",
        ("reason", "dataset"),
    ),
    Metric("wideload_attributes_dropped", "Attributes left out of events that were kept.", ("reason", "dataset")),
    Metric("wideload_events_stored", "Events that the store has confirmed."),
    Metric("wideload_events_dead_lettered", "Events the store can never take, kept with the reason, or erased.", ("reason",)),
    Metric("wideload_inserts", "Inserts into the store that succeeded."),
    Metric("wideload_insert_failures", "Inserts that failed and are tried again.", ("reason",)),
    Metric(
        "wideload_queries",
        "Questions: answered, cached, shared (with an equal one), refused, failed, busy or stopped.",
        ("kind", "result"),
    ),
    Metric("wideload_rollups_built", "Hours whose rollup was built, for the first time or again."),
    Metric("wideload_rollup_failures", "Rollups that could not be built and are tried again.", ("reason",)),
    Metric("wideload_sign_ins", "Attempts to sign in: ok, refused, throttled, cross_site or unavailable.", ("method", "result")),
    Metric("wideload_private_refusals", "Requests to the private surface that were refused.", ("reason",)),
    Metric("wideload_share_refusals", "Requests with a link to a dashboard that were refused.", ("reason",)),
    Metric(
        "wideload_alert_looks", "Times a rule was looked at: ok, or why it was held (store, behind, question, error).", ("result",)
    ),
    Metric("wideload_alert_messages", "Messages to channels: sent, failed (and tried again) or given_up.", ("result",)),
    Metric("wideload_alert_rules", "Rules in force.", gauge=True),
    Metric("wideload_alert_rule_problems", "Mistakes in the files of rules and channels.", gauge=True),
    Metric("wideload_alert_rules_held", "Rules that are held, because the store or their question does not answer.", gauge=True),
    Metric("wideload_alert_lag", "Time since the rule was looked at that has waited longest.", unit="seconds", gauge=True),
    Metric("wideload_alert_messages_waiting", "Messages that wait to be sent.", gauge=True),
    Metric("wideload_incidents_open", "Incidents that are open.", gauge=True),
    Metric("wideload_events_pending", "Events acknowledged and not stored yet.", gauge=True),
    Metric("wideload_events_missing", "Acknowledged events that nobody has: anything but 0 is a loss.", gauge=True),
    Metric("wideload_dead_letters", "Dead letters that nobody has retried or dropped yet.", gauge=True),
    Metric("wideload_spool_bytes", "Bytes of the spool's segments that hold events not stored yet.", unit="bytes", gauge=True),
    Metric("wideload_oldest_pending_age", "Age of the oldest event that is not stored yet.", unit="seconds", gauge=True),
    Metric("wideload_loader_holding", "1 while the loader holds a batch because the store does not take it.", gauge=True),
    Metric("wideload_last_insert_age", "Time since the last insert that succeeded.", unit="seconds", gauge=True),
)

Labels = tuple[str, ...]


class Counters:
    """Integers by name and label values. `add` is cheap and may be called from any thread."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Labels], int] = {}
        self._lock = threading.Lock()

    def add(self, name: str, n: int = 1, *labels: str) -> None:
        """Add `n`; `labels` are the values in the order of the metric's labels."""
        self.add_all([(name, n, labels)])

    def add_all(self, changes: Iterable[tuple[str, int, Labels]]) -> None:
        """Add to several series at once: nobody sees some of them changed and others not."""
        with self._lock:
            for name, n, labels in changes:
                key = (name, labels)
                self._values[key] = self._values.get(key, 0) + n

    def items(self, name: str) -> Iterator[tuple[Labels, int]]:
        """Yield the label values and the count of every series of a metric."""
        return ((labels, value) for (metric, labels), value in self.all().items() if metric == name)

    def all(self) -> dict[tuple[str, Labels], int]:
        """Return every series, all of the same moment."""
        with self._lock:
            return dict(self._values)

    def total(self, name: str) -> int:
        """Return the sum over all label values."""
        return sum(value for _, value in self.items(name))


class Telemetry:
    """The exporter behind `/metrics`.

    Args:
        counters: what is counted.
        gauges: a function for each gauge of `METRICS`.
        version: the collector's.
        still: a context in which nothing that is counted moves, so that what is exposed adds up.
    """

    def __init__(
        self,
        counters: Counters,
        gauges: dict[str, Callable[[], float]],
        version: str,
        still: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._still = still
        self._registry = CollectorRegistry()
        reader = PrometheusMetricReader(registry=self._registry, scope_info_enabled=False, disable_target_info=True)
        resource = Resource.create({"service.name": "wideload", "service.version": version})
        self._provider = MeterProvider(metric_readers=[reader], resource=resource, shutdown_on_exit=False)
        meter = self._provider.get_meter("wideload", version)
        for metric in METRICS:
            if metric.gauge:
                callback = _observe_gauge(gauges[metric.name])
                meter.create_observable_gauge(metric.name, [callback], unit=metric.unit, description=metric.help)
            else:
                meter.create_observable_counter(metric.name, [_observe_counter(counters, metric)], description=metric.help)

    def render(self) -> bytes:
        """Return the metrics as Prometheus text."""
        with self._still():
            return generate_latest(self._registry)

    def close(self) -> None:
        """Release the exporter."""
        self._provider.shutdown()


Callback = Callable[[CallbackOptions], Iterable[Observation]]


def _observe_gauge(read: Callable[[], float]) -> Callback:
    return lambda _: [Observation(read())]


def _observe_counter(counters: Counters, metric: Metric) -> Callback:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        series = dict(counters.items(metric.name))
        if not metric.labels:
            series.setdefault((), 0)
        return [Observation(value, dict(zip(metric.labels, labels, strict=True))) for labels, value in series.items()]

    return observe
