"""What `wideload doctor` judges of scheduled checks, as plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

from collector.checks.browser.program import shown_program
from collector.checks.files.load import Check
from collector.checks.schedule.book import Slot, State

#: Kinds that a browser is needed for.
_IN_BROWSER: Final = frozenset({"page", "journey"})
#: A slot that nobody has taken for so long is overdue; ten times as long, and it is missed.
OVERDUE_SECONDS: Final = 30


def schedule_facts(
    checks: Mapping[str, Check], states: Sequence[State], slots: Sequence[Slot], own: str, seen: Callable[[str], float | None],
    now: float,
) -> dict[str, Any]:  # fmt: skip
    """Return how checks are.

    Args:
        checks: by name.
        states: what came of their last runs.
        slots: what is planned or running.
        own: the location of this collector.
        seen: returns when somebody asked for work at a location, in epoch seconds.
        now: epoch seconds.

    Returns:
        the number of `checks`, of those that are `failing`, the age of the last run (`last_run_seconds`, None without one), what is
        `overdue` and since when, and for how long no agent asked at other locations (`agents`, None for never).
    """
    checks = scheduled(checks)
    known = [one for one in states if one.name in checks]
    named = {place for check in checks.values() if check.kind != "push" for place in check.locations}
    late = [one for one in slots if not one.runner and now - one.not_before > OVERDUE_SECONDS]
    return {
        "checks": len(checks),
        "failing": len({one.name for one in known if one.status == "fail"}),
        "last_run_seconds": round(now - max(one.at for one in known), 1) if known else None,
        "overdue": [
            {"name": one.name, "location": one.location, "seconds": round(now - one.not_before)}
            for one in sorted(late, key=lambda one: one.not_before)
        ],
        "agents": {place: None if (at := seen(place)) is None else round(now - at, 1) for place in sorted(named - {own})},
    }


def scheduled(checks: Mapping[str, Check]) -> dict[str, Check]:
    """Return those that run, or are waited for, by themselves."""
    return {name: one for name, one in checks.items() if one.schedule}


def browser_facts(checks: Mapping[str, Check], own: str) -> dict[str, Any]:
    """Return how many checks need a browser here, whether there is what drives it, and which browser that is (empty for none)."""
    here = [one for one in scheduled(checks).values() if one.kind in _IN_BROWSER and (not one.locations or own in one.locations)]
    return {"needed": len(here), "has_driver": find_spec("playwright") is not None, "program": shown_program()}
