"""Evaluates rules in a thread of its own: looks, decides, and writes what is decided into the diary.

While the store is away, or events wait to be stored, it holds: nothing is decided, and it goes on by itself. Telling people is
the courier's: however slow a channel is, no look waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from collector.alerts.decide import Decider
from collector.alerts.diary import Diary
from collector.alerts.look import Looker
from collector.alerts.rulebook import RuleBook
from collector.alerts.rules import QueryRule, Rule
from collector.alerts.spans import spoken
from collector.errors import RequestError, StoreError, WideloadError
from collector.periodic import Periodic
from collector.telemetry import Counters

log = logging.getLogger(__name__)

#: How often a rule is looked at.
CHECK_SECONDS: Final = 15.0
QUERY_SECONDS: Final = 60.0
#: Events that wait longer than this to be stored are missed by answers.
BEHIND_SECONDS: Final = 60.0
_CLEAN_SECONDS: Final = 3600.0
_TURN_SECONDS: Final = 1.0


class Evaluator(Periodic):
    """Looks at all rules in turn.

    Args:
        book: the rules.
        diary: keeps what is decided.
        looker: asks the store.
        decider: decides.
        behind: for how many seconds the oldest event waits to be stored; None while the store is being prepared.
        counters: counts looks.
        tell: called when there may be something to tell.
    """

    def __init__(
        self,
        book: RuleBook,
        diary: Diary,
        looker: Looker,
        decider: Decider,
        behind: Callable[[], float | None],
        counters: Counters,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("alerts", _TURN_SECONDS)
        self.book, self._diary, self._looker, self._decider = book, diary, looker, decider
        self._behind, self._counters, self._tell = behind, counters, tell
        self._due: dict[str, tuple[Rule, float]] = {}
        self._looked: dict[str, float] = {}
        self._since = self._cleaned = diary.now()
        #: Why a rule is not looked at, by its name; without an entry all is well.
        self.held: dict[str, str] = {}
        self.open_incidents = 0

    @property
    def lag_seconds(self) -> float:
        """Return how long ago the rule was looked at that has waited longest; 0 without rules."""
        now = self._diary.now()
        return max((now - self.looked_at(name) for name in list(self.book.rules)), default=0.0)

    def looked_at(self, rule: str) -> float:
        """Return when a rule was looked at, or since when it waits for that, in epoch seconds."""
        return self._looked.get(rule, self._since)

    def turn(self) -> None:
        """Look at every rule whose time has come."""
        now = self._diary.now()
        self.book.refresh()
        for rule in list(self.book.rules.values()):
            looked, due = self._due.get(rule.name, (None, 0.0))
            # One that has changed is looked at at once.
            if (looked is not rule or due <= now) and not self.rest(0):
                self._due[rule.name] = (rule, now + (QUERY_SECONDS if isinstance(rule, QueryRule) else CHECK_SECONDS))
                self._evaluate(rule)
        try:
            if self.book.is_read and not self.book.problems:
                self._decider.retire(set(self.book.rules))
            if now - self._cleaned >= _CLEAN_SECONDS:
                self._cleaned = now
                with self._diary.writing() as pen:
                    pen.clean()
            self.open_incidents = self._diary.open_count()
        except RequestError as error:
            log.warning("Alerts cannot be written: %s", error)

    def _evaluate(self, rule: Rule) -> None:
        try:
            if (behind := self._behind()) is None:
                self._hold(rule, "store", "The store does not take events yet, or any more.")
                return
            if behind > BEHIND_SECONDS:
                text = f"Events wait to be stored, the oldest for {spoken(behind)}: answers would miss them."
                self._hold(rule, "behind", text)
                return
            findings = self._looker.look(rule)
            told = self._decider.decide(rule, findings)
        except StoreError as error:
            self._hold(rule, "store", f"The store does not answer: {error.message}")
        except WideloadError as error:
            self._hold(rule, "question", str(error))
        except Exception as error:
            log.exception("The rule %s could not be looked at.", rule.name)
            self._hold(rule, "error", f"It could not be looked at: {type(error).__name__}; the log says more.")
        else:
            if self.held.pop(rule.name, ""):
                log.info("The rule %s is looked at again.", rule.name)
            self._looked[rule.name] = self._diary.now()
            self._counters.add("wideload_alert_looks", 1, "ok")
            if told:
                self._tell()

    def _hold(self, rule: Rule, reason: str, text: str) -> None:
        if self.held.get(rule.name) != text:
            log.warning("The rule %s is held, and nothing is decided: %s", rule.name, text)
        self.held = {**self.held, rule.name: text}
        self._counters.add("wideload_alert_looks", 1, reason)
