"""The scheduler with all its threads, as `wideload serve` runs it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from collector.checks.attempt import Collector
from collector.checks.budgets import Ask, find_budgets
from collector.checks.comparisons import accepted_pictures, take
from collector.checks.evidence import Evidence, Rooms
from collector.checks.files.load import Check
from collector.checks.marks import Marks
from collector.checks.runs.job import Outcome
from collector.checks.runs.report import Reporter
from collector.checks.schedule.book import Book
from collector.checks.schedule.courier import Courier
from collector.checks.schedule.facts import browser_facts, schedule_facts
from collector.checks.schedule.folder import Folder
from collector.checks.schedule.lease import Lease
from collector.checks.schedule.pushes import PATH
from collector.checks.schedule.scheduler import Rules, Scheduler
from collector.checks.schedule.worker import Means, Workers
from collector.checks.secrets import read_secrets
from collector.client import Client, Credential, find_url
from collector.config import CheckSettings, Dataset, Settings
from collector.errors import SettingsError
from collector.telemetry import Counters

log = logging.getLogger(__name__)

_TICK_SECONDS: Final = 1.0
#: Runners of this process begin so; after a restart what they had is given up.
OWN_RUNNER: Final = "collector"


class CheckService:
    """Schedules checks, runs those of the own location, and sends what came of all.

    Args:
        settings: see there; `checks_dir` is set.
        data_dir: the data folder.
        dataset: where events go.
        site_key: by which they get there.
        url: where beacons are taken.
        marks: sign runs.
        evidence: keeps what runs leave.
        collector: where checks may ask what has arrived.
        ask: puts questions to the store, for budgets.
        counters: count what is dropped.

    Raises:
        SettingsError: a secret or the folder cannot be used.
    """

    def __init__(
        self, settings: CheckSettings, data_dir: Path, dataset: str, site_key: Callable[[], str], url: str, marks: Marks,
        evidence: Evidence, collector: Collector, ask: Ask, counters: Counters,
    ) -> None:  # fmt: skip
        assert settings.checks_dir is not None
        self.dataset = dataset
        self._secrets_file = settings.checks_secrets
        try:
            self._secrets()
        except Exception as error:
            raise SettingsError([f"checks_secrets cannot be used: {error}"]) from None
        self._evidence = evidence
        self._book = Book(data_dir)
        rules = Rules(dataset, settings.checks_location, settings.checks_concurrency)
        self.scheduler = Scheduler(
            self._book, Folder(settings.checks_dir), marks, rules, keep_evidence=self._keep,
            budgets=lambda check: find_budgets(check, lambda question: ask({"dataset": dataset, **question})),
            pictures=lambda name: accepted_pictures(evidence.folder, name),
        )  # fmt: skip
        self._client = Client(url, Credential("", ""))
        self._site_key = site_key
        self._reporter = Reporter(self._client, dataset, sleep=lambda _: None)
        self._courier = Courier(self._book, marks, dataset, self._send, counters)
        means = Means(self._secrets, settings.checks_allow_private, evidence.folder, collector)
        self._workers = Workers(_Own(self.scheduler), OWN_RUNNER, settings.checks_concurrency, means)
        self._began_at = self._ticked_at = 0.0
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._tick, name="check-scheduler", daemon=True)

    @property
    def pending(self) -> int:
        """How many runs wait to be sent."""
        return self._book.posts

    def start(self) -> None:
        """Begin."""
        self._courier.start()
        self._workers.start()
        self._thread.start()
        self._began_at = time.time()

    def stop(self) -> None:
        """Stop at once; a run that is going on gave no data."""
        self._stop.set()
        self._thread.join()
        self._workers.stop()
        self._courier.stop()
        self._client.close()
        self._book.close()

    def facts(self) -> dict[str, Any]:
        """Return what `wideload doctor` judges."""
        scheduler, now = self.scheduler, time.time()
        return {
            **schedule_facts(
                scheduler.checks, scheduler.states(), self._book.slots(), scheduler.rules.location, scheduler.seen, now
            ),
            "problems": scheduler.folder.problems,
            "runs_seconds": round(now - self._began_at, 1) if self._began_at else 0.0,
            "idle_seconds": round(now - self._ticked_at, 1) if self._ticked_at else 0.0,
            "is_alive": self._thread.is_alive(),
            "waiting": self.pending,
            "browser": browser_facts(scheduler.checks, scheduler.rules.location),
        }

    def described(self, dataset: str) -> list[dict[str, Any]]:
        """Return what is to be told of the checks of a dataset that are scheduled."""
        return [self._describe(check) for check in self.scheduler.checks.values()] if dataset == self.dataset else []

    def _describe(self, check: Check) -> dict[str, Any]:
        schedule, pushes = check.schedule, self.scheduler.pushes
        planned = schedule and {
            "every": schedule.every_seconds or None, "cron": schedule.cron or None,
            "timezone": schedule.timezone if schedule.cron else None, "mode": "rotate" if check.rotates else "all",
            "locations": [] if check.kind == "push" else list(check.locations or (self.scheduler.rules.location,)),
            "next_at": self.scheduler.next_at(check),
        }  # fmt: skip
        found = {"name": check.name, "title": check.title, "kind": check.kind, "suite": check.suite, "tags": list(check.tags),
                 "schedule": planned}  # fmt: skip
        return found | ({"push_path": PATH + pushes.token(check)} if check.kind == "push" else {})

    def _tick(self) -> None:
        ticks = 0
        while not self._stop.wait(_TICK_SECONDS if ticks else 0.0):
            try:
                if not ticks:
                    for number in range(64):
                        self.scheduler.begin(f"{OWN_RUNNER}-{number}")
                self.scheduler.tick()
                self._ticked_at = time.time()
            except Exception:
                # Whatever it is, the next tick looks at the same slots again.
                log.exception("The scheduler of checks could not do its work; it tries again in a second.")
            ticks += 1

    def _send(self, events: Sequence[Mapping[str, Any]]) -> None:
        self._reporter.send(f"/v1/beacon/{self._site_key()}", [dict(event) for event in events])

    def _keep(self, check: str, outcome: Outcome) -> None:
        self._evidence.keep(outcome.run_id, outcome.status, outcome.evidence)
        if outcome.comparisons:
            take(self._evidence.folder, check, outcome.run_id, outcome.comparisons)

    def _secrets(self) -> dict[str, str]:
        return read_secrets(file=self._secrets_file)


class _Own:
    """The scheduler of this process, for its workers."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def take(self, runner: str) -> Lease | None:
        return self._scheduler.lease(self._scheduler.rules.location, runner)

    def complete(self, lease: Lease, runner: str, outcomes: Sequence[Outcome]) -> None:
        self._scheduler.complete(lease.id, runner, outcomes)

    def folder_of(self, _: Lease) -> str:
        return str(self._scheduler.folder.path)


def open_service(
    settings: Settings,
    datasets: Mapping[str, Dataset],
    marks: Marks,
    rooms: Rooms,
    counters: Counters,
    make_token: Callable[[str], str],
    ask: Ask,
) -> CheckService | None:
    """Return the service of these settings, None where there are no checks to schedule. Raises SettingsError.

    Args:
        settings, datasets, marks, rooms, counters: see `CheckService`.
        make_token: makes a token to read a dataset with, in place of the one of the last start.
    """
    checks = settings.checks
    if checks.checks_dir is None:
        return None
    dataset = checks.checks_dataset or next(iter(datasets))
    return CheckService(
        checks, settings.data_dir, dataset, lambda: datasets[dataset].site_keys[0], _intake(settings), marks, rooms.of(dataset),
        Collector(find_url(settings, None), make_token(dataset), dataset), ask, counters,
    )  # fmt: skip


def _intake(settings: Settings) -> str:
    """Return the address at which beacons are taken. Raises SettingsError: it is not known."""
    if settings.process.role != "query":
        return find_url(replace(settings, process=replace(settings.process, private_listen="")), None)
    if not settings.public_url:
        raise SettingsError(["checks_dir with the role query needs public_url, where the results of checks are sent as beacons."])
    return settings.public_url
