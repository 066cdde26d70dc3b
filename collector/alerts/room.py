"""All parts of alerts, put together for `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from collector.alerts.courier import Courier
from collector.alerts.decide import Decider
from collector.alerts.diary import Diary
from collector.alerts.evaluator import Evaluator
from collector.alerts.look import Looker
from collector.alerts.rulebook import RuleBook
from collector.query.engine import QueryEngine
from collector.query.markers import Markers
from collector.query.saved import SavedQueries
from collector.store.base import Reader
from collector.telemetry import Counters


def _none() -> float:
    return 0.0


#: What a process shows that has no alerts, as it does not answer.
NO_GAUGES: Final[Mapping[str, Callable[[], float]]] = dict.fromkeys(
    ("wideload_alert_rules", "wideload_alert_rule_problems", "wideload_alert_rules_held", "wideload_alert_lag",
     "wideload_alert_messages_waiting", "wideload_incidents_open"),
    _none,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alerts:
    """The parts. Without a folder of rules nothing runs, and what was kept can still be read."""

    book: RuleBook
    diary: Diary
    looker: Looker
    evaluator: Evaluator
    courier: Courier
    is_on: bool

    def start(self) -> None:
        """Begin to look and to tell."""
        if self.is_on:
            self.evaluator.start()
            self.courier.start()

    def stop(self, timeout: float) -> None:
        """Stop within about so many seconds."""
        if self.is_on:
            self.evaluator.stop(timeout)
            self.courier.stop(timeout)

    def gauges(self) -> dict[str, Callable[[], float]]:
        """Return what `/metrics` shows."""
        return {
            "wideload_alert_rules": lambda: len(self.book.rules),
            "wideload_alert_rule_problems": lambda: len(self.book.problems),
            "wideload_alert_rules_held": lambda: len(self.evaluator.held),
            "wideload_alert_lag": lambda: self.evaluator.lag_seconds,
            "wideload_alert_messages_waiting": lambda: self.courier.waiting,
            "wideload_incidents_open": lambda: self.evaluator.open_incidents,
        }

    def facts(self) -> dict[str, Any]:
        """Return what `wideload doctor` judges."""
        return {
            "on": self.is_on,
            "rules": len(self.book.rules),
            "problems": [str(problem) for problem in self.book.problems],
            "held": dict(self.evaluator.held),
            "lag_seconds": round(self.evaluator.lag_seconds, 1) if self.is_on else 0.0,
            "messages_waiting": self.courier.waiting,
            "open_incidents": self.evaluator.open_incidents,
        }


def open_alerts(
    folder: Path | None,
    data_dir: Path,
    datasets: Mapping[str, Any],
    engine: QueryEngine,
    reader: Reader,
    markers: Markers,
    behind: Callable[[], float | None],
    counters: Counters,
    base_url: str,
) -> Alerts:
    """Put the parts together.

    Args:
        folder: of the rules; None for no alerts.
        data_dir: the data folder.
        datasets: whose names rules may use.
        engine, reader: answer questions.
        markers: show incidents on charts.
        behind: for how many seconds the oldest event waits to be stored; None while the store takes none.
        counters: count looks and messages.
        base_url: the viewer's address.
    """
    book, diary = RuleBook(folder, datasets), Diary(data_dir, engine.now)
    looker = Looker(engine, reader, SavedQueries(data_dir))
    decider = Decider(diary, book, engine, looker, markers, base_url)
    courier = Courier(diary, lambda: book.channels, counters)
    evaluator = Evaluator(book, diary, looker, decider, behind, counters, courier.wake)
    return Alerts(book, diary, looker, evaluator, courier, folder is not None)
