"""Sends metrics and traces to an OpenTelemetry collector. A dead one costs nothing but a line in the log and a counter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.sdk.metrics.export import MetricExportResult, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from collector.config import ExportSettings
from collector.errors import SettingsError
from collector.telemetry import CLOSE_SECONDS, Counters, describe
from collector.tracing import Tracing

log = logging.getLogger(__name__)

#: How often metrics are sent.
METRIC_SECONDS: Final = 30.0
#: How long one attempt may take, in a thread of its own.
TIMEOUT_SECONDS: Final = 10.0
#: Spans that wait to be sent; further ones are dropped.
MOST_SPANS: Final = 2048
FAILURES: Final = "wideload_export_failures"


@dataclass
class Export:
    """What is sent elsewhere: nothing, where no address is set."""

    readers: Sequence[MetricReader] = ()
    tracing: Tracing = field(default_factory=Tracing)
    close: Callable[[], None] = lambda: None


class Outcome:
    """Says in the log when sending begins to fail and when it works again, and counts what failed."""

    def __init__(self, signal: str, counters: Counters, endpoint: str) -> None:
        self._signal, self._counters, self._endpoint = signal, counters, endpoint
        self._fails = False

    def note(self, has_failed: bool) -> None:
        """Note one attempt."""
        if has_failed:
            self._counters.add(FAILURES, 1, self._signal)
        if has_failed and not self._fails:
            log.warning("The %s cannot be sent to %s; it is tried again, and nothing else waits for it.",
                        self._signal, self._endpoint, extra={"signal": self._signal})  # fmt: skip
        elif self._fails and not has_failed:
            log.warning("The %s can be sent to %s again.", self._signal, self._endpoint, extra={"signal": self._signal})
        self._fails = has_failed


def open_export(settings: ExportSettings, version: str, counters: Counters) -> Export:
    """Return what the settings ask for.

    Raises:
        SettingsError: the exporter is not installed.
    """
    endpoint = settings.otlp_endpoint
    if not endpoint:
        return Export()
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise SettingsError(["otlp_endpoint needs a package that is not installed: run `pip install 'wideload[otlp]'`."]) from None
    # It has a line, and a traceback, for every attempt; `Outcome` has one for what matters.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    about_metrics, about_traces = (Outcome(signal, counters, endpoint) for signal in ("metrics", "traces"))

    class Metrics(OTLPMetricExporter):
        def export(self, metrics_data: Any, timeout_millis: float | None = None, **more: Any) -> MetricExportResult:
            result = super().export(metrics_data, **more)
            about_metrics.note(result is not MetricExportResult.SUCCESS)
            return result

    class Traces(OTLPSpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            result = super().export(spans)
            about_traces.note(result is not SpanExportResult.SUCCESS)
            return result

    def address(signal: str) -> dict[str, Any]:
        headers = dict(header.split("=", 1) for header in settings.otlp_headers)
        return {"endpoint": f"{endpoint}/v1/{signal}", "headers": headers, "timeout": TIMEOUT_SECONDS}

    reader = PeriodicExportingMetricReader(Metrics(**address("metrics")), export_interval_millis=METRIC_SECONDS * 1000)
    if not settings.trace_share:
        return Export([reader])
    provider = TracerProvider(ALWAYS_ON, describe(version), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Traces(**address("traces")), max_queue_size=MOST_SPANS))
    tracing = Tracing(provider.get_tracer("wideload", version), settings.trace_share)
    return Export([reader], tracing, lambda: at_most(CLOSE_SECONDS, provider.shutdown))


def at_most(seconds: float, work: Callable[[], object]) -> None:
    """Let something be done, and wait for it no longer than this."""
    thread = threading.Thread(target=work, name="farewell", daemon=True)
    thread.start()
    thread.join(seconds)
