"""What the collector says about itself: counters, gauges and durations, exposed on `/metrics` by OpenTelemetry's SDK.

The hot path counts with plain integers (`Counters`); OpenTelemetry reads them when somebody asks. `METRICS` is the list of all
of them, and of the labels that each may carry; `docs/metrics.md` is made from it.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, generate_latest

from collector import process

#: How long a stop waits for what is still to be sent.
CLOSE_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Metric:
    """One counter, gauge or histogram.

    Args:
        name: in OpenTelemetry; `exposed` is the one on `/metrics`.
        help: its meaning.
        labels: the names of what its series differ in.
        unit: `seconds`, `bytes`, or in braces what is counted.
        gauge: it may fall.
        buckets: the upper bounds of a histogram of durations.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    unit: str = "{event}"
    gauge: bool = False
    buckets: tuple[float, ...] = ()

    @property
    def type(self) -> str:
        """`counter`, `gauge` or `histogram`."""
        return "histogram" if self.buckets else "gauge" if self.gauge else "counter"

    @property
    def exposed(self) -> str:
        """The name on `/metrics`: with the unit, and what Prometheus's conventions want of counters."""
        unit = "" if self.unit.startswith("{") or self.name.endswith(f"_{self.unit}") else f"_{self.unit}"
        return self.name + unit + ("_total" if self.type == "counter" else "")


#: A commit to the disk takes a millisecond, a question may take half a minute.
_QUICK: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_SLOW: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

METRICS: Final = (
    Metric("wideload_connections_dropped", "Connections refused for their number, or closed for what came over them.", ("reason",),
           "{connection}"),
    Metric("wideload_worker_restarts", "Times that a worker in this one's place has died and was started again.", unit="{restart}"),
    Metric("wideload_beacons_received", "Beacons that arrived at the beacon endpoint.", unit="{beacon}"),
    Metric("wideload_beacons_rejected", "Beacons of which nothing was kept.", ("reason", "dataset"), "{beacon}"),
    Metric("wideload_events_received", "Events in beacons that could be read: those rejected and those acknowledged.",
           ("dataset",)),
    Metric("wideload_events_rejected", "Events refused, beside accepted neighbours or not.", ("reason", "dataset")),
    Metric("wideload_events_acknowledged", "Events that are safe: those stored, dead-lettered and pending.", ("dataset",)),
    Metric("wideload_check_marks_refused", "Events kept as normal traffic, since what they said of a check was not signed.",
           ("reason", "dataset")),
    Metric("wideload_check_posts_dropped", "Runs of checks whose events were given up: refused or outbox_full.", ("reason",),
            "{run}"),
    Metric("wideload_attributes_dropped", "Attributes left out of events that were kept.", ("reason", "dataset"), "{attribute}"),
    Metric("wideload_commit_duration", "How long the disk took to keep what arrived together; beacons wait for it.",
           unit="seconds", buckets=_QUICK),
    Metric("wideload_events_stored", "Events that the store has confirmed."),
    Metric("wideload_events_dead_lettered", "Events the store can never take, kept with the reason, or erased.", ("reason",)),
    Metric("wideload_inserts", "Inserts into the store that succeeded.", unit="{insert}"),
    Metric("wideload_insert_failures", "Inserts that failed and are tried again.", ("reason",), "{insert}"),
    Metric("wideload_insert_duration", "How long the store took over a batch that it has taken.", unit="seconds", buckets=_SLOW),
    Metric("wideload_queries", "Questions: answered, cached, shared (with an equal one), refused, failed, busy or stopped.",
           ("kind", "result"), "{question}"),
    Metric("wideload_query_duration", "How long questions took to be answered, the time that they waited included.", ("kind",),
           "seconds", buckets=_SLOW),
    Metric("wideload_rollups_built", "Hours whose rollup was built, for the first time or again.", unit="{hour}"),
    Metric("wideload_rollup_failures", "Rollups that could not be built and are tried again.", ("reason",), "{hour}"),
    Metric("wideload_sign_ins", "Attempts to sign in: ok, refused, throttled, cross_site or unavailable.", ("method", "result"),
           "{attempt}"),
    Metric("wideload_private_refusals", "Requests to the private surface that were refused.", ("reason",), "{request}"),
    Metric("wideload_share_refusals", "Requests with a link to a dashboard that were refused.", ("reason",), "{request}"),
    Metric("wideload_export_failures", "Times that metrics or traces could not be sent to where `otlp_endpoint` says.",
           ("signal",), "{export}"),
    Metric("wideload_alert_looks", "Times a rule was looked at: ok, or why it was held (store, behind, question, error).",
           ("result",), "{look}"),
    Metric("wideload_alert_messages", "Messages to channels: sent, failed (and tried again) or given_up.", ("result",),
           "{message}"),
    Metric("wideload_alert_rules", "Rules in force.", unit="{rule}", gauge=True),
    Metric("wideload_alert_rule_problems", "Mistakes in the files of rules and channels.", unit="{mistake}", gauge=True),
    Metric("wideload_alert_rules_held", "Rules that are held, because the store or their question does not answer.",
           unit="{rule}", gauge=True),
    Metric("wideload_alert_lag", "Time since the rule was looked at that has waited longest.", unit="seconds", gauge=True),
    Metric("wideload_alert_messages_waiting", "Messages that wait to be sent.", unit="{message}", gauge=True),
    Metric("wideload_incidents_open", "Incidents that are open.", unit="{incident}", gauge=True),
    Metric("wideload_events_pending", "Events acknowledged and not stored yet.", gauge=True),
    Metric("wideload_events_left_over", "Events in a spool of a collector that is gone, while this one loads them.", gauge=True),
    Metric("wideload_check_posts_pending", "Runs of checks whose events are not taken yet.", unit="{run}", gauge=True),
    Metric("wideload_events_waiting_for_shards", "Events on disk whose shard of the cluster does not take them.", gauge=True),
    Metric("wideload_events_missing", "Acknowledged events that nobody has: anything but 0 is a loss.", gauge=True),
    Metric("wideload_dead_letters", "Dead letters that nobody has retried or dropped yet.", gauge=True),
    Metric("wideload_kafka_errors", "Errors that the Kafka client has met; it goes on by itself.", ("reason",), "{error}"),
    Metric("wideload_kafka_rebalances", "Times that this collector was given partitions of the topic to load.", unit="{rebalance}"),
    Metric("wideload_kafka_partitions", "Partitions of the topic that this collector loads.", unit="{partition}", gauge=True),
    Metric("wideload_kafka_group_lag", "Events in the topic that nobody has loaded: of the whole group, so every collector says "
           "the same. Take the maximum, not the sum.", gauge=True),
    Metric("wideload_spool_bytes", "Bytes of the spool's segments that hold events not stored yet.", unit="bytes", gauge=True),
    Metric("wideload_spool_max_bytes", "What they may be at most (`spool_max_bytes`).", unit="bytes", gauge=True),
    Metric("wideload_spool_writable", "1 while beacons are kept; 0 while they get 503.", unit="{state}", gauge=True),
    Metric("wideload_oldest_pending_age", "Age of the oldest event that is not stored yet.", unit="seconds", gauge=True),
    Metric("wideload_loader_holding", "1 while the loader holds a batch because the store does not take it.", unit="{state}",
           gauge=True),
    Metric("wideload_loader_alive", "1 while the loader's thread runs.", unit="{state}", gauge=True),
    Metric("wideload_last_insert_age", "Time since the last insert that succeeded.", unit="seconds", gauge=True),
    Metric("wideload_configuration_refused", "1 while the configuration file has problems, and the settings before it hold.",
           unit="{state}", gauge=True),
    *(Metric(one.name, one.help, unit=one.unit, gauge=one.gauge) for one in process.READINGS),
)  # fmt: skip

Labels = tuple[str, ...]


class Counters:
    """Integers by name and label values. `add` is cheap and may be called from any thread."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Labels], int] = {}
        self._lock = threading.Lock()
        #: Where durations go: a histogram's name, seconds and label values.
        self.timed: Callable[[str, float, Labels], None] = lambda *_: None

    def add(self, name: str, n: int = 1, *labels: str) -> None:
        """Add `n`; `labels` are the values in the order of the metric's labels."""
        self.add_all([(name, n, labels)])

    def add_all(self, changes: Iterable[tuple[str, int, Labels]]) -> None:
        """Add to several series at once: nobody sees some of them changed and others not."""
        with self._lock:
            for name, n, labels in changes:
                key = (name, labels)
                self._values[key] = self._values.get(key, 0) + n

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Note how long something took; some 5 µs, so not for every beacon."""
        self.timed(name, seconds, labels)

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
        gauges: a function for each gauge of `METRICS` that is not the process's.
        version: the collector's.
        still: a context in which nothing that is counted moves, so that what is exposed adds up.
        readers: others that the metrics go to.
    """

    def __init__(
        self,
        counters: Counters,
        gauges: Mapping[str, Callable[[], float]],
        version: str,
        still: Callable[[], AbstractContextManager[object]] = nullcontext,
        readers: Sequence[MetricReader] = (),
    ) -> None:
        self._still = still
        self._registry = CollectorRegistry()
        reader = PrometheusMetricReader(registry=self._registry, scope_info_enabled=False, disable_target_info=True)
        self._provider = MeterProvider(metric_readers=[reader, *readers], resource=describe(version), shutdown_on_exit=False)
        meter = self._provider.get_meter("wideload", version)
        readings = {one.name: one.read for one in process.READINGS}
        self._histograms: dict[str, tuple[Histogram, tuple[str, ...]]] = {}
        for metric in METRICS:
            name, unit, text = metric.name, metric.unit, metric.help
            if metric.buckets:
                made = meter.create_histogram(name, unit, text, explicit_bucket_boundaries_advisory=metric.buckets)
                self._histograms[name] = made, metric.labels
            elif metric.gauge:
                meter.create_observable_gauge(name, [_observe(gauges.get(name) or readings[name])], unit, text)
            elif name in readings:
                meter.create_observable_counter(name, [_observe(readings[name])], unit, text)
            else:
                meter.create_observable_counter(name, [_observe_counter(counters, metric)], unit, text)
        counters.timed = self._time

    def render(self) -> bytes:
        """Return the metrics as Prometheus text."""
        with self._still():
            return generate_latest(self._registry)

    def close(self) -> None:
        """Release the exporter; what others have not got yet is sent, for at most some seconds."""
        # Some exporters take their own time-out for this one.
        closing = threading.Thread(target=self._provider.shutdown, args=(CLOSE_SECONDS * 1000,), daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)

    def _time(self, name: str, seconds: float, labels: Labels) -> None:
        histogram, names = self._histograms[name]
        histogram.record(seconds, dict(zip(names, labels, strict=True)))


def describe(version: str) -> Resource:
    """Return what all signals say of where they come from."""
    host, pid = socket.gethostname(), os.getpid()
    return Resource.create({"service.name": "wideload", "service.version": version, "service.instance.id": f"{host}:{pid}"})


Callback = Callable[[CallbackOptions], Iterable[Observation]]


def _observe(read: Callable[[], float]) -> Callback:
    return lambda _: [Observation(read())]


def _observe_counter(counters: Counters, metric: Metric) -> Callback:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        series = dict(counters.items(metric.name))
        if not metric.labels:
            series.setdefault((), 0)
        return [Observation(value, dict(zip(metric.labels, labels, strict=True))) for labels, value in series.items()]

    return observe
